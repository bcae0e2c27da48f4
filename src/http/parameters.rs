//! The query parameters that several operations take.

use crate::http::operation::Parameter;

/// A query parameter that may be absent.
pub(super) const fn parameter(name: &'static str, schema: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, schema, required: false }
}

pub(super) const MIN_POSITION: Parameter =
    parameter("min_position", "Position", "Wait (at most 5 s) until the answer includes this position of the log.");
pub(super) const AS_OF: Parameter = parameter(
    "as_of",
    "Text",
    "Figures as they stood at an instant with its offset (all that was recorded at or before it), at the end of a business day, or after a position.",
);
pub(super) const AS_OF_POSITION: Parameter =
    parameter("as_of_position", "Position", "Figures as they stood right after this position of the log.");
pub(super) const AS_OF_DAY: Parameter =
    parameter("as_of_day", "Date", "Figures as they stood at the end of this business day of recording.");
pub(super) const LIMIT: Parameter = parameter("limit", "Limit", "How many at most, 1 to 1000.");
pub(super) const CURSOR: Parameter =
    parameter("cursor", "Text", "Where the page before ended; opaque, from its `Link` or `next_cursor`.");
pub(super) const FORMAT: Parameter =
    parameter("format", "TableFormat", "json, csv, xlsx, ndjson or parquet, for those who cannot set `Accept`.");
pub(super) const UNIT: Parameter =
    parameter("unit", "Text", "A unit key, or a code that names one unit; with all that lies under it.");
pub(super) const UNIT_BASIS: Parameter = parameter(
    "unit_basis",
    "Text",
    "By which units payments are told, in `unit` and `group_by`: `as_paid` (default: those of the day due), `current` (what they have become by the day of the answer) or `historical_<level>` (the last units of that level that they lay in). What was divided, or drawn from several, is in the group `not_attributable`.",
);
pub(super) const BENEFIT_TYPE: Parameter = parameter("benefit_type", "Code", "A benefit type.");
pub(super) const BENEFIT_GROUP: Parameter =
    parameter("benefit_group", "Text", "A group of benefit types, or several joined by commas.");
pub(super) const CYCLE: Parameter = parameter("cycle", "Month", "The payment run's month.");
pub(super) const CYCLE_FROM: Parameter =
    parameter("cycle_from", "Month", "The first cycle of a series; with cycle among group_by, and without `cycle`.");
pub(super) const CYCLE_TO: Parameter = parameter("cycle_to", "Month", "The last cycle of a series.");
pub(super) const CHANNEL: Parameter = parameter("channel", "Code", "A channel.");
pub(super) const AGENT: Parameter = parameter("agent", "Code", "A paying agent.");
pub(super) const BANK: Parameter = parameter("bank", "Code", "A bank.");
pub(super) const MESSAGE_FORMAT: Parameter =
    parameter("message_format", "Text", "json, pain.002, camt.053, camt.054 or pacs.004.");
pub(super) const URBAN: Parameter =
    parameter("urban", "Boolean", "Only urban (true) or rural (false) units, as they were on the due date.");
pub(super) const GROUP_BY: Parameter = parameter(
    "group_by",
    "Text",
    "One or more of unit, unit_level:<level>, benefit_type, benefit_group, cycle, channel, agent, bank, urban, sex, birth_decade, benefit_month; joined by commas. A payment for several months counts in each of them.",
);
pub(super) const SEX: Parameter = parameter(
    "sex",
    "Text",
    "female, male or unknown, as people were registered. Needs `cycle`, or `cycle_from` and `cycle_to` of at most 24 months.",
);
pub(super) const BIRTH_DECADE: Parameter = parameter(
    "birth_decade",
    "Text",
    "The first year of a decade of birth, for example 1950, or unknown. Needs cycles like `sex`.",
);
pub(super) const BENEFIT_MONTH: Parameter = parameter(
    "benefit_month",
    "Month",
    "Payments for this month, also those that are for others besides. Needs cycles like `sex`; people of several cycles are then counted once.",
);
pub(super) const MIXED: Parameter = parameter(
    "mixed_as_cashless",
    "Boolean",
    "Count people who are paid both ways as cashless; they are shown apart either way.",
);
pub(super) const TODAY: Parameter =
    parameter("today", "Date", "The day that ageing is counted to; the business day of `as_of` when absent.");

pub(super) const PAPER: Parameter = parameter("format", "PrintFormat", "html (default), xlsx or csv.");
pub(super) const PURPOSE: Parameter = parameter("purpose", "Purpose", "What names are needed in full for; recorded.");
pub(super) const DRY_RUN: Parameter =
    parameter("dry_run", "Boolean", "Answer what would be appended and which figures would move; record nothing.");
pub(super) const PLAN: Parameter =
    parameter("plan", "Text", "The plan of a dry run: exactly its events are appended, or nothing.");
