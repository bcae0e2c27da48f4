//! The pictures of an assessment, as SVG and HTML: the trend, bars, sparks, and the tile grid of units. All coordinates are whole numbers; colours are
//! the style sheet's, by class, so that the printed page and the pages on the screen share them.

use super::Tile;
use crate::app::paper::escaped;
use crate::app::targets::TargetLine;
use crate::app::tongue::Tongue;
use crate::domain::period::Month;
use crate::projections::figures::Share;
use std::fmt::Write;

/// What cannot be assessed.
pub(super) const UNKNOWN: &str = "su";

/// The step of a rate, from few to all: below 40, 60, 80, 95 percent, and above.
#[must_use]
pub fn step(share: Share) -> &'static str {
    match share.hundredths() {
        None => UNKNOWN,
        Some(value) if value < 4_000 => "s0",
        Some(value) if value < 6_000 => "s1",
        Some(value) if value < 8_000 => "s2",
        Some(value) if value < 9_500 => "s3",
        Some(_) => "s4",
    }
}

/// What the picture of a trend shows.
#[derive(Debug, Clone, Copy)]
pub struct Trend<'a> {
    /// The cycle that is looked at.
    pub cycle: Month,
    pub rates: &'a [(Month, Share)],
    /// Another rate beside it, dashed.
    pub beside: &'a [(Month, Share)],
    pub targets: &'a [TargetLine],
}

/// Where things stand in the picture.
struct Plane {
    first: i32,
    span: i32,
}

const LEFT: i32 = 44;
const RIGHT: i32 = 676;
const TOP: i32 = 14;
const BOTTOM: i32 = 150;

impl Plane {
    fn x(&self, cycle: Month) -> i32 {
        LEFT + 20 + (RIGHT - LEFT - 60) * (cycle.ordinal() - self.first) / self.span
    }

    fn y(hundredths: i64) -> i64 {
        i64::from(BOTTOM) - hundredths * i64::from(BOTTOM - TOP) / 10_000
    }

    fn line(&self, rates: &[(Month, Share)], class: &str) -> String {
        let point = |(cycle, share): &(Month, Share)| {
            share.hundredths().map(|value| format!("{},{}", self.x(*cycle), Self::y(value)))
        };
        let points: Vec<String> = rates.iter().filter_map(point).collect();
        format!("<polyline points=\"{}\" class=\"{class}\"/>", points.join(" "))
    }
}

/// The line of the people rate over the cycles, with the targets' lines.
#[must_use]
pub fn trend(shown: Trend<'_>, tongue: Tongue) -> String {
    let first = shown.rates.first().map_or(shown.cycle, |(cycle, _)| *cycle).ordinal();
    let last = shown.rates.last().map_or(shown.cycle, |(cycle, _)| *cycle).max(shown.cycle).ordinal();
    let plane = Plane { first, span: (last - first).max(1) };
    let mut svg = format!(
        "<svg class=\"trend\" viewBox=\"0 0 700 180\" role=\"img\" aria-label=\"{}\">",
        tongue.say("Tỷ lệ người nhận không dùng tiền mặt qua các kỳ", "People rate over the cycles")
    );
    for percent in [0, 25, 50, 75, 100] {
        let at = Plane::y(percent * 100);
        _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at}\" y2=\"{at}\" class=\"grid\"/><text x=\"38\" y=\"{}\" class=\"axis end\">{percent}</text>",
            at + 4
        );
    }
    for line in shown.targets {
        let value = line.target.value * rust_decimal::Decimal::from(10_000);
        let at = Plane::y(i64::try_from(value.trunc()).unwrap_or(0));
        _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at}\" y2=\"{at}\" class=\"target\"/><text x=\"{RIGHT}\" y=\"{}\" class=\"axis end goal\">{}</text>",
            at + 14,
            escaped(line.target.labels.get(tongue.code()))
        );
    }
    if !shown.beside.is_empty() {
        svg.push_str(&plane.line(shown.beside, "beside"));
    }
    svg.push_str(&plane.line(shown.rates, "line"));
    for (place, (cycle, share)) in shown.rates.iter().enumerate() {
        let x = plane.x(*cycle);
        if let Some(value) = share.hundredths() {
            let (y, is_shown) = (Plane::y(value), *cycle == shown.cycle);
            let radius = if is_shown { 5 } else { 3 };
            _ = write!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" class=\"dot\"/>");
            if is_shown {
                let said = tongue.percent(*share);
                _ = write!(svg, "<text x=\"{x}\" y=\"{}\" class=\"value middle\">{said}</text>", y - 10);
            }
        }
        let month = format!("{:02}/{:02}", cycle.month(), cycle.year() % 100);
        // A narrow screen shows every other month, the last one among them.
        let between = if (shown.rates.len() - place).is_multiple_of(2) { " between" } else { "" };
        _ = write!(svg, "<text x=\"{x}\" y=\"170\" class=\"axis middle{between}\">{month}</text>");
    }
    svg.push_str("</svg>");
    svg
}

/// A bar as long as its share.
#[must_use]
pub fn bar(share: Share) -> String {
    let width = share.hundredths().unwrap_or(0) / 100;
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"100\" height=\"8\" class=\"rest\"/><rect width=\"{width}\" height=\"8\" class=\"full {}\"/></svg>",
        step(share)
    )
}

/// A unit's rates over the cycles in the height of a line of text: from its own lowest to its own highest.
#[must_use]
pub fn spark(rates: &[(Month, Share)]) -> String {
    let values: Vec<(i32, i64)> =
        rates.iter().filter_map(|(cycle, share)| Some((cycle.ordinal(), share.hundredths()?))).collect();
    let (Some((first, _)), Some((last, now))) = (values.first(), values.last()) else { return String::new() };
    let low = values.iter().map(|(_, value)| *value).min().unwrap_or(0);
    let high = values.iter().map(|(_, value)| *value).max().unwrap_or(0);
    // A rate that hardly moves is not drawn as if it jumped.
    let height = (high - low).max(200);
    let x = |ordinal: i32| 3 + 90 * (ordinal - first) / (last - first).max(1);
    let y = |value: i64| 21 - 18 * (value - low) / height;
    let points: Vec<String> = values.iter().map(|(at, value)| format!("{},{}", x(*at), y(*value))).collect();
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 96 24\" aria-hidden=\"true\"><polyline points=\"{}\" class=\"line\"/><circle cx=\"{}\" cy=\"{}\" r=\"2.5\" class=\"dot\"/></svg>",
        points.join(" "),
        x(*last),
        y(*now)
    )
}

/// The tile grid: units beside those that lie under the same one, each with its rate; a link where there is more to see of one.
#[must_use]
pub fn grid(tiles: &[Tile], tongue: Tongue, link: impl Fn(&Tile) -> Option<String>) -> String {
    let is_one = tiles.iter().all(|tile| tiles.first().is_some_and(|first| first.above == tile.above));
    let mut html = format!("<div class=\"tiles{}\">", if is_one { " one" } else { "" });
    let mut above: Option<&str> = None;
    for tile in tiles {
        if above != Some(tile.above.as_str()) {
            if above.is_some() {
                html.push_str("</div></div>");
            }
            _ = write!(html, "<div class=\"above\"><h3>{}</h3><div class=\"row\">", escaped(&tile.above));
            above = Some(tile.above.as_str());
        }
        let step = if tile.is_assessable { step(tile.people) } else { UNKNOWN };
        let href = link(tile).map(|href| format!(" href=\"{}\"", escaped(&href)));
        let tag = if href.is_some() { "a" } else { "span" };
        _ = write!(
            html,
            "<{tag}{} class=\"tile {step}\" title=\"{}: {} ({}/{})\"><b>{}</b>{}</{tag}>",
            href.unwrap_or_default(),
            escaped(&tile.name),
            tongue.percent(tile.people),
            tile.people.numerator,
            tile.people.denominator,
            escaped(&tile.name),
            tile.people.hundredths().map_or_else(|| "–".to_owned(), |value| format!("{}", (value + 50) / 100)),
        );
    }
    if above.is_some() {
        html.push_str("</div></div>");
    }
    html.push_str("</div>");
    html
}

/// What the colours say.
#[must_use]
pub fn legend(tongue: Tongue) -> String {
    let names = [("s0", "< 40"), ("s1", "40–60"), ("s2", "60–80"), ("s3", "80–95"), ("s4", "≥ 95")];
    let mut html = String::from("<p class=\"legend\">");
    for (step, name) in names {
        _ = write!(html, "<span><i class=\"{step}\"></i>{name} %</span>");
    }
    _ = write!(
        html,
        "<span><i class=\"{UNKNOWN}\"></i>{}</span></p>",
        tongue.say("chưa đủ kết quả để đánh giá", "too few outcomes to assess")
    );
    html
}
