//! What can be said of the containers without an engine: the file has a sound shape, and everything it names is there.

use crate::{arrows, expect_complaint, expect_tidy, files};
use std::collections::{BTreeMap, BTreeSet};

type Names = BTreeSet<String>;

/// A line of YAML, without its comment. A list in brackets that goes on is one line.
struct Line {
    number: usize,
    indent: usize,
    text: String,
}

fn lines(yaml: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (number, line) in yaml.lines().enumerate() {
        let text = line.split(" #").next().unwrap_or_default().trim_end();
        if text.trim_start().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        match lines.last_mut().filter(|above| is_open(&above.text)) {
            Some(above) => above.text.extend([" ", text.trim_start()]),
            None => {
                let indent = text.len() - text.trim_start().len();
                lines.push(Line { number: number + 1, indent, text: text.trim_start().to_owned() });
            }
        }
    }
    lines
}

fn is_open(text: &str) -> bool {
    let count = |c: char| text.matches(c).count();
    count('[') > count(']') || count('{') > count('}')
}

/// The shape: spaces in twos, no step deeper than one level, each key once, brackets closed, anchors known.
fn misshapen(yaml: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut parents: Vec<(usize, Names)> = vec![(0, Names::new())];
    let mut opens = true;
    for line in lines(yaml) {
        let mut complain = |what: &str| complaints.push(format!("line {}: {what}: {}", line.number, line.text));
        if line.text.contains('\t') || line.indent % 2 == 1 {
            complain("tabs and odd spaces do not indent");
        }
        while parents.last().is_some_and(|(indent, _)| *indent > line.indent) {
            parents.pop();
        }
        if parents.last().is_none_or(|(indent, _)| *indent < line.indent) {
            if !opens {
                complain("nothing above opens a level");
            }
            parents.push((line.indent, Names::new()));
        }
        let item = line.text.starts_with("- ");
        let key = line.text.split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '));
        match key {
            Some((key, _)) if !item && !parents.last_mut().is_some_and(|(_, keys)| keys.insert(key.to_owned())) => {
                complain("the key stands twice");
            }
            None if !item => complain("neither a key nor an item"),
            _ => {}
        }
        let count = |c: char| line.text.matches(c).count();
        if count('[') != count(']') || count('{') != count('}') || count('"') % 2 == 1 {
            complain("something is not closed");
        }
        let value = key.map_or("", |(_, rest)| rest.trim());
        opens = item || value.is_empty() || value.starts_with('&') || value.starts_with('|');
    }
    complaints.extend(unknown_anchors(yaml));
    complaints
}

fn unknown_anchors(yaml: &str) -> Vec<String> {
    let words = |sign: char| -> Names {
        let words = lines(yaml).into_iter().flat_map(|line| {
            line.text
                .split([' ', '[', ']', ','])
                .filter_map(|word| word.strip_prefix(sign))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        words
            .filter(|word| !word.is_empty() && word.chars().all(|c| c == '-' || c == '_' || c.is_alphanumeric()))
            .collect()
    };
    words('*').difference(&words('&')).map(|name| format!("*{name} is defined nowhere")).collect()
}

/// Top-level section → name → its lines.
fn section(yaml: &str, name: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut inside, mut last) = (false, String::new());
    for line in lines(yaml) {
        match line.indent {
            0 => inside = line.text == format!("{name}:"),
            2 if inside => {
                last = line.text.split(':').next().unwrap_or_default().to_owned();
                found.entry(last.clone()).or_default();
            }
            _ if inside => found.entry(last.clone()).or_default().push(line.text),
            _ => {}
        }
    }
    found
}

fn strangers_in_compose(yaml: &str, programs: &Names, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let services = section(yaml, "services");
    let volumes = section(yaml, "volumes");
    let mut complaints = Vec::new();
    for (service, text) in &services {
        let mut waits = false;
        for line in text {
            let command = line.strip_prefix("command: [").and_then(|rest| rest.split([',', ']']).next());
            if let Some(program) =
                command.filter(|program| program.starts_with("teranga-") && !programs.contains(*program))
            {
                complaints.push(format!("{service} runs {program}, which is no program of ours"));
            }
            for mount in mounts(line) {
                let from = mount.split(':').next().unwrap_or_default();
                let known = if from.starts_with('.') { exists(from) } else { volumes.contains_key(from) };
                if !known {
                    complaints.push(format!("{service} mounts {from}, which is not there"));
                }
            }
            let awaited = line.split_once(": { condition:").map(|(name, _)| name).filter(|_| waits);
            if let Some(other) = awaited.filter(|other| !services.contains_key(*other)) {
                complaints.push(format!("{service} waits for {other}, which is no service"));
            }
            waits = line == "depends_on:" || waits && awaited.is_some();
        }
        let has = |start: &str| text.iter().any(|line| line.starts_with(start));
        if !has("image:") && !has("<<: *program") {
            complaints.push(format!("{service} has no image"));
        }
        if !has("healthcheck:") && !has("restart: \"no\"") {
            complaints.push(format!("{service} runs on and has no health check"));
        }
    }
    complaints
}

/// `- ./a:/b:ro` and `volumes: ["a:/b"]`.
fn mounts(line: &str) -> Vec<&str> {
    let inline = line.strip_prefix("volumes: [").map(|rest| rest.trim_end_matches(']'));
    let list =
        inline.map(|rest| rest.split(',').collect()).unwrap_or_else(|| vec![line.strip_prefix("- ").unwrap_or("")]);
    list.into_iter().map(|mount| mount.trim().trim_matches('"')).filter(|mount| mount.contains(":/")).collect()
}

fn strangers_in_dockerfile(dockerfile: &str, programs: &Names, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let text = dockerfile.replace("\\\n", " ");
    let mut complaints = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.first() == Some(&"COPY") && !line.contains("--from=") {
            let paths = words[1..words.len() - 1].iter().filter(|path| !exists(path));
            complaints.extend(paths.map(|path| format!("Dockerfile copies {path}, which is not there")));
        }
        let built: Names = words.windows(2).filter(|pair| pair[0] == "--bin").map(|pair| pair[1].to_owned()).collect();
        if !built.is_empty() {
            let ours: Names = programs.iter().filter(|name| name.starts_with("teranga-")).cloned().collect();
            complaints.extend(ours.difference(&built).map(|name| format!("Dockerfile does not build {name}")));
            complaints.extend(
                built.difference(&ours).map(|name| format!("Dockerfile builds {name}, which is no program of ours")),
            );
            let kept = |name: &str| words.iter().any(|word| word.ends_with(&format!("target/release/{name}")));
            complaints
                .extend(built.iter().filter(|name| !kept(name)).map(|name| format!("Dockerfile leaves {name} behind")));
        }
    }
    let last_user = text.lines().filter_map(|line| line.strip_prefix("USER ")).next_back();
    if last_user.is_none_or(|user| user.trim() == "root" || user.trim() == "0") {
        complaints.push("Dockerfile: the programs run as root".to_owned());
    }
    complaints
}

/// Whether the engine would get this path: the last pattern that fits decides.
fn is_sent(ignore: &str, path: &str) -> bool {
    let patterns = ignore.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut sent = true;
    for pattern in patterns {
        let (keep, pattern) = pattern.strip_prefix('!').map_or((false, pattern), |kept| (true, kept));
        if pattern == "*" || pattern == path || path.starts_with(&format!("{pattern}/")) {
            sent = keep;
        }
    }
    sent
}

fn wrong_context(ignore: &str, needed: &Names) -> Vec<String> {
    let kept_out = ["target", ".git", ".data", ".env", "docs", ".ci"].into_iter().filter(|path| is_sent(ignore, path));
    let kept_out = kept_out.map(|path| format!(".dockerignore lets {path} through"));
    let missing =
        needed.iter().filter(|path| !is_sent(ignore, path)).map(|path| format!(".dockerignore keeps {path} out"));
    kept_out.chain(missing).collect()
}

/// Prometheus finds each program by its service and the port it listens on.
fn wrong_targets(prometheus: &str, compose: &str) -> Vec<String> {
    let services = section(compose, "services");
    let mut complaints = Vec::new();
    for line in prometheus.lines().filter_map(|line| line.split_once("names: [")).map(|(_, rest)| rest) {
        let name = line.split(']').next().unwrap_or_default();
        let port = line.split_once("port: ").map_or("", |(_, rest)| rest.split(',').next().unwrap_or_default());
        let listens = services.get(name).is_some_and(|text| {
            text.iter().any(|line| line.contains("_LISTEN:") && line.ends_with(&format!(":{port}")))
        });
        if !listens {
            complaints.push(format!("prometheus asks {name}:{port}, where nobody listens"));
        }
    }
    complaints
}

#[test]
fn the_containers_are_whole() {
    let (compose, programs) = (files::read("docker-compose.yml"), arrows::programs());
    for yaml in ["docker-compose.yml", "ops/prometheus.yml"] {
        expect_tidy(&misshapen(&files::read(yaml)));
    }
    expect_tidy(&strangers_in_compose(&compose, &programs, files::exists));
    expect_tidy(&strangers_in_dockerfile(&files::read("Dockerfile"), &programs, files::exists));
    expect_tidy(&wrong_targets(&files::read("ops/prometheus.yml"), &compose));
    let needed =
        arrows::members().into_iter().chain(["migrations", ".sqlx", "Cargo.toml", "Cargo.lock"].map(str::to_owned));
    expect_tidy(&wrong_context(&files::read(".dockerignore"), &needed.collect()));
}

#[test]
fn a_misshapen_file_is_seen() {
    expect_tidy(&misshapen("a: &x\n  b: 1 # said\n  c: [1, 2]\nd:\n  - *x\n  - e: 2\n"));
    for (bad, about) in [
        ("a:\n   b: 1\n", "odd spaces"),
        ("a: 1\n  b: 2\n", "opens a level"),
        ("a: 1\na: 2\n", "twice"),
        ("a:\n  word\n", "neither"),
        ("a: [1\n", "not closed"),
        ("a: *y\n", "*y is defined nowhere"),
    ] {
        expect_complaint(&misshapen(bad), about);
    }
}

#[test]
fn a_stranger_in_the_containers_is_seen() {
    let programs = Names::from(["teranga-api".to_owned(), "demo".to_owned()]);
    let compose = "services:\n  api:\n    command: [teranga-door]\n    volumes:\n      - ./gone:/a\n      - lost:/b\n    depends_on:\n      \
                   nobody: { condition: service_healthy }\n";
    let complaints = strangers_in_compose(compose, &programs, |_| false);
    for about in
        ["runs teranga-door", "mounts ./gone", "mounts lost", "waits for nobody", "no image", "no health check"]
    {
        expect_complaint(&complaints, about);
    }
    let dockerfile =
        "COPY gone /a\nRUN cargo build --bin teranga-door \\\n && cp target/release/teranga-api /p\nUSER root\n";
    let complaints = strangers_in_dockerfile(dockerfile, &programs, |_| false);
    for about in ["copies gone", "does not build teranga-api", "builds teranga-door", "leaves teranga-door", "as root"]
    {
        expect_complaint(&complaints, about);
    }
    let complaints = wrong_context("*\n!api\n!.git\n", &["api", "domain"].map(str::to_owned).into());
    assert_eq!(complaints, [".dockerignore lets .git through", ".dockerignore keeps domain out"]);
    let targets = "  dns_sd_configs: [{ names: [api], type: A, port: 8081, refresh_interval: 10s }]";
    let compose = "services:\n  api:\n    environment:\n      API_LISTEN: 0.0.0.0:8080\n";
    expect_complaint(&wrong_targets(targets, compose), "api:8081");
}
