//! Everything that is held on one person, as one JSON document: for the person who asks, or an authority that may.

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{beneficiary_stream, payment_stream, personal_stream, recovery_stream};
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside};
use crate::app::queries::{PaymentFilter, PaymentRow};
use crate::app::timeline;
use crate::domain::disclosure::{DisclosureCommand, Disclosures, PersonalDataExported, Purpose};
use crate::domain::ids::BeneficiaryId;
use crate::domain::payment::Payment;
use crate::store::RecordedEvent;
use crate::vault::holdings::{Held, Holdings};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

impl App {
    /// Makes the document. That it was made is recorded first, so that nothing is handed out unseen.
    pub async fn export_person(
        &self,
        principal: &Principal,
        id: BeneficiaryId,
        purpose: Purpose,
    ) -> Result<Value, AppError> {
        let view = self.person_for(principal, Action::ExportPersonal, id).await?;
        let held = self.vault.holdings(id.as_uuid()).await?;
        let filter = PaymentFilter { beneficiary: Some(id), ..PaymentFilter::default() };
        let rows = self.all_payments(&filter).await?;
        let event = PersonalDataExported {
            beneficiary_id: id,
            purpose,
            vault_records: held.as_ref().map_or(0, Holdings::count) as u64,
            payments: rows.len() as u64,
        };
        let command = DisclosureCommand::Export(event);
        let request = self.own_request(principal, "export");
        let stream = personal_stream(id);
        let written = self
            .execute((&stream, Begin::Existing), &request, Beside::default(), |_: &Disclosures| Ok(command.clone()))
            .await?;

        let held = held.unwrap_or_default();
        let words: BTreeMap<Uuid, String> =
            held.words.iter().map(|held| (held.record_ref, held.value.clone())).collect();
        let (mut payments, mut recoveries) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            payments.push(self.payment_of(row, &words).await?);
            recoveries.extend(self.recoveries_told(row).await?);
        }
        let mut events = self.read_whole_stream(&beneficiary_stream(id)).await?;
        events.extend(self.read_whole_stream(&stream).await?);
        events.sort_unstable_by_key(|event| event.position);
        Ok(json!({
            "beneficiary_id": id,
            "exported_at": self.clock.now().to_string(),
            "purpose": purpose.as_str(),
            "as_of_position": written.position,
            "erased": view.person.erased,
            "vault": records(&held),
            "units": view.person.units.iter().map(|(from, unit)| json!({"unit": unit, "from": from})).collect::<Vec<_>>(),
            "methods": view.person.methods,
            "died_on": view.person.died_on,
            "authorisations": view.person.authorisations,
            "suspensions": view.person.suspensions,
            "account_checks": view.person.account_checks,
            "identity": view.person.identity,
            "events": events.iter().map(told).collect::<Vec<_>>(),
            "payments": payments,
            "recoveries": recoveries,
        }))
    }

    /// The recoveries of a payment's money, each with its events: what is asked back, what came, what was given up.
    async fn recoveries_told(&self, row: &PaymentRow) -> Result<Vec<Value>, AppError> {
        let found = self.load::<Payment>(&payment_stream(row.payment_id)).await?;
        let Some(payment) = found.and_then(|(state, _)| state.instructed) else { return Ok(Vec::new()) };
        let mut told_of = Vec::new();
        for found in self.recoveries_of(&payment).await? {
            let events = self.read_whole_stream(&recovery_stream(found.recovery_id)).await?;
            told_of.push(json!({
                "recovery_id": found.recovery_id,
                "payment_id": row.payment_id,
                "ground": found.ground,
                "status": found.state.as_str(),
                "amount": self.profile.currency.format(found.amount.minor),
                "outstanding": self.profile.currency.format(found.outstanding_minor()),
                "currency": found.amount.currency,
                "events": events.iter().map(told).collect::<Vec<_>>(),
            }));
        }
        Ok(told_of)
    }

    /// A payment with its timeline; its orders and outcomes are the events that name the person.
    async fn payment_of(&self, row: &PaymentRow, words: &BTreeMap<Uuid, String>) -> Result<Value, AppError> {
        let events = self.read_whole_stream(&payment_stream(row.payment_id)).await?;
        let entries = timeline::of(&self.profile, &events, words)?;
        let timeline: Vec<Value> = events
            .iter()
            .zip(entries)
            .map(|(recorded, entry)| {
                let mut seen = told(recorded);
                seen["text"] = json!(entry.text);
                seen["text_vi"] = json!(entry.text_vi);
                seen["words"] = json!(entry.words);
                seen
            })
            .collect();
        Ok(json!({"payment_id": row.payment_id, "timeline": timeline}))
    }
}

fn records(held: &Holdings) -> Value {
    let texts = |list: &[Held<String>]| {
        list.iter().map(|held| json!({"record_ref": held.record_ref, "value": held.value})).collect::<Vec<_>>()
    };
    let identifiers: Vec<Value> = held
        .identifiers
        .iter()
        .map(|held| json!({"record_ref": held.record_ref, "scheme": held.value.scheme, "value": held.value.value}))
        .collect();
    let accounts: Vec<Value> = held
        .accounts
        .iter()
        .map(|held| json!({"record_ref": held.record_ref, "bank": held.value.bank, "value": held.value.number}))
        .collect();
    let authorised: Vec<Value> = held
        .authorised
        .iter()
        .map(|held| {
            json!({"record_ref": held.record_ref, "scheme": held.value.scheme, "identifier": held.value.identifier,
            "value": held.value.name})
        })
        .collect();
    json!({
        "names": texts(&held.names),
        "identifiers": identifiers,
        "accounts": accounts,
        "words": texts(&held.words),
        "purposes": texts(&held.purposes),
        "birth_years": texts(&held.birth_years),
        "authorised": authorised,
    })
}

/// An event as the log has it.
fn told(recorded: &RecordedEvent) -> Value {
    let at = Timestamp::from_microsecond(recorded.recorded_at_us).ok().map(|at| at.to_string());
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or(Value::Null);
    json!({
        "position": recorded.position,
        "stream": recorded.stream,
        "type": recorded.event_type,
        "recorded_at": at,
        "data": read(&recorded.data),
        "metadata": read(&recorded.metadata),
    })
}
