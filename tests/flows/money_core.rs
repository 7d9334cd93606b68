//! The money core under random steps, some thousands of them: what `make chaos only=money` does at length.

use harness::{
    Options, TestApp,
    luck::Luck,
    money::{self, Field},
};

const TRANSITIONS: u64 = 6_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_any_order_and_at_once_money_is_neither_made_nor_lost() {
    let app = TestApp::start_with(Options { settings: money::rules(), ..Options::default() }).await;
    let field = Field::of(&app).await;
    let seed = rand::random();
    let played = field.play(TRANSITIONS, &mut Luck::of(seed)).await;
    let told = format!("seed={seed} {played}");
    assert!(played.transitions >= TRANSITIONS, "{told}");
    assert!(played.wrong.none(), "{told}");
    assert!(played.faults.is_empty(), "{told} {:?}", played.faults);
    for step in [
        "book",
        "pay",
        "cancel",
        "booking.no_show",
        "refund.send",
        "payout.send",
        "withdraw",
        "top_up",
        "end",
        "promo_off",
        "promo_credit",
        "correct",
    ] {
        let (taken, refused) = played.tally.get(step).copied().unwrap_or_default();
        assert!(taken > refused, "{step} never happened: {told}");
    }
    app.assert_audited().await;
    app.release();
}
