//! The pictures of an assessment, as SVG: the trend, bars, and the tile grid of units. All coordinates are whole numbers.

use super::{Assessment, Tile};
use crate::app::paper::escaped;
use crate::app::tongue::Tongue;
use crate::projections::figures::Share;
use std::fmt::Write;

/// From few to all: five steps of one hue, which print and copy in grey too.
const STEPS: [&str; 5] = ["#e4f0ee", "#b5d8d3", "#7dbab3", "#3f948c", "#0f6b64"];
/// What cannot be assessed.
const UNKNOWN: &str = "#e9e7e2";

/// The colour of a rate: below 40, 60, 80, 95 percent, and above.
#[must_use]
pub fn colour(share: Share) -> &'static str {
    match share.hundredths() {
        None => UNKNOWN,
        Some(value) if value < 4_000 => STEPS[0],
        Some(value) if value < 6_000 => STEPS[1],
        Some(value) if value < 8_000 => STEPS[2],
        Some(value) if value < 9_500 => STEPS[3],
        Some(_) => STEPS[4],
    }
}

/// The line of the people rate over the cycles, with the target's line.
#[must_use]
pub fn trend(assessment: &Assessment, mixed: bool, tongue: Tongue) -> String {
    let (left, right, top, bottom) = (44, 676, 14, 150);
    let height = bottom - top;
    let y = |hundredths: i64| i64::from(bottom) - hundredths * i64::from(height) / 10_000;
    let first = assessment.trend.first().map_or(assessment.cycle, |(cycle, _)| *cycle);
    let span = (assessment.cycle.ordinal() - first.ordinal()).max(1);
    let x = |ordinal: i32| left + 20 + (right - left - 60) * (ordinal - first.ordinal()) / span;
    let mut svg = format!(
        "<svg class=\"trend\" viewBox=\"0 0 700 180\" role=\"img\" aria-label=\"{}\">",
        tongue.say("Tỷ lệ người nhận không dùng tiền mặt qua các kỳ", "People rate over the cycles")
    );
    for percent in [0, 25, 50, 75, 100] {
        let at = y(percent * 100);
        _ = write!(
            svg,
            "<line x1=\"{left}\" x2=\"{right}\" y1=\"{at}\" y2=\"{at}\" class=\"grid\"/><text x=\"38\" y=\"{}\" class=\"axis end\">{percent}</text>",
            at + 4
        );
    }
    for line in &assessment.targets {
        let value = line.target.value * rust_decimal::Decimal::from(10_000);
        let at = y(i64::try_from(value.trunc()).unwrap_or(0));
        _ = write!(
            svg,
            "<line x1=\"{left}\" x2=\"{right}\" y1=\"{at}\" y2=\"{at}\" class=\"target\"/><text x=\"{right}\" y=\"{}\" class=\"axis end goal\">{}</text>",
            at + 14,
            escaped(line.target.labels.get(tongue.code()))
        );
    }
    let points: Vec<(i32, i64, i64)> = assessment
        .trend
        .iter()
        .filter_map(|(cycle, figures)| {
            figures.people.share(mixed).hundredths().map(|value| (cycle.ordinal(), y(value), value))
        })
        .collect();
    let path: Vec<String> = points.iter().map(|(at, y, _)| format!("{},{y}", x(*at))).collect();
    _ = write!(svg, "<polyline points=\"{}\" class=\"line\"/>", path.join(" "));
    for ((cycle, _), (at, y, _)) in assessment.trend.iter().zip(&points) {
        let last = *cycle == assessment.cycle;
        let radius = if last { 5 } else { 3 };
        _ = write!(svg, "<circle cx=\"{}\" cy=\"{y}\" r=\"{radius}\" class=\"dot\"/>", x(*at));
        let month = format!("{:02}/{:02}", cycle.month(), cycle.year() % 100);
        _ = write!(svg, "<text x=\"{}\" y=\"170\" class=\"axis middle\">{month}</text>", x(*at));
    }
    if let Some((at, y, value)) = points.last() {
        let share = Share { numerator: *value, denominator: 10_000 };
        _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" class=\"value middle\">{}</text>",
            x(*at),
            y - 10,
            tongue.percent(share)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A bar as long as its share.
#[must_use]
pub fn bar(share: Share) -> String {
    let width = share.hundredths().unwrap_or(0) / 100;
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"100\" height=\"8\" class=\"rest\"/><rect width=\"{width}\" height=\"8\" fill=\"{}\"/></svg>",
        colour(share)
    )
}

/// The tile grid: units beside those that lie under the same one, each with its rate.
#[must_use]
pub fn grid(tiles: &[Tile], tongue: Tongue) -> String {
    let is_one = tiles.iter().all(|tile| tiles.first().is_some_and(|first| first.above == tile.above));
    let mut html = format!("<div class=\"tiles{}\">", if is_one { " one" } else { "" });
    let mut above: Option<&str> = None;
    for tile in tiles {
        if above != Some(tile.above.as_str()) {
            if above.is_some() {
                html.push_str("</div></div>");
            }
            _ = write!(html, "<div class=\"above\"><h4>{}</h4><div class=\"row\">", escaped(&tile.above));
            above = Some(tile.above.as_str());
        }
        let colour = if tile.is_assessable { colour(tile.people) } else { UNKNOWN };
        let dark = colour == STEPS[3] || colour == STEPS[4];
        _ = write!(
            html,
            "<span class=\"tile{}{}\" style=\"background:{colour}\" title=\"{}: {} ({}/{})\"><b>{}</b>{}</span>",
            if dark { " dark" } else { "" },
            if tile.is_assessable { "" } else { " open" },
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
    let names = ["< 40", "40–60", "60–80", "80–95", "≥ 95"];
    let mut html = String::from("<p class=\"legend\">");
    for (colour, name) in STEPS.iter().zip(names) {
        _ = write!(html, "<span><i style=\"background:{colour}\"></i>{name} %</span>");
    }
    _ = write!(
        html,
        "<span><i style=\"background:{UNKNOWN}\"></i>{}</span></p>",
        tongue.say("chưa đủ kết quả để đánh giá", "too few outcomes to assess")
    );
    html
}
