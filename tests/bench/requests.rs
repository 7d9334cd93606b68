//! Requests, written out before the measurement: what it costs to write or sign them is the sender's affair.

use integrations::{Secret, payments::wave::webhook::sign};
use std::time::{SystemTime, UNIX_EPOCH};

/// Requests of one connection, one behind the other.
#[derive(Default)]
pub struct Stack {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Stack {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The request with this number.
    pub fn get(&self, number: usize) -> Option<&[u8]> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.bytes[start..end])
    }

    /// One more; `headers` are whole lines with their ends.
    pub fn push(&mut self, path: &str, headers: &str, body: &str) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(body.as_bytes());
        self.ends.push(self.bytes.len());
    }
}

/// Signed webhooks, a stack for each connection. No two requests of a run carry the same event; `next` counts them.
pub fn write(path: &str, secret: &Secret, connections: usize, each: usize, next: &mut u64) -> Vec<Stack> {
    let one = |_| {
        let mut stack = Stack::default();
        for _ in 0..each {
            *next += 1;
            let body = body(*next);
            let signature = sign(secret, unix_now(), body.as_bytes());
            stack.push(path, &format!("Wave-Signature: {signature}\r\n"), &body);
        }
        stack
    };
    (0..connections).map(one).collect()
}

/// A completed checkout as Wave words it.
fn body(number: u64) -> String {
    format!(
        r#"{{"id":"EV_bench{number:012x}","type":"checkout.session.completed","data":{{"id":"cos-bench{number:012x}","amount":"6000","checkout_status":"complete","client_reference":"5a3f9c52-0b5e-4c1b-8f0e-{number:012x}","currency":"XOF","error_url":"https://api.allocar.test/api/v1/payments/returned","last_payment_error":null,"business_name":"Teranga Rides","payment_status":"succeeded","success_url":"https://api.allocar.test/api/v1/payments/returned","wave_launch_url":"https://pay.wave.com/c/cos-bench{number:012x}?a=6000&c=XOF&m=Teranga","when_completed":"2026-11-21T10:13:04Z","when_created":"2026-11-21T10:12:50Z","when_expires":"2026-11-21T10:42:50Z","transaction_id":"TB{number:012x}"}}}}"#
    )
}

#[allow(clippy::disallowed_methods, reason = "signatures carry the real time")]
fn unix_now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}
