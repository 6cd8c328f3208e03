//! Dashboards: one for each tier, which finds what belongs to the tier and so never lists tenants,
//! and one beside what a tenant has of its own.

use std::collections::BTreeSet;

use super::table::{Find, ROWS, Row};
use crate::blueprint::shape::component::Dashboards;
use crate::json::escape;
use crate::name::{pascal, short_hash};
use crate::resource::Resource as _;
use crate::resource::watch::{Dashboard, Watch, When};
use crate::spec::{Spec, Tier};
use crate::template::{Estate, NAME, Spread, Template};
use crate::value::{Pseudo, Value, join, map, param};

/// A row of the grid holds three graphs: it has 24 columns. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.
const WIDTH: u16 = 8;

/// How high a graph is.
const HEIGHT: u16 = 6;

/// What a tier has dashboards of; one without monitoring has none.
pub fn wanted(spec: &Spec, tier: &Tier) -> Dashboards {
    let estate = spec.components.monitoring.as_ref().and_then(|block| block.dashboards);
    match &tier.components.monitoring {
        Some(block) => block.dashboards.or(estate).unwrap_or_default(),
        None => Dashboards::None,
    }
}

/// Adds the dashboard of each tier that has something to show.
pub fn of_tiers(t: &mut Template, spec: &Spec, estate: &Estate) {
    for tier in spec.tiers.values().filter(|tier| wanted(spec, tier) >= Dashboards::Tiers) {
        let graphs = graphs_of_tier(spec, estate, tier);
        if graphs.is_empty() {
            continue;
        }
        let name = join([param(NAME), format!("-{}", tier.id).into()]);
        let id = format!("{}Dashboard", word(&tier.id));
        t.unit = Some(tier.id.clone());
        t.add(id, Dashboard { name, body: body(graphs) });
    }
    t.unit = None;
}

/// Adds the dashboard of the tenant whose stack it is.
pub fn of_tenant(t: &mut Template, watches: &[(String, Watch)]) {
    let items: Vec<_> = watches.iter().map(|(id, watch)| (id.clone(), graph(watch))).collect();
    let all: Vec<Value> = items.iter().map(|(_, graph)| graph.clone()).collect();
    t.add("Dashboard", part_of_tenant(&all, 1));
    let make = |_: &[Value], items: &[Value], part| part_of_tenant(items, part).body();
    t.spread_last(Spread { fixed: Vec::new(), items, make });
}

/// The dashboard with what one part of a template has.
fn part_of_tenant(graphs: &[Value], part: u32) -> Dashboard {
    let mut name = vec![param(NAME), "-".into(), Pseudo::Region.into()];
    name.extend((part > 1).then(|| format!("-{part}").into()));
    Dashboard { name: Value::Join(name), body: body(graphs.to_vec()) }
}

/// A word for a tier in names of resources; two tiers never have the same.
fn word(id: &str) -> String {
    let mark = if id.contains('-') { pascal(&short_hash(id, 4)) } else { String::new() };
    format!("{}{mark}", pascal(id))
}

/// A graph for each row that fits something in the shared templates or the tenants' of a tier.
fn graphs_of_tier(spec: &Spec, estate: &Estate, tier: &Tier) -> Vec<Value> {
    let here = |stack: &&crate::template::Stack| {
        stack.tier.as_ref() == Some(&tier.id) && spec.is_workload(&stack.account)
    };
    let shapes: BTreeSet<&str> =
        estate.stacks.iter().filter(here).map(|stack| stack.shape.as_str()).collect();
    let fits = |row: &&Row| {
        let template = |shape: &&str| {
            let template = &estate.templates[*shape];
            template.entries.iter().any(|entry| row.fits(entry, template))
        };
        shapes.iter().any(template)
    };
    let rows: Vec<&Row> = ROWS.iter().filter(fits).collect();
    let kinds: BTreeSet<&str> = rows.iter().filter_map(|row| row.find()?.kind()).collect();
    let explorers = kinds.into_iter().map(|kind| tagged(&rows, kind, spec, tier));
    // Only cells have the tier in their names, and so what is named after them.
    let named = rows
        .iter()
        .filter(|row| tier.isolation.has_cells() && row.find() == Some(Find::Named))
        .map(|row| named(row, spec, tier));
    explorers.chain(named).collect()
}

/// Graphs of whatever of a kind has the tags of a tier. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Metrics-Explorer.html>.
fn tagged(rows: &[&Row], kind: &str, spec: &Spec, tier: &Tier) -> Value {
    let shown = |row: &&Row| {
        let (_, metric, _, statistic, _) = row.metric();
        map([("metricName", metric), ("resourceType", kind), ("stat", statistic)])
    };
    let shown: Vec<Value> = rows
        .iter()
        .filter(|row| row.find().and_then(Find::kind) == Some(kind))
        .map(shown)
        .collect();
    let label = |(key, value): (&str, &str)| map([("key", key), ("value", value)]);
    let labels =
        [("Estate", spec.name.as_str()), ("Environment", &spec.environment), ("Tier", &tier.id)];
    let options = map([
        ("view", Value::from("timeSeries")),
        ("rowsPerPage", 1_u16.into()),
        ("widgetsPerRow", 2_u16.into()),
    ]);
    let properties = map([
        ("metrics", Value::List(shown)),
        ("labels", Value::List(labels.into_iter().map(label).collect())),
        ("widgetOptions", options),
        ("period", 300_u16.into()),
        ("splitBy", "".into()),
        ("region", Pseudo::Region.into()),
    ]);
    widget("explorer", properties)
}

/// A graph of whatever is named after a cell of a tier in the region of the stack. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html>.
fn named(row: &Row, spec: &Spec, tier: &Tier) -> Value {
    let (namespace, metric, dimensions, statistic, period) = row.metric();
    let schema = format!("{namespace},{}", dimensions.join(","));
    let estate = spec.estate();
    let id = &tier.id;
    let expression = join([
        format!("SEARCH('{{{schema}}} MetricName=\"{metric}\" {estate} cell-{id}-").into(),
        Pseudo::Region.into(),
        format!("', '{statistic}', {period})").into(),
    ]);
    let search = Value::List(vec![map([("expression", expression), ("id", "found".into())])]);
    let properties = map([
        ("metrics", Value::List(vec![search])),
        ("title", row.about().into()),
        ("view", "timeSeries".into()),
        ("region", Pseudo::Region.into()),
    ]);
    widget("metric", properties)
}

/// A graph of what an alarm watches, and the line that it must not cross.
fn graph(watch: &Watch) -> Value {
    let mut metric = vec![watch.namespace.clone(), watch.metric.clone()];
    for (name, value) in &watch.dimensions {
        metric.extend([Value::from(*name), value.clone()]);
    }
    let label = match watch.when {
        When::AtLeast => "Alarm from here on",
        When::MoreThan => "Alarm above",
        When::AtMost => "Alarm from here down",
    };
    let line = map([("label", Value::from(label)), ("value", watch.threshold.into())]);
    let properties = map([
        ("metrics", Value::List(vec![Value::List(metric)])),
        ("title", watch.description.as_str().into()),
        ("view", "timeSeries".into()),
        ("stat", watch.statistic.into()),
        ("period", watch.period.into()),
        ("region", Pseudo::Region.into()),
        ("annotations", map([("horizontal", Value::List(vec![line]))])),
    ]);
    widget("metric", properties)
}

/// Without a place: each goes where there is room next.
fn widget(kind: &str, properties: Value) -> Value {
    let width = if kind == "explorer" { 2 * WIDTH } else { WIDTH };
    map([
        ("type", Value::from(kind)),
        ("width", width.into()),
        ("height", HEIGHT.into()),
        ("properties", properties),
    ])
}

fn body(widgets: Vec<Value>) -> Value {
    let mut out = Vec::new();
    write(&map([("widgets", Value::List(widgets))]), &mut out);
    Value::Join(out)
}

/// A document as the pieces of its JSON text. What the deployment fills in stands between quotes and
/// needs no escaping: names, ids and regions only.
fn write(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::List(items) => {
            out.push("[".into());
            for (i, item) in items.iter().enumerate() {
                out.extend((i > 0).then(|| ",".into()));
                write(item, out);
            }
            out.push("]".into());
        }
        Value::Map(pairs) => {
            out.push("{".into());
            for (i, (key, item)) in pairs.iter().enumerate() {
                let comma = if i > 0 { "," } else { "" };
                out.push(format!("{comma}\"{}\":", escape(key)).into());
                write(item, out);
            }
            out.push("}".into());
        }
        Value::Int(n) => out.push(n.to_string().into()),
        Value::Bool(b) => out.push(b.to_string().into()),
        string => {
            out.push("\"".into());
            pieces(string, out);
            out.push("\"".into());
        }
    }
}

fn pieces(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Text(text) => out.push(escape(text).into()),
        Value::Join(parts) => parts.iter().for_each(|part| pieces(part, out)),
        other => out.push(other.clone()),
    }
}
