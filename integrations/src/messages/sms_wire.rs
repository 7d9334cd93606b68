//! Orange SMS API JSON (PROVIDERS §6.2). The sandbox speaks with these types too.

use serde::{Deserialize, Deserializer, Serialize};

/// Body of `POST /smsmessaging/v1/outbound/{sender}/requests`, and of its 201.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The message.
    #[serde(rename = "outboundSMSMessageRequest")]
    pub request: Request,
}

/// One message to one phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `tel:+225…`. Sister gateways echo an array: its first entry is read.
    #[serde(deserialize_with = "one_or_first")]
    pub address: String,
    /// The country sender, e.g. `tel:+2250000`.
    pub sender_address: String,
    /// At most 11 alphanumerics, registered beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_name: Option<String>,
    /// What is said.
    #[serde(rename = "outboundSMSTextMessage")]
    pub text: Text,
    /// Only in answers; its last segment is the message id.
    #[serde(rename = "resourceURL", default, skip_serializing_if = "Option::is_none")]
    pub resource_url: Option<String>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The words.
    pub message: String,
}

fn one_or_first<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(address) => address,
        OneOrMany::Many(addresses) => addresses.into_iter().next().unwrap_or_default(),
    })
}

/// Form of `POST /oauth/v3/token`; client id and secret travel as Basic authorization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenRequest {
    /// `client_credentials`.
    pub grant_type: String,
}

/// A refusal in either form: the parlay one or the gateway's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ErrorBody {
    /// `{"requestError":{…}}`.
    Parlay {
        /// Which exception.
        #[serde(rename = "requestError")]
        request_error: RequestError,
    },
    /// `{"code","message","description"}`.
    Gateway {
        /// A number.
        code: serde_json::Value,
        /// Short words.
        #[serde(default)]
        message: String,
        /// Long words.
        #[serde(default)]
        description: String,
    },
}

/// The two exceptions of the parlay form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestError {
    /// Contract and balance: `POL0001`…
    PolicyException(Exception),
    /// The request itself: `SVC0001`…
    ServiceException(Exception),
}

/// The inside of an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// E.g. `SVC0004`.
    pub message_id: String,
    /// Words with `%1` places.
    #[serde(default)]
    pub text: String,
    /// What stands in the places.
    #[serde(default)]
    pub variables: Vec<String>,
}

/// A delivery receipt: unsigned, changes nothing but a status column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The news.
    #[serde(rename = "deliveryInfoNotification")]
    pub notification: DeliveryNotification,
}

/// Which message, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryNotification {
    /// The message id of the send answer.
    pub callback_data: String,
    /// What became of it.
    pub delivery_info: DeliveryInfo,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryInfo {
    /// `tel:+225…`.
    #[serde(deserialize_with = "one_or_first")]
    pub address: String,
    /// E.g. `DeliveredToTerminal`.
    pub delivery_status: String,
}
