//! A very small HTTP server for this room's own tests: answers what it is told to, and keeps what it was asked.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with one connection.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Status, extra headers, content type, body.
    Http(u16, &'static str, &'static str, String),
    /// Reads the request and closes without a word.
    Hangup,
}

pub(crate) fn json(status: u16, body: impl Into<String>) -> Reply {
    Reply::Http(status, "", "application/json", body.into())
}

/// One request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Gives the replies in turn, the last one for ever.
    pub(crate) async fn replying(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        tokio::spawn(async move {
            for turn in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let reply = replies[turn.min(replies.len() - 1)].clone();
                let _ = answer(stream, reply, &kept).await;
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(mut stream: TcpStream, reply: Reply, kept: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let mut read = Vec::new();
    let asked = loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await?;
        read.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let asked = Asked { line: line.into(), headers: headers.into(), body: body.into() };
        let length = asked.header("content-length").map_or(0, |value| value.parse().unwrap());
        if body.len() >= length || count == 0 {
            break asked;
        }
    };
    kept.lock().unwrap().push(asked);
    if let Reply::Http(status, extra, content_type, body) = reply {
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n{extra}connection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
    }
    stream.shutdown().await
}
