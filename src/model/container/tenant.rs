//! What each tenant has: services in a security group of its own, under a role of its own, behind
//! its own rules of the shared load balancer.

use crate::blueprint::shape::{ScaleBy, Service as Meant};
use crate::model::container::word::word;
use crate::model::container::{alarm, cluster, ports, priority, reached, role};
use crate::model::network::{ANYWHERE, HTTPS, numbered};
use crate::model::{cell, identity, vpc};
use crate::name::fit;
use crate::plan::{Plan, Zone};
use crate::resource::balancer::{ListenerRule, TargetGroup};
use crate::resource::ecs::{Launch, Reached, Service, TaskDefinition};
use crate::resource::flow::LogGroup;
use crate::resource::iam::Role;
use crate::resource::scaling::{Metric, ScalableTarget, TargetTracking};
use crate::resource::secret::{Secret, SecretValue};
use crate::resource::security::{Egress, Ingress, Peer, SecurityGroup, Traffic};
use crate::spec::{Spec, Tenant, Tier, workload};
use crate::template::{Stack, Template};
use crate::value::{Id, LogicalId, Pseudo, Value, block, join, map, param};

/// The most characters of a name in a namespace of Service Connect. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html>.
const DISCOVERY_MAX: usize = 64;

/// What a tenant reads of its cell: the parameter, its type, what it is, and its path there.
type Import = (String, &'static str, &'static str, String);

fn imports(tier: &Tier, zones: &[Zone]) -> Vec<Import> {
    let text = |name: &str, what, path: &str| (name.to_owned(), "String", what, path.to_owned());
    let mut all =
        vec![("VpcId".to_owned(), "AWS::EC2::VPC::Id", "The VPC of the cell", "vpc-id".to_owned())];
    for zone in zones {
        let name = numbered("PrivateSubnetId", zone);
        let what = "A private subnet of the cell";
        all.push((name, "AWS::EC2::Subnet::Id", what, cluster::subnet_path(zone)));
    }
    all.push(text("ClusterName", "The cluster of the cell", "cluster-name"));
    all.push(text("NamespaceArn", "Where services find each other", "namespace-arn"));
    all.push(text("ExecutionRoleArn", "The role that starts tasks", "execution-role-arn"));
    if reached(tier).next().is_some() {
        all.push(text("ListenerArn", "The listener of the cell", "listener-arn"));
        let what = "The group of the load balancer";
        let kind = "AWS::EC2::SecurityGroup::Id";
        let path = "load-balancer-group-id".to_owned();
        all.push(("LoadBalancerGroupId".to_owned(), kind, what, path));
    }
    if reached(tier).any(|(_, service, _)| service.scale.target_requests.is_some()) {
        let what = "The load balancer, as metrics name it";
        all.push(text("LoadBalancerFullName", what, "load-balancer-full-name"));
    }
    if tier.hosts.is_some() {
        let what = "The instances of the cell, as services ask for them";
        all.push(text("CapacityProvider", what, cluster::CAPACITY));
    }
    all
}

/// The template of a tenant.
pub fn template(shape: &str, spec: &Spec, tier: &Tier, zones: &[Zone]) -> Template {
    let about = format!("A tenant of tier {}: services of its own in a cell.", tier.id);
    let mut t = Template::new(shape, about);
    identity::tag_tenant(&mut t, spec, tier);
    for (name, kind, what, _) in imports(tier, zones) {
        t.imported(&name, kind, what);
    }
    if reached(tier).next().is_some() {
        t.param("HostName", "The host name of the tenant");
    }
    for (name, ..) in reached(tier) {
        let about = format!("The priority of the rule of service {name}, unique in the cell");
        t.param(&format!("{}Priority", word(name)), about);
        let about = format!("The name of service {name} in the namespace, unique there");
        t.param(&format!("{}DiscoveryName", word(name)), about);
    }
    let group = group(&mut t, tier);
    let task_role = role::task(&mut t, spec);
    let launch = match tier.hosts {
        Some(_) => Launch::Provider(param("CapacityProvider")),
        None => Launch::Fargate,
    };
    let subnets = zones.iter().map(|zone| param(&numbered("PrivateSubnetId", zone))).collect();
    let ground = Ground { group, task_role, launch, subnets };
    let mut ringing = Vec::new();
    for (name, meant) in &tier.services {
        t.unit = Some(name.clone());
        let service = service(&mut t, spec, name, meant, &ground);
        scale(&mut t, name, meant, &service);
        if meant.scale.by == ScaleBy::Alarm {
            ringing.push((name.as_str(), meant, service.service));
        }
    }
    t.unit = None;
    alarm::add(&mut t, spec, &ringing);
    vpc::resource_group(&mut t);
    if reached(tier).next().is_some() {
        t.output("HostName", "The host name of the tenant", param("HostName"));
    }
    t.output("SecurityGroupId", "The group of its services", ground.group.att("GroupId"));
    t.output("TaskRoleArn", "What its containers may do", ground.task_role.att("Arn"));
    t
}

/// What all services of a tenant stand on.
struct Ground {
    group: Id<SecurityGroup>,
    task_role: Id<Role>,
    launch: Launch,
    subnets: Vec<Value>,
}

/// The wall round a tenant: only the load balancer comes in, and the tenant's own services reach
/// each other.
fn group(t: &mut Template, tier: &Tier) -> Id<SecurityGroup> {
    let description = "The services of one tenant";
    let group = t.add("SecurityGroup", SecurityGroup { vpc: Id::param("VpcId"), description });
    identity::display_name(t);
    let own = || Peer::Group(group.clone());
    for port in ports(tier) {
        let traffic = Traffic::Tcp(port);
        let mut ingress = |id: &str, from, description| {
            let rule = Ingress { group: group.clone(), from, traffic, description };
            t.add(format!("{id}{port}"), rule);
        };
        let balancer = Peer::GroupId(param("LoadBalancerGroupId"));
        ingress("IngressLoadBalancer", balancer, "From the load balancer");
        if tier.services.len() > 1 {
            ingress("IngressOwn", own(), "From other services of the tenant");
            let description = "To other services of the tenant";
            let rule = Egress { group: group.clone(), to: own(), traffic, description };
            t.add(format!("EgressOwn{port}"), rule);
        }
    }
    let rule = Egress {
        group: group.clone(),
        to: Peer::Cidr(ANYWHERE.into()),
        traffic: Traffic::Tcp(HTTPS),
        description: "AWS services, shared services and the web",
    };
    t.add("EgressHttps", rule);
    group
}

/// A service that was added, and where requests to it go.
struct Added {
    service: Id<Service>,
    target_group: Option<Id<TargetGroup>>,
}

fn service(t: &mut Template, spec: &Spec, name: &str, meant: &Meant, ground: &Ground) -> Added {
    let word = word(name);
    let secrets = secrets(t, spec, name, meant);
    let days = spec.network.flow_log_days;
    let logs = t.add_kept(format!("{word}LogGroup"), LogGroup { days });
    let task = TaskDefinition {
        launch: ground.launch.clone(),
        cpu: meant.cpu,
        memory: meant.memory,
        task_role: ground.task_role.clone(),
        execution_role: param("ExecutionRoleArn"),
        container: container(name, meant, &logs, secrets),
    };
    let task = t.add(format!("{word}TaskDefinition"), task);
    // A role without its policy is a role that may do nothing yet.
    let mut after: Vec<LogicalId> = vec!["TaskRolePolicy".to_owned()];
    let way = meant.port.map(|port| way_in(t, name, meant, port, &mut after));
    let target_group = way.as_ref().map(|way| way.by.clone());
    let service = Service {
        cluster: param("ClusterName"),
        task,
        launch: ground.launch.clone(),
        subnets: ground.subnets.clone(),
        group: ground.group.clone(),
        namespace: param("NamespaceArn"),
        reached: way,
    };
    let after: Vec<&LogicalId> = after.iter().collect();
    Added { service: t.add_after(format!("{word}Service"), service, &after), target_group }
}

/// Adds a target group with its rule. A service must wait for the rule: until then its target group
/// has no load balancer, and ECS refuses it. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html>.
fn way_in(
    t: &mut Template,
    name: &str,
    meant: &Meant,
    port: u16,
    after: &mut Vec<LogicalId>,
) -> Reached {
    let word = word(name);
    let health_check = meant.health_check.clone().unwrap_or_else(|| "/".to_owned());
    let targets = TargetGroup { vpc: Id::param("VpcId"), port, health_check };
    let targets = t.add(format!("{word}TargetGroup"), targets);
    let rule = ListenerRule {
        listener: param("ListenerArn"),
        priority: param(&format!("{word}Priority")),
        host: param("HostName"),
        path: meant.path.clone(),
        to: targets.clone(),
    };
    let rule_id = format!("{word}ListenerRule");
    t.add(rule_id.clone(), rule);
    after.push(rule_id);
    Reached {
        by: targets,
        container: name.to_owned(),
        port,
        discovery: param(&format!("{word}DiscoveryName")),
        alias: join([format!("{name}.").into(), param("Tenant")]),
    }
}

/// Adds the secrets of a service: the name of each variable and the ARN of its secret.
fn secrets(t: &mut Template, spec: &Spec, name: &str, meant: &Meant) -> Vec<Value> {
    let mut names = meant.secrets.clone();
    names.sort_unstable();
    let mut out = Vec::new();
    for variable in names {
        let id = format!("{}Secret{}", word(name), word(&variable));
        let description = "A secret of one tenant, made with a random value";
        let path = role::path(spec, &format!("{name}/{variable}"));
        let secret = t.add_kept(id.clone(), Secret { name: path, description });
        t.add(format!("{id}Value"), SecretValue { secret: secret.clone() });
        out.push(block([("Name", variable.into()), ("ValueFrom", Value::from(&secret))]));
    }
    out
}

/// The container of a task, by ECS's names.
fn container(name: &str, meant: &Meant, logs: &Id<LogGroup>, secrets: Vec<Value>) -> Value {
    let pair = |name: &str, value: Value| block([("Name", name.into()), ("Value", value)]);
    let mut environment: Vec<Value> =
        meant.environment.iter().map(|(name, value)| pair(name, value.into())).collect();
    environment.push(pair(workload::TENANT, param("Tenant")));
    let mut out = vec![
        ("Name", name.into()),
        ("Image", Value::from(&meant.image)),
        ("Essential", true.into()),
        ("Environment", Value::List(environment)),
    ];
    if !secrets.is_empty() {
        out.push(("Secrets", Value::List(secrets)));
    }
    if let Some(port) = meant.port {
        let mapping = block([
            ("Name", name.into()),
            ("ContainerPort", port.into()),
            ("Protocol", "tcp".into()),
            ("AppProtocol", "http".into()),
        ]);
        out.push(("PortMappings", Value::List(vec![mapping])));
    }
    let options = map([
        ("awslogs-group", Value::from(logs)),
        ("awslogs-region", Pseudo::Region.into()),
        ("awslogs-stream-prefix", name.into()),
    ]);
    let logging = block([("LogDriver", "awslogs".into()), ("Options", options)]);
    out.push(("LogConfiguration", logging));
    Value::Block(out)
}

/// Average CPU to keep where nothing else is said, in percent.
pub const TARGET_CPU: u8 = 60;

fn scale(t: &mut Template, name: &str, meant: &Meant, added: &Added) {
    let (word, wanted) = (word(name), &meant.scale);
    let service =
        join(["service/".into(), param("ClusterName"), "/".into(), added.service.att("Name")]);
    let target_id = format!("{word}ScalableTarget");
    let bounds = workload::bounds(wanted);
    t.add(target_id.clone(), ScalableTarget { service: service.clone(), bounds });
    // An alarm calls a function that does the rest; the target still holds the bounds.
    if wanted.by == ScaleBy::Alarm {
        return;
    }
    let mut keep = |id: &str, name, metric, target| {
        let policy = TargetTracking { name, service: service.clone(), metric, target };
        t.add_after(format!("{word}{id}"), policy, &[&target_id]);
    };
    let cpu = wanted.target_cpu.unwrap_or(TARGET_CPU);
    keep("CpuPolicy", "cpu", Metric::Cpu, cpu.into());
    if let Some(memory) = wanted.target_memory {
        keep("MemoryPolicy", "memory", Metric::Memory, memory.into());
    }
    if let (Some(requests), Some(targets)) = (wanted.target_requests, &added.target_group) {
        let full = targets.att("TargetGroupFullName");
        let label = join([param("LoadBalancerFullName"), "/".into(), full]);
        keep("RequestPolicy", "requests", Metric::Requests(label), requests);
    }
}

/// The stack of a tenant.
pub fn stack(spec: &Spec, plan: &Plan, tenant: &Tenant, tier: &Tier, template: &Template) -> Stack {
    let placed = &plan.tenants[&tenant.id];
    let id = placed.cell.as_ref().expect("a tenant of isolation container has a cell");
    let ordinal = placed.ordinal.expect("and a number in it");
    let (mut stack, mut values) = identity::tenant_stack(spec, tenant, tier, &placed.account);
    values.set("TenantName", &tenant.name);
    for (name, .., path) in imports(tier, &plan.zones[&tenant.region]) {
        values.set(name, cell::path(spec, id, &path));
    }
    if reached(tier).next().is_some() {
        let host = workload::host(tenant, tier).expect("the tier has an ingress");
        values.set("HostName", host);
    }
    for (name, ..) in reached(tier) {
        let word = word(name);
        values.set(format!("{word}Priority"), priority(plan, tier, ordinal, name));
        // No name of a service holds an underscore, so no two tenants make the same name.
        let discovery = fit(&format!("{name}_{}", tenant.id), DISCOVERY_MAX);
        values.set(format!("{word}DiscoveryName"), discovery);
    }
    stack.depends_on.push(cell::key(id));
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}
