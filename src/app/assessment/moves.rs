//! The part of the assessment about ways of being paid: what was intended, what came of it, who moved, who has an account at all.

use super::page::{Page, head};
use crate::projections::figures::Share;
use std::fmt::Write;

impl Page<'_> {
    pub(super) fn moves(&self, html: &mut String) {
        let (t, a) = (self.t, self.a);
        _ = write!(
            html,
            "<h2>{}</h2>",
            t.say("Từ chỉ định đến thực nhận", "From what was ordered to what was received")
        );
        let names = [
            (t.say("Chỉ tiêu", "Figure"), false),
            (t.say("Tỷ lệ", "Rate"), true),
            (t.say("Trên tổng số", "Of all"), true),
        ];
        head(html, &names);
        let mut rows: Vec<(String, Share)> = vec![
            (
                t.say(
                    "Có hình thức nhận không dùng tiền mặt (A6, người)",
                    "Have a cashless payout method (A6, people)",
                )
                .to_owned(),
                a.registered,
            ),
            (
                t.say("Được lập lệnh không dùng tiền mặt (A5, người)", "Ordered without cash (A5, people)").to_owned(),
                a.first.people.share(self.mixed),
            ),
            (
                t.say("Chi thành công ngay lần đầu (S1, khoản chi)", "Paid at the first attempt (S1, payments)")
                    .to_owned(),
                a.first.success,
            ),
            (
                t.say("Phải quay về tiền mặt (S3, khoản chi)", "Fell back to cash (S3, payments)").to_owned(),
                a.first.fell_back,
            ),
            (
                t.say("Thực nhận không dùng tiền mặt (A1, người)", "Received without cash (A1, people)").to_owned(),
                self.people(&a.total),
            ),
            (
                t.say(
                    "Do người được ủy quyền, giám hộ nhận (S7, khoản chi)",
                    "Received on their behalf (S7, payments)",
                )
                .to_owned(),
                a.first.through_others,
            ),
        ];
        if let Some((before, flow)) = &a.moved {
            let since = format!("{} {}", t.say("so với kỳ", "since"), t.month(*before));
            let won = t.say("Từ tiền mặt sang không dùng tiền mặt (A7, người)", "From cash to cashless (A7, people)");
            let lost = t.say("Từ không dùng tiền mặt về tiền mặt (A7, người)", "From cashless to cash (A7, people)");
            rows.push((format!("{won}, {since}"), flow.to_cashless()));
            rows.push((format!("{lost}, {since}"), flow.to_cash()));
        }
        for (name, share) in rows {
            _ = write!(
                html,
                "<tr><td>{name}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                t.percent(share),
                self.of(share)
            );
        }
        html.push_str("</tbody></table>");
    }
}
