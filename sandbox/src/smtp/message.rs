//! Reading a received mail: headers, subject and the text a person would read.

use super::decode::{encoded_words, transfer};
use crate::sandbox::Sandbox;
use crate::store::Mail;

/// Parts inside parts are followed this deep.
const DEEPEST: usize = 5;

/// The mail as a record.
pub(super) fn read(sandbox: &Sandbox, envelope_from: String, recipients: Vec<String>, raw: &[u8]) -> Mail {
    let entity = Entity::read(raw);
    let mut found = Found::default();
    found.look_in(&entity, 0);
    Mail {
        id: sandbox.next_id("mail_"),
        at: sandbox.now(),
        envelope_from,
        recipients,
        from: entity.decoded("from"),
        to: entity.decoded("to"),
        subject: entity.decoded("subject"),
        message_id: entity.header("message-id").map(str::to_owned),
        text: found.text.unwrap_or_default(),
        html: found.html,
        raw: String::from_utf8_lossy(raw).into_owned(),
    }
}

/// Headers and a body: a whole mail or one part of it.
struct Entity<'a> {
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Entity<'a> {
    fn read(raw: &'a [u8]) -> Self {
        let end = raw.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = end.map_or((raw, &raw[raw.len()..]), |end| (&raw[..end], &raw[end + 4..]));
        // A part without headers starts with the empty line itself.
        let (head, body) = raw.strip_prefix(b"\r\n").map_or((head, body), |body| (&raw[..0], body));
        Self { headers: headers(&String::from_utf8_lossy(head)), body }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn decoded(&self, name: &str) -> String {
        self.header(name).map(encoded_words).unwrap_or_default()
    }

    fn text(&self) -> String {
        let coding = self.header("content-transfer-encoding").unwrap_or_default();
        String::from_utf8_lossy(&transfer(coding, self.body)).trim_end().replace("\r\n", "\n")
    }

    fn parts(&self, boundary: &str) -> Vec<Entity<'a>> {
        let mark = format!("--{boundary}");
        let mut cuts: Vec<usize> = Vec::new();
        let mut at = 0;
        for line in self.body.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(mark.as_bytes()) {
                cuts.push(at);
                cuts.push(at + line.len());
            }
            at += line.len();
        }
        let between = cuts.get(1..).unwrap_or_default();
        between.chunks_exact(2).map(|cut| Entity::read(&self.body[cut[0]..cut[1]])).collect()
    }
}

/// Unfolded headers, names in lower case.
fn headers(head: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    found
}

/// A parameter of a header such as `multipart/mixed; boundary="x"`.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut words = value.split(';').skip(1).filter_map(|word| word.split_once('='));
    let (_, found) = words.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(found.trim().trim_matches('"'))
}

/// The first text of each kind.
#[derive(Default)]
struct Found {
    text: Option<String>,
    html: Option<String>,
}

impl Found {
    fn look_in(&mut self, entity: &Entity<'_>, depth: usize) {
        let value = entity.header("content-type").unwrap_or("text/plain");
        let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "text/plain" if self.text.is_none() => self.text = Some(entity.text()),
            "text/html" if self.html.is_none() => self.html = Some(entity.text()),
            _ if kind.starts_with("multipart/") && depth < DEEPEST => {
                for part in parameter(value, "boundary").map(|mark| entity.parts(mark)).unwrap_or_default() {
                    self.look_in(&part, depth + 1);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_found_among_the_parts_and_decoded() {
        let raw = b"Subject: =?utf-8?Q?R=C3=A9servation?=\r\n =?utf-8?b?IGNvbmZpcm3DqWU=?=\r\n\
            Content-Type: multipart/alternative; boundary=\"mark\"\r\n\r\n\
            --mark\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            Bonjour A=C3=AFcha,=\r\n bienvenue\r\n\
            --mark\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\nSm91cjwvYj4=\r\n--mark--\r\n";
        let entity = Entity::read(raw);
        assert_eq!(entity.decoded("subject"), "Réservation confirmée");
        let mut found = Found::default();
        found.look_in(&entity, 0);
        assert_eq!(found.text.as_deref(), Some("Bonjour Aïcha, bienvenue"));
        assert_eq!(found.html.as_deref(), Some("<b>Jour</b>"));
    }

    #[test]
    fn strange_mails_are_read_as_far_as_they_go() {
        for raw in
            [&b""[..], b"no headers", b"\r\n", b"Content-Type: multipart/x; boundary=\r\n\r\n--\r\n", b"A\r\n\r\n"]
        {
            let mut found = Found::default();
            found.look_in(&Entity::read(raw), 0);
        }
    }
}
