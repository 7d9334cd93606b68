//! Who changed what (U1–U5): one event per change, in the change's own transaction. Call sites describe the change;
//! `Tx::commit` writes the rows.

mod list;

pub use list::{Event, Filter, after, list};

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// What happened to an entity (U1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It came into being.
    Create,
    /// Fields changed.
    Update,
    /// It was removed but kept.
    SoftDelete,
    /// It came back.
    Restore,
    /// Its status moved.
    StatusChange,
}

impl Action {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::SoftDelete, Self::Restore, Self::StatusChange];

    /// As stored and served.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::SoftDelete => "SOFT_DELETE",
            Self::Restore => "RESTORE",
            Self::StatusChange => "STATUS_CHANGE",
        }
    }
}

/// One change, with the entity before and after.
#[derive(Debug, Clone)]
pub struct Change {
    pub(crate) action: Action,
    pub(crate) entity: &'static str,
    pub(crate) id: Uuid,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    pub(crate) meta: Value,
}

impl Change {
    /// `entity` came into being as `after`.
    pub fn created(entity: &'static str, id: impl Into<Uuid>, after: impl Serialize) -> Self {
        Self::new(Action::Create, entity, id, None, Some(json(after)))
    }

    /// Fields of `entity` changed.
    pub fn updated(entity: &'static str, id: impl Into<Uuid>, before: impl Serialize, after: impl Serialize) -> Self {
        Self::new(Action::Update, entity, id, Some(json(before)), Some(json(after)))
    }

    /// The status of `entity` moved.
    pub fn moved(entity: &'static str, id: impl Into<Uuid>, before: impl Serialize, after: impl Serialize) -> Self {
        Self::new(Action::StatusChange, entity, id, Some(json(before)), Some(json(after)))
    }

    /// `entity` was removed; its last state is kept.
    pub fn removed(entity: &'static str, id: impl Into<Uuid>, before: impl Serialize) -> Self {
        Self::new(Action::SoftDelete, entity, id, Some(json(before)), None)
    }

    /// `entity` came back as `after`.
    pub fn restored(entity: &'static str, id: impl Into<Uuid>, before: impl Serialize, after: impl Serialize) -> Self {
        Self::new(Action::Restore, entity, id, Some(json(before)), Some(json(after)))
    }

    /// What kind of thing changed.
    #[must_use]
    pub fn entity(&self) -> &'static str {
        self.entity
    }

    /// Which thing changed.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// As it was; `None` when it is new.
    #[must_use]
    pub fn before(&self) -> Option<&Value> {
        self.before.as_ref()
    }

    /// As it is; `None` when it was removed.
    #[must_use]
    pub fn after(&self) -> Option<&Value> {
        self.after.as_ref()
    }

    /// Adds why, or through what.
    #[must_use]
    pub fn because(mut self, meta: Value) -> Self {
        self.meta = meta;
        self
    }

    fn new(
        action: Action,
        entity: &'static str,
        id: impl Into<Uuid>,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Self {
        Self { action, entity, id: id.into(), before, after, meta: Value::Object(serde_json::Map::new()) }
    }
}

fn json(state: impl Serialize) -> Value {
    serde_json::to_value(state).unwrap_or_else(|problem| Value::String(format!("unserializable: {problem}")))
}
