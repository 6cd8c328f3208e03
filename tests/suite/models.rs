//! What the models promise, counted on what was rendered, not on what was meant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenantry::aws::quota::{GATEWAY_ENDPOINTS, NETWORK_ACLS, ROUTE_TABLES, SUBNETS};
use tenantry::blueprint::shape::Isolation;
use tenantry::check;
use tenantry::engine::Engine;
use tenantry::plan::cells;
use tenantry::synth::Made;
use tenantry::view::tags::facts;

use crate::support::{blueprints, options, synth_blueprint, synth_text};

fn made(name: &str) -> Made {
    synth_blueprint(name, options()).made.expect("it is sound")
}

/// Every template of every blueprint: blueprint, shape, CloudFormation, Terraform.
fn templates() -> Vec<(String, String, Value, Value)> {
    let mut out = Vec::new();
    for name in blueprints() {
        let made = made(&name);
        let rendered = made.render();
        for shape in made.estate.templates.keys() {
            let of = |engine| {
                serde_json::from_str(rendered.template_text(engine, shape).expect("rendered"))
                    .expect("JSON")
            };
            out.push((
                name.clone(),
                shape.clone(),
                of(Engine::CloudFormation),
                of(Engine::Terraform),
            ));
        }
    }
    out
}

fn count(template: &Value) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for resource in template["Resources"].as_object().expect("resources").values() {
        *out.entry(resource["Type"].as_str().expect("a type").to_owned()).or_default() += 1;
    }
    out
}

/// Placement counts what a tenant adds to its cell before there is a template: both must agree.
#[test]
fn placement_counts_what_the_model_makes() {
    let mut seen = 0;
    for name in blueprints() {
        let made = made(&name);
        let rendered = made.render();
        for tier in made.spec.tiers.values().filter(|t| t.isolation == Isolation::Subnet) {
            let shapes = made
                .estate
                .templates
                .keys()
                .filter(|s| s.starts_with(&format!("tenant-{}", tier.id)));
            for shape in shapes {
                let text = rendered.template_text(Engine::CloudFormation, shape).expect("rendered");
                let there = count(&serde_json::from_str(text).expect("JSON"));
                let cell = made.plan.cells.values().find(|c| c.tier == tier.id).expect("a cell");
                let rows = cells::rows(&made.spec, tier, cell.block);
                let counted = |quota: &str| {
                    rows.iter().find(|row| row.what == quota).expect("it is counted").each
                };
                let of = |kind: &str| there.get(kind).copied().unwrap_or(0) as u64;
                assert_eq!(of("AWS::EC2::Subnet"), counted(SUBNETS), "{name} {shape}");
                assert_eq!(of("AWS::EC2::RouteTable"), counted(ROUTE_TABLES), "{name} {shape}");
                assert_eq!(of("AWS::EC2::NetworkAcl"), counted(NETWORK_ACLS), "{name} {shape}");
                assert_eq!(
                    of("AWS::EC2::VPCEndpoint"),
                    counted(GATEWAY_ENDPOINTS),
                    "{name} {shape}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "the blueprints have the model");
}

/// Whatever AWS can tag has the tags of the estate, and whatever belongs to a tenant its tenant.
#[test]
fn everything_taggable_is_tagged() {
    for (name, shape, template, module) in templates() {
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            let kind = resource["Type"].as_str().expect("a type");
            let left = facts::UNTAGGED.iter().any(|(known, _)| *known == kind);
            if !check::cloudformation::taggable(kind) || left {
                continue;
            }
            // `Tags`, or another property that is called so with a word before it.
            let is = |name: &str, tags: &Value| {
                name.ends_with("Tags") && (tags.is_array() || tags.is_object())
            };
            let of = |all: &serde_json::Map<String, Value>| {
                all.iter().find(|(name, tags)| is(name, tags)).map(|(_, tags)| tags.clone())
            };
            let tags = resource["Properties"].as_object().and_then(of).unwrap_or_default();
            let has = |key: &str| match &tags {
                Value::Array(list) => list.iter().any(|tag| tag["Key"] == key),
                other => other.get(key).is_some(),
            };
            let mut wanted = vec!["Name", "Estate", "Environment"];
            wanted.extend(shape.starts_with("tenant-").then_some("Tenant"));
            for key in wanted {
                assert!(has(key), "{name} {shape} {id} ({kind}) has no tag {key}");
            }
        }
        let text = module.to_string();
        // An Auto Scaling group has a block for each tag; images that are built have their own.
        let tagged: usize = ["\"tags\":", "\"tag\":", "\"ami_tags\":"]
            .iter()
            .map(|key| text.matches(key).count())
            .sum();
        // Those of a session are no tags of the resource that says them.
        let there = template.to_string().replace("PrincipalTags\":", "");
        let there: usize =
            ["Tags\":[", "Tags\":{"].iter().map(|key| there.matches(key).count()).sum();
        assert_eq!(tagged, there, "{name} {shape}: both engines tag the same");
    }
}

/// Two policies of one role by one name would be one: the second would replace the first.
#[test]
fn policies_of_a_role_have_names_of_their_own() {
    for (name, shape, template, _) in templates() {
        let mut seen = BTreeSet::new();
        for resource in template["Resources"].as_object().expect("resources").values() {
            if resource["Type"] == "AWS::IAM::RolePolicy" {
                let of = |key: &str| resource["Properties"][key].to_string();
                let policy = (of("RoleName"), of("PolicyName"));
                assert!(seen.insert(policy.clone()), "{name} {shape}: {policy:?} is there twice");
            }
        }
    }
}

/// Tables, queues, databases, buckets and the volumes of instances.
#[test]
fn what_holds_data_is_encrypted() {
    let mut seen = BTreeSet::new();
    for (name, shape, template, _) in templates() {
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            let kind = resource["Type"].as_str().expect("a type");
            let of = |path: &str| resource["Properties"].pointer(path).cloned();
            let encrypted = match kind {
                "AWS::DynamoDB::Table" => of("/SSESpecification/SSEEnabled"),
                "AWS::SQS::Queue" => of("/SqsManagedSseEnabled")
                    .or_else(|| of("/KmsMasterKeyId").map(|_| true.into())),
                "AWS::RDS::DBCluster" => of("/StorageEncrypted"),
                "AWS::EC2::LaunchTemplate" => {
                    of("/LaunchTemplateData/BlockDeviceMappings/0/Ebs/Encrypted")
                }
                "AWS::S3::Bucket" => {
                    of("/BucketEncryption/ServerSideEncryptionConfiguration/0").map(|_| true.into())
                }
                _ => continue,
            };
            assert_eq!(encrypted, Some(Value::Bool(true)), "{name} {shape} {id}");
            seen.insert(kind.to_owned());
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}

/// What runs acts by a role, so no secret of AWS stands in any template.
#[test]
fn what_runs_has_a_role_and_nobody_a_key() {
    let mut seen = BTreeSet::new();
    for (name, shape, template, _) in templates() {
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            let kind = resource["Type"].as_str().expect("a type");
            assert!(!["AWS::IAM::User", "AWS::IAM::AccessKey"].contains(&kind), "{name} {id}");
            let role = match kind {
                "AWS::Lambda::Function" => "/Role",
                "AWS::ECS::TaskDefinition" => "/TaskRoleArn",
                "AWS::EC2::LaunchTemplate" => "/LaunchTemplateData/IamInstanceProfile/Arn",
                "AWS::CodeBuild::Project" => "/ServiceRole",
                _ => continue,
            };
            assert!(resource["Properties"].pointer(role).is_some(), "{name} {shape} {id}");
            seen.insert(kind.to_owned());
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

/// Tenants follow a route table that learns the hub and the premises, never another tenant.
#[test]
fn spokes_never_learn_each_other() {
    let mut propagations = 0;
    for (name, shape, template, _) in
        templates().into_iter().filter(|(_, shape, ..)| shape != "hub")
    {
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            if resource["Type"] == "AWS::EC2::TransitGatewayRouteTablePropagation" {
                let table = &resource["Properties"]["TransitGatewayRouteTableId"];
                assert_eq!(table["Ref"], "HubRouteTableId", "{name} {shape} {id}");
                propagations += 1;
            }
            if resource["Type"] == "AWS::EC2::TransitGatewayRouteTableAssociation" {
                let table = &resource["Properties"]["TransitGatewayRouteTableId"];
                assert_eq!(table["Ref"], "SpokeRouteTableId", "{name} {shape} {id}");
            }
        }
    }
    assert!(propagations >= 3, "the blueprints have transit gateways");
}

/// Groups of model subnet name blocks, never each other (whitepaper, model 3, best practices).
#[test]
fn groups_of_the_subnet_model_name_blocks() {
    let specs: BTreeMap<String, _> =
        blueprints().into_iter().map(|name| (name.clone(), made(&name).spec)).collect();
    for (name, shape, template, _) in templates() {
        let tier = specs[&name].tiers.values().find(|t| shape.ends_with(&format!("-{}", t.id)));
        if tier.is_none_or(|t| t.isolation != Isolation::Subnet) {
            continue;
        }
        let text = template.to_string();
        assert!(!text.contains("SourceSecurityGroupId"), "{name} {shape}");
        assert!(!text.contains("DestinationSecurityGroupId"), "{name} {shape}");
    }
}

/// Names of other tools' habits that must not be in what is written.
#[test]
fn nothing_is_written_that_deadlocks_or_drifts() {
    for (name, shape, template, module) in templates() {
        let template = template.to_string();
        for word in ["\"Export\"", "Fn::ImportValue", "Fn::Sub", "arn:aws:", "amazonaws.com.cn"] {
            assert!(!template.contains(word), "{name} {shape} holds {word}");
        }
        let module = module.to_string();
        for word in ["\"count\"", "default_tags", "aws_availability_zones", "\"arn:aws:"] {
            assert!(!module.contains(word), "{name} {shape} holds {word}");
        }
    }
}

/// The order of tenants, tiers and keys in the input changes no byte.
#[test]
fn the_order_of_the_input_changes_nothing() {
    let head = "version: 1\nname: a\nenvironment: b\nregions: [eu-west-1]\naccounts: {workload: '333333333333'}\n";
    let network = "network: {zones: 2, pools: [{cidr: 10.1.0.0/16}, {cidr: 10.0.0.0/16}], reserved: [10.0.0.0/24, 10.1.0.0/24]}\n";
    let tiers = [
        "  x: {isolation: vpc, network: {prefix: 22}}\n",
        "  y: {isolation: subnet, network: {prefix: 26, cell_prefix: 20}}\n",
    ];
    let tenants: Vec<String> =
        (0..9).map(|i| format!("  - {{id: t{i}, tier: {}}}\n", ["x", "y"][i % 2])).collect();
    let there =
        format!("{head}{network}tiers:\n{}{}tenants:\n{}", tiers[0], tiers[1], tenants.concat());
    let mut back = tenants.clone();
    back.reverse();
    let network = "network: {reserved: [10.1.0.0/24, 10.0.0.0/24], pools: [{cidr: 10.0.0.0/16}, {cidr: 10.1.0.0/16}], zones: 2}\n";
    let back =
        format!("tenants:\n{}tiers:\n{}{}{network}{head}", back.concat(), tiers[1], tiers[0]);
    let bytes = |text: &str| {
        let made = synth_text("a.yaml", text.as_bytes(), None, ".".as_ref(), options())
            .made
            .expect("it is sound");
        let rendered = made.render();
        let mut files = rendered.shared();
        files.extend(rendered.stacks().iter().flat_map(|stack| rendered.stack(stack)));
        (made.lock.clone(), files)
    };
    assert_eq!(bytes(&there), bytes(&back));
}

/// Tiers and endpoints whose names look alike stay apart.
#[test]
fn names_that_look_alike_stay_apart() {
    let text = "version: 1\nname: a\nenvironment: b\nregions: [eu-west-1]\n\
        accounts: {workload: '333333333333'}\n\
        network: {zones: 2, pools: [{cidr: 10.0.0.0/16}], endpoints: {gateway: [s3], interface: [s3]}}\n\
        tiers:\n\
        \x20 x: {isolation: vpc, network: {prefix: 22}, vpn: optional}\n\
        \x20 x-vpn: {isolation: vpc, network: {prefix: 22}}\n\
        tenants:\n\
        \x20 - {id: one, tier: x, vpn: {gateway_ip: 203.0.113.9, asn: 65020}}\n\
        \x20 - {id: two, tier: x-vpn}\n";
    let outcome = synth_text("a.yaml", text.as_bytes(), None, ".".as_ref(), options());
    let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
    let shapes: Vec<&String> = made.estate.templates.keys().collect();
    assert_eq!(shapes, ["foundation", "tenant-x-vpn", "tenant-x.vpn"]);
}

/// A cell is full when a quota says so, and the next tenant opens another.
#[test]
fn a_cell_opens_when_a_quota_would_break() {
    let text = |tenants: usize| {
        let list: String =
            (0..tenants).map(|i| format!("  - {{id: t{i:03}, tier: y}}\n")).collect();
        format!(
            "version: 1\nname: a\nenvironment: b\nregions: [eu-west-1]\naccounts: {{workload: '333333333333'}}\n\
             network: {{zones: 2, egress: {{nat: none}}, pools: [{{cidr: 10.0.0.0/8}}]}}\n\
             quotas: {{vpc.subnets-per-vpc: 24}}\n\
             tiers:\n  y: {{isolation: subnet, network: {{prefix: 26, cell_prefix: 16}}}}\ntenants:\n{list}"
        )
    };
    let cells = |tenants: usize| {
        let made =
            synth_text("a.yaml", text(tenants).as_bytes(), None, ".".as_ref(), options()).made;
        made.expect("it is sound").plan.cells.len()
    };
    // 24 subnets less four shared ones leave room for ten tenants of two.
    assert_eq!((cells(10), cells(11)), (1, 2));
}

/// AWS takes 255 gateway endpoints in a VPC, whatever it was asked for: two of them for each tenant and two
/// for the cell leave room for 126 tenants, long before the route tables are used up.
#[test]
fn a_cell_opens_when_a_vpc_takes_no_more_gateway_endpoints() {
    let made = |tenants: usize| {
        let list: String =
            (0..tenants).map(|i| format!("  - {{id: t{i:03}, tier: y}}\n")).collect();
        let text = format!(
            "version: 1\nname: a\nenvironment: b\nregions: [eu-west-1]\naccounts: {{workload: '333333333333'}}\n\
             network: {{zones: 1, egress: {{nat: none}}, pools: [{{cidr: 10.0.0.0/8}}], \
             endpoints: {{gateway: [s3, dynamodb]}}}}\n\
             quotas: {{vpc.gateway-endpoints-per-region: 1000, vpc.route-tables-per-vpc: 400, \
             vpc.subnets-per-vpc: 400, vpc.network-acls-per-vpc: 400}}\n\
             tiers:\n  y: {{isolation: subnet, network: {{prefix: 26, cell_prefix: 16}}}}\ntenants:\n{list}"
        );
        synth_text("a.yaml", text.as_bytes(), None, ".".as_ref(), options()).made.expect("sound")
    };
    let why = |made: &Made| -> Vec<Option<String>> {
        made.plan.cells.values().map(|cell| cell.why.clone()).collect()
    };
    let first = Some("first".to_owned());
    assert_eq!(why(&made(126)), std::slice::from_ref(&first));
    let next = made(127);
    assert_eq!(why(&next), [first, Some(GATEWAY_ENDPOINTS.to_owned())]);
    let fullest = next.uses.iter().filter(|one| one.quota == GATEWAY_ENDPOINTS);
    assert_eq!(fullest.map(|one| one.used).max(), Some(254));
}
