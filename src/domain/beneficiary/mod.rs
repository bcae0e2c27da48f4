//! A beneficiary as a pseudonym: unit, payout method, death. Names and numbers live in the vault.

pub mod command;
pub mod decide;
pub mod error;
pub mod event;
pub mod identifiers;
pub mod state;

#[cfg(test)]
mod tests;

pub use command::BeneficiaryCommand;
pub use decide::decide;
pub use error::BeneficiaryRefusal;
pub use event::BeneficiaryEvent;
pub use state::Beneficiary;
