//! Forms of filters that several lists share (CX4, E11, E12).

use super::Asked;
use domain::refusals::Refusal;

impl Asked {
    /// A parameter with older names: at most one of them may be given.
    ///
    /// # Errors
    /// `validation_error` when two were.
    pub fn by_any_name(&mut self, names: &[&'static str]) -> Result<Option<(&'static str, String)>, Refusal> {
        let mut found: Option<(&'static str, String)> = None;
        for name in names {
            let Some(text) = self.text(name) else { continue };
            if let Some((other, _)) = found {
                return Err(Refusal::invalid(*name, format!("use {other} or {name}, not both")));
            }
            found = Some((*name, text));
        }
        Ok(found)
    }

    /// `true` or `false`; false when nothing was said.
    ///
    /// # Errors
    /// `validation_error` for anything else.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Refusal> {
        Ok(self.value(name, "true or false")?.unwrap_or_default())
    }

    /// Words with commas between them: all of them are meant.
    ///
    /// # Errors
    /// `validation_error` when two of the names were given.
    pub fn all_of(&mut self, names: &[&'static str]) -> Result<Vec<String>, Refusal> {
        let text = self.by_any_name(names)?.map(|(_, text)| text).unwrap_or_default();
        Ok(text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// A filter over a fixed set of words, some with older spellings, as `(spelling, word)`; the filter itself may have
    /// older names, of which one may be given.
    ///
    /// # Errors
    /// `validation_error` naming the spellings allowed, or the name that was too much.
    pub fn spelt(&mut self, names: &[&'static str], spellings: &[(&str, &str)]) -> Result<Vec<String>, Refusal> {
        let allowed: Vec<&str> = spellings.iter().map(|(spelling, _)| *spelling).collect();
        let mut found: Option<(&'static str, Vec<String>)> = None;
        for name in names {
            let words = self.words(name, &allowed)?;
            match found {
                _ if words.is_empty() => {}
                None => found = Some((name, words)),
                Some((other, _)) => return Err(Refusal::invalid(*name, format!("use {other} or {name}, not both"))),
            }
        }
        let words = found.map(|(_, words)| words).unwrap_or_default();
        let ours = |word: &String| spellings.iter().find(|(spelling, _)| spelling == word).map(|(_, word)| *word);
        Ok(words.iter().filter_map(ours).map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &[(&str, &str)]) -> Asked {
        Asked::read(query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).unwrap()
    }

    #[test]
    fn one_of_two_names_is_enough_and_two_are_too_many() {
        let kind = |query: &[(&str, &str)]| asked(query).by_any_name(&["kind", "type"]);
        assert_eq!(kind(&[("type", "room")]).unwrap(), Some(("type", "room".into())));
        assert_eq!(kind(&[]).unwrap(), None);
        assert!(kind(&[("kind", "room"), ("type", "room")]).is_err());
    }

    #[test]
    fn flags_lists_and_spellings_are_read() {
        assert!(asked(&[("include_deleted", "true")]).flag("include_deleted").unwrap());
        assert!(!asked(&[]).flag("include_deleted").unwrap());
        assert!(asked(&[("include_deleted", "yes")]).flag("include_deleted").is_err());
        assert_eq!(asked(&[("features", "wifi, ,projector")]).all_of(&["features"]).unwrap(), ["wifi", "projector"]);
        let spellings = [("active", "active"), ("AVAILABLE", "active")];
        let status = |query: &[(&str, &str)]| asked(query).spelt(&["status", "etat"], &spellings);
        assert_eq!(status(&[("etat", "in:AVAILABLE")]).unwrap(), ["active"]);
        assert!(status(&[]).unwrap().is_empty());
        assert!(status(&[("status", "gone")]).is_err());
        assert!(status(&[("status", "active"), ("etat", "active")]).is_err());
    }
}
