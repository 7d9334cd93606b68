//! `make seed`: sows the example organizations into the running product's database and says who may sign in.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the house: they have a clock and luck of their own")]
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use domain::db::Db;
use sqlx::PgPool;

#[tokio::main]
async fn main() {
    let read = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by dev/seed"));
    let password = read("SEED_PASSWORD");
    let db = Db::start(PgPool::connect(&read("DATABASE_URL")).await.unwrap(), None);
    for sown in harness::seed::sow(&db, &password).await.unwrap() {
        match sown.made {
            0 => println!("{}: is there already, nothing changed", sown.slug),
            made => println!("{}: {made} things made", sown.slug),
        }
    }
    println!("everybody signs in with {password}:");
    println!("  flexpark    admin, gestion, awa, koffi, fatou, serge @flexpark.test");
    println!("  kora        admin, direction, accueil (manager), awa, paul, ines @kora.test");
    println!("  universite  admin, pret, audiovisuel (staff), aminata, yves, rokia, jean @universite.test");
}
