//! What a tier can say of its protection, and what contradicts itself.

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::{Firewall, Protection};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Judges a block, of the estate or of a tier.
pub fn check(block: &Protection, site: &Site, sink: &mut Sink) {
    let firewall = site.child("firewall");
    let rows = [
        ("rate", block.firewall.rate.is_some()),
        ("tenant_rate", block.firewall.tenant_rate.is_some()),
    ];
    for (key, _) in rows.into_iter().filter(|(_, there)| *there) {
        if block.firewall.enabled == Some(false) {
            let message = format!("there is no firewall, so nothing would come of `{key}`");
            let help = format!("remove `{key}`, or remove `enabled`");
            sink.push(rule::COMPONENT.at(firewall.child(key).key(), message).help(help));
        }
    }
    let dns = site.child("dns");
    for (i, domain) in block.dns.allow.iter().enumerate() {
        if block.dns.block.iter().any(|other| other.eq_ignore_ascii_case(domain)) {
            let message = format!("{domain} is allowed and blocked, and would be blocked");
            let at = dns.child("allow").child(i);
            sink.push(rule::COMPONENT.at(at, message).help("name it in one of them"));
        }
    }
}

/// What is one for a whole account and region is said for the estate; a firewall wants a load
/// balancer that is made here.
pub fn of_tier(block: &Protection, isolation: Isolation, site: &Site, sink: &mut Sink) {
    let rows = [
        ("guardduty", block.guardduty.is_some()),
        ("security_hub", block.security_hub.is_some()),
        ("inspector", block.inspector.is_some()),
        ("hsm", block.hsm.is_some()),
    ];
    for (key, _) in rows.into_iter().filter(|(_, there)| *there) {
        let message = format!("`{key}` is said for the estate, and a tier cannot say it otherwise");
        let help = format!("move `{key}` to `components.protection`");
        sink.push(rule::COMPONENT.at(site.child(key).key(), message).help(help));
    }
    if isolation != Isolation::Container && block.firewall != Firewall::default() {
        let message =
            "the firewall stands before load balancers that tenants share: isolation `container`";
        let at = site.child("firewall").key();
        sink.push(rule::COMPONENT.at(at, message).help("remove `firewall` from this tier"));
    }
    if isolation != Isolation::Application && block.databases.is_some() {
        let message = "only pools have databases that are made here: isolation `application`";
        let at = site.child("databases").key();
        sink.push(rule::COMPONENT.at(at, message).help("remove `databases` from this tier"));
    }
}
