//! No dead files: every Rust file is a target or reached by `mod`, every fixture is named by some code.

use crate::{arrows, code::Code, expect_complaint, expect_tidy, files, files::File};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path},
};

fn roots() -> BTreeSet<String> {
    let metadata = arrows::metadata();
    let targets =
        metadata["packages"].as_array().unwrap().iter().flat_map(|package| package["targets"].as_array().unwrap());
    let root = files::root();
    targets
        .map(|target| Path::new(target["src_path"].as_str().unwrap()).to_owned())
        .map(|path| path.strip_prefix(&root).unwrap_or(&path).to_str().unwrap().to_owned())
        .collect()
}

fn unreached(house: &[File], roots: &BTreeSet<String>) -> Vec<String> {
    let by_path: BTreeMap<&str, &File> = house.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut reached = BTreeSet::new();
    let mut next: Vec<String> = roots.iter().cloned().collect();
    let mut complaints = Vec::new();
    while let Some(path) = next.pop() {
        let Some(file) = by_path.get(path.as_str()) else {
            complaints.push(format!("{path} is named and does not exist"));
            continue;
        };
        if reached.insert(path.clone()) {
            next.extend(modules(file, roots.contains(&path), &by_path));
        }
    }
    let dead = house.iter().filter(|file| !reached.contains(&file.path));
    complaints.extend(dead.map(|file| format!("{} is reached by no `mod` and is no target", file.path)));
    complaints
}

fn modules(file: &File, is_root: bool, by_path: &BTreeMap<&str, &File>) -> Vec<String> {
    let code = Code::of(file);
    let path = Path::new(&file.path);
    let parent = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let inside = if is_root || stem == "mod" { parent.to_owned() } else { parent.join(stem) };
    let mut found = Vec::new();
    for at in code.find("mod") {
        let rest = code.bare[at + 3..].trim_start();
        let name: String = rest.chars().take_while(|c| *c == '_' || c.is_alphanumeric()).collect();
        if name.is_empty() || !rest[name.len()..].trim_start().starts_with(';') {
            continue;
        }
        let before = code.bare[..at].lines().next_back().unwrap_or_default().len();
        let own_path = own_path(&code, at - before);
        let candidates = match own_path {
            Some(own) => vec![parent.join(own)],
            None => vec![inside.join(format!("{name}.rs")), inside.join(&name).join("mod.rs")],
        };
        let candidates: Vec<String> = candidates.iter().map(|path| plain(path)).collect();
        let here = candidates.iter().find(|path| by_path.contains_key(path.as_str()));
        found.push(here.unwrap_or(&candidates[0]).clone());
    }
    found
}

/// The file a `#[path = "…"]` on the line before names.
fn own_path(code: &Code, line_start: usize) -> Option<String> {
    let above = line_start.checked_sub(1)?;
    let line = code.line_at(above);
    let named = line.trim().strip_prefix("#[path = \"")?;
    named.split('"').next().map(str::to_owned)
}

fn plain(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_str().unwrap()),
            _ => {}
        }
    }
    parts.join("/")
}

fn unused_fixtures(house: &[File]) -> Vec<String> {
    let named: String = house
        .iter()
        .filter(|file| file.is("rs"))
        .flat_map(|file| Code::of(file).strings)
        .map(|(_, text)| text + "\n")
        .collect();
    let fixtures = house.iter().filter(|file| file.path.contains("/fixtures/") && !file.path.ends_with("README.md"));
    fixtures
        .filter(|file| !named.contains(file.path.rsplit('/').next().unwrap_or_default()))
        .map(|file| format!("{} is used by nobody", file.path))
        .collect()
}

#[test]
fn no_file_is_dead() {
    let house = files::all();
    let rust: Vec<File> = house.iter().filter(|file| file.is("rs")).cloned().collect();
    expect_tidy(&unreached(&rust, &roots()));
    expect_tidy(&unused_fixtures(&house));
}

#[test]
fn a_dead_file_is_seen() {
    let house = [
        File::new(
            "api/src/lib.rs",
            "pub mod a;\n#[cfg(test)]\n#[path = \"b_tests.rs\"]\nmod b;\nmod gone;\n// mod dead;",
        ),
        File::new("api/src/a/mod.rs", "mod c { }"),
        File::new("api/src/b_tests.rs", ""),
        File::new("api/src/dead.rs", ""),
        File::new("api/src/fixtures/a.json", ""),
    ];
    let roots = BTreeSet::from(["api/src/lib.rs".to_owned()]);
    let complaints = unreached(&house[..4], &roots);
    expect_complaint(&complaints, "api/src/dead.rs is reached by no");
    expect_complaint(&complaints, "api/src/gone.rs is named");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    expect_complaint(&unused_fixtures(&house), "a.json");
}
