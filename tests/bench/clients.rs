//! Senders, a provider's or an app's: so many connections that stay open, one request at a time on each. As little as possible is
//! done with an answer, because whoever asks here shares the machine with who answers.

use crate::{figure::percentile, requests::Stack};
use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What the senders saw.
pub struct Seen {
    /// Answered as they should be.
    pub accepted: u64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Sends until `time` is over or a stack is used up; each stack has a connection of its own.
///
/// # Errors
/// When a connection breaks or an answer has another status than `yes`.
pub async fn send(to: SocketAddr, stacks: Vec<Stack>, time: Duration, yes: &'static str) -> io::Result<Seen> {
    let started = Instant::now();
    let over = started + time;
    let senders: Vec<_> = stacks.into_iter().map(|stack| tokio::spawn(sender(to, stack, over, yes))).collect();
    let (mut waits, mut last) = (Vec::new(), started);
    for sender in senders {
        let (seen, ended) = sender.await.map_err(io::Error::other)??;
        waits.extend(seen);
        last = last.max(ended);
    }
    waits.sort_by(f64::total_cmp);
    Ok(Seen {
        accepted: waits.len() as u64,
        per_second: waits.len() as f64 / (last - started).as_secs_f64(),
        p50_ms: percentile(&waits, 50),
        p99_ms: percentile(&waits, 99),
    })
}

async fn sender(to: SocketAddr, stack: Stack, over: Instant, yes: &str) -> io::Result<(Vec<f64>, Instant)> {
    let mut line = TcpStream::connect(to).await?;
    line.set_nodelay(true)?;
    let mut waits = Vec::with_capacity(stack.len());
    let mut buffer = vec![0; 16_384];
    let mut at = Instant::now();
    let mut number = 0;
    while at < over {
        let Some(request) = stack.get(number) else { break };
        line.write_all(request).await?;
        answer(&mut line, &mut buffer, yes).await?;
        let now = Instant::now();
        waits.push((now - at).as_secs_f64() * 1_000.0);
        at = now;
        number += 1;
    }
    Ok((waits, at))
}

/// Reads one answer and insists on its status.
async fn answer(line: &mut TcpStream, buffer: &mut [u8], yes: &str) -> io::Result<()> {
    let mut read = 0;
    loop {
        let more = line.read(&mut buffer[read..]).await?;
        if more == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"));
        }
        read += more;
        if let Some(length) = length_of(&buffer[..read])
            && read >= length
        {
            break;
        }
    }
    if buffer.get(9..12) == Some(yes.as_bytes()) {
        Ok(())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&buffer[..read]).into_owned()))
    }
}

/// The whole answer's length, once its head is here.
fn length_of(bytes: &[u8]) -> Option<usize> {
    const FIELD: &[u8] = b"content-length: ";
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let field = bytes[..head].windows(FIELD.len()).position(|some| some.eq_ignore_ascii_case(FIELD))? + FIELD.len();
    let digits = bytes[field..head].iter().take_while(|byte| byte.is_ascii_digit());
    Some(head + digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0')))
}
