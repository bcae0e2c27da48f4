//! The two sample profiles, and the mistakes that a profile must not have.

use super::{BankKind, CountsAs, Periodicity, Profile};
use crate::domain::ids::BenefitGroup;
use crate::domain::import::ImportKind;
use crate::domain::payment::event::ReasonClass;
use crate::domain::period::Month;
use crate::domain::place::ResolveError;
use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;

const VIETNAM: &str = include_str!("../../../config/vietnam.toml");
const TAVARIA: &str = include_str!("../../../config/tavaria.toml");
const UNITS: &str = include_str!("../../../config/tavaria/units.csv");
const LINKS: &str = include_str!("../../../config/tavaria/successions.csv");

fn tavaria() -> Profile {
    Profile::from_toml(TAVARIA, UNITS, LINKS).unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

#[test]
fn vietnam_has_the_benefits_channels_and_agents_of_the_domain() {
    let profile = Profile::vietnam();
    assert_eq!((profile.currency.currency.as_str(), profile.currency.exponent), ("VND", 0));
    assert_eq!(profile.benefit_type("pension").map(|spec| spec.periodicity), Some(Periodicity::Monthly));
    assert_eq!(profile.group_of("maternity").map(BenefitGroup::as_str), Some("short_term"));
    assert_eq!(profile.benefit_types.len(), 13);
    let cashless = |code| profile.is_cashless(code);
    assert_eq!([cashless("account"), cashless("wallet")], [Some(true), Some(true)]);
    assert_eq!([cashless("cash_desk"), cashless("home_delivery")], [Some(false), Some(false)]);
    assert_eq!(cashless("post"), None, "the post is an agent, not a channel");
    assert!(profile.agent("post").is_some());
    assert!(profile.channel_fact("account").unwrap().requires_account);
    assert_eq!(profile.channel("wallet").unwrap().counts_as, CountsAs::Wallet);
}

#[test]
fn decision_1813_covers_all_groups_but_social_assistance() {
    let profile = Profile::vietnam();
    let target = &profile.targets[0];
    assert_eq!(target.value, Decimal::new(60, 2));
    assert_eq!(target.urban, Some(true));
    let covered = |benefit: &str| target.groups.contains(profile.group_of(benefit).unwrap());
    assert!(covered("pension") && covered("unemployment") && covered("funeral"));
    assert!(!covered("social_pension"));
}

#[test]
fn a_bank_is_found_by_id_name_number_and_what_clerks_write() {
    let profile = Profile::vietnam();
    let id = |text| profile.bank_by_name(text).map(|bank| bank.id.as_str());
    for text in ["vcb", "VCB", "Vietcombank", "970436", "BFTVVNVX", "Ngân hàng  Ngoại thương"] {
        assert_eq!(id(text), Some("vcb"), "{text}");
    }
    assert_eq!(id("LienVietPostBank"), Some("lpbank"));
    assert_eq!(id("Unknown Bank"), None);
    assert_eq!(profile.bank("momo").map(|bank| bank.kind), Some(BankKind::Wallet));
}

#[test]
fn a_day_begins_at_midnight_in_the_profiles_zone() {
    let us = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
    let vietnam = Profile::vietnam();
    assert_eq!(vietnam.business_day(us("2025-03-04T16:59:59.999999Z")), date(2025, 3, 4));
    assert_eq!(vietnam.business_day(us("2025-03-04T17:00:00Z")), date(2025, 3, 5));
    assert_eq!(tavaria().business_day(us("2025-01-05T00:30:00Z")), date(2025, 1, 4));
}

#[test]
fn reason_codes_have_classes_and_others_are_unknown() {
    let profile = Profile::vietnam();
    assert_eq!(profile.reason_class("iso20022", "AC01"), ReasonClass::AccountData);
    assert_eq!(profile.reason_class("iso20022", "MD07"), ReasonClass::Deceased);
    assert_eq!(profile.reason_class("iso20022", "ZZ99"), ReasonClass::Unknown);
    assert_eq!(profile.reason_class("vcb", "AC01"), ReasonClass::Unknown, "codes belong to a system");
}

#[test]
fn due_days_are_put_off_over_weekends_and_tet() {
    let profile = Profile::vietnam();
    assert_eq!(profile.due_on(month("2025-03"), "account"), Some(date(2025, 3, 5)));
    assert_eq!(
        profile.due_on(month("2025-04"), "account"),
        Some(date(2025, 4, 8)),
        "Saturday, Sunday, Hung Kings' day"
    );
    assert_eq!(profile.due_on(month("2025-05"), "cash_desk"), Some(date(2025, 5, 12)));
    assert_eq!(profile.due_on(month("2025-05"), "pigeon"), None);
}

#[test]
fn the_cut_off_is_the_profiles() {
    assert_eq!(Profile::vietnam().earliest_effective_month(date(2025, 3, 20)), month("2025-04"));
    assert_eq!(Profile::vietnam().earliest_effective_month(date(2025, 3, 21)), month("2025-05"));
    assert_eq!(tavaria().earliest_effective_month(date(2025, 3, 11)), month("2025-05"));
}

#[test]
fn a_payment_names_a_commune_and_not_what_lies_above() {
    let profile = Profile::vietnam();
    let on = date(2025, 3, 5);
    assert_eq!(profile.payment_unit("20965", on).map(|unit| unit.key.as_str()), Ok("C20965"));
    assert!(matches!(profile.payment_unit("517", on), Err(ResolveError::WrongLevel { .. })));
    let fact = profile.payment_unit("20965", on).unwrap().fact("20965");
    assert_eq!((fact.urban, fact.valid_from, fact.valid_to), (true, None, Some(date(2025, 6, 30))));
    let after = profile.payment_unit("20965", date(2025, 7, 1)).unwrap().fact("20965");
    assert!(!after.urban, "the township became a commune under the same code");
}

#[test]
fn vietnamese_headers_and_words_are_known() {
    let profile = Profile::vietnam();
    let columns = profile.columns(ImportKind::Payments);
    assert!(
        columns.iter().any(|column| column.name == "amount" && column.aliases.iter().any(|alias| alias == "Số tiền"))
    );
    assert_eq!(profile.code_of_word("channel", " chuyển KHOẢN"), Some("account"));
    assert_eq!(profile.code_of_word("channel", "cash_desk"), Some("cash_desk"));
    assert_eq!(profile.code_of_word("status", "Đã chi trả"), Some("settled"));
    assert_eq!(
        profile.code_of_word("channel", "Tie\u{302}\u{300}n ma\u{323}\u{306}t"),
        Some("cash_desk"),
        "decomposed"
    );
    assert_eq!(profile.code_of_word("channel", "bồ câu"), None);
    assert_eq!(profile.code_of_word("weather", "Tiền mặt"), None);
}

#[test]
fn tavaria_differs_in_everything_that_is_data() {
    let profile = tavaria();
    assert_eq!(profile.currency.parse("12.50").map(|money| money.minor), Ok(1250));
    assert_eq!(profile.levels.iter().map(|level| level.code.as_str()).collect::<Vec<_>>(), ["canton", "ward"]);
    assert_eq!(profile.is_cashless("mobile_money"), Some(true));
    assert_eq!(profile.is_cashless("account"), None);
    assert!(profile.working_days.is_working_day(date(2026, 3, 1)), "Sundays are worked");
    assert!(!profile.working_days.is_working_day(date(2026, 3, 6)), "Fridays are not");
    assert_eq!(
        profile.due_on(month("2026-02"), "voucher"),
        Some(date(2026, 3, 1)),
        "no 31 February; the 28th is a Saturday"
    );
    assert_eq!(profile.payment_unit("2", date(2026, 6, 1)).map(|unit| unit.key.as_str()), Ok("N2a"));
    assert!(matches!(profile.payment_unit("1", date(2026, 6, 1)), Err(ResolveError::Ambiguous { .. })));
    assert_eq!(profile.units.get("N1").unwrap().name, "Harbour, Old Town");
}

#[test]
fn a_label_falls_back_to_another_language() {
    let profile = tavaria();
    assert_eq!(profile.channel("voucher").unwrap().labels.get("vi"), "Paper voucher");
    assert_eq!(Profile::vietnam().channel("account").unwrap().labels.get("vi"), "Tài khoản ngân hàng");
}

#[track_caller]
fn refused(from: &str, to: &str, expected: &str) {
    assert_eq!(TAVARIA.matches(from).count(), 1, "{from} must stand once");
    let error = Profile::from_toml(&TAVARIA.replace(from, to), UNITS, LINKS).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_reference_to_what_is_not_defined_names_its_table_and_field() {
    refused(
        "default_agent = \"shop\"",
        "default_agent = \"owl\"",
        "channels, default_agent of voucher: owl is not an agent",
    );
    refused("groups = [\"grants\"]", "groups = [\"loans\"]", "targets, groups of digital-2027: loans is not a group");
    refused("payment_level = \"ward\"", "payment_level = \"street\"", "payment_level: street is not a level");
    refused("channels = [\"mobile_money\", \"voucher\"]", "channels = [\"owl\"]", "month_end: owl is not a channel");
    refused("code = \"canton\"\nrank = 1", "code = \"shire\"\nrank = 1", "units, level of N: canton is not a level");
    refused(
        "group = \"grants\"\nperiodicity = \"monthly\"\npurpose = \"PENS\"",
        "group = \"x\"\nperiodicity = \"monthly\"\npurpose = \"PENS\"",
        "group of old_age_grant",
    );
}

#[test]
fn a_value_out_of_its_range_is_refused() {
    refused("exponent = 2", "exponent = 9", "money, exponent");
    refused("amount_max_minor = 50_000_00", "amount_max_minor = 0", "amount_max_minor");
    refused("cut_off_day = 10", "cut_off_day = 32", "cut_off_day: 32 is not a day");
    refused("transfer_complete_day = 28", "transfer_complete_day = 24", "before transfer_start_day");
    refused("Atlantic/Azores", "Atlantic/Atlantis", "calendar, time_zone: Atlantic/Atlantis");
    refused("value = \"0.75\"", "value = \"75\"", "from 0 to 1");
    refused("ageing_days = [7, 30]", "ageing_days = [30, 7]", "ageing_days");
    refused("length_min = 7", "length_min = 2", "mask hides nothing");
    refused("rank = 2", "rank = 1", "same rank");
    refused("rank = 1", "rank = 3", "parent's level");
    refused("languages = [\"en\"]", "languages = [\"en\", \"fr\"]", "the language fr is missing");
}

#[test]
fn an_identifier_has_a_column_of_its_own_and_no_other_fields_name() {
    refused("code = \"citizen_no\"", "code = \"account\"", "identifiers, account: is the name of another field");
    refused("code = \"citizen_no\"", "code = \"payee\"", "columns.payments, citizen_no: is neither a field");
    refused("code = \"citizen_no\"", "code = \"Citizen No\"", "identifier scheme must be");
    refused("example = \"T1234567\"", "example = \"T1\"", "identifiers, example of citizen_no");
    refused("{ name = \"due_on\" }", "{ name = \"due\" }", "columns.payments, due: is neither a field");
    refused("{ name = \"end_to_end_id\" }", "{ name = \"citizen_no\" }", "columns.outcomes, citizen_no: is neither");
    let without = TAVARIA
        .replace("  { name = \"citizen_no\", aliases = [\"Citizen number\"] },\n", "")
        .replace("  { name = \"beneficiary_ref\", aliases = [\"Card\"] },\n", "");
    let error = Profile::from_toml(&without, UNITS, LINKS).unwrap_err().to_string();
    assert!(error.contains("columns.payments, name: at least one column must be an identifier"), "{error}");
    let reserved = TAVARIA.replace("\"citizen_no\"", "\"requested_on\"");
    let error = Profile::from_toml(&reserved, UNITS, LINKS).unwrap_err().to_string();
    assert!(error.contains("identifiers, requested_on: is the name of another field"), "{error}");
}

#[test]
fn a_name_or_code_used_twice_is_refused() {
    refused("code = \"shop\"", "code = \"telecom\"", "agents, code: telecom is used twice");
    refused(
        "aliases = [\"Tav Cell Cash\"]",
        "aliases = [\"Tav Cell Cash\"]\n[[banks]]\nid = \"other\"\nshort_name = \"tav-cell\"\nkind = \"bank\"",
        "also names tavcell",
    );
    refused("codes = [\"E17\"]", "codes = [\"E17\", \"E17\"]", "reasons, E17");
    refused(
        "words = [\"phone\"]",
        "words = [\"phone\"]\n[[words]]\nfield = \"channel\"\ncode = \"voucher\"\nwords = [\"Phone\"]",
        "stands for",
    );
}

#[test]
fn a_misspelt_field_and_a_bad_code_name_their_line() {
    refused("cut_off_day = 10", "cutoff_day = 10", "cutoff_day");
    refused("code = \"family_grant\"", "code = \"Family Grant\"", "benefit_type must be");
    refused("completeness_threshold = \"0.9\"", "completeness_threshold = 0.9", "line");
}

#[test]
fn a_paid_unit_says_whether_it_is_urban() {
    let units = UNITS.replace("S1,1,ward,Saltmarsh,ward,S,,,false", "S1,1,ward,Saltmarsh,ward,S,,,");
    let error = Profile::from_toml(TAVARIA, &units, LINKS).unwrap_err().to_string();
    assert!(error.contains("units, urban of S1"), "{error}");
}

#[test]
fn the_built_in_texts_make_a_profile() {
    assert_eq!(Profile::vietnam().name, "vietnam");
    assert!(VIETNAM.contains("Unverified"), "what no source was seen for stays marked");
}
