//! A beneficiary as a pseudonym: unit, payout method, authorisations, suspensions, identity, death. Names and numbers live in the vault.

pub mod authorisation;
pub mod command;
pub mod decide;
pub mod error;
pub mod event;
pub mod identifiers;
pub mod identity;
mod method;
pub mod state;
pub mod suspension;

#[cfg(test)]
mod tests;

pub use command::BeneficiaryCommand;
pub use decide::decide;
pub use error::BeneficiaryRefusal;
pub use event::BeneficiaryEvent;
pub use method::MethodPeriod;
pub use state::Beneficiary;
