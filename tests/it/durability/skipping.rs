//! Why positions are taken inside the append's transaction: numbers that are handed out before the commit make readers skip.

use super::chance::Chance;

/// How writers come by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbering {
    /// As a sequence or a serial column: at the beginning, and whoever is quicker commits first.
    BeforeCommit,
    /// As `log_head`: the writer holds the row until it has committed.
    WithCommit,
}

/// Writers who begin, and commit or roll back, in a random order, and a reader who always goes on behind the last number that it saw.
/// Answers what was committed and what the reader saw.
fn life(numbering: Numbering, chance: &mut Chance) -> (Vec<u64>, Vec<u64>) {
    let mut next = 0;
    let mut open: Vec<u64> = Vec::new();
    let (mut committed, mut seen): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    let read = |committed: &[u64], seen: &mut Vec<u64>| {
        let after = seen.last().copied().unwrap_or(0);
        let mut page: Vec<u64> = committed.iter().copied().filter(|number| *number > after).collect();
        page.sort_unstable();
        seen.extend(page);
    };
    for _ in 0..400 {
        match (numbering, chance.below(4)) {
            (Numbering::BeforeCommit, 0) if open.len() < 16 => {
                next += 1;
                open.push(next);
            }
            (Numbering::BeforeCommit, 1) if !open.is_empty() => {
                let which = usize::try_from(chance.below(open.len() as u64)).unwrap();
                let number = open.swap_remove(which);
                // One in eight rolls back.
                if chance.below(8) > 0 {
                    committed.push(number);
                }
            }
            (Numbering::WithCommit, 0 | 1) if chance.below(8) > 0 => {
                next += 1;
                committed.push(next);
            }
            (_, 2) => read(&committed, &mut seen),
            _ => {}
        }
    }
    committed.append(&mut open);
    read(&committed, &mut seen);
    committed.sort_unstable();
    (committed, seen)
}

#[test]
fn a_reader_skips_when_numbers_are_taken_before_the_commit_and_never_when_with_it() {
    let mut skipped = 0;
    for seed in 0..200 {
        let (committed, seen) = life(Numbering::WithCommit, &mut Chance::new(seed));
        assert_eq!(seen, committed, "seed {seed}");
        assert_eq!(committed, (1..=committed.len() as u64).collect::<Vec<_>>(), "a number was lost by a rollback");
        let (committed, seen) = life(Numbering::BeforeCommit, &mut Chance::new(seed));
        skipped += usize::from(seen != committed);
    }
    assert!(
        skipped > 100,
        "a plain sequence made a reader skip in {skipped} of 200 lives: the cases of the contract could not tell"
    );
}
