//! The definitions of the figures that are served: id, name, formula and source.

/// What an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    pub id: &'static str,
    pub name: &'static str,
    pub formula: &'static str,
    /// The same in Vietnamese.
    pub formula_vi: &'static str,
    pub source: &'static str,
}

/// All indicators of `/v1/adoption`, `/v1/settlement` and `/v1/identity`. `live` is settled and not returned as of the answer's position.
pub const INDICATORS: &[Definition] = &[
    Definition {
        id: "A1",
        name: "people rate",
        formula: "people whose live payments in scope are all cashless / people with a live payment in scope; people paid both ways are shown apart (option: counted as cashless)",
        formula_vi: "số người mà mọi khoản chi có hiệu lực trong phạm vi đều không dùng tiền mặt / số người có khoản chi có hiệu lực; người nhận cả hai cách được nêu riêng",
        source: "the base of Vietnam's published rates: people (Decision 1813/QD-TTg of 28 October 2021; reports of Vietnam Social Security)",
    },
    Definition {
        id: "A2",
        name: "amount rate",
        formula: "amount of live cashless payments / amount of live payments",
        formula_vi: "số tiền chi không dùng tiền mặt có hiệu lực / tổng số tiền chi có hiệu lực",
        source: "computed from published sums for Hanoi, August 2025",
    },
    Definition {
        id: "A3",
        name: "payment rate",
        formula: "live cashless payments / live payments",
        formula_vi: "số khoản chi không dùng tiền mặt có hiệu lực / số khoản chi có hiệu lực",
        source: "the base of the published rate of unemployment benefits, 2023",
    },
    Definition {
        id: "S2",
        name: "rejection, return and failure rates",
        formula: "attempts rejected or failed / attempts; attempts returned / attempts settled at some time; by reason class and code",
        formula_vi: "số lần bị từ chối hoặc không chi được / số lần chi; số lần bị trả lại / số lần đã chi đến; theo nhóm và mã nguyên nhân",
        source: "reason codes: ISO 20022 external code sets; classes: the profile",
    },
    Definition {
        id: "S4",
        name: "timeliness",
        formula: "live payments settled by the profile's days of the cycle's month / payments not cancelled; median and 90th percentile of days from due to settled",
        formula_vi: "khoản chi có hiệu lực đến tay trong các ngày quy định của tháng / khoản chi không bị hủy; trung vị và phân vị 90 của số ngày từ hạn đến khi nhận",
        source: "transfers complete by the 5th, payment points to the 10th, post offices to the 25th (Decision 166/QD-BHXH, article 7)",
    },
    Definition {
        id: "S5",
        name: "open ageing",
        formula: "open payments by days since due: not due, 0-2, 3-5, 6-10, 11-25, more than 25 (the buckets are the profile's)",
        formula_vi: "khoản chi chưa xong theo số ngày quá hạn: chưa đến hạn, 0-2, 3-5, 6-10, 11-25, trên 25",
        source: "the payment month of Decision 166/QD-BHXH",
    },
    Definition {
        id: "S6",
        name: "unclaimed cash",
        formula: "cash attempts that nobody collected / cash attempts; beside it the people for whom it went on for the profile's number of months in a row",
        formula_vi: "số lần chi tiền mặt không ai đến nhận / số lần chi tiền mặt; kèm số người không nhận nhiều tháng liên tiếp",
        source: "the unpaid list that goes back after the 25th",
    },
    Definition {
        id: "I1",
        name: "identity match",
        formula: "beneficiaries verified in the population database / beneficiaries but for the excluded; neither reported dead nor erased. Not over participants, which is the base of the published rates",
        formula_vi: "người hưởng đã khớp với cơ sở dữ liệu dân cư / người hưởng trừ diện loại trừ; không tính người đã báo mất hoặc đã xóa dữ liệu",
        source: "statuses after Decision 1864/QD-BHXH of 20 November 2024; the armed forces are excluded as in the published rates",
    },
    Definition {
        id: "I2",
        name: "unmatched at risk",
        formula: "beneficiaries not excluded and not verified, by channel of the payout method chosen last; those of them with a payment rejected or returned for a reason of the class identity (BE01, BE06 ...)",
        formula_vi: "người hưởng không thuộc diện loại trừ và chưa khớp, theo kênh nhận chọn sau cùng; trong đó số bị từ chối hoặc trả lại vì định danh",
        source: "ours: whose next payment may come back",
    },
    Definition {
        id: "C1",
        name: "completeness",
        formula: "payments without an open attempt / payments instructed",
        formula_vi: "khoản chi không còn lần chi đang mở / khoản chi đã lập lệnh",
        source: "ours: says whether a unit can be assessed at all",
    },
];
