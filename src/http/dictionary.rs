//! The data dictionary: each column of each table of figures, with its type, unit and meaning. A test holds the tables to it.

use crate::app::table::Table;
use crate::app::words::Words;
use crate::domain::calendar::ageing_buckets;
use crate::domain::payment::AttemptState;
use crate::domain::profile::Profile;
use crate::http::context::{Caller, SharedApp};
use crate::http::dictionary_told;
use crate::http::movers::pairs;
use crate::http::outcomes::{share_columns, sum_columns};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

pub(super) const fn words(en: &'static str, vi: &'static str) -> Words {
    Words { en, vi }
}

/// Type and unit.
pub(super) type Kind = (&'static str, &'static str);
pub(super) const TEXT: Kind = ("text", "");
pub(super) const PEOPLE: Kind = ("integer", "people");
pub(super) const PAYMENTS: Kind = ("integer", "payments");
const ATTEMPTS: Kind = ("integer", "attempts");
const DAYS: Kind = ("integer", "days");
pub(super) const MONEY: Kind = ("decimal", "major units of the currency");

/// What tables are grouped by; of every table.
const GROUPS: &[(&str, Kind, Words)] = &[
    (
        "unit",
        TEXT,
        words(
            "key of a unit, on the unit basis asked; not_attributable where there is none",
            "khóa đơn vị theo cơ sở được hỏi; not_attributable nếu không quy được",
        ),
    ),
    ("unit_name", TEXT, words("its name", "tên đơn vị")),
    ("benefit_type", TEXT, words("benefit type", "loại chế độ")),
    ("benefit_group", TEXT, words("group of benefit types", "nhóm chế độ")),
    ("cycle", ("month", ""), words("month of the payment run", "tháng của kỳ chi trả")),
    ("channel", TEXT, words("channel of the attempt that counts", "kênh của lần chi được tính")),
    ("agent", TEXT, words("paying agent", "tổ chức chi trả")),
    ("bank", TEXT, words("bank; empty where there is none", "ngân hàng; trống nếu không có")),
    (
        "urban",
        ("true or false", ""),
        words("whether the unit was urban on the day due", "đơn vị có là đô thị vào ngày đến hạn"),
    ),
    (
        "sex",
        TEXT,
        words("sex as registered; unknown where it was not given", "giới tính đã đăng ký; unknown nếu không có"),
    ),
    (
        "birth_decade",
        TEXT,
        words(
            "first year of the decade of birth; unknown where it was not given",
            "năm đầu của thập niên sinh; unknown nếu không có",
        ),
    ),
    (
        "benefit_month",
        ("month", ""),
        words(
            "month that the payment is for; one for several months counts in each",
            "tháng hưởng; khoản chi cho nhiều tháng được tính vào từng tháng",
        ),
    ),
    (
        "suppressed",
        TEXT,
        words(
            "figures as published: which are kept back, and empty, because they would tell of few people",
            "số liệu công bố: chỉ tiêu bị ẩn vì quá ít người",
        ),
    ),
];

/// Parts of wholes: each has a numerator, a denominator and a ratio. Table, name, kind, meaning.
const SHARES: &[(&str, &str, Kind, Words)] = &[
    (
        "adoption",
        "people",
        PEOPLE,
        words(
            "A1: cashless people of people with a live payment",
            "A1: người nhận không dùng tiền mặt trên người có khoản chi có hiệu lực",
        ),
    ),
    (
        "adoption",
        "amount",
        MONEY,
        words(
            "A2: live cashless amount of live amount",
            "A2: số tiền không dùng tiền mặt trên tổng số tiền có hiệu lực",
        ),
    ),
    (
        "adoption",
        "payments",
        PAYMENTS,
        words(
            "A3: live cashless payments of live payments",
            "A3: khoản chi không dùng tiền mặt trên khoản chi có hiệu lực",
        ),
    ),
    (
        "adoption",
        "completeness",
        PAYMENTS,
        words(
            "C1: payments without an open attempt of payments instructed",
            "C1: khoản chi đã có kết quả trên khoản chi đã lập lệnh",
        ),
    ),
    (
        "settlement",
        "completeness",
        PAYMENTS,
        words(
            "C1: payments without an open attempt of payments instructed",
            "C1: khoản chi đã có kết quả trên khoản chi đã lập lệnh",
        ),
    ),
    (
        "unclaimed",
        "attempts",
        ATTEMPTS,
        words(
            "S6: cash attempts that nobody collected of cash attempts",
            "S6: lần chi tiền mặt không ai nhận trên lần chi tiền mặt",
        ),
    ),
    ("unclaimed", "amount", MONEY, words("their amount likewise", "số tiền tương ứng")),
    (
        "first-attempts",
        "people",
        PEOPLE,
        words(
            "A5: people whose orders were cashless of people for whom something was ordered",
            "A5: người được lập lệnh không dùng tiền mặt trên người có lệnh chi",
        ),
    ),
    (
        "first-attempts",
        "payments",
        PAYMENTS,
        words(
            "payments ordered cashless of payments ordered",
            "khoản chi lập lệnh không dùng tiền mặt trên khoản chi lập lệnh",
        ),
    ),
    (
        "first-attempts",
        "success",
        PAYMENTS,
        words(
            "S1: cashless first attempts that are live of cashless first attempts",
            "S1: lần chi đầu không dùng tiền mặt có hiệu lực trên lần chi đầu không dùng tiền mặt",
        ),
    ),
    (
        "first-attempts",
        "fell_back",
        PAYMENTS,
        words(
            "S3: cashless first attempts whose payment is live in cash of cashless first attempts",
            "S3: lần chi đầu không dùng tiền mặt mà khoản chi có hiệu lực bằng tiền mặt",
        ),
    ),
    (
        "first-attempts",
        "through_others",
        PAYMENTS,
        words(
            "S7: live payments received on somebody's behalf of live payments",
            "S7: khoản chi do người khác nhận thay trên khoản chi có hiệu lực",
        ),
    ),
    (
        "registered",
        "registered",
        PEOPLE,
        words(
            "A6: people with a cashless payout method of people",
            "A6: người có hình thức nhận không dùng tiền mặt trên tổng số người",
        ),
    ),
    (
        "identity",
        "verified",
        PEOPLE,
        words(
            "I1: verified beneficiaries of those not excluded",
            "I1: người hưởng đã khớp trên người không thuộc diện loại trừ",
        ),
    ),
    (
        "identity",
        "unmatched",
        PEOPLE,
        words("I2: not verified of those not excluded", "I2: người chưa khớp trên người không thuộc diện loại trừ"),
    ),
    (
        "identity",
        "refused_for_identity",
        PEOPLE,
        words(
            "unmatched with a payment that came back for identity, of the unmatched",
            "người chưa khớp có khoản chi bị trả lại vì định danh trên người chưa khớp",
        ),
    ),
    (
        "identity",
        "completeness",
        PEOPLE,
        words(
            "with an answer of matching, of those not excluded",
            "người đã có kết quả đối chiếu trên người không thuộc diện loại trừ",
        ),
    ),
];

/// Other columns whose names do not depend on the profile.
const OTHERS: &[(&str, &str, Kind, Words)] = &[
    (
        "adoption",
        "people_mixed",
        PEOPLE,
        words("people paid both ways, of the denominator", "người nhận cả hai cách, thuộc mẫu số"),
    ),
    ("settlement", "all_payments", PAYMENTS, words("all payments instructed", "mọi khoản chi đã lập lệnh")),
    ("settlement", "all_amount", MONEY, words("their amount", "số tiền tương ứng")),
    (
        "settlement",
        "days_median",
        DAYS,
        words(
            "S4: days from due to settled that half of the live payments do not exceed",
            "S4: trung vị số ngày từ hạn đến khi nhận",
        ),
    ),
    (
        "settlement",
        "days_p90",
        DAYS,
        words("S4: the same for nine tenths", "S4: phân vị 90 số ngày từ hạn đến khi nhận"),
    ),
    (
        "late",
        "late_payments",
        PAYMENTS,
        words("open payments whose last day is over", "khoản chi chưa xong đã quá ngày cuối"),
    ),
    ("late", "late_amount", MONEY, words("their amount", "số tiền tương ứng")),
    ("late", "open_payments", PAYMENTS, words("open payments, late or not", "mọi khoản chi chưa xong")),
    ("late", "open_amount", MONEY, words("their amount", "số tiền tương ứng")),
    (
        "late",
        "oldest_last_day",
        ("date", ""),
        words("the earliest last day among the late", "ngày cuối sớm nhất trong số quá hạn"),
    ),
    ("late", "oldest_days", DAYS, words("days since then", "số ngày kể từ đó")),
    (
        "movers",
        "in_both",
        PEOPLE,
        words(
            "people with a live payment in both cycles: the denominator of A7",
            "người có khoản chi có hiệu lực ở cả hai kỳ: mẫu số của A7",
        ),
    ),
    (
        "movers",
        "cash_with_account",
        PEOPLE,
        words(
            "people paid in cash whose chosen method goes to an account; as of now only",
            "người nhận tiền mặt mà hình thức đã chọn là tài khoản; chỉ hiện tại",
        ),
    ),
    ("movers", "in_cash", PEOPLE, words("people paid in cash; as of now only", "người nhận tiền mặt; chỉ hiện tại")),
    ("identity", "people_excluded", PEOPLE, words("excluded from matching", "người thuộc diện loại trừ")),
];

const PARTS: [(&str, Words); 2] =
    [("numerator", words("numerator", "tử số")), ("denominator", words("denominator", "mẫu số"))];
const RATIO: Words = words(
    "ratio, a fraction of 1 with six digits, half up; empty when the denominator is 0",
    "tỷ lệ, phần của 1 với sáu chữ số; trống khi mẫu số là 0",
);

/// `GET /v1/dictionary`
pub async fn dictionary(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    query.finish()?;
    let about = json!({"profile": app.profile.name, "profile_version": app.profile.version});
    table::respond(&columns(&app.profile), form, "columns", &about)
}

/// All columns, by table. `*` is every table.
fn columns(profile: &Profile) -> Table {
    let mut all = Table::new(&["table", "column", "type", "unit", "meaning", "meaning_vi"]);
    let mut put = |table: &str, name: &str, (kind, unit): Kind, (en, vi): (&str, &str)| {
        all.push([table, name, kind, unit, en, vi].map(|text| json!(text)).to_vec());
    };
    for (name, kind, meaning) in GROUPS {
        put("*", name, *kind, (meaning.en, meaning.vi));
    }
    let outcomes = share_columns(profile);
    let kind = |is_of_attempts: bool| if is_of_attempts { ATTEMPTS } else { PAYMENTS };
    let told =
        outcomes.iter().map(|one| ("outcomes", one.name.as_str(), kind(one.is_of_attempts), (&*one.en, &*one.vi)));
    let shares = SHARES.iter().chain(dictionary_told::SHARES);
    let shares = shares.map(|(table, name, kind, meaning)| (*table, *name, *kind, (meaning.en, meaning.vi)));
    for (table, name, kind, (en, vi)) in shares.chain(told) {
        for (part, word) in &PARTS {
            let said = (format!("{en}: {}", word.en), format!("{vi}: {}", word.vi));
            put(table, &format!("{name}_{part}"), kind, (&said.0, &said.1));
        }
        let said = (format!("{en}: {}", RATIO.en), format!("{vi}: {}", RATIO.vi));
        put(table, &format!("{name}_ratio"), ("decimal", "fraction of 1"), (&said.0, &said.1));
    }
    for (table, name, kind, meaning) in OTHERS.iter().chain(dictionary_told::COLUMNS) {
        put(table, name, *kind, (meaning.en, meaning.vi));
    }
    for state in AttemptState::ALL {
        let said = (
            format!("payments whose latest attempt is {state}"),
            format!("khoản chi có lần chi cuối ở trạng thái {state}"),
        );
        put("settlement", &format!("{state}_payments"), PAYMENTS, (&said.0, &said.1));
        put("settlement", &format!("{state}_amount"), MONEY, (&said.0, &said.1));
    }
    for (name, is_money, en, vi) in sum_columns() {
        put("outcomes", &name, if is_money { MONEY } else { PAYMENTS }, (&en, &vi));
    }
    for bucket in ageing_buckets(&profile.figures.ageing_days) {
        let days = bucket.label();
        let said =
            (format!("late payments, {days} days since their last day"), format!("khoản chi quá hạn {days} ngày"));
        put("late", &format!("days_{days}_payments"), PAYMENTS, (&said.0, &said.1));
        put("late", &format!("days_{days}_amount"), MONEY, (&said.0, &said.1));
    }
    for (from, to) in pairs() {
        let (from, to) = (from.as_str(), to.as_str());
        let said = (
            format!("people paid {from} in the earlier cycle and {to} in the later"),
            format!("người ở kỳ trước {from}, kỳ sau {to}"),
        );
        put("movers", &format!("{from}_to_{to}"), PEOPLE, (&said.0, &said.1));
        let said = (
            format!("people who stand {from} under the base definition and {to} under this one"),
            format!("người theo định nghĩa gốc {from}, theo định nghĩa này {to}"),
        );
        put("adoption-definitions", &format!("{from}_to_{to}"), PEOPLE, (&said.0, &said.1));
    }
    all
}
