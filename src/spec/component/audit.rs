//! How long records are kept, cold and locked.

use crate::blueprint::shape::component::Audit;
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Days that records are kept where nothing else is said: seven years.
pub const RETENTION: u32 = 2555;

/// Judges the days of a block.
pub fn check(audit: &Audit, site: &Site, sink: &mut Sink) {
    let kept = audit.retention_days.unwrap_or(RETENTION);
    for (key, days) in [("cold_after", audit.cold_after), ("lock_days", audit.lock_days)] {
        if days.is_some_and(|days| days >= kept) {
            let message = format!("`{key}` is no less than `retention_days`, {kept} days");
            let help = "keep records for longer, or make it less";
            sink.push(rule::COMPONENT.at(site.child(key), message).help(help));
        }
    }
}
