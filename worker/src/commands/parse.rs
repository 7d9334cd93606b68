//! From what was typed to what is meant.

use super::arguments::Arguments;
use chrono::{DateTime, Utc};
use domain::{
    ids::OrgId,
    ops::{By, Cursor, Filter, State, check_filter},
};
use std::str::FromStr;
use uuid::Uuid;

const PAGE: usize = 20;
const LARGEST_PAGE: usize = 1_000;
const LONGEST_NAME: usize = 60;

/// What was typed.
#[derive(Debug)]
pub struct Typed {
    pub command: Command,
    pub json: bool,
}

/// What is meant.
#[derive(Debug)]
pub enum Command {
    Look(Look),
    Act(Act, By),
}

/// Changes nothing.
#[derive(Debug)]
pub enum Look {
    Queues,
    Jobs(List),
    Job(Uuid),
    Redrive(Filter),
}

/// Is audited.
#[derive(Debug)]
pub enum Act {
    Pause(String),
    Resume(String),
    Retry(Uuid),
    Cancel(Uuid, String),
    Redrive(Filter, i64),
}

/// Which jobs.
#[derive(Debug)]
pub struct List {
    pub state: State,
    pub filter: Filter,
    pub count: bool,
    pub limit: usize,
    pub cursor: Option<Cursor>,
}

/// Reads what was typed after `jobs` or `queues`.
pub fn parse(room: &str, typed: &[String]) -> Result<Typed, String> {
    let mut typed = Arguments::read(typed)?;
    let json = typed.switch("json");
    let verb = typed.word(&format!("what to do with {room}"))?;
    let command = match (room, verb.as_str()) {
        ("queues", "list") => Command::Look(Look::Queues),
        ("queues", "pause") => Command::Act(Act::Pause(typed.word("the queue's name")?), by(&mut typed)?),
        ("queues", "resume") => Command::Act(Act::Resume(typed.word("the queue's name")?), by(&mut typed)?),
        ("jobs", "list") => Command::Look(Look::Jobs(list(&mut typed)?)),
        ("jobs", "show") => Command::Look(Look::Job(id(&mut typed)?)),
        ("jobs", "retry") => Command::Act(Act::Retry(id(&mut typed)?), by(&mut typed)?),
        ("jobs", "cancel") => {
            let (id, reason) = (id(&mut typed)?, typed.text("reason").ok_or("--reason is missing")?);
            Command::Act(Act::Cancel(id, reason), by(&mut typed)?)
        }
        ("jobs", "redrive") => redrive(&mut typed)?,
        _ => return Err(format!("{room} {verb} is no command")),
    };
    typed.end()?;
    Ok(Typed { command, json })
}

fn list(typed: &mut Arguments) -> Result<List, String> {
    let states = State::ALL.map(State::name).join(", ");
    let state = typed.text("state").map(|name| State::from_str(&name)).transpose();
    let state = state.map_err(|()| format!("--state: expected one of {states}"))?.unwrap_or(State::Dead);
    let expected = format!("a number from 1 to {LARGEST_PAGE}");
    let limit = typed.value("limit", &expected)?.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(format!("--limit: expected {expected}"));
    }
    let cursor = typed.text("cursor").map(|text| text.parse::<Cursor>()).transpose();
    let cursor = cursor.map_err(|()| "--cursor: is not one we gave")?;
    Ok(List { filter: filter(typed, state)?, state, count: typed.switch("count"), limit, cursor })
}

fn redrive(typed: &mut Arguments) -> Result<Command, String> {
    let filter = filter(typed, State::Dead)?;
    if typed.switch("dry-run") {
        return Ok(Command::Look(Look::Redrive(filter)));
    }
    let max = typed.value("max", "a number")?.ok_or("--max is missing; --dry-run shows how many match")?;
    Ok(Command::Act(Act::Redrive(filter, max), by(typed)?))
}

fn filter(typed: &mut Arguments, state: State) -> Result<Filter, String> {
    let mut time = |name: &str| typed.value::<DateTime<Utc>>(name, "a time such as 2026-11-27T10:00:00Z");
    let (created_after, created_before) = (time("created-after")?, time("created-before")?);
    let (ended_after, ended_before) = (time("ended-after")?, time("ended-before")?);
    let org_id = typed.value::<OrgId>("organization", "the id of an organization")?.map(Into::into);
    let (queue, kind, error) = (typed.text("queue"), typed.text("kind"), typed.text("error"));
    let filter = Filter { queue, kind, org_id, created_after, created_before, ended_after, ended_before, error };
    check_filter(state, &filter).map_err(|refusal| format!("{} {}", refusal.message(), refusal.details()))?;
    Ok(filter)
}

fn id(typed: &mut Arguments) -> Result<Uuid, String> {
    typed.word("the job's id")?.parse().map_err(|_| "the job's id is not a UUID".to_owned())
}

fn by(typed: &mut Arguments) -> Result<By, String> {
    let name = typed.text("as").ok_or("--as is missing: who are you, for the audit trail?")?;
    let sound = (1..=LONGEST_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
    if sound { Ok(By::Terminal(name)) } else { Err(format!("--as: expected a name of 1 to {LONGEST_NAME} bytes")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Result<Typed, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words[0], &words[1..])
    }

    #[test]
    fn what_is_typed_is_understood() {
        let id = "7f1f0d0e-5d0c-4b53-9d0a-3f6f2c1b0a11";
        assert!(matches!(
            typed("queues list --json").unwrap(),
            Typed { command: Command::Look(Look::Queues), json: true }
        ));
        let listed = typed("jobs list --state=failed --kind payment.poll --limit 5 --count").unwrap();
        let Command::Look(Look::Jobs(list)) = listed.command else { panic!("a list") };
        assert_eq!(
            (list.state, list.filter.kind.as_deref(), list.limit, list.count),
            (State::Failed, Some("payment.poll"), 5, true)
        );
        let cancelled = typed(&format!("jobs cancel {id} --as awa --reason test")).unwrap();
        assert!(
            matches!(cancelled.command, Command::Act(Act::Cancel(_, reason), By::Terminal(name)) if reason == "test" && name == "awa")
        );
        assert!(matches!(typed("jobs redrive --dry-run").unwrap().command, Command::Look(Look::Redrive(_))));
        assert!(matches!(typed("jobs redrive --max 5 --as a").unwrap().command, Command::Act(Act::Redrive(_, 5), _)));
    }

    #[test]
    fn slips_are_told() {
        for wrong in [
            "jobs",
            "jobs lst",
            "jobs list --state done",
            "jobs list --state waiting --ended-after 2026-11-27T10:00:00Z",
            "jobs list --cursor x",
            "jobs list --limit 0",
            "jobs list extra",
            "jobs list --statee dead",
            "jobs list --kind",
            "jobs list --kind a --kind b",
            "jobs show 7",
            "jobs retry 7f1f0d0e-5d0c-4b53-9d0a-3f6f2c1b0a11",
            "jobs cancel 7f1f0d0e-5d0c-4b53-9d0a-3f6f2c1b0a11 --as awa",
            "jobs redrive --as awa",
            "queues pause --as awa",
            "queues pause payments",
            "queues list --count",
        ] {
            assert!(typed(wrong).is_err(), "{wrong}");
        }
    }
}
