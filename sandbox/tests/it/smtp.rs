//! Mail with a raw client: what is said, what is kept, what goes wrong on demand.

use sandbox::{Faults, Rule, Running, Sandbox, Settings};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn with(sandbox: &Running) -> Self {
        let mut talk = Self(BufReader::new(TcpStream::connect(sandbox.smtp).await.unwrap()));
        assert_eq!(talk.hear().await, "220");
        assert_eq!(talk.say("EHLO test").await, "250");
        talk
    }

    /// The code of the next answer; empty when the line went dead.
    async fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap() == 0 {
                return String::new();
            }
            if line.as_bytes()[3] == b' ' {
                return line[..3].to_owned();
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.hear().await
    }

    async fn mail(&mut self, to: &str) -> String {
        assert_eq!(self.say("MAIL FROM:<hello@teranga.test> SIZE=200").await, "250");
        let answer = self.say(&format!("RCPT TO:<{to}>")).await;
        if answer != "250" {
            return answer;
        }
        assert_eq!(self.say("DATA").await, "354");
        self.say(
            "From: Teranga <hello@teranga.test>\r\nTo: =?utf-8?B?QcOvY2hh?= <a@test>\r\n\
             Subject: =?utf-8?Q?R=C3=A9serv=C3=A9?=\r\nMessage-ID: <m1@teranga.test>\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n\
             Trajet confirm=C3=A9.\r\n..stuffed\r\n.",
        )
        .await
    }
}

#[tokio::test]
async fn a_mail_is_kept_decoded_and_undotted() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let mut talk = Talk::with(&sandbox).await;
    assert_eq!(talk.say("RCPT TO:<a@test>").await, "503");
    assert_eq!(talk.say("NONSENSE").await, "502");
    assert_eq!(talk.say("AUTH PLAIN AHVzZXIAcGFzcw==").await, "235");
    assert_eq!(talk.mail("a@test").await, "250");
    let mail = sandbox.state().mails().remove(0);
    assert_eq!((mail.subject.as_str(), mail.to.as_str()), ("Réservé", "Aïcha <a@test>"));
    assert_eq!(mail.message_id.as_deref(), Some("<m1@teranga.test>"));
    assert_eq!(mail.text, "Trajet confirmé.\n.stuffed");
    assert_eq!(mail.recipients, ["a@test"]);
    assert_eq!(talk.say("RSET").await, "250");
    assert_eq!(talk.say("QUIT").await, "221");
    assert_eq!(talk.hear().await, "", "and it hangs up");
}

#[tokio::test]
async fn scripted_answers_per_address_and_for_the_next_calls() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let full = Faults { smtp_code: Some(550), ..Faults::default() };
    sandbox.knobs().add(Rule { operation: "smtp".into(), times: None, about: Some("gone@test".into()), faults: full });
    sandbox.knobs().next("smtp", 1, Faults { smtp_code: Some(421), ..Faults::default() });
    let mut talk = Talk::with(&sandbox).await;
    assert_eq!(talk.mail("a@test").await, "421");
    assert_eq!(talk.hear().await, "", "421 closes");
    let mut talk = Talk::with(&sandbox).await;
    assert_eq!(talk.mail("gone@test").await, "550");
    assert_eq!(talk.mail("a@test").await, "250");
    sandbox.knobs().next("smtp", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    assert_eq!(talk.mail("b@test").await, "", "kept, but nobody is told");
    assert_eq!(sandbox.state().mails().len(), 2);
}

#[tokio::test]
async fn a_login_is_asked_for_when_one_is_set() {
    let login = Some(("user".to_owned(), "pass".to_owned()));
    let sandbox = Sandbox::start(Settings { smtp_login: login, ..Settings::default() }).await.unwrap();
    let mut talk = Talk::with(&sandbox).await;
    assert_eq!(talk.say("MAIL FROM:<a@test>").await, "530");
    assert_eq!(talk.say("AUTH PLAIN AHVzZXIAd3Jvbmc=").await, "535");
    assert_eq!(talk.say("AUTH LOGIN").await, "334");
    assert_eq!(talk.say("dXNlcg==").await, "334");
    assert_eq!(talk.say("cGFzcw==").await, "235");
    assert_eq!(talk.mail("a@test").await, "250");
}
