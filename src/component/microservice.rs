//! Small services beside the application of a pool: for each a route on the interface, a queue with a
//! dead-letter queue, and a function that fills and works off the queue. They stand in the stack of
//! the pool, as its interface does.

use crate::blueprint::shape::component::{Microservice, SmallService};
use crate::component::role;
use crate::model::application::edge;
use crate::model::cell;
use crate::name::pascal;
use crate::plan::Plan;
use crate::resource::Body;
use crate::resource::api::{RestApi, deployment_id};
use crate::resource::flow::LogGroup;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::lambda::{Function, Size};
use crate::resource::metric::Alarm;
use crate::resource::queue::{Queue, QueuePolicy, QueueSource, encrypted_only};
use crate::resource::route::{ApiPermission, Caller, FunctionIntegration, FunctionMethod, Path};
use crate::spec::Spec;
use crate::template::{CORE, Estate, Template};
use crate::value::{Id, LogicalId, Value, arn, join, param};

/// The code to begin with.
const CODE: &str = include_str!("microservice/skeleton.py");

/// The service of an empty block.
const USUAL: &str = "jobs";

/// Seconds that a message may take, where nothing else is said.
const SECONDS: u32 = 30;

/// How much longer than its function a message is hidden from others. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
const HIDDEN: u32 = 6;

/// Adds the services to the pools of each tier that has some.
pub fn synthesise(spec: &Spec, _: &Plan, estate: &mut Estate) {
    for tier in spec.tiers.values() {
        let Some(block) = &tier.components.microservice else { continue };
        let prefix = format!("cell-{}", tier.id);
        let stacks = estate.stacks.iter().filter(|s| s.tier.as_ref() == Some(&tier.id));
        let mut shapes: Vec<String> = stacks.map(|stack| stack.shape.clone()).collect();
        shapes.retain(|shape| shape.starts_with(&prefix));
        shapes.sort_unstable();
        shapes.dedup();
        for shape in shapes {
            let template = estate.templates.get_mut(&shape).expect("the shape is there");
            // Monitoring watches every dead-letter queue.
            add(template, spec, block, tier.components.monitoring.is_some());
        }
    }
}

/// Adds the services before the deployment of the interface, which is made anew with them.
fn add(t: &mut Template, spec: &Spec, block: &Microservice, watched: bool) {
    let at = t.entries.iter().position(|entry| entry.tf == "aws_api_gateway_deployment");
    let mut tail = t.entries.split_off(at.expect("a pool has an interface"));
    let usual = [(USUAL.to_owned(), SmallService::default())];
    let services: Vec<(String, SmallService)> = if block.services.is_empty() {
        usual.into()
    } else {
        block.services.iter().map(|(name, service)| (name.clone(), service.clone())).collect()
    };
    let mut methods = Vec::new();
    for (name, service) in &services {
        methods.extend(one(t, spec, (name, service), watched));
    }
    // Another interface is another deployment, and the stage serves that.
    let is_method = |tf: &str| tf == "aws_api_gateway_method";
    let bodies: Vec<Body> =
        t.entries.iter().filter(|e| is_method(e.tf)).map(|e| e.body.clone()).collect();
    let now = deployment_id(&bodies);
    let before = std::mem::replace(&mut tail[0].id, now.clone());
    tail[0].after.extend(methods);
    for entry in &mut tail {
        for (_, value) in &mut entry.body.properties {
            if *value == Value::Ref(before.clone()) {
                *value = Value::Ref(now.clone());
            }
        }
    }
    t.entries.append(&mut tail);
    edge::keep_room(t, services.len());
}

/// Adds a service; what the deployment waits for.
fn one(
    t: &mut Template,
    spec: &Spec,
    (name, service): (&str, &SmallService),
    watched: bool,
) -> [LogicalId; 2] {
    let id = format!("Service{}", pascal(name));
    let seconds = service.timeout.unwrap_or(SECONDS);
    let hidden = Some(seconds * HIDDEN);
    t.unit = Some(name.to_owned());
    let dead = t.add_kept(format!("{id}DeadLetterQueue"), Queue { dead: None, hidden: None });
    let queue = t.add_kept(format!("{id}Queue"), Queue { dead: Some(dead.clone()), hidden });
    for (what, queue) in [("DeadLetterQueue", &dead), ("Queue", &queue)] {
        let document = encrypted_only(queue);
        t.add(format!("{id}{what}Policy"), QueuePolicy { queue: queue.clone(), document });
    }
    let function = function(t, spec, &id, (name, service), &queue);
    let source = QueueSource { queue: queue.clone(), function: function.clone() };
    t.add(format!("{id}Source"), source);
    if !watched {
        stuck(t, &id, &dead);
    }
    // The interface needs its routes and they need it, so they stand where it does, and it behind the
    // services. What needs both stands behind both.
    let access = Some(format!("{name}/access"));
    t.unit.clone_from(&access);
    app_may_send(t, &id, &queue);
    t.unit = Some(name.to_owned());
    let key = format!("service-{name}-queue-url");
    cell::publish(t, spec, &key, "The queue of a small service", Value::from(&queue));
    t.unit = Some(CORE.to_owned());
    let methods = route(t, &id, name, &function);
    t.unit = access;
    t.add(format!("{id}Permission"), ApiPermission { function, api: Id::resource("Api") });
    t.unit = None;
    methods
}

fn function(
    t: &mut Template,
    spec: &Spec,
    id: &str,
    (name, service): (&str, &SmallService),
    queue: &Id<Queue>,
) -> Id<Function> {
    let about = "Takes requests in, and works off the queue of a small service";
    let logs = t.add_kept(format!("{id}LogGroup"), LogGroup { days: spec.network.flow_log_days });
    let role = role::of_service(t, &format!("{id}Role"), about, "lambda", &[]);
    let keys = join([spec.parameter("cell/").into(), param("Cell"), "/key/".into()]);
    let parameters = arn("ssm", join(["parameter".into(), keys.clone(), "*".into()]));
    let work = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ];
    let streams = join([logs.att("Arn"), ":*".into()]);
    let policy = format!("{id}RolePolicy");
    let statements = vec![
        role::statement(&work, vec![queue.att("Arn")]),
        role::statement(&["ssm:GetParameter"], vec![parameters]),
        role::statement(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams]),
    ];
    role::allow(t, &policy, &role, statements);
    let function = Function {
        description: about,
        role,
        code: CODE,
        variables: vec![
            ("KEYS".to_owned(), keys),
            ("QUEUE".to_owned(), Value::from(queue)),
            ("SERVICE".to_owned(), name.into()),
        ],
        logs,
        size: Some(Size {
            memory: service.memory,
            seconds: service.timeout,
            at_once: service.concurrency,
        }),
    };
    t.add_after(format!("{id}Function"), function, &[&policy])
}

/// Somebody must look at what nobody could work off.
fn stuck(t: &mut Template, id: &str, dead: &Id<Queue>) {
    let alarm = Alarm {
        description: "A small service could not work off a message",
        namespace: "AWS/SQS".into(),
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", dead.att("QueueName"))],
        threshold: 1,
    };
    t.add(format!("{id}StuckAlarm"), alarm);
}

/// The application of the pool may hand work to the service, too.
fn app_may_send(t: &mut Template, id: &str, queue: &Id<Queue>) {
    let send = role::statement(&["sqs:SendMessage"], vec![queue.att("Arn")]);
    let policy = RolePolicy {
        role: Id::<Role>::resource("AppRole"),
        name: format!("send-to-{}", crate::name::snake(id).replace('_', "-")),
        document: document(vec![send]),
    };
    t.add(format!("{id}SendPolicy"), policy);
}

fn route(t: &mut Template, id: &str, name: &str, function: &Id<Function>) -> [LogicalId; 2] {
    let api: Id<RestApi> = Id::resource("Api");
    let path = Path { api: api.clone(), parent: api.att("RootResourceId"), part: name.to_owned() };
    let path = t.add(format!("{id}Path"), path);
    let of = FunctionMethod {
        api: api.clone(),
        path: Value::from(&path),
        verb: "POST",
        caller: Caller::Keyed,
        function: function.clone(),
    };
    let method = t.add(format!("{id}Method"), of.clone());
    t.add(format!("{id}Integration"), FunctionIntegration { method, of });
    [format!("{id}Method"), format!("{id}Integration")]
}
