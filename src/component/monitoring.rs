//! What is watched, and who is told: topics by severity wherever something tells, alarms on whatever the models
//! and components made, errors in the logs of applications, and quotas. Alarms stand beside what
//! they watch, so a new tenant brings its own.

pub mod table; // what is watched of each kind of resource
pub mod topic; // whom to tell, and who may tell
pub mod board; // what there is to see, by tier and by tenant
pub mod stream; // where logs go

use std::collections::BTreeSet;

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::{Dashboards, Monitoring};
use crate::component::wire;
use crate::model::{cell, identity};
use crate::name::snake;
use crate::plan::Plan;
use crate::resource::Resource as _;
use crate::resource::flow::LogGroup;
use crate::resource::watch::{ErrorFilter, QuotaWatch, Watch, When};
use crate::spec::{Spec, Tier};
use crate::template::{Entry, Estate, NAME, ParamKind, Template, Values, Wave};
use crate::value::{Id, LogicalId, Value, join, param};

use table::{BALANCER, ROWS, Severity};

/// The shape of its template, and the beginning of the keys of its stacks.
const SHAPE: &str = "monitoring";

/// The shape of the template of hubs in an account of their own.
const HUB: &str = "monitoring-hub";

/// What is too many errors, where nothing else is said.
const ERRORS: u32 = 5;

/// What an error looks like in most logs. Source of the form:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>.
const PATTERN: &str = r#"?ERROR ?Error ?"level\":\"error""#;

/// Alarms in the templates that are there, and one stack of topics in each place and wherever else an alarm
/// tells.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let any = spec.tiers.values().any(|tier| tier.components.monitoring.is_some());
    if !any && spec.components.monitoring.is_none() {
        return;
    }
    let shapes: Vec<String> = estate.templates.keys().cloned().collect();
    for shape in shapes {
        know_balancer(spec, plan, estate, &shape);
        watch(spec, plan, estate, &shape);
    }
    topics(spec, plan, estate);
    if spec
        .tiers
        .values()
        .any(|tier| tier.account.is_some() && tier.components.monitoring.is_some())
    {
        wire::allow_deployer(estate, &DEPLOYED);
    }
}

/// What it takes to make topics, alarms and dashboards in the account of a tenant: `CloudFormation` also reads
/// the subscriptions and the data protection policy of each topic. Source: the handlers of
/// <https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sns>.
const DEPLOYED: [&str; 21] = [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DeleteDashboards",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetDashboard",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetDataProtectionPolicy",
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:Unsubscribe",
    "sns:UntagResource",
];

/// The topics of each place, and the alarms on its quotas. Alarms that stand where nobody lives tell, too.
fn topics(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let about = "Topics by severity, and alarms on quotas.";
    let mut t = Template::new(SHAPE, about);
    identity::tag_shared(&mut t, spec, None);
    let usual = Monitoring::default();
    let monitoring = spec.components.monitoring.as_ref().unwrap_or(&usual);
    let topics = topic::add(&mut t, spec, plan, monitoring, None);
    for quota in table::QUOTAS.iter().filter(|quota| quota.is_used(estate)) {
        let watch = QuotaWatch {
            description: format!("{}: ask AWS for more before it is used up", quota.what),
            dimensions: quota.usage,
            percent: monitoring.quota_percent.unwrap_or(80),
            topic: topics.of(Severity::Warning),
        };
        t.add(format!("{}QuotaAlarm", quota.id), watch);
    }
    // Tenants and their logs are in workload accounts only.
    let hub = Template { shape: HUB.to_owned(), ..t.clone() };
    stream::add_role(&mut t, spec);
    board::of_tiers(&mut t, spec, estate);
    for (account, region) in wire::places(spec, plan, estate, |place| key(spec, place)) {
        let place = (account.as_str(), region.as_str());
        let (shape, t) = if spec.is_workload(place.0) { (SHAPE, &t) } else { (HUB, &hub) };
        let mut stack = identity::shared_stack(spec, Wave::Common, key(spec, place), place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stream::fill(&mut values, t, spec);
        stack.values = values.order(t);
        shape.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
        estate.templates.entry(shape.to_owned()).or_insert_with(|| t.clone());
    }
}

/// The key of the stack of a place.
fn key(spec: &Spec, place: (&str, &str)) -> String {
    identity::place_key(spec, SHAPE, place)
}

/// What the tier of a template says, or the estate where it has none.
fn settings<'a>(
    spec: &'a Spec,
    estate: &Estate,
    shape: &str,
) -> Option<(&'a Monitoring, Option<&'a Tier>)> {
    let stack = estate.stacks.iter().find(|stack| stack.shape == shape)?;
    match &stack.tier {
        Some(tier) => {
            let tier = &spec.tiers[tier];
            Some((tier.components.monitoring.as_ref()?, Some(tier)))
        }
        None => Some((spec.components.monitoring.as_ref()?, None)),
    }
}

/// Adds alarms to the template of a shape, as far as it has something to watch.
fn watch(spec: &Spec, plan: &Plan, estate: &mut Estate, shape: &str) {
    let Some((monitoring, tier)) = settings(spec, estate, shape) else { return };
    let template = &estate.templates[shape];
    let mut found = found(template);
    let logs = logs(template);
    let silent: Vec<String> =
        template.entries.iter().filter(|e| is_silent(e)).map(|e| e.id.clone()).collect();
    if found.is_empty() && logs.is_empty() && silent.is_empty() {
        return;
    }
    // An account of a tenant has topics of its own; elsewhere those of the place are taken.
    let is_tenants = estate.stacks.iter().any(|s| s.shape == shape && s.key.starts_with("tenant-"));
    let own = is_tenants && tier.is_some_and(|tier| tier.isolation == Isolation::Account);
    let severities: BTreeSet<Severity> = found
        .iter()
        .map(|(_, row)| row.severity)
        .chain((!logs.is_empty() || !silent.is_empty()).then_some(Severity::Warning))
        .collect();
    let topics = if own {
        let template = estate.templates.get_mut(shape).expect("the shape is there");
        topic::add(template, spec, plan, monitoring, tier.map(|tier| tier.id.as_str()))
    } else {
        imported(spec, estate, shape, &severities)
    };
    let template = estate.templates.get_mut(shape).expect("the shape is there");
    let (mut watches, mut units) = (Vec::new(), Vec::new());
    for (at, row) in found.drain(..) {
        let topic = topics.of(row.severity);
        watches.extend(row.watch(&template.entries[at], template, topic));
        units.resize(watches.len(), template.entries[at].unit.clone());
    }
    for log in &logs {
        watches.push(errors(template, spec, monitoring, log, topics.of(Severity::Warning)));
        units.push(template.entry(log).unit.clone());
    }
    let shown = is_tenants && !watches.is_empty();
    if shown && tier.is_some_and(|tier| board::wanted(spec, tier) == Dashboards::Tenants) {
        board::of_tenant(template, &watches);
    }
    // An alarm stands beside what it watches, in whichever part.
    for ((id, watch), unit) in watches.into_iter().zip(units) {
        template.unit = unit;
        template.add(id, watch);
    }
    template.unit = None;
    // Alarms of models that told nobody.
    for entry in template.entries.iter_mut().filter(|entry| silent.contains(&entry.id)) {
        let topic = topics.of(Severity::Warning);
        entry.body.properties.push(("AlarmActions", Value::List(vec![topic])));
    }
    stream::send(spec, estate, shape, &logs, |account, region| key(spec, (account, region)));
}

/// The values of its resources that a template would be asked for if all of it were watched: of what, and
/// which attribute, or `None` for what a reference means.
pub fn asked(template: &Template) -> BTreeSet<(LogicalId, Option<&'static str>)> {
    let mut out: BTreeSet<_> = logs(template).into_iter().map(|log| (log, None)).collect();
    for entry in &template.entries {
        for value in ROWS.iter().flat_map(|row| row.asks(entry, template)) {
            value.walk(&mut |value| match value {
                Value::Ref(id) => out.extend([(id.clone(), None)]),
                Value::Att(id, attribute) => out.extend([(id.clone(), Some(*attribute))]),
                _ => {}
            });
        }
    }
    out
}

/// Targets of a load balancer in another stack are watched by its name.
fn know_balancer(spec: &Spec, plan: &Plan, estate: &mut Estate, shape: &str) {
    if settings(spec, estate, shape).is_none() {
        return;
    }
    let template = &estate.templates[shape];
    let has = |tf: &str| template.entries.iter().any(|entry| entry.tf == tf);
    if !has("aws_lb_target_group") || has("aws_lb") || template.param_index(BALANCER).is_some() {
        return;
    }
    let about = "The load balancer, as metrics name it";
    wire::feed(estate, shape, (BALANCER, ParamKind::Imported("String"), about), |stack| {
        let tenant = stack.tenant.as_ref().expect("targets without a balancer are a tenant's");
        let cell = plan.tenants[tenant].cell.as_ref().expect("it is that of its cell");
        (cell::path(spec, cell, "load-balancer-full-name"), None)
    });
}

/// The rows that fit entries of a template, by the place of the entry.
fn found(template: &Template) -> Vec<(usize, &'static table::Row)> {
    let rows = |(at, entry): (usize, &Entry)| {
        let fit = ROWS.iter().filter(|row| row.fits(entry, template)).map(move |row| (at, row));
        fit.collect::<Vec<_>>()
    };
    template.entries.iter().enumerate().flat_map(rows).collect()
}

/// An alarm that does nothing.
fn is_silent(entry: &Entry) -> bool {
    entry.tf == Watch::TF && entry.body.get("AlarmActions").is_none()
}

/// The log groups that applications write to: those of tasks. A function that fails is counted by
/// Lambda itself.
fn logs(template: &Template) -> Vec<String> {
    let groups: BTreeSet<&String> =
        template.entries.iter().filter(|e| e.tf == LogGroup::TF).map(|e| &e.id).collect();
    let mut out = BTreeSet::new();
    for entry in &template.entries {
        if entry.tf == "aws_ecs_task_definition" {
            for (_, value) in &entry.body.properties {
                mentions(value, &groups, &mut out);
            }
        }
    }
    out.into_iter().collect()
}

fn mentions(value: &Value, groups: &BTreeSet<&String>, out: &mut BTreeSet<String>) {
    match value {
        Value::Ref(id) if groups.contains(id) => out.extend([id.clone()]),
        Value::List(items) => items.iter().for_each(|item| mentions(item, groups, out)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, item)| mentions(item, groups, out)),
        Value::Block(pairs) => pairs.iter().for_each(|(_, item)| mentions(item, groups, out)),
        _ => {}
    }
}

/// Counts the errors of a log; the alarm tells when they are too many.
fn errors(
    t: &mut Template,
    spec: &Spec,
    monitoring: &Monitoring,
    log: &str,
    topic: Value,
) -> (String, Watch) {
    let word = log.strip_suffix("LogGroup").unwrap_or(log);
    let namespace = || Value::from(spec.estate());
    let metric = || {
        let tail = snake(word).replace('_', "-");
        join([param(NAME), format!("-{tail}-errors").into()])
    };
    let filter = ErrorFilter {
        log: Id::resource(log),
        pattern: monitoring.error_pattern.as_deref().unwrap_or(PATTERN).to_owned(),
        namespace: namespace(),
        metric: metric(),
    };
    t.add(format!("{word}ErrorFilter"), filter);
    let watch = Watch {
        description: "Errors in the log of an application".to_owned(),
        namespace: namespace(),
        metric: metric(),
        dimensions: Vec::new(),
        statistic: "Sum",
        period: 300,
        periods: 1,
        when: When::AtLeast,
        threshold: monitoring.error_threshold.unwrap_or(ERRORS),
        topic,
    };
    (format!("{word}ErrorAlarm"), watch)
}

/// The topics of the place, as parameters of a template.
fn imported(
    spec: &Spec,
    estate: &mut Estate,
    shape: &str,
    severities: &BTreeSet<Severity>,
) -> topic::Topics {
    let mut topics = topic::Topics::default();
    for severity in severities {
        let about = format!("Who is told of what is {}", severity.id());
        let kind = ParamKind::Imported("String");
        let path = topic::path(spec, *severity);
        let name = format!("{}TopicArn", severity.word());
        let value = wire::feed(estate, shape, (&name, kind, &about), |stack| {
            (path.clone(), Some(key(spec, (&stack.account, &stack.region))))
        });
        topics.set(*severity, value);
    }
    topics
}
