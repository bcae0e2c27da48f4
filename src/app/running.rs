//! Which idempotency keys are being worked on right now: a second request with the same key is told to wait.

use crate::app::error::AppError;
use crate::store::RequestKey;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// (caller, idempotency key)
type Key = (String, String);

/// The requests that are running in this process.
#[derive(Debug, Default, Clone)]
pub struct Running(Arc<Mutex<HashSet<Key>>>);

/// Held while a request runs; dropping it ends the request.
#[derive(Debug)]
pub struct RunningRequest {
    running: Running,
    key: Key,
}

impl Running {
    /// Begins a request, or answers that its first use is still running.
    pub fn begin(&self, request: &RequestKey) -> Result<RunningRequest, AppError> {
        let key = (request.caller.clone(), request.idempotency_key.clone());
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if fresh { Ok(RunningRequest { running: self.clone(), key }) } else { Err(AppError::RequestInProgress) }
    }
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
