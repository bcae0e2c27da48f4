//! Who may do what: one table, role by action, deny by default. Nothing else grants anything.

use crate::domain::ids::{BankId, UnitKey};
use std::fmt;

/// The six roles. A key has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Posts payments and outcomes for own units.
    Clerk,
    /// A clerk who may also correct and reverse.
    Supervisor,
    /// Sees figures, never a person or a payment.
    Analyst,
    /// Reports on the payments of one bank.
    Bank,
    /// Reads everything, writes nothing.
    Auditor,
    /// Runs the machine, sees no payments.
    Operator,
}

impl Role {
    /// All roles, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Clerk, Self::Supervisor, Self::Analyst, Self::Bank, Self::Auditor, Self::Operator];

    /// The word used on the command line, in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
            Self::Bank => "bank",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can be done. Every operation of the API names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    RegisterBeneficiary,
    ChangeBeneficiary,
    ReadBeneficiary,
    /// Name, identifiers and accounts, as far as `app::sight` shows them.
    ReadPersonal,
    /// The same in full, for a stated purpose.
    RevealPersonal,
    /// Everything held on one person, in full.
    ExportPersonal,
    ErasePersonal,
    InstructPayment,
    /// Accept, settle, reject, return, fail: what an agent reports.
    ReportOutcome,
    /// Hold, release, reissue, cancel: what the agency decides.
    ManagePayment,
    CorrectPayment,
    ReadPayment,
    ReadFigures,
    ReadEvents,
    /// Write to streams that are not ours, through the event store protocol.
    AppendEvents,
    ImportFile,
    ReadImport,
    ReverseImport,
    ReadReference,
    ReadRecovery,
    /// Find by hand, ask back, record what came back.
    ManageRecovery,
    WriteOffRecovery,
    ReadApproval,
    /// Consent to, or decline, what another person asked for.
    DecideApproval,
    /// Proofs that events are in the log and that it only grew: hashes, which tell nothing of anybody.
    ReadProofs,
    /// Who must do what about which payment.
    ReadWorklist,
    RegisterDesk,
    /// Keep a cash desk's book and pay at it.
    WorkDesk,
    ReadDesk,
    /// Put a payment list together.
    PrepareList,
    /// Check, submit, reconcile, close, shorten and withdraw one.
    ManageList,
    ApproveList,
    AcknowledgeList,
    ReadList,
    /// Suspend and resume benefits: a decision by law.
    SuspendBenefit,
    /// Results of matching with the population database. Post office staff may not: no clerk's key does.
    RecordIdentity,
    /// What became of a bank's messages.
    ReadInbox,
    /// Say that a person dealt with what waited.
    ResolveInbox,
    /// Banks, their codes and keys.
    ManageBanks,
    /// Keys of this program: who may call.
    ManageKeys,
    /// Endpoints that are told of payments, and what was sent to them.
    ReadWebhook,
    /// Register them, change them, have them told again.
    ManageWebhook,
    /// What rate a unit is to reach by when.
    SetTarget,
    /// Who used the log, who was turned away, what those did who run it.
    ReadAudit,
}

impl Action {
    /// All actions, in the order of the table.
    pub const ALL: [Self; 44] = [
        Self::RegisterBeneficiary,
        Self::ChangeBeneficiary,
        Self::ReadBeneficiary,
        Self::ReadPersonal,
        Self::RevealPersonal,
        Self::ExportPersonal,
        Self::ErasePersonal,
        Self::InstructPayment,
        Self::ReportOutcome,
        Self::ManagePayment,
        Self::CorrectPayment,
        Self::ReadPayment,
        Self::ReadFigures,
        Self::ReadEvents,
        Self::AppendEvents,
        Self::ImportFile,
        Self::ReadImport,
        Self::ReverseImport,
        Self::ReadReference,
        Self::ReadRecovery,
        Self::ManageRecovery,
        Self::WriteOffRecovery,
        Self::ReadApproval,
        Self::DecideApproval,
        Self::ReadProofs,
        Self::ReadWorklist,
        Self::RegisterDesk,
        Self::WorkDesk,
        Self::ReadDesk,
        Self::PrepareList,
        Self::ManageList,
        Self::ApproveList,
        Self::AcknowledgeList,
        Self::ReadList,
        Self::SuspendBenefit,
        Self::RecordIdentity,
        Self::ReadInbox,
        Self::ResolveInbox,
        Self::ManageBanks,
        Self::ManageKeys,
        Self::ReadWebhook,
        Self::ManageWebhook,
        Self::SetTarget,
        Self::ReadAudit,
    ];
}

/// How far a grant reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// What belongs to the key's units (all units for a key without a unit).
    Units,
    /// What goes through the key's bank.
    Bank,
    /// What belongs to no unit: changes of banks and keys, which operators ask each other for. Corrections, write-offs and erasures are the
    /// units' own.
    NoUnit,
    /// Everything in the log, for a key without a unit; nothing for a key with one, since the answer cannot be cut by unit.
    WholeLog,
    /// Everything, for every key of the role: nothing in the answer belongs to a unit.
    Everything,
}

/// The table. A cell that is not named here grants nothing.
#[must_use]
pub const fn reach(role: Role, action: Action) -> Reach {
    use Action as A;
    use Reach::{Bank, Everything, NoUnit, Nothing, Units, WholeLog};
    match (role, action) {
        (
            Role::Clerk | Role::Supervisor,
            A::RegisterBeneficiary
            | A::ChangeBeneficiary
            | A::ReadBeneficiary
            | A::ReadPersonal
            | A::RevealPersonal
            | A::InstructPayment
            | A::ReportOutcome
            | A::ManagePayment
            | A::ReadPayment
            | A::ReadFigures
            | A::ImportFile
            | A::ReadImport
            | A::ReadWorklist
            | A::WorkDesk
            | A::ReadDesk
            | A::PrepareList
            | A::ManageList
            | A::AcknowledgeList
            | A::ReadList
            // A clerk corrects and writes off only where a second person must consent; `app::oversight` sees to it.
            | A::CorrectPayment
            | A::WriteOffRecovery
            | A::ReadRecovery
            | A::ManageRecovery
            | A::ReadApproval
            | A::ReadInbox
            | A::ResolveInbox,
        )
        | (
            Role::Supervisor,
            A::ReverseImport
            | A::ExportPersonal
            | A::ErasePersonal
            | A::RegisterDesk
            | A::ApproveList
            | A::SuspendBenefit
            | A::RecordIdentity
            | A::DecideApproval
            | A::ReadWebhook
            | A::ManageWebhook
            | A::SetTarget,
        )
        | (Role::Operator, A::SetTarget)
        | (Role::Analyst, A::ReadFigures) => Units,
        (Role::Auditor, action) if is_examined(action) => Units,
        (Role::Bank, action) if is_of_banks(action) => Bank,
        (Role::Clerk | Role::Supervisor | Role::Auditor, A::ReadEvents)
        | (Role::Auditor, A::ReadAudit)
        | (Role::Clerk | Role::Supervisor, A::AppendEvents) => WholeLog,
        (Role::Operator, A::ReadApproval | A::DecideApproval) => NoUnit,
        (Role::Operator, A::ManageBanks | A::ManageKeys | A::ReadWebhook | A::ManageWebhook | A::ReadAudit)
        | (_, A::ReadReference | A::ReadProofs) => Everything,
        _ => Nothing,
    }
}

/// What an auditor reads of units.
const fn is_examined(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::ReadBeneficiary
            | A::ReadPersonal
            | A::ReadPayment
            | A::ReadFigures
            | A::ReadImport
            | A::ReadWorklist
            | A::ReadDesk
            | A::ReadList
            | A::ReadRecovery
            | A::ReadApproval
            | A::ReadInbox
            | A::ReadWebhook
    )
}

/// What a bank does for its own payments.
const fn is_of_banks(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::ReportOutcome
            | A::ReadPayment
            | A::AcknowledgeList
            | A::ReadList
            | A::ReadInbox
            | A::ReadWebhook
            | A::ManageWebhook
    )
}

/// Who is calling: a key, as authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The key's id; also the `actor` of what it records and the `caller` of its idempotency keys.
    pub key_id: String,
    pub role: Role,
    /// The unit that the key is limited to, with all that lies under it.
    pub unit: Option<UnitKey>,
    /// The bank that the key is limited to.
    pub bank: Option<BankId>,
}

impl Principal {
    /// The command line's own hand: everything that a supervisor of the whole log may do.
    #[must_use]
    pub fn local(name: &str) -> Self {
        Self { key_id: name.to_owned(), role: Role::Supervisor, unit: None, bank: None }
    }

    /// Whether the role may do this at all, and how far.
    #[must_use]
    pub fn reach(&self, action: Action) -> Reach {
        match reach(self.role, action) {
            Reach::WholeLog if self.unit.is_some() => Reach::Nothing,
            Reach::Bank if self.bank.is_none() => Reach::Nothing,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analyst_reaches_figures_and_reference_data_only() {
        let reached: Vec<Action> =
            Action::ALL.into_iter().filter(|action| reach(Role::Analyst, *action) != Reach::Nothing).collect();
        assert_eq!(reached, [Action::ReadFigures, Action::ReadReference, Action::ReadProofs]);
    }

    #[test]
    fn an_auditor_changes_nothing() {
        for action in Action::ALL {
            let reads = format!("{action:?}").starts_with("Read");
            assert!(reads || reach(Role::Auditor, action) == Reach::Nothing, "{action:?}");
        }
    }

    #[test]
    fn a_key_with_a_unit_does_not_read_the_whole_feed() {
        let unit = UnitKey::parse("D502").ok();
        let mut key = Principal { key_id: "k".into(), role: Role::Clerk, unit, bank: None };
        assert_eq!(key.reach(Action::ReadEvents), Reach::Nothing);
        key.unit = None;
        assert_eq!(key.reach(Action::ReadEvents), Reach::WholeLog);
    }

    #[test]
    fn a_bank_key_without_a_bank_reaches_nothing_of_payments() {
        let key = Principal { key_id: "k".into(), role: Role::Bank, unit: None, bank: None };
        assert_eq!(key.reach(Action::ReportOutcome), Reach::Nothing);
    }

    #[test]
    fn no_clerk_records_identity_or_suspends() {
        for action in [Action::RecordIdentity, Action::SuspendBenefit] {
            assert_eq!(reach(Role::Clerk, action), Reach::Nothing);
            assert_eq!(reach(Role::Supervisor, action), Reach::Units);
        }
    }

    #[test]
    fn operators_alone_manage_banks_and_keys_and_decide_of_nothing_else() {
        for role in Role::ALL {
            let is_operator = role == Role::Operator;
            for action in [Action::ManageBanks, Action::ManageKeys] {
                assert_eq!(reach(role, action) != Reach::Nothing, is_operator, "{role} {action:?}");
            }
            assert_eq!(reach(role, Action::DecideApproval) == Reach::NoUnit, is_operator, "{role}");
        }
    }

    #[test]
    fn an_operator_sees_no_payments() {
        assert_eq!(reach(Role::Operator, Action::ReadPayment), Reach::Nothing);
        assert_eq!(reach(Role::Operator, Action::ReadEvents), Reach::Nothing);
    }
}
