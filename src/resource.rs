//! The AWS vocabulary: typed builders, one file a service. A resource says its properties once,
//! by CloudFormation's names, with no engine in sight; where Terraform differs, the Terraform
//! engine knows.

pub mod vpc; // VPC, subnets, gateways, routes
pub mod security; // security groups and network ACLs
pub mod endpoint; // private ways to AWS services
pub mod transit; // transit gateways and peering
pub mod vpn; // connections to premises
pub mod flow; // records of traffic
pub mod iam; // roles and their policies
pub mod autoscaling; // instances that come and go
pub mod balance; // load balancers inside a VPC
pub mod api; // interfaces, keys and usage plans
pub mod firewall; // what is refused at the edge
pub mod queue; // work that waits
pub mod dynamodb; // tables
pub mod database; // clusters of PostgreSQL
pub mod metric; // what is counted, and alarms
pub mod ssm; // parameters that stacks find each other by
pub mod group; // resource groups
pub mod share; // what other accounts may use
pub mod organizations; // units, accounts, and policies that bound them
pub mod budget; // who is told what something costs
pub mod stackset; // one template in many accounts
pub mod balancer; // application load balancers
pub mod ecs; // clusters and services of containers
pub mod scaling; // how many tasks run
pub mod secret; // secrets with random values
pub mod lambda; // functions, and alarms that call them
pub mod s3; // buckets
pub mod kms; // keys
pub mod sns; // topics, and who is told
pub mod events; // what happens when something happened
pub mod backup; // copies that outlive what was copied
pub mod delivery; // repositories and pipelines
pub mod codedeploy; // new versions on instances
pub mod image; // images of machines
pub mod route; // functions behind an API
pub mod cost; // costs by what they are for
pub mod audit; // who did what, and what is there
pub mod cognito; // users, and how they sign in
pub mod watch; // alarms that tell somebody
pub mod resolver; // which names can be resolved
pub mod detect; // what looks for intruders and flaws
pub mod hsm; // hardware that holds keys
pub mod stream; // records as they come
pub mod bus; // events of one's own, and what they go through
pub mod lake; // what files mean, and who asks them
pub mod warehouse; // what computes over a lake
pub mod notebook; // where people open notebooks

use crate::value::Value;

/// Something that AWS can make.
pub trait Resource {
    /// CloudFormation's type, or `None` for what CloudFormation has no resource for: the deployment
    /// then does it in a step of its own.
    const CFN: Option<&'static str>;
    /// Terraform's type.
    const TF: &'static str;
    /// Whether both engines can put tags on it.
    const TAGGABLE: bool;
    /// Its properties.
    fn body(self) -> Body;
}

/// The properties of a resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// By CloudFormation's names, in the order that people expect.
    pub properties: Vec<(&'static str, Value)>,
}

impl Body {
    /// No properties.
    pub fn new() -> Self {
        Body::default()
    }

    /// Adds a property.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.properties.push((name, value.into()));
        self
    }

    /// Adds a property if it has a value.
    #[must_use]
    pub fn set_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Adds a list of handles, unless it is empty.
    #[must_use]
    pub fn set_list<'a, T: 'a>(self, name: &'static str, items: &'a [T]) -> Self
    where
        Value: From<&'a T>,
    {
        if items.is_empty() {
            self
        } else {
            self.set(name, items.iter().map(Value::from).collect::<Vec<_>>())
        }
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

/// Writes the constants of a [`Resource`]; the body stays to be written by hand.
macro_rules! resource {
    ($type:ident, $cfn:expr, $tf:literal, taggable: $taggable:literal, |$self:ident| $body:expr) => {
        impl crate::resource::Resource for $type {
            const CFN: Option<&'static str> = $cfn;
            const TF: &'static str = $tf;
            const TAGGABLE: bool = $taggable;

            fn body($self) -> crate::resource::Body {
                $body
            }
        }
    };
}
pub(crate) use resource;

/// Every type that a template can hold, as (CloudFormation, Terraform), for the schemas.
#[expect(clippy::too_many_lines, reason = "a list")]
pub fn types() -> Vec<(Option<&'static str>, &'static str)> {
    fn of<R: Resource>() -> (Option<&'static str>, &'static str) {
        (R::CFN, R::TF)
    }
    vec![
        of::<vpc::Vpc>(),
        of::<vpc::Subnet>(),
        of::<vpc::InternetGateway>(),
        of::<vpc::InternetGatewayAttachment>(),
        of::<vpc::RouteTable>(),
        of::<vpc::Route>(),
        of::<vpc::RouteTableAssociation>(),
        of::<vpc::ElasticIp>(),
        of::<vpc::NatGateway>(),
        of::<vpc::DhcpOptions>(),
        of::<vpc::DhcpOptionsAssociation>(),
        of::<security::SecurityGroup>(),
        of::<security::Ingress>(),
        of::<security::Egress>(),
        of::<security::DefaultSecurityGroup>(),
        of::<security::NetworkAcl>(),
        of::<security::NetworkAclEntry>(),
        of::<security::NetworkAclAssociation>(),
        of::<endpoint::VpcEndpoint>(),
        of::<transit::TransitGateway>(),
        of::<transit::Attachment>(),
        of::<transit::TransitRouteTable>(),
        of::<transit::Association>(),
        of::<transit::Propagation>(),
        of::<transit::VpnAssociation>(),
        of::<transit::VpnPropagation>(),
        of::<transit::PeeringConnection>(),
        of::<transit::PeeringAccepter>(),
        of::<vpn::VpnGateway>(),
        of::<vpn::VpnGatewayAttachment>(),
        of::<vpn::RoutePropagation>(),
        of::<vpn::CustomerGateway>(),
        of::<vpn::VpnConnection>(),
        of::<flow::LogGroup>(),
        of::<flow::FlowLog>(),
        of::<iam::Role>(),
        of::<iam::ManagedPolicy>(),
        of::<iam::RolePolicy>(),
        of::<iam::InstanceProfile>(),
        of::<autoscaling::LaunchTemplate>(),
        of::<autoscaling::AutoScalingGroup>(),
        of::<autoscaling::ScalingPolicy>(),
        of::<balance::NetworkLoadBalancer>(),
        of::<balance::TcpTargetGroup>(),
        of::<balance::TcpListener>(),
        of::<api::Account>(),
        of::<api::RestApi>(),
        of::<api::VpcLink>(),
        of::<api::ProxyResource>(),
        of::<api::Method>(),
        of::<api::Integration>(),
        of::<api::Deployment>(),
        of::<api::Stage>(),
        of::<api::MethodSettings>(),
        of::<api::UsagePlan>(),
        of::<api::ApiKey>(),
        of::<api::UsagePlanKey>(),
        of::<firewall::WebAcl>(),
        of::<firewall::WebAclAssociation>(),
        of::<queue::Queue>(),
        of::<queue::QueuePolicy>(),
        of::<dynamodb::Table>(),
        of::<dynamodb::TableItem>(),
        of::<database::SubnetGroup>(),
        of::<database::Parameters>(),
        of::<database::Cluster>(),
        of::<database::Instance>(),
        of::<metric::MetricFilter>(),
        of::<metric::Alarm>(),
        of::<ssm::Parameter>(),
        of::<group::Group>(),
        of::<organizations::OrganizationalUnit>(),
        of::<organizations::Account>(),
        of::<organizations::Policy>(),
        of::<organizations::PolicyAttachment>(),
        of::<budget::Budget>(),
        of::<stackset::StackSet>(),
        of::<stackset::StackSetInstance>(),
        of::<share::ResourceShare>(),
        of::<share::SharedResource>(),
        of::<share::SharedWith>(),
        of::<balancer::LoadBalancer>(),
        of::<balancer::Listener>(),
        of::<balancer::TargetGroup>(),
        of::<balancer::ListenerRule>(),
        of::<ecs::Namespace>(),
        of::<ecs::Cluster>(),
        of::<ecs::TaskDefinition>(),
        of::<ecs::Service>(),
        of::<ecs::CapacityProvider>(),
        of::<ecs::CapacityAssociations>(),
        of::<scaling::ScalableTarget>(),
        of::<scaling::TargetTracking>(),
        of::<lambda::Function>(),
        of::<lambda::AlarmPermission>(),
        of::<lambda::CpuAlarm>(),
        of::<secret::Secret>(),
        of::<secret::SecretValue>(),
        of::<s3::Bucket>(),
        of::<s3::Ownership>(),
        of::<s3::Closed>(),
        of::<s3::Versions>(),
        of::<s3::Encryption>(),
        of::<s3::Lifecycle>(),
        of::<s3::Locked>(),
        of::<s3::BucketPolicy>(),
        of::<kms::Key>(),
        of::<kms::Alias>(),
        of::<sns::Topic>(),
        of::<sns::TopicPolicy>(),
        of::<sns::Subscription>(),
        of::<events::Rule>(),
        of::<events::RuleTarget>(),
        of::<backup::Vault>(),
        of::<backup::Plan>(),
        of::<backup::Selection>(),
        of::<backup::VaultLock>(),
        of::<backup::RestoreTestingPlan>(),
        of::<backup::RestoreTestingSelection>(),
        of::<queue::QueueSource>(),
        of::<watch::Watch>(),
        of::<watch::QuotaWatch>(),
        of::<watch::ErrorFilter>(),
        of::<watch::LogStream>(),
        of::<watch::Dashboard>(),
        of::<audit::Trail>(),
        of::<audit::Recorder>(),
        of::<audit::DeliveryChannel>(),
        of::<audit::RecorderStatus>(),
        of::<audit::ManagedRule>(),
        of::<audit::Analyzer>(),
        of::<cognito::UserPool>(),
        of::<cognito::PoolPermission>(),
        of::<cognito::Domain>(),
        of::<cognito::Client>(),
        of::<cognito::Group>(),
        of::<cognito::SamlProvider>(),
        of::<cognito::OidcProvider>(),
        of::<cognito::IdentityPool>(),
        of::<cognito::PoolRole>(),
        of::<cognito::PrincipalTag>(),
        of::<resolver::DomainList>(),
        of::<resolver::RuleGroup>(),
        of::<resolver::Rule>(),
        of::<resolver::RuleGroupAssociation>(),
        of::<resolver::QueryLog>(),
        of::<resolver::QueryLogAssociation>(),
        of::<detect::Detector>(),
        of::<detect::Hub>(),
        of::<detect::Standard>(),
        of::<detect::Inspector>(),
        of::<hsm::HsmCluster>(),
        of::<cost::CostCategory>(),
        of::<bus::EventBus>(),
        of::<bus::StreamRule>(),
        of::<bus::StreamTarget>(),
        of::<bus::StreamSource>(),
        of::<dynamodb::ExpiringTable>(),
        of::<route::Path>(),
        of::<route::FunctionMethod>(),
        of::<route::FunctionIntegration>(),
        of::<route::ApiPermission>(),
        of::<delivery::Repository>(),
        of::<delivery::Project>(),
        of::<delivery::Pipeline>(),
        of::<codedeploy::Application>(),
        of::<codedeploy::DeploymentGroup>(),
        of::<codedeploy::ReleaseAlarm>(),
        of::<image::Component>(),
        of::<image::Recipe>(),
        of::<image::Infrastructure>(),
        of::<image::Distribution>(),
        of::<image::ImagePipeline>(),
        of::<image::Image>(),
        of::<stream::Stream>(),
        of::<stream::LogStream>(),
        of::<stream::Delivery>(),
        of::<lake::Database>(),
        of::<lake::Table>(),
        of::<lake::WorkGroup>(),
        of::<lake::NamedQuery>(),
        of::<warehouse::Namespace>(),
        of::<warehouse::Workgroup>(),
        of::<warehouse::SparkApplication>(),
        of::<notebook::Domain>(),
        of::<notebook::UserProfile>(),
    ]
}

/// Terraform's data sources, which no resource says.
const DATA: [&str; 4] = ["aws_caller_identity", "aws_partition", "aws_region", "aws_ssm_parameter"];

/// Every type that is written, as it stands in `schemas/types.txt`.
pub fn list() -> String {
    let mut cfn: Vec<String> =
        types().iter().filter_map(|(kind, _)| kind.map(str::to_owned)).collect();
    let mut tf: Vec<String> = types().iter().map(|(_, kind)| (*kind).to_owned()).collect();
    for kinds in [&mut cfn, &mut tf] {
        kinds.sort_unstable();
        kinds.dedup();
    }
    let data = DATA.iter().map(|kind| format!("data {kind}"));
    let head =
        ["# The types that are written: `tenantry schema --types`. Read by refresh.py.".to_owned()];
    let lines = head.into_iter().chain(cfn).chain(tf).chain(data);
    lines.map(|line| line + "\n").collect()
}
