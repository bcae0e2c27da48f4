//! Files on their way in through a page: kept, encrypted, between their check and their recording, so that what was looked at is what is recorded.
//! In this process's memory and temporary folder alone: a file that is forgotten is sent again, and what was begun is resumed by its digest.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::execute::RequestKey;
use crate::app::imports::{ImportAnswer, ImportOrder, ImportReport, Source, Stage, kind_word};
use crate::domain::import::{ImportKind, ImportMode};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// A file that nobody touches is forgotten after an hour.
const IDLE_US: i64 = 3_600_000_000;
/// Files of one key at once; with one more the oldest is forgotten.
const OF_ONE_KEY: usize = 4;
/// Files of all keys at once.
const OF_ALL: usize = 64;

/// How far a file has come.
#[derive(Debug, Clone)]
pub enum DraftState {
    /// Rows looked at so far.
    Checking {
        rows: u64,
    },
    /// Looked at as a whole; nothing is recorded.
    Checked(Arc<ImportReport>),
    Recording {
        rows: u64,
        of: u64,
    },
    /// It ended: the report as the API tells it, and as it was made where this is the first time.
    Done {
        report: Arc<Value>,
        made: Option<Arc<ImportReport>>,
    },
    /// It broke off.
    Failed {
        code: String,
        message: String,
        message_vi: String,
    },
}

impl DraftState {
    /// Whether it moves by itself.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        matches!(self, Self::Checking { .. } | Self::Recording { .. })
    }
}

/// A file between its check and its recording.
pub struct Draft {
    pub id: String,
    owner: String,
    pub kind: ImportKind,
    pub file_name: String,
    pub control_count: Option<u64>,
    pub control_sum_minor: Option<i64>,
    pub source: Source,
    state: watch::Sender<DraftState>,
    touched_us: Mutex<i64>,
}

impl Draft {
    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> DraftState {
        self.state.borrow().clone()
    }

    /// The same as it moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<DraftState> {
        self.state.subscribe()
    }

    /// Says how far it has come.
    pub fn tell(&self, state: DraftState) {
        self.state.send_replace(state);
    }

    /// Begins the recording of a checked file, once: false when it is not checked, or began before.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.state.send_if_modified(|state| {
            let DraftState::Checked(report) = state else { return false };
            *state = DraftState::Recording { rows: 0, of: report.rows };
            true
        })
    }
}

/// What is said of a file when it comes.
pub struct NewDraft {
    pub kind: ImportKind,
    pub file_name: String,
    pub control_count: Option<u64>,
    pub control_sum_minor: Option<i64>,
    pub source: Source,
}

/// All files on their way.
#[derive(Default)]
pub struct Drafts(Mutex<HashMap<String, Arc<Draft>>>);

impl Drafts {
    /// Keeps a file, and forgets those that nobody touched, or that are too many.
    pub fn keep(&self, (id, now_us): (String, i64), principal: &Principal, new: NewDraft) -> Arc<Draft> {
        let draft = Arc::new(Draft {
            id: id.clone(),
            owner: principal.key_id.clone(),
            kind: new.kind,
            file_name: new.file_name,
            control_count: new.control_count,
            control_sum_minor: new.control_sum_minor,
            source: new.source,
            state: watch::Sender::new(DraftState::Checking { rows: 0 }),
            touched_us: Mutex::new(now_us),
        });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, draft| draft.state().is_moving() || touched(draft) + IDLE_US > now_us);
        let own = |draft: &Draft| draft.owner == principal.key_id;
        forget_oldest(&mut all, OF_ONE_KEY, own);
        forget_oldest(&mut all, OF_ALL, |_| true);
        all.insert(id, Arc::clone(&draft));
        draft
    }

    /// Somebody's own file.
    #[must_use]
    pub fn get(&self, id: &str, principal: &Principal, now_us: i64) -> Option<Arc<Draft>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let draft = all.get(id).filter(|draft| draft.owner == principal.key_id)?;
        *draft.touched_us.lock().unwrap_or_else(PoisonError::into_inner) = now_us;
        Some(Arc::clone(draft))
    }
}

fn touched(draft: &Draft) -> i64 {
    *draft.touched_us.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for one more among those that `of` means. What is being recorded goes on by itself.
fn forget_oldest(all: &mut HashMap<String, Arc<Draft>>, most: usize, of: impl Fn(&Draft) -> bool) {
    let mut kept: Vec<(i64, String)> =
        all.values().filter(|draft| of(draft)).map(|draft| (touched(draft), draft.id.clone())).collect();
    kept.sort_unstable();
    let over = (kept.len() + 1).saturating_sub(most);
    for (_, id) in kept.into_iter().take(over) {
        all.remove(&id);
    }
}

impl App {
    /// Looks a kept file through, or records it, and says in it how far that has come. It goes on when nobody looks any more.
    pub async fn carry_draft(
        &self,
        principal: &Principal,
        (draft, mode): (&Draft, Option<ImportMode>),
    ) -> Result<(), AppError> {
        let request = mode.map(|mode| RequestKey {
            caller: principal.key_id.clone(),
            idempotency_key: format!("page-{}-{mode:?}", draft.id),
            input_hash: self.vault.input_hash(&[b"import", kind_word(draft.kind).as_bytes(), &draft.source.sha256]),
        });
        let order = ImportOrder {
            principal: principal.clone(),
            kind: draft.kind,
            mode: mode.unwrap_or(ImportMode::All),
            dry_run: request.is_none(),
            control_count: draft.control_count,
            control_sum_minor: draft.control_sum_minor,
            request,
        };
        let tell = |stage: Stage| {
            // What was begun stays begun: its first pass looks at the rows once more.
            draft.tell(match (stage, order.dry_run) {
                (Stage::Checking { rows }, true) => DraftState::Checking { rows },
                (Stage::Checking { .. }, false) => return,
                (Stage::Recording { rows, of }, _) => DraftState::Recording { rows, of },
            });
        };
        let answer = self.import_for_request(&order, &draft.source, &tell).await?;
        draft.tell(match answer {
            ImportAnswer::Report(report) if order.dry_run => DraftState::Checked(Arc::new(*report)),
            ImportAnswer::Report(report) => {
                DraftState::Done { report: Arc::new(report.to_json(&self.profile)), made: Some(Arc::new(*report)) }
            }
            ImportAnswer::Replayed(_, report) => DraftState::Done { report: Arc::new(report), made: None },
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::access::Role;
    use crate::files::Format;
    use std::io::Cursor;

    fn key(id: &str) -> Principal {
        Principal { key_id: id.to_owned(), role: Role::Clerk, unit: None, bank: None }
    }

    fn file() -> NewDraft {
        let open = Arc::new(|| Ok(Box::new(Cursor::new(Vec::new())) as Box<dyn crate::app::imports::source::ReadSeek>));
        NewDraft {
            kind: ImportKind::Payments,
            file_name: "a.csv".to_owned(),
            control_count: None,
            control_sum_minor: None,
            source: Source::new(open, Format::Csv, [0; 32]),
        }
    }

    fn checked(drafts: &Drafts, (id, at): (&str, i64), of: &str) {
        let draft = drafts.keep((id.to_owned(), at), &key(of), file());
        draft.tell(DraftState::Failed { code: String::new(), message: String::new(), message_vi: String::new() });
    }

    #[test]
    fn a_file_is_its_senders_alone() {
        let drafts = Drafts::default();
        checked(&drafts, ("1", 0), "a");
        assert!(drafts.get("1", &key("a"), 1).is_some());
        assert!(drafts.get("1", &key("b"), 1).is_none());
        assert!(drafts.get("2", &key("a"), 1).is_none());
    }

    #[test]
    fn what_nobody_touches_is_forgotten_and_what_is_touched_is_not() {
        let drafts = Drafts::default();
        checked(&drafts, ("1", 0), "a");
        checked(&drafts, ("2", 0), "b");
        assert!(drafts.get("2", &key("b"), IDLE_US - 1).is_some());
        checked(&drafts, ("3", IDLE_US), "c");
        assert!(drafts.get("1", &key("a"), IDLE_US).is_none());
        assert!(drafts.get("2", &key("b"), IDLE_US).is_some());
    }

    #[test]
    fn somebody_with_too_many_files_loses_the_oldest_own_one() {
        let drafts = Drafts::default();
        checked(&drafts, ("other", 0), "b");
        for n in 0..=i64::try_from(OF_ONE_KEY).unwrap() {
            checked(&drafts, (&n.to_string(), n + 1), "a");
        }
        assert!(drafts.get("0", &key("a"), 9).is_none());
        assert!(drafts.get("1", &key("a"), 9).is_some());
        assert!(drafts.get("other", &key("b"), 9).is_some());
    }

    #[test]
    fn recording_begins_once_and_only_after_the_check() {
        let drafts = Drafts::default();
        let draft = drafts.keep(("1".to_owned(), 0), &key("a"), file());
        assert!(!draft.begins());
        draft.tell(DraftState::Recording { rows: 0, of: 1 });
        assert!(!draft.begins());
    }
}
