//! The whitepaper's figure 12: an alarm on the CPU of a service calls a function that starts one
//! more task, and another alarm one that stops one. Target tracking does the same with less; this
//! is for those who want to change how a step is taken.

use serde_json::{Map, json};

use crate::blueprint::shape::Service as Meant;
use crate::model::container::role::{allow, arn};
use crate::model::container::tenant::TARGET_CPU;
use crate::model::container::word::word;
use crate::name::snake;
use crate::resource::ecs::Service;
use crate::resource::flow::LogGroup;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::lambda::{self, AlarmPermission, CpuAlarm, Function, Rings};
use crate::spec::{Spec, workload};
use crate::template::{NAME, Template};
use crate::value::{Id, Value, join, param};

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
    let mut alarms = Vec::new();
    for (name, meant, service) in services {
        for (id, rings, _, minutes) in ALARMS {
            alarms.push(alarm(t, name, meant, service, (id, rings, minutes), &function));
        }
    }
    let services = services.iter().map(|(_, _, service)| Value::from(service)).collect();
    let names = alarms.iter().map(|alarm| alarm.att("Arn")).collect();
    // CloudFormation's ARN of a log group ends with `:*`, Terraform's does not; its streams are meant.
    let streams = arn("logs", join(["log-group:".into(), Value::from(&logs), ":*".into()]));
    let document = document(vec![
        Value::Map(allow(&["ecs:DescribeServices", "ecs:UpdateService"], services)),
        Value::Map(allow(&["cloudwatch:SetAlarmState"], names)),
        Value::Map(allow(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams])),
    ]);
    t.add("StepRolePolicy", RolePolicy { role, name: "take-steps".to_owned(), document });
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
