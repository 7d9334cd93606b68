//! What FCM refuses in a message (PROVIDERS §5.3). Read from the raw JSON: the shared wire type would not even let a
//! wrong message through.

use serde_json::{Map, Value};

/// The largest message, in bytes of JSON.
const LARGEST: usize = 4_096;
/// The longest `ttl`, in seconds: four weeks.
const LONGEST_TTL: u32 = 2_419_200;

/// What is wrong: the field, and words.
pub(super) type Violation = (&'static str, &'static str);

/// The message inside the request and the device it goes to (empty for topics).
pub(super) fn message(body: &Value) -> Result<(&Value, String), Violation> {
    let message = body.get("message").ok_or(("message", "is missing"))?;
    let fields = message.as_object().ok_or(("message", "must be an object"))?;
    let targets: Vec<&Value> = ["token", "topic", "condition"].iter().filter_map(|name| fields.get(*name)).collect();
    let [target] = targets[..] else { return Err(("message", "exactly one of token, topic or condition")) };
    if target.as_str().is_none_or(str::is_empty) {
        return Err(("message.token", "must be a text"));
    }
    if message.to_string().len() > LARGEST {
        return Err(("message", "is too big"));
    }
    data(fields)?;
    ttl(fields)?;
    let token = fields.get("token").and_then(Value::as_str).unwrap_or_default();
    Ok((message, token.to_owned()))
}

fn data(fields: &Map<String, Value>) -> Result<(), Violation> {
    let Some(data) = fields.get("data") else { return Ok(()) };
    let entries = data.as_object().ok_or(("message.data", "must be an object"))?;
    for (key, value) in entries {
        if key == "from" || key.starts_with("gcm") || key.starts_with("google") {
            return Err(("message.data", "holds a reserved key"));
        }
        if !value.is_string() {
            return Err(("message.data", "values must be texts"));
        }
    }
    Ok(())
}

fn ttl(fields: &Map<String, Value>) -> Result<(), Violation> {
    let Some(ttl) = fields.get("android").and_then(|android| android.get("ttl")) else { return Ok(()) };
    let seconds: Option<u32> = ttl.as_str().and_then(|ttl| ttl.strip_suffix('s')).and_then(|ttl| ttl.parse().ok());
    if seconds.is_some_and(|seconds| seconds <= LONGEST_TTL) {
        Ok(())
    } else {
        Err(("message.android.ttl", "from 0s to 2419200s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_fcm_would_refuse_are_refused() {
        let fault = |message: Value| super::message(&json!({ "message": message })).err().map(|(field, _)| field);
        assert_eq!(fault(json!({"token": "t", "data": {"a": "1"}, "android": {"ttl": "600s"}})), None);
        assert_eq!(fault(json!({"token": "t", "topic": "x"})), Some("message"));
        assert_eq!(fault(json!({"token": ""})), Some("message.token"));
        assert_eq!(fault(json!({"token": "t", "data": {"a": 1}})), Some("message.data"));
        assert_eq!(fault(json!({"token": "t", "data": {"google.x": "1"}})), Some("message.data"));
        assert_eq!(fault(json!({"token": "t", "android": {"ttl": "10m"}})), Some("message.android.ttl"));
        assert_eq!(fault(json!({"token": "t", "data": {"a": "x".repeat(5_000)}})), Some("message"));
    }
}
