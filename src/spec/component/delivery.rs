//! The rings of the delivery: every tier is in one, and none is in two. What is built for instances
//! has instances to be built for.

use crate::blueprint::Blueprint;
use crate::blueprint::shape::component::{Delivery, DeliveryEngine, Images};
use crate::blueprint::shape::{Capacity, Isolation, Several, Tier};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::Site;
use crate::spec::rule;

/// Judges a block.
pub fn check(delivery: &Delivery, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    if delivery.engine == DeliveryEngine::Terraform && blueprint.deploy.backend.is_none() {
        let message = "a pipeline keeps no files, so Terraform needs its state in S3";
        sink.push(rule::COMPONENT.at(site.child("engine"), message).help("add `deploy.backend`"));
    }
    variables(delivery, site, sink);
    if !delivery.rings.is_empty() {
        rings(delivery, blueprint, &site.child("rings"), sink);
    }
    parameters(delivery, site, sink);
    let tiers = || blueprint.tiers.values();
    if delivery.applications.is_some() && !tiers().any(runs) {
        let message = "no tier has an application in pools, so there is nothing to deploy";
        let at = site.child("applications").key();
        let complaint = rule::COMPONENT.at(at, message).help("remove `applications`");
        sink.push(complaint.against(["tiers"]));
    }
    if let Some(wanted) = &delivery.images {
        if !tiers().any(baked) {
            let message = "no tier has instances of the usual image, so nothing would use another";
            let help = "remove `images`, or the `image_parameter` of a tier";
            let complaint = rule::COMPONENT.at(site.child("images").key(), message).help(help);
            sink.push(complaint.against(["tiers"]));
        }
        images(wanted, &site.child("images"), sink);
        networks(wanted, &blueprint.accounts.workload, &site.child("images"), sink);
    }
}

/// Whether a tier has a pool with something that runs.
fn runs(tier: &Tier) -> bool {
    tier.isolation == Isolation::Application && (tier.app.is_some() || tier.service.is_some())
}

/// Whether a tier has instances, and takes the usual image for them.
fn baked(tier: &Tier) -> bool {
    let app = tier.app.as_ref().map(|app| &app.instances);
    let hosts = match &tier.capacity {
        Some(Capacity::Ec2(instances)) => Some(instances),
        _ => None,
    };
    app.into_iter().chain(hosts).any(|instances| instances.image_parameter.is_none())
}

/// Names that end a path. Source:
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>.
fn parameters(delivery: &Delivery, site: &Site, sink: &mut Sink) {
    let sound = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    for (name, value) in &delivery.parameters {
        let at = site.child("parameters").child(name.as_str());
        if name.is_empty() || name.len() > 100 || !name.chars().all(sound) {
            let message = format!("{name:?} cannot be the name of a parameter");
            let help = "use letters, digits, dots, hyphens and underscores, at most 100";
            sink.push(rule::COMPONENT.at(at.key(), message).help(help));
        } else if value.is_empty() || value.len() > 4096 || value.contains("{{") {
            let message = format!("parameter {name} has a value that Systems Manager refuses");
            let help = "write 1 to 4,096 characters, and no `{{`";
            sink.push(rule::COMPONENT.at(at, message).help(help));
        }
    }
}

/// The longest document of a component. Source:
/// <https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateComponent.html>.
const DOCUMENT: usize = 16_000;

/// What the document says besides what the blueprint does, and the marks around each line.
const BESIDES: (usize, usize) = (2_000, 8);

fn images(images: &Images, site: &Site, sink: &mut Sink) {
    // Packages are named twice: they are installed, and looked for.
    let packages: usize = images.packages.iter().map(|name| 2 * (name.len() + 1)).sum();
    let lines = images.commands.iter().chain(&images.tests);
    let lines: usize = lines.map(|line| crate::json::escape(line).len() + BESIDES.1).sum();
    if packages + lines + BESIDES.0 > DOCUMENT {
        let message = "what is done to an image is too long for EC2 Image Builder";
        let help = "put the commands into a script, and fetch and run that";
        sink.push(rule::COMPONENT.at(site.key(), message).help(help));
    }
}

/// A subnet is of one account, and each workload account builds images of its own.
fn networks(images: &Images, accounts: &Several, site: &Site, sink: &mut Sink) {
    let each = site.child("networks");
    if images.network.is_some() && (accounts.is_many() || !images.networks.is_empty()) {
        let message =
            "the subnet of `network` is of one account, and each builds images of its own";
        let help = "write `networks`, with a subnet and a group by account";
        let complaint = rule::COMPONENT.at(site.child("network").key(), message).help(help);
        sink.push(complaint.against(["accounts", "workload"]));
    }
    for account in images.networks.keys().filter(|account| !accounts.contains(account)) {
        let message = format!("{account} is not a workload account");
        let help = format!("write one of {}", accounts.names());
        let complaint = rule::COMPONENT.at(each.child(account.as_str()).key(), message);
        sink.push(complaint.help(help).against(["accounts", "workload"]));
    }
    let missing = |account: &&String| !images.networks.contains_key(*account);
    for account in accounts.all().iter().filter(missing).filter(|_| !images.networks.is_empty()) {
        let message = format!("there is no network of account {account}");
        let help = "any workload account can come to build images: add its subnet and group";
        let complaint = rule::COMPONENT.at(each.key(), message).help(help);
        sink.push(complaint.against(["accounts", "workload"]).against([
            "components",
            "delivery",
            "images",
            "networks",
            account,
        ]));
    }
}

/// Names that the shell can read.
/// Source: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html>.
fn variables(delivery: &Delivery, site: &Site, sink: &mut Sink) {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for name in delivery.variables.keys() {
        let legal = name.chars().all(sound) && !name.starts_with(|c: char| c.is_ascii_digit());
        if !legal || name.is_empty() || name.starts_with("CODEBUILD_") {
            let message = format!("{name:?} cannot be the name of a variable of the commands");
            let help = "use letters, digits and underscores, a letter first, and not CODEBUILD_";
            let at = site.child("variables").child(name.as_str()).key();
            sink.push(rule::COMPONENT.at(at, message).help(help));
        }
    }
}

fn rings(delivery: &Delivery, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let mut seen: Vec<&str> = Vec::new();
    for (i, ring) in delivery.rings.iter().enumerate() {
        for (j, tier) in ring.iter().enumerate() {
            let at = site.child(i).child(j);
            if !blueprint.tiers.contains_key(tier) {
                let complaint = rule::COMPONENT.at(at, format!("there is no tier {tier:?}"));
                let complaint = complaint.against(["tiers", tier]);
                let near = nearest(tier, blueprint.tiers.keys().map(String::as_str));
                sink.push(match near {
                    Some(near) => complaint.help(format!("did you mean `{near}`?")),
                    None => complaint,
                });
            } else if seen.contains(&tier.as_str()) {
                let message = format!("tier {tier} is in two rings");
                sink.push(rule::COMPONENT.at(at, message).help("name it once"));
            }
            seen.push(tier);
        }
    }
    for tier in blueprint.tiers.keys().filter(|tier| !seen.contains(&tier.as_str())) {
        let message = format!("tier {tier} is in no ring, so nothing would deploy it");
        sink.push(rule::COMPONENT.at(site.key(), message).help("add it to a ring"));
    }
}
