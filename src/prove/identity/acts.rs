//! With which roles a thing acts, whatever its type: roles and instance profiles that its properties
//! name, at any depth. Who may make the thing act may do what the role may.

use serde_json::Value;

use super::super::read::{Thing, token};

/// Types that act with a role and are no data. The property is named in the reference of each, below
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>.
pub const TYPES: &[&str] = &[
    "AWS::AppRunner::Service",
    "AWS::AppSync::DataSource",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::Batch::ComputeEnvironment",
    "AWS::Batch::JobDefinition",
    "AWS::Bedrock::Agent",
    "AWS::Cloud9::EnvironmentEC2",
    "AWS::CloudFormation::Stack",
    "AWS::CodeBuild::Project",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::DMS::Endpoint",
    "AWS::DataSync::LocationS3",
    "AWS::EC2::EC2Fleet",
    "AWS::EC2::Instance",
    "AWS::EC2::SpotFleet",
    "AWS::ECS::TaskSet",
    "AWS::EKS::Cluster",
    "AWS::EKS::Nodegroup",
    "AWS::EKS::PodIdentityAssociation",
    "AWS::EMR::Cluster",
    "AWS::EMR::Studio",
    "AWS::ElasticBeanstalk::Environment",
    "AWS::Events::Rule",
    "AWS::Glue::Crawler",
    "AWS::Glue::DevEndpoint",
    "AWS::Glue::Job",
    "AWS::ImageBuilder::InfrastructureConfiguration",
    "AWS::IoT::RoleAlias",
    "AWS::KinesisAnalyticsV2::Application",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Pipes::Pipe",
    "AWS::RolesAnywhere::Profile",
    "AWS::SSM::Association",
    "AWS::SSM::MaintenanceWindowTask",
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::NotebookInstance",
    "AWS::SageMaker::UserProfile",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
    "AWS::Synthetics::Canary",
    "AWS::Transfer::User",
];

/// Types that lead to roles: who runs them, or runs with them, acts with those.
pub const LEADS: &[&str] =
    &["AWS::IAM::InstanceProfile", "AWS::EC2::LaunchTemplate", "AWS::ECS::TaskDefinition"];

/// Types whose roles are those that they speak of, not those that they act with; with that of a filter,
/// only AWS acts, and only by putting what is the owner's where it is told to.
const SPEAK: &[&str] = &[
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::Logs::SubscriptionFilter",
];

/// What a thing acts with, as written, and how.
pub fn named(thing: &Thing<'_>) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    if !SPEAK.contains(&thing.kind) {
        walk(&thing.properties, None, &mut found);
    }
    // The agent pulls, logs and reads secrets with it, and containers never see it: what they are given
    // by it is looked at value by value.
    // <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>
    let agent = thing.properties.get("ExecutionRoleArn").and_then(Value::as_str);
    if thing.kind == "AWS::ECS::TaskDefinition" {
        found.retain(|(of, how)| Some(of.as_str()) != agent || *how != BY_ROLE_ARN);
    }
    found
}

/// How a thing has a role that a property names by its ARN.
const BY_ROLE_ARN: &str = "acts with the role";

fn walk(value: &Value, how: Option<&'static str>, found: &mut Vec<(String, &'static str)>) {
    match value {
        Value::String(text) => found.extend(how.map(|how| (text.clone(), how))),
        Value::Array(all) => all.iter().for_each(|one| walk(one, how, found)),
        Value::Object(map) => {
            for (key, value) in map {
                // `IamInstanceProfile` of a template of instances holds `Arn` or `Name`.
                let inner = how.filter(|_| ["Arn", "Name"].contains(&key.as_str()));
                walk(value, means(key).or(inner), found);
            }
        }
        _ => {}
    }
}

/// What it means that a property of such a name refers to something.
fn means(key: &str) -> Option<&'static str> {
    const ENDS: [(&str, &str); 9] = [
        ("InstanceProfile", "instances have its role"),
        ("InstanceProfileArn", "instances have its role"),
        ("InstanceRole", "instances have its role"),
        ("LaunchTemplateId", "instances are made by it"),
        ("TaskDefinition", "its tasks are run"),
        ("TaskDefinitionArn", "its tasks are run"),
        ("TaskRoleArn", "tasks run with the role"),
        ("Role", "runs with the role"),
        ("Roles", "runs with the role"),
    ];
    let role = ["RoleArn", "RoleARN", "RoleArns"].iter().any(|end| key.ends_with(end));
    let known = ENDS.iter().find(|(end, _)| key.ends_with(end)).map(|(_, how)| *how);
    known.or(role.then_some(BY_ROLE_ARN))
}

/// The name of a thing that leads to roles, if it was given one.
pub fn name(thing: &Thing<'_>) -> Option<String> {
    let keys = ["InstanceProfileName", "LaunchTemplateName", "Family"];
    let mut given = keys.iter().filter_map(|key| thing.properties.get(*key));
    given.next().and_then(Value::as_str).map(str::to_owned)
}

/// By what a thing that leads to roles is found: a reference without its attribute, or the name at the
/// end of an ARN.
pub fn key(text: &str) -> String {
    match token(text) {
        Some((stack, id, _)) => format!("@{stack}/{id}"),
        None => text.rsplit('/').next().unwrap_or(text).to_owned(),
    }
}
