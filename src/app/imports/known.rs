//! What a chunk of payment rows needs to know of the log, looked up by few statements while another chunk is judged.

use super::duplicates::KeyKind;
use super::parse::{Fields, ParsedRow, PaymentFields};
use super::record::Pass;
use crate::app::aggregate::beneficiary_of_stream;
use crate::app::checks;
use crate::app::error::{AppError, FieldIssue};
use crate::app::inputs::PersonName;
use crate::app::lookup::person_unknown;
use crate::domain::beneficiary::Beneficiary;
use crate::domain::claims::{self, paid_month_key, reference_key};
use crate::domain::ids::{BeneficiaryId, PaymentReference, SchemeCode};
use crate::domain::profile::HolderFacts;
use crate::projections::payments::PaymentRow;
use crate::store::SharedEventStore;
use crate::store::views::ViewStore;
use std::collections::HashMap;
use std::sync::Arc;

/// The person that a row names, or what is wrong with the name.
type Person = Result<BeneficiaryId, FieldIssue>;

/// What is known of the payments of a chunk.
#[derive(Default)]
pub struct Known {
    /// For each row, in their order.
    pub rows: Vec<KnownRow>,
    pub states: HashMap<BeneficiaryId, Beneficiary>,
    /// Streams that hold the references.
    pub references: HashMap<PaymentReference, String>,
    /// Payments that hold them.
    pub payments: HashMap<PaymentReference, PaymentRow>,
    /// Streams that hold benefit months.
    pub months: HashMap<Vec<u8>, String>,
}

/// What is known of one row.
#[derive(Default)]
pub struct KnownRow {
    /// `None` when the row could not be read.
    pub person: Option<Person>,
    /// In pass 1: keys that may stand only once in the file, the reference first.
    pub keys: Vec<(KeyKind, Vec<u8>)>,
}

/// Whom the rows name, as far as the profile and the vault's key can tell.
pub struct Asked {
    /// For each row: found already, wrong, or the number of its identifier's key.
    people: Vec<Option<Result<Person, (usize, SchemeCode)>>>,
    keys: Vec<Vec<u8>>,
    /// Pass 1: whether references and months are taken is asked too. In pass 2 the store itself refuses what came in since.
    checking: bool,
}

impl Pass<'_> {
    /// The questions of a chunk.
    pub(super) fn ask_payments(&self, rows: &[ParsedRow]) -> Asked {
        let mut asked = Asked {
            people: Vec::with_capacity(rows.len()),
            keys: Vec::with_capacity(rows.len()),
            checking: self.checking,
        };
        for row in rows {
            let person = payment(row).map(|fields| self.ask_person(&fields.person, &mut asked.keys));
            asked.people.push(person);
        }
        asked
    }

    fn ask_person(&self, person: &PersonName, keys: &mut Vec<Vec<u8>>) -> Result<Person, (usize, SchemeCode)> {
        let (scheme, value) = match person {
            PersonName::Id(id) => return Ok(Ok(*id)),
            PersonName::Identifier { scheme, value } => (scheme, value),
        };
        match checks::identifier(&self.app.profile, scheme, value, HolderFacts::default()) {
            Ok((normalised, _)) => {
                keys.push(self.app.vault.identifier_key(scheme.as_str(), &normalised));
                Err((keys.len() - 1, scheme.clone()))
            }
            Err(issue) => Ok(Err(issue)),
        }
    }
}

/// The fields of a row that could be read.
pub fn payment(row: &ParsedRow) -> Option<&PaymentFields> {
    match &row.fields {
        Some(Fields::Payment(fields)) => Some(fields),
        _ => None,
    }
}

/// Asks the log and the projections. Borrows nothing of the import, so that a task of its own can do it.
pub async fn look_up(
    (store, views): (SharedEventStore, Arc<dyn ViewStore>),
    rows: &[ParsedRow],
    asked: Asked,
) -> Result<Known, AppError> {
    let holders = store.find_claims(claims::IDENTIFIER, &asked.keys).await?;
    let found = |number: usize, scheme: SchemeCode| {
        let holder = holders.get(number).and_then(Option::as_deref);
        holder.and_then(beneficiary_of_stream).ok_or_else(|| person_unknown(scheme.to_string()))
    };
    let people = asked
        .people
        .into_iter()
        .map(|person| person.map(|person| person.unwrap_or_else(|(number, scheme)| found(number, scheme))));
    let mut known =
        Known { rows: people.map(|person| KnownRow { person, keys: Vec::new() }).collect(), ..Known::default() };
    known.states = load_people(views.as_ref(), &known.rows).await?;
    if !asked.checking {
        return Ok(known);
    }
    for (row, known) in rows.iter().zip(&mut known.rows) {
        if let Some(fields) = payment(row) {
            known.keys = keys(fields, known.person.as_ref());
        }
    }
    known.references = taken_references(store.as_ref(), rows, &known.rows).await?;
    if !known.references.is_empty() {
        let taken: Vec<PaymentReference> = known.references.keys().cloned().collect();
        let found = views.payments_by_reference(&taken).await?;
        known.payments = found.into_iter().map(|payment| (payment.reference.clone(), payment)).collect();
    }
    let months = known.rows.iter().flat_map(|row| row.keys.iter().skip(1).map(|(_, key)| key.clone()));
    let months: Vec<Vec<u8>> = months.collect();
    let holders = store.find_claims(claims::BENEFIT_MONTH, &months).await?;
    known.months = months.into_iter().zip(holders).filter_map(|(key, holder)| Some((key, holder?))).collect();
    Ok(known)
}

/// The people's records, from the projection that was caught up before the pass began.
async fn load_people(
    views: &dyn ViewStore,
    rows: &[KnownRow],
) -> Result<HashMap<BeneficiaryId, Beneficiary>, AppError> {
    let mut ids: Vec<BeneficiaryId> =
        rows.iter().filter_map(|row| row.person.as_ref()?.as_ref().ok().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = views.beneficiaries(&ids).await?;
    Ok(found.into_iter().map(|row| (row.beneficiary_id, row.into_state())).collect())
}

async fn taken_references(
    store: &dyn crate::store::EventStore,
    rows: &[ParsedRow],
    known: &[KnownRow],
) -> Result<HashMap<PaymentReference, String>, AppError> {
    let with_key = |(row, known)| Some((payment(row)?, known));
    let asked = || rows.iter().zip(known).filter_map(|(row, known): (_, &KnownRow)| with_key((row, known)));
    let keys: Vec<Vec<u8>> = asked().filter_map(|(_, known)| known.keys.first()).map(|(_, key)| key.clone()).collect();
    let holders = store.find_claims(claims::PAYMENT_REFERENCE, &keys).await?;
    let taken = asked().zip(holders).filter_map(|((fields, _), holder)| Some((fields.reference.clone(), holder?)));
    Ok(taken.collect())
}

/// The keys of a row: its reference, then its months when the person is known.
fn keys(fields: &PaymentFields, person: Option<&Person>) -> Vec<(KeyKind, Vec<u8>)> {
    let mut keys = vec![(KeyKind::Reference, reference_key(&fields.reference))];
    if let Some(Ok(person)) = person {
        let months = fields.benefit_months.iter();
        let what = (fields.kind, fields.amount.minor);
        let months = months.map(|month| paid_month_key(what, *month, &fields.benefit_type, *person));
        keys.extend(months.map(|key| (KeyKind::BenefitMonth, key)));
    }
    keys
}
