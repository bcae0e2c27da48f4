//! What a fold or a query must know of the profile, as questions. The profile answers them; tests answer them with less.

use crate::domain::ids::{BenefitGroup, BenefitType, ChannelCode, UnitKey};
use crate::domain::place::UnitBasis;
use crate::domain::profile::Profile;
use jiff::civil::Date;

/// The profile's facts that figures rest on. Answers must not change for a key once events name it: else rebuild.
pub trait Reference: Send + Sync {
    /// Whether the channel counts as cashless; `None` for an unknown channel.
    fn is_cashless(&self, channel: &ChannelCode) -> Option<bool>;
    /// The benefit type's group; `None` for an unknown type.
    fn benefit_group(&self, benefit_type: &BenefitType) -> Option<&BenefitGroup>;
    /// The unit and all above it, itself first; `None` for an unknown unit.
    fn unit_path(&self, unit: &UnitKey) -> Option<Vec<&UnitKey>>;
    /// The units that a unit's territory is told by; several where it was divided or drawn from several.
    fn places(&self, unit: &UnitKey, basis: &UnitBasis) -> Vec<&UnitKey>;
    /// The unit's level, for example `commune`.
    fn unit_level(&self, unit: &UnitKey) -> Option<&str>;
    /// All dated versions of all units.
    fn units(&self) -> Vec<&UnitKey>;
    /// All benefit types.
    fn benefit_types(&self) -> Vec<&BenefitType>;
    /// All channels.
    fn channels(&self) -> Vec<&ChannelCode>;
    /// The local calendar date of an instant, in the profile's zone.
    fn business_day(&self, recorded_at_us: i64) -> Date;
}

impl Reference for Profile {
    fn is_cashless(&self, channel: &ChannelCode) -> Option<bool> {
        Self::is_cashless(self, channel.as_str())
    }
    fn benefit_group(&self, benefit_type: &BenefitType) -> Option<&BenefitGroup> {
        self.group_of(benefit_type.as_str())
    }
    fn unit_path(&self, unit: &UnitKey) -> Option<Vec<&UnitKey>> {
        self.units.get(unit.as_str())?;
        Some(self.units.ancestors(unit.as_str()).map(|above| &above.key).collect())
    }
    fn places(&self, unit: &UnitKey, basis: &UnitBasis) -> Vec<&UnitKey> {
        self.units.places(unit.as_str(), basis).into_iter().map(|place| &place.key).collect()
    }
    fn unit_level(&self, unit: &UnitKey) -> Option<&str> {
        self.units.get(unit.as_str()).map(|unit| unit.level.as_str())
    }
    fn units(&self) -> Vec<&UnitKey> {
        self.units.iter().map(|unit| &unit.key).collect()
    }
    fn benefit_types(&self) -> Vec<&BenefitType> {
        self.benefit_types.iter().map(|spec| &spec.code).collect()
    }
    fn channels(&self) -> Vec<&ChannelCode> {
        self.channels.iter().map(|spec| &spec.code).collect()
    }
    fn business_day(&self, recorded_at_us: i64) -> Date {
        Self::business_day(self, recorded_at_us)
    }
}
