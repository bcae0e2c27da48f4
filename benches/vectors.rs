//! The published figures, from every row: each person, payment and outcome goes through the importer, and the figures come from the server.
//! `cargo bench --bench vectors` prints the table, and where a printed figure differs; ends with 1 if a count or ratio is not exactly right.

#![expect(clippy::unwrap_used, reason = "a program that stops when anything fails")]

mod common;

use common::{run_by, say, serve_by};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Payments of one cycle to one unit's people: so many by account and so many in cash, and what each group gets in all.
struct Run {
    unit: &'static str,
    cycle: &'static str,
    cashless: u64,
    cash: u64,
    cashless_dong: u64,
    cash_dong: u64,
}

/// A month's pensions of 3,000,000 dong each, where nobody published the sum.
const fn run(unit: &'static str, cycle: &'static str, cashless: u64, cash: u64) -> Run {
    Run { unit, cycle, cashless, cash, cashless_dong: cashless * 3_000_000, cash_dong: cash * 3_000_000 }
}

const RUNS: [Run; 4] = [
    run("T79C", "2025-08", 291_759, 49_721),
    // By amount: more than 4,096 of more than 4,140 billion dong.
    Run {
        unit: "T01C",
        cycle: "2025-08",
        cashless: 595_237,
        cash: 3_436,
        cashless_dong: 4_096_000_000_000,
        cash_dong: 44_000_000_000,
    },
    run("T80C", "2025-09", 743, 33),
    // The same people a month later, after 15 more have switched.
    run("T80C", "2025-10", 758, 18),
];

/// A published figure.
struct Vector {
    place: &'static str,
    unit: &'static str,
    cycle: &'static str,
    /// The figure of the answer, and its part: `people` and `numerator`.
    figure: (&'static str, &'static str),
    published: (u64, u64),
    ratio: &'static str,
    printed: &'static str,
}

const VECTORS: [Vector; 6] = [
    Vector {
        place: "Ho Chi Minh City",
        unit: "T79C",
        cycle: "2025-08",
        figure: ("people", "numerator"),
        published: (291_759, 341_480),
        ratio: "0.854396",
        printed: "85.44",
    },
    Vector {
        place: "Hanoi",
        unit: "T01C",
        cycle: "2025-08",
        figure: ("people", "numerator"),
        published: (595_237, 598_673),
        ratio: "0.994261",
        printed: "999,42",
    },
    Vector {
        place: "Hanoi, in cash",
        unit: "T01C",
        cycle: "2025-08",
        figure: ("people", "cash"),
        published: (3_436, 598_673),
        ratio: "0.005739",
        printed: "0.58",
    },
    Vector {
        place: "Hanoi, billion dong",
        unit: "T01C",
        cycle: "2025-08",
        figure: ("amount", "numerator"),
        published: (4_096, 4_140),
        ratio: "0.989372",
        printed: "",
    },
    Vector {
        place: "Dong Thanh",
        unit: "T80C",
        cycle: "2025-09",
        figure: ("people", "numerator"),
        published: (743, 776),
        ratio: "0.957474",
        printed: "95.74",
    },
    Vector {
        place: "Dong Thanh, 15 more",
        unit: "T80C",
        cycle: "2025-10",
        figure: ("people", "numerator"),
        published: (758, 776),
        ratio: "0.976804",
        printed: "97.68",
    },
];

/// The built-in profile with the reporting units of the published figures, as files.
fn profile(folder: &Path) -> PathBuf {
    let read = |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let tables = folder.join("published");
    std::fs::create_dir(&tables).unwrap();
    let units = read("config/vietnam/units.csv") + &read("tests/fixtures/published/units.csv");
    std::fs::write(tables.join("units.csv"), units).unwrap();
    std::fs::write(tables.join("successions.csv"), read("config/vietnam/successions.csv")).unwrap();
    let path = folder.join("published.toml");
    std::fs::write(&path, read("config/vietnam.toml")).unwrap();
    path
}

impl Run {
    /// What a person gets: the group's sum in whole dong, the first few one dong more so that it comes out.
    const fn amount(&self, person: u64) -> u64 {
        let (first, count, sum) = if person < self.cashless {
            (0, self.cashless, self.cashless_dong)
        } else {
            (self.cashless, self.cash, self.cash_dong)
        };
        sum / count + if person - first < sum % count { 1 } else { 0 }
    }

    fn write(&self, (people, payments, outcomes): (&mut impl Write, &mut impl Write, &mut impl Write)) {
        let Self { unit, cycle, cashless, cash, .. } = self;
        for number in 0..cashless + cash {
            let route =
                if number < *cashless { format!("account,vcb,00{number:08}") } else { "cash_desk,,".to_owned() };
            // People of a later month are registered already.
            if *cycle != "2025-10" {
                writeln!(people, "{unit}-{number},{unit},{route},{cycle}").unwrap();
            }
            let amount = self.amount(number);
            writeln!(payments, "{cycle}-{unit}-{number},{unit}-{number},pension,{cycle},{amount},{route}").unwrap();
            writeln!(outcomes, "{cycle}-{unit}-{number},settled,{cycle}-05").unwrap();
        }
    }
}

/// The three files, in the order in which they are imported.
fn files(folder: &Path) -> [(&'static str, PathBuf); 3] {
    let named = ["beneficiaries", "payments", "outcomes"].map(|kind| (kind, folder.join(format!("{kind}.csv"))));
    let [mut people, mut payments, mut outcomes] =
        named.each_ref().map(|(_, path)| BufWriter::new(File::create(path).unwrap()));
    writeln!(people, "beneficiary_ref,unit,channel,bank,account,effective_month").unwrap();
    writeln!(payments, "payment_reference,beneficiary_ref,benefit_type,cycle,amount,channel,bank,account").unwrap();
    writeln!(outcomes, "payment_reference,status,date").unwrap();
    for run in RUNS {
        run.write((&mut people, &mut payments, &mut outcomes));
    }
    for file in [people, payments, outcomes] {
        file.into_inner().unwrap().sync_all().unwrap();
    }
    named
}

/// A count or amount of an answer: numbers as they are, amounts in billions.
fn count(value: &Value) -> Option<u64> {
    let amount = |text: &str| text.parse::<u64>().ok().filter(|n| n % 1_000_000_000 == 0).map(|n| n / 1_000_000_000);
    value.as_u64().or_else(|| value.as_str().and_then(amount))
}

/// A fraction in whole steps of one part in `scale`, rounded half up, without the program's own arithmetic.
fn rounded((part, whole): (u64, u64), scale: u64) -> u64 {
    (part * scale * 2 + whole) / (whole * 2)
}

impl Vector {
    /// Compares and tells; whether all is exactly as published.
    fn check(&self, answer: &Value) -> bool {
        let (figure, part) = self.figure;
        let group = &answer["groups"][0][figure];
        let found = (count(&group[part]), count(&group["denominator"]));
        let exact = format!("0.{:06}", rounded(self.published, 1_000_000));
        // The answer has the ratio of its numerator; that of another part follows from its counts.
        let ratio = match found {
            (Some(part), Some(whole)) if self.figure.1 != "numerator" => {
                format!("0.{:06}", rounded((part, whole), 1_000_000))
            }
            _ => group["ratio"].as_str().unwrap_or("none").to_owned(),
        };
        let right = found == (Some(self.published.0), Some(self.published.1)) && ratio == self.ratio && exact == ratio;
        let hundredths = rounded(self.published, 10_000);
        let percent = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let printed = match self.printed {
            "" => "not printed".to_owned(),
            printed if printed == percent => format!("printed {printed}"),
            printed => format!("printed {printed}, is {percent}"),
        };
        let (part, whole) = found;
        say(&format!(
            "| {} | {} | {} / {} | {} / {} | {ratio} | {} | {printed} |",
            self.place,
            self.cycle,
            self.published.0,
            self.published.1,
            part.unwrap_or_default(),
            whole.unwrap_or_default(),
            if right { "same" } else { "WRONG" },
        ));
        right
    }
}

fn main() -> ExitCode {
    let folder = common::folder();
    let profile = profile(folder.path());
    let database = format!("sqlite:{}", folder.path().join("vectors.sqlite").display());
    let program = || -> Command {
        let mut command = common::chitra(&database);
        command.arg("--profile").arg(&profile);
        command
    };
    run_by(program(), &["migrate"]);
    for (kind, path) in files(folder.path()) {
        let printed = run_by(program(), &["import", "--json", "--kind", kind, path.to_str().unwrap()]);
        let report: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(report["errors"], 0, "{printed}");
        say(&format!("{kind}: {} of {} rows recorded", report["recorded_rows"], report["rows"]));
    }
    let key = run_by(program(), &["keys", "create", "--role", "analyst"]);
    let (_server, address) = serve_by(program(), folder.path());
    say("| figure | cycle | published | computed | ratio | | as printed, in % |");
    say("|---|---|---|---|---|---|---|");
    let mut right = true;
    for vector in &VECTORS {
        let url = format!("http://{address}/v1/adoption?unit={}&cycle={}", vector.unit, vector.cycle);
        let mut answer = ureq::get(&url).header("authorization", format!("Bearer {key}")).call().unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        right &= vector.check(&answer);
    }
    say(if right { "all figures are exactly as published" } else { "a figure is not as published" });
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
