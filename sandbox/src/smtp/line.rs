//! Reading lines of bounded length from a connection.

use std::io::{Error, ErrorKind, Result};
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest line taken, in bytes; RFC 5321 asks for 1000, real messages hold longer ones.
const LONGEST_LINE: u64 = 64 * 1024;
/// A silent client is left after this.
const IDLE: Duration = Duration::from_mins(2);

/// The next line without its end; `None` at the end of the stream.
///
/// # Errors
/// `InvalidData` for a line without an end, `TimedOut` for a silent client, or the connection's own error.
pub(crate) async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut bounded = reader.take(LONGEST_LINE);
    let reading = bounded.read_until(b'\n', &mut line);
    let read = tokio::time::timeout(IDLE, reading).await.map_err(|_| Error::from(ErrorKind::TimedOut))??;
    if read == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(Error::new(ErrorKind::InvalidData, "a line without an end"));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(line))
}
