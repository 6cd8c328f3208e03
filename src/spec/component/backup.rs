//! How long copies are kept, here and in other vaults, and what the lock of the vault takes.

use crate::blueprint::Blueprint;
use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::{Backup, CopyTo, VaultLock};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// How many days a copy stays in cold storage at least.
/// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>.
const COLD_DAYS: u32 = 90;

/// Days that the copy of each day is kept, where nothing else is said: as long as AWS keeps automated
/// backups of a database at most.
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html>.
pub const DAILY: u32 = 35;

/// Judges a block, of the estate or of a tier.
pub fn check(backup: &Backup, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    cold(backup, site, sink);
    for (i, to) in backup.copy_to.iter().enumerate() {
        let at = site.child("copy_to").child(i);
        copy(to, blueprint, &at, sink);
        if backup.copy_to[..i].iter().any(|other| other.vault == to.vault) {
            let message = "copies go to this vault already";
            sink.push(rule::COMPONENT.at(at.child("vault"), message).help("name it once"));
        }
    }
    let lock = blueprint.components.backup.as_ref().and_then(|estate| estate.lock.as_ref());
    if let Some(lock) = lock {
        locked(backup, lock, site, sink);
    }
}

/// Every tier has its copies in one vault, so a tier by itself cannot lock it.
pub fn of_tier(backup: &Backup, site: &Site, sink: &mut Sink) {
    if backup.lock.is_some() {
        let message = "all tiers have one vault, which is locked for all or for none";
        let help = "move `lock` to `components.backup` of the estate";
        sink.push(rule::COMPONENT.at(site.child("lock").key(), message).help(help));
    }
}

/// Judges the lock of the estate by itself.
pub fn lock(lock: &VaultLock, site: &Site, sink: &mut Sink) {
    let Some(max) = lock.max_days.filter(|max| *max < lock.min_days.unwrap_or(1)) else { return };
    let message = format!("no copy can be kept for at least `min_days` and at most {max} days");
    sink.push(rule::COMPONENT.at(site.child("max_days"), message).help("make it more"));
}

/// A vault that is locked refuses a copy that would be kept for too short or too long.
/// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html>.
fn locked(backup: &Backup, lock: &VaultLock, site: &Site, sink: &mut Sink) {
    let (min, max) = (lock.min_days.unwrap_or(1), lock.max_days.unwrap_or(u32::MAX));
    let daily = Some(backup.daily.unwrap_or(DAILY));
    for (key, days) in [("daily", daily), ("weekly", backup.weekly), ("monthly", backup.monthly)] {
        let Some(days) = days.filter(|days| !(min..=max).contains(days)) else { continue };
        let bound =
            if days < min { format!("less than {min}") } else { format!("more than {max}") };
        let message = format!("`{key}` is {days} days: the lock refuses copies kept for {bound}");
        let at =
            if key == "daily" && backup.daily.is_none() { site.key() } else { site.child(key) };
        let help = format!("change `{key}`, or the lock");
        sink.push(rule::COMPONENT.at(at, message).help(help));
    }
}

/// A copy is elsewhere, and stays cold for as long as AWS wants.
fn copy(to: &CopyTo, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let mut parts = to.vault.split(':').skip(1);
    let partition = parts.next().unwrap_or_default();
    if partition != blueprint.partition.id() {
        let message =
            format!("the vault is in partition {partition}, which no copy comes into from here");
        let help = format!("name a vault in partition {}", blueprint.partition.id());
        let complaint = rule::COMPONENT.at(site.child("vault"), message).help(help);
        sink.push(complaint.against(["partition"]));
    }
    let mut parts = parts.skip(1);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if blueprint.accounts.workload.contains(account)
        && blueprint.regions.iter().any(|it| it == region)
    {
        let message = "the vault is in an account and region whose copies it would keep";
        let help = "name a vault in another region or another account";
        let complaint = rule::COMPONENT.at(site.child("vault"), message).help(help);
        sink.push(complaint.against(["regions"]).against(["accounts", "workload"]));
    }
    let Some(cold) = to.cold_after else { return };
    if to.keep.is_none_or(|keep| keep < cold + COLD_DAYS) {
        let message = format!(
            "a copy that moves to cold storage after {cold} days stays there for at least {COLD_DAYS}"
        );
        let help = format!("say `keep` with at least {} days", cold + COLD_DAYS);
        sink.push(rule::COMPONENT.at(site.child("cold_after"), message).help(help));
    }
}

/// Judges the days of cold storage.
fn cold(backup: &Backup, site: &Site, sink: &mut Sink) {
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
