//! The whitepaper's figure 12: an alarm on the CPU of a service calls a function that starts one
//! more task, and another alarm one that stops one. Target tracking does the same with less; this
//! is for those who want to change how a step is taken.

use serde_json::{Map, json};

use crate::blueprint::shape::Service as Meant;
use crate::model::container::role::allow;
use crate::model::container::tenant::TARGET_CPU;
use crate::model::container::word::word;
use crate::name::snake;
use crate::resource::Resource as _;
use crate::resource::ecs::Service;
use crate::resource::flow::LogGroup;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::lambda::{self, AlarmPermission, CpuAlarm, Function, Rings};
use crate::spec::{Spec, workload};
use crate::template::{NAME, Spread, Template};
use crate::value::{Id, Value, arn, join, param};

/// The function, as it is tested.
pub const CODE: &str = include_str!("step.py");

/// The two alarms of a service: what their ids end with, which way a step goes, and for how many
/// minutes the CPU must be so. Less comes later than more: a lull is often followed by the next rush.
const ALARMS: [(&str, Rings, i64, u16); 2] =
    [("HighAlarm", Rings::Above, 1, 3), ("LowAlarm", Rings::Below, -1, 15)];

/// A service that is scaled so: its name, what is meant, and itself.
pub type Ringing<'a> = (&'a str, &'a Meant, Id<Service>);

/// Adds the function of a tenant and the alarms of its services.
pub fn add(t: &mut Template, spec: &Spec, services: &[Ringing<'_>]) {
    if services.is_empty() {
        return;
    }
    let (role, logs, function) = function(t, spec, services);
    let mut items = Vec::new();
    for (name, meant, service) in services {
        t.unit = Some((*name).to_owned());
        let alarms = ALARMS.map(|(id, rings, _, minutes)| {
            alarm(t, name, meant, service, (id, rings, minutes), &function).att("Arn")
        });
        let all = [Value::from(service)].into_iter().chain(alarms).collect();
        let id = service.logical().expect("it is a resource here").clone();
        items.push((id, Value::List(all)));
    }
    t.unit = None;
    // CloudFormation's ARN of a log group ends with `:*`, Terraform's does not; its streams are meant.
    let streams = arn("logs", join(["log-group:".into(), Value::from(&logs), ":*".into()]));
    let all: Vec<Value> = items.iter().map(|(_, item)| item.clone()).collect();
    t.add("StepRolePolicy", policy(&Value::from(&role), &streams, &all, 1));
    let fixed = vec![Value::from(&role), streams];
    t.spread_last(Spread {
        fixed,
        items,
        make: |fixed, items, part| policy(&fixed[0], &fixed[1], items, part).body(),
    });
}

/// What the function may do: with the services and alarms of one part of a template.
fn policy(role: &Value, streams: &Value, items: &[Value], part: u32) -> RolePolicy {
    let (mut services, mut alarms) = (Vec::new(), Vec::new());
    for item in items {
        let Value::List(all) = item else { unreachable!("a service and its alarms") };
        services.push(all[0].clone());
        alarms.extend_from_slice(&all[1..]);
    }
    let mut statements = vec![
        Value::Map(allow(&["ecs:DescribeServices", "ecs:UpdateService"], services)),
        Value::Map(allow(&["cloudwatch:SetAlarmState"], alarms)),
    ];
    let mut name = "take-steps".to_owned();
    if part == 1 {
        let write = ["logs:CreateLogStream", "logs:PutLogEvents"];
        statements.push(Value::Map(allow(&write, vec![streams.clone()])));
    } else {
        name = format!("{name}-{part}");
    }
    RolePolicy { role: Id::from_value(role.clone()), name, document: document(statements) }
}

/// The tail of an alarm's name: that of its id, as its `Name` tag has it.
fn tail(id: &str) -> String {
    snake(id).replace('_', "-")
}

fn function(
    t: &mut Template,
    spec: &Spec,
    services: &[Ringing<'_>],
) -> (Id<Role>, Id<LogGroup>, Id<Function>) {
    let description = "Starts and stops tasks of one tenant when its alarms ring";
    let role = t.add("StepRole", Role { description, trust: lambda::trust(), managed: Vec::new() });
    let days = spec.network.flow_log_days;
    let logs = t.add_kept("StepFunctionLogs", LogGroup { days });
    let mut steps = Map::new();
    for (name, meant, _) in services {
        let (least, most) = workload::bounds(&meant.scale);
        for (id, rings, step, _) in ALARMS {
            let bound = if rings == Rings::Above { most } else { least };
            steps.insert(tail(&format!("{}{id}", word(name))), json!([step, bound]));
        }
    }
    let variables = vec![
        ("PREFIX".to_owned(), join([param(NAME), "-".into()])),
        ("STEPS".to_owned(), json!(steps).to_string().into()),
    ];
    let code = CODE;
    let function = Function {
        description,
        role: role.clone(),
        code,
        variables,
        logs: logs.clone(),
        size: None,
    };
    (role, logs, t.add("StepFunction", function))
}

fn alarm(
    t: &mut Template,
    name: &str,
    meant: &Meant,
    service: &Id<Service>,
    (id, rings, minutes): (&str, Rings, u16),
    function: &Id<Function>,
) -> Id<CpuAlarm> {
    let id = format!("{}{id}", word(name));
    let high = meant.scale.target_cpu.unwrap_or(TARGET_CPU);
    // One of two that stops doubles the CPU of the other: below half, that is not too much.
    let (threshold, description) = match rings {
        Rings::Above => (high, "Starts one more task"),
        Rings::Below => (high / 2, "Stops one task"),
    };
    let alarm = CpuAlarm {
        name: join([param(NAME), format!("-{}", tail(&id)).into()]),
        description,
        cluster: param("ClusterName"),
        service: service.att("Name"),
        rings,
        threshold,
        minutes,
        calls: function.clone(),
    };
    let alarm = t.add(id.clone(), alarm);
    let permission = AlarmPermission { function: function.clone(), alarm: alarm.att("Arn") };
    t.add(format!("{id}Permission"), permission);
    alarm
}
