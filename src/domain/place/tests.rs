//! Units: the real ones of Quang Nam and Da Nang, and small tables with mistakes.

use super::{ResolveError, Rolled, SuccessionKind, Unit, Units};
use crate::domain::ids::UnitKey;
use jiff::civil::{Date, date};

const HEADER: &str = "unit_key,code,level,name,type,parent_key,valid_from,valid_to,urban\n";
const LINKS: &str = "predecessor_key,successor_key,effective_on,kind\n";

fn real() -> Units {
    let units = include_str!("../../../config/vietnam/units.csv");
    Units::from_csv(units, include_str!("../../../config/vietnam/successions.csv")).unwrap()
}

const IN_2024: Date = date(2024, 6, 1);
const BEFORE: Date = date(2025, 6, 30);
const AFTER: Date = date(2025, 7, 1);

fn communes(units: &Units, on: Date) -> Vec<&Unit> {
    units.iter().filter(|unit| unit.level == "commune" && unit.in_force(on)).collect()
}

fn under<'a>(units: &'a Units, scope: &str, level: &str, on: Date) -> Vec<&'a Unit> {
    let fits = |unit: &&Unit| unit.level == level && unit.in_force(on);
    units.subtree(scope).into_iter().filter(fits).collect()
}

#[test]
fn the_counts_of_each_epoch_are_those_of_the_resolutions() {
    let units = real();
    assert_eq!(under(&units, "P49", "commune", IN_2024).len(), 241);
    assert_eq!(under(&units, "P49", "district", IN_2024).len(), 18);
    assert_eq!(under(&units, "P49", "commune", BEFORE).len(), 233);
    assert_eq!(under(&units, "P49", "district", BEFORE).len(), 17);
    assert_eq!(under(&units, "P48@20250701", "commune", AFTER).len(), 94);
    assert_eq!(units.iter().filter(|unit| unit.level == "district" && unit.in_force(AFTER)).count(), 0);
}

#[test]
fn urban_is_a_dated_mark_of_the_unit() {
    let units = real();
    let urban = |scope, on| under(&units, scope, "commune", on).iter().filter(|unit| unit.urban == Some(true)).count();
    assert_eq!(urban("P49", BEFORE), 43);
    assert_eq!(urban("P48@20250701", AFTER), 23);
}

#[test]
fn a_reused_code_names_the_version_in_force_on_the_day() {
    let units = real();
    assert_eq!(units.resolve("20965", BEFORE).map(|unit| unit.key.as_str()), Ok("C20965"));
    assert_eq!(units.resolve("20965", AFTER).map(|unit| unit.key.as_str()), Ok("C20965@20250701"));
}

#[test]
fn a_closed_unit_is_refused_with_its_successors() {
    let units = real();
    let expected = ResolveError::NotInForce {
        text: "C20965".to_owned(),
        closed_on: BEFORE,
        successors: vec![units.get("C20965@20250701").unwrap().key.clone()],
    };
    assert_eq!(units.resolve("C20965", AFTER).unwrap_err(), expected);
    assert!(expected.to_string().contains("C20965@20250701"), "{expected}");
}

#[test]
fn the_successors_of_a_unit_closed_twice_over_are_those_in_force() {
    let units = real();
    let Err(ResolveError::NotInForce { successors, closed_on, .. }) = units.resolve("20338", AFTER) else {
        panic!("20338 vanished on 2025-01-01");
    };
    assert_eq!(closed_on, date(2024, 12, 31));
    assert!(!successors.is_empty());
    assert!(successors.iter().all(|key| units.get(key.as_str()).unwrap().in_force(AFTER)));
}

#[test]
fn a_split_unit_names_all_its_successors() {
    let units = real();
    let Err(ResolveError::NotInForce { successors, .. }) = units.resolve("C20296", AFTER) else {
        panic!("Hoa Lien was split");
    };
    assert_eq!(successors.len(), 2);
}

#[test]
fn a_unit_that_opens_later_is_refused_with_its_predecessors() {
    let units = real();
    let Err(ResolveError::NotYetInForce { opens_on, predecessors, .. }) = units.resolve("C20965@20250701", BEFORE)
    else {
        panic!("not in force before the reform");
    };
    assert_eq!(opens_on, AFTER);
    assert!(predecessors.iter().any(|key| key.as_str() == "C20965"));
}

#[test]
fn what_names_no_unit_is_unknown() {
    assert_eq!(real().resolve("99999", AFTER), Err(ResolveError::Unknown { text: "99999".to_owned() }));
}

#[test]
fn a_code_of_several_units_names_its_candidates() {
    let text = format!("{HEADER}N,N,canton,N,,,,,\nN1,1,ward,A,,N,,,true\nS1,1,ward,B,,N,,,false\n");
    let units = Units::from_csv(&text, LINKS).unwrap();
    let Err(ResolveError::Ambiguous { candidates, .. }) = units.resolve("1", AFTER) else { panic!("two wards") };
    assert_eq!(candidates.iter().map(UnitKey::as_str).collect::<Vec<_>>(), ["N1", "S1"]);
    assert_eq!(units.resolve("N1", AFTER).map(|unit| unit.name.as_str()), Ok("A"));
    assert_eq!(units.in_force("1", Some("ward"), AFTER).len(), 2);
    assert_eq!(units.in_force("1", Some("canton"), AFTER).len(), 0);
}

#[test]
fn ancestors_begin_with_the_unit_itself() {
    let units = real();
    let keys = |key: &str| units.ancestors(key).map(|unit| unit.key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys("C21001"), ["C21001", "D517", "P49"]);
    assert_eq!(keys("C20965@20250701"), ["C20965@20250701", "P48@20250701"]);
    assert_eq!(keys("nowhere"), Vec::<String>::new());
}

#[test]
fn a_unit_is_under_itself_and_what_lies_above_and_nothing_else() {
    let units = real();
    assert!(units.is_under("C21001", "C21001"));
    assert!(units.is_under("C21001", "P49"));
    assert!(!units.is_under("C21001", "P48"));
    assert!(!units.is_under("P49", "C21001"));
    assert!(!units.is_under("nowhere", "nowhere"));
}

#[test]
fn children_and_parent_agree() {
    let units = real();
    for unit in units.children("D517") {
        assert_eq!(units.parent(unit.key.as_str()).map(|parent| parent.key.as_str()), Some("D517"));
    }
    assert!(units.children("D517").count() > 10);
    assert_eq!(units.roots().count(), 3);
}

#[test]
fn every_closed_commune_can_be_followed_to_the_units_of_today() {
    let units = real();
    let mut parts = 0;
    for commune in communes(&units, IN_2024) {
        match units.roll_forward(commune.key.as_str(), AFTER) {
            Rolled::Whole(unit) => assert!(unit.in_force(AFTER)),
            Rolled::Parts { default, parts: found } => {
                parts += 1;
                assert_eq!(found.len(), 2);
                assert_eq!(default.map(|unit| unit.key.as_str()), Some("C20197@20250701"));
            }
            Rolled::Nowhere => panic!("{} ends nowhere", commune.key),
        }
    }
    assert_eq!(parts, 1, "Hoa Lien is the only one that was split");
}

#[test]
fn no_new_commune_mixes_two_of_quang_nams_districts() {
    let units = real();
    for unit in under(&units, "P48@20250701", "commune", AFTER) {
        let old: Vec<_> = units.predecessors(unit.key.as_str()).map(|link| link.predecessor.as_str()).collect();
        // The special zone of Hoang Sa has no commune before it.
        if !old.is_empty() && old.iter().all(|key| units.is_under(key, "P49")) {
            let districts: std::collections::HashSet<_> =
                old.iter().map(|key| units.parent(key).unwrap().code.as_str()).collect();
            assert_eq!(districts.len(), 1, "{}", unit.key);
        }
    }
}

#[test]
fn rolling_forward_to_a_day_in_force_stays() {
    let units = real();
    assert_eq!(units.roll_forward("C21001", BEFORE), Rolled::Whole(units.get("C21001").unwrap()));
    assert_eq!(units.roll_forward("nowhere", AFTER), Rolled::Nowhere);
    assert_eq!(units.roll_forward("C20965@20250701", BEFORE), Rolled::Nowhere);
}

#[test]
fn a_territory_is_nowhere_between_its_units_end_and_the_successions_day() {
    let text = format!("{HEADER}A,1,top,A,,,,2024-12-31,\nB,2,top,B,,,,,\n");
    let units = Units::from_csv(&text, &format!("{LINKS}A,B,2025-02-01,whole\n")).unwrap();
    assert_eq!(units.roll_forward("A", date(2025, 1, 31)), Rolled::Nowhere);
    assert_eq!(units.roll_forward("A", date(2025, 2, 1)), Rolled::Whole(units.get("B").unwrap()));
}

#[test]
fn a_code_closed_twice_is_refused_with_its_last_day() {
    let rows = "A,1,top,A,,,,2023-12-31,\nA2,1,top,A,,,2024-01-01,2024-12-31,\nB,2,top,B,,,2025-01-01,,\n";
    let links = "A,A2,2024-01-01,whole\nA2,B,2025-01-01,whole\n";
    let units = Units::from_csv(&format!("{HEADER}{rows}"), &format!("{LINKS}{links}")).unwrap();
    let Err(ResolveError::NotInForce { closed_on, successors, .. }) = units.resolve("1", AFTER) else {
        panic!("closed")
    };
    assert_eq!(closed_on, date(2024, 12, 31));
    assert_eq!(successors.iter().map(UnitKey::as_str).collect::<Vec<_>>(), ["B"]);
}

#[test]
fn successions_are_found_from_both_ends() {
    let units = real();
    let kinds: Vec<_> = units.successors("C20296").map(|link| link.kind).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&SuccessionKind::Part) && kinds.contains(&SuccessionKind::PartDefault));
    assert!(units.predecessors("P48@20250701").any(|link| link.predecessor.as_str() == "P49"));
}

#[track_caller]
fn refused(units: &str, links: &str, line: usize, part: &str) {
    let error = Units::from_csv(units, links).unwrap_err();
    assert_eq!(error.line, line, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn mistakes_in_the_units_are_refused_with_their_line() {
    let table = |rows: &str| format!("{HEADER}{rows}");
    let ok = "A,1,top,Name,,,,,\n";
    refused("key\n", LINKS, 1, "header");
    refused(&table("A,1,top\n"), LINKS, 2, "3 fields instead of 9");
    refused(&table(&format!("{ok}\n{ok}")), LINKS, 4, "A is used twice");
    refused(&table("A B,1,top,Name,,,,,\n"), LINKS, 2, "unit_key");
    refused(&table("A,,top,Name,,,,,\n"), LINKS, 2, "code is empty");
    refused(&table("A,1,top,Name,,,2025-13-01,,\n"), LINKS, 2, "valid_from must be a date");
    refused(&table("A,1,top,Name,,,2025-02-01,2025-01-31,\n"), LINKS, 2, "lies before");
    refused(&table("A,1,top,Name,,,,,yes\n"), LINKS, 2, "urban must be");
    refused(&table("A,1,top,Name,,Z,,,\n"), LINKS, 2, "Z is not among the units");
    refused(&table("A,1,top,Name,,B,,,\nB,2,top,Name,,A,,,\n"), LINKS, 2, "lies below itself");
    let apart = "A,1,top,Name,,,,2024-12-31,\nB,2,low,Name,,A,2025-01-01,,\n";
    refused(&table(apart), LINKS, 3, "never in force together");
}

#[test]
fn mistakes_in_the_successions_are_refused_with_their_line() {
    let units = format!("{HEADER}A,1,top,A,,,,2024-12-31,\nB,2,top,B,,,2025-01-01,,\nC,3,top,C,,,2025-01-01,,\n");
    let links = |rows: &str| format!("{LINKS}{rows}");
    refused(&units, &links("A,B,2025-01-01,all\n"), 2, "kind must be");
    refused(&units, &links("A,B,,whole\n"), 2, "effective_on is empty");
    refused(&units, &links("A,Z,2025-01-01,whole\n"), 2, "Z is not among");
    refused(&units, &links("A,B,2024-12-31,whole\n"), 2, "A must end before");
    refused(&units, &links("B,A,2025-01-01,whole\n"), 2, "B must end before");
    refused(&units, &links("A,B,2025-01-01,whole\nA,B,2025-01-01,whole\n"), 3, "named twice");
    refused(&units, &links("A,B,2025-01-01,whole\nA,C,2025-01-01,part\n"), 3, "cannot go whole");
    refused(&units, &links("A,B,2025-01-01,part-default\nA,C,2025-01-01,part-default\n"), 3, "two default");
}

#[test]
fn a_quoted_name_may_hold_a_comma_and_a_quote() {
    let units = Units::from_csv(&format!("{HEADER}A,1,top,\"One, \"\"two\"\"\",,,,,\n"), LINKS).unwrap();
    assert_eq!(units.get("A").unwrap().name, "One, \"two\"");
}
