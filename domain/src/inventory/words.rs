//! The words for things that can be booked, as stored and served (E7, E8, CX44).

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal { $($(#[$word_doc:meta])* $word:ident = $code:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub enum $name { $($(#[$word_doc])* $word,)* }
        impl $name {
            /// Every word, for filters and documents.
            pub const CODES: &'static [&'static str] = &[$($code,)*];
            /// As stored and served.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$word => $code,)* }
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::refusals::Refusal;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let allowed = || format!("allowed: {}", Self::CODES.join(", "));
                match text { $($code => Ok(Self::$word),)* _ => Err(Self::Err::invalid($expected, allowed())) }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What sort of thing a resource is. A new trade is a word here and a policy, not a concept (★19).
    Kind, "kind" {
        /// A ride: its units are seats. It has rules of its own, in `trips`.
        Trip = "trip";
        /// A vehicle: a driver's own, or one of a fleet.
        Vehicle = "vehicle";
        /// A car park: its units are bays.
        Parking = "parking";
        /// Something lent: its units are copies.
        Equipment = "equipment";
        /// A room: one unit.
        Room = "room";
        /// A machine people queue for: one unit.
        Machine = "machine";
    }
}

words! {
    /// How a unit looks (E2, SN6).
    Condition, "condition" {
        /// Never used.
        New = "new";
        /// Used and sound.
        Good = "good";
        /// Works, and shows its age.
        Worn = "worn";
        /// Needs repair.
        Damaged = "damaged";
    }
}

words! {
    /// Whether a resource or a unit is in service (CX44).
    Service, "status" {
        /// It can be booked.
        Active = "active";
        /// It comes back.
        Maintenance = "maintenance";
        /// It does not.
        Retired = "retired";
    }
}

words! {
    /// In which order people wait when nothing is free (CX53).
    Discipline, "queue_discipline" {
        /// Nobody waits: the answer is no.
        None = "none";
        /// Who came first.
        Fifo = "fifo";
        /// By a score everybody can read (★7).
        Score = "score";
    }
}

impl Kind {
    /// What an organization offers through the inventory: trips are made by their drivers.
    pub const OFFERED: [&'static str; 5] = ["parking", "equipment", "room", "vehicle", "machine"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for code in Kind::CODES {
            assert_eq!(code.parse::<Kind>().unwrap().code(), *code);
            assert_eq!(serde_json::to_value(code.parse::<Kind>().unwrap()).unwrap(), *code);
        }
        assert!("boat".parse::<Kind>().is_err());
    }
}
