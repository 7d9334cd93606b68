//! How facts read inside a message.

use super::wording::Locale;
use crate::{error::Fault, money::Money};
use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value;

/// `template` with each `{field}` replaced by that fact of `payload`.
pub(super) fn fill(template: &str, locale: Locale, payload: &Value, zone: Tz) -> Result<String, Fault> {
    let mut text = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (field, after) = after.split_once('}').ok_or_else(|| Fault::corrupt("wording", template))?;
        text.push_str(before);
        let fact = read(field, payload, locale, zone)
            .ok_or_else(|| Fault::corrupt("notification payload", format!("no usable {field}")))?;
        // what people typed must not start a new line in a mail's subject; a body has lines
        let lines = field == "body";
        text.extend(fact.chars().map(|c| if c.is_control() && !(lines && c == '\n') { ' ' } else { c }));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn read(field: &str, payload: &Value, locale: Locale, zone: Tz) -> Option<String> {
    let fact = &payload[field];
    match field {
        "amount" => Some(money(serde_json::from_value(payload.clone()).ok()?)),
        "seats" => Some(seats(fact.as_i64()?, locale)),
        "minutes_before" => Some(span(fact.as_i64()?)),
        "doc_type" => term(fact.as_str()?, locale).map(str::to_owned),
        _ if field.ends_with("_at") => instant(fact.as_str()?, locale, zone),
        _ => match fact {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        },
    }
}

fn seats(count: i64, locale: Locale) -> String {
    let noun = match locale {
        Locale::French => "place",
        Locale::English => "seat",
    };
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn span(minutes: i64) -> String {
    match minutes {
        whole if whole % 60 == 0 => format!("{} h", whole / 60),
        long if long > 60 => format!("{} h {:02}", long / 60, long % 60),
        short => format!("{short} min"),
    }
}

fn instant(text: &str, locale: Locale, zone: Tz) -> Option<String> {
    let local = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&zone);
    let pattern = match locale {
        Locale::French => "%d/%m/%Y à %H:%M",
        Locale::English => "%-d %b %Y at %H:%M",
    };
    Some(local.format(pattern).to_string())
}

/// `6 000 XOF`: thousands apart, by a plain space that every phone shows.
fn money(money: Money) -> String {
    let plain = money.to_string();
    let (number, currency) = plain.split_once(' ').unwrap_or((&plain, ""));
    let (whole, part) = number.split_once('.').map_or((number, String::new()), |(w, p)| (w, format!(".{p}")));
    let mut spaced = String::with_capacity(plain.len() + 4);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 && !spaced.ends_with('-') {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    format!("{spaced}{part} {currency}")
}

/// Codes that have words of their own.
fn term(code: &str, locale: Locale) -> Option<&'static str> {
    let (french, english) = match code {
        "national_id" => ("carte d'identité", "national identity card"),
        "passport" => ("passeport", "passport"),
        "driving_licence" => ("permis de conduire", "driving licence"),
        _ => return None,
    };
    Some(match locale {
        Locale::French => french,
        Locale::English => english,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use serde_json::json;

    #[test]
    fn amounts_are_spaced_by_thousands() {
        let francs = |amount| money(Money { amount, currency: Currency::Xof });
        assert_eq!(francs(0), "0 XOF");
        assert_eq!(francs(999), "999 XOF");
        assert_eq!(francs(6_000), "6 000 XOF");
        assert_eq!(francs(1_234_567), "1 234 567 XOF");
        assert_eq!(money(Money { amount: 123_456, currency: Currency::Eur }), "1 234.56 EUR");
    }

    #[test]
    fn spans_read_in_hours_and_minutes() {
        assert_eq!([span(1_440), span(120), span(90), span(30)], ["24 h", "2 h", "1 h 30", "30 min"]);
    }

    #[test]
    fn a_typed_line_break_stays_on_the_line() {
        let payload = json!({ "notes": "Awa\r\nBcc: x@y.ci" });
        let text = fill("De {notes}.", Locale::French, &payload, chrono_tz::UTC).unwrap();
        assert_eq!(text, "De Awa  Bcc: x@y.ci.");
    }

    #[test]
    fn a_body_keeps_its_lines() {
        let payload = json!({ "body": "Bonjour,\r\nà demain." });
        assert_eq!(fill("{body}", Locale::French, &payload, chrono_tz::UTC).unwrap(), "Bonjour, \nà demain.");
    }

    #[test]
    fn braces_in_a_fact_are_only_text() {
        let payload = json!({ "notes": "{amount}" });
        assert_eq!(fill("De {notes}", Locale::French, &payload, chrono_tz::UTC).unwrap(), "De {amount}");
    }

    #[test]
    fn a_fact_of_the_wrong_shape_is_missing() {
        for payload in [json!({ "start_at": "soon" }), json!({ "start_at": null }), json!({ "start_at": 5 }), json!([])]
        {
            assert!(fill("{start_at}", Locale::French, &payload, chrono_tz::UTC).is_err(), "{payload}");
        }
        assert!(fill("{doc_type}", Locale::French, &json!({ "doc_type": "poem" }), chrono_tz::UTC).is_err());
    }
}
