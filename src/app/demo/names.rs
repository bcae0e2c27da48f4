//! Names and numbers that look like people's. They are made up and go to the vault only.

use super::chance::{Chance, What};

const FAMILY: [&str; 24] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đoàn",
    "Trương", "Đinh", "Mai", "Lương", "Tạ", "Alăng", "Bhling", "Zơrâm", "Châu",
];
const MIDDLE_FEMALE: [&str; 10] =
    ["Thị", "Thị Thu", "Thị Kim", "Thị Ngọc", "Thị Mỹ", "Thanh", "Thị Bích", "Hoàng", "Thị Hồng", "Thị Xuân"];
const MIDDLE_MALE: [&str; 10] = ["Văn", "Hữu", "Đức", "Quang", "Ngọc", "Công", "Minh", "Xuân", "Đình", "Thanh"];
const GIVEN_FEMALE: [&str; 20] = [
    "Lan",
    "Hoa",
    "Hương",
    "Liên",
    "Nga",
    "Tuyết",
    "Hạnh",
    "Cúc",
    "Loan",
    "Phượng",
    "Bông",
    "Thảo",
    "Sương",
    "Yến",
    "Nhàn",
    "Lài",
    "Xuyến",
    "Mận",
    "Điệp",
    "Ánh",
];
const GIVEN_MALE: [&str; 20] = [
    "Hùng", "Dũng", "Sơn", "Thành", "Long", "Hải", "Bình", "Tâm", "Phước", "Lộc", "Thọ", "Tài", "Khoa", "Trung",
    "Nghĩa", "Ba", "Sáu", "Vinh", "Quý", "Định",
];

/// A full name.
#[must_use]
pub fn name(chance: Chance, index: u32, female: bool) -> String {
    let pick = |list: &[&'static str], nth: usize| {
        let at = chance.below(What::Name, index, nth, list.len() as u64);
        usize::try_from(at).ok().and_then(|at| list.get(at).copied()).unwrap_or_default()
    };
    let family = pick(&FAMILY, 0);
    let (middle, given) = if female {
        (pick(&MIDDLE_FEMALE, 1), pick(&GIVEN_FEMALE, 2))
    } else {
        (pick(&MIDDLE_MALE, 1), pick(&GIVEN_MALE, 2))
    };
    format!("{family} {middle} {given}")
}

/// Registration places of the ids; a further one for each million of people keeps them apart.
const BIRTH_PLACES: [&str; 5] = ["049", "048", "051", "046", "045"];

/// A personal id: place, century and sex, year, six digits. Different for each person.
#[must_use]
pub fn personal_id(chance: Chance, index: u32, female: bool, birth_year: i16) -> String {
    let place = BIRTH_PLACES[(index / 1_000_000) as usize % BIRTH_PLACES.len()];
    let century = u8::from(female) + if birth_year >= 2000 { 2 } else { 0 };
    format!("{place}{century}{:02}{:06}", birth_year.rem_euclid(100), spread(chance, index, 1_000_000))
}

/// A social insurance number of ten digits. Different for each person.
#[must_use]
pub fn si_number(chance: Chance, index: u32) -> String {
    format!("49{:08}", spread(chance, index, 100_000_000))
}

/// An account number as the bank writes them; `nth` counts a person's accounts. Never as long as a card's.
#[must_use]
pub fn account(chance: Chance, index: u32, nth: usize, bank: &str) -> String {
    let number = chance.below(What::Number, index, nth + 1, 1_000_000_000);
    match bank {
        "agribank" => format!("4200{number:09}"),
        "vietinbank" => format!("10{:010}", number + 1_000_000_000),
        "bidv" => format!("561{:011}", number + 7_000_000_000),
        "momo" => format!("09{:08}", number % 100_000_000),
        _ => format!("1{number:09}"),
    }
}

/// Numbers that look drawn but never meet: a walk with a stride that has no factor in common with the bound.
fn spread(chance: Chance, index: u32, bound: u64) -> u64 {
    let start = chance.below(What::Number, 0, 0, bound);
    (u64::from(index) * 611_953 + start) % bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{looks_like_card, parse_account};
    use crate::domain::profile::Profile;
    use std::collections::HashSet;

    #[test]
    fn no_two_people_have_one_number() {
        let chance = Chance::new(3);
        let ids: HashSet<String> = (0..200_000).map(|index| personal_id(chance, index, true, 1950)).collect();
        let numbers: HashSet<String> = (0..200_000).map(|index| si_number(chance, index)).collect();
        assert_eq!((ids.len(), numbers.len()), (200_000, 200_000));
        assert!(ids.iter().all(|id| id.len() == 12) && numbers.iter().all(|number| number.len() == 10));
    }

    #[test]
    fn accounts_are_accounts_and_no_cards() {
        let banks = Profile::vietnam().banks;
        for bank in &banks {
            for index in 0..50 {
                let number = account(Chance::new(1), index, 0, bank.id.as_str());
                assert!(parse_account(&number).is_ok() && !looks_like_card(&number, &banks), "{number}");
            }
        }
    }
}
