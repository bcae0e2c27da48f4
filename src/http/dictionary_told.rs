//! The data dictionary of tables that tell of figures: revisions, definitions, cited figures, targets and changes.

use super::dictionary::{Kind, MONEY, PAYMENTS, PEOPLE, TEXT, words};
use crate::app::words::Words;

const POSITION: Kind = ("integer", "position of the log");
const DATE: Kind = ("date", "");
const MONTH: Kind = ("month", "");
const TIME: Kind = ("text", "instant in UTC");
const POINTS: Kind = ("decimal", "percentage points");
const FRACTION: Kind = ("decimal", "fraction of 1");

type Entry = (&'static str, &'static str, Kind, Words);

/// Columns that belong to no share. Table, name, kind, meaning.
pub(super) const COLUMNS: &[Entry] = &[
    (
        "adoption-revisions",
        "months_after",
        ("integer", "months"),
        words("months after the cycle's own", "số tháng sau tháng của kỳ"),
    ),
    ("adoption-revisions", "day", DATE, words("the last day that the column is of", "ngày cuối mà cột phản ánh")),
    ("adoption-revisions", "closed", ("true or false", ""), words("it never changes any more", "không còn thay đổi")),
    (
        "adoption-revisions",
        "as_of_position",
        POSITION,
        words("the figures are of this position", "số liệu tại vị trí này của nhật ký"),
    ),
    ("adoption-revisions", "as_of_time", TIME, words("when that was recorded", "thời điểm ghi vị trí đó")),
    (
        "adoption-revisions",
        "people_change_numerator",
        PEOPLE,
        words("change from the column before: numerator of A1", "thay đổi so với cột trước: tử số A1"),
    ),
    (
        "adoption-revisions",
        "people_change_denominator",
        PEOPLE,
        words("likewise: denominator of A1", "thay đổi: mẫu số A1"),
    ),
    ("adoption-revisions", "people_change_points", POINTS, words("likewise: A1", "thay đổi: A1")),
    ("adoption-revisions", "amount_change_numerator", MONEY, words("likewise: numerator of A2", "thay đổi: tử số A2")),
    (
        "adoption-revisions",
        "amount_change_denominator",
        MONEY,
        words("likewise: denominator of A2", "thay đổi: mẫu số A2"),
    ),
    ("adoption-revisions", "amount_change_points", POINTS, words("likewise: A2", "thay đổi: A2")),
    (
        "adoption-revisions",
        "payments_change_numerator",
        PAYMENTS,
        words("likewise: numerator of A3", "thay đổi: tử số A3"),
    ),
    (
        "adoption-revisions",
        "payments_change_denominator",
        PAYMENTS,
        words("likewise: denominator of A3", "thay đổi: mẫu số A3"),
    ),
    ("adoption-revisions", "payments_change_points", POINTS, words("likewise: A3", "thay đổi: A3")),
    ("adoption-definitions", "id", TEXT, words("the definition", "định nghĩa")),
    ("adoption-definitions", "indicator", TEXT, words("the indicator that it is of", "chỉ tiêu")),
    (
        "adoption-definitions",
        "benefit_groups",
        TEXT,
        words("groups of benefit types in its scope; empty for all", "nhóm chế độ trong phạm vi; trống là tất cả"),
    ),
    (
        "adoption-definitions",
        "area",
        TEXT,
        words("which units count: all, or urban by which day", "đơn vị được tính: tất cả, hoặc đô thị theo ngày nào"),
    ),
    ("adoption-definitions", "numerator", ("decimal", "people, payments or money"), words("numerator", "tử số")),
    ("adoption-definitions", "denominator", ("decimal", "people, payments or money"), words("denominator", "mẫu số")),
    (
        "adoption-definitions",
        "ratio",
        FRACTION,
        words(
            "ratio, six digits, half up; empty when the denominator is 0",
            "tỷ lệ, sáu chữ số; trống khi mẫu số là 0",
        ),
    ),
    (
        "adoption-definitions",
        "difference_points",
        POINTS,
        words("difference from the base definition", "chênh lệch so với định nghĩa gốc"),
    ),
    (
        "adoption-definitions",
        "benefits_added",
        TEXT,
        words("benefit types that the base does not count", "chế độ mà định nghĩa gốc không tính"),
    ),
    (
        "adoption-definitions",
        "benefits_left_out",
        TEXT,
        words("benefit types that only the base counts", "chế độ chỉ định nghĩa gốc tính"),
    ),
    ("figures", "figure_id", TEXT, words("the cited figure's id", "mã số liệu đã trích dẫn")),
    ("figures", "definition", TEXT, words("the indicator cited", "chỉ tiêu được trích dẫn")),
    ("figures", "title", TEXT, words("where it was cited", "nơi trích dẫn")),
    ("figures", "asked", TEXT, words("what was asked, as JSON", "tham số đã hỏi, dạng JSON")),
    ("figures", "as_of_position", POSITION, words("the position that the digits are of", "vị trí của nhật ký")),
    (
        "figures",
        "digest",
        TEXT,
        words("SHA-256 of question, position and digits", "SHA-256 của câu hỏi, vị trí và số liệu"),
    ),
    ("figures", "cited_by", TEXT, words("label of the key that cited it", "nhãn khóa đã trích dẫn")),
    ("figures", "cited_at", TIME, words("when it was cited", "thời điểm trích dẫn")),
    (
        "figures",
        "position",
        POSITION,
        words("where the citation itself is in the log", "vị trí của việc trích dẫn trong nhật ký"),
    ),
    (
        "targets",
        "target_id",
        TEXT,
        words("the target's id; empty for one of the profile", "mã mục tiêu; trống nếu thuộc cấu hình"),
    ),
    ("targets", "code", TEXT, words("the target's code", "ký hiệu mục tiêu")),
    (
        "targets",
        "origin",
        TEXT,
        words("who set it: the unit, one above it, or the profile", "nguồn: đơn vị, cấp trên hoặc cấu hình"),
    ),
    ("targets", "set_for", TEXT, words("the unit that it was set for", "đơn vị được giao mục tiêu")),
    ("targets", "indicator", TEXT, words("the indicator that it is of", "chỉ tiêu")),
    ("targets", "benefit_groups", TEXT, words("groups of benefit types in its scope", "nhóm chế độ trong phạm vi")),
    ("targets", "value", FRACTION, words("the rate to reach", "tỷ lệ phải đạt")),
    ("targets", "by_date", DATE, words("until this day", "thời hạn")),
    ("targets", "legal_basis", TEXT, words("decision or plan that sets it", "căn cứ pháp lý")),
    (
        "targets",
        "reached_numerator",
        ("decimal", "people, payments or money"),
        words("what is reached: numerator", "đã đạt: tử số"),
    ),
    (
        "targets",
        "reached_denominator",
        ("decimal", "people, payments or money"),
        words("what is reached: denominator", "đã đạt: mẫu số"),
    ),
    ("targets", "reached_ratio", FRACTION, words("what is reached: ratio", "đã đạt: tỷ lệ")),
    ("targets", "gap_points", POINTS, words("T1: rate less target", "T1: tỷ lệ trừ mục tiêu")),
    ("targets", "outlook", TEXT, words("whether it is reached at the present pace", "có đạt theo nhịp hiện tại không")),
    ("targets", "month", MONTH, words("when it is reached at the present pace", "tháng đạt theo nhịp hiện tại")),
    ("targets", "soonest", MONTH, words("the soonest by the interval of the pace", "sớm nhất theo khoảng tin cậy")),
    ("targets", "latest", MONTH, words("the latest by the interval; empty for never", "muộn nhất; trống là không đạt")),
    ("targets", "points_per_month", POINTS, words("the present pace a month", "nhịp hiện tại mỗi tháng")),
    ("targets", "points_needed", POINTS, words("what would be needed a month", "nhịp cần thiết mỗi tháng")),
    ("changes", "position", POSITION, words("where the change is in the log", "vị trí thay đổi trong nhật ký")),
    ("changes", "recorded_at", TIME, words("when it was recorded", "thời điểm ghi nhận")),
    (
        "changes",
        "kind",
        TEXT,
        words("what happened; docs/indicators.md defines each", "loại thay đổi; xem docs/indicators.md"),
    ),
    ("changes", "payment_id", TEXT, words("the payment", "khoản chi")),
    (
        "changes",
        "amount",
        MONEY,
        words(
            "the payment's; of a recovery what is out beyond what is owed",
            "số tiền khoản chi; với thu hồi là phần chi vượt",
        ),
    ),
];

/// Parts of wholes, with numerator, denominator and ratio.
pub(super) const SHARES: &[Entry] = &[
    ("adoption-revisions", "people", PEOPLE, words("A1 then", "A1 khi đó")),
    ("adoption-revisions", "amount", MONEY, words("A2 then", "A2 khi đó")),
    ("adoption-revisions", "payments", PAYMENTS, words("A3 then", "A3 khi đó")),
    ("adoption-revisions", "completeness", PAYMENTS, words("C1 then", "C1 khi đó")),
];
