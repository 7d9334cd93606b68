//! What a runner knows of the lines of its queue: which of them have jobs waiting, and up to where each was claimed.
//!
//! All of it is a guess that costs nothing when wrong. A line that is believed to be empty is found again by the next
//! survey; one that is believed to have jobs is found empty by the next claim. The place where the last claim ended
//! spares a claim the walk over what was claimed before it: over dead rows, that is, which stay in the index as long as
//! some transaction anywhere is held open.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    ops::Bound,
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::line::Line;

/// The most lines in one claim.
const TURNS: usize = 64;
/// A claim begins so many jobs before the end of the last one, because a commit may come in after a later one was
/// seen. What is later still is found by the survey.
const BACK: usize = 256;
/// A line whose first job is so much later than our last one was emptied by others meanwhile.
const AHEAD: TimeDelta = TimeDelta::seconds(2);
/// Places are remembered of so many lines.
const KNOWN: usize = 10_000;

/// Where a job stands in its line.
pub(crate) type Place = (DateTime<Utc>, Uuid);

/// Before every job.
pub(crate) const BEGIN: Place = (DateTime::UNIX_EPOCH, Uuid::nil());

/// One line's turn in a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub line: Line,
    /// Jobs after this place; none: from the beginning.
    pub after: Option<Place>,
    /// The most jobs it may have.
    pub quota: usize,
    told: u64,
}

impl Turn {
    /// One job from the head of a line.
    pub(crate) fn alone(line: Line) -> Self {
        Self { line, after: None, quota: 1, told: 0 }
    }
}

/// The lines of one queue.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    waiting: BTreeSet<Line>,
    known: HashMap<Line, Memory>,
    last: Option<Line>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Where claims ended, each with how many jobs it took; the front is where the next one begins.
    claims: VecDeque<(Place, usize)>,
    /// How often somebody said that jobs wait.
    told: u64,
}

impl Lines {
    /// Somebody posted to the line.
    pub(crate) fn hear(&mut self, line: Line) {
        self.memory(&line).told += 1;
        self.waiting.insert(line);
    }

    /// A survey found that the first job of the line stands at `first`.
    pub(crate) fn find(&mut self, line: Line, first: Place) {
        let memory = self.memory(&line);
        memory.told += 1;
        let before = (first.0, Uuid::from_u128(first.1.as_u128().saturating_sub(1)));
        let ours = memory.claims.front().zip(memory.claims.back());
        if ours.is_some_and(|((begin, _), (end, _))| first <= *begin || first.0 > end.0 + AHEAD) {
            // A late commit, or others have claimed on.
            memory.claims = VecDeque::from([(before, 0)]);
        }
        self.waiting.insert(line);
    }

    /// The lines believed to have jobs, each with the place at which its next claim begins.
    pub(crate) fn waiting(&self) -> Vec<(Line, Place)> {
        let begin =
            |line| self.known.get(line).and_then(|memory| memory.claims.front()).map_or(BEGIN, |(place, _)| *place);
        self.waiting.iter().map(|line| (line.clone(), begin(line))).collect()
    }

    /// Whether any line is believed to have jobs.
    pub(crate) fn any(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Divides `room` among the most urgent lines: evenly between organizations, then between an organization's kinds.
    /// Lines beyond [`TURNS`] have theirs next time.
    pub(crate) fn take_turns(&mut self, room: usize) -> Vec<Turn> {
        let Some(first) = self.waiting.first() else { return Vec::new() };
        let urgency = first.priority;
        let from = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let after = self.waiting.range::<Line, _>((from, Bound::Unbounded));
        let around = self.waiting.iter().take_while(|line| self.last.as_ref().is_some_and(|last| *line <= last));
        let lines: Vec<Line> =
            after.chain(around).filter(|line| line.priority == urgency).take(TURNS.min(room)).cloned().collect();
        self.last = lines.last().cloned();
        let mut kinds: HashMap<Uuid, usize> = HashMap::new();
        for line in &lines {
            *kinds.entry(line.org).or_default() += 1;
        }
        let (mut left, orgs) = (room, kinds.len().max(1));
        let mut turns = Vec::with_capacity(lines.len());
        for (n, line) in lines.iter().enumerate() {
            let others = lines.len() - n - 1;
            let share = (room / orgs / kinds[&line.org]).max(1);
            let quota = if others == 0 { left } else { share.min(left - others) };
            left -= quota;
            let memory = self.memory(line);
            let after = memory.claims.front().map(|(place, _)| *place);
            turns.push(Turn { line: line.clone(), after, quota, told: memory.told });
        }
        turns
    }

    /// A claim took `count` jobs in this turn, the furthest of them at `end`. None means that the line is empty, unless
    /// somebody spoke of it meanwhile. After fewer than it might have had it is asked once more: what follows closely is
    /// then met before its notice comes.
    pub(crate) fn took(&mut self, turn: &Turn, count: usize, end: Option<Place>) {
        let memory = self.memory(&turn.line);
        if let Some(end) = end {
            let end = memory.claims.back().map_or(end, |(last, _)| end.max(*last));
            memory.claims.push_back((end, count));
            let mut since: usize = memory.claims.iter().skip(1).map(|(_, count)| count).sum();
            while since > BACK && memory.claims.len() > 1 {
                memory.claims.pop_front();
                since -= memory.claims.front().map_or(0, |(_, count)| *count);
            }
        }
        if count == 0 && memory.told == turn.told {
            self.waiting.remove(&turn.line);
        }
    }

    fn memory(&mut self, line: &Line) -> &mut Memory {
        if self.known.len() >= KNOWN && !self.known.contains_key(line) {
            let waiting = &self.waiting;
            self.known.retain(|line, _| waiting.contains(line));
        }
        self.known.entry(line.clone()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(org: u128, kind: &str) -> Line {
        Line::new(0, Some(Uuid::from_u128(org)), kind)
    }

    fn place(second: i64, id: u128) -> Place {
        (DateTime::from_timestamp(second, 0).unwrap(), Uuid::from_u128(id))
    }

    fn turns(lines: &mut Lines, room: usize) -> Vec<(u128, String, usize)> {
        let turns = lines.take_turns(room);
        turns.iter().map(|turn| (turn.line.org.as_u128(), turn.line.kind.to_string(), turn.quota)).collect()
    }

    #[test]
    fn room_is_divided_between_organizations_and_then_kinds() {
        let mut lines = Lines::default();
        for (org, kind) in [(1, "a"), (1, "b"), (2, "a")] {
            lines.hear(line(org, kind));
        }
        assert_eq!(turns(&mut lines, 100), [(1, "a".into(), 25), (1, "b".into(), 25), (2, "a".into(), 50)]);
    }

    #[test]
    fn little_room_goes_around() {
        let mut lines = Lines::default();
        for org in 1..=3 {
            lines.hear(line(org, "a"));
        }
        assert_eq!(turns(&mut lines, 2), [(1, "a".into(), 1), (2, "a".into(), 1)]);
        assert_eq!(turns(&mut lines, 2), [(3, "a".into(), 1), (1, "a".into(), 1)]);
    }

    #[test]
    fn urgent_lines_go_first_and_alone() {
        let mut lines = Lines::default();
        lines.hear(line(1, "a"));
        lines.hear(Line { priority: -1, ..line(2, "a") });
        assert_eq!(turns(&mut lines, 10), [(2, "a".into(), 10)]);
    }

    #[test]
    fn a_line_that_gave_nothing_is_left_unless_somebody_spoke_of_it() {
        let mut lines = Lines::default();
        lines.hear(line(1, "a"));
        let turn = lines.take_turns(10).remove(0);
        lines.took(&turn, 3, Some(place(1, 3)));
        assert!(lines.any(), "there may be more by now");
        let turn = lines.take_turns(10).remove(0);
        lines.hear(line(1, "a"));
        lines.took(&turn, 0, None);
        assert!(lines.any(), "spoken of while the claim was under way");
        let turn = lines.take_turns(10).remove(0);
        lines.took(&turn, 0, None);
        assert!(!lines.any());
    }

    #[test]
    fn a_claim_begins_a_little_before_the_last_one_ended_and_not_further() {
        let mut lines = Lines::default();
        lines.hear(line(1, "a"));
        for n in 1..=100 {
            let turn = lines.take_turns(10).remove(0);
            lines.took(&turn, 10, Some(place(n, 0)));
        }
        let turn = lines.take_turns(10).remove(0);
        assert_eq!(turn.after, Some(place(75, 0)), "250 jobs back");
        lines.took(&turn, 10, Some(place(101, 0)));
        lines.find(line(1, "a"), place(40, 9));
        assert_eq!(lines.take_turns(10)[0].after, Some(place(40, 8)), "a late commit is gone back for");
        lines.find(line(1, "a"), place(900, 9));
        assert_eq!(lines.take_turns(10)[0].after, Some(place(900, 8)), "what others claimed is not walked over");
    }
}
