//! Bounds of what people write about sites, resources and units (W12, T23).

use crate::{error::Result, identity::checks::checked_name, refusals::Refusal};

/// The shortest name of a thing people look for (B5, E5).
const SHORTEST_NAME: usize = 3;
/// Most features of one thing.
const MOST_FEATURES: usize = 40;

/// A name of 3 to 200 printable characters, without blanks around it.
pub(crate) fn name(field: &str, text: &str) -> Result<String> {
    let name = checked_name(field, text, 200)?;
    if name.chars().count() < SHORTEST_NAME {
        return Err(Refusal::invalid(field, format!("must have at least {SHORTEST_NAME} characters")).into());
    }
    Ok(name)
}

/// A short printable text that says something.
pub(crate) fn label(field: &str, text: &str, most: usize) -> Result<String> {
    let label = checked_name(field, text, most)?;
    if label.is_empty() {
        return Err(Refusal::invalid(field, format!("must have 1 to {most} characters")).into());
    }
    Ok(label)
}

/// The same where nothing need be said.
pub(crate) fn maybe_label(field: &str, text: Option<String>, most: usize) -> Result<Option<String>> {
    text.map(|text| label(field, &text, most)).transpose()
}

/// Free text: lines are allowed.
pub(crate) fn text(field: &str, text: &str, most: usize) -> Result<()> {
    if text.chars().count() > most || text.contains('\0') {
        return Err(Refusal::invalid(field, format!("must have at most {most} characters")).into());
    }
    Ok(())
}

/// Words to filter by: small letters, each once, in order, so that two spellings are one feature (SN43).
pub(crate) fn features(field: &str, words: &[String]) -> Result<Vec<String>> {
    if words.len() > MOST_FEATURES {
        return Err(Refusal::invalid(field, format!("must be at most {MOST_FEATURES}")).into());
    }
    let mut features = Vec::with_capacity(words.len());
    for word in words {
        let word = label(field, word, 60)?.to_lowercase();
        if word.contains(',') {
            return Err(Refusal::invalid(field, "may not hold a comma: filters list them so").into());
        }
        features.push(word);
    }
    features.sort_unstable();
    features.dedup();
    Ok(features)
}

/// Names of files in the store.
pub(crate) fn keys(field: &str, keys: &[String], most: usize) -> Result<()> {
    if keys.len() > most {
        return Err(Refusal::invalid(field, format!("must be at most {most}")).into());
    }
    keys.iter().try_for_each(|key| label(field, key, 300).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_something_in_printable_characters() {
        assert_eq!(name("name", "  Parking Nord ").unwrap(), "Parking Nord");
        for wrong in ["", "  ab ", "a\nb c", &"x".repeat(201)] {
            assert!(name("name", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn two_spellings_are_one_feature() {
        let words = ["Projector", " wifi", "projector"].map(str::to_owned);
        assert_eq!(features("features", &words).unwrap(), ["projector", "wifi"]);
        assert!(features("features", &["a,b".to_owned()]).is_err());
        assert!(features("features", &vec!["x".to_owned(); 41]).is_err());
    }
}
