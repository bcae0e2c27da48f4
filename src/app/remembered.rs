//! Answers of figures as they were sent, for whoever asks the same while the log's figures stand where they stood: a table that twenty
//! people look at is made once. Only of the last state; the first question of another lets go of them all.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::projections::{Checkpoint, Projection};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What all answers may take.
const BYTES_MAX: usize = 32 << 20;
/// What one may take: a table of a province's communes for one cycle has some 100 kB.
const ANSWER_BYTES_MAX: usize = 2 << 20;

/// Where the figures stand: which building of their rows, and how far they have read the log. The time tells a log that was put back to an
/// earlier state, and grew again, from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub generation: i64,
    pub checkpoint: Checkpoint,
}

impl State {
    const fn is_before(&self, other: &Self) -> bool {
        self.generation < other.generation
            || self.generation == other.generation && self.checkpoint.position < other.checkpoint.position
    }
}

/// Answers by what tells questions apart: the words asked, and who asks.
#[derive(Debug, Default)]
pub struct Remembered {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    of: Option<State>,
    answers: HashMap<String, Arc<[u8]>>,
    bytes: usize,
}

impl Remembered {
    /// The answer to a question at a state.
    #[must_use]
    pub fn find(&self, state: State, question: &str) -> Option<Arc<[u8]>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.answers.get(question).filter(|_| inner.of == Some(state)).map(Arc::clone)
    }

    /// Keeps an answer that is of a state.
    pub fn keep(&self, state: State, question: String, answer: &Arc<[u8]>) {
        let bytes = question.len() + answer.len();
        if answer.len() > ANSWER_BYTES_MAX {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.of != Some(state) {
            // A slow answer must not push out those of a later state.
            if inner.of.is_some_and(|of| state.is_before(&of)) {
                return;
            }
            *inner = Inner { of: Some(state), ..Inner::default() };
        } else if inner.bytes + bytes > BYTES_MAX {
            *inner = Inner { of: inner.of, ..Inner::default() };
        }
        inner.bytes += bytes;
        let length = question.len();
        if let Some(former) = inner.answers.insert(question, Arc::clone(answer)) {
            inner.bytes -= length + former.len();
        }
    }
}

impl App {
    /// Where the figures stand, once they contain a position.
    pub async fn figures_state(&self, min_position: Option<u64>) -> Result<State, AppError> {
        self.state_of(Projection::Payments, min_position).await
    }

    /// Where the rows of people stand, which some figures are told by too.
    pub async fn people_state(&self, min_position: Option<u64>) -> Result<State, AppError> {
        self.state_of(Projection::Beneficiaries, min_position).await
    }

    async fn state_of(&self, projection: Projection, min_position: Option<u64>) -> Result<State, AppError> {
        self.wait_for(projection, min_position).await?;
        let progress = self.views.progress(projection).await?;
        Ok(State { generation: progress.generation, checkpoint: progress.checkpoint })
    }

    /// A question's words with all else that its answer depends on but the state of the figures: who asks for which units, today, and where
    /// the rows of people stand if it is told by them.
    #[must_use]
    pub fn question_of(&self, principal: &Principal, words: &str, people: Option<State>) -> String {
        let today = self.profile.business_day(self.clock.now_us());
        let Principal { role, unit, bank, .. } = principal;
        format!("{role:?} {unit:?} {bank:?} {today} {people:?} {words}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(generation: i64, position: u64) -> State {
        State { generation, checkpoint: Checkpoint { position, recorded_at_us: 1 } }
    }

    fn bytes(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    #[test]
    fn an_answer_is_found_at_its_own_state_only() {
        let all = Remembered::default();
        all.keep(state(1, 10), "one".to_owned(), &bytes("first"));
        assert_eq!(all.find(state(1, 10), "one"), Some(bytes("first")));
        assert_eq!(all.find(state(1, 10), "other"), None);
        assert_eq!(all.find(state(1, 11), "one"), None);
        assert_eq!(all.find(state(2, 10), "one"), None);
        let put_back = State { checkpoint: Checkpoint { position: 10, recorded_at_us: 2 }, generation: 1 };
        assert_eq!(all.find(put_back, "one"), None);
    }

    #[test]
    fn a_later_state_takes_the_place_of_an_earlier_one_and_not_the_other_way() {
        let all = Remembered::default();
        all.keep(state(1, 10), "one".to_owned(), &bytes("first"));
        all.keep(state(1, 12), "one".to_owned(), &bytes("second"));
        all.keep(state(1, 11), "one".to_owned(), &bytes("late"));
        assert_eq!(all.find(state(1, 12), "one"), Some(bytes("second")));
        assert_eq!(all.find(state(1, 11), "one"), None);
        // Built anew, it begins at the log's beginning.
        all.keep(state(2, 3), "one".to_owned(), &bytes("anew"));
        assert_eq!(all.find(state(2, 3), "one"), Some(bytes("anew")));
    }

    #[test]
    fn memory_is_bounded_and_what_is_too_long_is_not_kept() {
        let all = Remembered::default();
        let long: Arc<[u8]> = vec![0; ANSWER_BYTES_MAX + 1].into();
        all.keep(state(1, 1), "long".to_owned(), &long);
        assert_eq!(all.find(state(1, 1), "long"), None);
        let some: Arc<[u8]> = vec![0; ANSWER_BYTES_MAX].into();
        for number in 0..40 {
            all.keep(state(1, 1), number.to_string(), &some);
            assert!(all.inner.lock().unwrap().bytes <= BYTES_MAX + 40);
        }
        let held = all.inner.lock().unwrap().bytes;
        all.keep(state(1, 1), "39".to_owned(), &bytes("shorter"));
        assert_eq!(all.inner.lock().unwrap().bytes, held - some.len() + 7, "it took the place of a longer one");
        assert!(all.find(state(1, 1), "39").is_some());
        assert!(all.find(state(1, 1), "0").is_none());
    }
}
