//! Drivers are paid by batches that run beside each other on several workers, which are killed with −9; the provider hangs
//! past every patience, loses answers, answers 503, goes on for long, or says that a transfer failed. What was paid is what
//! was earned, each earning once.

use crate::{
    kills::keep_killing,
    luck::Luck,
    scene::{Field, Plan, Scene},
    settle,
    stage::Stage,
    troupe::{Cast, Role},
};
use domain::{
    db::Scope,
    ledger::{self, Account, Kind, Line, NewTransaction},
    money::{Currency, Money},
};
use harness::{Person, story::uuid};
use integrations::payments::wave::wire::PayoutStatus;
use reqwest::Method;
use sandbox::{Faults, Refuse};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

const CAST: Cast = Cast { apis: 1, workers: 2, schedulers: 1 };
const DRIVERS: usize = 40;
/// Of each driver, before anything begins.
const EARNINGS: i64 = 5;
const SETTLE: Duration = Duration::from_secs(90);

pub async fn run(luck: Luck) -> bool {
    let mut scene = Scene::set(Plan { cast: CAST, ..Plan::of("payout") }, luck).await;
    let finance = scene.stage.app.person("Mariam", &["finance"]).await;
    for _ in 0..DRIVERS {
        earn(&scene.stage).await;
    }
    let (kills, runs) = scene.under_load(async |field| batches(field, &finance).await).await;
    // what a failed transfer gave back is paid by a later batch
    for _ in 0..2 {
        settle::settle(&scene.stage, SETTLE).await;
        while !order(&scene.stage, &finance).await {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    settle::settle(&scene.stage, SETTLE).await;
    scene.figures.at_least("kills", kills as f64, 3.0);
    scene.figures.at_least("batches", runs as f64, 10.0);
    measure(&mut scene).await;
    scene.end().await
}

/// One more driver to whom several rides are owed.
async fn earn(stage: &Stage) {
    let driver = stage.app.driver().await.id;
    let mut tx = stage.app.db.begin(Scope::system(stage.app.org)).await.unwrap();
    for ride in 1..=EARNINGS {
        let amount = Money { amount: 1_000 * ride + 37, currency: Currency::Xof };
        let line = Line { debit: Account::Org(Kind::Escrow), credit: Account::User(driver, Kind::Earnings), amount };
        let new = NewTransaction {
            kind: "booking_completed",
            subject_type: "user",
            subject: driver.into(),
            payment: None,
            dedupe_key: format!("chaos/{driver}/{ride}"),
            lines: vec![line],
        };
        ledger::post(&mut tx, new).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Kills workers, spoils transfers and orders batches, two at a time. Answers how many of the first and the last.
async fn batches(mut field: Field<'_>, finance: &Person) -> (u64, u64) {
    let (stage, over, mut luck) = (field.stage, field.over, field.luck.apart());
    let ordering = async {
        let mut runs = 0;
        while Instant::now() < over {
            let (one, other) = futures::join!(order(stage, finance), order(stage, finance));
            runs += u64::from(one) + u64::from(other);
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
        runs
    };
    let spoiling = async {
        while Instant::now() < over {
            stage.app.wave.knobs().next("payout.create", 1, draw(&mut luck));
            tokio::time::sleep(luck.millis(50, 250)).await;
        }
    };
    let (kills, runs, ()) = futures::join!(keep_killing(field, Role::Worker, CAST, 1_500..3_000), ordering, spoiling);
    (kills, runs)
}

/// Whether a batch was taken on. A service that is too busy says so, and finance tries later.
async fn order(stage: &Stage, finance: &Person) -> bool {
    let answer = stage.app.ask(Method::POST, "/payouts/run").by(finance).key(uuid()).send().await;
    assert!([202, 503].contains(&answer.status), "answered {}", answer.status);
    answer.status == 202
}

fn draw(luck: &mut Luck) -> Faults {
    let none = Faults::default();
    match luck.below(6) {
        0 => Faults { hang_ms: Some(11_000), ..none }, // paid, and told to nobody who still listens
        1 => Faults { lose_answer: Some(true), ..none },
        2 => Faults { refuse: Some(Refuse { status: 503, code: "unavailable".into(), retry_after: None }), ..none },
        3 => Faults { processing_reads: Some(2), ..none },
        4 => Faults { payout_error: Some("recipient-account-blocked".into()), ..none },
        _ => none,
    }
}

/// What the provider paid beside what the books say was earned.
async fn measure(scene: &mut Scene) {
    let stage = &scene.stage;
    let earned = stage
        .number(
            "select -coalesce(sum(e.amount), 0)::bigint from entries e
             join accounts a on a.org_id = e.org_id and a.id = e.account_id and a.kind = 'earnings'
             join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id and t.kind = 'booking_completed'
             where e.org_id = $1",
        )
        .await;
    let failed =
        stage.number("select count(*) from payments where org_id = $1 and purpose = 'payout' and status = 'failed'");
    let failed = failed.await;
    let ours: Vec<String> =
        sqlx::query_scalar("select id::text from payments where org_id = $1 and purpose = 'payout'")
            .bind(stage.app.org.0)
            .fetch_all(&stage.eyes)
            .await
            .unwrap();
    let mut paid: HashMap<String, i64> = HashMap::new();
    let (mut total, mut twice) = (0, 0);
    for payout in stage.app.wave.state().payouts() {
        let moved = matches!(payout.payout.status, PayoutStatus::Succeeded | PayoutStatus::Processing);
        let reference = payout.payout.client_reference.clone().unwrap_or_default();
        if moved && ours.contains(&reference) {
            total += payout.francs();
            twice += i64::from(paid.insert(reference, payout.francs()).is_some());
        }
    }
    let owed = -stage.app.balance("earnings").await;
    let figures = &mut scene.figures;
    figures.at_least("payouts", paid.len() as f64, DRIVERS as f64);
    figures.at_least("returned", failed as f64, 1.0);
    figures.told("earned", earned as f64);
    figures.told("paid", total as f64);
    figures.zero("paid_minus_earned", total - earned);
    figures.zero("paid_twice", twice);
    figures.zero("owed", owed);
}
