//! Load balancers, which hand requests to whom a rule says.

use serde_json::{Value, json};
use tenantry::prove::read::Engine;

use super::{BOTH, CONTAINER, LENT, Mutant, PAIR, m};
use crate::prove_mutants::edit::{Files, change, give, lend, of, param};

fn rules(files: &mut Files, e: Engine, touch: impl Fn(&mut Value)) -> bool {
    change(files, e, "tenant-starter", |r| {
        let own = r.is("ListenerRule", "web_listener_rule");
        if own {
            let body = std::mem::take(r.body);
            let mut value = Value::Object(body);
            touch(&mut value);
            r.body.clone_from(value.as_object().expect("a mapping"));
        }
        own
    }) > 0
}
fn hosts(value: &mut Value, e: Engine, hosts: &[&str]) {
    match e {
        Engine::CloudFormation => {
            value["Conditions"][0]["HostHeaderConfig"]["Values"] = json!(hosts);
        }
        Engine::Terraform => value["condition"][0]["host_header"][0]["values"] = json!(hosts),
    }
}
const BY: &str = "network/load-balancer";

/// The conditions and actions of listener rules.
pub const BALANCERS: &[Mutant] = &[
    m(
        "a listener rule takes every host of the domain",
        CONTAINER,
        BOTH,
        |f, e| rules(f, e, |value| hosts(value, e, &["*.example*"])),
        (("initech", "globex"), BY, "web_listener_rule"),
    ),
    m(
        "a listener rule asks for no host",
        CONTAINER,
        BOTH,
        |f, e| {
            rules(f, e, |value| {
                let key = if e == Engine::CloudFormation { "Conditions" } else { "condition" };
                value[key] = json!([]);
            })
        },
        (("initech", "globex"), BY, "web_listener_rule"),
    ),
    m(
        "two tenants have one host name",
        CONTAINER,
        BOTH,
        |f, e| {
            give(f, e, "tenant-initech", "HostName", "shop.globex.example");
            true
        },
        (("initech", "globex"), BY, "listener_rule"),
    ),
    m(
        "a listener rule hands on to the target group of another tenant",
        CONTAINER,
        BOTH,
        |f, e| {
            let own = of(e, "AWS::ElasticLoadBalancingV2::TargetGroup", "WebTargetGroup", None);
            lend(f, e, "tenant-starter", own, "Other", LENT);
            rules(f, e, |value| match e {
                Engine::CloudFormation => {
                    value["Actions"][0]["TargetGroupArn"] = param(e, "Other");
                }
                Engine::Terraform => value["action"][0]["target_group_arn"] = param(e, "Other"),
            })
        },
        (PAIR, BY, "web_target_group"),
    ),
    m(
        "a service answers in the target group of another tenant",
        CONTAINER,
        BOTH,
        |f, e| {
            let own = of(e, "AWS::ElasticLoadBalancingV2::TargetGroup", "WebTargetGroup", None);
            lend(f, e, "tenant-starter", own, "Other", LENT);
            change(f, e, "tenant-starter", |r| {
                let own = r.is("Service", "web_service");
                if own {
                    match e {
                        Engine::CloudFormation => {
                            r.body["LoadBalancers"][0]["TargetGroupArn"] = param(e, "Other");
                        }
                        Engine::Terraform => {
                            r.body["load_balancer"][0]["target_group_arn"] = param(e, "Other");
                        }
                    }
                }
                own
            }) > 0
        },
        (PAIR, BY, "web_service"),
    ),
];
