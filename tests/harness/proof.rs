//! Which requirements a story has shown: an id is covered when something asserted under it held, and a story ends only
//! when nothing of its section is left out.

use crate::http::Answer;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::Mutex,
};

/// How many requirements each group of the catalogue has; they are numbered from 1.
const CATALOGUE: [(&str, u16); 27] = [
    ("A", 17),
    ("B", 17),
    ("C", 37),
    ("D", 16),
    ("E", 26),
    ("F", 11),
    ("G", 56),
    ("H", 18),
    ("I", 19),
    ("J", 24),
    ("K", 28),
    ("L", 24),
    ("M", 10),
    ("N", 10),
    ("O", 8),
    ("P", 14),
    ("Q", 18),
    ("R", 8),
    ("T", 30),
    ("U", 8),
    ("V", 10),
    ("W", 13),
    ("X", 17),
    ("Y", 21),
    ("Z", 23),
    ("CX", 56),
    ("SN", 50),
];

/// The ids a story is about, and those it has shown so far.
pub struct Proof {
    story: &'static str,
    needed: BTreeSet<&'static str>,
    excused: BTreeMap<&'static str, &'static str>,
    shown: Mutex<BTreeSet<&'static str>>,
}

impl Proof {
    /// A story about these ids, of which the excused ones, each with its reason, cannot be shown in it. Ids stand between
    /// spaces.
    #[track_caller]
    pub fn of(story: &'static str, needed: &'static str, excused: &[(&'static str, &'static str)]) -> Self {
        let needed: BTreeSet<&str> = needed.split_whitespace().inspect(|id| assert_known(id)).collect();
        let mut excuses = BTreeMap::new();
        for (ids, reason) in excused {
            for id in ids.split_whitespace() {
                assert!(needed.contains(id), "{story} excuses {id}, which nobody asked of it");
                assert!(excuses.insert(id, *reason).is_none(), "{story} excuses {id} twice");
            }
        }
        Self { story, needed, excused: excuses, shown: Mutex::default() }
    }

    /// This is so, and these ids say it must be.
    #[track_caller]
    pub fn holds(&self, ids: &'static str, fact: bool) {
        assert!(fact, "{ids} does not hold");
        self.show(ids);
    }

    /// The two are the same, as these ids say.
    #[track_caller]
    #[allow(clippy::needless_pass_by_value, reason = "values are written where they are compared")]
    pub fn same<A: PartialEq<B> + Debug, B: Debug>(&self, ids: &'static str, left: A, right: B) {
        assert!(left == right, "{ids}: {left:?}, expected {right:?}");
        self.show(ids);
    }

    /// Answered with this status, as these ids say.
    #[track_caller]
    pub fn answers(&self, ids: &'static str, answer: Answer, status: u16) -> Answer {
        assert_eq!(answer.status, status, "{ids}: answered {}", answer.body);
        self.show(ids);
        answer
    }

    /// Refused with this status and code, as these ids say.
    #[track_caller]
    pub fn refuses(&self, ids: &'static str, answer: Answer, status: u16, code: &str) -> Answer {
        let answer = answer.refused(status, code);
        self.show(ids);
        answer
    }

    #[track_caller]
    fn show(&self, ids: &'static str) {
        let mut shown = self.shown.lock().unwrap();
        shown.extend(ids.split_whitespace().inspect(|id| assert_known(id)));
    }

    /// Prints what was covered.
    ///
    /// # Panics
    /// When an id of the section was neither shown nor excused, or was both.
    #[track_caller]
    #[allow(clippy::print_stdout, reason = "what a story covered is its figure")]
    pub fn end(self) {
        let Self { story, needed, excused, shown } = self;
        let shown = shown.into_inner().unwrap();
        let left: Vec<_> = needed.iter().filter(|id| !shown.contains(*id) && !excused.contains_key(*id)).collect();
        assert!(left.is_empty(), "{story} shows nothing of {left:?}");
        let idle: Vec<_> = excused.keys().filter(|id| shown.contains(*id)).collect();
        assert!(idle.is_empty(), "{story} shows {idle:?}: no excuse is needed");
        let covered: Vec<&str> = in_order(shown.iter().copied().filter(|id| needed.contains(id)));
        println!("{story} covers: {} ({} ids of {})", covered.join(" "), covered.len(), needed.len());
        for (id, reason) in excused {
            println!("  {id}: {reason}");
        }
        let beside = in_order(shown.into_iter().filter(|id| !needed.contains(id)));
        if !beside.is_empty() {
            println!("  and beside its section: {}", beside.join(" "));
        }
    }
}

/// The group of an id and its number.
fn parts(id: &str) -> Option<(usize, u16)> {
    let (group, number) = id.split_at(id.find(|c: char| c.is_ascii_digit())?);
    let at = CATALOGUE.iter().position(|(known, _)| *known == group)?;
    let number = number.parse().ok().filter(|number| (1..=CATALOGUE[at].1).contains(number))?;
    Some((at, number))
}

#[track_caller]
fn assert_known(id: &&str) {
    assert!(parts(id).is_some(), "there is no requirement {id}");
}

fn in_order<'i>(ids: impl Iterator<Item = &'i str>) -> Vec<&'i str> {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_by_key(|id| parts(id));
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_or_it_is_a_mistake() {
        for id in ["G8", "CX56", "SN50", "A1"] {
            assert!(parts(id).is_some(), "{id}");
        }
        for id in ["G0", "G57", "Q", "8", "g8", "CX57", "GX8", "G8b"] {
            assert!(parts(id).is_none(), "{id}");
        }
        assert_eq!(in_order(["CX1", "G10", "G9"].into_iter()), ["G9", "G10", "CX1"]);
    }

    #[test]
    #[should_panic(expected = "shows nothing of [\"G9\"]")]
    fn what_is_left_out_is_told() {
        let proof = Proof::of("a story", "G8 G9 G10", &[("G10", "of another story")]);
        proof.holds("G8", true);
        proof.end();
    }

    #[test]
    #[should_panic(expected = "G8 does not hold")]
    fn what_does_not_hold_is_not_covered() {
        Proof::of("a story", "G8", &[]).holds("G8", false);
    }

    #[test]
    #[should_panic(expected = "no excuse is needed")]
    fn an_excuse_ends_when_it_is_shown() {
        let proof = Proof::of("a story", "G8", &[("G8", "hard to see")]);
        proof.same("G8", 1, 1);
        proof.end();
    }
}
