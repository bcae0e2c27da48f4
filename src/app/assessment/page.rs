//! The assessment on paper: three sheets of HTML that stand alone, in Vietnamese or English.

use super::picture::{Trend, bar, grid, legend, trend};
use super::{Assessment, UnitLine};
use crate::app::paper::escaped;
use crate::app::targets::TargetLine;
use crate::app::tongue::Tongue;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::projections::figures::Share;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::pace::{self, Outlook};
use std::fmt::Write;

/// The page's own style, written into it: it is kept and printed as one file.
pub const STYLE: &str = include_str!("page.css");

/// So many units are ranked on the first sheet.
const RANKED_FIRST: usize = 20;

/// Writes the page.
#[must_use]
pub fn page(assessment: &Assessment, profile: &Profile, tongue: Tongue) -> String {
    let page = Page { a: assessment, profile, t: tongue, mixed: profile.figures.mixed_counts_as_cashless };
    let title = page.title();
    let mut html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><main>",
        tongue.code()
    );
    page.first(&mut html, &title);
    page.second(&mut html);
    page.third(&mut html);
    html.push_str("</main></body></html>");
    html
}

pub(super) struct Page<'a> {
    pub a: &'a Assessment,
    pub profile: &'a Profile,
    pub t: Tongue,
    pub mixed: bool,
}

/// Opens a table under these names; numbers stand to the right.
pub(super) fn head(html: &mut String, names: &[(&str, bool)]) {
    html.push_str("<table><thead><tr>");
    for (name, is_number) in names {
        let class = if *is_number { " class=\"n\"" } else { "" };
        _ = write!(html, "<th scope=\"col\"{class}>{name}</th>");
    }
    html.push_str("</tr></thead><tbody>");
}

impl Page<'_> {
    /// What is assessed, and when.
    fn title(&self) -> String {
        let what = self.t.say("Đánh giá chi trả không dùng tiền mặt", "Assessment of cashless payment");
        let when = format!("{} {}", self.t.say("kỳ", "cycle"), self.t.month(self.a.cycle));
        match &self.a.place {
            Some(place) => format!("{what}: {}, {when}", escaped(place)),
            None => format!("{what}, {when}"),
        }
    }

    pub(super) fn people(&self, figures: &Adoption) -> Share {
        figures.people.share(self.mixed)
    }

    pub(super) fn of(&self, share: Share) -> String {
        format!("{} / {}", self.t.number(share.numerator), self.t.number(share.denominator))
    }

    fn first(&self, html: &mut String, title: &str) {
        let (t, a) = (self.t, self.a);
        _ = write!(
            html,
            "<section class=\"sheet\"><header class=\"top\"><p>{}</p><h1>{title}</h1><p>{} {} · {} {}</p></header>",
            escaped(self.profile.labels.get(t.code())),
            t.say("Số liệu đến sự kiện", "Figures up to event"),
            t.number(i64::try_from(a.position).unwrap_or(i64::MAX)),
            t.say("ngày", "of"),
            t.day(self.profile.business_day(a.time_us)),
        );
        self.cards(html);
        self.targets(html);
        let rates: Vec<(Month, Share)> = a.trend.iter().map(|(cycle, found)| (*cycle, self.people(found))).collect();
        let shown = Trend { cycle: a.cycle, rates: &rates, beside: &[], targets: &a.targets };
        _ = write!(html, "<h2>{}</h2>{}", t.say("Diễn biến", "Trend"), trend(shown, t));
        self.since(html);
        // What is short stands on the first sheet, what is long on the second.
        if self.ranks_first() {
            self.ranking(html);
        } else {
            self.grid(html);
            self.breakdown(html);
        }
        html.push_str("</section>");
    }

    pub(super) fn ranks_first(&self) -> bool {
        self.a.ranking.len() <= RANKED_FIRST
    }

    fn grid(&self, html: &mut String) {
        let (t, a) = (self.t, self.a);
        let level = self.profile.level(&self.profile.payment_level);
        let level = level.map_or("", |level| level.labels.get(t.code()));
        _ = write!(
            html,
            "<h2>{} ({})</h2>{}{}",
            t.say("Tỷ lệ theo đơn vị, %", "Rate by unit, %"),
            escaped(level),
            grid(&a.tiles, t, |_| None),
            legend(t)
        );
    }

    fn cards(&self, html: &mut String) {
        let (t, a) = (self.t, self.a);
        let people = self.people(&a.total);
        let before = a.before().map(|(_, figures)| self.people(figures));
        let versus = a.before().map_or_else(String::new, |(cycle, _)| {
            format!("{} {} {}", t.change(people, before), t.say("so với kỳ", "against"), t.month(*cycle))
        });
        _ = write!(
            html,
            "<div class=\"cards\"><div class=\"card head\"><span>{}</span><b>{}</b><span>{} {}</span><span>{versus}</span></div>",
            t.say("Người nhận không dùng tiền mặt (A1)", "People paid without cash (A1)"),
            t.percent(people),
            self.of(people),
            t.say("người", "people"),
        );
        let money = a.total.amount;
        let spec = &self.profile.currency;
        let cards = [
            (
                t.say("Theo số tiền (A2)", "By amount (A2)"),
                t.percent(money),
                format!(
                    "{} / {} {}",
                    t.amount(spec, money.numerator),
                    t.amount(spec, money.denominator),
                    spec.currency
                ),
            ),
            (
                t.say("Mức độ hoàn tất (C1)", "Completeness (C1)"),
                t.percent(a.total.completeness),
                format!(
                    "{} {}",
                    self.of(a.total.completeness),
                    t.say("khoản chi có kết quả", "payments with an outcome")
                ),
            ),
        ];
        for (name, value, detail) in cards {
            _ = write!(html, "<div class=\"card\"><span>{name}</span><b>{value}</b><span>{detail}</span></div>");
        }
        html.push_str("</div>");
        if a.total.people.mixed > 0 {
            _ = write!(
                html,
                "<p class=\"note\">{}: {}, {}.</p>",
                t.say("Số người nhận cả hai cách", "People paid both ways"),
                t.number(a.total.people.mixed),
                if self.mixed {
                    t.say("được tính là không dùng tiền mặt", "counted as cashless")
                } else {
                    t.say("không tính là không dùng tiền mặt", "not counted as cashless")
                }
            );
        }
    }

    fn targets(&self, html: &mut String) {
        let t = self.t;
        if self.a.targets.is_empty() {
            return;
        }
        _ = write!(html, "<h2>{}</h2>", t.say("So với mục tiêu", "Against targets"));
        let names = [
            (t.say("Mục tiêu", "Target"), false),
            (t.say("Căn cứ, thời hạn", "Legal basis, date"), false),
            (t.say("Mức", "Value"), true),
            (t.say("Đạt được", "Reached"), true),
            (t.say("Chênh lệch (T1)", "Gap (T1)"), true),
            (t.say("Theo đà hiện nay", "At the present pace"), false),
        ];
        head(html, &names);
        for line in &self.a.targets {
            let target = &line.target;
            _ = write!(
                html,
                "<tr><td>{} ({})</td><td>{}, {}</td><td class=\"n\">{}</td><td class=\"n\">{}<br>{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
                escaped(target.labels.get(t.code())),
                escaped(&target.indicator),
                escaped(target.legal_basis.get(t.code())),
                t.day(target.by_date),
                t.percent_of(target.value),
                t.percent(line.share),
                self.of(line.share),
                t.gap(line.share, target.value),
                self.outlook(line),
            );
        }
        html.push_str("</tbody></table>");
    }

    /// When the target is reached, and what is needed to be there in time.
    fn outlook(&self, line: &TargetLine) -> String {
        let t = self.t;
        let found = pace::outlook(&line.trend, line.target.value);
        let mut text = match found {
            Outlook::Reached => t.say("đã đạt", "reached").to_owned(),
            Outlook::Unknown => t.say("chưa đủ kỳ để nói", "too few cycles to tell").to_owned(),
            Outlook::NotAtThisPace => t.say("không đạt theo đà này", "not at this pace").to_owned(),
            Outlook::At { month, soonest, latest } => {
                let latest = latest.map_or_else(|| t.say("không đạt", "never").to_owned(), |latest| t.month(latest));
                format!("{} ({} – {latest})", t.month(month), t.month(soonest))
            }
        };
        let by = line.target.by_date;
        if let Some(needed) = pace::needed(&line.trend, line.target.value, Month::of(by)) {
            let what = t.say("cần mỗi tháng", "needed a month");
            _ = write!(text, "; {what} {}", t.points(pace::in_points(needed)));
        }
        text
    }

    fn since(&self, html: &mut String) {
        let (t, a) = (self.t, self.a);
        let Some(since) = &a.since else { return };
        let returned = |kind: &str| {
            let count = |s: &crate::projections::figures::settlement::Settlement| s.rate(kind).numerator;
            count(&a.settlement) - count(&since.settlement)
        };
        _ = write!(
            html,
            "<h2>{} {}</h2><p>{} {} → {} ({}). {}: {}, {}: {}, {}: {}.</p>",
            t.say("Thay đổi từ", "What changed since"),
            t.day(since.day),
            t.say("Tỷ lệ của kỳ này:", "This cycle's rate:"),
            t.percent(self.people(&since.adoption)),
            t.percent(self.people(&a.total)),
            t.change(self.people(&a.total), Some(self.people(&since.adoption))),
            t.say("Từ chối thêm", "Rejected since"),
            t.number(returned("rejected")),
            t.say("trả lại thêm", "returned since"),
            t.number(returned("returned")),
            t.say("không chi được thêm", "failed since"),
            t.number(returned("failed")),
        );
    }

    fn second(&self, html: &mut String) {
        html.push_str("<section class=\"sheet\">");
        if self.ranks_first() {
            self.grid(html);
        } else {
            self.ranking(html);
        }
        self.moves(html);
        html.push_str("</section>");
    }

    fn ranking(&self, html: &mut String) {
        let (t, a) = (self.t, self.a);
        let level = self.profile.level(&a.level).map_or("", |level| level.labels.get(t.code()));
        _ = write!(html, "<h2>{} ({})</h2>", t.say("Xếp hạng đơn vị", "Ranking of units"), escaped(level));
        let columns = if self.ranks_first() { "" } else { " two" };
        _ = write!(html, "<div class=\"ranking{columns}\">");
        let mut names = vec![
            (t.say("Hạng", "Rank"), true),
            (t.say("Kỳ trước", "Before"), true),
            (t.say("Đơn vị", "Unit"), false),
            ("", false),
            (t.say("Tỷ lệ A1", "Rate A1"), true),
            (t.say("Thay đổi", "Change"), true),
            (t.say("Người", "People"), true),
            (t.say("Hoàn tất C1", "Complete C1"), true),
        ];
        if let Some(people) = a.smoothing {
            names.insert(5, (t.say("Làm trơn", "Smoothed"), true));
            html.push_str(&smoothed_note(t, people));
        }
        // Side by side on paper, below one another on a screen.
        let tables = if self.ranks_first() { 1 } else { 2 };
        for lines in a.ranking.chunks(a.ranking.len().div_ceil(tables).max(1)) {
            head(html, &names);
            for line in lines {
                self.unit(html, line);
            }
            html.push_str("</tbody></table>");
        }
        html.push_str("</div>");
        if !a.silent.is_empty() {
            let names: Vec<String> = a.silent.iter().map(|(_, name)| escaped(name)).collect();
            _ = write!(
                html,
                "<p class=\"note\">{} ({}): {}.</p>",
                t.say(
                    "Không có khoản chi nào trong kỳ, không thể đánh giá",
                    "No payment in this cycle, cannot be assessed"
                ),
                names.len(),
                names.join(", ")
            );
        }
    }

    fn unit(&self, html: &mut String, line: &UnitLine) {
        let t = self.t;
        let people = self.people(&line.now);
        let before = line.before.as_ref().map(|figures| self.people(figures));
        _ = write!(
            html,
            "<tr><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td>{}<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n{}\">{}</td></tr>",
            line.rank,
            line.rank_before.map_or_else(|| t.say("mới", "new").to_owned(), |rank| rank.to_string()),
            escaped(&line.name),
            bar(people),
            t.percent(people),
            line.smoothed.map_or_else(String::new, |rate| format!("<td class=\"n\">{}</td>", t.percent(rate))),
            t.change(people, before),
            self.of(people),
            if line.is_assessable { "" } else { " open" },
            t.percent(line.now.completeness),
        );
    }
}

/// What the smoothed column is.
fn smoothed_note(t: Tongue, people: u32) -> String {
    let begun =
        t.say("Xếp theo tỷ lệ đã làm trơn: mỗi đơn vị như có thêm", "Ranked by smoothed rates: as if each unit had");
    let ended = t
        .say("người với tỷ lệ chung của các đơn vị trong bảng.", "more people of the rate of all units here together.");
    format!("<p class=\"note\">{begun} {people} {ended}</p>")
}
