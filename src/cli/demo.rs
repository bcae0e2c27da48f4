//! `chitra demo`.

use super::arguments::DemoArguments;
use super::{Failure, Outcome};
use crate::config::Settings;

/// Makes and serves a province.
pub async fn demo(_settings: &Settings, _arguments: &DemoArguments) -> Result<Outcome, Failure> {
    Err(Failure("not yet".to_owned()))
}
