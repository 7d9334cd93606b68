//! `WORKER_LIMITS`: at most so many jobs of a kind at once for an organization (QUEUE promise 8).

use domain::{ids::OrgId, jobs};
use queue::Limit;
use runtime::env::Env;

const NAME: &str = "WORKER_LIMITS";

/// `kind=n` for every organization, `kind@<organization's id>=n` for one, comma-separated.
pub fn read(env: &mut Env<'_>) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    for text in env.list(NAME) {
        match parse(&text) {
            Ok(limit) if limits.iter().any(|known| (&known.kind, known.org_id) == (&limit.kind, limit.org_id)) => {
                env.problem(NAME, format!("limits {} twice", limit.kind));
            }
            Ok(limit) => limits.push(limit),
            Err(why) => env.problem(NAME, format!("holds {text:?}: {why}")),
        }
    }
    limits
}

fn parse(text: &str) -> Result<Limit, &'static str> {
    let (what, running) = text.split_once('=').ok_or("expected kind=n or kind@organization=n")?;
    let (kind, org) = what.split_once('@').map_or((what, None), |(kind, org)| (kind, Some(org)));
    if !jobs::kinds().any(|known| known == kind) {
        return Err("there is no such kind of job");
    }
    let org_id = org.map(str::parse::<OrgId>).transpose().map_err(|_| "expected the id of an organization after @")?;
    let running = running.parse().ok().filter(|running| *running > 0).ok_or("expected a number, at least 1")?;
    Ok(Limit { kind: kind.to_owned(), org_id: org_id.map(|org| org.0), running })
}
