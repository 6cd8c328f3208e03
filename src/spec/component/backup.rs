//! How long copies are kept.

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Backup;
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// How many days a copy stays in cold storage at least.
/// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>.
const COLD_DAYS: u32 = 90;

/// Judges the days of a block.
pub fn check(backup: &Backup, site: &Site, sink: &mut Sink) {
    let Some(cold) = backup.cold_after else { return };
    if backup.weekly.is_none() && backup.monthly.is_none() {
        let message = "only weekly and monthly copies move to cold storage, and there are none";
        let help = "add `weekly` or `monthly`, or remove `cold_after`";
        sink.push(rule::COMPONENT.at(site.child("cold_after").key(), message).help(help));
    }
    for (key, days) in [("weekly", backup.weekly), ("monthly", backup.monthly)] {
        let Some(days) = days.filter(|days| *days < cold + COLD_DAYS) else { continue };
        let message = format!(
            "a copy that moves to cold storage after {cold} days stays there for at least {COLD_DAYS}, which is longer than {days} days"
        );
        let help = format!("keep it for at least {} days", cold + COLD_DAYS);
        sink.push(rule::COMPONENT.at(site.child(key), message).help(help));
    }
}

/// Copies are made where tenants share an account.
pub fn reach(isolation: Isolation, site: &Site, sink: &mut Sink) {
    if isolation == Isolation::Account {
        let message = "accounts of tenants have no vault, so nothing would be copied";
        sink.push(rule::COMPONENT.at(site.key(), message).help("remove `backup` from this tier"));
    }
}
