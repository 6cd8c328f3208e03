//! What a name, an address, a line or an error of AWS has to do with the blueprint: the resource, its
//! stack and template, its tenant, and the lines that it comes from, shown.

use std::fmt::Write as _;

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::engine::{Engine, Rendered, cloudformation, terraform};
use crate::name::snake;
use crate::source::Site;
use crate::template::{Entry, Stack};
use crate::trace::find::{Found, Hit, Sure};
use crate::trace::line::Makes;
use crate::trace::{By, Origin, Trace};
use crate::view::limit;

/// How many candidates, stacks and resources are shown to a person.
const SHOWN: usize = 5;

/// Others could have the name, too.
const ONE_OF: &str = "one-of";

/// It is in several templates.
const ANYWHERE: &str = "anywhere";

/// What was found, as people and machines are shown it.
#[derive(Serialize)]
pub struct Report {
    version: u32,
    /// The surest first.
    found: Vec<Card>,
    /// Addresses that nothing was made with, and what is known of them.
    addresses: Vec<(String, String)>,
    /// Ids that AWS gave.
    ids_of_aws: Vec<String>,
    /// What has the form of a name, but is none of this estate, each with what was looked for.
    unknown: Vec<(String, String)>,
    /// Quotas that are meant, by id or by an error of AWS.
    quotas: Vec<limit::Card>,
}

impl Report {
    /// With quotas that are meant besides.
    #[must_use]
    pub fn with_quotas(mut self, quotas: Vec<limit::Card>) -> Self {
        self.quotas = quotas;
        self
    }
}

/// One thing that may be meant.
#[derive(Serialize)]
struct Card {
    words: Vec<String>,
    /// How sure it is that this is meant: `named`, `together` (with its stack or template), `address`
    /// (lies in it), `one-of` (others could have the name), `whole` (a stack, a tenant, a cell) or
    /// `anywhere` (one of several templates that have such a resource).
    sure: &'static str,
    resource: Option<Thing>,
    /// The block of the resource that an address lies in.
    block: Option<String>,
    stacks: Vec<Place>,
    tenant: Option<String>,
    tier: Option<String>,
    isolation: Option<&'static str>,
    addresses: Option<String>,
    cell: Option<String>,
    templates: Vec<String>,
    origins: Vec<Line>,
}

/// A resource, by the names that it has.
#[derive(Serialize)]
struct Thing {
    id: String,
    cloudformation: Option<&'static str>,
    terraform: String,
}

/// Where a stack is.
#[derive(Serialize)]
struct Place {
    key: String,
    name: String,
    account: String,
    region: String,
}

/// A line that something comes from.
#[derive(Serialize)]
struct Line {
    file: String,
    #[serde(rename = "line")]
    number: usize,
    column: usize,
    what: String,
    by: &'static str,
    text: String,
}

/// What was found.
pub fn report(trace: &Trace<'_>, found: &Found) -> Report {
    let rendered = trace.made().render();
    Report {
        version: 2,
        found: found.hits.iter().map(|hit| card(trace, &rendered, hit)).collect(),
        addresses: found.addresses.iter().map(|net| unused(trace, *net)).collect(),
        ids_of_aws: found.foreign.clone(),
        unknown: found.strangers.clone(),
        quotas: Vec::new(),
    }
}

/// Nothing but quotas that are meant.
pub fn only_quotas(quotas: Vec<limit::Card>) -> Report {
    let (found, addresses, ids_of_aws, unknown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    Report { version: 2, found, addresses, ids_of_aws, unknown, quotas }
}

fn card(trace: &Trace<'_>, rendered: &Rendered<'_>, hit: &Hit) -> Card {
    let stacks: Vec<&Stack> = hit.stacks.iter().filter_map(|key| trace.stack(key)).collect();
    let first = stacks[0];
    let made = trace.made();
    let one = |of: fn(&Stack) -> Option<&String>| {
        let value = of(first)?;
        stacks.iter().all(|stack| of(stack) == Some(value)).then(|| value.clone())
    };
    let tenant = one(|stack| stack.tenant.as_ref());
    let tier = one(|stack| stack.tier.as_ref());
    let entry = hit.resource.as_ref().and_then(|id| {
        made.estate.templates[&first.shape].entries.iter().find(|entry| entry.id == *id)
    });
    let placed = tenant.as_ref().and_then(|id| made.plan.tenants.get(id));
    // Of an address, it is asked why it is that one.
    let property = hit.block.map(|_| "CidrBlock");
    let chain = trace.chain(&first.key, hit.resource.as_deref(), property);
    Card {
        words: hit.words.clone(),
        resource: entry.map(thing),
        block: hit.block.map(|block| block.to_string()),
        sure: sure(hit.sure),
        tenant,
        isolation: tier.as_ref().map(|id| made.spec.tiers[id].isolation.id()),
        tier,
        addresses: placed.and_then(|p| p.block).map(|block| block.cidr.to_string()),
        cell: placed.and_then(|placed| placed.cell.clone()),
        templates: templates(rendered, first, entry),
        origins: chain.iter().map(|origin| line(trace, origin)).collect(),
        stacks: stacks.into_iter().map(place).collect(),
    }
}

fn sure(sure: Sure) -> &'static str {
    match sure {
        Sure::Named => "named",
        Sure::Together => "together",
        Sure::Address => "address",
        Sure::OneOf => ONE_OF,
        Sure::Whole => "whole",
        Sure::Anywhere => ANYWHERE,
    }
}

fn thing(entry: &Entry) -> Thing {
    Thing {
        id: entry.id.clone(),
        cloudformation: entry.cfn,
        terraform: format!("module.stack.{}.{}", entry.tf, snake(&entry.id)),
    }
}

fn place(stack: &Stack) -> Place {
    Place {
        key: stack.key.clone(),
        name: stack.name.clone(),
        account: stack.account.clone(),
        region: stack.region.clone(),
    }
}

/// The files of a stack's template, with the line of a resource.
fn templates(rendered: &Rendered<'_>, stack: &Stack, entry: Option<&Entry>) -> Vec<String> {
    let both = [
        (Engine::CloudFormation, cloudformation::template_path(&stack.shape)),
        (Engine::Terraform, terraform::module_path(&stack.shape)),
    ];
    let path = |(engine, path): (Engine, String)| {
        let text = rendered.template_text(engine, &stack.shape)?;
        let line = entry.map_or(Some(1), |entry| match engine {
            Engine::CloudFormation => line_of(text, &[&format!("\"{}\": {{", entry.id)]),
            Engine::Terraform => line_of(
                text,
                &[&format!("\"{}\": {{", entry.tf), &format!("\"{}\": {{", snake(&entry.id))],
            ),
        })?;
        Some(if entry.is_some() { format!("{path}:{line}") } else { path })
    };
    both.into_iter().filter_map(path).collect()
}

/// The line on which the last of some texts stands, each behind the one before.
fn line_of(text: &str, needles: &[&str]) -> Option<usize> {
    let mut at = 0;
    for needle in needles {
        at += text[at..].find(needle)?;
    }
    Some(text[..at].matches('\n').count() + 1)
}

fn line(trace: &Trace<'_>, origin: &Origin) -> Line {
    let sources = trace.sources();
    let source = sources.get(origin.site.file());
    let start = sources.locate(&origin.site).start;
    let at = source.position(start);
    Line {
        file: source.name.clone(),
        number: at.line,
        column: at.column,
        what: origin.what.clone(),
        by: match origin.by {
            By::Written => "written",
            By::Default => "default",
            By::Lock => "lock",
        },
        text: source.text[source.line_around(start)].trim_end().to_owned(),
    }
}

/// What is known of an address that nothing was made with.
fn unused(trace: &Trace<'_>, net: Ipv4Net) -> (String, String) {
    let made = trace.made();
    let network = &made.spec.network;
    let inside = |whole: &&Ipv4Net| whole.contains(&net);
    let premises = network.premises().iter().find(inside);
    let what = if let Some(block) = premises {
        format!("on premises: {block} (network.on_premises)")
    } else if let Some(block) = network.reserved.iter().find(inside) {
        format!("reserved: {block} (network.reserved) is never allocated")
    } else if let Some((block, tenant)) = quarantined(trace, net) {
        format!("quarantined: {block} was that of {tenant}, which is gone")
    } else {
        match network.pools.iter().find(|pool| pool.cidr.contains(&net)) {
            Some(pool) => within(trace, net, pool.cidr),
            None => "in no pool of this estate".to_owned(),
        }
    };
    (net.to_string(), what)
}

/// A block of a pool: what was allocated in it, or that it is free.
fn within(trace: &Trace<'_>, net: Ipv4Net, pool: Ipv4Net) -> String {
    let plan = &trace.made().plan;
    let tenants = plan.tenants.iter().filter_map(|(id, t)| Some((id, t.block?.cidr)));
    let cells = plan.cells.iter().map(|(id, cell)| (id, cell.block.cidr));
    let hubs = plan.hubs.iter().map(|(region, hub)| (region, hub.cidr));
    let all: Vec<String> = tenants
        .chain(cells)
        .chain(hubs)
        .filter(|(_, block)| net.contains(block))
        .map(|(who, block)| format!("{who} {block}"))
        .collect();
    if all.is_empty() {
        return format!("free: nothing of pool {pool} is allocated there");
    }
    let more = all.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("in pool {pool}, and holds {}{tail}", all[..all.len() - more].join(", "))
}

fn quarantined(trace: &Trace<'_>, net: Ipv4Net) -> Option<(Ipv4Net, String)> {
    let text: serde_json::Value = serde_json::from_str(&trace.made().lock).ok()?;
    let entries = text["quarantine"].as_object()?;
    entries.iter().find_map(|(block, entry)| {
        let block: Ipv4Net = block.parse().ok()?;
        let tenant = entry["tenant"].as_str()?.to_owned();
        block.contains(&net).then_some((block, tenant))
    })
}

/// For machines: everything that was found.
pub fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).expect("strings and numbers serialise") + "\n"
}

/// For people: the surest in full, the others named.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let unsure = |card: &Card| [ONE_OF, ANYWHERE].contains(&card.sure);
    let many = report.found.len() > 1 && report.found.iter().all(unsure);
    if many {
        everywhere(&report.found, &mut out);
    }
    let shown = if many { 0 } else { SHOWN };
    for (i, card) in report.found.iter().take(shown).enumerate() {
        if i > 0 {
            out.push('\n');
        }
        show(card, &mut out);
    }
    if let Some(more) = report.found.len().checked_sub(SHOWN + 1).filter(|_| !many) {
        let _ = writeln!(out, "\n… and {} more (`--format json` has all)", more + 1);
    }
    for (net, what) in &report.addresses {
        let _ = writeln!(out, "{net}\n  {what}");
    }
    for id in &report.ids_of_aws {
        let _ = writeln!(
            out,
            "{}{id} is an id that AWS gave; it knows the stack:\n  aws cloudformation describe-stack-resources --physical-resource-id {id}",
            if out.is_empty() { "" } else { "\n" }
        );
    }
    if !out.is_empty() && !report.unknown.is_empty() {
        out.push('\n');
    }
    out + &unknown(&report.unknown)
}

/// Names that are none of this estate, and what was looked for.
pub fn unknown(names: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, why) in names {
        let _ = writeln!(out, "{name}\n  {why}");
    }
    out
}

/// A resource that several templates have: where, and the lines that they have in common.
fn everywhere(cards: &[Card], out: &mut String) {
    let _ = writeln!(
        out,
        "{}: {}; name a stack, too, to see one",
        cards[0].words.join(", "),
        if cards[0].sure == ONE_OF { "one of these" } else { "in several templates" }
    );
    for (i, card) in cards.iter().enumerate() {
        let head = if i == 0 { "stack" } else { "" };
        let more = if card.stacks.len() > 1 {
            format!(" and {} more", card.stacks.len() - 1)
        } else {
            String::new()
        };
        let id = card.resource.as_ref().map_or("", |thing| thing.id.as_str());
        let path = card.templates.first().map_or("", String::as_str);
        let _ = writeln!(out, "  {head:9} {}{more}  {id}  {path}", card.stacks[0].name);
    }
    let nearest = cards.iter().filter_map(|card| card.origins.first());
    let mut seen: Vec<&Line> = Vec::new();
    for line in nearest {
        if !seen.iter().any(|other| (&other.file, other.number) == (&line.file, line.number)) {
            seen.push(line);
        }
    }
    lines("from", seen.into_iter(), out);
}

fn show(card: &Card, out: &mut String) {
    let words: Vec<&str> = card.words.iter().map(String::as_str).collect();
    let others = card.sure == ONE_OF && card.stacks.len() > 1;
    let _ = writeln!(out, "{}{}", words.join(", "), if others { ": one of these" } else { "" });
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(out, "  {name:9} {value}");
    };
    if let Some(thing) = &card.resource {
        let kind = thing.cloudformation.map_or(String::new(), |kind| format!(" ({kind})"));
        let block = card.block.as_ref().map_or(String::new(), |block| format!("  {block}"));
        row("resource", &format!("{}{kind}{block}", thing.id));
        row("", &thing.terraform);
    }
    let stacks = card.stacks.iter().take(SHOWN);
    for (i, stack) in stacks.enumerate() {
        let place = format!("{}  {}/{}  {}", stack.name, stack.account, stack.region, stack.key);
        row(if i == 0 { "stack" } else { "" }, &place);
    }
    if card.stacks.len() > SHOWN {
        row("", &format!("… and {} more of the same", card.stacks.len() - SHOWN));
    }
    if let Some(tenant) = &card.tenant {
        let place = [&card.addresses, &card.cell].into_iter().flatten().cloned();
        row("tenant", &[tenant.clone()].into_iter().chain(place).collect::<Vec<_>>().join("  "));
    }
    if let (Some(tier), Some(isolation)) = (&card.tier, card.isolation) {
        row("tier", &format!("{tier}  {isolation}"));
    }
    for (i, path) in card.templates.iter().enumerate() {
        row(if i == 0 { "template" } else { "" }, path);
    }
    lines("from", card.origins.iter(), out);
}

/// Lines of the blueprint, each with its text.
fn lines<'a>(head: &str, lines: impl Iterator<Item = &'a Line>, out: &mut String) {
    for (i, line) in lines.take(SHOWN).enumerate() {
        let head = if i == 0 { head } else { "" };
        let _ = writeln!(
            out,
            "  {head:9} {}:{}:{}  {}",
            line.file, line.number, line.column, line.what
        );
        let _ = writeln!(out, "  {:>9} {}", line.number, cut(&line.text));
    }
}

/// A line as far as it fits a terminal.
fn cut(text: &str) -> String {
    const WIDTH: usize = 110;
    let head: String = text.chars().take(WIDTH).collect();
    let more = if text.chars().count() > WIDTH { "…" } else { "" };
    format!("| {head}{more}")
}

/// What a line makes, for people.
pub fn made_by(trace: &Trace<'_>, makes: &Makes, place: &str) -> String {
    let mut out = format!("{place}\n");
    let here: Vec<Line> = makes.sites.iter().take(1).map(|site| shown(trace, site)).collect();
    for line in &here {
        let _ = writeln!(out, "  {:>9} {}", line.number, cut(&line.text));
    }
    if let Some(id) = &makes.tenant {
        let placed = &trace.made().plan.tenants[id];
        let block = placed.block.map_or(String::new(), |block| format!("  {}", block.cidr));
        let cell = placed.cell.as_ref().map_or(String::new(), |cell| format!("  {cell}"));
        let _ = writeln!(out, "  {:9} {id}{block}{cell}", "tenant");
    }
    for (i, group) in makes.groups.iter().enumerate() {
        let head = if i == 0 { "makes" } else { "" };
        let count = group.stacks.len();
        let names = some(&group.stacks);
        let of = if count == 1 { names } else { format!("{count} stacks: {names}") };
        let _ = writeln!(out, "  {head:9} {}  ({of})", group.shape);
        if !group.resources.is_empty() {
            let _ = writeln!(out, "  {:9}   {}", "", some(&group.resources));
        }
    }
    if makes.groups.is_empty() {
        let _ = writeln!(out, "  {:9} nothing of its own", "makes");
    }
    out
}

fn shown(trace: &Trace<'_>, site: &Site) -> Line {
    line(trace, &Origin { site: site.clone(), what: String::new(), by: By::Written })
}

/// The first few of a list.
fn some(items: &[String]) -> String {
    const FEW: usize = 8;
    let more = items.len().saturating_sub(FEW);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", items[..items.len() - more].join(", "))
}
