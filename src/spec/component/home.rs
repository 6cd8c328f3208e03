//! What stands in one account, and so cannot serve the tenants of several workload accounts yet.

use crate::blueprint::shape::Blueprint;
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Judges the components of an estate with several workload accounts; one complaint names all.
pub fn check(blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    if !blueprint.accounts.workload.is_many() {
        return;
    }
    let found: Vec<(&str, &str)> = rows(blueprint)
        .into_iter()
        .filter(|(_, _, there)| *there)
        .map(|(a, b, _)| (a, b))
        .collect();
    let Some((first, _)) = found.first() else { return };
    let site = first.split('.').fold(site.clone(), |site, key| site.child(key));
    let all: Vec<String> = found.iter().map(|(key, why)| format!("`{key}` ({why})")).collect();
    let count = blueprint.accounts.workload.all().len();
    let message = format!("there are {count} workload accounts, and {}", all.join(", "));
    sink.push(rule::ONE_HOME.at(site.key(), message));
}

/// What has one home, why tenants of other accounts do not reach it, and whether it is there.
fn rows(blueprint: &Blueprint) -> [(&'static str, &'static str, bool); 2] {
    let own = &blueprint.components;
    let delivery = own.delivery.as_ref();
    [
        ("analytics", "its lake is in one account", own.analytics.is_some()),
        (
            "delivery.images",
            "images are built in one account, and not shared",
            delivery.is_some_and(|delivery| delivery.images.is_some()),
        ),
    ]
}
