//! A pool: the application behind an internal load balancer, its queue, the catalogue of its tenants
//! and, of `DynamoDB`, the tables that they share.

use crate::blueprint::shape::{App, DataEngine, DataPartition};
use crate::model::application::ground::{self, Ground};
use crate::model::application::{edge, parted, roles, service, tables};
use crate::model::{cell, container};
use crate::plan::Zone;
use crate::resource::autoscaling::{AutoScalingGroup, Health, LaunchTemplate, ScalingPolicy};
use crate::resource::balance::{NetworkLoadBalancer, Targets, TcpListener, TcpTargetGroup};
use crate::resource::dynamodb::Table;
use crate::resource::iam::{InstanceProfile, Role};
use crate::resource::queue::{Queue, QueuePolicy, encrypted_only};
use crate::spec::{Spec, Tier, start};
use crate::template::{NAME, Template};
use crate::value::{Id, Value, join, param};

/// What the name of the catalogue ends with, behind that of the stack.
pub const CATALOGUE: &str = "-catalogue";

/// The image that instances have unless the tier names one. Source:
/// <https://docs.aws.amazon.com/linux/al2023/ug/ec2.html>.
pub const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

/// What hands requests to the application.
const LISTENER: &str = "Listener";

/// The size of the root volume of instances of that image, in GiB; the image itself takes 8.
const VOLUME: u16 = 16;

/// The template of the pools of a tier.
pub fn template(shape: &str, spec: &Spec, tier: &Tier, zones: &[Zone]) -> Template {
    let about = format!("A pool of tier {}: one application for all its tenants.", tier.id);
    let mut t = cell::bare(shape, about, spec, tier);
    let ground = ground::given(&mut t, zones);
    let (queue, catalogue) = (queue(&mut t), catalogue(&mut t));
    let runs = if tier.app.is_some() { "ec2" } else { "ecs-tasks" };
    let role = roles::app_role(&mut t, runs);
    roles::app_policy(&mut t, spec, &role, &catalogue, &queue);
    let shared = shared_tables(&mut t, tier);
    if parted(tier).0 == DataEngine::Dynamodb {
        let data = roles::data_role(&mut t, &role, parted(tier).1, &shared);
        roles::enter(&mut t, &role, &data);
        let arn = data.att("Arn");
        cell::publish(
            &mut t,
            spec,
            "data-role-arn",
            "By which the application works for a tenant",
            arn,
        );
    }
    cell::publish(&mut t, spec, "queue-url", "The queue of the application", Value::from(&queue));
    cell::publish(&mut t, spec, "catalogue-table", "Who the tenants are", Value::from(&catalogue));
    if ground::has_data_layer(tier) {
        let name = Value::from(&role);
        cell::publish(&mut t, spec, "app-role-name", "The role of the application", name);
        let arn = role.att("Arn");
        cell::publish(&mut t, spec, "app-role-arn", "The ARN of that role", arn);
    }
    let (balancer, targets) = balancer(&mut t, tier, &ground);
    if let Some(app) = &tier.app {
        let running = Running { role, targets };
        instances(&mut t, spec, tier, app, &ground, running);
    } else if let Some(meant) = tier.services.values().next() {
        let running = service::Running {
            role,
            execution: container::role::execution(&mut t, spec, tier),
            targets: targets.logical().expect("it is here").clone(),
            listener: LISTENER.to_owned(),
            port: ground::port(tier),
        };
        service::service(&mut t, spec, meant, &ground, &running);
    }
    edge::interface(&mut t, spec, tier, &balancer);
    t
}

/// What the instances of the application are made with.
struct Running {
    role: Id<Role>,
    targets: Id<TcpTargetGroup>,
}

fn balancer(
    t: &mut Template,
    tier: &Tier,
    ground: &Ground,
) -> (Id<NetworkLoadBalancer>, Id<TcpTargetGroup>) {
    let (subnets, group) = (ground.subnets.clone(), ground.balancer.clone());
    let balancer = NetworkLoadBalancer { subnets, group };
    let balancer = t.add("LoadBalancer", balancer);
    let instances = tier.app.as_ref().map(|app| app.health_check.as_deref().unwrap_or("/health"));
    let tasks = tier.services.values().find_map(|service| service.health_check.as_deref());
    let group = TcpTargetGroup {
        vpc: ground.vpc.clone(),
        port: ground::port(tier),
        targets: if tier.app.is_some() { Targets::Instance } else { Targets::Ip },
        health: instances.or(tasks).unwrap_or("/").to_owned(),
    };
    let targets = t.add("TargetGroup", group);
    let listener =
        TcpListener { balancer: balancer.clone(), port: edge::PORT, targets: targets.clone() };
    t.add(LISTENER, listener);
    (balancer, targets)
}

fn instances(
    t: &mut Template,
    spec: &Spec,
    tier: &Tier,
    app: &App,
    ground: &Ground,
    running: Running,
) {
    let what = &app.instances;
    let profile = t.add("InstanceProfile", InstanceProfile { role: running.role });
    let mut tags = vec![("Name".to_owned(), join([param(NAME), "-app".into()]))];
    tags.extend(t.tags.iter().cloned());
    let template = LaunchTemplate {
        // Of an image of somebody's own, nobody here knows the size.
        volume: what.image_parameter.is_none().then_some(VOLUME),
        image_parameter: what.image_parameter.clone().unwrap_or_else(|| IMAGE.to_owned()),
        profile,
        groups: vec![ground.app.clone()],
        user_data: start::user_data(spec, tier, app),
        tags,
    };
    let template = t.add("LaunchTemplate", template);
    let spot = what.spot_percent.unwrap_or(0);
    let group = AutoScalingGroup {
        template,
        types: what.types.clone(),
        subnets: ground.subnets.clone(),
        bounds: (what.min, what.max),
        on_demand_base: what.on_demand_base.unwrap_or(what.min),
        spot_percent: spot,
        target_groups: vec![Value::from(&running.targets)],
        health: Health::LoadBalancer,
        protected: false,
    };
    let group = t.add("AppGroup", group);
    t.add("AppScaling", ScalingPolicy { group, cpu: app.target_cpu.unwrap_or(60) });
}

/// The queue of the application, and where messages go that nobody could process.
fn queue(t: &mut Template) -> Id<Queue> {
    let dead = t.add_kept("DeadLetterQueue", Queue { dead: None, hidden: None });
    let queue = t.add_kept("Queue", Queue { dead: Some(dead.clone()), hidden: None });
    for (id, queue) in [("DeadLetterQueuePolicy", dead), ("QueuePolicy", queue.clone())] {
        let policy = QueuePolicy { document: encrypted_only(&queue), queue };
        t.add(id, policy);
    }
    queue
}

fn catalogue(t: &mut Template) -> Id<Table> {
    let name = join([param(NAME), CATALOGUE.into()]);
    t.add_kept("Catalogue", Table { name, key: (super::catalogue::KEY, None) })
}

/// The tables that tenants share: the first part of every key is the tenant.
fn shared_tables(t: &mut Template, tier: &Tier) -> Vec<Id<Table>> {
    if parted(tier) != (DataEngine::Dynamodb, DataPartition::Item) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for table in tables(tier) {
        let name = join([param(NAME), format!("-{table}").into()]);
        let id = format!("{}Table", crate::name::pascal(table));
        t.unit = Some(table.clone());
        out.push(t.add_kept(id, Table { name, key: ("tenant", Some("id")) }));
    }
    t.unit = None;
    out
}
