//! Outlines of units, brought along as GeoJSON (RFC 7946): read once, made small, and drawn by whoever draws maps. Whole numbers throughout:
//! millionths of a degree, then steps of a picture.

mod geojson;
mod shape;

pub use shape::{Place, Ring, Window};

use crate::domain::ids::UnitKey;
use crate::domain::profile::Profile;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::Path;

/// A larger file is a map for printing, not for a page.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// An outline keeps what shows when the unit alone is this many steps wide.
const OWN_STEPS: i64 = 400;

/// Each unit's rings; holes are rings as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlines {
    rings: BTreeMap<UnitKey, Vec<Ring>>,
}

/// Why a file of outlines is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlinesError {
    #[error("it cannot be read: {0}")]
    File(String),
    #[error("it has more than 64 MiB; simplify the outlines first")]
    TooLarge,
    #[error("it is no GeoJSON FeatureCollection of Polygon and MultiPolygon: {0}")]
    Form(String),
    #[error("feature {number}: {reason}")]
    Feature { number: usize, reason: String },
    #[error("there is no feature in it")]
    Empty,
}

impl Outlines {
    /// Reads a file. A feature names its unit by the property `unit` (a key), or `code` (of a unit that payments name, in force on `today`).
    pub fn read(path: &Path, profile: &Profile, today: Date) -> Result<Self, OutlinesError> {
        let of_file = |error: std::io::Error| OutlinesError::File(error.to_string());
        if std::fs::metadata(path).map_err(of_file)?.len() > FILE_BYTES_MAX {
            return Err(OutlinesError::TooLarge);
        }
        Self::parse(&std::fs::read(path).map_err(of_file)?, profile, today)
    }

    /// The same from its bytes.
    pub fn parse(bytes: &[u8], profile: &Profile, today: Date) -> Result<Self, OutlinesError> {
        let mut rings: BTreeMap<UnitKey, Vec<Ring>> = BTreeMap::new();
        for (index, feature) in geojson::features(bytes)?.into_iter().enumerate() {
            let wrong = |reason: String| OutlinesError::Feature { number: index + 1, reason };
            let unit = unit_of(&feature, profile, today).map_err(wrong)?;
            let found = feature.rings().map_err(wrong)?;
            if rings.insert(unit.clone(), shape::kept(&found, OWN_STEPS)).is_some() {
                return Err(wrong(format!("unit {unit} has an outline already; make one MultiPolygon of them")));
            }
        }
        if rings.is_empty() { Err(OutlinesError::Empty) } else { Ok(Self { rings }) }
    }

    /// A unit's rings.
    #[must_use]
    pub fn of(&self, unit: &UnitKey) -> Option<&[Ring]> {
        self.rings.get(unit).map(Vec::as_slice)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rings.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }
}

fn unit_of(feature: &geojson::Feature, profile: &Profile, today: Date) -> Result<UnitKey, String> {
    let units = &profile.units;
    match (feature.text("unit"), feature.text("code")) {
        (Some(key), _) => units.get(&key).map(|unit| unit.key.clone()).ok_or_else(|| {
            format!("there is no unit with the key {key}; `unit` is a key as in GET /v1/units, `code` a code in force")
        }),
        (None, Some(code)) => {
            let found = units.resolve_at_level(&code, &profile.payment_level, today);
            found.map(|unit| unit.key.clone()).map_err(|error| format!("code {code}: {error}"))
        }
        (None, None) => Err("it has neither a property `unit` (a unit's key) nor `code`".to_owned()),
    }
}

#[cfg(test)]
mod tests;
