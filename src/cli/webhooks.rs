//! `chitra webhooks`: endpoints that are told of payments. With SQLite a running server is the one that writes; it has the same over its API.

use super::bank_registry::bank_of;
use super::{Failure, Outcome, open, open_to_write, output};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::webhooks::address::Network;
use crate::app::webhooks::deliveries::{delivery, viewed};
use crate::app::webhooks::registry::{FORMER_HOURS_DEFAULT, WebhookDeed};
use crate::app::webhooks::{DeliveryState, MessageKind, Options};
use crate::config::Settings;
use crate::domain::identifier::has_long_number;
use crate::domain::ids::WebhookId;
use crate::domain::webhook::WebhookSettings;
use crate::store::OpenMode;
use clap::{Args, Subcommand};

/// Who acts, in the log.
const ACTOR: &str = "command-line";

/// Commands of `webhooks`.
#[derive(Debug, Subcommand)]
pub enum WebhooksCommand {
    /// Register an endpoint, and print its secret alone
    Add(SettingsArguments),
    /// List the endpoints as JSON, one on each line, with how far each was told
    List,
    /// Change an endpoint's settings: all of them; what is not given is as if it had never been
    Change {
        /// The webhook's id
        id: String,
        #[command(flatten)]
        settings: SettingsArguments,
    },
    /// Give an endpoint another secret, and print it alone; the one before signs too for some hours
    RotateSecret {
        /// The webhook's id
        id: String,
        /// For how many hours the one before signs too
        #[arg(long, value_name = "HOURS", default_value_t = FORMER_HOURS_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=720))]
        former_hours: u32,
    },
    /// Send nothing until it is enabled again
    Disable {
        /// The webhook's id
        id: String,
    },
    /// Go on where it was
    Enable {
        /// The webhook's id
        id: String,
    },
    /// Remove an endpoint for good, with the log of its deliveries
    Remove {
        /// The webhook's id
        id: String,
    },
    /// Have a `webhook.ping` sent
    Ping {
        /// The webhook's id
        id: String,
    },
    /// Have it told again of everything from a position
    Replay {
        /// The webhook's id
        id: String,
        /// The first event's position
        #[arg(long, value_name = "POSITION")]
        from: u64,
    },
    /// Have one message sent again
    Resend {
        /// The webhook's id
        id: String,
        /// The event's position
        position: u64,
    },
    /// Print what was sent, newest events first, as JSON, one on each line
    Deliveries {
        /// The webhook's id
        id: String,
        /// Only these
        #[arg(long, value_parser = ["pending", "delivered", "given_up"])]
        status: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
}

/// What is said of an endpoint.
#[derive(Debug, Args)]
pub struct SettingsArguments {
    /// Where messages go: an https address
    url: String,
    /// Of what it is told: payment.settled, payment.returned ...; several if given again [default: everything]
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only of payments of this unit and what lies under it: a unit key, or a code that names one unit today
    #[arg(long)]
    unit: Option<String>,
    /// Only of payments through this bank
    #[arg(long)]
    bank: Option<String>,
    /// What people call it
    #[arg(long)]
    description: Option<String>,
}

/// How this process sends, by the settings.
pub(super) fn options(settings: &Settings) -> Result<Options, Failure> {
    let read = |text: &String| {
        Network::parse(text).ok_or_else(|| {
            Failure(format!(
                "the webhook network {text} cannot be read; expected 10.20.0.0/16, fd00::/8 or one address"
            ))
        })
    };
    let networks = settings.webhook_networks.iter().map(read).collect::<Result<_, _>>()?;
    let usual = Options::default();
    Ok(Options {
        networks,
        keep_days: settings.webhook_keep_days.unwrap_or(usual.keep_days),
        keep_deliveries: settings.webhook_keep_deliveries.unwrap_or(usual.keep_deliveries),
    })
}

/// Changes the registry, or shows it.
pub async fn webhooks(settings: &Settings, command: &WebhooksCommand) -> Result<Outcome, Failure> {
    let reads = matches!(command, WebhooksCommand::List | WebhooksCommand::Deliveries { .. });
    let app = if reads {
        open(settings, OpenMode::Beside, false).await?
    } else {
        open_to_write(settings, "webhooks", false).await?
    };
    app.webhooks.configure(options(settings)?);
    let done = apply(&app, command).await;
    app.store.close().await;
    done.map(|()| Outcome::Done)
}

fn webhook_id(text: &str) -> Result<WebhookId, Failure> {
    WebhookId::parse(text).map_err(|_| Failure(format!("{text} is no webhook's id; `chitra webhooks list` shows them")))
}

fn asked(app: &App, arguments: &SettingsArguments) -> Result<WebhookSettings, Failure> {
    let kind = |text: &String| {
        let known = || MessageKind::ALL.map(MessageKind::as_str).join(", ");
        MessageKind::parse(text).ok_or_else(|| Failure(format!("there is no type {text}; there are {}", known())))
    };
    let today = app.profile.business_day(app.clock.now_us());
    let unit = arguments.unit.as_ref().map(|text| app.scope(text, today)).transpose();
    if arguments.description.as_deref().is_some_and(has_long_number) {
        return Err(Failure("the description is kept for ever: leave out numbers of persons and accounts".to_owned()));
    }
    Ok(WebhookSettings {
        url: arguments.url.clone(),
        kinds: arguments.types.iter().map(kind).collect::<Result<_, _>>()?,
        unit: unit.map_err(|issue| Failure(issue.message))?,
        bank: arguments.bank.as_ref().map(|text| bank_of(app, text)).transpose()?,
        description: arguments.description.clone(),
    })
}

async fn apply(app: &App, command: &WebhooksCommand) -> Result<(), Failure> {
    let principal = Principal::local(ACTOR);
    let request = app.own_request(&principal, "webhooks");
    let (id, deed) = match command {
        WebhooksCommand::Add(arguments) => {
            let (written, secret) = app.register_webhook(&request, asked(app, arguments)?).await.map_err(told)?;
            let id = written.state.registered.map(|own| own.webhook_id.to_string()).unwrap_or_default();
            output::message(&format!("webhook {id} is registered; its secret is shown this once:"));
            output::result(secret.as_ref().map_or("", |secret| secret.as_str()));
            return Ok(());
        }
        WebhooksCommand::RotateSecret { id, former_hours } => {
            let id = webhook_id(id)?;
            let (_, secret) = app.rotate_webhook_secret(&request, id, *former_hours).await?;
            output::message(&format!(
                "webhook {id} has another secret, shown this once; the one before signs too for {former_hours} hours:"
            ));
            output::result(secret.as_ref().map_or("", |secret| secret.as_str()));
            return Ok(());
        }
        WebhooksCommand::List => return list(app, &principal).await,
        WebhooksCommand::Deliveries { id, status, limit } => {
            let state = status.as_deref().and_then(DeliveryState::parse);
            let found = app.webhook_deliveries(&principal, webhook_id(id)?, (None, state, *limit)).await?;
            for one in &found {
                output::result(&delivery(one).to_string());
            }
            return Ok(());
        }
        WebhooksCommand::Change { id, settings } => (id, WebhookDeed::Change(asked(app, settings)?)),
        WebhooksCommand::Disable { id } => (id, WebhookDeed::Disable),
        WebhooksCommand::Enable { id } => (id, WebhookDeed::Enable),
        WebhooksCommand::Remove { id } => (id, WebhookDeed::Remove),
        WebhooksCommand::Ping { id } => (id, WebhookDeed::Ping),
        WebhooksCommand::Replay { id, from } => (id, WebhookDeed::Replay { from_position: *from }),
        WebhooksCommand::Resend { id, position } => (id, WebhookDeed::Resend { position: *position }),
    };
    let id = webhook_id(id)?;
    let written = app.change_webhook(&request, id, deed).await.map_err(told)?;
    let done = if written.appended { "it is recorded" } else { "it was so already" };
    output::message(&format!("webhook {id}: {done}; a running server heeds it within a second"));
    Ok(())
}

/// What is wrong with the input, in words.
fn told(error: crate::app::error::AppError) -> Failure {
    match error {
        crate::app::error::AppError::Invalid(issues) => {
            Failure(issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>().join("; "))
        }
        error => error.into(),
    }
}

async fn list(app: &App, principal: &Principal) -> Result<(), Failure> {
    for state in app.list_webhooks(principal).await? {
        let Some(own) = state.registered else { continue };
        output::result(&viewed(&app.webhook_view(principal, own.webhook_id).await?).to_string());
    }
    Ok(())
}
