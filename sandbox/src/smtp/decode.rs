//! The codings of mail: encoded words in headers (RFC 2047) and transfer codings of bodies (RFC 2045).

use base64::{Engine, prelude::BASE64_STANDARD};
use quoted_printable::{ParseMode, decode};

/// The body as bytes. A body that is not what its coding says is given back as it came.
pub(super) fn transfer(coding: &str, body: &[u8]) -> Vec<u8> {
    let decoded = match coding.trim().to_ascii_lowercase().as_str() {
        "quoted-printable" => decode(body, ParseMode::Robust).ok(),
        "base64" => {
            let packed: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            BASE64_STANDARD.decode(packed).ok()
        }
        _ => None,
    };
    decoded.unwrap_or_else(|| body.to_vec())
}

/// A header with its encoded words in plain text; white space between two of them vanishes.
pub(super) fn encoded_words(value: &str) -> String {
    let (mut plain, mut rest, mut after_word) = (Vec::new(), value, false);
    while let Some(start) = rest.find("=?") {
        let Some((word, tail)) = one_word(&rest[start..]) else {
            plain.extend_from_slice(&rest.as_bytes()[..start + 2]);
            (rest, after_word) = (&rest[start + 2..], false);
            continue;
        };
        let between = &rest[..start];
        if !(after_word && between.trim().is_empty()) {
            plain.extend_from_slice(between.as_bytes());
        }
        plain.extend_from_slice(&word);
        (rest, after_word) = (tail, true);
    }
    plain.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&plain).into_owned()
}

/// The bytes of the encoded word at the start of `text`, and what follows it. Bytes, because one letter may
/// be split over two words.
fn one_word(text: &str) -> Option<(Vec<u8>, &str)> {
    let (_charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (coding, rest) = rest.split_once('?')?;
    let (coded, tail) = rest.split_once("?=")?;
    let bytes = match coding {
        "B" | "b" => BASE64_STANDARD.decode(coded).ok()?,
        "Q" | "q" => decode(coded.replace('_', "=20"), ParseMode::Robust).ok()?,
        _ => return None,
    };
    Some((bytes, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_and_other_text_is_kept() {
        assert_eq!(encoded_words("plain =? not a word"), "plain =? not a word");
        assert_eq!(encoded_words("=?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9_?= au =?UTF-8?B?bGFpdA==?="), "Café  au lait");
    }

    #[test]
    fn a_broken_coding_is_given_back_as_it_came() {
        assert_eq!(transfer("base64", b"***"), b"***");
        assert_eq!(transfer("Quoted-Printable", b"a=3Db"), b"a=b");
        assert_eq!(transfer("8bit", b"x"), b"x");
    }
}
