//! A change for machines: versioned, with every group, stack and property. Its schema is
//! `schemas/diff.schema.json`.

use serde_json::{Value, json};

use crate::change::Report;
use crate::change::force::Force;
use crate::change::group::{Cause, Change, Group, Kind, Property, Touched};
use crate::change::pair::Action;
use crate::trace::By;

/// The version of the fields.
pub const VERSION: u64 = 1;

/// The report.
pub fn render(report: &Report) -> String {
    let kinds = [Kind::Create, Kind::Update, Kind::Replace, Kind::Delete];
    let stacks = kinds.map(|kind| (kind.word().to_owned(), Value::from(report.stacks(kind))));
    let actions = [
        Action::Create,
        Action::Update,
        Action::Revise,
        Action::MayReplace,
        Action::Replace,
        Action::Delete,
    ];
    let resources =
        actions.map(|action| (action.word().to_owned(), Value::from(report.resources(action))));
    let engines: Vec<&str> = report.engines.iter().map(|engine| engine.id()).collect();
    let all = json!({
        "version": VERSION,
        "base": report.base,
        "estate": report.estate,
        "engines": engines,
        "stacks": Value::Object(stacks.into_iter().collect()),
        "unchanged": report.unchanged,
        "resources": Value::Object(resources.into_iter().collect()),
        "data_loss": report.losses().count(),
        "tenants": report.tenants(),
        "quotas": report.quotas,
        "isolation": report.isolation,
        "groups": report.groups.iter().map(group).collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}

fn group(group: &Group) -> Value {
    let holds = group.holds.iter().map(|(kind, count)| (kind.clone(), Value::from(*count)));
    json!({
        "kind": group.kind.word(),
        "why": group.why,
        "tier": group.tier,
        "shape": group.shape,
        "stacks": group.stacks.iter().map(touched).collect::<Vec<_>>(),
        "holds": Value::Object(holds.collect()),
        "changes": group.changes.iter().map(change).collect::<Vec<_>>(),
        "cause": group.cause.as_ref().map(cause),
    })
}

fn touched(stack: &Touched) -> Value {
    json!({
        "key": stack.key, "tenant": stack.tenant, "account": stack.account, "region": stack.region,
    })
}

fn change(change: &Change) -> Value {
    let engines = change.engines.iter();
    let engines = engines.map(|(engine, action)| (engine.id().to_owned(), action.word().into()));
    let losses = change.losses.iter().map(|loss| json!({"what": loss.what, "kept": loss.kept}));
    json!({
        "resource": change.label,
        "type": change.kind,
        "action": change.action.word(),
        "engines": Value::Object(engines.collect()),
        "renamed_from": change.renamed,
        "moved": change.moved,
        "properties": change.properties.iter().map(property).collect::<Vec<_>>(),
        "data_loss": losses.collect::<Vec<_>>(),
        "cause": change.cause.as_ref().map(cause),
    })
}

fn property(property: &Property) -> Value {
    let force = match property.force {
        Force::InPlace => "in-place",
        Force::Sometimes => "sometimes",
        Force::Replace => "replace",
        Force::Refused => "refused",
    };
    json!({
        "path": property.path,
        "was": property.was,
        "is": property.is,
        "varies": property.varies,
        "replacement": force,
        "address": property.address,
        "because": property.because,
    })
}

fn cause(cause: &Cause) -> Value {
    let by = match cause.by {
        By::Written => "blueprint",
        By::Default => "default",
        By::Lock => "lock",
    };
    json!({"file": cause.file, "line": cause.line, "place": cause.place, "what": cause.what, "by": by})
}
