//! Payment lists: prepare, check, approve, submit, acknowledge, reconcile, close; each step can be planned first and then done exactly so.

pub mod account;
mod bad_accounts;
pub mod bank_file;
pub mod check;
pub mod inputs;
pub mod order;
pub mod plan;
pub mod preparation;
pub mod prepare;
pub mod print;

pub mod read;
pub mod source;
pub mod steps;
pub mod take;
pub mod withdraw;

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::{Aggregate, fold, list_stream};
use crate::app::error::AppError;
use crate::app::lookup::out_of_reach;
use crate::domain::ids::{AgentCode, BankId, ListId, UnitKey};
use crate::domain::list::PaymentList;
use crate::domain::list::state::Opened;
use crate::store::{RecordedEvent, StoreError};
use std::collections::HashMap;

pub use inputs::{Changes, PrepareInput, PrepareSource, Step};
pub use plan::{Course, Plan};

/// Streams that are read together.
const STREAMS_AT_ONCE: usize = 500;

/// A step that was planned, or done.
#[derive(Debug, Clone)]
pub enum Stepped<T> {
    Planned(Box<Plan>),
    Done(T),
}

impl App {
    /// A list as its stream tells, within the caller's reach.
    pub async fn list_for(
        &self,
        principal: &Principal,
        action: Action,
        id: ListId,
    ) -> Result<(Opened, RecordedEvent), AppError> {
        let found = self.load::<PaymentList>(&list_stream(id)).await?;
        let (list, last) =
            found.and_then(|(state, last)| Some((state.opened?, last))).ok_or(AppError::NotFound("list"))?;
        self.check_list_reach(principal, action, &list)?;
        Ok((list, last))
    }

    /// All items lie in the caller's units; or all go to the caller's bank, or the list goes to it as agent.
    pub fn check_list_reach(&self, principal: &Principal, action: Action, list: &Opened) -> Result<(), AppError> {
        // Nothing on it says whose it is: it is its preparer's.
        if list.items.is_empty() && principal.unit.is_some() && !list.hands.contains(&principal.key_id) {
            return Err(out_of_reach());
        }
        let units = list.units();
        self.check_items_reach(principal, action, (&list.agent, list.only_bank()), units.into_iter())
    }

    /// The same of what is known of a list in other ways.
    pub fn check_items_reach<'a>(
        &self,
        principal: &Principal,
        action: Action,
        (agent, bank): (&AgentCode, Option<&BankId>),
        mut units: impl Iterator<Item = &'a UnitKey>,
    ) -> Result<(), AppError> {
        let within = match principal.reach(action) {
            Reach::NoUnit | Reach::Nothing => false,
            Reach::Everything | Reach::WholeLog => true,
            Reach::Units => principal
                .unit
                .as_ref()
                .is_none_or(|scope| units.all(|unit| self.profile.units.covers(scope.as_str(), unit.as_str()))),
            Reach::Bank => {
                principal.bank.as_ref().is_some_and(|own| bank == Some(own) || agent.as_str() == own.as_str())
            }
        };
        if within { Ok(()) } else { Err(out_of_reach()) }
    }

    /// The aggregates of many streams, by the streams' names. Those that never were are not in the answer.
    pub(super) async fn load_many<A: Aggregate>(&self, streams: &[String]) -> Result<HashMap<String, A>, AppError> {
        self.load_many_as_of(streams, None).await
    }

    /// The same as of a position.
    pub(super) async fn load_many_as_of<A: Aggregate>(
        &self,
        streams: &[String],
        as_of: Option<u64>,
    ) -> Result<HashMap<String, A>, AppError> {
        let in_time = |event: &RecordedEvent| as_of.is_none_or(|as_of| event.position <= as_of);
        let mut names = streams.to_vec();
        names.sort_unstable();
        names.dedup();
        let mut states: HashMap<String, A> = HashMap::with_capacity(names.len());
        for part in names.chunks(STREAMS_AT_ONCE) {
            match self.store.read_streams(part).await {
                Ok(events) => {
                    for event in events.into_iter().filter(in_time) {
                        let read = crate::app::aggregate::decode_own::<A>(&event)?;
                        states.entry(event.stream).or_default().evolve(&read);
                    }
                }
                // Too long to be read together: one by one.
                Err(StoreError::Rejected(_)) => {
                    for name in part {
                        let mut events = self.read_whole_stream(name).await?;
                        events.retain(in_time);
                        if !events.is_empty() {
                            states.insert(name.clone(), fold::<A>(&events)?);
                        }
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(states)
    }
}
