//! What the component tagging promises, and that the report on tags is true of every blueprint.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::resource;
use tenantry::view::tags::{self, facts};

use crate::support::{blueprints, options, synth_blueprint};

/// Each type that is written has its place in the bill, and only those have.
#[test]
fn every_type_is_in_the_bill() {
    let known: Vec<&str> = facts::BILL.iter().map(|(kind, _)| *kind).collect();
    let written: BTreeSet<&str> =
        resource::types().into_iter().filter_map(|(cfn, _)| cfn).collect();
    assert_eq!(known.iter().copied().collect::<BTreeSet<_>>(), written);
    assert!(known.is_sorted(), "in the order of their names");
}

/// Every blueprint: what can carry tags does, and what is made carries them, too.
#[test]
fn nothing_is_missing_anywhere() {
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        for (kind, line) in tags::report(&made) {
            assert!(line.bill.is_some(), "{name}: {kind}");
            assert!(!line.taggable || line.tagged == line.resources, "{name}: {kind} {line:?}");
            assert!(line.makes.is_none_or(|(_, tagged)| tagged), "{name}: {kind} {line:?}");
        }
    }
}

/// The report reads what was rendered, so it finds what is not there.
#[test]
fn what_is_missing_is_found() {
    let mut made = synth_blueprint("container.yaml", options()).made.expect("it is sound");
    for template in made.estate.templates.values_mut() {
        for entry in &mut template.entries {
            match entry.tf {
                "aws_ecs_service" => {
                    entry.body.properties.retain(|(name, _)| *name != "PropagateTags");
                }
                "aws_nat_gateway" => entry.tags = None,
                _ => {}
            }
        }
    }
    let text = tags::text(&tags::report(&made));
    assert!(text.contains("gap: AWS::EC2::NatGateway: 2 of 2 without tags"), "{text}");
    assert!(text.contains("gap: AWS::ECS::Service: its tasks get no tags"), "{text}");
    assert!(text.contains("tags are 2 gaps"), "{text}");
}

#[test]
fn costs_are_put_together_by_tag() {
    let made = synth_blueprint("component-tagging.yaml", options()).made.expect("it is sound");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "tagging-costs").expect("there");
    let template: Value = serde_json::from_str(text).expect("JSON");
    let of = |id: &str, key: &str| -> Value {
        let text = template["Resources"][id]["Properties"][key].as_str().expect("a text");
        serde_json::from_str(text).expect("JSON in a string")
    };
    assert_eq!(of("TenantCosts", "Rules")[0]["InheritedValue"]["DimensionKey"], "Tenant");
    assert_eq!(of("TierCosts", "SplitChargeRules")[0]["Method"], "EVEN");
    let targets = of("TierCosts", "SplitChargeRules")[0]["Targets"].clone();
    assert_eq!(targets, serde_json::json!(["gold", "own", "silo"]));
    // Nothing of the costs names a tenant, so none touches it.
    assert!(!text.contains("hooli"));
    let activates = |shape: &str| made.estate.templates[shape].then.len();
    let all = activates("organization") + activates("tagging-costs");
    assert_eq!(all, 1, "tags are made to count in the bill, once");
}

/// The policy writes keys as they are written on resources, on every unit of tenants' accounts, and
/// names no tenant.
#[test]
fn a_tag_policy_writes_keys_as_resources_have_them() {
    let made = synth_blueprint("component-tagging.yaml", options()).made.expect("it is sound");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "organization").expect("there");
    let template: Value = serde_json::from_str(text).expect("JSON");
    let policy = &template["Resources"]["TagPolicy"]["Properties"];
    assert_eq!(policy["Type"], "TAG_POLICY");
    assert_eq!(policy["TargetIds"], serde_json::json!([{"Ref": "OwnUnit"}]));
    let tags = policy["Content"]["tags"].as_object().expect("tags");
    for (key, rule) in tags {
        assert_eq!(rule["tag_key"]["@@assign"], key.as_str());
        let enforced = &rule["enforced_for"]["@@assign"];
        assert_eq!(*enforced, serde_json::json!(["ec2:instance", "ec2:volume"]));
    }
    for key in ["Tenant", "Tier", "CostCenter"] {
        assert!(tags.contains_key(key), "{key}");
    }
    assert!(!tags.contains_key("costcenter"));
    assert!(!policy.to_string().contains("hooli"));
    let text = rendered.template_text(Engine::Terraform, "organization").expect("there");
    let module: Value = serde_json::from_str(text).expect("JSON");
    let attached = &module["resource"]["aws_organizations_policy_attachment"];
    assert!(attached["tag_policy_own_unit_attachment"].is_object(), "{attached}");
    let written = module["resource"]["aws_organizations_policy"]["tag_policy"]["content"].as_str();
    let written: Value = serde_json::from_str(written.expect("a text")).expect("JSON");
    assert_eq!(written, policy["Content"]);
}

/// Nothing is refused unless somebody asked for it.
#[test]
fn a_tag_policy_tells_and_does_not_refuse() {
    let made = synth_blueprint("full.yaml", options()).made.expect("it is sound");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "organization").expect("there");
    assert!(text.contains("TAG_POLICY") && !text.contains("enforced_for"));
}
