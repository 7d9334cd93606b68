//! `GET, POST /me/devices`, `DELETE /me/devices/{id}` (R6, SN1).

use crate::{
    App,
    caller::Person,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{identity::devices, ids::DeviceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A device that receives pushes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Device {
    /// Its id.
    id: Uuid,
    /// `android`, `ios` or `web`.
    platform: String,
    /// When the app last registered it.
    last_seen_at: DateTime<Utc>,
    /// When it was first registered.
    created_at: DateTime<Utc>,
}

/// A push target.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// `android`, `ios` or `web`.
    #[schema(example = "android")]
    platform: String,
    /// The push service's token for this installation of the app.
    #[schema(example = "local-device-token-1")]
    push_token: String,
}

/// A device that was dropped.
#[derive(Debug, Serialize, ToSchema)]
pub struct Removed {
    /// Which.
    id: Uuid,
}

/// List my devices
#[utoipa::path(get, path = "/me/devices", tag = "me", responses((status = 200, body = List<Device>)))]
pub async fn list(State(app): State<App>, person: Person) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    let devices = devices::mine(&mut tx, person.user).await?;
    Ok(Reply::ok(devices.into_iter().map(Device::from).collect::<Vec<_>>()))
}

/// Register a device for pushes
///
/// Registering again refreshes it; a token that was somebody else's moves to you.
#[utoipa::path(post, path = "/me/devices", tag = "me", request_body = NewDevice,
    responses((status = 201, body = Data<Device>)))]
pub async fn register(State(app): State<App>, person: Person, Json(ask): Json<NewDevice>) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    let device = devices::register(&mut tx, person.user, &ask.platform, &ask.push_token).await?;
    tx.commit().await?;
    Ok(Reply::created("/api/v1/me/devices", Device::from(device)))
}

/// Drop a device
#[utoipa::path(delete, path = "/me/devices/{id}", tag = "me",
    params(("id" = Uuid, Path, description = "The device")), responses((status = 200, body = Data<Removed>)))]
pub async fn remove(State(app): State<App>, person: Person, Path(id): Path<DeviceId>) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    devices::remove(&mut tx, person.user, id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Removed { id: id.into() }))
}

impl From<devices::Device> for Device {
    fn from(device: devices::Device) -> Self {
        let devices::Device { id, platform, last_seen_at, created_at } = device;
        Self { id: id.into(), platform, last_seen_at, created_at }
    }
}
