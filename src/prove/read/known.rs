//! Which types are followed, and which need not be. A type on neither list can open anything, so that
//! a folder that has one is not proved: new types of AWS are refused until somebody has looked at them.

use super::template::Template;
use super::terraform::kind;

/// What becomes of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A layer looks at it.
    Kept,
    /// Nobody has to.
    Harmless,
    /// Nobody knows what it opens.
    Refused,
}

/// What becomes of a type by `CloudFormation`'s name. A type that is followed and that no layer
/// wants to see is refused, unless it is harmless.
pub fn fate(kind: &str, wanted: &dyn Fn(&str) -> bool) -> Fate {
    let harmless = HARMLESS.binary_search(&kind).is_ok();
    let followed = harmless || FOLLOWED.binary_search(&kind).is_ok() || kind::translated(kind);
    match (followed, wanted(kind)) {
        (true, true) => Fate::Kept,
        _ if harmless => Fate::Harmless,
        _ => Fate::Refused,
    }
}

/// Notes a type that nobody follows.
pub fn refuse(out: &mut Template, id: &str, kind: &str) {
    out.complain(format!("{id}: the type {kind} is not followed"));
}

/// Types of `CloudFormation` that layers follow and that Terraform has no translated name for.
const FOLLOWED: &[&str] = &[
    "AWS::ApiGatewayV2::VpcLink",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::PrefixList",
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::VPCCidrBlock",
    "AWS::ECR::Repository",
    "AWS::EFS::MountTarget",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::IAM::Policy",
    "AWS::IAM::UserPolicy",
    "AWS::Kinesis::ResourcePolicy",
    "AWS::Logs::ResourcePolicy",
    "AWS::MSK::Cluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBProxy",
    "AWS::Synthetics::Canary",
];

/// Types that join no networks, hold no interface of their own in one and grant nobody an act: what
/// blueprints write of logging, scaling, metering, scanning, building and naming. Whatever the output
/// has beside what layers follow stands here, and a test holds that it does. Where one of them acts
/// with a role, that role is judged as a role; a layer that wants one of them gets it all the same.
const HARMLESS: &[&str] = &[
    "AWS::AccessAnalyzer::Analyzer",
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGateway::VpcLink",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Athena::NamedQuery",
    "AWS::Athena::WorkGroup",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::BackupVault",
    "AWS::Backup::RestoreTestingPlan",
    "AWS::Backup::RestoreTestingSelection",
    "AWS::Budgets::Budget",
    "AWS::CE::CostCategory",
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeCommit::Repository",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::Cognito::IdentityPoolPrincipalTag",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolIdentityProvider",
    "AWS::Config::ConfigRule",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::DeliveryChannel",
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::VPNConnectionRoute",
    "AWS::EC2::VPNGateway",
    "AWS::ECS::CapacityProvider",
    "AWS::ECS::Cluster",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::Events::Rule",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::GuardDuty::Detector",
    "AWS::ImageBuilder::Component",
    "AWS::ImageBuilder::DistributionConfiguration",
    "AWS::ImageBuilder::Image",
    "AWS::ImageBuilder::ImagePipeline",
    "AWS::ImageBuilder::ImageRecipe",
    "AWS::ImageBuilder::InfrastructureConfiguration",
    "AWS::KMS::Alias",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Logs::LogStream",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::SubscriptionFilter",
    "AWS::Organizations::OrganizationalUnit",
    "AWS::RAM::ResourceShare",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RedshiftServerless::Namespace",
    "AWS::ResourceGroups::Group",
    "AWS::Route53Resolver::FirewallDomainList",
    "AWS::Route53Resolver::FirewallRuleGroup",
    "AWS::Route53Resolver::FirewallRuleGroupAssociation",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig",
    "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
    "AWS::SNS::Subscription",
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::UserProfile",
    "AWS::SecurityHub::Hub",
    "AWS::SecurityHub::Standard",
    "AWS::ServiceDiscovery::HttpNamespace",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
    "Tenantry::Events::Target",
];

/// The same by Terraform's names, where `CloudFormation` has the thing elsewhere or its name is not
/// needed. A cluster of `CloudHSM` has no interface: each module that is put into it has one. Source:
/// <https://docs.aws.amazon.com/cloudhsm/latest/userguide/cluster-architecture.html>.
pub const HARMLESS_IN_TERRAFORM: &[&str] = &[
    "aws_accessanalyzer_analyzer",
    "aws_api_gateway_deployment",
    "aws_api_gateway_method_settings",
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_athena_named_query",
    "aws_autoscaling_policy",
    "aws_backup_plan",
    "aws_backup_restore_testing_plan",
    "aws_backup_vault_lock_configuration",
    "aws_budgets_budget",
    "aws_ce_cost_category",
    "aws_cloudformation_stack_set_instance",
    "aws_cloudhsm_v2_cluster",
    "aws_cloudtrail",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_log_stream",
    "aws_cloudwatch_metric_alarm",
    "aws_codedeploy_app",
    "aws_config_config_rule",
    "aws_config_configuration_recorder_status",
    "aws_config_delivery_channel",
    "aws_ecs_cluster_capacity_providers",
    "aws_guardduty_detector",
    "aws_imagebuilder_component",
    "aws_imagebuilder_distribution_configuration",
    "aws_imagebuilder_image",
    "aws_imagebuilder_image_pipeline",
    "aws_imagebuilder_image_recipe",
    "aws_inspector2_enabler",
    "aws_resourcegroups_group",
    "aws_route53_resolver_firewall_domain_list",
    "aws_route53_resolver_firewall_rule",
    "aws_route53_resolver_firewall_rule_group",
    "aws_route53_resolver_firewall_rule_group_association",
    "aws_route53_resolver_query_log_config",
    "aws_route53_resolver_query_log_config_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_version",
    "aws_securityhub_account",
    "aws_securityhub_standards_subscription",
    "aws_wafv2_web_acl",
];

#[cfg(test)]
mod tests {
    use super::{FOLLOWED, HARMLESS, HARMLESS_IN_TERRAFORM};

    /// They are searched by halves, and read by people.
    #[test]
    fn lists_are_sorted() {
        for list in [FOLLOWED, HARMLESS, HARMLESS_IN_TERRAFORM] {
            assert!(list.is_sorted_by(|one, other| one < other));
        }
    }
}
