//! What we may give away: every crate that the program is built of has a licence of `deny.toml`'s list and comes from the registry.
//! `cargo deny check` looks at more (advisories need the network); this is checked on every machine.

use serde_json::Value;
use std::process::Command;

fn output(command: &mut Command) -> String {
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The crates that are built for this machine, as cargo tells of them.
fn packages() -> Vec<Value> {
    let version = output(Command::new("rustc").arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let asked = ["metadata", "--format-version", "1", "--locked", "--offline", "--all-features", "--filter-platform"];
    let text = output(Command::new(env!("CARGO")).args(asked).arg(host));
    let mut metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array_mut().map(std::mem::take).unwrap()
}

fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(format!("{}/deny.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let list = table["licenses"]["allow"].as_array().unwrap();
    list.iter().map(|licence| licence.as_str().unwrap().to_owned()).collect()
}

/// Whether one may take a crate under an SPDX expression: `A OR B` by either, `A AND B` by both, the latter binding closer.
fn fits(expression: &str, allowed: &[String]) -> bool {
    let mut words = Vec::new();
    for word in expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").split_whitespace() {
        // An exception belongs to its licence.
        let after_with = words.last().is_some_and(|last: &String| last.ends_with(" WITH"));
        match words.last_mut() {
            Some(last) if word == "WITH" || after_with => *last = format!("{last} {word}"),
            _ => words.push(word.to_owned()),
        }
    }
    let mut words = words.into_iter().peekable();
    any(&mut words, allowed)
}

type Words = std::iter::Peekable<std::vec::IntoIter<String>>;

fn any(words: &mut Words, allowed: &[String]) -> bool {
    let mut fits = all(words, allowed);
    while words.next_if(|word| word == "OR").is_some() {
        // Both sides are read, whatever the first says.
        fits |= all(words, allowed);
    }
    fits
}

fn all(words: &mut Words, allowed: &[String]) -> bool {
    let mut fits = one(words, allowed);
    while words.next_if(|word| word == "AND").is_some() {
        fits &= one(words, allowed);
    }
    fits
}

fn one(words: &mut Words, allowed: &[String]) -> bool {
    let word = words.next().unwrap_or_default();
    if word != "(" {
        return allowed.contains(&word);
    }
    let fits = any(words, allowed);
    assert_eq!(words.next().as_deref(), Some(")"), "an expression that does not close");
    fits
}

#[test]
fn an_expression_is_read_as_spdx_says() {
    let allowed = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/GPL-3.0",
        "(MIT OR X) AND Zlib",
        "X AND Y OR MIT",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(fits(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(X OR Y) AND MIT", "Apache-2.0", "MIT WITH LLVM-exception"] {
        assert!(!fits(bad, &allowed), "{bad}");
    }
}

#[test]
fn every_crate_has_a_licence_of_the_list_and_comes_from_the_registry() {
    let (packages, allowed) = (packages(), allowed());
    assert!(packages.len() > 100, "{} crates cannot be all", packages.len());
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("");
        if !fits(licence, &allowed) {
            wrong.push(format!("{name}: the licence {licence:?}"));
        }
        let source = package["source"].as_str();
        if name != env!("CARGO_PKG_NAME") && !source.is_some_and(|source| source.contains("crates.io-index")) {
            wrong.push(format!("{name}: from {source:?}"));
        }
    }
    assert!(wrong.is_empty(), "not allowed by deny.toml:\n{}", wrong.join("\n"));
}
