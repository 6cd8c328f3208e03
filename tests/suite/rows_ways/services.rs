//! The rows of what is counted in units of its own, of name firewalls, of what asks a lake and of what
//! brings new versions; and how each is counted a second time.

use std::collections::BTreeMap;

use serde_json::Value;

use super::network::{fullest, of, text, texts};
use super::odd::{most_tasks, place};
use super::{Row, Way, by, each, list, most};
use crate::rows::{Everything, Resource};

/// The rows.
pub static WAYS: &[Row] = &[
    most(
        "fargate.on-demand-vcpus",
        fargate,
        "vCPUs of all tasks at their most, twice as they are replaced; of each service in whole ones. AWS \
         raises the default by itself, so it only warns",
    ),
    most(
        "emr-serverless.concurrent-vcpus",
        spark,
        "the most that all applications may have. AWS raises the default by itself, so it only warns",
    ),
    most(
        "application-autoscaling.policies-per-target",
        scaling_policies,
        "`ApplicationAutoScaling::ScalingPolicy` by the service that it scales",
    ),
    most(
        "elb.nlb-enis-per-vpc",
        balancer_interfaces,
        "one in each subnet of each network load balancer",
    ),
    most(
        "elb.targets-per-az-per-nlb",
        zone_targets,
        "what stands behind a network load balancer at its most: all of it, as it sends to all zones; of another, \
         what a zone has",
    ),
    most(
        "wafv2.wcus-per-web-acl",
        capacity_units,
        "2 for a rate, and 30 for each key it counts by; 25, 200 and 700 for the groups of AWS's own",
    ),
    (
        "wafv2.alb-associations-per-web-acl",
        0,
        Way::By(&[("AWS::WAFv2::WebACLAssociation", "WebACLArn")], |it| {
            it["ResourceArn"].as_str().is_some_and(|arn| arn.starts_with('@'))
        }),
        "with a load balancer",
    ),
    each(
        "route53resolver.query-log-configs-per-region",
        &["AWS::Route53Resolver::ResolverQueryLoggingConfig"],
    ),
    each(
        "route53resolver.firewall-rule-groups-per-region",
        &["AWS::Route53Resolver::FirewallRuleGroup"],
    ),
    by(
        "route53resolver.firewall-rule-groups-per-vpc",
        &[("AWS::Route53Resolver::FirewallRuleGroupAssociation", "VpcId")],
    ),
    most(
        "route53resolver.firewall-rules-per-group",
        |all| list(all, "AWS::Route53Resolver::FirewallRuleGroup", |it| &it["FirewallRules"]),
        "rules of a group",
    ),
    each(
        "route53resolver.firewall-domain-lists-per-region",
        &["AWS::Route53Resolver::FirewallDomainList"],
    ),
    most("route53resolver.firewall-domains-per-region", domains, "the domains of all lists"),
    each("guardduty.detectors-per-region", &["AWS::GuardDuty::Detector"]),
    each("access-analyzer.account-analyzers-per-region", &["AWS::AccessAnalyzer::Analyzer"]),
    each("backup.restore-testing-plans", &["AWS::Backup::RestoreTestingPlan"]),
    by(
        "backup.selections-per-restore-testing-plan",
        &[("AWS::Backup::RestoreTestingSelection", "RestoreTestingPlanName")],
    ),
    each("redshift-serverless.workgroups", &["AWS::RedshiftServerless::Workgroup"]),
    each("redshift-serverless.namespaces", &["AWS::RedshiftServerless::Namespace"]),
    each("athena.workgroups-per-region", &["AWS::Athena::WorkGroup"]),
    each("glue.databases-per-account", &["AWS::Glue::Database"]),
    by("glue.tables-per-database", &[("AWS::Glue::Table", "DatabaseName")]),
    each("imagebuilder.components-per-region", &["AWS::ImageBuilder::Component"]),
    each("imagebuilder.recipes-per-region", &["AWS::ImageBuilder::ImageRecipe"]),
    each("imagebuilder.pipelines-per-region", &["AWS::ImageBuilder::ImagePipeline"]),
    each(
        "imagebuilder.infrastructure-configurations-per-region",
        &["AWS::ImageBuilder::InfrastructureConfiguration"],
    ),
    each(
        "imagebuilder.distribution-configurations-per-region",
        &["AWS::ImageBuilder::DistributionConfiguration"],
    ),
    most(
        "imagebuilder.components-per-recipe",
        |all| list(all, "AWS::ImageBuilder::ImageRecipe", |it| &it["Components"]),
        "components of a recipe",
    ),
    each("codecommit.repositories-per-region", &["AWS::CodeCommit::Repository"]),
    each("codebuild.projects-per-region", &["AWS::CodeBuild::Project"]),
    each("codedeploy.applications-per-region", &["AWS::CodeDeploy::Application"]),
    by(
        "codedeploy.groups-per-application",
        &[("AWS::CodeDeploy::DeploymentGroup", "ApplicationName")],
    ),
    most(
        "codedeploy.scaling-groups-per-deployment-group",
        |all| list(all, "AWS::CodeDeploy::DeploymentGroup", |it| &it["AutoScalingGroups"]),
        "Auto Scaling groups of a group",
    ),
    each("codepipeline.pipelines-per-region", &["AWS::CodePipeline::Pipeline"]),
    most(
        "codepipeline.stages-per-pipeline",
        |all| list(all, "AWS::CodePipeline::Pipeline", |it| &it["Stages"]),
        "stages of a pipeline",
    ),
];

/// Processors by account and region; the new tasks of a service start before the old ones stop.
fn fargate(all: &Everything) -> u64 {
    let definitions: BTreeMap<&str, f64> = of(all, "AWS::ECS::TaskDefinition")
        .map(|it| (it.handle.as_str(), text(&it.properties["Cpu"]).parse().expect("a number")))
        .collect();
    let ours = of(all, "AWS::ECS::Service").filter(|it| it.properties["LaunchType"] == "FARGATE");
    fullest(ours.map(|it| {
        let units = definitions[text(&it.properties["TaskDefinition"]).as_str()];
        let tasks = u32::try_from(2 * most_tasks(it, all)).expect("few tasks");
        let processors = (units / 1024.0 * f64::from(tasks)).ceil();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (place(it), processors as u64)
    }))
}

fn spark(all: &Everything) -> u64 {
    fullest(of(all, "AWS::EMRServerless::Application").map(|it| {
        let most = text(&it.properties["MaximumCapacity"]["Cpu"]);
        let processors = most.strip_suffix(" vCPU").expect("processors");
        (place(it), processors.parse().expect("a number"))
    }))
}

/// `service/<cluster>/<service>` is the same for all policies of a service.
fn scaling_policies(all: &Everything) -> u64 {
    let policies = of(all, "AWS::ApplicationAutoScaling::ScalingPolicy");
    fullest(policies.map(|it| (text(&it.properties["ResourceId"]), 1)))
}

fn network_balancers(all: &Everything) -> impl Iterator<Item = &Resource> {
    of(all, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        .filter(|it| it.properties["Type"] == "network")
}

fn balancer_interfaces(all: &Everything) -> u64 {
    let subnets = super::subnets(all);
    fullest(network_balancers(all).flat_map(|it| {
        let places = texts(&it.properties["Subnets"]).into_iter();
        places.map(|subnet| (subnets[subnet.as_str()].0.to_owned(), 1)).collect::<Vec<_>>()
    }))
}

/// From those who stand behind it to the load balancer: by target group, listener, and its owner.
fn zone_targets(all: &Everything) -> u64 {
    let network: Vec<&str> = network_balancers(all).map(|it| it.handle.as_str()).collect();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for it in of(all, "AWS::ElasticLoadBalancingV2::Listener") {
        let owner = text(&it.properties["LoadBalancerArn"]);
        let actions = it.properties["DefaultActions"].as_array().expect("actions");
        for group in actions.iter().filter_map(|action| action["TargetGroupArn"].as_str()) {
            if network.contains(&owner.as_str()) {
                owners.insert(group.to_owned(), owner.clone());
            }
        }
    }
    let spreads = |it: &&Resource| it.properties.to_string().contains("cross_zone");
    let wide: Vec<&str> =
        network_balancers(all).filter(spreads).map(|it| it.handle.as_str()).collect();
    let number =
        |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0);
    let mut found: Vec<(String, u64)> = Vec::new();
    for it in &all.resources {
        let p = &it.properties;
        let (groups, targets, zones) = match it.kind.as_str() {
            "AWS::AutoScaling::AutoScalingGroup" => {
                (texts(&p["TargetGroupARNs"]), number(&p["MaxSize"]), &p["VPCZoneIdentifier"])
            }
            "AWS::ECS::Service" => {
                let behind = p["LoadBalancers"].as_array().into_iter().flatten();
                let groups = behind.map(|it| text(&it["TargetGroupArn"])).collect();
                let zones = &p["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"];
                (groups, 2 * most_tasks(it, all), zones)
            }
            _ => continue,
        };
        let each = targets.div_ceil(texts(zones).len().max(1) as u64);
        let all = |owner: &String| if wide.contains(&owner.as_str()) { targets } else { each };
        let ours = groups.iter().filter_map(|group| owners.get(group));
        found.extend(ours.map(|owner| (owner.clone(), all(owner))));
    }
    fullest(found.into_iter())
}

/// What the pages of AWS say of each kind of rule.
fn capacity_units(all: &Everything) -> u64 {
    let unit = |rule: &Value| match rule["Name"].as_str().expect("a name") {
        "AWSManagedRulesAmazonIpReputationList" => 25,
        "AWSManagedRulesKnownBadInputsRuleSet" => 200,
        "AWSManagedRulesCommonRuleSet" => 700,
        _ => {
            let rate = rule["Statement"].get("RateBasedStatement").expect("a rate");
            let keys = rate.get("CustomKeys").and_then(Value::as_array).map_or(0, Vec::len);
            2 + 30 * keys as u64
        }
    };
    let of_acl = |it: &Resource| {
        it.properties["Rules"].as_array().expect("rules").iter().map(unit).sum::<u64>()
    };
    of(all, "AWS::WAFv2::WebACL").map(of_acl).max().unwrap_or(0)
}

fn domains(all: &Everything) -> u64 {
    let lists = of(all, "AWS::Route53Resolver::FirewallDomainList");
    fullest(lists.map(|it| (place(it), texts(&it.properties["Domains"]).len() as u64)))
}

/// What a warehouse takes of each of its subnets at its largest: with 8 units 9 addresses, with 32 there
/// are 13, and twice as many units take nearly twice as many.
pub fn warehouse(it: &Resource) -> u64 {
    match it.properties["MaxCapacity"].as_u64().expect("units") {
        0..=8 => 9,
        9..=32 => 13,
        33..=64 => 21,
        65..=128 => 37,
        129..=256 => 69,
        _ => 133,
    }
}

/// What notebooks take of each of their subnets: their file system, and four addresses for each person.
pub fn notebooks(it: &Resource, all: &Everything) -> u64 {
    let people = of(all, "AWS::SageMaker::UserProfile");
    let ours = people.filter(|person| person.properties["DomainId"] == *it.handle).count() as u64;
    let zones = texts(&it.properties["SubnetIds"]).len() as u64;
    (4 * ours).div_ceil(zones) + 1
}
