//! The conformance target: what tenantry writes, before its real judges. `README.md` beside this
//! file says what it proves, what it needs and how to run it.

#![allow(
    clippy::disallowed_methods,
    reason = "this target is about files, clocks and processes: the tools that will read our output"
)]

mod accounts;
mod api;
mod bite;
mod certificate;
mod chargeback;
mod cloudformation;
mod drift;
mod emulator;
mod estate;
mod inventory;
mod lint;
mod manifest;
mod organization;
mod process;
mod provider;
mod relay;
mod replacement;
mod report;
mod settings;
mod terraform;
mod trim;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use crate::emulator::{Emulator, Kind};
use crate::estate::Court;
use crate::report::{Report, Verdict};
use crate::settings::Settings;
use crate::terraform::Terraform;

/// Emulators by lane, or why there are none.
type Lanes = Result<Vec<Vec<Emulator>>, String>;

fn main() -> ExitCode {
    let settings = Settings::read();
    let scratch = tempfile::tempdir().expect("the temporary folder can be written");
    println!("conformance: the real judges of CloudFormation, Terraform and scripts");
    let terraform = Terraform::new(&settings, scratch.path());
    let court = Court { settings: &settings, terraform };
    let cases = cases(&settings);
    let lanes = emulator::start(&settings, scratch.path(), cases.len().clamp(1, LANES));
    tell(&court, &lanes);

    let bites = Report::new("the judges themselves", settings.required);
    bite::check(&bites, &settings, court.terraform.as_ref().ok(), scratch.path());
    if let (Err(why), true) = (&lanes, settings.emulator.is_some() || settings.endpoint.is_some()) {
        bites.fail("emulator", why);
    }
    let unknown = |name: &&String| !cases.iter().any(|case| case.name() == **name);
    for name in settings.only.iter().filter(unknown) {
        bites.fail("blueprints", &format!("there is no blueprint {name}"));
    }
    if cases.is_empty() {
        bites.fail("blueprints", "there is nothing to judge");
    }
    bites.print();
    let reports = judge_all(&cases, &court, &lanes, scratch.path());

    println!();
    for report in std::iter::once(&bites).chain(&reports) {
        println!("{}", report.summary());
    }
    println!("total: {}", report::total(&reports));
    let passed = reports.iter().filter(|report| report.passed()).count();
    let failed = reports.len() - passed + usize::from(!bites.passed());
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Estates that are judged at the same time: the tools wait about as long as they work.
const LANES: usize = 4;

/// Each lane takes the next estate when it is done with one, the longest first, so that no lane
/// is left with a long one at the end. Reports come in the order of the cases.
fn judge_all(cases: &[Case], court: &Court, lanes: &Lanes, scratch: &Path) -> Vec<Report> {
    let mut order: Vec<(usize, &Case)> = cases.iter().enumerate().collect();
    order.sort_by_key(|(_, case)| std::cmp::Reverse(case.size()));
    let next = AtomicUsize::new(0);
    let lane = |emulators: Result<&[Emulator], &str>| {
        let mut done = Vec::new();
        while let Some(&(at, case)) = order.get(next.fetch_add(1, Relaxed)) {
            println!("judging {}", case.name());
            let report = judge(case, court, emulators, scratch);
            report.print();
            done.push((at, report));
        }
        done
    };
    let mut done = match lanes {
        Err(why) => lane(Err(why)),
        Ok(lanes) => thread::scope(|scope| {
            let lane = &lane;
            let open = lanes.iter().map(|emulators| scope.spawn(move || lane(Ok(emulators))));
            let open: Vec<_> = open.collect();
            open.into_iter().flat_map(|lane| lane.join().expect("no judge panics")).collect()
        }),
    };
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, report)| report).collect()
}

/// Something to judge: a blueprint to synthesise first, a folder that is ready, accounts that are
/// made on the way, or events that go the whole way.
enum Case {
    Accounts,
    Chargeback,
    Replacement,
    Blueprint(PathBuf),
    Folder(PathBuf),
}

impl Case {
    fn name(&self) -> String {
        let path = match self {
            Self::Accounts => return accounts::NAME.to_owned(),
            Self::Chargeback => return chargeback::NAME.to_owned(),
            Self::Replacement => return replacement::NAME.to_owned(),
            Self::Blueprint(path) | Self::Folder(path) => path,
        };
        path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    }

    /// How long it is likely to take, against the others: the accounts apply everything thrice,
    /// and a longer blueprint has more to deploy.
    fn size(&self) -> u64 {
        match self {
            Self::Accounts => u64::MAX,
            Self::Chargeback | Self::Replacement => 0,
            Self::Blueprint(path) | Self::Folder(path) => {
                fs::metadata(path).map_or(0, |it| it.len())
            }
        }
    }
}

/// The repository's blueprints, or the folder that the caller names.
fn cases(settings: &Settings) -> Vec<Case> {
    if !settings.dirs.is_empty() {
        return settings.dirs.iter().cloned().map(Case::Folder).collect();
    }
    let mut cases: Vec<Case> = blueprint_files().into_iter().map(Case::Blueprint).collect();
    cases.extend([Case::Accounts, Case::Chargeback, Case::Replacement]);
    cases.retain(|case| settings.only.is_empty() || settings.only.contains(&case.name()));
    cases
}

/// The blueprints of the repository.
fn blueprint_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(blueprints()).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    // Beside a blueprint lie its lock and the files of its tenants.
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let readable = path.extension().is_some_and(|kind| kind == "yaml" || kind == "json");
        readable && !name.contains(".tenants.") && !name.contains(".lock.")
    });
    paths.sort();
    paths
}

fn blueprints() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/blueprints"))
}

fn judge(
    case: &Case,
    court: &Court,
    emulators: Result<&[Emulator], &str>,
    scratch: &Path,
) -> Report {
    let report = Report::new(&case.name(), court.settings.required);
    let place = scratch.join("cases").join(case.name());
    let ready = match case {
        Case::Accounts => {
            accounts::judge(&report, court, emulators, &place);
            let _ = fs::remove_dir_all(&place);
            return report;
        }
        Case::Replacement => {
            replace(&report, court, &place);
            let _ = fs::remove_dir_all(&place);
            return report;
        }
        Case::Chargeback => synthesise(&blueprints().join(chargeback::BLUEPRINT), &place),
        Case::Blueprint(path) => synthesise(path, &place),
        Case::Folder(dir) => manifest::copy(dir, &place).map(|()| place.clone()),
    };
    match ready {
        Ok(dir) if matches!(case, Case::Chargeback) => {
            chargeback::judge(&report, court, emulators, &dir);
        }
        Ok(dir) => estate::judge(&report, court, emulators, &dir),
        Err(why) => report.fail("synth", &why),
    }
    let _ = fs::remove_dir_all(&place);
    report
}

/// What is replaced, judged with the modules of every blueprint.
fn replace(report: &Report, court: &Court, place: &Path) {
    let terraform = match &court.terraform {
        Ok(terraform) => terraform,
        Err(why) => {
            report.judge("replacement", || Verdict::Skipped(why.clone()));
            return;
        }
    };
    let mut modules = Vec::new();
    for path in blueprint_files() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found = synthesise(&path, &place.join(name)).and_then(|dir| manifest::modules(&dir));
        match found {
            Ok(found) => modules.extend(found),
            Err(why) => return report.fail("synth", &why),
        }
    }
    let whole = court.settings.only.is_empty();
    replacement::judge(report, terraform, &modules, &place.join("root"), whole);
}

/// Lets tenantry write both engines' output from a copy of the blueprints. The estate folder.
fn synthesise(blueprint: &Path, place: &Path) -> Result<PathBuf, String> {
    let (copy, out) = (place.join("blueprints"), place.join("out"));
    manifest::copy(blueprints(), &copy)?;
    let file = copy.join(blueprint.file_name().expect("a blueprint is a file"));
    let mut synth = process::command(env!("CARGO_BIN_EXE_tenantry"));
    synth.arg("synth").arg(file).args(["--engine", "both", "--out"]).arg(&out);
    process::run(&mut synth, Duration::from_secs(300)).check("tenantry synth")?;
    let entries = fs::read_dir(&out).map_err(|why| format!("{}: {why}", out.display()))?;
    // A folder with a dot before its name holds the tool's own notes.
    let shown = entries.flatten().filter(|it| !it.file_name().to_string_lossy().starts_with('.'));
    let estates: Vec<PathBuf> = shown.map(|entry| entry.path()).collect();
    match estates.as_slice() {
        [estate] => Ok(estate.clone()),
        several => Err(format!("one blueprint became {} estates", several.len())),
    }
}

/// Says what the verdicts of this run will rest on.
fn tell(court: &Court, lanes: &Lanes) {
    match lanes {
        Ok(lanes) => {
            let emulators: Vec<&Emulator> = lanes.iter().flatten().collect();
            let urls: Vec<String> = emulators.iter().map(|emulator| emulator.url()).collect();
            println!("emulators: {}", urls.join(" "));
            if emulators.iter().any(|emulator| emulator.kind == Kind::Plain) {
                println!("{WEAK}");
            }
        }
        Err(why) => println!("SKIPPED everything that needs an emulator: {why}"),
    }
    if let Err(why) = &court.terraform {
        println!("SKIPPED everything that needs Terraform: {why}");
    }
}

const WEAK: &str = "\
WEAKENED: this is moto as it is installed, started because TENANTRY_EMULATOR is not set.
  - Its CloudFormation skips most types in silence (network ACLs among them), and a deploy through
    a change set loses outputs and `No changes`: no stack is deployed, the engines not compared.
  - Its transit gateways never finish attaching: estates that have one are not applied.
  - It answers several calls at the same time, which its data are not made for: a rare HTTP 500
    of its own can fail an apply.";
