//! What the emulator cannot do for Terraform is taken out of the copy that is applied, and said.
//! The module as it was written is kept beside the copy, to be validated.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::manifest::Estate;

/// Resource type, the argument that goes (or all of it), and why.
const TRIMS: &[(&str, Option<&str>, &str)] = &[
    ("aws_vpn_gateway_route_propagation", None, "moto has no such call"),
    ("aws_vpn_connection_route", None, "moto has no such call"),
    (
        "aws_customer_gateway",
        Some("device_name"),
        "moto forgets it, and the next plan replaces the gateway",
    ),
    (
        "aws_dynamodb_table",
        Some("deletion_protection_enabled"),
        "what a test has made it takes down again",
    ),
    ("aws_rds_cluster", Some("deletion_protection"), "what a test has made it takes down again"),
    ("aws_accessanalyzer_analyzer", None, "moto has no such service"),
    ("aws_athena_workgroup", None, "moto does not tell its tags"),
    ("aws_athena_named_query", None, "there is no work group"),
    ("aws_api_gateway_rest_api", Some("policy"), "moto does not give it back as JSON"),
    ("aws_backup_restore_testing_selection", None, "moto has no such call"),
    ("aws_backup_restore_testing_plan", None, "moto has no such call"),
    ("aws_codecommit_repository", None, "moto tells its times as text, which no client reads"),
    ("aws_codepipeline", None, "moto tells its times as text, which no client reads"),
    ("aws_codedeploy_app", None, "moto takes none down again"),
    ("aws_codedeploy_deployment_group", None, "moto takes none down again"),
    ("aws_imagebuilder_component", None, "moto has no such service"),
    ("aws_imagebuilder_distribution_configuration", None, "moto has no such service"),
    ("aws_imagebuilder_image", None, "moto has no such service"),
    ("aws_imagebuilder_image_pipeline", None, "moto has no such service"),
    ("aws_imagebuilder_image_recipe", None, "moto has no such service"),
    ("aws_imagebuilder_infrastructure_configuration", None, "moto has no such service"),
    (
        "aws_cloudwatch_log_subscription_filter",
        None,
        "moto sends to its stream at once, and the stream is not the estate's",
    ),
    ("aws_ram_resource_share", None, "moto does not tell a share's permissions"),
    ("aws_ram_resource_association", None, "there is no share"),
    ("aws_ram_principal_association", None, "there is no share"),
    ("aws_securityhub_account", None, "moto does not tell what a hub was told"),
    ("aws_securityhub_standards_subscription", None, "there is no hub"),
    ("aws_route53_resolver_query_log_config", None, "moto does not find its tags"),
    ("aws_route53_resolver_query_log_config_association", None, "there is no record"),
    ("aws_route53_resolver_firewall_domain_list", None, "moto has no DNS Firewall"),
    ("aws_route53_resolver_firewall_rule_group", None, "moto has no DNS Firewall"),
    ("aws_route53_resolver_firewall_rule", None, "moto has no DNS Firewall"),
    ("aws_route53_resolver_firewall_rule_group_association", None, "moto has no DNS Firewall"),
    ("aws_redshiftserverless_workgroup", None, "moto has no such service"),
    ("aws_redshiftserverless_namespace", None, "moto has no such service"),
    (
        "aws_emrserverless_application",
        None,
        "moto takes its type in capitals only, Terraform writes it without",
    ),
];

/// Resource type, arguments that are sent but not looked at again, and why.
const UNSEEN: &[(&str, &[&str], &str)] = &[(
    "aws_cloudformation_stack_set",
    &["auto_deployment", "administration_role_arn", "execution_role_name", "capabilities"],
    "moto tells of every stack set as of a self-managed one",
)];

/// Where the modules as they were written are kept.
pub const WRITTEN: &str = "terraform/as-written";

/// What was taken out.
#[derive(Default)]
pub struct Trimmed {
    pub modules: BTreeSet<String>,
    pub reasons: BTreeSet<String>,
}

/// Trims the modules of an estate, which must be a copy.
pub fn modules(estate: &Estate) -> Result<Trimmed, String> {
    let mut trimmed = Trimmed::default();
    let (abroad, behind) = (roots_abroad(estate)?, roots_behind(estate)?);
    for path in estate.files("main.tf.json") {
        let Some(dir) = path.parent().filter(|dir| dir.parent().is_some_and(is_modules)) else {
            continue;
        };
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let mut module: Value = serde_json::from_str(&text).map_err(|why| wrong(&why))?;
        let mut reasons = trim(&mut module);
        reasons.extend(unsee(&mut module));
        reasons.extend(place_source(&mut module));
        reasons.extend(unguard(&mut module));
        if abroad.contains(name.as_str()) {
            reasons.extend(from_hub(&mut module));
        } else if behind.contains(name.as_str()) {
            reasons.extend(unroute(&mut module));
        }
        if reasons.is_empty() {
            continue;
        }
        let kept = estate.dir.join(WRITTEN).join(&name);
        fs::create_dir_all(&kept).map_err(|why| wrong(&why))?;
        fs::write(kept.join("main.tf.json"), &text).map_err(|why| wrong(&why))?;
        fs::write(&path, module.to_string()).map_err(|why| wrong(&why))?;
        trimmed.modules.insert(name);
        trimmed.reasons.extend(reasons);
    }
    Ok(trimmed)
}

fn is_modules(dir: &std::path::Path) -> bool {
    dir.ends_with("terraform/modules")
}

fn trim(module: &mut Value) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut gone = Vec::new();
    let Some(resources) = module["resource"].as_object_mut() else { return reasons };
    for (kind, argument, why) in TRIMS {
        match *argument {
            None if resources.remove(*kind).is_some() => {
                forget(resources, kind);
                for resource in resources.values_mut() {
                    unname(resource, kind);
                }
                gone.push(*kind);
                reasons.push(format!("{kind} ({why})"));
            }
            Some(argument) => {
                let all = resources.get_mut(*kind).and_then(Value::as_object_mut);
                let each = all.into_iter().flat_map(|all| all.values_mut());
                let had = each.filter_map(|it| it.as_object_mut()?.remove(argument)).count();
                if had > 0 {
                    reasons.push(format!("{kind}.{argument} ({why})"));
                }
            }
            None => {}
        }
    }
    for kind in gone {
        untell(module, kind);
    }
    reasons
}

/// Nothing can be told of a resource that is gone; a root still asks for it.
fn untell(module: &mut Value, kind: &str) {
    let reference = format!("${{{kind}.");
    let all = module.get_mut("output").and_then(Value::as_object_mut);
    for output in all.into_iter().flat_map(|all| all.values_mut()) {
        if output["value"].as_str().is_some_and(|value| value.contains(&reference)) {
            output["value"] = json!("left out");
        }
    }
}

/// Every resource of a module with its type.
fn resources(module: &mut Value) -> impl Iterator<Item = (&str, &mut Value)> {
    let types = module["resource"].as_object_mut().into_iter().flatten();
    types.flat_map(|(kind, all)| {
        let all = all.as_object_mut().into_iter().flatten();
        all.map(move |(_, it)| (kind.as_str(), it))
    })
}

/// What the emulator does not give back must not change the next plan.
fn unsee(module: &mut Value) -> Vec<String> {
    let mut reasons = Vec::new();
    for (kind, resource) in resources(module) {
        for (_, arguments, why) in UNSEEN.iter().filter(|(unseen, ..)| *unseen == kind) {
            ignore(resource, arguments);
            reasons.push(format!("changes of {kind}.{{{}}} ({why})", arguments.join(",")));
        }
    }
    reasons
}

/// moto wants a place for every source and artifact, which those of a pipeline do not have.
fn place_source(module: &mut Value) -> Option<String> {
    let projects = module.pointer_mut("/resource/aws_codebuild_project")?.as_object_mut()?;
    for project in projects.values_mut() {
        project["source"][0]["location"] = json!("https://example.com/nowhere.git");
        project["artifacts"] = json!([{"type": "NO_ARTIFACTS"}]);
    }
    Some("aws_codebuild_project in a pipeline (moto wants places for its source)".to_owned())
}

/// Adds arguments to those whose changes a resource does not follow.
fn ignore(resource: &mut Value, arguments: &[&str]) {
    if !resource["lifecycle"][0].is_object() {
        resource["lifecycle"] = json!([{}]);
    }
    let ignored = &mut resource["lifecycle"][0]["ignore_changes"];
    let mut all = ignored.as_array().cloned().unwrap_or_default();
    all.extend(arguments.iter().map(|it| json!(it)));
    *ignored = json!(all);
}

/// The copy is destroyed in the end.
fn unguard(module: &mut Value) -> Vec<String> {
    let mut reasons = Vec::new();
    for (kind, resource) in resources(module) {
        for block in resource["lifecycle"].as_array_mut().into_iter().flatten() {
            let guard = block.as_object_mut().and_then(|it| it.remove("prevent_destroy"));
            if guard.is_some() {
                reasons.push(format!("{kind}.lifecycle.prevent_destroy (the copy is destroyed)"));
            }
        }
    }
    reasons
}

/// The modules of VPCs that are attached to a transit gateway of another account. Their roots
/// give them the provider of that account.
fn roots_abroad(estate: &Estate) -> Result<BTreeSet<String>, String> {
    let mut modules = BTreeSet::new();
    for stack in &estate.stacks {
        let path = estate.dir.join(&stack.root).join("main.tf.json");
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let mut root: Value = serde_json::from_str(&text).map_err(|why| wrong(&why))?;
        if root["data"]["aws_ssm_parameter"]["transit_gateway_id"]["provider"] == FOREIGN {
            modules.insert(stack.shape.clone());
            root["module"]["stack"]["providers"] = json!({"aws": "aws", (FOREIGN): FOREIGN});
            fs::write(&path, root.to_string()).map_err(|why| wrong(&why))?;
        }
    }
    Ok(modules)
}

/// Modules of tenants whose cell is joined to a hub in another account.
fn roots_behind(estate: &Estate) -> Result<BTreeSet<String>, String> {
    let mut modules = BTreeSet::new();
    for stack in &estate.stacks {
        let path = estate.dir.join(&stack.root).join("main.tf.json");
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let root: Value = serde_json::from_str(&text).map_err(|why| wrong(&why))?;
        let from = &root["data"]["aws_ssm_parameter"]["transit_gateway_id"]["name"];
        if from.as_str().is_some_and(|path| path.contains("/cell/")) {
            modules.insert(stack.shape.clone());
        }
    }
    Ok(modules)
}

/// An emulator forgets a route to a transit gateway of another account.
fn unroute(module: &mut Value) -> Vec<String> {
    for (kind, resource) in resources(module) {
        if kind == "aws_route" && !resource["transit_gateway_id"].is_null() {
            ignore(resource, &["transit_gateway_id"]);
        }
    }
    vec!["changes of aws_route.transit_gateway_id (moto forgets one of another account)".to_owned()]
}

/// The provider of a root for the account of the hub.
const FOREIGN: &str = "aws.foreign";

/// Lets the account of the hub make the attachment: an emulator knows a transit gateway only in
/// the account that made it, and forgets a route to it in any other.
fn from_hub(module: &mut Value) -> Vec<String> {
    module["terraform"]["required_providers"]["aws"]["configuration_aliases"] = json!([FOREIGN]);
    for (kind, resource) in resources(module) {
        match kind {
            "aws_ec2_transit_gateway_vpc_attachment" => {
                resource["provider"] = json!(FOREIGN);
                // moto joins it to a default table that the gateway does not have.
                for of in ["association", "propagation"] {
                    resource[format!("transit_gateway_default_route_table_{of}")] = json!(false);
                }
            }
            "aws_route" if !resource["transit_gateway_id"].is_null() => {
                ignore(resource, &["transit_gateway_id"]);
            }
            _ => {}
        }
    }
    let why = "moto shares no transit gateway, so the hub's account attaches VPCs of others";
    vec![
        format!("aws_ec2_transit_gateway_vpc_attachment.provider ({why})"),
        "changes of aws_route.transit_gateway_id (moto forgets one of another account)".to_owned(),
    ]
}

/// Nothing may wait for a resource that is gone.
fn forget(resources: &mut serde_json::Map<String, Value>, kind: &str) {
    let all = resources.values_mut().filter_map(Value::as_object_mut);
    for resource in all.flat_map(|all| all.values_mut()) {
        if let Some(waits) = resource.get_mut("depends_on").and_then(Value::as_array_mut) {
            waits.retain(|on| !on.as_str().is_some_and(|on| on.starts_with(&format!("{kind}."))));
        }
    }
}

/// What named a resource that is gone names nothing: a parameter that tells its id tells the type.
fn unname(value: &mut Value, kind: &str) {
    match value {
        Value::String(text) if text.contains(&format!("${{{kind}.")) => kind.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| unname(item, kind)),
        Value::Object(pairs) => pairs.values_mut().for_each(|item| unname(item, kind)),
        _ => {}
    }
}

/// The resources of a template, by their logical ids.
type Resources = serde_json::Map<String, Value>;

/// What a change of a template in the copy that is deployed was made for; nothing, if none was needed.
type Change = fn(&mut Resources) -> Option<&'static str>;

/// The changes of templates.
const CHANGES: &[Change] = &[instances, balancers, images];

/// Changes the templates that are deployed as the emulator needs it. Why, one reason each.
pub fn templates(estate: &Estate) -> Result<BTreeSet<&'static str>, String> {
    let mut reasons = BTreeSet::new();
    for path in estate.files(".json") {
        if !path.starts_with(estate.dir.join("cloudformation/templates")) {
            continue;
        }
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let mut template: Value = serde_json::from_str(&text).map_err(|why| wrong(&why))?;
        let Some(resources) = template["Resources"].as_object_mut() else { continue };
        let found: Vec<&'static str> =
            CHANGES.iter().filter_map(|change| change(resources)).collect();
        if !found.is_empty() {
            fs::write(&path, template.to_string()).map_err(|why| wrong(&why))?;
            reasons.extend(found);
        }
    }
    Ok(reasons)
}

/// moto's CloudFormation cannot make an instance of Aurora: there is none.
fn instances(resources: &mut Resources) -> Option<&'static str> {
    let before = resources.len();
    resources.retain(|_, it| it["Type"] != "AWS::RDS::DBInstance");
    let why = "no AWS::RDS::DBInstance (moto's CloudFormation knows no engine of Aurora)";
    (resources.len() < before).then_some(why)
}

/// moto's CloudFormation makes an application load balancer of every load balancer, which takes no
/// TCP: listener and target group of a network load balancer speak HTTP.
fn balancers(resources: &mut Resources) -> Option<&'static str> {
    let network = |it: &Value| {
        it["Type"] == "AWS::ElasticLoadBalancingV2::LoadBalancer"
            && it["Properties"]["Type"] == "network"
    };
    if !resources.values().any(network) {
        return None;
    }
    for resource in resources.values_mut() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let speaks = kind.ends_with("V2::Listener") || kind.ends_with("V2::TargetGroup");
        if speaks && resource["Properties"]["Protocol"] == "TCP" {
            resource["Properties"]["Protocol"] = json!("HTTP");
        }
    }
    Some(
        "HTTP for TCP of network load balancers (moto's CloudFormation makes application load balancers)",
    )
}

/// What stands in for EC2 Image Builder gives ARNs that its own schemas refuse: its resources name
/// each other by sound ones.
fn images(resources: &mut Resources) -> Option<&'static str> {
    let arns: Vec<(String, String)> =
        resources.iter().filter_map(|(id, it)| Some((id.clone(), image_arn(it)?))).collect();
    for (id, arn) in &arns {
        let named = json!({"Fn::GetAtt": [id, "Arn"]});
        resources.values_mut().for_each(|it| replace(it, &named, &json!(arn)));
    }
    let why = "ARNs of Image Builder (a stand-in gives those that its schemas refuse)";
    (!arns.is_empty()).then_some(why)
}

/// The ARN of a resource of Image Builder, if it is one.
fn image_arn(resource: &Value) -> Option<String> {
    let tail = match resource["Type"].as_str()?.strip_prefix("AWS::ImageBuilder::")? {
        "Component" => "component/sample/1.0.0",
        "ImageRecipe" => "image-recipe/sample/1.0.0",
        "InfrastructureConfiguration" => "infrastructure-configuration/sample",
        "DistributionConfiguration" => "distribution-configuration/sample",
        _ => return None,
    };
    Some(format!("arn:aws:imagebuilder:eu-west-1:333333333333:{tail}"))
}

fn replace(value: &mut Value, before: &Value, now: &Value) {
    if value == before {
        value.clone_from(now);
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, before, now)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, before, now)),
        _ => {}
    }
}
