//! A function fits on a screen.

use crate::{code::Code, expect_tidy, files, files::File};

const LONGEST: usize = 70;

/// Longer on purpose: one flat `match`, an arm for each thing said.
const TABLES: [(&str, usize); 4] = [
    ("domain/src/notifications/words_en.rs", 200),
    ("domain/src/notifications/words_fr.rs", 200),
    ("domain/src/notifications/words_things_en.rs", 120),
    ("domain/src/notifications/words_things_fr.rs", 120),
];

fn long_functions(house: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.iter().filter(|file| !file.is_in(&["tests"])) {
        let most = TABLES.iter().find(|(path, _)| *path == file.path).map_or(LONGEST, |(_, most)| *most);
        for function in Code::of(file).functions().iter().filter(|function| function.lines > most) {
            let (name, lines) = (&function.name, function.lines);
            complaints.push(format!("{}:{}: {name} has {lines} lines, at most {most}", file.path, function.line));
        }
    }
    complaints
}

#[test]
fn functions_are_short() {
    expect_tidy(&long_functions(&files::rust()));
}

#[test]
fn a_long_function_is_seen() {
    let long = format!("fn short() {{}}\n\nfn long() {{\n{}}}\n", "    a();\n".repeat(69));
    assert_eq!(long_functions(&[File::new("api/src/a.rs", &long)]), ["api/src/a.rs:3: long has 71 lines, at most 70"]);
}
