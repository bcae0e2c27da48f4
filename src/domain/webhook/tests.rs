//! An endpoint's rules and its schedule: one rule a test.

use super::*;
use crate::domain::decision::Decision;
use crate::domain::ids::WebhookId;
use jiff::SignedDuration;
use uuid::Uuid;

fn settings(url: &str) -> WebhookSettings {
    WebhookSettings { url: url.to_owned(), kinds: Vec::new(), unit: None, bank: None, description: None }
}

fn secret(number: u128) -> VaultRef {
    VaultRef::from_uuid(Uuid::from_u128(number))
}

fn register() -> WebhookCommand {
    WebhookCommand::Register(WebhookRegistered {
        webhook_id: WebhookId::from_uuid(Uuid::from_u128(1)),
        place: 7,
        settings: settings("https://a.example/"),
        secret_ref: secret(1),
    })
}

fn after(commands: &[WebhookCommand]) -> Webhook {
    let mut state = Webhook::default();
    for command in commands {
        if let Decision::Events(events) = decide(&state, command) {
            for event in &events {
                state.evolve(event);
            }
        }
    }
    state
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn all_but_register() -> Vec<WebhookCommand> {
    vec![
        WebhookCommand::Change(settings("https://b.example/")),
        WebhookCommand::RotateSecret(WebhookSecretRotated { secret_ref: secret(2), former_until: second(10) }),
        WebhookCommand::Disable(DisableCause::Asked),
        WebhookCommand::Enable,
        WebhookCommand::Remove,
        WebhookCommand::Ping,
        WebhookCommand::Rewind { from_position: 1 },
        WebhookCommand::RepeatDelivery { position: 1 },
    ]
}

#[test]
fn what_was_never_registered_takes_nothing() {
    for command in all_but_register() {
        assert_eq!(decide(&Webhook::default(), &command), Decision::Refused(WebhookRefusal::NotRegistered));
    }
}

#[test]
fn what_was_removed_takes_nothing_and_removing_it_again_changes_nothing() {
    let removed = after(&[register(), WebhookCommand::Remove]);
    for command in all_but_register() {
        let expected =
            if command == WebhookCommand::Remove { Decision::NoOp } else { Decision::Refused(WebhookRefusal::Removed) };
        assert_eq!(decide(&removed, &command), expected, "{command:?}");
    }
}

#[test]
fn what_is_disabled_is_neither_pinged_nor_told_again() {
    let disabled = after(&[register(), WebhookCommand::Disable(DisableCause::Failing)]);
    for command in [
        WebhookCommand::Ping,
        WebhookCommand::Rewind { from_position: 1 },
        WebhookCommand::RepeatDelivery { position: 1 },
    ] {
        assert_eq!(decide(&disabled, &command), Decision::Refused(WebhookRefusal::Disabled));
    }
}

#[test]
fn what_stands_already_changes_nothing() {
    let active = after(&[register()]);
    assert_eq!(decide(&active, &WebhookCommand::Change(settings("https://a.example/"))), Decision::NoOp);
    assert_eq!(decide(&active, &WebhookCommand::Enable), Decision::NoOp);
    let disabled = after(&[register(), WebhookCommand::Disable(DisableCause::Gone)]);
    assert_eq!(decide(&disabled, &WebhookCommand::Disable(DisableCause::Asked)), Decision::NoOp);
}

#[test]
fn a_disabled_endpoint_is_told_again_once_it_is_enabled() {
    let state = after(&[register(), WebhookCommand::Disable(DisableCause::Gone), WebhookCommand::Enable]);
    assert_eq!(state.registered.unwrap().status, WebhookStatus::Active);
}

#[test]
fn two_secrets_sign_until_the_former_ends() {
    let rotate = WebhookCommand::RotateSecret(WebhookSecretRotated { secret_ref: secret(2), former_until: second(10) });
    let own = after(&[register(), rotate]).registered.unwrap();
    assert_eq!(own.secrets(second(9)), [secret(2), secret(1)]);
    assert_eq!(own.secrets(second(10)), [secret(2)]);
}

#[test]
fn an_endpoint_hears_what_it_asked_for_and_everything_when_it_asked_for_nothing() {
    let mut asked = settings("https://a.example/");
    let own = after(&[register()]).registered.unwrap();
    assert!(MessageKind::ALL.into_iter().all(|kind| own.hears(kind)));
    asked.kinds = vec![MessageKind::Returned];
    let own = after(&[register(), WebhookCommand::Change(asked)]).registered.unwrap();
    assert!(own.hears(MessageKind::Returned) && !own.hears(MessageKind::Settled));
}

#[test]
fn each_kind_is_read_back_by_its_word() {
    for kind in MessageKind::ALL {
        assert_eq!(MessageKind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(MessageKind::parse("payment.paid"), None);
}

#[test]
fn a_message_is_tried_after_5_s_5_min_30_min_2_h_5_h_10_h_and_10_h_and_no_more() {
    let delays: Vec<_> =
        (1..=8).map(|tries| next_try(tries, second(0), 0).map(|at| at.duration_since(second(0)).as_secs())).collect();
    let hour = 3_600;
    let expected =
        [Some(5), Some(300), Some(1_800), Some(2 * hour), Some(5 * hour), Some(10 * hour), Some(10 * hour), None];
    assert_eq!(delays, expected);
    assert_eq!(DELAYS.len(), TRIES_MAX as usize);
}

#[test]
fn what_failed_together_is_spread_by_a_tenth_of_the_pause_at_most() {
    assert_eq!(next_try(1, second(0), 255), next_try(1, second(0), 0));
    assert_eq!(next_try(2, second(0), 255), Some(second(330)));
    assert_eq!(next_try(7, second(0), 255), Some(second(11 * 3_600)));
    assert_eq!(next_try(8, second(0), 255), None);
}

#[test]
fn an_endpoint_that_took_nothing_for_five_days_is_over() {
    let since = second(0);
    let almost = since + FAILING_MAX - SignedDuration::from_secs(1);
    assert_eq!([almost, since + FAILING_MAX].map(|now| is_over(since, now)), [false, true]);
}

#[test]
fn an_endpoint_may_ask_for_a_pause_within_our_own_longest() {
    let failed_at: Timestamp = "2025-03-31T03:00:00Z".parse().unwrap();
    let until = |text: &str| RetryAfter::parse(text).map(|asked| asked.until(failed_at).to_string());
    let cases = [
        ("120", "2025-03-31T03:02:00Z"),
        (" 0 ", "2025-03-31T03:00:00Z"),
        ("Mon, 31 Mar 2025 03:05:00 GMT", "2025-03-31T03:05:00Z"),
        ("Mon, 31 Mar 2025 02:00:00 GMT", "2025-03-31T03:00:00Z"),
        ("Mon, 31 Mar 2036 02:00:00 GMT", "2025-03-31T13:00:00Z"),
        ("86400", "2025-03-31T13:00:00Z"),
        ("99999999999999999999999", "2025-03-31T13:00:00Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(until(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "-5", "soon", "1.5", "31/03/2025"] {
        assert_eq!(until(text), None, "{text}");
    }
}
