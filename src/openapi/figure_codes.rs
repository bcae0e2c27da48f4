//! Codes of cited figures and of targets.

use super::codes::{Code, both, problem};

pub(super) const FIGURES: &[Code] = &[
    problem("409", "figure-already-cited", "The figure was cited before."),
    both("422", "figure-too-many-groups", "The figure has more groups than a citation holds."),
    both("422", "figure-empty", "Nothing was paid in what is asked: there is no figure to cite."),
    both("422", "target-indicator-unknown", "There is no such indicator to set a target for."),
    both(
        "422",
        "target-out-of-range",
        "A target is a fraction of 1, more than 0, with at most six digits after the point.",
    ),
    both("422", "target-date-past", "The day to reach the target by is over."),
    both("409", "target-already-set", "The unit has a target for this indicator, scope and day."),
    both("409", "target-too-many", "The unit has as many targets as it may have at once."),
    problem("404", "target-not-found", "The unit has no such target."),
];
