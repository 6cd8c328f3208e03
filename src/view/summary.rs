//! What `synth` tells a person at the end: who lives where, how much room is left, where the files
//! are, and what to do next.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::aws::PENDING;
use crate::check::quota::Use;
use crate::engine::Engine;
use crate::plan::space::size;
use crate::prove::proof::Proof;
use crate::synth::Made;
use crate::view::{grouped, growth, proof, quotas};

/// What happened on disk.
pub struct Files {
    /// The folder of the estate.
    pub folder: String,
    /// Files that were written.
    pub written: usize,
    /// Files that were right already.
    pub unchanged: usize,
    /// Files that were removed.
    pub removed: usize,
    /// Where the lock is.
    pub lock: String,
    /// What was proved of what was written, for each engine.
    pub proofs: Vec<Proof>,
}

/// The summary.
pub fn render(made: &Made, files: &Files) -> String {
    let mut out = String::new();
    let resources =
        made.estate.stacks.iter().map(|s| made.estate.templates[&s.shape].entries.len()).sum();
    let _ = writeln!(
        out,
        "{}: {}, {}, {}\n",
        made.spec.estate(),
        many(made.spec.tenants.len(), "tenant"),
        many(made.estate.stacks.len(), "stack"),
        many(resources, "resource"),
    );
    tiers(made, &mut out);
    overrides(made, &mut out);
    waiting(made, &mut out);
    pools(made, &mut out);
    limits(made, &mut out);
    isolation(&files.proofs, &mut out);
    cut(made, &mut out);
    news(made, &mut out);
    let _ = writeln!(
        out,
        "  files     {}: {} written, {} unchanged, {} removed",
        files.folder, files.written, files.unchanged, files.removed
    );
    let change = if made.lock_changed { "changed: commit it" } else { "unchanged" };
    let _ = writeln!(out, "  lock      {} ({change})\n", files.lock);
    out.push_str("next:\n");
    for engine in &made.options.engines {
        let what = match engine {
            Engine::CloudFormation => "aws cloudformation deploy, stack by stack",
            Engine::Terraform => "terraform apply, root by root",
        };
        let _ = writeln!(
            out,
            "  {}/{}/deploy.sh --dry-run    # then without: {what}",
            files.folder,
            engine.id()
        );
    }
    out
}

fn tiers(made: &Made, out: &mut String) {
    let width = made.spec.tiers.keys().map(String::len).max().unwrap_or(0);
    for (id, tier) in &made.spec.tiers {
        let tenants = made.spec.tenants.values().filter(|t| t.tier == *id).count();
        let cells = made.plan.cells.values().filter(|c| c.tier == *id).count();
        let model = tier.isolation.id();
        let place = if tier.isolation.has_cells() {
            format!(" in {}", many(cells, "cell"))
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "  tier      {id:width$}  {model:11}  {}{place}",
            many(tenants, "tenant")
        );
    }
}

/// What is too large for one stack.
fn cut(made: &Made, out: &mut String) {
    let shapes = made.estate.templates.keys().filter_map(|shape| shape.split('.').next());
    let here: BTreeSet<&str> = shapes.collect();
    let mut most: BTreeMap<&str, u32> = BTreeMap::new();
    for (key, parts) in &made.decisions.parts {
        let family = key.split('/').next().unwrap_or(key);
        // Lines of what nobody has now are kept for whoever comes back.
        if here.contains(family) {
            let last = most.entry(family).or_default();
            *last = parts.keys().copied().fold(*last, u32::max);
        }
    }
    for (family, parts) in most.into_iter().filter(|(_, parts)| *parts > 1) {
        let _ = writeln!(out, "  cut       {family}: {parts} parts, too large for one stack");
    }
}

/// Who has something else than the tier, and what.
fn overrides(made: &Made, out: &mut String) {
    let mut by_shape: BTreeMap<&String, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for tenant in made.spec.tenants.values() {
        let Some(shape) = &tenant.variant else { continue };
        let (parts, tenants) = by_shape.entry(shape).or_default();
        *parts = tenant.overrides.iter().map(|part| part.id()).collect();
        tenants.push(&tenant.id);
    }
    for (shape, (parts, tenants)) in by_shape {
        let _ = writeln!(out, "  override  {shape}: {} of {}", parts.join(", "), some(&tenants));
    }
}

/// Accounts that AWS has not made yet, or that nobody told of.
fn waiting(made: &Made, out: &mut String) {
    let pending = made.plan.tenants.iter().filter(|(_, placed)| placed.account == PENDING);
    let pending: Vec<&str> = pending.map(|(id, _)| id.as_str()).collect();
    if !pending.is_empty() {
        let (count, who) = (many(pending.len(), "account"), some(&pending));
        let _ = writeln!(out, "  pending   {count}: {who}; see `tenantry accounts import --help`");
    }
}

/// The first few of a list.
fn some<T: AsRef<str>>(ids: &[T]) -> String {
    const SHOWN: usize = 5;
    let more = ids.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = ids[..ids.len() - more].iter().map(AsRef::as_ref).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown with one decimal")]
fn pools(made: &Made, out: &mut String) {
    for usage in &made.plan.usage {
        let open = size(usage.pool.prefix_len()) - usage.reserved;
        let share = if open == 0 { 100.0 } else { usage.used as f64 * 100.0 / open as f64 };
        let _ = writeln!(
            out,
            "  addresses {}: {} of {} allocated ({share:.1} %), {} reserved",
            usage.pool,
            grouped(usage.used),
            grouped(open),
            grouped(usage.reserved),
        );
    }
}

/// What is passed, or else what breaks first as tiers grow.
fn limits(made: &Made, out: &mut String) {
    let report = quotas::report(made);
    let over: Vec<&Use> = report.uses.iter().filter(|one| one.is_over()).collect();
    if let [first, rest @ ..] = over.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(", {} more", rest.len()) };
        let _ = writeln!(out, "  limits    passed: {}{more}; see `tenantry quotas`", limit(first));
    } else if let Some((growth, first)) = growth::nearest(&report.growth) {
        let (what, place, tier) = (first.what.id(), &first.place, &growth.tier);
        let next = grouped(first.fits + 1);
        let _ =
            writeln!(out, "  limits    first: {what} in {place}, at tenant {next} of tier {tier}");
    }
}

/// Whether tenants are apart, as proved on what was written; once, if both engines say the same.
fn isolation(proofs: &[Proof], out: &mut String) {
    let lines: Vec<String> = proofs.iter().map(proof::verdict).collect();
    let same = lines.windows(2).all(|pair| pair[0] == pair[1]);
    for (proof, line) in proofs.iter().zip(&lines).take(if same { 1 } else { lines.len() }) {
        let engine = if same { String::new() } else { format!("{}: ", proof.engine.id()) };
        let _ = writeln!(out, "  isolation {engine}{line}");
        if let Some(first) = proof::first(proof) {
            let _ = writeln!(out, "            {first}; see `tenantry prove`");
        }
    }
}

fn limit(one: &Use) -> String {
    let most = one.limit.map_or(String::new(), grouped);
    format!("{} in {}, {} of {most}", one.quota, one.place, grouped(one.used))
}

fn news(made: &Made, out: &mut String) {
    let news = &made.plan.news;
    let lines = [
        ("new", &news.added),
        ("gone", &news.removed),
        ("moved", &news.moved),
        ("opened", &news.opened),
    ];
    for (word, ids) in lines.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let _ = writeln!(out, "  {word:9} {}", some(ids));
    }
}

fn many(count: usize, word: &str) -> String {
    format!("{} {word}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}
