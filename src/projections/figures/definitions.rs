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

/// All indicators that are served. `live` is settled and not returned as of the answer's position.
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
        id: "A4",
        name: "urban people rate",
        formula: "A1 over units that are urban on the day due, for the benefit groups of the target",
        formula_vi: "A1 ở đơn vị đô thị vào ngày đến hạn, cho các nhóm chế độ của mục tiêu",
        source: "Decision 1813/QD-TTg: 60% of urban recipients of pensions, social insurance and unemployment benefits by 2025",
    },
    Definition {
        id: "A5",
        name: "intended rate",
        formula: "people whose first attempts in scope were all cashless / people for whom something was ordered; payments that were cancelled are in neither",
        formula_vi: "số người mà mọi lần chi đầu trong phạm vi đều không dùng tiền mặt / số người có khoản chi đã lập lệnh; không tính khoản chi bị hủy",
        source: "ours: what the lists say before anything fails",
    },
    Definition {
        id: "A6",
        name: "registered rate",
        formula: "people whose payout method chosen last is cashless / people neither reported dead nor erased; not adoption",
        formula_vi: "số người có hình thức nhận chọn sau cùng là không dùng tiền mặt / số người hưởng chưa báo mất, chưa xóa dữ liệu; không phải tỷ lệ chi thực tế",
        source: "the published gap between accounts held and accounts paid into (social assistance, January to June 2023)",
    },
    Definition {
        id: "A7",
        name: "switch flow",
        formula: "people cash in the earlier cycle and cashless in the later, and the reverse / people with a live payment in both",
        formula_vi: "số người kỳ trước nhận tiền mặt, kỳ sau không dùng tiền mặt, và ngược lại / số người có khoản chi có hiệu lực ở cả hai kỳ",
        source: "ours: whether adoption is won or only exchanged",
    },
    Definition {
        id: "S1",
        name: "first-time success",
        formula: "cashless first attempts that are live / cashless first attempts; payments that were cancelled are in neither",
        formula_vi: "số lần chi đầu không dùng tiền mặt có hiệu lực / số lần chi đầu không dùng tiền mặt; không tính khoản chi bị hủy",
        source: "payment systems' straight-through rate, by the beneficiary",
    },
    Definition {
        id: "S2",
        name: "rejection, return and failure rates",
        formula: "attempts rejected or failed / attempts; attempts returned / attempts settled at some time; by reason class and code",
        formula_vi: "số lần bị từ chối hoặc không chi được / số lần chi; số lần bị trả lại / số lần đã chi đến; theo nhóm và mã nguyên nhân",
        source: "reason codes: ISO 20022 external code sets; classes: the profile",
    },
    Definition {
        id: "S3",
        name: "fall-back to cash",
        formula: "cashless first attempts whose payment is live in cash / cashless first attempts; payments that were cancelled are in neither",
        formula_vi: "số lần chi đầu không dùng tiền mặt mà khoản chi có hiệu lực bằng tiền mặt / số lần chi đầu không dùng tiền mặt",
        source: "ours: what failures cost adoption",
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
        id: "S7",
        name: "paid through others",
        formula: "live payments received by an authorised person or a guardian / live payments; heirs are not counted",
        formula_vi: "số khoản chi có hiệu lực do người được ủy quyền hoặc giám hộ nhận / số khoản chi có hiệu lực; không tính người thừa kế",
        source: "Law 41/2024/QH15, article 10: written authorisation",
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
        id: "T1",
        name: "gap",
        formula: "rate less target, in percentage points",
        formula_vi: "tỷ lệ trừ mục tiêu, tính bằng điểm phần trăm",
        source: "reports call 86% against 60% an excess of 26, in points",
    },
    Definition {
        id: "C1",
        name: "completeness",
        formula: "payments without an open attempt / payments instructed",
        formula_vi: "khoản chi không còn lần chi đang mở / khoản chi đã lập lệnh",
        source: "ours: says whether a unit can be assessed at all",
    },
];

#[cfg(test)]
mod tests {
    use super::INDICATORS;

    #[test]
    fn the_document_says_what_is_served() {
        let document = include_str!("../../../docs/indicators.md").to_lowercase();
        for one in INDICATORS {
            let heading = format!("## {}: {}\n", one.id, one.name).to_lowercase();
            let chapter =
                document.split(&heading).nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
            for text in [one.formula, one.formula_vi, one.source] {
                assert!(chapter.contains(&text.to_lowercase()), "docs/indicators.md, {}: {text}", one.id);
            }
        }
        assert_eq!(document.matches("\n## ").count(), INDICATORS.len(), "a chapter of no indicator");
    }
}
