//! A firewall before the load balancer of each cell of containers. Its rules count by the host that is
//! asked for, so one set of rules serves all tenants, and a new one changes nothing.

use crate::component::protection::{settings, shapes, template};
use crate::resource::Resource as _;
use crate::resource::balancer::LoadBalancer;
use crate::resource::firewall::{By, HOST, Rate, WebAcl, WebAclAssociation};
use crate::spec::Spec;
use crate::template::{Entry, Estate, NAME};
use crate::value::{Id, Value, join, param};

/// How many requests one address may make to one tenant in five minutes, where nothing else is said:
/// about seven a second.
const RATE: u32 = 2_000;

/// Before each load balancer that the internet reaches.
pub fn synthesise(spec: &Spec, estate: &mut Estate) {
    for shape in shapes(estate) {
        let Some((protection, Some(_))) = settings(spec, estate, &shape) else { continue };
        if protection.firewall.enabled == Some(false) {
            continue;
        }
        let template = template(estate, &shape);
        let Some(balancer) = template.entries.iter().find(|entry| is_open(entry)) else { continue };
        let balancer: Id<LoadBalancer> = Id::resource(&balancer.id);
        let rate = protection.firewall.rate.unwrap_or(RATE);
        let mut rates = vec![Rate {
            name: "RateByTenantAndAddress",
            by: By::HeaderAndAddress(HOST),
            limit: rate,
        }];
        rates.extend(protection.firewall.tenant_rate.map(|limit| Rate {
            name: "RateByTenant",
            by: By::Header(HOST),
            limit,
        }));
        let acl = WebAcl { metric: join([param(NAME), "-waf".into()]), rates };
        let acl = template.add("WebAcl", acl);
        let resource = Value::from(&balancer);
        template.add("WebAclAssociation", WebAclAssociation { acl, resource });
    }
}

/// An application load balancer that the internet reaches.
fn is_open(entry: &Entry) -> bool {
    let says = |name: &str, is: &str| entry.body.get(name) == Some(&Value::from(is));
    entry.tf == LoadBalancer::TF && says("Type", "application") && says("Scheme", "internet-facing")
}
