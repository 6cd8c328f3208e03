//! How to ask AWS for more: of each quota that is not enough, once for each account and region. What is
//! asked is what is used; where AWS never grants so many, nothing is asked, and that is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::aws::PENDING;
use crate::check::quota::Use;
use crate::name::snake;
use crate::view::grouped;

/// What is asked, or why not.
struct Wanted<'a> {
    one: &'a Use,
    why_not: Option<String>,
}

/// What is not enough. A limit of a thing is raised for its account and region, so of several things
/// the fullest counts.
fn wanted(uses: &[Use]) -> Vec<Wanted<'_>> {
    let mut out: BTreeMap<(&str, &str, &str), &Use> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.is_over()) {
        let key = (one.account.as_str(), region(one), one.quota);
        let fullest = out.entry(key).or_insert(one);
        if one.used > fullest.used {
            *fullest = one;
        }
    }
    out.into_values().map(|one| Wanted { one, why_not: why_not(one) }).collect()
}

fn why_not(one: &Use) -> Option<String> {
    let row = one.row();
    match (row.adjustable, row.code, row.max) {
        (false, ..) => Some("AWS does not raise it".to_owned()),
        (_, None, _) => Some("it has no code in Service Quotas: ask AWS Support".to_owned()),
        (.., Some(most)) if one.used > u64::from(most) => {
            Some(format!("AWS raises it to {} at most", grouped(most.into())))
        }
        _ if one.account == PENDING => Some("AWS has not made the account yet".to_owned()),
        _ => None,
    }
}

/// Where a quota is asked for: global ones in the region that Service Quotas keeps them in. Source:
/// <https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html>.
fn region(one: &Use) -> &str {
    let global =
        matches!(one.row().scope, "per-account" | "per-organization" | "per-role" | "per-user");
    let global = global || one.quota.starts_with("iam.") || one.quota.starts_with("organizations.");
    match (global, one.region.as_str()) {
        (false, region) => region,
        (true, region) if region.starts_with("us-gov-") => "us-gov-west-1",
        (true, region) if region.starts_with("cn-") => "cn-northwest-1",
        (true, _) => "us-east-1",
    }
}

/// The service of a quota as Service Quotas calls it. Source:
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServices.html>.
fn service(id: &'static str) -> &'static str {
    let family = id.split('.').next().unwrap_or(id);
    match family {
        "elb" => "elasticloadbalancing",
        "tgw" => "ec2",
        "cognito" => "cognito-idp",
        "cloudwatch" => "monitoring",
        "cloudmap" => "servicediscovery",
        // Elastic IPs and VPN are quotas of EC2; gateway endpoints are of the VPC.
        family => family,
    }
}

/// What is used of what, for people.
fn said(one: &Use) -> String {
    let limit = one.limit.map_or_else(|| "-".to_owned(), grouped);
    format!("{} in {}: {} of {limit}", one.quota, one.place, grouped(one.used))
}

/// Commands that ask for it, with the credentials of the account that each names.
pub fn commands(uses: &[Use]) -> String {
    let mut out = String::from("#!/usr/bin/env bash\nset -euo pipefail\n");
    for Wanted { one, why_not } in wanted(uses) {
        let _ = writeln!(out, "# {}", said(one));
        match (why_not, one.row().code) {
            (None, Some(code)) => {
                let _ = writeln!(
                    out,
                    "# with credentials of account {}\n\
                     aws service-quotas request-service-quota-increase --region {} \
                     --service-code {} --quota-code {code} --desired-value {}",
                    one.account,
                    region(one),
                    service(one.quota),
                    one.used
                );
            }
            (why, _) => {
                let _ = writeln!(out, "# not asked: {}", why.unwrap_or_default());
            }
        }
    }
    out
}

/// The same as resources of Terraform, each with a provider that refuses any other account.
pub fn terraform(uses: &[Use]) -> String {
    let (mut resources, mut providers) = (Map::new(), BTreeMap::new());
    for Wanted { one, .. } in wanted(uses).into_iter().filter(|it| it.why_not.is_none()) {
        let alias = snake(&format!("of {} {}", one.account, region(one))).replace(['-', ' '], "_");
        providers.insert(alias.clone(), (one.account.clone(), region(one).to_owned()));
        let name = format!("{}_{alias}", snake(one.quota).replace(['.', '-'], "_"));
        let body = json!({
            "provider": format!("aws.{alias}"), "service_code": service(one.quota),
            "quota_code": one.row().code, "value": one.used,
        });
        resources.insert(name, body);
    }
    let provider = |(alias, (account, region)): (String, (String, String))| json!({"alias": alias, "region": region, "allowed_account_ids": [account]});
    let providers: Vec<Value> = providers.into_iter().map(provider).collect();
    let all = if providers.is_empty() {
        json!({})
    } else {
        json!({
            "provider": {"aws": providers},
            "resource": {"aws_servicequotas_service_quota": resources},
        })
    };
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}
