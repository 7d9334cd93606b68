//! One SMTP conversation (RFC 5321, AUTH of RFC 4954).

use super::line::read_line;
use super::message;
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::io::Result;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The largest mail taken, in bytes; announced with SIZE.
const LARGEST_MAIL: usize = 10 * 1024 * 1024;
/// Recipients of one mail.
const MOST_RECIPIENTS: usize = 100;

/// Whether the conversation goes on.
#[derive(PartialEq)]
enum Flow {
    Go,
    Bye,
}

struct Session<'a> {
    sandbox: &'a Sandbox,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    known: bool,
    from: Option<String>,
    to: Vec<String>,
    faults: Faults,
}

/// Talk with one client until it leaves.
pub(super) async fn run(sandbox: &Sandbox, stream: TcpStream) -> Result<()> {
    let (reader, writer) = stream.into_split();
    let known = sandbox.settings().smtp_login.is_none();
    let reader = BufReader::new(reader);
    let mut session = Session { sandbox, reader, writer, known, from: None, to: Vec::new(), faults: Faults::default() };
    session.say("220 sandbox.local ESMTP").await?;
    while let Some(line) = read_line(&mut session.reader).await? {
        if session.obey(&String::from_utf8_lossy(&line)).await? == Flow::Bye {
            break;
        }
    }
    session.writer.shutdown().await
}

impl Session<'_> {
    async fn say(&mut self, answer: &str) -> Result<Flow> {
        self.writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        Ok(Flow::Go)
    }

    async fn obey(&mut self, line: &str) -> Result<Flow> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello().await,
            "HELO" => self.say("250 sandbox.local").await,
            "AUTH" => self.auth(rest).await,
            "MAIL" => self.mail(rest).await,
            "RCPT" => self.rcpt(rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.forget();
                self.say("250 2.0.0 forgotten").await
            }
            "NOOP" => self.say("250 2.0.0 fine").await,
            "QUIT" => {
                self.say("221 2.0.0 bye").await?;
                Ok(Flow::Bye)
            }
            _ => self.say("502 5.5.1 command not known").await,
        }
    }

    async fn hello(&mut self) -> Result<Flow> {
        self.forget();
        let size = format!("250-SIZE {LARGEST_MAIL}");
        for line in ["250-sandbox.local", &size, "250-8BITMIME", "250-SMTPUTF8", "250-PIPELINING"] {
            self.say(line).await?;
        }
        self.say("250 AUTH PLAIN LOGIN").await
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
        self.faults = Faults::default();
    }

    async fn auth(&mut self, rest: &str) -> Result<Flow> {
        let (method, first) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = match method.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let answer = self.ask_unless(first, "334 ").await?;
                let parts: Vec<_> = answer.split('\0').collect();
                (parts.len() == 3).then(|| (parts[1].to_owned(), parts[2].to_owned()))
            }
            "LOGIN" => {
                let user = self.ask_unless(first, "334 VXNlcm5hbWU6").await?;
                Some((user, self.ask_unless("", "334 UGFzc3dvcmQ6").await?))
            }
            _ => return self.say("504 5.5.4 method not known").await,
        };
        self.known = match (&self.sandbox.settings().smtp_login, given) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some((user, password)), Some((a, b))) => {
                bool::from(a.as_bytes().ct_eq(user.as_bytes()) & b.as_bytes().ct_eq(password.as_bytes()))
            }
        };
        let answer = if self.known { "235 2.7.0 welcome" } else { "535 5.7.8 who are you?" };
        self.say(answer).await
    }

    /// The decoded argument; asks for it when it did not come with the command.
    async fn ask_unless(&mut self, given: &str, question: &str) -> Result<String> {
        let coded = if given.is_empty() {
            self.say(question).await?;
            read_line(&mut self.reader).await?.unwrap_or_default()
        } else {
            given.as_bytes().to_vec()
        };
        let bytes = BASE64_STANDARD.decode(coded).unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn mail(&mut self, rest: &str) -> Result<Flow> {
        if !self.known {
            return self.say("530 5.7.0 authenticate first").await;
        }
        let Some((address, parameters)) = path(rest, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let size = parameters.split(' ').find_map(|word| word.strip_prefix("SIZE="));
        if size.and_then(|size| size.parse::<usize>().ok()).is_some_and(|size| size > LARGEST_MAIL) {
            return self.say("552 5.3.4 too large").await;
        }
        self.forget();
        self.from = Some(address.to_owned());
        self.say("250 2.1.0 go on").await
    }

    async fn rcpt(&mut self, rest: &str) -> Result<Flow> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        let Some((address, _)) = path(rest, "TO:").filter(|(address, _)| address.contains('@')) else {
            return self.say("501 5.1.3 RCPT TO:<address>").await;
        };
        if self.to.len() >= MOST_RECIPIENTS {
            return self.say("452 4.5.3 too many recipients").await;
        }
        let address = address.to_owned();
        self.sandbox.count("smtp");
        let faults = self.sandbox.knobs().take("smtp", &[&address]);
        if let Some(code) = faults.smtp_code {
            let class = code / 100;
            self.say(&format!("{code} {class}.0.0 not now, not here")).await?;
            return Ok(if code == 421 { Flow::Bye } else { Flow::Go });
        }
        self.faults = faults.over(std::mem::take(&mut self.faults));
        self.to.push(address);
        self.say("250 2.1.5 go on").await
    }

    async fn data(&mut self) -> Result<Flow> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first").await;
        }
        self.say("354 end with a dot on a line of its own").await?;
        let Some(raw) = self.read_message().await? else {
            self.forget();
            return self.say("552 5.3.4 too large").await;
        };
        let from = self.from.take().unwrap_or_default();
        let (to, faults) = (std::mem::take(&mut self.to), std::mem::take(&mut self.faults));
        let mail = message::read(self.sandbox, from, to, &raw);
        let id = mail.id.clone();
        self.sandbox.state().write(|books| books.mails.put(mail));
        tokio::time::sleep(Duration::from_millis(faults.smtp_stall_ms.unwrap_or(0))).await;
        if Faults::on(faults.lose_answer) {
            return Ok(Flow::Bye);
        }
        self.say(&format!("250 2.0.0 kept as {id}")).await
    }

    /// The message up to the lonely dot, dots unstuffed; `None` when it is too large (the rest is skipped).
    async fn read_message(&mut self) -> Result<Option<Vec<u8>>> {
        let (mut raw, mut fits) = (Vec::new(), true);
        while let Some(line) = read_line(&mut self.reader).await? {
            if line == b"." {
                return Ok(fits.then_some(raw));
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            fits = fits && raw.len() + line.len() + 2 <= LARGEST_MAIL;
            if fits {
                raw.extend_from_slice(line);
                raw.extend_from_slice(b"\r\n");
            }
        }
        Err(std::io::ErrorKind::UnexpectedEof.into())
    }
}

/// The address between the angle brackets after `label`, and what follows them.
fn path<'a>(rest: &'a str, label: &str) -> Option<(&'a str, &'a str)> {
    let rest = rest.trim_start();
    let start = rest.get(..label.len()).filter(|start| start.eq_ignore_ascii_case(label))?;
    let inside = rest[start.len()..].trim_start().strip_prefix('<')?;
    inside.split_once('>')
}
