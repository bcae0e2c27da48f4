//! The words of the pages: one table for each language, with the same keys.

use crate::app::tongue::Tongue;
use std::collections::HashMap;
use std::sync::LazyLock;

const VI: &str = include_str!("words/vi.toml");
const EN: &str = include_str!("words/en.toml");

/// Key to text, `section.name`.
type Table = HashMap<String, String>;

static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| [read(VI), read(EN)]);

/// Reads a table. What is not of the form is left out, which the test of equal keys would show.
fn read(text: &str) -> Table {
    let parsed: toml::Table = text.parse().unwrap_or_default();
    let mut table = Table::new();
    for (section, entries) in parsed {
        for (name, value) in entries.as_table().into_iter().flatten() {
            if let Some(words) = value.as_str() {
                table.insert(format!("{section}.{name}"), words.to_owned());
            }
        }
    }
    table
}

/// The words under a key; the key itself where there are none, which a test looks for.
#[must_use]
pub fn words(tongue: Tongue, key: &'static str) -> &'static str {
    let [vi, en] = &*TABLES;
    let table = match tongue {
        Tongue::Vietnamese => vi,
        Tongue::English => en,
    };
    table.get(key).map_or(key, String::as_str)
}

/// A key that is chosen before it is asked for.
#[must_use]
pub const fn named(key: &'static str) -> &'static str {
    key
}

/// The words under a key that is made while the program runs, such as a role's name; what is given where there are none.
#[must_use]
pub fn words_or<'a>(tongue: Tongue, key: &str, otherwise: &'a str) -> &'a str
where
    'static: 'a,
{
    let [vi, en] = &*TABLES;
    let table: &'static Table = match tongue {
        Tongue::Vietnamese => vi,
        Tongue::English => en,
    };
    table.get(key).map_or(otherwise, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Why a bank's item may wait, as `docs/banks.md` and the list of codes have it.
    const CAUSES: [&str; 19] = [
        "bad-reference",
        "not-your-payment",
        "amount-differs",
        "amount-missing",
        "amount-unreadable",
        "date-missing",
        "status-unknown",
        "impossible-order",
        "late-settlement",
        "second-settlement",
        "held-by-bank",
        "cancelled-by-bank",
        "duplicate-reported",
        "whole-file-rejected",
        "whole-file-status",
        "whole-file-stopped",
        "message-id-reused",
        "message-id-reused-not-kept",
        "too-many-wait",
    ];

    fn keys(table: &Table) -> BTreeSet<&String> {
        table.keys().collect()
    }

    fn files(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "html" || ending == "rs") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }

    fn sources() -> Vec<(String, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        files(&root.join("pages"), &mut found);
        files(&root.join("http/pages"), &mut found);
        found
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let [vi, en] = &*TABLES;
        assert_eq!(keys(vi), keys(en));
        assert!(vi.len() > 20);
        for table in [vi, en] {
            for (key, words) in table {
                assert!(!words.trim().is_empty(), "{key} is empty");
            }
        }
    }

    #[test]
    fn placeholders_are_the_same_in_both_languages() {
        let [vi, en] = &*TABLES;
        let places = |words: &str| -> BTreeSet<String> {
            words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
        };
        for (key, words) in vi {
            assert_eq!(places(words), places(&en[key]), "{key}");
        }
    }

    #[test]
    fn each_word_that_is_asked_for_is_there_and_each_that_is_there_is_asked_for() {
        let [vi, _] = &*TABLES;
        let mut asked = BTreeSet::new();
        let sources = sources();
        for (name, text) in &sources {
            for call in ["t(\"", "say(\"", "named(\""] {
                for (at, _) in text.match_indices(call) {
                    // `insert("` and others end in the same letters.
                    let is_call = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
                    let key = text[at + call.len()..].split('"').next().unwrap();
                    if is_call && key.contains('.') {
                        assert!(vi.contains_key(key), "{name}: there are no words {key}");
                        asked.insert(key.to_owned());
                    }
                }
            }
        }
        // Made while the program runs, from a code.
        let made = [
            "audit_kind.",
            "role.",
            "codes.",
            "state.",
            "nav.",
            "indicator.",
            "means.",
            "deed.",
            "field.",
            "choice.",
            "held.",
            "by.",
            "reason.",
            "kind.",
            "cause.",
            "asked.",
            "file.",
            "import.",
            "import_told.",
            "stage.",
            "noted.",
            "event.",
            "delivery.",
        ];
        for key in vi.keys().filter(|key| !made.iter().any(|start| key.starts_with(start))) {
            assert!(asked.contains(key), "nobody asks for the words {key}");
        }
    }

    /// What a reader would see of a template that is not from the tables.
    fn literals(template: &str) -> String {
        let mut text = template.to_owned();
        for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}")] {
            while let Some(from) = text.find(open) {
                let to = text[from..].find(close).map_or(text.len(), |at| from + at + close.len());
                text.replace_range(from..to, "");
            }
        }
        let mut seen = String::new();
        for part in text.split('<') {
            let (tag, rest) = part.split_once('>').unwrap_or(("", part));
            for name in [" title=\"", " alt=\"", " aria-label=\"", " placeholder=\""] {
                seen.extend(tag.split(name).skip(1).filter_map(|rest| rest.split('"').next()));
            }
            seen.push_str(rest);
        }
        let names = ["chitra", "CSV", "XLSX", "SVG", "PNG"];
        names.iter().fold(seen, |seen, name| seen.replace(name, ""))
    }

    #[test]
    fn no_page_has_a_sentence_of_its_own() {
        let mut templates = 0;
        for (name, text) in
            sources().into_iter().filter(|(name, _)| name.rsplit_once('.').is_some_and(|(_, end)| end == "html"))
        {
            let found: String = literals(&text).chars().filter(|c| c.is_alphabetic()).collect();
            assert!(found.is_empty(), "{name} says {found:?} in one language only");
            templates += 1;
        }
        assert!(templates > 3);
        assert!(literals("<p title=\"Hello\">{{ x }} you</p>").contains("Hello you"));
    }

    #[test]
    fn whatever_makes_an_item_wait_is_told_in_words() {
        for tongue in [Tongue::Vietnamese, Tongue::English] {
            for cause in CAUSES {
                assert_ne!(words_or(tongue, &format!("cause.{cause}"), ""), "", "{cause} in {tongue:?}");
            }
        }
    }
}
