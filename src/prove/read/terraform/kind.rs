//! Terraform's types by `CloudFormation`'s names, and what a reference to one of them means.

use crate::prove::read::form::Piece;

/// Type by type.
const KINDS: &[(&str, &str)] = &[
    ("aws_vpc", "AWS::EC2::VPC"),
    ("aws_subnet", "AWS::EC2::Subnet"),
    ("aws_route_table", "AWS::EC2::RouteTable"),
    ("aws_route_table_association", "AWS::EC2::SubnetRouteTableAssociation"),
    ("aws_route", "AWS::EC2::Route"),
    ("aws_internet_gateway", "AWS::EC2::InternetGateway"),
    ("aws_internet_gateway_attachment", "AWS::EC2::VPCGatewayAttachment"),
    ("aws_vpn_gateway", "AWS::EC2::VPNGateway"),
    ("aws_vpn_gateway_attachment", "AWS::EC2::VPCGatewayAttachment"),
    ("aws_vpn_gateway_route_propagation", "AWS::EC2::VPNGatewayRoutePropagation"),
    ("aws_vpn_connection", "AWS::EC2::VPNConnection"),
    ("aws_vpn_connection_route", "AWS::EC2::VPNConnectionRoute"),
    ("aws_customer_gateway", "AWS::EC2::CustomerGateway"),
    ("aws_nat_gateway", "AWS::EC2::NatGateway"),
    ("aws_eip", "AWS::EC2::EIP"),
    ("aws_network_acl", "AWS::EC2::NetworkAcl"),
    ("aws_network_acl_rule", "AWS::EC2::NetworkAclEntry"),
    ("aws_network_acl_association", "AWS::EC2::SubnetNetworkAclAssociation"),
    ("aws_security_group", "AWS::EC2::SecurityGroup"),
    ("aws_vpc_security_group_ingress_rule", "AWS::EC2::SecurityGroupIngress"),
    ("aws_vpc_security_group_egress_rule", "AWS::EC2::SecurityGroupEgress"),
    ("aws_default_security_group", "Tenantry::EC2::StrippedDefaultSecurityGroup"),
    ("aws_vpc_endpoint", "AWS::EC2::VPCEndpoint"),
    ("aws_vpc_peering_connection", "AWS::EC2::VPCPeeringConnection"),
    ("aws_ec2_transit_gateway", "AWS::EC2::TransitGateway"),
    ("aws_ec2_transit_gateway_vpc_attachment", "AWS::EC2::TransitGatewayAttachment"),
    ("aws_ec2_transit_gateway_route", "AWS::EC2::TransitGatewayRoute"),
    ("aws_ec2_transit_gateway_route_table", "AWS::EC2::TransitGatewayRouteTable"),
    (
        "aws_ec2_transit_gateway_route_table_association",
        "AWS::EC2::TransitGatewayRouteTableAssociation",
    ),
    (
        "aws_ec2_transit_gateway_route_table_propagation",
        "AWS::EC2::TransitGatewayRouteTablePropagation",
    ),
    ("aws_launch_template", "AWS::EC2::LaunchTemplate"),
    ("aws_instance", "AWS::EC2::Instance"),
    ("aws_flow_log", "AWS::EC2::FlowLog"),
    ("aws_vpc_dhcp_options", "AWS::EC2::DHCPOptions"),
    ("aws_vpc_dhcp_options_association", "AWS::EC2::VPCDHCPOptionsAssociation"),
    ("aws_lb", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    ("aws_lb_listener", "AWS::ElasticLoadBalancingV2::Listener"),
    ("aws_lb_listener_rule", "AWS::ElasticLoadBalancingV2::ListenerRule"),
    ("aws_lb_target_group", "AWS::ElasticLoadBalancingV2::TargetGroup"),
    ("aws_autoscaling_group", "AWS::AutoScaling::AutoScalingGroup"),
    ("aws_ecs_cluster", "AWS::ECS::Cluster"),
    ("aws_ecs_service", "AWS::ECS::Service"),
    ("aws_ecs_task_definition", "AWS::ECS::TaskDefinition"),
    ("aws_ecs_capacity_provider", "AWS::ECS::CapacityProvider"),
    ("aws_lambda_function", "AWS::Lambda::Function"),
    ("aws_lambda_permission", "AWS::Lambda::Permission"),
    ("aws_lambda_event_source_mapping", "AWS::Lambda::EventSourceMapping"),
    ("aws_iam_role", "AWS::IAM::Role"),
    ("aws_iam_role_policy", "AWS::IAM::RolePolicy"),
    ("aws_iam_policy", "AWS::IAM::ManagedPolicy"),
    ("aws_iam_instance_profile", "AWS::IAM::InstanceProfile"),
    ("aws_iam_user", "AWS::IAM::User"),
    ("aws_s3_bucket", "AWS::S3::Bucket"),
    ("aws_s3_bucket_policy", "AWS::S3::BucketPolicy"),
    ("aws_kms_key", "AWS::KMS::Key"),
    ("aws_kms_alias", "AWS::KMS::Alias"),
    ("aws_kms_grant", "Tenantry::KMS::Grant"),
    ("aws_sqs_queue", "AWS::SQS::Queue"),
    ("aws_sqs_queue_policy", "AWS::SQS::QueuePolicy"),
    ("aws_sns_topic", "AWS::SNS::Topic"),
    ("aws_sns_topic_policy", "AWS::SNS::TopicPolicy"),
    ("aws_sns_topic_subscription", "AWS::SNS::Subscription"),
    ("aws_dynamodb_table", "AWS::DynamoDB::Table"),
    ("aws_dynamodb_table_item", "AWS::DynamoDB::TableItem"),
    ("aws_dynamodb_resource_policy", "Tenantry::DynamoDB::ResourcePolicy"),
    ("aws_secretsmanager_secret", "AWS::SecretsManager::Secret"),
    ("aws_secretsmanager_secret_policy", "AWS::SecretsManager::ResourcePolicy"),
    ("aws_rds_cluster", "AWS::RDS::DBCluster"),
    ("aws_rds_cluster_instance", "AWS::RDS::DBInstance"),
    ("aws_rds_cluster_parameter_group", "AWS::RDS::DBClusterParameterGroup"),
    ("aws_db_subnet_group", "AWS::RDS::DBSubnetGroup"),
    ("aws_organizations_account", "AWS::Organizations::Account"),
    ("aws_organizations_organizational_unit", "AWS::Organizations::OrganizationalUnit"),
    ("aws_organizations_policy", "AWS::Organizations::Policy"),
    ("aws_ram_resource_share", "AWS::RAM::ResourceShare"),
    ("aws_cloudformation_stack_set", "AWS::CloudFormation::StackSet"),
    ("aws_cognito_identity_pool", "AWS::Cognito::IdentityPool"),
    ("aws_cognito_identity_pool_roles_attachment", "AWS::Cognito::IdentityPoolRoleAttachment"),
    ("aws_cognito_identity_pool_provider_principal_tag", "AWS::Cognito::IdentityPoolPrincipalTag"),
    ("aws_cognito_user_pool", "AWS::Cognito::UserPool"),
    ("aws_cognito_user_pool_client", "AWS::Cognito::UserPoolClient"),
    ("aws_cognito_user_pool_domain", "AWS::Cognito::UserPoolDomain"),
    ("aws_cognito_user_group", "AWS::Cognito::UserPoolGroup"),
    ("aws_cognito_identity_provider", "AWS::Cognito::UserPoolIdentityProvider"),
    ("aws_api_gateway_rest_api", "AWS::ApiGateway::RestApi"),
    ("aws_api_gateway_method", "AWS::ApiGateway::Method"),
    ("aws_api_gateway_resource", "AWS::ApiGateway::Resource"),
    ("aws_api_gateway_vpc_link", "AWS::ApiGateway::VpcLink"),
    ("aws_api_gateway_stage", "AWS::ApiGateway::Stage"),
    ("aws_api_gateway_api_key", "AWS::ApiGateway::ApiKey"),
    ("aws_api_gateway_usage_plan", "AWS::ApiGateway::UsagePlan"),
    ("aws_api_gateway_usage_plan_key", "AWS::ApiGateway::UsagePlanKey"),
    ("aws_cloudwatch_event_bus", "AWS::Events::EventBus"),
    ("aws_cloudwatch_event_bus_policy", "AWS::Events::EventBusPolicy"),
    ("aws_cloudwatch_event_rule", "AWS::Events::Rule"),
    ("aws_cloudwatch_log_group", "AWS::Logs::LogGroup"),
    ("aws_kinesis_stream", "AWS::Kinesis::Stream"),
    ("aws_kinesis_firehose_delivery_stream", "AWS::KinesisFirehose::DeliveryStream"),
    ("aws_glue_catalog_database", "AWS::Glue::Database"),
    ("aws_glue_catalog_table", "AWS::Glue::Table"),
    ("aws_athena_workgroup", "AWS::Athena::WorkGroup"),
    ("aws_emrserverless_application", "AWS::EMRServerless::Application"),
    ("aws_redshiftserverless_namespace", "AWS::RedshiftServerless::Namespace"),
    ("aws_redshiftserverless_workgroup", "AWS::RedshiftServerless::Workgroup"),
    ("aws_backup_vault", "AWS::Backup::BackupVault"),
    ("aws_backup_selection", "AWS::Backup::BackupSelection"),
    ("aws_codebuild_project", "AWS::CodeBuild::Project"),
    ("aws_codepipeline", "AWS::CodePipeline::Pipeline"),
    ("aws_codecommit_repository", "AWS::CodeCommit::Repository"),
    ("aws_codedeploy_deployment_group", "AWS::CodeDeploy::DeploymentGroup"),
    ("aws_service_discovery_http_namespace", "AWS::ServiceDiscovery::HttpNamespace"),
    ("aws_wafv2_web_acl_association", "AWS::WAFv2::WebACLAssociation"),
    ("aws_api_gateway_account", "AWS::ApiGateway::Account"),
    ("aws_backup_restore_testing_selection", "AWS::Backup::RestoreTestingSelection"),
    ("aws_batch_job_definition", "AWS::Batch::JobDefinition"),
    ("aws_cloudwatch_event_target", "Tenantry::Events::Target"),
    ("aws_cloudwatch_log_subscription_filter", "AWS::Logs::SubscriptionFilter"),
    ("aws_config_configuration_recorder", "AWS::Config::ConfigurationRecorder"),
    ("aws_glue_crawler", "AWS::Glue::Crawler"),
    ("aws_glue_job", "AWS::Glue::Job"),
    (
        "aws_imagebuilder_infrastructure_configuration",
        "AWS::ImageBuilder::InfrastructureConfiguration",
    ),
    ("aws_pipes_pipe", "AWS::Pipes::Pipe"),
    ("aws_sagemaker_domain", "AWS::SageMaker::Domain"),
    ("aws_sagemaker_notebook_instance", "AWS::SageMaker::NotebookInstance"),
    ("aws_sagemaker_user_profile", "AWS::SageMaker::UserProfile"),
    ("aws_scheduler_schedule", "AWS::Scheduler::Schedule"),
    ("aws_sfn_state_machine", "AWS::StepFunctions::StateMachine"),
    ("aws_ssm_parameter", "AWS::SSM::Parameter"),
];

/// Types of Terraform that only say more of another thing, which has it in `CloudFormation`; they
/// are read into that. (`aws_vpc_peering_connection_accepter` only says yes.)
pub const ADDITIONS: &[&str] = &[
    "aws_iam_role_policy_attachment",
    "aws_organizations_policy_attachment",
    "aws_ram_principal_association",
    "aws_ram_resource_association",
    "aws_s3_bucket_public_access_block",
    "aws_api_gateway_integration",
    "aws_vpc_peering_connection_accepter",
];

/// Blocks and attributes that open what is not followed; a folder that has one is not proved.
pub const REFUSED: &[(&str, &[&str])] = &[
    ("aws_iam_role", &["inline_policy"]),
    ("aws_internet_gateway", &["vpc_id"]),
    ("aws_network_acl", &["ingress", "egress", "subnet_ids"]),
    ("aws_route_table", &["route", "propagating_vgws"]),
    ("aws_s3_bucket", &["policy", "acl", "grant"]),
    ("aws_secretsmanager_secret", &["policy"]),
    ("aws_sns_topic", &["policy"]),
    ("aws_sqs_queue", &["policy"]),
    ("aws_vpn_gateway", &["vpc_id"]),
];

/// Whether a type has a name of `CloudFormation`'s here.
pub fn translated(kind: &str) -> bool {
    KINDS.iter().any(|(_, own)| *own == kind)
}

/// The type by `CloudFormation`'s name.
pub fn of(tf: &str) -> Option<&'static str> {
    KINDS.iter().find(|(own, _)| *own == tf).map(|(_, kind)| *kind)
}

/// What `${type.name.attribute}` means: the thing itself where `CloudFormation` has `Ref`, or one of
/// its attributes.
pub fn reference(tf: &str, name: &str, attribute: &str) -> Piece {
    let address = format!("{tf}.{name}");
    Piece::Own(match meaning(tf, attribute) {
        None => address,
        Some(attribute) => format!("{address}.{attribute}"),
    })
}

/// Types whose `Ref` is their ARN.
const BY_ARN: &[&str] = &[
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_sns_topic",
    "aws_ecs_task_definition",
    "aws_ram_resource_share",
    "aws_secretsmanager_secret",
];

/// The attribute by `CloudFormation`'s name; nothing, if it is the thing itself.
fn meaning(tf: &str, attribute: &str) -> Option<String> {
    if attribute == "arn" && BY_ARN.contains(&tf) {
        return None;
    }
    let own = |name: &str| Some(name.to_owned());
    match (tf, attribute) {
        ("aws_lb_target_group", "name") => own("TargetGroupName"),
        ("aws_sqs_queue", "name") => own("QueueName"),
        ("aws_ecs_service" | "aws_codecommit_repository", "name") => own("Name"),
        ("aws_lb", "dns_name") => own("DNSName"),
        ("aws_lb", "zone_id") => own("CanonicalHostedZoneID"),
        ("aws_lb", "arn_suffix") => own("LoadBalancerFullName"),
        ("aws_lb_target_group", "arn_suffix") => own("TargetGroupFullName"),
        ("aws_vpc", "default_security_group_id") => own("DefaultSecurityGroup"),
        ("aws_rds_cluster", "endpoint") => own("Endpoint.Address"),
        ("aws_rds_cluster", "cluster_resource_id") => own("DBClusterResourceId"),
        ("aws_launch_template", "latest_version") => own("LatestVersionNumber"),
        (
            _,
            "id" | "name" | "http_method" | "namespace_name" | "workgroup_name" | "stage_name"
            | "repository_name",
        ) => None,
        (_, other) => Some(super::shape::capitals(other)),
    }
}
