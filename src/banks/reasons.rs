//! Reasons as they stand in messages: a code of ISO's set or of the bank's own, and words.

use super::item::StatedReason;
use super::xml::Leaves;

/// The reasons among some leaves. Words belong to the code before them.
pub(super) fn stated(leaves: &Leaves, prefix: &str) -> Vec<StatedReason> {
    let mut found: Vec<StatedReason> = Vec::new();
    for leaf in leaves.list.iter().filter(|leaf| !leaf.text.is_empty()) {
        let text = leaf.text.clone();
        match leaf.path.strip_prefix(prefix) {
            Some("Rsn/Cd") => found.push(StatedReason { code: Some(text), ..StatedReason::default() }),
            Some("Rsn/Prtry") => found.push(StatedReason { proprietary: Some(text), ..StatedReason::default() }),
            Some("AddtlInf") => match found.last_mut() {
                Some(StatedReason { words: Some(words), .. }) => {
                    words.push(' ');
                    words.push_str(&text);
                }
                Some(reason) => reason.words = Some(text),
                None => found.push(StatedReason { words: Some(text), ..StatedReason::default() }),
            },
            _ => {}
        }
    }
    found
}
