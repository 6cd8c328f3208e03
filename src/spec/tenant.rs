//! The tenants as meant: each with a tier, a region, and the values of its tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::blueprint::shape::component::Federation;
use crate::blueprint::shape::{Isolation, Overridable, Override, TierVpn};
use crate::blueprint::{Written, WrittenTenant};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::{FileId, Site, Step};
use crate::spec::component::identity;
use crate::spec::network::{self, Vpn};
use crate::spec::tier::{TagValue, Tier};
use crate::spec::{rule, text, tier, workload};

/// The most characters of an id: that of the shortest name that holds nothing else.
const ID_MAX: usize = 63;

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its immutable id.
    pub id: String,
    /// The id of its tier.
    pub tier: String,
    /// Its name as people write it; the id, if none is given.
    pub name: String,
    /// The region that it lives in.
    pub region: String,
    /// The e-mail address of its account.
    pub email: Option<String>,
    /// What it needs of the others in its cell, sorted.
    pub needs: Vec<String>,
    /// Whether it has a cell of its own.
    pub dedicated: bool,
    /// Its own host name.
    pub host: Option<String>,
    /// The shape of its tier as it overrides it, if it does.
    pub variant: Option<String>,
    /// What it overrides, for people.
    pub overrides: Vec<Overridable>,
    /// The far end of its own VPN connection.
    pub vpn: Option<Vpn>,
    /// Where its users sign in, if that is not here.
    pub federation: Option<Federation>,
    /// The values of the tags that depend on the tenant, by key.
    pub tags: BTreeMap<String, String>,
    /// Where it stands.
    pub site: Site,
}

/// The tenants, by id, whatever their order in the files.
pub fn tenants(
    written: &Written,
    regions: &[String],
    tiers: &BTreeMap<String, Tier>,
    variants: &mut BTreeMap<String, Tier>,
    sink: &mut Sink,
) -> BTreeMap<String, Tenant> {
    let mut out: BTreeMap<String, Tenant> = BTreeMap::new();
    let mut folded: BTreeMap<String, (String, Site)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    let judge = Judge { written, regions, tiers, registry: text::registry(), used: used(written) };
    for one in &written.tenants {
        let id = &one.tenant.id;
        let site = one.site.child("id");
        let lower = id.to_lowercase();
        if let Some((other, place)) = folded.get(&lower) {
            let same = other == id;
            let (rule, message) = if same {
                (&rule::TENANT_TWICE, format!("the id {id:?} is there twice"))
            } else {
                (&rule::TENANT_CASE, format!("the ids {other:?} and {id:?} differ only in case"))
            };
            sink.push(rule.at(site, message).note(place.clone(), "the other one"));
            continue;
        }
        folded.insert(lower, (id.clone(), site));
        judge.check_attributes(one, &mut told, sink);
        out.extend(judge.tenant(one, variants, sink).map(|tenant| (id.clone(), tenant)));
    }
    call(variants, &mut out);
    out
}

/// Gives shapes the names that they have once all of them are known.
fn call(variants: &mut BTreeMap<String, Tier>, tenants: &mut BTreeMap<String, Tenant>) {
    let names = tier::names(variants);
    for shape in tenants.values_mut().filter_map(|tenant| tenant.variant.as_mut()) {
        shape.clone_from(&names[shape]);
    }
    let all = std::mem::take(variants).into_iter();
    variants.extend(all.map(|(shape, tier)| {
        let shape = names[&shape].clone();
        (shape.clone(), Tier { shape, ..tier })
    }));
}

/// The words that follow `tenant.` in any template.
fn used(written: &Written) -> BTreeSet<String> {
    let blueprint = &written.blueprint;
    let tiers = blueprint.tiers.values().flat_map(|tier| tier.tags.values());
    let templates = blueprint.tags.common.values().chain(tiers);
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect()
    };
    templates.flat_map(|t| t.split("tenant.").skip(1).map(word).collect::<Vec<_>>()).collect()
}

struct Judge<'a> {
    written: &'a Written,
    regions: &'a [String],
    tiers: &'a BTreeMap<String, Tier>,
    registry: handlebars::Handlebars<'static>,
    used: BTreeSet<String>,
}

impl Judge<'_> {
    fn tenant(
        &self,
        one: &WrittenTenant,
        variants: &mut BTreeMap<String, Tier>,
        sink: &mut Sink,
    ) -> Option<Tenant> {
        let (tenant, site) = (&one.tenant, &one.site);
        let sound = check_id(&tenant.id, site, sink);
        let name = tenant.name.clone().unwrap_or_else(|| tenant.id.clone());
        check_name(&name, site, sink);
        let region = self.region(tenant.region.as_deref(), site, sink);
        let tier = self.tier(&tenant.tier, site, sink)?;
        if !one.whole {
            return None;
        }
        let vpn = Self::vpn(one, tier, sink);
        let region = region?;
        settings(one, tier, sink);
        if let Some(federation) = &tenant.federation {
            identity::federation(federation, tier, &site.child("federation"), sink);
        }
        let variant = variant(one, tier, variants, sink);
        let tags = self.tags(one, tier, &name, &region, sink);
        sound.then(|| Tenant {
            id: tenant.id.clone(),
            tier: tenant.tier.clone(),
            name,
            region,
            email: tenant.email.clone(),
            needs: tenant.needs.sorted(),
            dedicated: tenant.dedicated,
            host: tenant.host.clone(),
            variant,
            overrides: tenant.overrides.as_ref().map_or(Vec::new(), Override::parts),
            vpn,
            federation: tenant.federation.clone(),
            tags,
            site: site.clone(),
        })
    }

    fn tier(&self, id: &str, site: &Site, sink: &mut Sink) -> Option<&Tier> {
        let found = self.tiers.get(id);
        let broken = |steps: Vec<Step>| self.written.broken.contains(&steps);
        let known = || self.written.blueprint.tiers.contains_key(id);
        let cut_out =
            || known() || broken(vec!["tiers".into()]) || broken(vec!["tiers".into(), id.into()]);
        if found.is_none() && !cut_out() {
            let known: Vec<&str> = self.tiers.keys().map(String::as_str).collect();
            let help = match nearest(id, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? Tiers: {}", known.join(", ")),
                None => format!("tiers: {}", known.join(", ")),
            };
            sink.push(
                rule::TIER.at(site.child("tier"), format!("there is no tier {id:?}")).help(help),
            );
        }
        found
    }

    fn region(&self, named: Option<&str>, site: &Site, sink: &mut Sink) -> Option<String> {
        let Some(region) = named else { return self.regions.first().cloned() };
        if self.regions.iter().any(|r| r == region) {
            return Some(region.to_owned());
        }
        if self.regions.iter().any(|r| self.written.blueprint.partition.zones(r).is_none()) {
            // One of the estate's regions is mistyped, and most likely it is this one.
            return None;
        }
        let message = format!("{region:?} is not one of the estate's regions");
        let complaint = rule::TENANT_REGION.at(site.child("region"), message).against(["regions"]);
        if self.written.blueprint.partition.zones(region).is_some() {
            let help =
                format!("add {region} to `regions`, or name one of {}", self.regions.join(", "));
            sink.push(complaint.help(help));
            return None;
        }
        let help = match nearest(region, self.regions.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("regions: {}", self.regions.join(", ")),
        };
        sink.push(complaint.help(help).against(["partition"]));
        None
    }

    fn vpn(one: &WrittenTenant, tier: &Tier, sink: &mut Sink) -> Option<Vpn> {
        let site = one.site.child("vpn");
        match (&one.tenant.vpn, tier.vpn) {
            (Some(_), TierVpn::None) => {
                let message = format!("tier `{}` has no VPN connections", tier.id);
                sink.push(rule::TENANT_VPN.at(site.key(), message));
                None
            }
            (None, TierVpn::Required) => {
                let message = format!("tier `{}` requires `vpn`", tier.id);
                let help = "add `vpn: { gateway_ip: …, asn: … }`";
                sink.push(rule::TENANT_VPN.at(one.site.child("id"), message).help(help));
                None
            }
            (Some(vpn), _) => network::vpn(vpn, &site, sink),
            (None, _) => None,
        }
    }

    /// Attributes that no template uses; each once for each file, as a column has many rows.
    fn check_attributes(
        &self,
        one: &WrittenTenant,
        told: &mut BTreeSet<(FileId, String)>,
        sink: &mut Sink,
    ) {
        const KNOWN: [&str; 11] = [
            "id",
            "tier",
            "name",
            "region",
            "email",
            "needs",
            "dedicated",
            "host",
            "override",
            "vpn",
            "federation",
        ];
        for key in one.tenant.attributes.keys().filter(|key| !self.used.contains(*key)) {
            if !told.insert((one.site.file(), key.clone())) {
                continue;
            }
            let words = KNOWN.into_iter().chain(self.used.iter().map(String::as_str));
            let message = format!("no template uses the attribute `{key}`");
            let complaint = rule::TENANT_ATTRIBUTE.at(one.site.child(key.as_str()).key(), message);
            sink.push(match nearest(key, words) {
                Some(near) => complaint.help(format!("did you mean `{near}`?")),
                None => complaint,
            });
        }
    }

    fn tags(
        &self,
        one: &WrittenTenant,
        tier: &Tier,
        name: &str,
        region: &str,
        sink: &mut Sink,
    ) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let templates = tier.tags.iter().filter_map(|tag| match &tag.value {
            TagValue::PerTenant(template, site) => Some((&tag.key, template, site)),
            TagValue::Fixed(_) => None,
        });
        for (key, template, place) in templates {
            let context = self.context(one, tier, name, region);
            match self.registry.render_template(template, &context) {
                Ok(value) => {
                    let attribute = template.split("tenant.").nth(1).map(|rest| {
                        rest.chars()
                            .take_while(|c| c.is_alphanumeric() || *c == '_')
                            .collect::<String>()
                    });
                    let site = one.site.child(attribute.as_deref().unwrap_or("id"));
                    if text::check_value(key, &value, &site, sink) {
                        out.insert(key.clone(), value);
                    }
                }
                Err(error) => {
                    let message = format!(
                        "the tag {key} of tenant {:?}: {}",
                        one.tenant.id,
                        text::fault(&error)
                    );
                    let help = format!("add to the tenant what `{template}` uses");
                    let complaint = rule::TEMPLATE.at(one.site.child("id"), message).help(help);
                    sink.push(complaint.note(place.clone(), "the template"));
                }
            }
        }
        out
    }

    fn context(&self, one: &WrittenTenant, tier: &Tier, name: &str, region: &str) -> Value {
        let blueprint = &self.written.blueprint;
        let mut tenant = serde_json::Map::new();
        for (key, value) in &one.tenant.attributes {
            tenant.insert(key.clone(), Value::String(value.to_string()));
        }
        if let Some(email) = &one.tenant.email {
            tenant.insert("email".to_owned(), Value::String(email.clone()));
        }
        for (key, value) in [("id", &one.tenant.id), ("tier", &tier.id)] {
            tenant.insert(key.to_owned(), Value::String(value.clone()));
        }
        tenant.insert("name".to_owned(), Value::String(name.to_owned()));
        tenant.insert("region".to_owned(), Value::String(region.to_owned()));
        json!({
            "name": blueprint.name, "environment": blueprint.environment,
            "tier": tier.id, "tenant": tenant
        })
    }
}

/// Settings of a tenant that only some models know.
fn settings(one: &WrittenTenant, tier: &Tier, sink: &mut Sink) {
    use Isolation::{Application, Container, Subnet};
    let tenant = &one.tenant;
    let rows: [(&str, bool, &[Isolation]); 3] = [
        ("needs", !tenant.needs.sorted().is_empty(), &[Container, Application]),
        ("dedicated", tenant.dedicated, &[Subnet, Container, Application]),
        ("host", tenant.host.is_some(), &[Container]),
    ];
    for (key, there, models) in rows {
        if there && !models.contains(&tier.isolation) {
            let known: Vec<String> = models.iter().map(|m| format!("`{}`", m.id())).collect();
            let message = format!("`{key}` is a setting of isolation {}", known.join(", "));
            sink.push(rule::TENANT_SETTING.at(one.site.child(key).key(), message));
        }
    }
}

/// The shape of the tier as the tenant overrides it, if it does and may.
fn variant(
    one: &WrittenTenant,
    tier: &Tier,
    variants: &mut BTreeMap<String, Tier>,
    sink: &mut Sink,
) -> Option<String> {
    let over = one.tenant.overrides.as_ref()?;
    let site = one.site.child("override");
    let errors = sink.errors();
    for part in over.parts() {
        let (key, id) = (part.id(), &tier.id);
        let place = site.child(key).key();
        if !part.models().contains(&tier.isolation) {
            let message = format!("isolation `{}` has no `{key}` to override", tier.isolation.id());
            sink.push(rule::OVERRIDE.at(place, message).help(format!("remove `{key}`")));
        } else if !tier.allow.contains(&part) {
            let message = format!("tier `{id}` does not allow its tenants to override `{key}`");
            sink.push(rule::OVERRIDE.at(place, message));
        }
    }
    let changed = tier.with(over);
    if let Some(service) = over.service.as_ref().filter(|_| sink.errors() == errors) {
        workload::sizes(tier, &changed, service, &site.child("service"), sink);
    }
    if sink.errors() > errors || over.parts().is_empty() {
        return None;
    }
    let shape = changed.shape.clone();
    variants.entry(shape.clone()).or_insert(changed);
    Some(shape)
}

fn check_id(id: &str, site: &Site, sink: &mut Sink) -> bool {
    let site = site.child("id");
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let complaint = if id.is_empty() {
        "an id is empty".to_owned()
    } else if id.chars().count() > ID_MAX {
        format!("the id has {} characters, at most {ID_MAX} are allowed", id.chars().count())
    } else if let Some(bad) = id.chars().find(|c| !sound(*c)) {
        format!("the id {id:?} holds {bad:?}")
    } else if id.starts_with('-') || id.ends_with('-') {
        format!("the id {id:?} begins or ends with a hyphen")
    } else {
        return true;
    };
    sink.push(rule::TENANT_ID.at(site, complaint));
    false
}

fn check_name(name: &str, site: &Site, sink: &mut Sink) {
    let site = site.child("name");
    let control = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    let complaint = if name.is_empty() {
        "the name is empty".to_owned()
    } else if name.chars().count() > crate::name::TAG_VALUE_MAX {
        format!("the name has {} characters, at most 256 are allowed", name.chars().count())
    } else if let Some(bad) = name.chars().find(control) {
        format!("the name holds the control character {bad:?}")
    } else if name.contains("{{resolve:") {
        "the name holds a dynamic reference, `{{resolve:`".to_owned()
    } else {
        return;
    };
    sink.push(rule::TENANT_NAME.at(site, complaint));
}
