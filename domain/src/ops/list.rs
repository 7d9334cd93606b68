//! Lists of jobs, and how long they are.

use crate::{db::Tx, error::Result, refusals::Refusal};
use queue::admin::{self, Count, Cursor, Filter, Page, State};

const LONGEST_NAME: usize = 60;
const SHORTEST_TEXT: usize = 3;
const LONGEST_TEXT: usize = 200;

/// A page of the jobs in one state, newest first.
///
/// # Errors
/// [`Refusal::Invalid`] for a filter that says nothing about this state, or is out of bounds.
pub async fn list(tx: &mut Tx, state: State, filter: &Filter, after: Option<Cursor>, limit: usize) -> Result<Page> {
    check_filter(state, filter)?;
    Ok(admin::list(tx.conn(), state, filter, after, limit).await?)
}

/// How many jobs a list holds, as far as that is counted.
///
/// # Errors
/// As [`list`].
pub async fn count(tx: &mut Tx, state: State, filter: &Filter) -> Result<Count> {
    check_filter(state, filter)?;
    Ok(admin::count(tx.conn(), state, filter).await?)
}

/// Refuses what a list of this state cannot answer: a filter that is left out silently would answer everything.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field.
pub fn check_filter(state: State, filter: &Filter) -> Result<(), Refusal> {
    for (field, name) in [("queue", &filter.queue), ("kind", &filter.kind)] {
        if name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME || name.contains('\0')) {
            return Err(Refusal::invalid(field, format!("must be at most {LONGEST_NAME} bytes without NUL")));
        }
    }
    let sound = |text: &String| (SHORTEST_TEXT..=LONGEST_TEXT).contains(&text.chars().count()) && !text.contains('\0');
    if filter.error.as_ref().is_some_and(|text| !sound(text)) {
        return Err(Refusal::invalid("error", format!("must be {SHORTEST_TEXT} to {LONGEST_TEXT} characters")));
    }
    if filter.org_id.is_some_and(|org| org.is_nil()) {
        return Err(Refusal::invalid("organization", "is no organization"));
    }
    for (field, given, known, from, until) in [
        (
            "created_after",
            filter.created_after.or(filter.created_before),
            state.knows_posting(),
            filter.created_after,
            filter.created_before,
        ),
        (
            "ended_after",
            filter.ended_after.or(filter.ended_before),
            state.knows_end(),
            filter.ended_after,
            filter.ended_before,
        ),
    ] {
        if given.is_some() && !known {
            return Err(Refusal::invalid(field, format!("is not known of jobs that are {}", state.name())));
        }
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(Refusal::invalid(field, "must lie before the end of the span"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn refused(state: State, change: impl FnOnce(&mut Filter)) -> bool {
        let mut filter = Filter::default();
        change(&mut filter);
        check_filter(state, &filter).is_err()
    }

    #[test]
    fn a_filter_must_say_something_about_the_list() {
        let (early, late) = (DateTime::from_timestamp(1, 0), DateTime::from_timestamp(2, 0));
        assert!(!refused(State::Dead, |filter| (filter.created_after, filter.ended_before) = (early, late)));
        assert!(refused(State::Finished, |filter| filter.created_before = late));
        assert!(refused(State::Waiting, |filter| filter.ended_after = early));
        assert!(refused(State::Dead, |filter| (filter.ended_after, filter.ended_before) = (late, early)));
        assert!(refused(State::Dead, |filter| filter.error = Some("ab".to_owned())));
        assert!(refused(State::Dead, |filter| filter.error = Some("a\0bc".to_owned())));
        assert!(refused(State::Dead, |filter| filter.kind = Some("k".repeat(61))));
        assert!(refused(State::Dead, |filter| filter.org_id = Some(uuid::Uuid::nil())));
    }
}
