//! The third sheet of the assessment: progress, reasons with who must act, groups, data quality, definitions.

use super::ReasonLine;
use super::page::{Page, head};
use super::picture::bar;
use crate::app::hex::hex;
use crate::app::paper::escaped;
use crate::app::tongue::Tongue;
use crate::domain::payment::AttemptState;
use crate::projections::figures::{INDICATORS, Share};
use std::fmt::Write;

/// Reasons on paper; files have them all.
const REASONS_MAX: usize = 12;

impl Page<'_> {
    pub(super) fn third(&self, html: &mut String) {
        html.push_str("<section class=\"sheet\">");
        self.funnel(html);
        self.reasons(html);
        if self.ranks_first() {
            self.breakdown(html);
        }
        self.quality(html);
        self.provenance(html);
        html.push_str("</section>");
    }

    fn funnel(&self, html: &mut String) {
        let (t, s) = (self.t, &self.a.settlement);
        let spec = &self.profile.currency;
        _ = write!(html, "<h2>{}</h2>", t.say("Tiến độ chi trả", "Progress of payment"));
        let names = [
            (t.say("Tình trạng", "State"), false),
            ("", false),
            (t.say("Khoản chi", "Payments"), true),
            ("%", true),
            (t.say("Số tiền", "Amount"), true),
        ];
        head(html, &names);
        for state in AttemptState::ALL.map(AttemptState::as_str) {
            let sum = s.states.get(state).copied().unwrap_or_default();
            let share = Share { numerator: sum.count, denominator: s.instructed.count };
            _ = write!(
                html,
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{} {}</td></tr>",
                t.state(state),
                bar(share),
                t.number(sum.count),
                t.percent(share),
                t.amount(spec, sum.amount_minor),
                spec.currency,
            );
        }
        html.push_str("</tbody></table>");
        let by_day: Vec<String> = s
            .settled_by_day
            .iter()
            .map(|(day, share)| format!("{} {day}: {}", t.say("đến ngày", "by day"), t.percent(*share)))
            .collect();
        let days = |days: Option<i32>| days.map_or_else(|| "–".to_owned(), |days| days.to_string());
        _ = write!(
            html,
            "<p class=\"note\">{} {}. {} {}, {} {}.</p>",
            t.say("Đúng hạn (S4):", "Timeliness (S4):"),
            by_day.join("; "),
            t.say("Số ngày từ hạn đến khi nhận: trung vị", "Days from due to settled: median"),
            days(s.days_median),
            t.say("phân vị 90", "90th percentile"),
            days(s.days_p90),
        );
    }

    fn reasons(&self, html: &mut String) {
        let t = self.t;
        _ = write!(
            html,
            "<h2>{}</h2>",
            t.say("Nguyên nhân không thành công và ai phải xử lý (S2)", "Why payments failed, and who must act (S2)")
        );
        let names = [
            (t.say("Nguyên nhân", "Reason"), false),
            (t.say("Lần", "Attempts"), true),
            (t.say("Ai, trong bao lâu", "Who, how soon"), false),
            (t.say("Cách xử lý", "What to do"), false),
        ];
        html.push_str("<div class=\"reasons\">");
        head(html, &names);
        for line in self.a.reasons.iter().take(REASONS_MAX) {
            self.reason(html, line);
        }
        html.push_str("</tbody></table></div>");
        let rest = self.a.reasons.iter().skip(REASONS_MAX).map(|line| line.sum.count).sum::<i64>();
        if rest > 0 {
            let more = t.say("Các nguyên nhân khác, số lần:", "Other reasons, attempts:");
            _ = write!(html, "<p class=\"note\">{more} {}</p>", t.number(rest));
        }
    }

    fn reason(&self, html: &mut String, line: &ReasonLine) {
        let t = self.t;
        let play = line.play.and_then(|index| self.profile.playbook.get(index));
        let who = play.map_or_else(String::new, |play| {
            format!("{}, {} {}", t.actor(play.who), play.working_days, t.say("ngày làm việc", "working days"))
        });
        _ = write!(
            html,
            "<tr><td>{} ({}: {})</td><td class=\"n\">{}</td><td>{who}</td><td>{}</td></tr>",
            t.class(&line.key.class),
            t.kind(&line.key.kind),
            escaped(&line.key.code),
            t.number(line.sum.count),
            play.map_or_else(String::new, |play| escaped(play.labels.get(t.code()))),
        );
    }

    pub(super) fn breakdown(&self, html: &mut String) {
        let t = self.t;
        _ = write!(html, "<h2>{}</h2>", t.say("Theo nhóm chế độ và khu vực", "By benefit group and area"));
        let names = [
            (t.say("Nhóm", "Group"), false),
            ("", false),
            ("A1", true),
            (t.say("Người", "People"), true),
            ("A2", true),
        ];
        head(html, &names);
        let group = |code: &str| self.profile.benefit_group(code).map(|spec| spec.labels.get(t.code()).to_owned());
        let groups = self.a.groups.iter().map(|(code, f)| (group(code).unwrap_or_else(|| code.clone()), f));
        let area = |urban: bool| if urban { t.say("Đô thị", "Urban") } else { t.say("Nông thôn", "Rural") };
        let areas = self.a.urban.iter().map(|(urban, figures)| (area(*urban).to_owned(), figures));
        for (name, figures) in groups.chain(areas) {
            let people = self.people(figures);
            _ = write!(
                html,
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escaped(&name),
                bar(people),
                t.percent(people),
                self.of(people),
                t.percent(figures.amount),
            );
        }
        html.push_str("</tbody></table>");
    }

    fn quality(&self, html: &mut String) {
        let (t, a, i) = (self.t, self.a, self.a.identity);
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let matched = Share { numerator: count(i.verified), denominator: count(i.base()) };
        let threshold = t.percent_of(self.profile.figures.completeness_threshold);
        _ = write!(
            html,
            "<h2>{}</h2><p>{} {} (C1 ≥ {threshold}).</p><p>{} {} ({}). {} {}: {} {}, {} {}, {} {}, {} {}, {} {}; {} {}.</p>",
            t.say("Có thể đánh giá, chất lượng dữ liệu", "What can be assessed, data quality"),
            t.say("Đơn vị đủ kết quả để đánh giá:", "Units with enough outcomes to be assessed:"),
            self.of(a.assessable()),
            t.say("Khớp với cơ sở dữ liệu dân cư (I1):", "Verified in the population database (I1):"),
            t.percent(matched),
            self.of(matched),
            t.say("Chưa khớp (I2):", "Unmatched (I2):"),
            t.number(count(i.unmatched())),
            t.say("sai lệch", "mismatch"),
            t.number(count(i.mismatch)),
            t.say("không tìm thấy", "not found"),
            t.number(count(i.not_found)),
            t.say("trùng", "duplicate"),
            t.number(count(i.duplicate)),
            t.say("đã mất theo dữ liệu dân cư", "dead in that database"),
            t.number(count(i.deceased_in_population_db)),
            t.say("chưa đối chiếu", "not checked"),
            t.number(count(i.pending + i.unchecked)),
            t.say("trong đó bị từ chối vì định danh", "of them refused for identity"),
            t.number(count(i.refused)),
        );
    }

    fn provenance(&self, html: &mut String) {
        let (t, a) = (self.t, self.a);
        let root = hex(&a.log_root);
        _ = write!(
            html,
            "<h2>{}</h2><dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd><code>{root}</code></dd>",
            t.say("Nguồn và định nghĩa", "Provenance and definitions"),
            t.say("Sự kiện cuối", "Last event"),
            a.position,
            t.say("Gốc cây băm của sổ sự kiện", "Root of the log's tree"),
        );
        html.push_str("</dl><dl class=\"definitions\">");
        for definition in INDICATORS {
            _ = write!(
                html,
                "<div><dt>{}</dt> <dd>{}</dd></div>",
                definition.id,
                escaped(match t {
                    Tongue::Vietnamese => definition.formula_vi,
                    Tongue::English => definition.formula,
                })
            );
        }
        _ = write!(
            html,
            "</dl><p class=\"note\">{}</p>",
            t.say(
                "Đơn vị tính theo địa giới vào ngày đến hạn chi trả. Mọi con số có thể tính lại từ sổ sự kiện đến sự kiện nêu trên.",
                "Units are those of the day due. Every figure can be computed again from the log up to the event named above."
            )
        );
    }
}
