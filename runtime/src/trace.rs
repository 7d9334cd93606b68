//! W3C trace context: who asked, carried from a request into the jobs it leaves behind.

use std::fmt;
use std::str::FromStr;

/// The `traceparent` header (version 00): the trace, the span that called us, and whether the trace
/// is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    sampled: bool,
}

/// The text is not a `traceparent`; the caller starts a new trace, as the standard asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct NotATraceparent;

impl TraceContext {
    /// A new, sampled trace.
    #[must_use]
    pub fn generate() -> Self {
        Self { trace_id: random_bytes(), span_id: random_span(), sampled: true }
    }

    /// The same trace, one step further down.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { span_id: random_span(), ..*self }
    }

    /// A child of the trace named by `header`, or a new trace when there is none to continue.
    #[must_use]
    pub fn continue_from(header: Option<&str>) -> Self {
        header.and_then(|text| text.parse::<Self>().ok()).map_or_else(Self::generate, |parent| parent.child())
    }

    /// The trace id, 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        hex(&self.trace_id)
    }

    /// The span id, 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        hex(&self.span_id)
    }
}

/// Writes the header value.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", hex(&self.trace_id), hex(&self.span_id), u8::from(self.sampled))
    }
}

/// Reads the header value. A later version may carry more fields after the flags; version 00 may not,
/// and version ff is forbidden.
impl FromStr for TraceContext {
    type Err = NotATraceparent;

    fn from_str(text: &str) -> Result<Self, NotATraceparent> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(NotATraceparent);
        let [version] = unhex::<1>(part()?)?;
        let trace_id = unhex::<16>(part()?)?;
        let span_id = unhex::<8>(part()?)?;
        let [flags] = unhex::<1>(part()?)?;
        let well_formed = version != 0xff && (version > 0 || parts.next().is_none());
        if !well_formed || trace_id == [0; 16] || span_id == [0; 8] {
            return Err(NotATraceparent);
        }
        Ok(Self { trace_id, span_id, sampled: flags & 1 == 1 })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Result<[u8; N], NotATraceparent> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(NotATraceparent),
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return Err(NotATraceparent);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

#[allow(clippy::disallowed_methods, reason = "an id for logs decides nothing, so it need not be reproducible")]
fn random_bytes() -> [u8; 16] {
    uuid::Uuid::new_v4().into_bytes()
}

fn random_span() -> [u8; 8] {
    // The first half of a v4 id holds 60 random bits and never is all zero: its version digit is 4.
    let [a, b, c, d, e, f, g, h, ..] = random_bytes();
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn reads_and_writes_the_example_of_the_standard() {
        let context: TraceContext = SAMPLE.parse().expect("the standard's example");
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.span_id(), "00f067aa0ba902b7");
        assert_eq!(context.to_string(), SAMPLE);
    }

    #[test]
    fn a_child_keeps_the_trace_and_the_sampling_but_not_the_span() {
        let parent: TraceContext = SAMPLE.replace("-01", "-00").parse().expect("unsampled");
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
        assert!(child.to_string().ends_with("-00"));
    }

    #[test]
    fn a_later_version_is_read_as_far_as_we_know_it() {
        let later = SAMPLE.replacen("00", "cc", 1) + "-what-the-future-brings";
        assert_eq!(later.parse::<TraceContext>().map(|c| c.to_string()), Ok(SAMPLE.to_owned()));
    }

    #[test]
    fn refuses_what_the_standard_refuses() {
        let zero_trace = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        let zero_span = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01";
        let upper = SAMPLE.to_uppercase();
        let forbidden = SAMPLE.replacen("00", "ff", 1);
        let trailing = format!("{SAMPLE}-more");
        let not_ascii = SAMPLE.replacen("4b", "é", 1);
        for bad in ["", "00", "00-4bf9-00f0-01", zero_trace, zero_span, &upper, &forbidden, &trailing, &not_ascii] {
            assert_eq!(bad.parse::<TraceContext>(), Err(NotATraceparent), "{bad:?}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_read_starts_a_new_trace() {
        let (one, two) = (TraceContext::continue_from(Some("nonsense")), TraceContext::continue_from(None));
        assert_ne!(one.trace_id(), two.trace_id());
        assert!(one.to_string().parse::<TraceContext>().is_ok());
        assert_eq!(TraceContext::continue_from(Some(SAMPLE)).trace_id(), &SAMPLE[3..35]);
    }
}
