//! The part of the table of operations that is about figures.

use crate::app::access::Action;
use crate::http::operation::{Effect, Operation, Output, Parameter, read, write};
use crate::http::parameters::{
    AGENT, AS_OF, AS_OF_DAY, AS_OF_POSITION, BANK, BENEFIT_GROUP, BENEFIT_MONTH, BENEFIT_TYPE, BIRTH_DECADE, CHANNEL,
    CURSOR, CYCLE, CYCLE_FROM, CYCLE_TO, FORMAT, GROUP_BY, LIMIT, MIN_POSITION, MIXED, SEX, TODAY, UNIT, UNIT_BASIS,
    URBAN, parameter,
};
use crate::http::{
    assessment, calendar, changes, citations, definitions, dictionary, figures, movers, outcomes, revisions,
    settlement, targets, unclaimed,
};
use actix_web::web;

pub(super) const FIGURES: &[Operation] = &[
    read("adoption", "/v1/adoption", Some(Action::ReadFigures), Output::Table("Adoption"), || web::get().to(figures::adoption))
        .takes(&[CYCLE, CYCLE_FROM, CYCLE_TO, UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, SEX, BIRTH_DECADE, BENEFIT_MONTH, GROUP_BY, UNIT_BASIS, MIXED, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says(
            "How far cashless payment has come",
            "Indicators A1 (people: cashless people / people with a live payment; mixed shown apart), A2 (amount), A3 (payments), each with numerator, denominator, ratio (six digits, half up, null when the denominator is 0) and completeness C1 (payments with a final outcome / payments instructed). A live payment is settled and not returned as of the answer's position. People are distinct within the scope asked. Analysts are answered figures as published (docs/privacy.md): cycle by cycle, as they stood at the end of a month, with small numbers, and what would give them away, null and `suppressed`.",
        ),
    read("adoptionRevisions", "/v1/adoption/revisions", Some(Action::ReadFigures), Output::Table("AdoptionRevisions"), || web::get().to(revisions::revisions))
        .takes(&[
            CYCLE,
            parameter("cycle_from", "Month", "The first cycle; the eleventh before `cycle_to` when absent."),
            parameter("cycle_to", "Month", "The last cycle; the month of the log's last event when absent."),
            parameter("months", "Count", "Months after each cycle's own, 0 to 36; 12 when absent."),
            UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, MIXED, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT,
        ])
        .says(
            "How the figures of a cycle changed after they were first published",
            "The revision triangle of A1, A2 and A3: each cycle as it stood at the end of its own month (what was first published) and of each month after, in the profile's time zone, with the change from the column before. Each column names the position it is of, found in the log's own times. A closed column never changes; one that is not closed is of the answer's own position.",
        ),
    read("adoptionDefinitions", "/v1/adoption/definitions", Some(Action::ReadFigures), Output::Table("AdoptionDefinitions"), || web::get().to(definitions::definitions))
        .takes(&[
            Parameter { name: "cycle", description: "The payment run's month.", schema: "Month", required: true },
            UNIT,
            parameter("urban_on", "Date", "Also by what is urban on this day: units are followed forward and back through reforms."),
            parameter("base", "Text", "The definition that the others are compared with; `A1` when absent."),
            MIXED, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT,
        ])
        .says(
            "One month under different published definitions",
            "People over all benefits, over each benefit group, over urban units (on the day due, or on another day) and over the scopes of the profile's targets; amount, payments and what was ordered (A5) in the scope of the base. Each with why it differs from the base: which benefits, and the same people by their standing under both (`none`: not counted). The cells add up to both numerators and denominators exactly.",
        ),
    read("outcomes", "/v1/outcomes", Some(Action::ReadFigures), Output::Table("Outcomes"), || web::get().to(outcomes::outcomes))
        .takes(&[
            CYCLE, CYCLE_FROM, CYCLE_TO, UNIT,
            parameter("group_by", "Text", "unit or unit_level:<level>, and cycle."),
            AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT,
        ])
        .says(
            "What came of a cycle's payments, as published",
            "For everybody the same, analysts too (docs/privacy.md): as each cycle stood at the end of a month, by units and cycles alone. Payments by state (those of one entry are told together), first attempts with S1 and S3, S4 by calendar day, S2 with reasons by class, S7 and C1. What is kept back, because it would tell of few people, is null.",
        ),
    read("settlement", "/v1/settlement", Some(Action::ReadFigures), Output::Table("SettlementFigures"), || web::get().to(settlement::settlement))
        .takes(&[CYCLE, CYCLE_FROM, CYCLE_TO, UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, SEX, BIRTH_DECADE, BENEFIT_MONTH, GROUP_BY, UNIT_BASIS, TODAY, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says(
            "How far payments are from being settled",
            "Funnel (payments and amounts by status), ageing of open payments by days since due, timeliness of live payments (S4: share settled by calendar day, median and 90th percentile of days after due), and reasons of rejections, returns and failures (S2).",
        ),
    read("late", "/v1/late", Some(Action::ReadFigures), Output::Table("LateFigures"), || web::get().to(calendar::late))
        .takes(&[CYCLE, UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, TODAY, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says(
            "What is late, by unit",
            "Open payments whose last day of payment is over: the end of the channel's last window in the unit (`GET /v1/calendar`), or the day due if that is later. With the oldest such day and the ageing since.",
        ),
    read("unclaimed", "/v1/unclaimed", Some(Action::ReadFigures), Output::Table("UnclaimedFigures"), || web::get().to(unclaimed::unclaimed))
        .takes(&[CYCLE, CYCLE_FROM, CYCLE_TO, UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, SEX, BIRTH_DECADE, BENEFIT_MONTH, GROUP_BY, UNIT_BASIS, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says("Unclaimed cash", "S6: cash attempts that nobody collected, of all cash attempts. `people_halted`: people whose cash nobody collected for `unclaimed_months_max` months in a row or more; no more cash is ordered for them (as of now only)."),
    read("firstAttempts", "/v1/first-attempts", Some(Action::ReadFigures), Output::Table("FirstAttempts"), || web::get().to(movers::first_attempts))
        .takes(&[CYCLE, CYCLE_FROM, CYCLE_TO, UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, SEX, BIRTH_DECADE, BENEFIT_MONTH, GROUP_BY, UNIT_BASIS, MIXED, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says("What was ordered, and what came of it", "A5 (people whose orders were cashless), S1 (cashless first attempts that are live), S3 (those whose payment is live in cash instead), S7 (live payments received on somebody's behalf). Channel, agent and bank are those of the first attempt; of S7, of the live one. Cancelled payments are in none."),
    read("movers", "/v1/movers", Some(Action::ReadFigures), Output::Table("Movers"), || web::get().to(movers::movers))
        .takes(&[
            Parameter { name: "cycle", description: "The later cycle: how people are paid in it.", schema: "Month", required: true },
            parameter("before", "Month", "The earlier cycle; the last one before with payments in scope when absent."),
            UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL, AGENT, BANK, URBAN, SEX, BIRTH_DECADE, BENEFIT_MONTH,
            parameter("group_by", "Text", "unit or unit_level:<level>, sex, birth_decade, benefit_month: a person stands in the unit of the later cycle, else of the earlier."),
            UNIT_BASIS, AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT,
        ])
        .says("Who moved between cash and account", "The matrix of people by how they were paid in two cycles, with A7. `fell_back`: why people who were cashless are paid in cash now, by the reason of the first attempt. `cash_with_account`: people paid in cash whose chosen method goes to an account, of all people paid in cash. Both as of now only, else null."),
    read("changes", "/v1/changes", Some(Action::ReadFigures), Output::Table("Changes"), || web::get().to(changes::changes))
        .takes(&[
            Parameter { name: "since", description: "A position of the log: what was recorded after it.", schema: "Position", required: true },
            UNIT, CYCLE,
            parameter("kind", "Text", "Kinds of change, joined by commas; all when absent."),
            MIXED, CURSOR, LIMIT, MIN_POSITION, FORMAT,
        ])
        .says("What changed since a position", "Late files, returns, corrections, late money, cancellations, recoveries and deaths that were recorded after a position: how many and how much by kind, cycle and unit, the rates of each cycle before and now with the change in percentage points, and the payments themselves by page, in the order of the log. Sums are of all that the filters leave, not of the page. Not for analysts: it shows single payments."),
    read("registered", "/v1/registered", Some(Action::ReadFigures), Output::Table("Registered"), || web::get().to(movers::registered))
        .takes(&[UNIT, parameter("group_by", "Text", "unit: what a person's unit has become by now."), AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says("Who has a cashless method at all", "A6: people whose payout method chosen last is cashless, of all people neither reported dead nor erased. Not adoption: who has an account may still be paid in cash."),
    write("citeFigure", "/v1/figures", Action::ReadFigures, ("FigureCitation", "CitedFigure"), || web::post().to(citations::cite))
        .with_effect(Effect::Create)
        .says(
            "Cite a figure",
            "Records a definition, the figure's own parameters (as the path that serves it takes them: `/v1/adoption`, `/v1/first-attempts`, `/v1/settlement`, `/v1/movers`, `/v1/unclaimed`; A6, I1 and I2 take `unit` and `group_by=unit`), the position that it is of, its digits, and a digest: SHA-256 of one line of JSON without spaces, `{\"definition\",\"asked\",\"position\",\"groups\":[{\"key\",\"numerator\",\"denominator\"}]}`, members of `asked` by name, amounts in minor units. As of now, or as of the position, day or instant given.",
        ),
    read("listCitedFigures", "/v1/figures", Some(Action::ReadFigures), Output::Table("CitedFigureList"), || web::get().to(citations::list))
        .takes(&[UNIT, LIMIT, CURSOR, MIN_POSITION, FORMAT])
        .says("List cited figures", "In the order of citation; a key with a unit sees those of its units."),
    read("readCitedFigure", "/v1/figures/{id}", Some(Action::ReadFigures), Output::Json("CitedFigureView"), || web::get().to(citations::read))
        .says("Call up a cited figure", "The digits that were cited, and whether the log still gives them: recomputed from the cited position, with the same digest (`verified`)."),
    write("setTarget", "/v1/targets", Action::SetTarget, ("TargetSetting", "Target"), || web::post().to(targets::set))
        .with_effect(Effect::Create)
        .says("Set a target of a unit", "A rate by people (A1), amount (A2) or payments (A3), of all or of some benefit groups, of all or of urban units, by a day, with its legal basis. One for each indicator, scope and day; another value needs the first to be withdrawn."),
    read("targets", "/v1/targets", Some(Action::ReadFigures), Output::Table("TargetList"), || web::get().to(targets::list))
        .takes(&[UNIT, parameter("cycle", "Month", "The cycle that they are held against; the last with payments when absent."), AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT])
        .says(
            "Targets, and how far each is from being reached",
            "With `unit`, what counts for it: its own targets and, for an indicator and scope of which it has none, those of the nearest unit above, else the profile's. Without, all targets in reach, and the profile's. Each with the gap (T1) in percentage points, the rate by cycle, the month in which it is reached at the present pace with its interval, and what is needed a month. Without `as_of`, targets are those of this moment, and figures those of `as_of_position`.",
        ),
    write("withdrawTarget", "/v1/targets/{id}/withdraw", Action::SetTarget, ("TargetWithdrawal", "TargetWithdrawn"), || web::post().to(targets::withdraw))
        .says("Take a target back", "It counts no longer from then on; figures as of earlier positions still show it."),
    read("dictionary", "/v1/dictionary", Some(Action::ReadReference), Output::Table("Dictionary"), || web::get().to(dictionary::dictionary))
        .takes(&[FORMAT])
        .says("The data dictionary", "Each column of each table of figures (`format=csv`, `xlsx`, `ndjson`, `parquet`): type, unit, and meaning in English and Vietnamese. `*`: of every table."),
    read("assessment", "/v1/assessment", Some(Action::ReadFigures), Output::Report("Assessment"), || web::get().to(assessment::assessment))
        .takes(&[
            Parameter { name: "cycle", description: "The payment run's month.", schema: "Month", required: true },
            UNIT,
            parameter("level", "Text", "The level whose units are ranked; the one below the unit when absent."),
            parameter("smoothing", "Text", "Rank by smoothed rates: as if each unit had so many more people (1 to 100000) of the rate of all units of the level together, `(n + k N/D) / (d + k)`, so that a handful of people does not come first or last by one of them. Off when absent."),
            parameter("lang", "Text", "`vi` or `en`: the page's language; the profile's first when absent."),
            AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION,
            parameter("since", "Date", "Also tell what changed since the end of this day."),
            parameter("format", "Text", "`html`, `json`, `csv`, `xlsx`, `ndjson` or `parquet`; by `Accept` when absent."),
        ])
        .says("The assessment of a cycle", "What a steering group asks for, all of one position of the log: rates against targets (A1 to A4, T1), trend, ranking of units with rank changes, tile grid, funnel, timeliness, reasons with who must act, which units can be assessed at all, identity matching, definitions."),
];
