//! One estate before all judges: what is read first, then both engines, then the comparison.

use std::path::Path;
use std::thread;

use crate::api::Accounts;
use crate::certificate;
use crate::cloudformation::Deployer;
use crate::emulator::{Emulator, Kind};
use crate::inventory::{
    self, Gaps,
    compare::{Forms, compare},
};
use crate::lint;
use crate::manifest::{Estate, Stack};
use crate::organization::{self, Organization};
use crate::report::{Report, Verdict};
use crate::settings::Settings;
use crate::terraform::{self, Terraform};
use crate::trim;

/// Estates with more stacks than this are deployed in part: one stack for each shape.
const FEW: usize = 8;

/// The judges that all estates share.
pub struct Court<'a> {
    pub settings: &'a Settings,
    pub terraform: Result<Terraform, String>,
}

/// Judges the estate in `dir`, which may be changed: it must be a copy.
pub fn judge(report: &Report, court: &Court, emulators: Result<&[Emulator], &str>, dir: &Path) {
    let estate = match Estate::read(dir) {
        Ok(estate) => estate,
        Err(why) => return report.fail("manifest", &why),
    };
    report.judge("cfn-lint", || lint::cfn_lint(&estate));
    report.judge("cloudformation-validate", || {
        lint::cloudformation_validate(&estate, court.settings)
    });
    report.judge("scripts", || lint::scripts(&estate));
    let (stacks, ready) = (estate.sample(FEW), estate.ready().len());
    if ready < estate.stacks.len() {
        let waiting = estate.stacks.len() - ready;
        report.note(&format!("{waiting} stacks wait for accounts: linted, but not deployed"));
    }
    if stacks.len() < ready {
        let (some, all) = (stacks.len(), ready);
        report.note(&format!("{some} of {all} stacks are deployed: one for each shape"));
    }
    match emulators {
        Ok(emulators) if !stacks.is_empty() => deploy(report, court, &estate, &stacks, emulators),
        Ok(_) => report.fail("manifest", "the estate has no stacks"),
        Err(why) => {
            for judge in ["terraform apply", "cloudformation deploy", "same resources"] {
                report.judge(judge, || Verdict::Skipped(why.to_owned()));
            }
            modules(report, court, &estate, &[]);
        }
    }
}

/// Both engines: at the same time where each has an emulator of its own.
fn deploy(
    report: &Report,
    court: &Court,
    estate: &Estate,
    stacks: &[&Stack],
    emulators: &[Emulator],
) {
    let first = &emulators[0];
    let plain = first.kind == Kind::Plain;
    // Read before either engine puts the emulator's ids into its files.
    let organization = organization::of(estate);
    let organization = organization.as_ref();
    let terraform = || by_terraform(report, court, estate, stacks, first, organization);
    if peers_abroad(estate) {
        report.note(NO_PEERS_ABROAD);
        terraform();
        return;
    }
    let cloudformation =
        |emulator| by_cloudformation(report, estate, stacks, emulator, organization);
    let (left, right) = match emulators.get(1) {
        _ if plain => {
            let why = "moto as installed does not do what `aws cloudformation deploy` needs";
            report.judge("cloudformation deploy", || Verdict::Skipped(why.into()));
            (terraform(), None)
        }
        Some(second) => thread::scope(|scope| {
            let right = scope.spawn(|| cloudformation(second));
            (terraform(), right.join().expect("no judge panics"))
        }),
        None => (terraform(), cloudformation(first)),
    };
    let (Some(left), Some((right, gaps))) = (left, right) else {
        let why = "there are not two deployments to compare";
        report.judge("same resources", || Verdict::Skipped(why.into()));
        return;
    };
    same(report, &left, &right, &gaps);
}

/// What nobody judges of an estate whose hub is peered across accounts.
const NO_PEERS_ABROAD: &str = "read and applied with Terraform, but neither deployed with \
     CloudFormation nor compared: the emulator's CloudFormation does not find the VPC of another \
     account that a peering connection asks for";

/// Whether a peering connection leads into another account.
fn peers_abroad(estate: &Estate) -> bool {
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    estate.files(".json").iter().any(|path| read(path).contains("\"PeerOwnerId\""))
}

fn same(report: &Report, left: &Forms, right: &Forms, gaps: &Gaps) {
    report.judge("same resources", || match compare(left, right) {
        (count, different) if different.is_empty() && count > 0 => Verdict::Passed(count),
        (_, different) if different.is_empty() => Verdict::Failed("nothing to compare".into()),
        (count, different) => {
            let shown = different[..different.len().min(40)].join("\n");
            let (all, some) = (different.len(), different.len().min(40));
            Verdict::Failed(format!(
                "{count} are the same, {all} differences, {some} shown:\n{shown}"
            ))
        }
    });
    let list = |counted: &std::collections::BTreeMap<String, usize>| {
        let each = counted.iter().map(|(kind, count)| format!("{kind} ×{count}"));
        each.collect::<Vec<_>>().join(", ")
    };
    if !gaps.declared.is_empty() {
        report.count("declared", gaps.declared.values().sum());
        report.note(&format!(
            "compared by what the stacks declare, as this emulator's CloudFormation makes only \
             stand-ins of them: {}",
            list(&gaps.declared)
        ));
    }
    if !gaps.unseen.is_empty() {
        report.note(&format!("deployed, but compared by nobody: {}", list(&gaps.unseen)));
    }
}

fn by_terraform(
    report: &Report,
    court: &Court,
    estate: &Estate,
    stacks: &[&Stack],
    emulator: &Emulator,
    organization: Option<&Organization>,
) -> Option<Forms> {
    let terraform = match &court.terraform {
        Ok(terraform) => terraform.at(&emulator.url()),
        Err(why) => {
            report.judge("terraform validate", || Verdict::Skipped(why.clone()));
            report.judge("terraform apply", || Verdict::Skipped(why.clone()));
            return None;
        }
    };
    let blocked = emulator.kind == Kind::Plain && uses_transit_gateway(estate);
    if blocked {
        let why = "moto as installed never ends the attachment of a transit gateway";
        report.judge("terraform apply", || Verdict::Skipped(why.into()));
        modules(report, court, estate, &[]);
        return None;
    }
    let accounts = fresh(report, estate, emulator, "terraform", organization)?;
    let mut applied = None;
    let (mut forms, mut all) = (None, None);
    report.judge("terraform apply", || {
        let trimmed = trim::modules(estate)?;
        for reason in &trimmed.reasons {
            report.note(&format!("left out of the modules that are applied: {reason}"));
        }
        certificate::stand_in(estate, &accounts, "terraform/stacks")?;
        let done = terraform::apply(&terraform, estate, &accounts, stacks)?;
        for reason in &done.forgotten {
            report.note(&format!("the second plans are not empty, but only because {reason}"));
        }
        let wide = settled(report, estate, organization, &accounts)?;
        forms = Some(inventory::from_terraform(&wide)?);
        all = Some(wide);
        applied = Some(done);
        Ok::<_, String>(stacks.len())
    });
    if let (Some(applied), Some(all)) = (applied, all) {
        report.judge("terraform destroy", || {
            let retained = applied.retained();
            organization.map_or(Ok(()), |it| it.unsettle(&accounts))?;
            let gone = applied.destroy()?;
            nothing_left(report, &all, &retained, false).map(|()| gone)
        });
        modules(report, court, estate, stacks);
    }
    forms
}

fn by_cloudformation(
    report: &Report,
    estate: &Estate,
    stacks: &[&Stack],
    emulator: &Emulator,
    organization: Option<&Organization>,
) -> Option<(Forms, Gaps)> {
    let accounts = fresh(report, estate, emulator, "cloudformation", organization)?;
    let deployer = Deployer { estate, stacks, accounts: &accounts, url: &emulator.url() };
    if let Some(why) = deployer.missing() {
        report.judge("cloudformation deploy", || Verdict::Skipped(why));
        return None;
    }
    report.judge("dry run", || deployer.dry_run());
    let mut found = None;
    report.judge("cloudformation deploy", || {
        certificate::stand_in(estate, &accounts, "cloudformation/stacks")?;
        for why in trim::templates(estate)? {
            report.note(&format!("changed in the templates that are deployed: {why}"));
        }
        let count = match deployer.deploy() {
            Err(why) if deployer.pretended_vpn() => {
                let step = "the script's step `route-vpn` is left out: this emulator's \
                            CloudFormation only pretends to make a VPN connection";
                report.note(step);
                deployer
                    .without_step("route-vpn")
                    .and_then(|()| deployer.deploy())
                    .map_err(|again| format!("{why}\nand without the step:\n{again}"))?
            }
            result => result?,
        };
        let wide = settled(report, estate, organization, &accounts)?;
        found = Some((inventory::from_cloudformation(estate, stacks, &wide)?, wide));
        Ok::<_, String>(count)
    });
    let ((forms, gaps, retained), all) = found?;
    report.judge("cloudformation delete", || {
        let count = deployer.delete()?;
        nothing_left(report, &all, &retained, true).map(|()| count)
    });
    Some((forms, gaps))
}

fn modules(report: &Report, court: &Court, estate: &Estate, applied: &[&Stack]) {
    report.judge("terraform validate", || match &court.terraform {
        Ok(terraform) => terraform::validate_modules(terraform, estate, applied).into(),
        Err(why) => Verdict::Skipped(why.clone()),
    });
}

/// An emulator that knows nothing but the organization of the estate, whose ids are written into
/// the files of one engine; and keys for each account.
fn fresh(
    report: &Report,
    estate: &Estate,
    emulator: &Emulator,
    engine: &str,
    organization: Option<&Organization>,
) -> Option<Accounts> {
    let open = || {
        emulator.api().reset()?;
        let accounts = Accounts::open(&emulator.api(), estate)?;
        if let Some(organization) = organization {
            organization.found(&accounts, estate, engine)?;
        }
        Ok(accounts)
    };
    open().map_err(|why: String| report.fail("emulator", &why)).ok()
}

/// The accounts to look at when all is deployed, AWS's own part included.
fn settled(
    report: &Report,
    estate: &Estate,
    organization: Option<&Organization>,
    accounts: &Accounts,
) -> Result<Accounts, String> {
    let Some(organization) = organization else { return Ok(accounts.clone()) };
    let count = organization.settle(accounts)?;
    if count > 0 {
        report.note(&format!(
            "stack sets are deployed to {count} new accounts in AWS's place: an emulator does not \
             see that an account joins a unit"
        ));
    }
    organization.with_members(accounts, &estate.partition)
}

fn nothing_left(
    report: &Report,
    accounts: &Accounts,
    retained: &[String],
    stacks: bool,
) -> Result<(), String> {
    let left = inventory::leftovers(accounts, retained, stacks)?;
    if stacks && !left.forgotten.is_empty() {
        let kinds = left.forgotten.join(", ");
        report.note(&format!("the emulator forgets to delete with a stack: {kinds}"));
    }
    if left.wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("still there:\n{}", left.wrong.join("\n")))
    }
}

fn uses_transit_gateway(estate: &Estate) -> bool {
    let modules = estate.files(".tf.json");
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    modules.iter().any(|path| read(path).contains("aws_ec2_transit_gateway_vpc_attachment"))
}
