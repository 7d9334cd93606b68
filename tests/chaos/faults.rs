//! Providers that take their time, so that a kill finds calls under way; and at their worst that is still honest:
//! webhooks doubled, early, late, stale, forged or missing; work done and the answer lost; refusals that pass.

use crate::luck::Luck;
use sandbox::{Faults, Knobs, Refuse};
use std::time::Instant;

const ON: Option<bool> = Some(true);

/// What a call to anybody takes, in milliseconds.
const CALL: [(&str, u64); 4] = [("checkout", 150), ("payout", 250), ("push.send", 80), ("sms.send", 120)];

/// Every call takes its time.
pub fn slow_down(knobs: &Knobs) {
    for (operation, hang_ms) in CALL {
        knobs.always(operation, Faults { hang_ms: Some(hang_ms), ..Faults::default() });
    }
}

/// Spoils a call now and then, until the load ends.
pub async fn spoil(knobs: &Knobs, mut luck: Luck, until: Instant) {
    while Instant::now() < until {
        tokio::time::sleep(luck.millis(150, 600)).await;
        let (operation, faults) = draw(&mut luck);
        knobs.next(operation, 1, faults);
    }
}

fn draw(luck: &mut Luck) -> (&'static str, Faults) {
    let none = Faults::default();
    let busy = Some(Refuse { status: 503, code: "unavailable".into(), retry_after: None });
    match luck.below(15) {
        0 | 1 => ("webhook", Faults { duplicate: Some(3), ..none }),
        2 => ("webhook", Faults { delay_ms: Some(1_500), ..none }),
        3 => ("webhook", Faults { never: ON, ..none }),
        4 => ("webhook", Faults { forge: ON, duplicate: Some(1), ..none }),
        5 => ("webhook", Faults { stale_seconds: Some(1_000), ..none }),
        6 => ("webhook", Faults { reorder: ON, ..none }),
        7 => ("checkout.create", Faults { early: ON, ..none }),
        8 => ("checkout.create", Faults { lose_answer: ON, ..none }),
        9 => ("checkout.get", Faults { refuse: busy, ..none }),
        10 => ("checkout.refund", Faults { lose_answer: ON, ..none }),
        11 => ("payout.create", Faults { lose_answer: ON, ..none }),
        12 => ("checkout", Faults { hang_ms: Some(1_500), ..none }),
        13 => ("payout.create", Faults { processing_reads: Some(1), ..none }),
        _ => ("push.send", Faults { refuse: busy, ..none }),
    }
}
