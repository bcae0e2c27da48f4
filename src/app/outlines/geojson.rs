//! What of such a file is read.

use super::OutlinesError;
use super::shape::{Place, Ring};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// Millionths.
const MICRO: u32 = 1_000_000;

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    features: Vec<Feature>,
}

/// One feature.
#[derive(Deserialize)]
pub(super) struct Feature {
    geometry: Option<Geometry>,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
}

type Rings = Vec<Vec<Vec<Number>>>;

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Rings),
    MultiPolygon(Vec<Rings>),
}

pub(super) fn features(bytes: &[u8]) -> Result<Vec<Feature>, OutlinesError> {
    // A byte order mark is what some office tools begin with.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let form = |error: serde_json::Error| OutlinesError::Form(error.to_string());
    let collection: Collection = serde_json::from_slice(bytes).map_err(form)?;
    if collection.kind == "FeatureCollection" {
        Ok(collection.features)
    } else {
        Err(OutlinesError::Form(format!("its type is {}", collection.kind)))
    }
}

impl Feature {
    /// A property, whether it is written as text or as a number: codes are both.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.properties.as_ref()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn rings(self) -> Result<Vec<Ring>, String> {
        let rings: Vec<Vec<Vec<Number>>> = match self.geometry {
            None => return Err("it has no geometry".to_owned()),
            Some(Geometry::Polygon(rings)) => rings,
            Some(Geometry::MultiPolygon(polygons)) => polygons.into_iter().flatten().collect(),
        };
        let ring =
            |ring: Vec<Vec<Number>>| ring.iter().map(|position| place(position)).collect::<Result<Ring, String>>();
        let rings = rings.into_iter().map(ring).collect::<Result<Vec<_>, _>>()?;
        let is_ring = |ring: &Ring| ring.len() >= 4 && ring.first() == ring.last();
        if rings.is_empty() || !rings.iter().all(is_ring) {
            return Err("a ring has four positions or more, the last the same as the first".to_owned());
        }
        Ok(rings)
    }
}

fn place(position: &[Number]) -> Result<Place, String> {
    let [longitude, latitude, ..] = position else {
        return Err("a position has a longitude and a latitude".to_owned());
    };
    let (x, y) = (micro(longitude, 180)?, micro(latitude, 90)?);
    Ok(Place { x, y })
}

fn micro(number: &Number, most: i64) -> Result<i64, String> {
    let text = number.to_string();
    let exact = Decimal::from_scientific(&text).or_else(|_| text.parse()).ok();
    let degrees = exact.filter(|degrees| degrees.abs() <= Decimal::from(most));
    let micro = degrees.and_then(|degrees| (degrees * Decimal::from(MICRO)).round().to_i64());
    micro.ok_or_else(|| {
        format!("{text} is no degree of WGS 84, which GeoJSON has: first the longitude, up to 180, then the latitude, up to 90; convert other systems (VN-2000) first")
    })
}
