//! `teranga-api import-members`: brings people along from the system they had before, passwords included (C6, C28, CX7,
//! L24). A file of lines; each line is one commit and says what became of it. Running it again changes nothing.

mod csv;
mod row;

use super::{
    Outcome,
    arguments::{Arguments, Grammar},
    say, told,
};
use domain::{
    db::{Db, Scope},
    error::Result,
    identity::{self, Brought, Imported},
    ids::OrgId,
    organizations,
};
use row::Row;
use runtime::{
    env::Env,
    pool::{PoolSettings, connect_owner},
};
use std::path::PathBuf;

/// What the command takes.
pub const GRAMMAR: Grammar =
    Grammar { values: &["slug", "file"], switches: &["list", "proved"], required: &["slug", "file"], together: &[] };

/// Whom to bring where.
pub struct Import {
    pool: PoolSettings,
    slug: String,
    file: PathBuf,
    how: How,
    proved: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// An account and a place.
    Members,
    /// A place on the list of those who may come.
    List,
}

/// How many lines ended how.
#[derive(Debug, Default)]
struct Tally {
    created: usize,
    joined: usize,
    known: usize,
    listed: usize,
    failed: usize,
}

/// Takes the login from the environment; the rest was typed.
pub fn read(env: &mut Env<'_>, arguments: &Arguments) -> Import {
    let owner = env.optional("OWNER_DATABASE_URL").is_some();
    let pool = if owner { PoolSettings::read_owner(env) } else { PoolSettings::read(env) };
    Import {
        pool,
        slug: arguments.or("slug", "").to_owned(),
        file: arguments.or("file", "").into(),
        how: if arguments.has("list") { How::List } else { How::Members },
        proved: arguments.has("proved"),
    }
}

/// Brings everybody and says how many became what. What is wrong with a line is said with its number, without the words
/// on it: they are personal.
///
/// # Errors
/// When the file cannot be read, the organization is unknown, the database fails, or any line was refused.
pub async fn run(import: Import) -> Outcome {
    let text = std::fs::read_to_string(&import.file).map_err(|error| format!("{}: {error}", import.file.display()))?;
    let rows = rows(&import.file, &text)?;
    let pool = connect_owner(&import.pool, "teranga-api import-members").await?;
    let db = Db::start(pool, None);
    let org = find(&db, &import.slug).await.map_err(told)?;
    let mut tally = Tally::default();
    for (line, row) in rows {
        match one(&db, org, &import, row).await {
            Ok(Imported::Created) => tally.created += 1,
            Ok(Imported::Joined) => tally.joined += 1,
            Ok(Imported::Known) => tally.known += 1,
            Ok(Imported::Listed) => tally.listed += 1,
            Err(problem) => {
                tally.failed += 1;
                say(&format!("line {line}: {problem}\n"))?;
            }
        }
    }
    let Tally { created, joined, known, listed, failed } = tally;
    say(&format!("created={created} joined={joined} known={known} listed={listed} failed={failed}\n"))?;
    if failed == 0 { Ok(()) } else { Err(format!("{failed} lines were refused").into()) }
}

async fn find(db: &Db, slug: &str) -> Result<OrgId> {
    let mut tx = db.begin(Scope::nowhere()).await?;
    Ok(organizations::find_by_slug(&mut tx, slug).await?.id)
}

/// Each line is a commit of its own: one that is refused keeps no other out.
async fn one(
    db: &Db,
    org: OrgId,
    import: &Import,
    row: std::result::Result<Row, String>,
) -> std::result::Result<Imported, String> {
    let brought = row?.brought(import.proved).map_err(told)?;
    commit(db, org, import.how, &brought).await.map_err(told)
}

async fn commit(db: &Db, org: OrgId, how: How, brought: &Brought) -> Result<Imported> {
    let mut tx = db.begin(Scope::system(org)).await?;
    let imported = match how {
        How::Members => identity::import_member(&mut tx, brought).await?,
        How::List => identity::list_member(&mut tx, brought).await?,
    };
    tx.commit().await?;
    Ok(imported)
}

/// The lines of a file with their numbers: JSON where its name ends so, else CSV with the fields' names in its first line.
fn rows(file: &std::path::Path, text: &str) -> std::result::Result<Vec<row::Line>, String> {
    let json = file.extension().is_some_and(|end| ["jsonl", "ndjson", "json"].iter().any(|known| end == *known));
    if json { Ok(row::of_json(text)) } else { row::of_csv(text) }
}
