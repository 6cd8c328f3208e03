//! Who is told is said once, for the estate; only accounts of tenants have topics of their own.

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::{Monitoring, Notify};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Judges a block of a tier.
pub fn check(block: &Monitoring, isolation: Isolation, site: &Site, sink: &mut Sink) {
    let own = isolation == Isolation::Account;
    let rows = [
        ("notify", block.notify != Notify::default() && !own),
        ("quota_percent", block.quota_percent.is_some()),
    ];
    for (key, _) in rows.into_iter().filter(|(_, there)| *there) {
        let message = format!("`{key}` is said for the estate, and a tier cannot say it otherwise");
        let help = format!("move `{key}` to `components.monitoring`");
        sink.push(rule::COMPONENT.at(site.child(key).key(), message).help(help));
    }
}
