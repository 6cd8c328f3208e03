//! The case `chargeback`: a thousand events of five tenants, from the stream to counters, metrics and
//! reports. The script beside this file asks, and compares with a plain sum.

use std::path::Path;
use std::time::Duration;

use crate::api::Accounts;
use crate::emulator::{Emulator, Kind};
use crate::estate::Court;
use crate::manifest::Estate;
use crate::process::{command, run};
use crate::report::{Report, Verdict};
use crate::terraform::credentials;

/// The name of the case.
pub const NAME: &str = "chargeback";

/// Its blueprint, among those of the repository.
pub const BLUEPRINT: &str = "component-chargeback.yaml";

/// The key of the stack that is asked.
const STACK: &str = "chargeback-eu-west-1";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/chargeback.py");
const LIMIT: Duration = Duration::from_secs(300);

/// How many events are counted.
const EVENTS: usize = 1000;

/// Judges the estate in `dir`, which was just written.
pub fn judge(report: &Report, court: &Court, emulators: Result<&[Emulator], &str>, dir: &Path) {
    report.judge("usage", || match emulators {
        Err(why) => Verdict::Skipped(why.to_owned()),
        Ok([first, ..]) if first.kind != Kind::Plain => {
            let python = court.settings.validate_python.as_deref().unwrap_or("python3");
            go(report, first, python, dir).into()
        }
        Ok(_) => Verdict::Skipped("moto as installed makes no tables of Glue".to_owned()),
    });
}

/// Deploys with the shipped script, and lets events go the whole way. How many were counted.
fn go(report: &Report, emulator: &Emulator, python: &str, dir: &Path) -> Result<usize, String> {
    emulator.api().reset()?;
    let estate = Estate::read(dir)?;
    let accounts = Accounts::open(&emulator.api(), &estate)?;
    let stack = estate.stacks.iter().find(|stack| stack.key == STACK);
    let stack = stack.ok_or("the estate has no such stack")?;
    let mut deploy = command("bash");
    deploy.arg("cloudformation/deploy.sh").current_dir(&estate.dir);
    credentials(&mut deploy, accounts.deployer(stack));
    deploy.env("AWS_ENDPOINT_URL", emulator.url());
    run(&mut deploy, LIMIT).check("deploy.sh")?;

    let mut ask = command(python);
    ask.arg(SCRIPT).arg(&estate.dir).arg(&stack.physical);
    credentials(&mut ask, &accounts.at(stack).keys);
    ask.env("AWS_ENDPOINT_URL", emulator.url()).env("AWS_DEFAULT_REGION", &stack.region);
    let done = run(&mut ask, LIMIT);
    done.check("chargeback.py")?;
    for line in done.said().lines() {
        report.note(line);
    }
    report
        .note("neither EventBridge nor Firehose delivers here: what they do is done by the script");
    Ok(EVENTS)
}
