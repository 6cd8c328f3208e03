//! What surrounds the tenants, as meant: each block held against the rest of the blueprint.

pub mod backup; // how long copies are kept
pub mod chargeback; // meters, prices and limits
pub mod tagging; // what a tag policy can say
pub mod delivery; // the rings of the delivery
pub mod monitoring; // who is told is said once
pub mod audit; // how long records are kept
pub mod identity; // who signs in where
pub mod microservice; // small services belong to pools
pub mod protection; // what a tier can say of its protection
pub mod analytics; // what records hold, and where a warehouse can stand

use crate::blueprint::Written;
use crate::blueprint::shape::component::{Components, TierComponent, TierComponents};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Judges every block of components, of the estate and of its tiers.
pub fn check(written: &Written, sink: &mut Sink) {
    let blueprint = &written.blueprint;
    let estate = &blueprint.components;
    let site = Site::at(["components"]);
    each(&site, sink, estate.backup.as_ref(), "backup", |block, site, sink| {
        backup::check(block, blueprint, site, sink);
        each(site, sink, block.lock.as_ref(), "lock", backup::lock);
    });
    each(&site, sink, estate.tagging.as_ref(), "tagging", |block, site, sink| {
        tagging::check(block, blueprint, site, sink);
    });
    each(&site, sink, estate.audit.as_ref(), "audit", audit::check);
    each(&site, sink, estate.monitoring.as_ref(), "monitoring", |block, site, sink| {
        monitoring::check(block, blueprint, site, sink);
    });
    each(&site, sink, estate.protection.as_ref(), "protection", protection::check);
    each(&site, sink, estate.chargeback.as_ref(), "chargeback", |chargeback, site, sink| {
        chargeback::check(chargeback, blueprint, site, sink);
    });
    each(&site, sink, estate.delivery.as_ref(), "delivery", |delivery, site, sink| {
        delivery::check(delivery, blueprint, site, sink);
    });
    each(&site, sink, estate.identity.as_ref(), "identity", |block, site, sink| {
        identity::check(block, blueprint, site, sink);
    });
    each(&site, sink, estate.analytics.as_ref(), "analytics", |analytics, site, sink| {
        analytics::check(analytics, written, site, sink);
    });
    for (id, tier) in &blueprint.tiers {
        let site = Site::at(["tiers", id, "components"]);
        let own = &tier.components;
        without(own, estate, &site, sink);
        each(&site, sink, own.backup.as_ref(), "backup", |block, site, sink| {
            backup::check(block, blueprint, site, sink);
            backup::of_tier(block, site, sink);
            backup::reach(tier.isolation, site, sink);
        });
        each(&site, sink, own.monitoring.as_ref(), "monitoring", |block, site, sink| {
            monitoring::check_tier(block, tier.isolation, site, sink);
        });
        each(&site, sink, own.identity.as_ref(), "identity", |block, site, sink| {
            identity::check(block, blueprint, site, sink);
            identity::reach(block, tier, site, sink);
        });
        if let Some(block) = own.over(estate).identity.filter(|_| own.identity.is_none()) {
            identity::own_accounts(&block, tier.isolation, &Site::at(["tiers", id]), sink);
        }
        each(&site, sink, own.microservice.as_ref(), "microservice", |block, site, sink| {
            microservice::check(block, tier.isolation, site, sink);
        });
        each(&site, sink, own.protection.as_ref(), "protection", |block, site, sink| {
            protection::check(block, site, sink);
            protection::of_tier(block, tier.isolation, site, sink);
        });
    }
}

fn each<T>(
    site: &Site,
    sink: &mut Sink,
    block: Option<&T>,
    name: &str,
    check: impl FnOnce(&T, &Site, &mut Sink),
) {
    if let Some(block) = block {
        check(block, &site.child(name), sink);
    }
}

/// A tier does without what the estate has and it has not itself.
fn without(own: &TierComponents, estate: &Components, site: &Site, sink: &mut Sink) {
    for (i, name) in own.without.iter().enumerate() {
        let (of_estate, of_tier) = match name {
            TierComponent::Backup => (estate.backup.is_some(), own.backup.is_some()),
            TierComponent::Identity => (estate.identity.is_some(), own.identity.is_some()),
            TierComponent::Monitoring => (estate.monitoring.is_some(), own.monitoring.is_some()),
            TierComponent::Protection => (estate.protection.is_some(), own.protection.is_some()),
        };
        let site = site.child("without").child(i);
        let id = name.id();
        if of_tier {
            let message = format!("the tier has `{id}`, and says that it does without");
            sink.push(rule::COMPONENT.at(site, message).help("keep one of them"));
        } else if !of_estate {
            let message = format!("the estate has no `{id}` to do without");
            sink.push(rule::COMPONENT.at(site, message).help(format!("remove `{id}`")));
        }
    }
}
