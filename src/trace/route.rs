//! The words of the table → places: which tenant, tier, service, component and entry of the lock a
//! route means depends on the thing that is asked of.

use ipnet::Ipv4Net;

use crate::name::{pascal, snake};
use crate::source::{Kind, Node, Site, Step};
use crate::template::{Entry, NAME, Stack};
use crate::trace::table::{PARAMETERS, ROWS, Row};
use crate::trace::{By, Origin, Trace, params, parts};
use crate::value::Value;

/// What the routes of a thing begin in.
pub struct Scope<'a> {
    trace: &'a Trace<'a>,
    stack: &'a Stack,
    entry: Option<&'a Entry>,
}

impl<'a> Scope<'a> {
    /// Of a stack, or of a resource of it.
    pub fn new(trace: &'a Trace<'a>, stack: &'a Stack, entry: Option<&'a Entry>) -> Self {
        Scope { trace, stack, entry }
    }

    /// Where a resource or one of its properties comes from.
    pub fn resource(&self, entry: &Entry, property: Option<&str>, out: &mut Vec<Origin>) {
        let names: Vec<String> = property.map(words).unwrap_or_default();
        if names.first().is_some_and(|word| word == "tags") {
            self.tags(entry, &names, out);
        }
        let value = entry.body.properties.iter().find(|(n, _)| names.first() == Some(&snake(n)));
        let value = value.map(|(_, value)| value);
        let mut held = Vec::new();
        if let Some(value) = value {
            params(value, &mut held);
        }
        // What is a parameter comes from where that does; what only holds one, from its own place.
        if let Some(Value::Param(name)) = value {
            return self.parameter(name, out);
        }
        if let Some(value) = value {
            self.same(value, out);
            self.block(value, out);
        }
        if entry.component.is_none()
            && let Some(row) = ROWS.iter().find(|row| fits(row, entry, &names))
        {
            self.first(row.routes, out);
        }
        // What is there once for each zone has its number.
        if property.is_none() && entry.id.contains(|c: char| c.is_ascii_digit()) {
            out.extend(self.written("network.zones"));
        }
        if let Some(block) = self.component() {
            out.extend(self.at(block, "component"));
        }
        for name in held.iter().filter(|name| *name != NAME) {
            self.parameter(name, out);
        }
    }

    /// The setting of the component, or else of the tier, that is written with the very value that a
    /// property holds, if there is one only.
    fn same(&self, value: &Value, out: &mut Vec<Origin>) {
        let tier = || self.site("tier");
        let Some(block) = self.component().or_else(tier) else { return };
        let Some(node) = self.trace.sources.node(&block) else { return };
        let mut found = Vec::new();
        written_as(node, &block, value, &mut found);
        if let [site] = found.as_slice() {
            out.push(Origin { site: site.clone(), what: told(site), by: By::Written });
        }
    }

    /// Where an address block that stands in a template as it is was written for the whole network: a
    /// pool, or a block on premises.
    fn block(&self, value: &Value, out: &mut Vec<Origin>) {
        let Value::Text(text) = value else { return };
        let network = Site::at(["network"]);
        let Some(node) = self.trace.sources.node(&network) else { return };
        let mut found = Vec::new();
        if text.parse::<Ipv4Net>().is_ok() {
            written_as(node, &network, value, &mut found);
        }
        if let [site] = found.as_slice() {
            out.push(Origin { site: site.clone(), what: setting(site), by: By::Written });
        }
    }

    /// Where the value of a parameter comes from.
    pub fn parameter(&self, name: &str, out: &mut Vec<Origin>) {
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if let Some((_, routes)) = PARAMETERS.iter().find(|(n, _)| *n == plain) {
            self.all(routes, out);
        } else if name.starts_with("Tag") {
            self.tag(|key| crate::template::tag_param(key) == name, out);
        }
    }

    /// The tags of a resource: the one that is named, or where tags are said.
    fn tags(&self, entry: &Entry, names: &[String], out: &mut Vec<Origin>) {
        let known = entry.tags.iter().flatten();
        for (key, _) in known.filter(|(key, _)| names.iter().any(|name| *name == snake(key))) {
            self.tag(|other| other == key, out);
        }
        self.first(&["tier.tags", "tags.common", "tags"], out);
    }

    /// A tag of the user's, and the attributes of the tenant that it is made of.
    fn tag(&self, is: impl Fn(&str) -> bool, out: &mut Vec<Origin>) {
        let Some(tier) = self.stack.tier.as_ref().and_then(|id| self.trace.made.spec.tiers.get(id))
        else {
            return;
        };
        let Some(tag) = tier.tags.iter().find(|tag| is(&tag.key)) else { return };
        let own = self.site("tier").map(|site| site.child("tags").child(tag.key.as_str()));
        let common = Site::at(["tags", "common"]).child(tag.key.as_str());
        let Some(site) = own.into_iter().chain([common]).find(|s| self.trace.sources.has(s)) else {
            return;
        };
        let text = self.trace.sources.node(&site).map(|node| &node.kind);
        if let (Some(Kind::Text(text)), Some(tenant)) = (text, self.site("tenant")) {
            for word in text.split("tenant.").skip(1) {
                let named: String =
                    word.chars().take_while(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
                out.extend(self.at(tenant.child(named.as_str()), &format!("tenant.{named}")));
            }
        }
        out.push(Origin { site, what: format!("tag {}", tag.key), by: By::Written });
    }

    /// What a whole stack, or in the end every resource of it, comes from.
    pub fn whole(&self, of_resource: bool, out: &mut Vec<Origin>) {
        let component = self
            .entry
            .map_or(self.stack.component, |entry| entry.component.or(self.stack.component));
        if component.is_some() {
            self.first(&["component"], out);
        }
        // A resource is that of all tenants of the tier; a stack is there because its tenant is.
        let order = if of_resource { ["tier", "tenant"] } else { ["tenant", "tier"] };
        for route in order {
            out.extend(self.written(route));
        }
        let shared: &[&str] = match self.stack.shape.split(['-', '.']).next().unwrap_or_default() {
            "hub" => &["lock.hub", "network.hub"],
            "organization" => &["organization"],
            "spoke" => &["network.hub"],
            "cell" | "network" | "data" => &["lock.cell"],
            _ if self.stack.tenant.is_some() || self.stack.tier.is_some() => &[],
            _ if component.is_some() => &[],
            _ => &["regions"],
        };
        self.all(shared, out);
    }

    /// Every route that is written.
    fn all(&self, routes: &[&str], out: &mut Vec<Origin>) {
        out.extend(routes.iter().filter_map(|route| self.written(route)));
    }

    /// The first of some routes that is written, and then the others; if none is, the last of them
    /// is as it is by default.
    fn first(&self, routes: &[&str], out: &mut Vec<Origin>) {
        let before = out.len();
        self.all(routes, out);
        if out.len() == before {
            out.extend(routes.iter().rev().find_map(|route| self.default(route)));
        }
    }

    /// A route that is written.
    fn written(&self, route: &str) -> Option<Origin> {
        self.at(self.site(route)?, route)
    }

    fn at(&self, site: Site, route: &str) -> Option<Origin> {
        let by = if route.starts_with("lock.") { By::Lock } else { By::Written };
        let there = self.trace.sources.has(&site);
        there.then(|| Origin { site, what: self.what(route), by })
    }

    /// A route that could be written, but is not: the deepest block of it that is there.
    fn default(&self, route: &str) -> Option<Origin> {
        let (Site::Value(file, mut steps) | Site::Key(file, mut steps)) = self.site(route)? else {
            return None;
        };
        while !self.trace.sources.has(&Site::Value(file, steps.clone())) {
            steps.pop()?;
        }
        let what = format!("{}, which is not set", self.what(route));
        Some(Origin { site: Site::Value(file, steps), what, by: By::Default })
    }

    /// Where a route leads, whether or not something stands there.
    fn site(&self, route: &str) -> Option<Site> {
        let (head, rest) = route.split_once('.').unwrap_or((route, ""));
        let base = match head {
            "tenant" => self.tenant()?,
            "tier" => Site::at(["tiers"]).child(self.stack.tier.as_deref()?),
            "component" => self.component()?,
            "lock" => return self.lock(rest),
            "service" => self.service()?,
            "table" => self.table()?,
            "unit" => self.unit()?,
            "prefix" => self.prefix(),
            other => Site::at([other]),
        };
        let keys = rest.split('.').filter(|key| !key.is_empty());
        Some(keys.fold(base, |site, key| site.child(key)))
    }

    fn tenant(&self) -> Option<Site> {
        let tenant = self.stack.tenant.as_ref()?;
        self.trace.made.spec.tenants.get(tenant).map(|tenant| tenant.site.clone())
    }

    /// The block of the component, of the tier if it has one of its own.
    fn component(&self) -> Option<Site> {
        let name = self.entry.and_then(|entry| entry.component).or(self.stack.component)?;
        let whole = Site::at(["components", name]);
        let tier = self.stack.tier.as_ref().or_else(|| self.tier_of_name());
        let own = tier.map(|tier| Site::at(["tiers"]).child(tier.as_str()));
        let own = own.map(|tier| tier.child("components").child(name));
        Some(own.filter(|site| self.trace.sources.has(site)).unwrap_or(whole))
    }

    /// The tier that a resource of a stack of all tiers is for: its name says so.
    fn tier_of_name(&self) -> Option<&String> {
        let id = self.entry?.id.strip_prefix("Tier")?;
        let of = |tier: &&String| id.starts_with(&pascal(tier));
        self.trace.made.spec.tiers.keys().filter(of).max_by_key(|tier| tier.len())
    }

    /// The service that a resource is of, by the beginning of its name.
    fn service(&self) -> Option<Site> {
        let tier = Site::at(["tiers"]).child(self.stack.tier.as_deref()?);
        let only = tier.child("service");
        if self.trace.sources.has(&only) {
            return Some(only);
        }
        let spec = self.trace.made.spec.tiers.get(self.stack.tier.as_ref()?)?;
        let id = &self.entry?.id;
        let of = |name: &&String| id.starts_with(&pascal(name));
        let name = spec.services.keys().filter(of).max_by_key(|name| name.len())?;
        Some(tier.child("services").child(name.as_str()))
    }

    /// The table that a resource is, by the beginning of its name.
    fn table(&self) -> Option<Site> {
        let spec = self.trace.made.spec.tiers.get(self.stack.tier.as_ref()?)?;
        let id = &self.entry?.id;
        let mut tables = spec.data.iter().flat_map(|data| data.tables.keys());
        let name = tables.find(|name| *id == format!("{}Table", pascal(name)))?;
        let tier = Site::at(["tiers"]).child(spec.id.as_str());
        Some(tier.child("data").child("tables").child(name.as_str()))
    }

    /// The tier whose organizational unit it is.
    fn unit(&self) -> Option<Site> {
        let id = &self.entry?.id;
        let mut tiers = self.trace.made.spec.tiers.keys();
        let tier = tiers.find(|tier| *id == format!("{}Unit", pascal(tier)))?;
        Some(Site::at(["tiers"]).child(tier.as_str()).child("account"))
    }

    /// The prefix length of the block that a stack's addresses lie in.
    fn prefix(&self) -> Site {
        let Some(tier) = self.stack.tier.as_deref() else {
            return Site::at(["network", "hub", "prefix"]);
        };
        let own = self.stack.tenant.is_some();
        let network = Site::at(["tiers"]).child(tier).child("network");
        network.child(if own { "prefix" } else { "cell_prefix" })
    }

    /// An entry of the lock.
    fn lock(&self, what: &str) -> Option<Site> {
        let (plan, stack) = (&self.trace.made.plan, self.stack);
        let tenant = stack.tenant.as_deref();
        let cell = || match tenant {
            Some(id) => plan.tenants.get(id)?.cell.as_deref(),
            None => plan.cells.keys().map(String::as_str).find(|id| stack.whole().ends_with(id)),
        };
        let entry = |section, key: &str| self.trace.lock_entry(section, key);
        match what {
            "tenant" => entry("tenants", tenant?),
            "cell" => entry("cells", cell()?),
            "zones" => entry("zones", &stack.region),
            "block" if tenant.is_some() => entry("tenants", tenant?),
            "block" if stack.tier.is_some() => entry("cells", cell()?),
            _ => entry("hubs", &stack.region),
        }
    }

    /// A route, for people.
    fn what(&self, route: &str) -> String {
        let (head, rest) = route.split_once('.').unwrap_or((route, ""));
        let of = |word: &str, name: Option<&str>| match (name, rest) {
            (None, _) => route.to_owned(),
            (Some(name), "") => format!("{word} {name}"),
            (Some(name), rest) => format!("{word} {name}, {rest}"),
        };
        let (tenant, tier) = (self.stack.tenant.as_deref(), self.stack.tier.as_deref());
        match head {
            "tenant" => of("tenant", tenant),
            "tier" => of("tier", tier),
            "service" | "table" => {
                format!("{}, {route}", of("tier", tier).split(',').next().unwrap_or_default())
            }
            "unit" => "the tier's organizational unit".to_owned(),
            "prefix" => match (tier, tenant) {
                (Some(tier), Some(_)) => format!("tier {tier}, network.prefix"),
                (Some(tier), None) => format!("tier {tier}, network.cell_prefix"),
                _ => "network.hub.prefix".to_owned(),
            },
            "component" => {
                let name = self.entry.and_then(|e| e.component).or(self.stack.component);
                of("component", name)
            }
            "lock" => match rest {
                "zones" => format!("the lock: zones of {}", self.stack.region),
                "hub" => format!("the lock: hub of {}", self.stack.region),
                _ => format!("the lock: {}", tenant.unwrap_or(&self.stack.key)),
            },
            _ => route.to_owned(),
        }
    }
}

/// The words of a property's path, each in Terraform's form, so that both engines' names are one.
fn words(property: &str) -> Vec<String> {
    let parts = property.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    parts.filter(|part| !part.is_empty()).map(snake).collect()
}

/// A place below a tier or component, for people.
fn told(site: &Site) -> String {
    let (Site::Value(_, steps) | Site::Key(_, steps)) = site else { return String::new() };
    let words = steps.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => (index + 1).to_string(),
    });
    let words: Vec<String> = words.collect();
    match words.as_slice() {
        [head, name, rest @ ..] if !rest.is_empty() => {
            format!("{} {name}, {}", head.trim_end_matches('s'), rest.join("."))
        }
        all => all.join("."),
    }
}

/// The setting that a place is of, without what stands in its list.
fn setting(site: &Site) -> String {
    let (Site::Value(_, steps) | Site::Key(_, steps)) = site else { return String::new() };
    let keys = steps.iter().map_while(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    keys.collect::<Vec<_>>().join(".")
}

/// The scalars below a node that are written as a value, or a part of it, is.
fn written_as(node: &Node, at: &Site, value: &Value, out: &mut Vec<Site>) {
    match &node.kind {
        Kind::Map(entries) => {
            // A model makes all that a tier has: its name on its own is no setting of a resource.
            for (key, child) in entries.iter().filter(|(key, _)| key.text != "isolation") {
                written_as(child, &at.child(key.text.as_str()), value, out);
            }
        }
        Kind::List(items) => {
            for (i, child) in items.iter().enumerate() {
                written_as(child, &at.child(i), value, out);
            }
        }
        kind if holds(value, kind) => out.push(at.clone()),
        _ => {}
    }
}

/// Whether a value is, or holds, a scalar. Truth values and words of a letter or two say nothing.
fn holds(value: &Value, kind: &Kind) -> bool {
    let is = match (value, kind) {
        (Value::Text(text), Kind::Text(written)) => written.len() > 2 && text == written,
        (Value::Int(n), Kind::Int(written)) => n == written,
        (Value::Text(text), Kind::Int(written)) => *text == written.to_string(),
        _ => false,
    };
    is || parts(value).into_iter().any(|part| holds(part, kind))
}

fn fits(row: &Row, entry: &Entry, names: &[String]) -> bool {
    (row.types.is_empty() || row.types.contains(&entry.tf))
        && entry.id.contains(row.word)
        && (row.properties.is_empty()
            || row.properties.iter().any(|property| names.contains(&snake(property))))
}
