//! `.env.sample` names what the programs read, explains it, and docker-compose.yml passes it on.

use crate::{code::Code, expect_complaint, expect_tidy, files, files::File};
use std::collections::BTreeSet;

type Names = BTreeSet<String>;

/// Variables no program of ours reads, and who does.
const READ_BY_OTHERS: [(&str, &str); 7] = [
    ("ADMIN_EMAIL", "docker-compose.yml types it: --admin-email"),
    ("ADMIN_PASSWORD", "docker-compose.yml names it: --admin-password-env"),
    ("WAVE_ACCOUNT_ID", "docker-compose.yml types it: --wave-account-id"),
    ("SERVICE_PASSWORD", "docker-compose.yml makes the services' login with it"),
    ("OWNER_PASSWORD", "docker-compose.yml makes the owner's login with it"),
    ("GRAFANA_PASSWORD", "the dashboards"),
    ("SQLX_OFFLINE", "the compiler, so that a build needs no database"),
];

/// Variables compose has no use for, and why.
const NOT_IN_COMPOSE: [(&str, &str); 1] = [("SQLX_OFFLINE", "the Dockerfile sets it itself")];

/// The account a deployment holds unless it says otherwise: `{secret_ref}_API_KEY` stands for `WAVE_API_KEY`.
const DEFAULT_REF: &str = "WAVE";

/// What the programs read: names in capitals in the files that read the environment, and those built from a prefix.
fn read_in(house: &[File]) -> Names {
    let rooms = ["api/src", "worker/src", "scheduler/src", "sandbox/src", "runtime/src"];
    let mut names = Names::new();
    for file in house.iter().filter(|file| file.is_in(&rooms)) {
        let code = Code::of(file);
        let reads = code.bare.contains("Env<") || code.bare.contains("Env::of_process");
        for (at, text) in code.strings.iter().filter(|(at, _)| reads && !code.is_test_at(*at)) {
            let built = text.strip_prefix("{secret_ref}").map(|rest| format!("{DEFAULT_REF}{rest}"));
            let name = built.unwrap_or_else(|| text.clone());
            let capitals =
                name.len() > 2 && name.chars().all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit());
            // a single word may be many things; it counts where the reader is asked for it
            let asked = name.contains('_') || code.line_at(*at).contains("env.");
            let cargos = name.starts_with("CARGO_");
            if capitals && asked && !cargos && !name.starts_with('_') {
                names.insert(name);
            }
        }
    }
    names
}

fn sample_names(sample: &str) -> Names {
    sample
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0.to_owned()))
        .collect()
}

fn unexplained(sample: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let (mut explained, mut seen) = (false, Names::new());
    for line in sample.lines() {
        let section = line.starts_with("# ---");
        match line.split_once('=').filter(|_| !line.starts_with('#')) {
            Some((name, _)) if !explained => complaints.push(format!(".env.sample: nothing explains {name}")),
            Some((name, _)) if !seen.insert(name.to_owned()) => {
                complaints.push(format!(".env.sample: {name} stands twice"));
            }
            Some(_) => {}
            None => explained = line.starts_with('#') && !section,
        }
    }
    complaints
}

fn sample_and_code_differ(sample: &Names, read: &Names) -> Vec<String> {
    let others: Names = READ_BY_OTHERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing = read.difference(sample).map(|name| format!(".env.sample lacks {name}, which a program reads"));
    let extra = sample.difference(read).filter(|name| !others.contains(*name));
    let extra = extra.map(|name| format!(".env.sample has {name}, which nobody reads"));
    let doubled = others.intersection(read).map(|name| format!("{name} is read by a program: take it off the list"));
    missing.chain(extra).chain(doubled).collect()
}

/// `${NAME}` and the names that compose sets itself.
fn compose_names(compose: &str) -> (Names, Names) {
    let asked =
        compose.split("${").skip(1).filter_map(|part| part.split(['}', ':']).next()).map(str::to_owned).collect();
    let set = compose.lines().filter_map(|line| line.trim().split_once(':')).map(|(name, _)| name.to_owned()).collect();
    (asked, set)
}

fn compose_and_sample_differ(compose: &str, sample: &Names) -> Vec<String> {
    let (asked, set) = compose_names(compose);
    let unknown =
        asked.difference(sample).map(|name| format!("docker-compose.yml asks for {name}: not in .env.sample"));
    let dropped = sample.iter().filter(|name| !asked.contains(*name) && !set.contains(*name));
    let dropped = dropped.filter(|name| !NOT_IN_COMPOSE.iter().any(|(known, _)| known == name));
    let dropped = dropped.map(|name| format!("docker-compose.yml passes {name} to nobody"));
    unknown.chain(dropped).collect()
}

#[test]
fn the_sample_says_what_the_programs_read() {
    let sample = files::read(".env.sample");
    let names = sample_names(&sample);
    expect_tidy(&sample_and_code_differ(&names, &read_in(&files::rust())));
    expect_tidy(&unexplained(&sample));
    expect_tidy(&compose_and_sample_differ(&files::read("docker-compose.yml"), &names));
}

#[test]
fn a_forgotten_variable_is_seen() {
    let house = [File::new(
        "api/src/config.rs",
        "fn a(env: &mut Env<'_>) {\n env.value_or(\"API_LISTEN\", 1); env.text_or(\"LOG\", \"info\");\n format!(\"{secret_ref}_API_KEY\"); }\n\
         #[cfg(test)]\nmod tests { fn b() { env.required(\"ONLY_A_TEST\"); } }",
    )];
    let read = read_in(&house);
    assert_eq!(read, ["API_LISTEN", "LOG", "WAVE_API_KEY"].map(str::to_owned).into());
    let sample = "# --- A ---\n\nLOG=info\n# Said.\nAPI_LISTEN=1\nOLD_NAME=2\nOLD_NAME=3\n";
    let complaints = sample_and_code_differ(&sample_names(sample), &read);
    expect_complaint(&complaints, "lacks WAVE_API_KEY");
    expect_complaint(&complaints, "has OLD_NAME");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert_eq!(unexplained(sample), [".env.sample: nothing explains LOG", ".env.sample: OLD_NAME stands twice"]);
    let compose = "    environment:\n      API_LISTEN: 0.0.0.0:8080\n      X: ${NEW_NAME:-1}\n      LOG: ${LOG}\n";
    let complaints = compose_and_sample_differ(compose, &sample_names(sample));
    expect_complaint(&complaints, "asks for NEW_NAME");
    expect_complaint(&complaints, "passes OLD_NAME to nobody");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
}
