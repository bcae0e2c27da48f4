//! Files of outlines: which are read, which are refused and why; what of them is kept and how it comes into a picture.

use super::*;
use serde_json::{Value, json};

fn today() -> Date {
    jiff::civil::date(2025, 8, 1)
}

fn read(features: &Value) -> Result<Outlines, OutlinesError> {
    let text = json!({"type": "FeatureCollection", "features": features}).to_string();
    Outlines::parse(text.as_bytes(), &Profile::vietnam(), today())
}

fn square(x: i64, y: i64, side: i64) -> Value {
    json!([[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]])
}

fn feature(properties: &Value, coordinates: &Value) -> Value {
    json!({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": coordinates}})
}

/// A unit that payments name on that day, and its code.
fn commune() -> (String, String) {
    let profile = Profile::vietnam();
    let found = profile.units.iter().find(|unit| unit.level == profile.payment_level && unit.in_force(today()));
    let found = found.unwrap();
    (found.key.as_str().to_owned(), found.code.clone())
}

#[test]
fn a_feature_names_its_unit_by_key_or_by_code() {
    let (key, code) = commune();
    for properties in [json!({"unit": key}), json!({"code": code}), json!({"unit": key, "code": "none"})] {
        let outlines = read(&json!([feature(&properties, &square(107, 15, 1))])).unwrap();
        let rings = outlines.of(&UnitKey::parse(&key).unwrap()).unwrap();
        assert_eq!((rings.len(), rings[0].len(), rings[0][0]), (1, 5, Place { x: 107_000_000, y: 15_000_000 }));
    }
}

#[test]
fn what_is_no_map_of_units_is_refused_with_its_place() {
    let (key, _) = commune();
    let good = || json!({"unit": key});
    let line =
        json!({"type": "Feature", "properties": good(), "geometry": {"type": "LineString", "coordinates": [[1, 2]]}});
    let bare = json!({"type": "Feature", "properties": good(), "geometry": null});
    for (features, reason) in [
        (json!([]), "no feature"),
        (json!([line]), "LineString"),
        (json!([bare]), "feature 1: it has no geometry"),
        (json!([feature(&json!({}), &square(1, 1, 1))]), "neither a property `unit`"),
        (json!([feature(&json!({"unit": "C1"}), &square(1, 1, 1))]), "no unit with the key C1"),
        (json!([feature(&json!({"code": "none"}), &square(1, 1, 1))]), "code none: no unit has this key or code"),
        (json!([feature(&good(), &json!([[[1, 1], [2, 2], [1, 1]]]))]), "four positions"),
        (json!([feature(&good(), &json!([[[1, 1], [2, 2], [3, 1], [4, 1]]]))]), "the last the same as the first"),
        (json!([feature(&good(), &json!([]))]), "four positions"),
        (json!([feature(&good(), &json!([[[1], [2, 2], [3, 1], [1]]]))]), "a longitude and a latitude"),
        (json!([feature(&good(), &square(547_000, 1, 1))]), "VN-2000"),
        (json!([feature(&good(), &square(1, 90, 1))]), "VN-2000"),
        (json!([feature(&good(), &square(1, 1, 1)), feature(&good(), &square(3, 1, 1))]), "feature 2: unit"),
    ] {
        let refused = read(&features).unwrap_err().to_string();
        assert!(refused.contains(reason), "{features}: {refused}");
    }
    let refused = Outlines::parse(b"{\"type\":\"Feature\",\"features\":[]}", &Profile::vietnam(), today()).unwrap_err();
    assert!(refused.to_string().contains("its type is Feature"), "{refused}");
}

#[test]
fn a_window_shows_all_and_keeps_lengths_as_they_are_on_the_ground() {
    let ring: Ring = [(10, 0), (12, 0), (12, 1), (10, 1), (10, 0)]
        .map(|(x, y)| Place { x: x * 1_000_000, y: y * 1_000_000 })
        .to_vec();
    let window = Window::around(|| std::iter::once(&ring), 1_000).unwrap();
    let drawn = window.ring(&ring, 1).unwrap();
    assert_eq!((drawn[0], drawn[2]), (Place { x: 0, y: 500 }, Place { x: 1_000, y: 0 }));
    assert_eq!(window.height(), 500);
    // At 60 degrees a degree is half as wide as it is high.
    let north: Ring = ring.iter().map(|place| Place { x: place.x, y: place.y + 60_000_000 }).collect();
    let window = Window::around(|| std::iter::once(&north), 1_000).unwrap();
    assert!((970..=1_000).contains(&window.height()), "{window:?}");
    assert_eq!(Window::around(std::iter::empty, 1_000), None);
}

#[test]
fn what_does_not_show_is_left_out_and_the_form_stays() {
    let (key, _) = commune();
    // A square whose sides have many places on them, a bay, and an island that is a speck.
    let mut ring: Vec<Value> = (0..=1_000).map(|step| json!([f64::from(step) / 1_000.0, 0])).collect();
    ring.extend([json!([1, 1]), json!([0.5, 0.5]), json!([0, 1]), json!([0, 0])]);
    let speck = json!([[2.0, 2.0], [2.000_1, 2.0], [2.000_1, 2.000_1], [2.0, 2.0]]);
    let outlines = read(&json!([feature(&json!({"unit": key}), &json!([ring, speck]))])).unwrap();
    let rings = outlines.of(&UnitKey::parse(&key).unwrap()).unwrap();
    assert_eq!((rings.len(), rings[0].len()), (1, 6), "{rings:?}");
    assert!(rings[0].contains(&Place { x: 500_000, y: 500_000 }));
}
