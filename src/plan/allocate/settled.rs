//! What the lock holds is deployed: what the blueprint says must not contradict it, and a tenant that
//! cannot stay where it is learns why.

use crate::aws::PENDING;
use crate::blueprint::shape::Isolation;
use crate::diag::{Diagnostic, Sink};
use crate::plan::allocate::place::suits;
use crate::plan::lock::{Lock, TenantEntry};
use crate::plan::rule;
use crate::source::Site;
use crate::spec::{Spec, Tenant};

/// Complains of what cannot change any more: accounts, their addresses, the models of cells.
/// Whether the cells are of the models of their tiers.
pub fn judge(spec: &Spec, lock: &Lock, sink: &mut Sink) -> bool {
    same_account(spec, lock, sink);
    same_region(spec, lock, sink);
    emails(spec, lock, sink);
    let before = sink.errors();
    same_isolation(spec, lock, sink);
    sink.errors() == before
}

fn same_account(spec: &Spec, lock: &Lock, sink: &mut Sink) {
    let home = lock.home.as_ref().map(|home| &home.account);
    if let Some(home) = home.filter(|home| !spec.is_workload(home)) {
        let message = format!("the estate began in account {home}, and what it has once is there");
        sink.push(rule::ACCOUNT.at(Site::at(["accounts", "workload"]), message));
    }
    let shared = lock.tenants.iter().filter(|(_, t)| t.email.is_none());
    let tenants = shared.map(|(id, t)| (format!("tenant {id:?}"), &t.account));
    let cells = lock.cells.iter().map(|(id, c)| (format!("cell {id:?}"), &c.account));
    let elsewhere: Vec<_> =
        cells.chain(tenants).filter(|(_, account)| !spec.is_workload(account)).collect();
    if let Some((owner, account)) = elsewhere.first() {
        let more = match elsewhere.len() - 1 {
            0 => String::new(),
            n => format!(" ({n} more like it)"),
        };
        let ours = spec.workload_accounts.join(" or ");
        let message = format!("{owner} lives in account {account}{more}, not in {ours}");
        sink.push(rule::ACCOUNT.at(Site::at(["accounts", "workload"]), message));
    }
}

fn same_region(spec: &Spec, lock: &Lock, sink: &mut Sink) {
    let home = lock.home.as_ref().and_then(|home| home.region.as_ref());
    if let Some(home) = home.filter(|home| !spec.regions.contains(home)) {
        let message = format!("the estate began in {home}, and what it has once is there");
        sink.push(rule::HOME.at(Site::at(["regions"]), message));
    }
}

/// AWS changes neither the address of an account nor gives it to another.
fn emails(spec: &Spec, lock: &Lock, sink: &mut Sink) {
    for tenant in spec.tenants.values() {
        let own = spec.tiers[&tenant.tier].isolation == Isolation::Account;
        let Some(email) = tenant.email.as_ref().filter(|_| own) else { continue };
        if let Some((was, _)) = account_of(lock, &tenant.id).filter(|(was, _)| *was != email) {
            let message =
                format!("the account of tenant {:?} was made for {was}, not {email}", tenant.id);
            sink.push(rule::ACCOUNT_EMAIL.at(tenant.site.child("email"), message));
        }
    }
    let site = |key| Site::at(["accounts", key]);
    let workload = spec.workload_accounts.iter().map(|id| (Some(id), site("workload")));
    let others = [
        (Some(&spec.hub_account), site("shared")),
        (spec.organization.as_ref().map(|o| &o.account), site("management")),
        (Some(&spec.deploy.account), Site::at(["deploy", "account"])),
    ];
    let named: Vec<_> = workload.chain(others).collect();
    for (id, entry) in lock.tenants.iter().filter(|(_, t)| t.email.is_some()) {
        if let Some((_, site)) = named.iter().find(|(a, _)| *a == Some(&entry.account)) {
            let message = format!(
                "account {} is that of tenant {id:?} in the lock, and named here, too",
                entry.account
            );
            sink.push(rule::ACCOUNT_SHARED.at(site.clone(), message));
        }
    }
}

/// The address and the account of a tenant that has, or had, one of its own. While it was elsewhere
/// AWS may have made the account, so one that is known comes before one that is not.
pub fn account_of<'a>(lock: &'a Lock, tenant: &str) -> Option<(&'a String, &'a String)> {
    let here = lock.tenants.get(tenant).map(|t| (&t.email, &t.account));
    let gone = lock.quarantine.values().filter(|gone| gone.tenant == tenant);
    let all = here.into_iter().chain(gone.map(|gone| (&gone.email, &gone.account)));
    let own = all.filter_map(|(email, account)| Some((email.as_ref()?, account)));
    own.min_by_key(|(_, account)| *account == PENDING)
}

/// What is deployed in a cell shows what its tier was when it was opened.
fn same_isolation(spec: &Spec, lock: &Lock, sink: &mut Sink) {
    let here = lock.tenants.values().chain(lock.retired.values());
    let here =
        here.filter_map(|t| Some((t.cell.as_ref()?, t.space.is_some(), t.ordinal.is_some())));
    let gone = lock.quarantine.values().filter_map(|q| Some((q.cell.as_ref()?, true, false)));
    for (cell, blocks, numbers) in here.chain(gone) {
        let Some(tier) = lock.cells.get(cell).map(|cell| &cell.tier) else { continue };
        let now = spec.tiers.get(tier).map(|tier| tier.isolation);
        let Some(now) = now.filter(|now| now.has_cells()) else { continue };
        let was = match (blocks, numbers) {
            (true, _) => Isolation::Subnet,
            (false, true) => Isolation::Container,
            (false, false) => Isolation::Application,
        };
        if now != was {
            let (now, was) = (now.id(), was.id());
            let message =
                format!("tier `{tier}` has cell {cell:?} of isolation `{was}`, and now is `{now}`");
            let site = Site::at(["tiers", tier, "isolation"]);
            sink.push_once(rule::ISOLATION.at(site, message));
        }
    }
}

/// What is said of a tenant that cannot keep its place, where the reason stands.
pub fn moves(entry: &TenantEntry, tenant: &Tenant, lock: &Lock) -> Diagnostic {
    let cell = entry.cell.as_ref().and_then(|cell| lock.cells.get(cell));
    let (key, why) = if entry.tier != tenant.tier && entry.region != tenant.region {
        let from = format!("from tier `{}` in {}", entry.tier, entry.region);
        ("tier", format!("{from} to tier `{}` in {}", tenant.tier, tenant.region))
    } else if entry.tier != tenant.tier {
        ("tier", format!("from tier `{}` to tier `{}`", entry.tier, tenant.tier))
    } else if entry.region != tenant.region {
        ("region", format!("from {} to {}", entry.region, tenant.region))
    } else if cell.is_some_and(|cell| cell.needs != tenant.needs) {
        ("needs", "to another cell, because its `needs` changed".to_owned())
    } else if cell.is_some_and(|cell| !suits(cell, tenant)) {
        ("dedicated", "to another cell, because `dedicated` changed".to_owned())
    } else {
        ("tier", format!("because the isolation of tier `{}` changed", tenant.tier))
    };
    let message = format!("tenant {:?} moves {why}; {} is quarantined", tenant.id, place(entry));
    rule::MOVED.at(tenant.site.child(key), message)
}

/// Where a tenant is, for people.
fn place(entry: &TenantEntry) -> String {
    match (&entry.space, &entry.cell) {
        (Some(space), _) => space.block.to_string(),
        (None, Some(cell)) => format!("its place in cell {cell:?}"),
        (None, None) => "its place".to_owned(),
    }
}
