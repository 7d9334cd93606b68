//! Finding resources by words (Z8): in any order, by their beginnings, whatever their accents and endings. The name
//! counts most, then what it has, then where it is, then what is said of it.

use super::{
    facts::PriceUnit,
    queries::{Resource, resource_rows},
};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::{Discipline, Kind, Service},
    paging::{Listed, Page},
    refusals::Refusal,
};

/// Words of one search.
const MOST_WORDS: usize = 10;

/// What to look for.
#[derive(Debug, Clone)]
pub struct Search {
    /// Words; all of them must be found.
    pub text: String,
    /// Of these kinds; of any when empty.
    pub kinds: Vec<String>,
    /// On this site.
    pub site: Option<SiteId>,
}

/// Resources that hold all the words, the best first.
///
/// # Errors
/// [`Refusal::Invalid`] on `q` unless it has 1 to 10 words.
pub async fn search(tx: &mut Tx, search: &Search, page: Page) -> Result<Listed<Resource>> {
    let words = asked(&search.text)?;
    let (org, site) = (tx.org()?, search.site.map(|site| site.0));
    let rows = resource_rows!(
        "and r.deleted_at is null and r.words @@ search_query($2)
           and (cardinality($3::text[]) = 0 or r.kind = any($3)) and ($4::uuid is null or r.site_id = $4)
         order by ts_rank(r.words, search_query($2)) desc, lower(r.name), r.id limit $5 offset $6",
        org.0,
        words,
        &search.kinds,
        site,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from resources r
           where r.org_id = $1 and r.owner_user_id is null and r.kind <> 'trip' and r.deleted_at is null
             and r.words @@ search_query($2) and (cardinality($3::text[]) = 0 or r.kind = any($3))
             and ($4::uuid is null or r.site_id = $4)"#,
        org.0,
        words,
        &search.kinds,
        site
    )
    .fetch_one(tx.conn())
    .await?;
    let items = rows.into_iter().map(|row| Ok(Resource::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok(Listed { items, total })
}

/// `salle & proj`: every word by its beginning, and nothing that has a meaning of its own in a query.
fn asked(text: &str) -> Result<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("{word}:*"))
        .collect();
    if !(1..=MOST_WORDS).contains(&words.len()) {
        return Err(Refusal::invalid("q", format!("must have 1 to {MOST_WORDS} words")).into());
    }
    Ok(words.join(" & "))
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn what_people_type_is_words_and_no_query() {
        assert_eq!(asked(" Salle  d'été ").unwrap(), "Salle:* & d:* & été:*");
        assert_eq!(asked("a|b & !(c:*)").unwrap(), "a:* & b:* & c:*");
        for wrong in ["", " & ", "1 2 3 4 5 6 7 8 9 10 11"] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
