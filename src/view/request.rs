//! How to ask AWS for more: of each quota that is not enough, once for each account and region. Where AWS
//! never grants so many, nothing is asked, and what to change instead is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::check::quota::instead::instead;
use crate::check::quota::{Counter, Use};
use crate::forecast::ask::{Refusal, Target, Want};
use crate::forecast::reach::foreseen;
use crate::forecast::want::{Outlook, Short, now};
use crate::forecast::{Growth, Limit, What};
use crate::name::snake;
use crate::synth::Made;
use crate::view::{grouped, quotas};

/// What is passed now, and what must be granted for the targets; with no target, what comes first.
pub struct Request {
    /// What there is to ask.
    pub outlook: Outlook,
    /// How far each tier can grow, where nobody said how far it shall.
    pub growth: Vec<Growth>,
    /// Whether more is used than AWS allows now.
    pub over: bool,
}

/// What there is to ask for an estate.
pub fn request(made: &Made, targets: &[Target]) -> Request {
    let mut counter = Counter::default();
    let report = quotas::report_with(made, &mut counter);
    if targets.is_empty() {
        return of_uses(&report.uses, report.growth);
    }
    let outlook = foreseen(&made.spec, &made.decisions, &report.uses, &mut counter, targets);
    let over = report.uses.iter().any(Use::is_over);
    Request { outlook, growth: Vec::new(), over }
}

/// What there is to ask of what is used now.
pub fn of_uses(uses: &[Use], growth: Vec<Growth>) -> Request {
    let outlook = Outlook { wants: now(uses), ..Outlook::default() };
    Request { over: !outlook.wants.is_empty(), outlook, growth }
}

/// The service of a quota as Service Quotas calls it. Source: the links of
/// <https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>.
fn service(id: &'static str) -> &'static str {
    let family = id.split('.').next().unwrap_or(id);
    match family {
        "elb" => "elasticloadbalancing",
        "tgw" => "ec2",
        "cognito" => "cognito-idp",
        "cloudwatch" => "monitoring",
        "cloudmap" => "AWSCloudMap",
        // Elastic IPs and VPN are quotas of EC2; gateway endpoints are of the VPC.
        family => family,
    }
}

/// Why something is not asked, and what to change instead.
fn refused(want: &Want, refusal: Refusal) -> String {
    match refusal {
        Refusal::NoCode => return "it has no code: ask AWS Support".to_owned(),
        Refusal::Pending => return "AWS has not made the account yet".to_owned(),
        Refusal::Fixed | Refusal::Most(_) => {}
    }
    let instead = instead(want.at.row());
    let why = match refusal {
        Refusal::Most(most) => format!("AWS raises it to {} at most", grouped(most.into())),
        _ => "AWS does not raise it".to_owned(),
    };
    format!("{why}; {instead}, or another model (`tenantry compare`)")
}

/// What no grant helps against, and what does.
fn short(one: &Short) -> String {
    match one {
        Short::Blocks { tier, region, prefix, missing } => {
            let blocks = if *missing == 1 { "block" } else { "blocks" };
            format!(
                "tier {tier} lacks {} {blocks} of /{prefix} in {region}: another pool, or smaller blocks",
                grouped(*missing)
            )
        }
        Short::Cell { tier } => {
            format!("a cell of tier {tier} holds no tenant: larger cells, or smaller tenants")
        }
    }
}

/// What is used of what, for people.
fn said(want: &Want) -> String {
    let limit = want.at.limit.map_or_else(|| "-".to_owned(), grouped);
    format!("{} in {}: {} of {limit}", want.at.quota, want.at.place, grouped(want.need))
}

/// How many tenants of a target fit when all of it is granted.
fn then(outlook: &Outlook, target: &Target, growth: &Growth) -> String {
    let Target { tier, region, tenants } = target;
    let refused = outlook.wants.iter().any(|it| it.refusal().is_some());
    let first = growth.limits.first();
    match first.filter(|limit| limit.passed || limit.fits < *tenants) {
        _ if *tenants < growth.tenants => {
            let there = grouped(growth.tenants);
            format!("{there} of {tier} are in {region}, more than {}", grouped(*tenants))
        }
        Some(limit) => {
            let fits = if limit.passed { growth.tenants } else { limit.fits };
            let of = format!("{} of {}", grouped(fits), grouped(*tenants));
            let what = in_the_way(outlook, growth, limit).what.id();
            format!("then {of} tenants of {tier} fit in {region}, for want of {what}")
        }
        None if refused || !outlook.short.is_empty() => {
            format!("then {} tenants of {tier} would fit in {region} alone", grouped(*tenants))
        }
        None => format!("then {} tenants of {tier} fit in {region}", grouped(*tenants)),
    }
}

/// Of all that ends with the first limit, what nobody is asked for more of: what AWS grants no more of, or
/// no quota.
fn in_the_way<'a>(outlook: &Outlook, growth: &'a Growth, first: &'a Limit) -> &'a Limit {
    let granted = |want: &Want| want.refusal().is_none();
    let wanted = |id: &str| outlook.wants.iter().any(|it| it.at.quota == id && granted(it));
    let can_rise = |limit: &Limit| {
        matches!(limit.what, What::Quota(id) if wanted(id)) && limit.reach != Some(limit.fits)
    };
    let same = |limit: &&Limit| (limit.passed, limit.fits) == (first.passed, first.fits);
    growth.limits.iter().filter(same).find(|limit| !can_rise(limit)).unwrap_or(first)
}

/// Which of several accounts take those who come, for people.
fn come(target: &Target, homes: &[(String, u64)]) -> String {
    let one = |(account, tenants): &(String, u64)| format!("{} in {account}", grouped(*tenants));
    let all = homes.iter().map(|(_, tenants)| tenants).sum::<u64>();
    let tenants = if all == 1 { "tenant" } else { "tenants" };
    format!(
        "{} more {tenants} of {} in {}: {}",
        grouped(all),
        target.tier,
        target.region,
        homes.iter().map(one).collect::<Vec<_>>().join(", ")
    )
}

/// What comes first for a tier, for people.
fn next(growth: &Growth, limit: &Limit) -> String {
    format!(
        "next: {} tenants of {} fit in {}, then {} in {} ends; --tenants {}/{}=N asks for N",
        grouped(limit.fits),
        growth.tier,
        growth.region,
        limit.what.id(),
        limit.place,
        growth.tier,
        growth.region
    )
}

/// What there is to say besides what is asked.
fn notes(request: &Request) -> Vec<String> {
    let outlook = &request.outlook;
    let mut out = Vec::new();
    for want in &outlook.wants {
        if let (None, Some(with)) = (want.refusal(), want.at.row().tied_to) {
            out.push(format!("not asked: {}; AWS raises it with {with}", said(want)));
        }
        if let Some(refusal) = want.refusal() {
            out.push(format!("not asked: {}; {}", said(want), refused(want, refusal)));
        }
    }
    out.extend(outlook.short.iter().map(|one| format!("not asked: {}", short(one))));
    out.extend(outlook.homes.iter().map(|(target, homes)| come(target, homes)));
    out.extend(outlook.then.iter().map(|(target, growth)| then(outlook, target, growth)));
    let ahead = request.growth.iter().filter_map(|it| Some((it, it.limits.first()?)));
    let ahead = ahead.filter(|(_, limit)| !limit.passed);
    out.extend(ahead.map(|(growth, limit)| next(growth, limit)));
    out
}

/// Commands that ask for it, with the credentials of the account that each names.
pub fn commands(request: &Request) -> String {
    let mut out = String::from("#!/usr/bin/env bash\nset -euo pipefail\n");
    for want in request.outlook.wants.iter().filter(|want| want.is_asked()) {
        let _ = writeln!(
            out,
            "# {}\n\
             # with credentials of account {}\n\
             aws service-quotas request-service-quota-increase --region {} \
             --service-code {} --quota-code {} --desired-value {}",
            said(want),
            want.at.account,
            want.region(),
            service(want.at.quota),
            want.at.row().code.expect("what is asked has a code"),
            want.need
        );
    }
    for note in notes(request) {
        let _ = writeln!(out, "# {note}");
    }
    out
}

/// The same as resources of Terraform, each with a provider that refuses any other account.
pub fn terraform(request: &Request) -> String {
    let (mut resources, mut providers) = (Map::new(), BTreeMap::new());
    for want in request.outlook.wants.iter().filter(|want| want.is_asked()) {
        let (account, region) = (&want.at.account, want.region());
        let alias = snake(&format!("of {account} {region}")).replace(['-', ' '], "_");
        providers.insert(alias.clone(), (account.clone(), region.to_owned()));
        let name = format!("{}_{alias}", snake(want.at.quota).replace(['.', '-'], "_"));
        let body = json!({
            "provider": format!("aws.{alias}"), "service_code": service(want.at.quota),
            "quota_code": want.at.row().code, "value": want.need,
        });
        resources.insert(name, body);
    }
    let provider = |(alias, (account, region)): (String, (String, String))| json!({"alias": alias, "region": region, "allowed_account_ids": [account]});
    let providers: Vec<Value> = providers.into_iter().map(provider).collect();
    let mut all = Map::new();
    let notes = notes(request);
    if !notes.is_empty() {
        // Terraform ignores what stands under this key.
        all.insert("//".to_owned(), json!(notes));
    }
    if !providers.is_empty() {
        all.insert("provider".to_owned(), json!({"aws": providers}));
        all.insert("resource".to_owned(), json!({"aws_servicequotas_service_quota": resources}));
    }
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}
