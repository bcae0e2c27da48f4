//! Who may receive on a person's behalf, what is suspended, whose account it is, and who is paid at home.

use super::*;
use crate::domain::beneficiary::authorisation::{AuthorisationRules, Standing};
use crate::domain::beneficiary::command::HomeFact;
use crate::domain::beneficiary::event::{
    AccountChecked, AuthorisationEnded, AuthorisationGranted, BenefitResumed, BenefitSuspended,
};
use crate::domain::ids::{BenefitType, GroundCode};
use crate::domain::name::NameMatch;

/// Law 41/2024: certified, at most 12 months; those of before end in the middle of 2026.
const RULES: AuthorisationRules = AuthorisationRules {
    months_max: 12,
    must_be_certified: true,
    in_force_from: Some(date(2025, 7, 1)),
    old_until: Some(date(2026, 6, 30)),
};

fn right(number: u128) -> VaultRef {
    VaultRef::from_uuid(Uuid::from_u128(100 + number))
}

fn granted(payee: Payee, from: Date, to: Option<Date>) -> AuthorisationGranted {
    AuthorisationGranted { authorised_ref: right(1), payee, certified: true, valid_from: from, valid_to: to }
}

fn grant(event: AuthorisationGranted) -> BeneficiaryCommand {
    BeneficiaryCommand::GrantAuthorisation { event, rules: RULES }
}

fn year_from_august() -> AuthorisationGranted {
    granted(Payee::Authorised, date(2025, 8, 1), Some(date(2026, 7, 31)))
}

fn end(ended_on: Date) -> BeneficiaryCommand {
    let event = AuthorisationEnded { authorised_ref: right(1), ended_on, reason: "taken back".to_owned() };
    BeneficiaryCommand::EndAuthorisation(event)
}

fn standing(state: &Beneficiary, payee: Payee, day: Date) -> Standing {
    state.registered.as_ref().unwrap().standing_of(payee, day)
}

#[test]
fn an_authorisation_is_in_force_from_its_first_to_its_last_day() {
    let state = given(&[register(), grant(year_from_august())]);
    let on = |day| standing(&state, Payee::Authorised, day);
    assert_eq!(on(date(2025, 7, 31)), Standing::Missing);
    assert_eq!(on(date(2025, 8, 1)), Standing::InForce);
    assert_eq!(on(date(2026, 7, 31)), Standing::InForce);
    assert_eq!(on(date(2026, 8, 1)), Standing::Expired { last_day: date(2026, 7, 31) });
}

#[test]
fn the_beneficiary_needs_no_authorisation_and_a_guardian_needs_a_guardianship() {
    let state = given(&[register(), grant(year_from_august())]);
    assert_eq!(standing(&state, Payee::Beneficiary, date(2025, 9, 1)), Standing::NotNeeded);
    assert_eq!(standing(&state, Payee::Guardian, date(2025, 9, 1)), Standing::Missing);
}

#[test]
fn a_new_authorisation_follows_an_old_one() {
    let next = AuthorisationGranted {
        authorised_ref: right(2),
        ..granted(Payee::Authorised, date(2026, 9, 1), Some(date(2027, 8, 31)))
    };
    let state = given(&[register(), grant(year_from_august()), grant(next)]);
    assert_eq!(
        standing(&state, Payee::Authorised, date(2026, 8, 15)),
        Standing::Expired { last_day: date(2026, 7, 31) }
    );
    assert_eq!(standing(&state, Payee::Authorised, date(2026, 9, 1)), Standing::InForce);
    assert_eq!(state.registered.unwrap().next_authorisation_end(), Some(date(2027, 8, 31)));
}

#[test]
fn an_authorisation_holds_twelve_months_at_most() {
    let state = given(&[register()]);
    let until = |to| grant(granted(Payee::Authorised, date(2025, 8, 1), to));
    let refusal = BeneficiaryRefusal::AuthorisationTooLong { latest: date(2026, 8, 1) };
    then_refused(&state, &until(Some(date(2026, 8, 2))), refusal.clone());
    then_refused(&state, &until(None), refusal);
    assert!(matches!(decide(&state, &until(Some(date(2026, 8, 1))), now()), Decision::Events(_)));
}

#[test]
fn an_authorisation_of_the_law_before_may_be_longer_and_ends_on_the_day_of_the_transition() {
    let state = given(&[register()]);
    let old = |to, certified| {
        grant(AuthorisationGranted { certified, ..granted(Payee::Authorised, date(2024, 1, 1), Some(to)) })
    };
    assert!(matches!(decide(&state, &old(date(2026, 6, 30), false), now()), Decision::Events(_)));
    let refusal = BeneficiaryRefusal::AuthorisationTooLong { latest: date(2026, 6, 30) };
    then_refused(&state, &old(date(2026, 7, 1), true), refusal);
}

#[test]
fn an_authorisation_is_certified() {
    let command = grant(AuthorisationGranted { certified: false, ..year_from_august() });
    then_refused(&given(&[register()]), &command, BeneficiaryRefusal::AuthorisationNotCertified);
}

#[test]
fn a_guardianship_may_be_open() {
    let state = given(&[register(), grant(granted(Payee::Guardian, date(2025, 8, 1), None))]);
    assert_eq!(standing(&state, Payee::Guardian, date(2040, 1, 1)), Standing::InForce);
    assert_eq!(state.registered.unwrap().next_authorisation_end(), None);
}

#[test]
fn nobody_authorises_oneself_nor_backwards() {
    let state = given(&[register()]);
    let oneself = grant(granted(Payee::Beneficiary, date(2025, 8, 1), Some(date(2025, 9, 1))));
    then_refused(&state, &oneself, BeneficiaryRefusal::AuthorisationOfOneself);
    let backwards = grant(granted(Payee::Authorised, date(2025, 8, 1), Some(date(2025, 7, 31))));
    then_refused(&state, &backwards, BeneficiaryRefusal::AuthorisationEndsBeforeItBegins);
}

#[test]
fn an_authorisation_that_was_ended_no_longer_holds_from_that_day() {
    let state = given(&[register(), grant(year_from_august()), end(date(2025, 12, 1))]);
    assert_eq!(standing(&state, Payee::Authorised, date(2025, 11, 30)), Standing::InForce);
    let expired = Standing::Expired { last_day: date(2025, 11, 30) };
    assert_eq!(standing(&state, Payee::Authorised, date(2025, 12, 1)), expired);
    assert_eq!(state.registered.as_ref().unwrap().next_authorisation_end(), None);
    then_nothing_new(&state, &end(date(2025, 12, 1)));
    let refusal = BeneficiaryRefusal::AuthorisationEnded { ended_on: date(2025, 12, 1) };
    then_refused(&state, &end(date(2026, 1, 1)), refusal);
}

#[test]
fn only_an_authorisation_that_was_given_can_be_ended() {
    then_refused(&given(&[register()]), &end(date(2025, 12, 1)), BeneficiaryRefusal::NoSuchAuthorisation);
}

#[test]
fn an_authorisation_ends_with_its_giver() {
    let old = granted(Payee::Authorised, date(2025, 1, 1), Some(date(2025, 12, 31)));
    let died_on = date(2025, 3, 1);
    let state = given(&[register(), grant(old.clone()), death(died_on)]);
    assert_eq!(standing(&state, Payee::Authorised, died_on), Standing::InForce);
    assert_eq!(standing(&state, Payee::Authorised, date(2025, 3, 2)), Standing::Expired { last_day: died_on });
    then_refused(&state, &grant(old), BeneficiaryRefusal::Deceased { died_on });
}

fn for_another(allowed: bool) -> BeneficiaryCommand {
    let mut command = choice("account", Some("2025-09"));
    (command.payee, command.account_payee_allowed) = (Payee::Authorised, allowed);
    BeneficiaryCommand::ChooseMethod(command)
}

#[test]
fn an_account_of_another_needs_the_profiles_leave_and_a_right_when_it_begins() {
    let nobody = given(&[register()]);
    then_refused(&nobody, &for_another(false), BeneficiaryRefusal::PayeeNotAllowed);
    then_refused(&nobody, &for_another(true), BeneficiaryRefusal::AuthorisationMissing { on: date(2025, 9, 1) });
    let old = given(&[register(), grant(granted(Payee::Authorised, date(2025, 1, 1), Some(date(2025, 8, 31))))]);
    then_refused(&old, &for_another(true), BeneficiaryRefusal::AuthorisationExpired { last_day: date(2025, 8, 31) });
    let state = given(&[register(), grant(year_from_august())]);
    assert!(matches!(decide(&state, &for_another(true), now()), Decision::Events(_)));
}

#[test]
fn cash_may_be_chosen_for_another_whose_right_is_looked_at_each_time() {
    let mut command = choice("cash_desk", None);
    (command.payee, command.account_payee_allowed) = (Payee::Authorised, false);
    let state = given(&[register()]);
    assert!(matches!(decide(&state, &BeneficiaryCommand::ChooseMethod(command), now()), Decision::Events(_)));
}

fn at_home(old_enough: bool, ground: Option<&str>) -> BeneficiaryCommand {
    let mut command = choice("cash_desk", None);
    command.home = Some(HomeFact {
        from_age: 80,
        age_ground: GroundCode::parse("age").unwrap(),
        old_enough,
        ground: ground.map(|ground| GroundCode::parse(ground).unwrap()),
        grounds: "sick".to_owned(),
    });
    BeneficiaryCommand::ChooseMethod(command)
}

#[test]
fn the_old_are_paid_at_home_and_others_on_a_ground() {
    let state = given(&[register()]);
    let ground = |command| match decide(&state, &command, now()) {
        Decision::Events(events) => match &events[..] {
            [BeneficiaryEvent::PayoutMethodChosen(event)] => event.home_ground.clone().map(|ground| ground.to_string()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(ground(at_home(true, None)).as_deref(), Some("age"));
    assert_eq!(ground(at_home(false, Some("sick"))).as_deref(), Some("sick"));
    let refusal = BeneficiaryRefusal::NotForHome { from_age: 80, grounds: "sick".to_owned() };
    then_refused(&state, &at_home(false, None), refusal);
}

fn check(account: u128, name_match: NameMatch) -> BeneficiaryCommand {
    BeneficiaryCommand::CheckAccount(AccountChecked {
        account_ref: VaultRef::from_uuid(Uuid::from_u128(account)),
        name_match,
        checked_at: now(),
        source: "vcb".to_owned(),
    })
}

#[test]
fn a_check_of_an_account_is_recorded_whatever_it_says() {
    let state = given(&[register(), choose("account", "2025-04")]);
    for name_match in NameMatch::ALL {
        assert!(matches!(decide(&state, &check(5, name_match), now()), Decision::Events(_)), "{name_match:?}");
    }
}

#[test]
fn the_latest_check_of_an_account_counts_and_the_same_again_is_nothing_new() {
    let before = [register(), choose("account", "2025-04"), check(5, NameMatch::Different), check(5, NameMatch::Exact)];
    let state = given(&before);
    let checks = &state.registered.as_ref().unwrap().account_checks;
    assert_eq!(checks.iter().map(|check| check.name_match).collect::<Vec<_>>(), [NameMatch::Exact]);
    then_nothing_new(&state, &check(5, NameMatch::Exact));
}

#[test]
fn an_account_that_is_not_the_persons_is_not_checked_nor_one_tomorrow() {
    let state = given(&[register(), choose("account", "2025-04")]);
    then_refused(&state, &check(6, NameMatch::Exact), BeneficiaryRefusal::NoSuchAccount);
    let yesterday = "2025-03-19T03:00:00Z".parse().unwrap();
    let refused = decide(&state, &check(5, NameMatch::Exact), yesterday);
    assert_eq!(refused, Decision::Refused(BeneficiaryRefusal::CheckInFuture));
}

fn benefit(code: &str) -> BenefitType {
    BenefitType::parse(code).unwrap()
}

fn suspend(benefit_type: Option<&str>, from: &str) -> BeneficiaryCommand {
    BeneficiaryCommand::Suspend(BenefitSuspended {
        benefit_type: benefit_type.map(benefit),
        legal_ground: GroundCode::parse("cannot_be_verified").unwrap(),
        from_month: month(from),
        note: None,
    })
}

fn resume(benefit_type: Option<&str>, from: &str, arrears: bool) -> BeneficiaryCommand {
    let benefit_type = benefit_type.map(benefit);
    BeneficiaryCommand::Resume(BenefitResumed { benefit_type, from_month: month(from), arrears, note: None })
}

fn is_suspended(state: &Beneficiary, code: &str, in_month: &str) -> bool {
    state.registered.as_ref().unwrap().suspension_in(&benefit(code), month(in_month)).is_some()
}

#[test]
fn a_suspension_forbids_its_benefit_from_its_month_on() {
    let state = given(&[register(), suspend(Some("pension"), "2025-04")]);
    assert!(!is_suspended(&state, "pension", "2025-03"));
    assert!(is_suspended(&state, "pension", "2025-04") && is_suspended(&state, "pension", "2030-01"));
    assert!(!is_suspended(&state, "survivor_monthly", "2025-04"));
    assert!(is_suspended(&given(&[register(), suspend(None, "2025-04")]), "survivor_monthly", "2025-04"));
}

#[test]
fn a_resumption_frees_the_months_from_its_own_on() {
    let state = given(&[register(), suspend(None, "2025-04"), resume(None, "2025-06", false)]);
    assert!(is_suspended(&state, "pension", "2025-05"));
    assert!(!is_suspended(&state, "pension", "2025-06"));
}

#[test]
fn what_is_suspended_already_is_not_suspended_again_but_from_an_earlier_month() {
    let state = given(&[register(), suspend(None, "2025-04")]);
    then_nothing_new(&state, &suspend(None, "2025-04"));
    let refusal = BeneficiaryRefusal::AlreadySuspended { from_month: month("2025-04") };
    then_refused(&state, &suspend(None, "2025-05"), refusal.clone());
    then_refused(&state, &suspend(Some("pension"), "2025-05"), refusal);
    let earlier = given(&[register(), suspend(None, "2025-04"), suspend(None, "2025-02")]);
    assert!(is_suspended(&earlier, "pension", "2025-02"));
    let over = resume(None, "2025-05", false);
    let state = given(&[register(), suspend(None, "2025-04"), suspend(None, "2025-02"), over]);
    assert!(is_suspended(&state, "pension", "2025-03") && !is_suspended(&state, "pension", "2025-05"));
}

#[test]
fn one_benefit_of_several_is_resumed_and_all_at_once_too() {
    let both = [register(), suspend(Some("pension"), "2025-04"), suspend(Some("survivor_monthly"), "2025-04")];
    let mut one = both.to_vec();
    one.push(resume(Some("pension"), "2025-06", false));
    let state = given(&one);
    assert!(!is_suspended(&state, "pension", "2025-06") && is_suspended(&state, "survivor_monthly", "2025-06"));
    let mut all = both.to_vec();
    all.push(resume(None, "2025-06", true));
    let state = given(&all);
    assert!(!is_suspended(&state, "pension", "2025-06") && !is_suspended(&state, "survivor_monthly", "2025-06"));
}

#[test]
fn only_what_is_suspended_is_resumed_and_not_before_it_was() {
    then_refused(&given(&[register()]), &resume(None, "2025-06", false), BeneficiaryRefusal::NotSuspended);
    let state = given(&[register(), suspend(None, "2025-04")]);
    then_refused(&state, &resume(Some("pension"), "2025-06", false), BeneficiaryRefusal::NotSuspended);
    let refusal = BeneficiaryRefusal::ResumedBeforeSuspended { from_month: month("2025-04") };
    then_refused(&state, &resume(None, "2025-03", false), refusal);
    let state = given(&[register(), suspend(None, "2025-04"), resume(None, "2025-06", false)]);
    then_nothing_new(&state, &resume(None, "2025-06", false));
    then_refused(&state, &resume(None, "2025-07", false), BeneficiaryRefusal::NotSuspended);
}

#[test]
fn the_dead_are_not_suspended() {
    let died_on = date(2025, 2, 1);
    let dead = given(&[register(), death(died_on)]);
    then_refused(&dead, &suspend(None, "2025-04"), BeneficiaryRefusal::Deceased { died_on });
}

#[test]
fn each_method_has_the_months_in_which_it_is_in_force() {
    let state =
        given(&[register(), choose("account", "2025-04"), choose("cash_desk", "2025-06"), choose("wallet", "2025-05")]);
    let person = state.registered.unwrap();
    let history: Vec<_> = person
        .method_history()
        .into_iter()
        .map(|period| (period.method.channel.to_string(), period.until, period.ever_in_force))
        .collect();
    let expected = [
        ("account".to_owned(), Some(month("2025-04")), true),
        ("cash_desk".to_owned(), Some(month("2025-04")), false),
        ("wallet".to_owned(), None, true),
    ];
    assert_eq!(history, expected);
}
