//! What the items of the worklist are about.

/// What an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkKind {
    Rejected,
    Returned,
    Failed,
    Unclaimed,
    LateMoney,
    Held,
    Late,
    Recovery,
    Approval,
    Authorisation,
    Identity,
    List,
    Desk,
    /// An item of a bank's message that could not be applied.
    BankItem,
    /// A bank's message is past its hour.
    BankSilent,
    AmountDiffers,
    /// An endpoint that was to be told of payments is switched off.
    WebhookOff,
}

impl WorkKind {
    /// All kinds, in the order in which items of one day are listed.
    pub const ALL: [Self; 17] = [
        Self::Rejected,
        Self::Returned,
        Self::Failed,
        Self::Unclaimed,
        Self::LateMoney,
        Self::Held,
        Self::Late,
        Self::Recovery,
        Self::Approval,
        Self::Authorisation,
        Self::Identity,
        Self::List,
        Self::Desk,
        Self::BankItem,
        Self::BankSilent,
        Self::AmountDiffers,
        Self::WebhookOff,
    ];

    /// The word in JSON, files and cursors.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Failed => "failed",
            Self::Unclaimed => "unclaimed",
            Self::LateMoney => "late_money",
            Self::Held => "held",
            Self::Late => "late",
            Self::Recovery => "recovery",
            Self::Approval => "approval",
            Self::Authorisation => "authorisation",
            Self::Identity => "identity",
            Self::List => "list",
            Self::Desk => "desk",
            Self::BankItem => "bank_item",
            Self::BankSilent => "bank_silent",
            Self::AmountDiffers => "amount_differs",
            Self::WebhookOff => "webhook_off",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
