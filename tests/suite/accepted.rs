//! What no linter, schema or emulator refuses and AWS does: held against what its pages say, over every
//! blueprint and both engines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{blueprints, options, synth_blueprint};

/// Every promise, as one test: every blueprint is synthesised once for all of them.
#[test]
fn what_only_aws_would_refuse() {
    let promises = [
        no_service_is_asked_what_it_does_not_say,
        the_warehouse_takes_its_role_under_the_name_that_it_has,
        no_recorder_delivers_to_a_locked_bucket,
        nobody_makes_a_role_that_is_let_past,
        a_group_serves_while_its_instances_are_replaced,
        packages_come_through_the_endpoint_of_s3,
        what_holds_data_outlives_its_stack,
        a_new_account_gets_the_roles_that_services_make_for_themselves,
    ];
    for promise in promises {
        promise();
    }
}

/// Every template of every blueprint by blueprint and shape.
fn templates(engine: Engine) -> &'static [(String, Value)] {
    static CLOUDFORMATION: OnceLock<Vec<(String, Value)>> = OnceLock::new();
    static TERRAFORM: OnceLock<Vec<(String, Value)>> = OnceLock::new();
    match engine {
        Engine::CloudFormation => CLOUDFORMATION.get_or_init(|| rendered(engine)),
        Engine::Terraform => TERRAFORM.get_or_init(|| rendered(engine)),
    }
}

fn rendered(engine: Engine) -> Vec<(String, Value)> {
    let of = |name: &String| {
        let made: Made = synth_blueprint(name, options()).made.expect("it is sound");
        let rendered = made.render();
        let text = |shape: &String| {
            let text = rendered.template_text(engine, shape).expect("rendered");
            (format!("{name} {shape}"), serde_json::from_str(text).expect("JSON"))
        };
        made.estate.templates.keys().map(text).collect::<Vec<_>>()
    };
    blueprints().iter().flat_map(of).collect()
}

/// The resources of a type, with what a stack set carries.
fn resources(template: &Value, kind: &str) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for (id, resource) in template["Resources"].as_object().expect("resources") {
        if resource["Type"] == kind {
            out.push((id.clone(), resource.clone()));
        }
        if let Some(text) = resource["Properties"]["TemplateBody"].as_str() {
            out.extend(resources(&serde_json::from_str(text).expect("JSON"), kind));
        }
    }
    out
}

/// By which key of a condition a service says for whom it takes a role, as its own page has it; none is said
/// where there is none, and a condition on one would lock the service out.
const SAYS: [(&str, &[&str]); 16] = [
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    ("apigateway", &[]),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-service-confused-deputy-prevention.html
    ("backup", &["aws:SourceAccount"]),
    // https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    ("codebuild", &["aws:SourceAccount"]),
    // https://docs.aws.amazon.com/codedeploy/latest/userguide/security_confused_deputy.html
    ("codedeploy", &["aws:SourceAccount"]),
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    ("codepipeline", &["aws:SourceAccount"]),
    // https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
    ("config", &["aws:SourceAccount"]),
    ("ec2", &[]),
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    ("ecs-tasks", &["aws:SourceAccount", "aws:SourceArn"]),
    // https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-large-data-permissions.html
    ("emr-serverless", &["aws:SourceAccount"]),
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    ("events", &["aws:SourceAccount"]),
    // https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
    ("firehose", &["sts:ExternalId"]),
    ("lambda", &[]),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
    ("logs", &["aws:SourceArn"]),
    // https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service-database-users.html
    ("redshift", &["sts:ExternalId"]),
    ("redshift-serverless", &["sts:ExternalId"]),
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    ("vpc-flow-logs", &["aws:SourceAccount", "aws:SourceArn"]),
];

/// A role is bound by what its service says, and by nothing that it does not say.
fn no_service_is_asked_what_it_does_not_say() {
    let says: BTreeMap<&str, &[&str]> = SAYS.into_iter().collect();
    let mut seen = BTreeSet::new();
    for (place, template) in templates(Engine::CloudFormation) {
        for (id, role) in resources(template, "AWS::IAM::Role") {
            let trust = &role["Properties"]["AssumeRolePolicyDocument"]["Statement"];
            for statement in trust.as_array().expect("statements") {
                let Some(service) = statement["Principal"]["Service"].as_str() else { continue };
                let service = service.strip_suffix(".amazonaws.com").expect("a principal");
                let operators = statement["Condition"].as_object().into_iter().flatten();
                let asked =
                    operators.flat_map(|(_, pairs)| pairs.as_object().expect("keys").keys());
                let asked: Vec<&str> = asked.map(String::as_str).collect();
                if service == "sagemaker" {
                    continue; // its own test holds what a notebook's role is taken for
                }
                let said = says.get(service).unwrap_or_else(|| panic!("no row for {service}"));
                let more: Vec<_> = asked.iter().filter(|key| !said.contains(key)).collect();
                assert!(more.is_empty(), "{place} {id}: {service} does not say {more:?}");
                assert_eq!(
                    asked.is_empty(),
                    said.is_empty(),
                    "{place} {id}: {service} is not bound"
                );
                seen.insert(service.to_owned());
            }
        }
    }
    assert!(seen.len() >= 12, "{seen:?}");
}

/// Redshift Serverless says its users by the account and the id of the workgroup, never by its name.
fn the_warehouse_takes_its_role_under_the_name_that_it_has() {
    let mut seen = 0;
    for (place, template) in templates(Engine::CloudFormation) {
        for (id, role) in resources(template, "AWS::IAM::Role") {
            let trust = &role["Properties"]["AssumeRolePolicyDocument"];
            for statement in trust["Statement"].as_array().expect("statements") {
                let external = &statement["Condition"]["StringLike"]["sts:ExternalId"];
                let service = statement["Principal"]["Service"].as_str().unwrap_or_default();
                if service.starts_with("redshift") {
                    let parts = external["Fn::Join"][1].to_string();
                    let named = ":dbuser:serverless-\",{\"Ref\":\"AWS::AccountId\"},\"-*/*\"]";
                    assert!(parts.ends_with(named), "{place} {id}: {parts}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 4);
}

/// AWS Config makes no delivery channel to a bucket with an object lock. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-config-deliverychannel.html>.
fn no_recorder_delivers_to_a_locked_bucket() {
    let (mut locked, mut to) = (BTreeSet::new(), BTreeSet::new());
    for (place, template) in templates(Engine::CloudFormation) {
        let estate = place.split(' ').next().expect("a blueprint").to_owned();
        for (_, bucket) in resources(template, "AWS::S3::Bucket") {
            let bucket = &bucket["Properties"];
            if bucket["ObjectLockEnabled"] == true {
                locked.insert((estate.clone(), bucket["BucketName"].to_string()));
            }
        }
        for (_, channel) in resources(template, "AWS::Config::DeliveryChannel") {
            to.insert((estate.clone(), channel["Properties"]["S3BucketName"].to_string()));
        }
    }
    assert!(!locked.is_empty() && !to.is_empty());
    assert_eq!(locked.intersection(&to).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

/// Whoever is let past a policy of the organization cannot be made by those whom it binds.
fn nobody_makes_a_role_that_is_let_past() {
    let mut seen = 0;
    for (place, template) in templates(Engine::CloudFormation) {
        let policies = resources(template, "AWS::Organizations::Policy");
        let statements: Vec<Value> = policies
            .iter()
            .flat_map(|(_, policy)| {
                policy["Properties"]["Content"]["Statement"].as_array().cloned().unwrap_or_default()
            })
            .collect();
        let let_past = |s: &Value| s["Condition"]["ArnNotLike"]["aws:PrincipalArn"].clone();
        let guarded: BTreeSet<String> = statements
            .iter()
            .filter(|s| s["Action"].to_string().contains("\"iam:CreateRole\""))
            .flat_map(|s| s["Resource"].as_array().cloned().unwrap_or_default())
            .map(|role| role.to_string())
            .collect();
        for past in
            statements.iter().map(let_past).filter_map(|all| all.as_array().cloned()).flatten()
        {
            assert!(guarded.contains(&past.to_string()), "{place}: anybody may make {past}");
            seen += 1;
        }
    }
    assert!(seen >= 4);
}

/// Instances are replaced one by one, and the new one serves before the next goes; those that a capacity
/// provider protects are replaced as well.
fn a_group_serves_while_its_instances_are_replaced() {
    let mut seen = 0;
    for (place, template) in templates(Engine::CloudFormation) {
        for (id, group) in resources(template, "AWS::AutoScaling::AutoScalingGroup") {
            let number = |name: &str| {
                let text = group["Properties"][name].as_str().expect("a number");
                text.parse::<i64>().expect("a number")
            };
            let policy = &group["UpdatePolicy"]["AutoScalingRollingUpdate"];
            let serving = policy["MinInstancesInService"].as_i64().expect("a number");
            // AWS refuses it at the greatest size; below the least, fewer serve than are wanted.
            let most = number("MinSize").min(number("MaxSize") - 1);
            assert_eq!(serving, most, "{place} {id}");
            let grace = group["Properties"]["HealthCheckGracePeriod"].as_i64().expect("seconds");
            assert_eq!(policy["PauseTime"], format!("PT{grace}S"), "{place} {id}");
            assert!(policy["SuspendProcesses"].to_string().contains("ReplaceUnhealthy"));
            seen += 1;
        }
    }
    let mut protected = 0;
    for (place, module) in templates(Engine::Terraform) {
        let groups = module["resource"]["aws_autoscaling_group"].as_object().into_iter().flatten();
        for (id, group) in groups.filter(|(_, group)| group["protect_from_scale_in"] == true) {
            let refresh = &group["instance_refresh"][0]["preferences"][0];
            assert_eq!(refresh["scale_in_protected_instances"], "Refresh", "{place} {id}");
            protected += 1;
        }
    }
    assert!(seen >= 4 && protected >= 1);
}

/// What instances fetch without credentials goes through an endpoint of S3, from buckets of AWS's own only.
fn packages_come_through_the_endpoint_of_s3() {
    let mut seen = 0;
    for (place, template) in templates(Engine::CloudFormation) {
        for (id, endpoint) in resources(template, "AWS::EC2::VPCEndpoint") {
            let service = endpoint["Properties"]["ServiceName"].to_string();
            // Those of the warehouse and of notebooks are for the lake, and no instance stands there.
            if !service.contains(".s3\"")
                || !id.contains("Endpoint")
                || place.ends_with("analytics")
            {
                continue;
            }
            let policy = &endpoint["Properties"]["PolicyDocument"]["Statement"];
            let open = policy.as_array().expect("statements").iter().filter(|s| {
                s["Effect"] == "Allow"
                    && s["Condition"]["StringEquals"]["aws:PrincipalAccount"].is_null()
            });
            let open: Vec<&Value> = open.collect();
            assert!(open.iter().all(|s| s["Action"] == "s3:GetObject"), "{place} {id}: {open:?}");
            let buckets = open.iter().map(|s| s["Resource"].to_string()).collect::<String>();
            for bucket in ["-starport-layer-bucket/*", ":::al2023-repos-", ":::aws-codedeploy-"] {
                assert!(buckets.contains(bucket), "{place} {id}: {buckets}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 10);
}

/// What holds data outlives its stack, and what replaces it as well; the defaults of AWS delete it. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>.
fn what_holds_data_outlives_its_stack() {
    let mut seen = BTreeSet::new();
    for (place, template) in templates(Engine::CloudFormation) {
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            let kind = resource["Type"].as_str().expect("a type");
            // An identity pool is made anew from the users, which are kept.
            if tenantry::change::loss::holds(kind).is_none() || kind == "AWS::Cognito::IdentityPool"
            {
                continue;
            }
            for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
                assert!(resource[policy].is_string(), "{place} {id}: no {policy}");
            }
            seen.insert(kind.to_owned());
        }
    }
    assert!(seen.len() >= 12, "{seen:?}");
}

/// A new account has none of the roles that services make for themselves when they are first used, and whoever
/// uses them first must be allowed to have them made, and no others. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html>.
fn a_new_account_gets_the_roles_that_services_make_for_themselves() {
    let mut seen = 0;
    for (place, template) in templates(Engine::CloudFormation) {
        let roles = resources(template, "AWS::IAM::Role");
        for (_, role) in roles.iter().filter(|(id, _)| id == "Deployer") {
            let document = &role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
            let mut made = document.as_array().expect("statements").iter();
            let made = made.find(|s| s["Action"] == "iam:CreateServiceLinkedRole");
            let made = made.unwrap_or_else(|| panic!("{place}: none is made"));
            let of = &made["Condition"]["StringEquals"]["iam:AWSServiceName"];
            let services = of.as_array().unwrap_or_else(|| panic!("{place}: of any service"));
            assert!(services.iter().any(|s| s == "transitgateway.amazonaws.com"), "{place}");
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen}");
}
