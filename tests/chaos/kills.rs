//! One program after the other ended with −9 at a random point, and started again where it stood.

use crate::{
    post_room::blamed_twice,
    scene::Field,
    troupe::{Cast, Role},
};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// Kills one of a role, pauses so many milliseconds between two kills, until people begin nothing new. All run when it
/// returns. Answers how many were killed.
pub async fn keep_killing(mut field: Field<'_>, role: Role, cast: Cast, pause: Range<u64>) -> u64 {
    let of = match role {
        Role::Api => cast.apis,
        Role::Worker => cast.workers,
        Role::Scheduler => cast.schedulers,
    };
    let mut count = 0;
    loop {
        tokio::time::sleep(field.luck.millis(pause.start, pause.end)).await;
        if Instant::now() >= field.over {
            return count;
        }
        let n = usize::try_from(field.luck.below(of as u64)).unwrap();
        if role == Role::Worker {
            // three deaths are quarantine: what lost two workers by bad luck is not made to look like poison
            let pid = field.troupe.pid(role, n);
            while blamed_twice(&field.stage.eyes, pid).await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let taken = field.troupe.kill(role, n).await;
        if role == Role::Worker {
            field.orphans.count(&field.stage.eyes, Some(taken.pid), taken.at).await;
        }
        count += 1;
        tokio::time::sleep(Duration::from_millis(100 + field.luck.below(800))).await;
        field.troupe.start(role, n);
    }
}
