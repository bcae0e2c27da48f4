//! The map of units in the colours of their rates, where their outlines were brought along.

use super::Tile;
use super::picture::{UNKNOWN, step};
use crate::app::outlines::{Outlines, Ring, Window};
use crate::app::paper::escaped;
use crate::app::tongue::Tongue;
use std::fmt::Write;

/// How wide or high a map is, in its own steps.
const STEPS: i64 = 900;
/// What a map's outlines may come to in bytes: it is a part of a page that must come quickly.
const BYTES_MAX: usize = 60_000;
/// With this many steps left out nobody would know the outlines again.
const TOLERANCE_MAX: i64 = 16;

/// The map of the units that have outlines, and whether all have. `None` where none has.
#[must_use]
pub fn map(
    tiles: &[Tile],
    outlines: &Outlines,
    (tongue, link): (Tongue, impl Fn(&Tile) -> Option<String>),
) -> Option<(String, bool)> {
    let shown: Vec<(&Tile, &[Ring])> = tiles.iter().filter_map(|tile| Some((tile, outlines.of(&tile.unit)?))).collect();
    let window = Window::around(|| shown.iter().flat_map(|(_, rings)| *rings), STEPS)?;
    let mut tolerance = 1;
    let mut paths = drawn(&shown, &window, tolerance);
    while paths.iter().map(String::len).sum::<usize>() > BYTES_MAX && tolerance < TOLERANCE_MAX {
        tolerance *= 2;
        paths = drawn(&shown, &window, tolerance);
    }
    let label =
        tongue.say("Bản đồ đơn vị theo tỷ lệ người nhận không dùng tiền mặt", "Map of units by their people rate");
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"-4 -4 {} {}\" role=\"group\" aria-label=\"{}\">",
        STEPS + 8,
        window.height() + 8,
        escaped(label)
    );
    for ((tile, _), path) in shown.iter().zip(paths) {
        let step = if tile.is_assessable { step(tile.people) } else { UNKNOWN };
        let told = format!(
            "{}: {} ({}/{})",
            escaped(&tile.name),
            tongue.percent(tile.people),
            tile.people.numerator,
            tile.people.denominator
        );
        let outline = format!("<path class=\"{step}\" d=\"{path}\"><title>{told}</title></path>");
        match link(tile) {
            Some(href) => _ = write!(svg, "<a href=\"{}\" aria-label=\"{told}\">{outline}</a>", escaped(&href)),
            None => svg.push_str(&outline),
        }
    }
    svg.push_str("</svg>");
    Some((svg, shown.len() == tiles.len()))
}

/// The outlines of the units, each as the data of one path. A unit that is less than a speck is a speck.
fn drawn(shown: &[(&Tile, &[Ring])], window: &Window, tolerance: i64) -> Vec<String> {
    let path = |rings: &[Ring]| {
        let mut path = String::new();
        for ring in rings.iter().filter_map(|ring| window.ring(ring, tolerance)) {
            let mut before = ring[0];
            _ = write!(path, "M{} {}", before.x, before.y);
            // The last place is the first.
            for place in &ring[1..ring.len() - 1] {
                _ = write!(path, "l{} {}", place.x - before.x, place.y - before.y);
                before = *place;
            }
            path.push('z');
        }
        if let (true, Some(place)) = (path.is_empty(), rings.first().and_then(|ring| ring.first())) {
            let at = window.at(*place);
            _ = write!(path, "M{} {}h4v4h-4z", at.x - 2, at.y - 2);
        }
        path
    };
    shown.iter().map(|(_, rings)| path(rings)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;
    use crate::projections::figures::Share;
    use serde_json::json;

    fn tiles(many: usize) -> (Vec<Tile>, Vec<serde_json::Value>) {
        let profile = Profile::vietnam();
        let units = profile.units.iter().filter(|unit| unit.level == profile.payment_level).take(many);
        let tile = |(place, unit): (usize, &crate::domain::place::Unit)| {
            let (x, y) = (place % 10, place / 10);
            let ring = json!([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]);
            let feature = json!({"type": "Feature", "properties": {"unit": unit.key},
                "geometry": {"type": "Polygon", "coordinates": [ring]}});
            let people = Share { numerator: 9, denominator: 10 };
            let (name, above) = (format!("<{}>", unit.name), String::new());
            (Tile { unit: unit.key.clone(), name, above, people, is_assessable: place > 0 }, feature)
        };
        units.enumerate().map(tile).unzip()
    }

    fn outlines(features: &[serde_json::Value]) -> Outlines {
        let text = json!({"type": "FeatureCollection", "features": features}).to_string();
        Outlines::parse(text.as_bytes(), &Profile::vietnam(), jiff::civil::date(2025, 8, 1)).unwrap()
    }

    #[test]
    fn units_are_drawn_beside_each_other_in_the_colours_of_their_rates() {
        let (tiles, features) = tiles(2);
        let link = |tile: &Tile| (tile.unit == tiles[1].unit).then(|| "/overview?a=1&b=2".to_owned());
        let (svg, is_whole) = map(&tiles, &outlines(&features), (Tongue::English, link)).unwrap();
        assert!(is_whole);
        assert!(svg.contains("viewBox=\"-4 -4 908 458\""), "{svg}");
        assert!(svg.contains("<path class=\"su\" d=\"M0 450l450 0l0 -450l-450 0z\"><title>&lt;"), "{svg}");
        assert!(svg.contains("<a href=\"/overview?a=1&amp;b=2\" aria-label=\"&lt;"), "{svg}");
        assert!(svg.contains("<path class=\"s3\" d=\"M450 450l450 0l0 -450l-450 0z\">"), "{svg}");
        assert!(svg.contains(": 90.00 % (9/10)") && !svg.contains(">: 90"), "{svg}");
    }

    #[test]
    fn a_map_of_some_says_so_and_of_none_is_none() {
        let (tiles, features) = tiles(3);
        let some = map(&tiles, &outlines(&features[..2]), (Tongue::English, |_: &Tile| None)).unwrap();
        assert!(!some.1 && some.0.matches("<path").count() == 2);
        assert_eq!(map(&tiles[2..], &outlines(&features[..2]), (Tongue::English, |_: &Tile| None)), None);
    }

    #[test]
    fn a_map_of_many_places_stays_small() {
        let (tiles, mut features) = tiles(60);
        // Jagged coasts: 4,000 places for each unit.
        for (place, feature) in features.iter_mut().enumerate() {
            let (x, y) = (place % 10, place / 10);
            let place = |at: usize| {
                let side = if at.is_multiple_of(2) { 1 } else { 9 };
                serde_json::from_str(&format!("[{x}.{side}{:02},{y}.{:04}]", at * 7 % 100, at * 2)).unwrap()
            };
            let mut ring: Vec<serde_json::Value> = (0..4_000).map(place).collect();
            ring.push(ring[0].clone());
            feature["geometry"]["coordinates"] = json!([ring]);
        }
        let (svg, _) = map(&tiles, &outlines(&features), (Tongue::English, |_: &Tile| None)).unwrap();
        assert!(svg.len() < 100_000, "{}", svg.len());
    }
}
