//! SMTP against a small real server.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// A server that answers `RCPT TO` with `rcpt` and keeps the lines it hears.
async fn server(greeting: &'static str, rcpt: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let _ = write.write_all(format!("{greeting}\r\n").as_bytes()).await;
            let mut in_data = false;
            while let Ok(Some(line)) = lines.next_line().await {
                let reply = match line.split([' ', ':']).next().unwrap_or_default() {
                    "." => {
                        in_data = false;
                        "250 kept"
                    }
                    _ if in_data => "",
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    "RCPT" => rcpt,
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                kept.lock().unwrap().push(line);
                if !reply.is_empty() && write.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (url, heard)
}

fn mailer(url: &str) -> Result<Mailer, MailerError> {
    let from = "Teranga <no-reply@teranga.test>".into();
    Mailer::new(&MailerSettings { smtp_url: url.into(), from, development: false })
}

fn email(to: &str) -> Email {
    Email {
        to: to.into(),
        subject: "Réservation confirmée".into(),
        text: "Bonjour".into(),
        html: Some("<p>Bonjour</p>".into()),
        message_id: "delivery-1".into(),
    }
}

#[tokio::test]
async fn a_mail_is_handed_over_with_our_message_id() {
    let (url, heard) = server("220 hello", "250 ok").await;
    let answer = mailer(&url).unwrap().send(&email("rider@example.test")).await.unwrap();
    let id = "<delivery-1@teranga.test>";
    assert_eq!(answer, SendAnswer::Sent { provider_message_id: Some(id.into()) });
    let heard = heard.lock().unwrap().join("\n");
    assert!(heard.contains(&format!("Message-ID: {id}")), "{heard}");
    assert!(heard.contains("RCPT TO:<rider@example.test>") && heard.contains("text/html"), "{heard}");
}

#[tokio::test]
async fn the_servers_no_is_sorted_by_whom_it_is_about() {
    let (url, _) = server("220 hello", "550 5.1.1 <rider@example.test> unknown").await;
    match mailer(&url).unwrap().send(&email("rider@example.test")).await.unwrap() {
        SendAnswer::Rejected { code, message } => {
            assert_eq!(code, "550");
            assert!(!message.contains("rider"), "no address: {message}");
        }
        other => panic!("{other:?}"),
    }
    for no in ["450 busy", "421 closing", "530 authenticate first", "502 what?"] {
        let (url, _) = server("220 hello", no).await;
        let result = mailer(&url).unwrap().send(&email("rider@example.test")).await;
        assert!(matches!(result, Err(Fault::Remote { service: "email", .. })), "{no}: {result:?}");
    }
    let (url, _) = server("421 too many connections", "250 ok").await;
    assert!(mailer(&url).unwrap().send(&email("rider@example.test")).await.is_err());
    assert!(mailer("smtp://127.0.0.1:1").unwrap().send(&email("rider@example.test")).await.is_err());
}

#[tokio::test]
async fn a_bad_address_is_rejected_before_any_connection() {
    let mailer = mailer("smtp://127.0.0.1:1").unwrap();
    for to in ["", "nobody", "a@b@c", "a@b.test\r\nBcc: x@y.test", "Name <a@b.test>"] {
        let answer = mailer.send(&email(to)).await.unwrap();
        assert!(
            matches!(answer, SendAnswer::Rejected { ref code, .. } if code == "invalid-message"),
            "{to:?} {answer:?}"
        );
    }
}

#[tokio::test]
async fn an_id_or_subject_cannot_add_headers() {
    let (url, heard) = server("220 hello", "250 ok").await;
    let sly = Email {
        message_id: "x>\r\nBcc: spy@example.test".into(),
        subject: "Hi\r\nBcc: spy@example.test".into(),
        ..email("rider@example.test")
    };
    mailer(&url).unwrap().send(&sly).await.unwrap();
    let heard = heard.lock().unwrap();
    assert!(!heard.iter().any(|line| line.starts_with("Bcc")), "{heard:?}");
}

#[tokio::test]
async fn mail_never_travels_in_the_clear_by_accident() {
    for refused in ["smtp://mail.example.test", "smtp://mail.example.test:587?tls=opportunistic", "smtp://10.0.0.1:25"]
    {
        assert!(matches!(mailer(refused), Err(MailerError::Unencrypted)), "{refused}");
    }
    for taken in [
        "smtps://user:p%40ss@mail.example.test",
        "smtp://mail.example.test?tls=required",
        "smtp://localhost:1025",
        "smtp://127.0.0.1:1025",
        "smtp://[::1]:1025",
    ] {
        assert!(mailer(taken).is_ok(), "{taken}");
    }
    for wrong in ["mail.example.test", "http://localhost", ""] {
        assert!(matches!(mailer(wrong), Err(MailerError::Url | MailerError::Unencrypted)), "{wrong}");
    }
    let development = MailerSettings {
        smtp_url: "smtp://sandbox:1025".into(),
        from: "no-reply@teranga.test".into(),
        development: true,
    };
    assert!(Mailer::new(&development).is_ok());
    let nameless = MailerSettings { from: "nobody".into(), ..development };
    assert!(matches!(Mailer::new(&nameless), Err(MailerError::From(_))));
}
