//! Statements and finance reports as files (K7, K13, V5): opened here by other people's readers, and held against the books
//! by SQL of this test's own.

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chrono::TimeDelta;
use domain::jobs::Maintenance;
use harness::{Answer, Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::HashMap, io::Cursor};

/// What somebody a spreadsheet should not obey is called.
const SLY: &str = "=HYPERLINK(\"https://x.test\")";

async fn earn(app: &TestApp) -> Person {
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    ride.driver
}

async fn ask(app: &TestApp, by: &Person, body: &Value) -> Answer {
    app.ask(Method::POST, "/reports").by(by).key(uuid()).json(body).send().await
}

/// Asks, lets the carriers work, and answers the operation.
async fn made(app: &TestApp, by: &Person, body: &Value) -> Answer {
    let id = ask(app, by, body).await.expect(202).text("/id");
    app.drain().await;
    app.get(by, &format!("/operations/{id}")).await.expect(200)
}

async fn file(app: &TestApp, by: &Person, body: &Value) -> (Answer, Vec<u8>) {
    let made = made(app, by, body).await;
    assert_eq!(made.text("/status"), "succeeded", "{}", made.body);
    let (headers, bytes) = app.ask(Method::GET, &made.text("/result/download")).by(by).download().await;
    let says = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(says("content-length"), bytes.len().to_string());
    assert_eq!(made.int("/result/bytes"), i64::try_from(bytes.len()).unwrap());
    assert_eq!(made.int("/progress/lines"), made.int("/result/lines"));
    let format = body["format"].as_str().unwrap();
    assert!(says("content-disposition").starts_with("attachment; filename=\""), "{headers:?}");
    assert!(says("content-disposition").ends_with(&format!(".{format}\"")), "{headers:?}");
    let kind = match format {
        "csv" => "text/csv; charset=utf-8",
        "pdf" => "application/pdf",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    assert_eq!(says("content-type"), kind);
    (made, bytes)
}

/// The lines of a table of values, by the names of its columns.
fn values(bytes: &[u8]) -> Vec<HashMap<String, String>> {
    csv::Reader::from_reader(bytes).deserialize().collect::<Result<_, _>>().unwrap()
}

fn sum(lines: &[HashMap<String, String>], column: &str) -> i64 {
    lines.iter().map(|line| line[column].parse::<i64>().unwrap_or(0)).sum()
}

fn sheets(bytes: Vec<u8>) -> (Vec<Vec<Data>>, Vec<Vec<Data>>) {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["lines", "totals"]);
    let formulas = workbook.worksheet_formula("lines").unwrap();
    assert_eq!(formulas.used_cells().count(), 0, "no cell computes anything");
    let mut rows = |name: &str| workbook.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect();
    (rows("lines"), rows("totals"))
}

fn column(rows: &[Vec<Data>], name: &str) -> usize {
    rows[0].iter().position(|cell| *cell == Data::String(name.to_owned())).unwrap_or_else(|| panic!("{name}"))
}

/// A number of a sheet, exactly.
fn number(cell: &Data) -> i64 {
    match cell {
        Data::Float(number) if number.fract() == 0.0 => *number as i64,
        Data::Int(number) => *number,
        Data::Empty => 0,
        other => panic!("{other:?} is no whole number"),
    }
}

fn pages(bytes: &[u8]) -> (usize, String) {
    let document = lopdf::Document::load_mem(bytes).unwrap();
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    (numbers.len(), document.extract_text(&numbers).unwrap().replace('\u{a0}', " "))
}

/// To look at: `LOOK_AT=/tmp cargo test …` leaves the file there.
fn leave(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("LOOK_AT") {
        std::fs::write(format!("{folder}/{name}"), bytes).unwrap();
    }
}

#[tokio::test]
async fn a_statement_comes_to_what_the_books_come_to_in_every_form() {
    let app = TestApp::start().await;
    let driver = earn(&app).await;
    let names = json!({ "full_name": "Aïcha Koné-N’Guessan" });
    app.ask(Method::PATCH, "/me").by(&driver).json(&names).send().await.expect(200);
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key("run").send().await.expect(202);
    app.drain().await;
    let posted: (i64, i64) = sqlx::query_as(
        "select count(*), -sum(e.amount)::bigint from entries e join accounts a on a.org_id = e.org_id and a.id = e.account_id
         where a.owner_id = $1",
    )
    .bind(driver.id.0)
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!(posted, (2, 0), "earned and paid out");

    let wallet = |format: &str| json!({ "kind": "wallet", "format": format, "account": "earnings" });
    let (made, bytes) = file(&app, &driver, &wallet("csv")).await;
    let lines = values(&bytes);
    assert_eq!((made.text("/kind"), made.int("/result/lines")), ("report".into(), 2));
    assert_eq!((made.int("/result/totals/0/credit"), made.int("/result/totals/0/debit")), (5_300, 5_300));
    assert_eq!(lines.iter().map(|line| line["amount_minor"].as_str()).collect::<Vec<_>>(), ["5300", "-5300"]);
    assert_eq!((lines[0]["amount"].as_str(), lines[0]["currency"].as_str()), ("5300", "XOF"));
    assert_eq!((lines[0]["what"].as_str(), lines[1]["what"].as_str()), ("booking_completed", "payout_scheduled"));
    assert!(lines[1]["payment_id"].len() == 36 && lines[0]["occurred_at"].len() == 19);

    let (_, bytes) = file(&app, &driver, &wallet("xlsx")).await;
    leave("wallet.xlsx", &bytes);
    let (rows, totals) = sheets(bytes);
    let at = column(&rows, "amount_minor");
    assert_eq!(rows[1..].iter().map(|row| number(&row[at])).collect::<Vec<_>>(), [5_300, -5_300]);
    assert!(matches!(rows[1][column(&rows, "occurred_at")], Data::DateTime(_)), "{:?}", rows[1]);
    let closing = totals.iter().find(|row| row[0] == Data::String("Solde à la fin".into())).unwrap();
    assert_eq!(number(&closing[1]), 0);

    let (_, bytes) = file(&app, &driver, &wallet("pdf")).await;
    leave("wallet.pdf", &bytes);
    let (count, text) = pages(&bytes);
    assert_eq!(count, 1);
    for said in
        ["Relevé de compte", "Aïcha Koné-N’Guessan", "5 300 XOF", "-5 300 XOF", "Réservation terminée", "Page 1/1"]
    {
        assert!(text.contains(said), "{said} in {text}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_payout_is_explained_on_pages_for_who_is_paid() {
    let app = TestApp::start().await;
    let driver = earn(&app).await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key("run").send().await.expect(202);
    app.drain().await;
    let payout = app.get(&driver, "/payouts").await.expect(200).text("/0/id");
    let body = |format: &str| json!({ "kind": "payout", "format": format, "payout_id": payout });
    let (made, bytes) = file(&app, &driver, &body("pdf")).await;
    leave("payout.pdf", &bytes);
    assert_eq!((made.int("/result/lines"), made.int("/result/totals/0/net")), (1, 5_300));
    let (_, text) = pages(&bytes);
    for said in ["Relevé de versement", &payout, "6 000 XOF", "700 XOF", "5 300 XOF", "Montant versé", "Abidjan"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    let (_, bytes) = file(&app, &finance, &body("csv")).await;
    let lines = values(&bytes);
    assert_eq!(
        (sum(&lines, "fare_minor"), sum(&lines, "commission_minor"), sum(&lines, "earned_minor")),
        (6_000, 700, 5_300)
    );
    ask(&app, &app.rider().await, &body("pdf")).await.refused(404, "not_found");
    app.finish().await;
}

/// Postings of the organization between two accounts of its own, two entries each; more than one page of any reading.
const MANY: &str = "
    with t as (
        insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, dedupe_key, occurred_at)
        select $1, gen_random_uuid(), 'reconciled', 'user', $3, 'by hand/' || n || '/' || $4, app_now() - interval '1 hour'
        from generate_series(1, $2) n returning id)
    insert into entries (org_id, id, transaction_id, account_id, amount, currency)
    select $1, gen_random_uuid(), t.id, a.id, case a.kind when 'escrow' then 7 else -7 end, 'XOF'
    from t cross join accounts a where a.org_id = $1 and a.kind in ('escrow', 'commission')";

async fn post_many(app: &TestApp, by: &Person, transactions: i32, mark: &str) {
    let insert = sqlx::query(MANY).bind(app.org.0).bind(transactions).bind(by.id.0).bind(mark);
    insert.execute(&app.owner).await.unwrap();
    app.forgive_unaudited();
}

#[tokio::test]
async fn the_books_leave_whole_however_many_lines_they_have() {
    let app = TestApp::start().await;
    let driver = earn(&app).await;
    app.ask(Method::PATCH, "/me").by(&driver).json(&json!({ "full_name": SLY })).send().await.expect(200);
    let finance = app.person("Mariam", &["finance"]).await;
    post_many(&app, &driver, 11_000, "many").await;
    let posted: (i64, i64) =
        sqlx::query_as("select count(*), sum(amount) filter (where amount > 0)::bigint from entries")
            .fetch_one(&app.owner)
            .await
            .unwrap();
    assert!(posted.0 > 22_000, "{posted:?}");

    let ledger = |format: &str| json!({ "kind": "ledger", "format": format });
    ask(&app, &driver, &ledger("csv")).await.refused(403, "forbidden");
    // what is posted while the file waits to be written is not in it
    let id = ask(&app, &finance, &ledger("csv")).await.expect(202).text("/id");
    app.advance(TimeDelta::seconds(1)).await;
    post_many(&app, &driver, 3, "late").await;
    app.drain().await;
    let written = app.get(&finance, &format!("/operations/{id}")).await.expect(200);
    assert_eq!((written.int("/result/lines"), written.int("/progress/of")), (posted.0, posted.0));
    let (_, bytes) = app.ask(Method::GET, &written.text("/result/download")).by(&finance).download().await;
    assert!(bytes.len() > 3 << 20, "in several pieces: {}", bytes.len());
    assert!(app.count("select count(*) from report_pieces").await > 3);
    let lines = values(&bytes);
    assert_eq!(lines.len(), usize::try_from(posted.0).unwrap());
    assert_eq!((sum(&lines, "debit_minor"), sum(&lines, "credit_minor")), (posted.1, posted.1));
    let sly = format!("'{SLY}");
    assert!(lines.iter().any(|line| line["owner"] == sly), "marked as text");
    assert!(!bytes.windows(3).any(|bytes| bytes == b",=H" || bytes == b"\"=H"), "nowhere else");
    let stored: Vec<u8> =
        sqlx::query_scalar("select content from report_pieces limit 1").fetch_one(&app.owner).await.unwrap();
    assert!(!stored.windows(6).any(|bytes| bytes == b"escrow"), "sealed at rest");

    let (_, bytes) = file(&app, &finance, &ledger("xlsx")).await;
    leave("ledger.xlsx", &bytes);
    let (rows, totals) = sheets(bytes);
    let (debit, credit, owner) = (column(&rows, "debit_minor"), column(&rows, "credit_minor"), column(&rows, "owner"));
    let come_to = |at: usize| rows[1..].iter().map(|row| number(&row[at])).sum::<i64>();
    assert_eq!((rows.len() - 1, come_to(debit), come_to(credit)), (lines.len() + 6, posted.1 + 21, posted.1 + 21));
    assert_eq!((number(&totals[1][1]), number(&totals[2][1])), (posted.1 + 21, posted.1 + 21));
    assert!(rows.iter().any(|row| row[owner] == Data::String(SLY.into())), "a text, as it is");

    // pages for one account; everything would fill more than anybody prints
    let failed = made(&app, &finance, &ledger("pdf")).await;
    assert_eq!((failed.text("/status"), failed.text("/error/code")), ("failed".into(), "report_too_long".into()));
    let one = json!({ "kind": "ledger", "format": "pdf", "account": "commission" });
    let (_, bytes) = file(&app, &finance, &one).await;
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let count = u32::try_from(document.get_pages().len()).unwrap();
    assert!(count > 200, "{count}");
    let last = document.extract_text(&[count]).unwrap().replace('\u{a0}', " ");
    assert!(last.contains("77 721 XOF") && last.contains(&format!("Page {count}/{count}")), "{last}");
    app.release();
}

#[tokio::test]
async fn a_finance_report_begins_and_ends_with_what_the_accounts_hold() {
    let app = TestApp::start().await;
    let day = app.now().await.date_naive();
    earn(&app).await;
    let today = app.now().await.date_naive();
    let (finance, admin) = (app.person("Mariam", &["finance"]).await, app.person("Ibrahim", &["admin"]).await);
    let body = |by: &str, period: &str, format: &str| json!({ "kind": "finance", "format": format, "from": day, "by": by, "period": period });
    let (made, bytes) = file(&app, &finance, &body("account", "day", "csv")).await;
    let lines = values(&bytes);
    let posted: i64 = sqlx::query_scalar("select sum(amount) filter (where amount > 0)::bigint from entries")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!((sum(&lines, "debit_minor"), sum(&lines, "credit_minor")), (posted, posted));
    assert_eq!(made.int("/result/totals/0/debit"), posted);
    let held = |account: &str| lines.iter().rfind(|line| line["account"] == account).unwrap()["closing_minor"].clone();
    assert_eq!((held("earnings"), held("escrow"), held("provider")), ("5300".into(), "0".into(), "6000".into()));
    let wave = lines.iter().find(|line| line["account"] == "provider").unwrap();
    assert_eq!((wave["provider"].as_str(), wave["opening_minor"].as_str()), ("wave", "0"));
    assert_eq!(wave["period"], day.to_string());

    // a later span opens with what an earlier one left
    let later = json!({ "kind": "finance", "format": "csv", "from": today, "to": today });
    let (_, bytes) = file(&app, &finance, &later).await;
    let escrow = values(&bytes).into_iter().find(|line| line["account"] == "escrow").unwrap();
    assert_eq!((escrow["opening_minor"].as_str(), escrow["closing_minor"].as_str()), ("6000", "0"));
    let provider = values(&bytes).into_iter().find(|line| line["account"] == "provider").unwrap();
    assert_eq!((provider["entries"].as_str(), provider["closing_minor"].as_str()), ("0", "6000"));

    let (_, bytes) = file(&app, &finance, &body("provider", "month", "csv")).await;
    let lines = values(&bytes);
    assert!(lines.iter().any(|line| line["provider"] == "wave" && line["what"] == "booking_paid"), "{lines:?}");
    assert_eq!(sum(&lines, "debit_minor") - sum(&lines, "credit_minor"), 6_000);
    let (_, bytes) = file(&app, &finance, &body("account", "month", "pdf")).await;
    leave("finance.pdf", &bytes);
    let (_, text) = pages(&bytes);
    for said in ["Rapport financier", "Séquestre", "Total des débits"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    let (_, bytes) = file(&app, &finance, &body("account", "month", "xlsx")).await;
    leave("finance.xlsx", &bytes);

    // every organization of the installation, for its operators
    app.other_organization("autocar").await;
    let mut everywhere = body("account", "month", "csv");
    everywhere["everywhere"] = json!(true);
    ask(&app, &finance, &everywhere).await.refused(403, "forbidden");
    let (_, bytes) = file(&app, &admin, &everywhere).await;
    let lines = values(&bytes);
    assert!(lines.iter().all(|line| line["organization"] == app.slug), "the other one has no books yet");
    assert_eq!(sum(&lines, "debit_minor"), posted);
    app.finish().await;
}

#[tokio::test]
async fn a_file_is_its_askers_can_be_called_off_and_is_forgotten() {
    let app = TestApp::start().await;
    let (rider, finance) = (app.rider().await, app.person("Mariam", &["finance"]).await);
    let wallet = json!({ "kind": "wallet", "format": "csv" });
    let first = app.ask(Method::POST, "/reports").by(&rider).key("k").json(&wallet).send().await.expect(202);
    let again = app.ask(Method::POST, "/reports").by(&rider).key("k").json(&wallet).send().await.expect(202);
    assert_eq!(first.text("/id"), again.text("/id"), "the same request is the same file");
    assert_eq!(app.count("select count(*) from audit_events where entity_type = 'report'").await, 1);
    let path = format!("/reports/{}/file", first.text("/subject/id"));
    app.get(&rider, &path).await.refused(409, "state_conflict");
    ask(&app, &rider, &wallet).await.expect(202);
    ask(&app, &rider, &wallet).await.refused(409, "conflict");
    let cancel = format!("/operations/{}/cancel", first.text("/id"));
    app.post(&finance, &cancel, &json!({})).await.refused(404, "not_found");
    assert_eq!(app.post(&rider, &cancel, &json!({})).await.expect(200).text("/status"), "cancelled");
    app.drain().await;
    app.get(&rider, &path).await.refused(409, "state_conflict");

    // one whose job was lost is written after all, and once
    let lost = ask(&app, &rider, &wallet).await.expect(202);
    sqlx::query("delete from queue.jobs where kind = 'report.write'").execute(&app.owner).await.unwrap();
    app.drain().await;
    app.advance(TimeDelta::minutes(16)).await;
    app.sweep(&Maintenance::SweepOperations).await;
    let made = app.get(&rider, &format!("/operations/{}", lost.text("/id"))).await.expect(200);
    assert_eq!(made.text("/status"), "succeeded");
    let path = made.text("/result/download");
    let (_, bytes) = app.ask(Method::GET, &path).by(&rider).download().await;
    assert!(bytes.starts_with(b"entry_id,transaction_id,occurred_at"));
    app.get(&finance, &path).await.refused(404, "not_found");
    app.get(&finance, &format!("/operations/{}", lost.text("/id"))).await.refused(404, "not_found");

    app.advance(TimeDelta::hours(73)).await;
    app.get(&rider, &path).await.refused(410, "export_expired");
    app.sweep(&Maintenance::CleanUp).await;
    assert_eq!(app.count("select count(*) from report_pieces").await, 0);
    app.get(&rider, &path).await.refused(410, "export_expired");
    app.finish().await;
}

#[tokio::test]
async fn who_may_no_longer_see_the_books_has_no_copy_of_them() {
    let app = TestApp::start().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let copy = made(&app, &finance, &json!({ "kind": "ledger", "format": "csv" })).await;
    let path = copy.text("/result/download");
    app.ask(Method::GET, &path).by(&finance).download().await;
    sqlx::query("delete from membership_roles where user_id = $1")
        .bind(finance.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    app.forgive_unaudited();
    app.get(&finance, &path).await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_name() {
    let app = TestApp::start().await;
    let finance = app.person("Mariam", &["finance"]).await;
    for (wrong, field) in [
        (json!({ "kind": "wallet", "format": "doc" }), "format"),
        (json!({ "kind": "diary", "format": "csv" }), "kind"),
        (json!({ "kind": "payout", "format": "csv" }), "payout_id"),
        (json!({ "kind": "wallet", "format": "csv", "account": "escrow" }), "account"),
        (json!({ "kind": "wallet", "format": "csv", "by": "account" }), "by"),
        (json!({ "kind": "payout", "format": "csv", "payout_id": uuid(), "from": "2026-01-01" }), "from"),
        (json!({ "kind": "wallet", "format": "csv", "from": "0001-01-01" }), "from"),
        (json!({ "kind": "wallet", "format": "csv", "from": "2026-02-02", "to": "2026-02-01" }), "to"),
        (json!({ "kind": "finance", "format": "csv" }), "from"),
        (json!({ "kind": "finance", "format": "csv", "from": "2020-01-01" }), "from"),
        (json!({ "kind": "finance", "format": "csv", "from": "2026-01-01", "period": "moon" }), "period"),
    ] {
        let refused = ask(&app, &finance, &wrong).await.refused(400, "validation_error");
        assert!(refused.details().to_string().contains(field), "{wrong}: {}", refused.body);
    }
    let stranger = json!({ "kind": "ledger", "format": "csv", "owner_id": uuid() });
    ask(&app, &finance, &stranger).await.refused(404, "not_found");
    app.finish().await;
}
