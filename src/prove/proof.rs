//! The layers together: every pair of tenants gets a verdict. Pairs are grouped by the shapes of both
//! and by how near they live to each other; one pair of each group is asked why nothing gets through,
//! and those where something does are named one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::read::manifest::{Entry, Manifest};
use super::read::{Deployed, Engine, Folder, Thing, Trouble};
use super::statement::{self, Held};
use super::verdict::{Finding, Hop, Party, Verdict};
use super::{LIMIT, Layer};

/// What was proved of a folder, for one engine.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The name of the estate.
    pub estate: String,
    /// For which engine.
    pub engine: Engine,
    /// How many tenants there are.
    pub tenants: u64,
    /// How many things were looked at.
    pub things: u64,
    /// The pairs, group by group; each pair of tenants is in one of them.
    pub groups: Vec<Group>,
    /// What is reachable, each with its witness.
    pub reachable: Vec<Finding>,
    /// Whether more is reachable than is listed.
    pub more: bool,
    /// What the blueprint states, and whether it holds.
    pub statements: Vec<Held>,
    /// What was not looked at or taken for granted; sorted.
    pub outside: Vec<String>,
}

/// Pairs of tenants that are alike: both directions of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The shape of one tenant.
    pub one: String,
    /// The shape of the other; not before that of the one.
    pub other: String,
    /// How near they live.
    pub near: Near,
    /// How many pairs there are.
    pub pairs: u64,
    /// How many of them are reachable, in one direction at least.
    pub reachable: u64,
    /// The worst that holds for one of them.
    pub verdict: Verdict,
    /// A pair of it.
    pub example: (String, String),
    /// What stands between the example's two, layer by layer, in both directions where they differ.
    pub reasons: Vec<Finding>,
}

/// How near two tenants live to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// They stand on the same stacks of a cell.
    Cell,
    /// They live in the same account and region.
    Account,
    /// They live in other accounts or regions.
    Apart,
}

impl Near {
    /// As people and machines read it.
    pub fn id(self) -> &'static str {
        match self {
            Near::Cell => "same cell",
            Near::Account => "same account",
            Near::Apart => "apart",
        }
    }
}

impl Proof {
    /// How many pairs of tenants there are: each is looked at in both directions.
    pub fn pairs(&self) -> u64 {
        self.groups.iter().map(|group| group.pairs).sum()
    }

    /// How many pairs of tenants reach each other, in one direction at least.
    pub fn reached(&self) -> u64 {
        self.groups.iter().map(|group| group.reachable).sum()
    }

    /// The pairs of a verdict.
    pub fn with(&self, verdict: Verdict) -> u64 {
        let own = self.groups.iter().filter(|group| group.verdict == verdict);
        match verdict {
            Verdict::Reachable => self.reached(),
            _ => own.map(|group| group.pairs - group.reachable).sum(),
        }
    }

    /// Whether nothing gets through and every statement holds.
    pub fn holds(&self) -> bool {
        self.reachable.is_empty() && self.statements.iter().all(|held| held.holds)
    }
}

/// Proves a folder for one engine.
pub fn prove(folder: &dyn Folder, engine: Engine) -> Result<Proof, Vec<Trouble>> {
    let mut all = taken(folder, engine)?;
    Ok(judge(&mut all))
}

/// What one tenant can do to another, step by step: what stands between them, or the way.
pub fn explain(
    folder: &dyn Folder,
    engine: Engine,
    from: &str,
    to: &str,
) -> Result<Vec<Finding>, Vec<Trouble>> {
    let Taken { deployed, mut layers, .. } = taken(folder, engine)?;
    let tenants = deployed.manifest.tenants();
    let gone = [from, to].into_iter().filter(|id| !tenants.contains_key(id));
    let gone: Vec<Trouble> = gone
        .map(|id| Trouble {
            file: "manifest.json".to_owned(),
            message: format!("there is no tenant {id:?}"),
        })
        .collect();
    if !gone.is_empty() {
        return Err(gone);
    }
    let ours =
        |finding: &Finding| finding.from.tenant() == Some(from) && finding.to.tenant() == Some(to);
    let found = layers.iter_mut().flat_map(|layer| layer.judge());
    let mut out: Vec<Finding> = found.filter(ours).collect();
    out.extend(layers.iter().filter_map(|layer| layer.why(from, to)));
    Ok(out)
}

/// Whether something gets through.
pub fn is_reachable(finding: &Finding) -> bool {
    finding.verdict == Verdict::Reachable
}

/// Layers.
type Layers = Vec<Box<dyn Layer>>;

/// A folder whose things are all taken in.
struct Taken<'f> {
    deployed: Deployed<'f>,
    things: u64,
    layers: Layers,
    /// Things that say by a tag that they are another's than their stack.
    strange: Vec<Finding>,
}

/// Whose a thing is says its stack: a tag that says otherwise gives it away.
fn mistagged(thing: &Thing<'_>) -> Finding {
    let party = |tenant: Option<&str>| Party::Tenant(tenant.unwrap_or_default().to_owned());
    let tag = thing.tenant.unwrap_or_default();
    let why = format!("its tag says that it is of {tag:?}");
    let what = format!("{} is tagged as that of {tag}", thing.token());
    let (file, pointer) = (thing.file.to_owned(), thing.place.to_owned());
    Finding {
        from: party(thing.tenant),
        to: party(thing.home),
        verdict: Verdict::Reachable,
        by: "stack/tag",
        witness: vec![Hop { what: what.clone(), thing: thing.token(), file, pointer, why }],
        what,
    }
}

/// Takes a folder in.
fn taken(folder: &dyn Folder, engine: Engine) -> Result<Taken<'_>, Vec<Trouble>> {
    let mut layers = super::layers();
    let deployed =
        Deployed::read(folder, engine, &super::wanted).map_err(|trouble| vec![trouble])?;
    let (mut things, mut strange) = (0, Vec::new());
    deployed.each(&mut |thing| {
        things += 1;
        if thing.home.is_some() && thing.tenant != thing.home && strange.len() < LIMIT {
            strange.push(mistagged(thing));
        }
        for layer in layers.iter_mut().filter(|layer| layer.wants(thing.kind)) {
            layer.take(thing);
        }
    });
    let manifest = &deployed.manifest;
    let stacks = manifest.stacks.iter().map(|stack| &stack.account);
    let named = manifest.workload_accounts.iter().chain(&manifest.management_account);
    for account in named.chain(stacks).collect::<BTreeSet<_>>() {
        for layer in &mut layers {
            layer.account(account);
        }
    }
    let gone = deployed.files(&mut |path, text| {
        for layer in &mut layers {
            layer.file(path, text);
        }
    });
    let unread = layers.iter().flat_map(|layer| layer.troubles());
    let troubles = deployed.troubles.iter().cloned().chain(gone).chain(unread);
    let troubles: BTreeSet<Trouble> = troubles.collect();
    if troubles.is_empty() {
        Ok(Taken { deployed, things, layers, strange })
    } else {
        Err(troubles.into_iter().collect())
    }
}

fn judge(all: &mut Taken<'_>) -> Proof {
    let Taken { deployed, things, layers, strange } = all;
    let (deployed, things) = (&*deployed, *things);
    let found: Vec<Vec<Finding>> = layers.iter_mut().map(|layer| layer.judge()).collect();
    let more = found.iter().any(|found| found.len() >= LIMIT);
    let mut reachable: Vec<Finding> = found.into_iter().flatten().collect();
    reachable.retain(is_reachable);
    reachable.extend(lent(deployed).into_iter().take(LIMIT));
    reachable.append(strange);
    reachable.sort();
    reachable.dedup();
    let homes = Homes::of(&deployed.manifest);
    let mut outside: BTreeSet<String> = layers.iter().flat_map(|layer| layer.outside()).collect();
    outside.extend(deployed.unknown().into_iter().map(|(stack, name, reason)| {
        format!("stack {stack}: the value of {name} is unknown, so it can be anything ({reason})")
    }));
    Proof {
        estate: deployed.manifest.estate.clone(),
        engine: deployed.engine,
        tenants: homes.all.len() as u64,
        things,
        groups: homes.groups(&reachable, layers),
        statements: statement::check(&deployed.manifest, layers),
        reachable,
        more,
        outside: outside.into_iter().collect(),
    }
}

/// What of one tenant's is given to the stack of another: whatever it is used for there, the one has a
/// hand on it.
fn lent(deployed: &Deployed<'_>) -> Vec<Finding> {
    let finding = |(to, of, param, value): (&Entry, &Entry, &str, &str)| {
        let file = to.parameters.clone().or(to.root.clone()).unwrap_or_default();
        let why = format!("the parameter {param} is {value}");
        let what = format!("stack {} is given {value}", to.key);
        let (thing, pointer) = (format!("@{}", to.key), String::new());
        Finding {
            from: Party::Tenant(to.tenant.clone().unwrap_or_default()),
            to: Party::Tenant(of.tenant.clone().unwrap_or_default()),
            verdict: Verdict::Reachable,
            by: "stack/parameter",
            what: what.clone(),
            witness: vec![Hop { what, thing, file, pointer, why }],
        }
    };
    deployed.lent().into_iter().map(finding).collect()
}

/// What stands between two tenants: what each layer says, in both directions.
pub fn between(layers: &[Box<dyn Layer>], one: &str, other: &str) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for layer in layers {
        let there = layer.why(one, other);
        let back = layer.why(other, one).filter(|back| {
            there.as_ref().is_none_or(|there| (there.by, there.verdict) != (back.by, back.verdict))
        });
        out.extend(there.into_iter().chain(back));
    }
    out
}

/// Where a tenant lives.
struct Home<'a> {
    shape: String,
    account: &'a str,
    region: &'a str,
    cell: Option<&'a str>,
}

/// Where all tenants live.
struct Homes<'a> {
    all: BTreeMap<&'a str, Home<'a>>,
}

/// How many tenants of a shape live in each cell, in each account and region, and one of each.
#[derive(Default)]
struct Count<'a> {
    all: Vec<&'a str>,
    cells: BTreeMap<&'a str, Vec<&'a str>>,
    accounts: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
}

impl<'a> Homes<'a> {
    fn of(manifest: &'a Manifest) -> Self {
        let all = manifest.tenants().into_iter().filter_map(|(id, stacks)| {
            // The stack that only makes an account stands in another account than the tenant lives in.
            let main = stacks.iter().find(|stack| stack.key == format!("tenant-{id}"));
            Some((id, home(main.or(stacks.last())?, &stacks)))
        });
        Homes { all: all.collect() }
    }

    /// Every pair, in groups.
    fn groups(&self, reachable: &[Finding], layers: &[Box<dyn Layer>]) -> Vec<Group> {
        let mut counts: BTreeMap<&str, Count<'_>> = BTreeMap::new();
        for (id, home) in &self.all {
            let count = counts.entry(&home.shape).or_default();
            count.all.push(id);
            count.accounts.entry((home.account, home.region)).or_default().push(id);
            if let Some(cell) = home.cell {
                count.cells.entry(cell).or_default().push(id);
            }
        }
        let mut out = Vec::new();
        for (one, a) in &counts {
            for (other, b) in counts.range(*one..) {
                self.pairs((one, a), (other, b), &mut out);
            }
        }
        let broken = self.broken(reachable);
        for group in &mut out {
            finish(group, &broken, layers);
        }
        out
    }

    /// The groups of two shapes.
    fn pairs(&self, one: (&&str, &Count<'a>), other: (&&str, &Count<'a>), out: &mut Vec<Group>) {
        let same = one.0 == other.0;
        let lists = |near: Near| -> Vec<(&[&'a str], &[&'a str])> {
            match near {
                Near::Cell => both(&one.1.cells, &other.1.cells),
                Near::Account => both(&one.1.accounts, &other.1.accounts),
                Near::Apart => vec![(&one.1.all, &other.1.all)],
            }
        };
        let mut nearer = 0;
        for near in [Near::Cell, Near::Account, Near::Apart] {
            let lists = lists(near);
            let all: u64 = lists.iter().map(|(a, b)| pairs_of(a.len(), b.len(), same)).sum();
            let pairs = all - nearer;
            nearer = all;
            if pairs == 0 {
                continue;
            }
            let example = self.example(near, &lists).expect("there is a pair");
            out.push(Group {
                one: (*one.0).to_owned(),
                other: (*other.0).to_owned(),
                near,
                pairs,
                reachable: 0,
                verdict: Verdict::Isolated,
                example,
                reasons: Vec::new(),
            });
        }
    }

    /// A pair that lives exactly so near.
    fn example(&self, near: Near, lists: &[(&[&'a str], &[&'a str])]) -> Option<(String, String)> {
        let pairs = lists.iter().flat_map(|(a, b)| {
            a.iter().flat_map(move |one| b.iter().map(move |other| (*one, *other)))
        });
        let mut fitting = pairs.filter(|(one, other)| {
            one != other && near_of(&self.all[one], &self.all[other]) == near
        });
        fitting.next().map(|(one, other)| (one.to_owned(), other.to_owned()))
    }

    /// The pairs that reach each other, by the group that they belong to.
    fn broken(&self, reachable: &[Finding]) -> BTreeMap<(String, String, Near), BTreeSet<Pair>> {
        let mut out: BTreeMap<_, BTreeSet<Pair>> = BTreeMap::new();
        for finding in reachable {
            let (Party::Tenant(from), Party::Tenant(to)) = (&finding.from, &finding.to) else {
                continue;
            };
            let (Some(a), Some(b)) = (self.all.get(from.as_str()), self.all.get(to.as_str()))
            else {
                continue;
            };
            let mut shapes = [a.shape.clone(), b.shape.clone()];
            shapes.sort();
            let [one, other] = shapes;
            let pair =
                if from < to { (from.clone(), to.clone()) } else { (to.clone(), from.clone()) };
            out.entry((one, other, near_of(a, b))).or_default().insert(pair);
        }
        out
    }
}

/// Two tenants, the first before the second.
type Pair = (String, String);

/// The lists that both have under the same key.
fn both<'b, 'a, K: Ord>(
    one: &'b BTreeMap<K, Vec<&'a str>>,
    other: &'b BTreeMap<K, Vec<&'a str>>,
) -> Vec<(&'b [&'a str], &'b [&'a str])> {
    let pairs = one.iter().filter_map(|(key, a)| Some((a.as_slice(), other.get(key)?.as_slice())));
    pairs.collect()
}

/// How many pairs two lists make; the same list with itself has each pair once.
fn pairs_of(one: usize, other: usize, same: bool) -> u64 {
    let (one, other) = (one as u64, other as u64);
    if same { one * one.saturating_sub(1) / 2 } else { one * other }
}

fn near_of(one: &Home<'_>, other: &Home<'_>) -> Near {
    let place = (one.account, one.region) == (other.account, other.region);
    match (one.cell, other.cell) {
        (Some(a), Some(b)) if a == b => Near::Cell,
        _ if place => Near::Account,
        _ => Near::Apart,
    }
}

fn home<'a>(main: &'a Entry, stacks: &[&'a Entry]) -> Home<'a> {
    let cell = main.depends_on.iter().find(|key| key.starts_with("cell-"));
    // Other stacks of the tenant make it another kind of tenant: an account, a pool of users.
    let mut shapes = vec![main.shape.strip_prefix("tenant-").unwrap_or(&main.shape)];
    let others = stacks.iter().filter(|stack| stack.key != main.key && stack.tier == main.tier);
    // Nor do the parts of a stack that is too large for one.
    let others =
        others.filter(|stack| !stack.key.starts_with("spoke-") && !stack.key.contains(".part-"));
    shapes.extend(others.map(|stack| stack.shape.as_str()).filter(|s| !s.starts_with("account-")));
    Home {
        shape: shapes.join("+"),
        account: &main.account,
        region: &main.region,
        cell: cell.map(String::as_str),
    }
}

/// Says what holds for a group: its broken pairs, and what stands between the others.
fn finish(
    group: &mut Group,
    broken: &BTreeMap<(String, String, Near), BTreeSet<Pair>>,
    layers: &[Box<dyn Layer>],
) {
    let key = (group.one.clone(), group.other.clone(), group.near);
    group.reachable = broken.get(&key).map_or(0, |pairs| pairs.len() as u64);
    group.reasons = between(layers, &group.example.0, &group.example.1);
    let shared = group.reasons.iter().any(|reason| reason.verdict == Verdict::Shared);
    group.verdict = match (group.reachable, shared) {
        (0, false) => Verdict::Isolated,
        (0, true) => Verdict::Shared,
        _ => Verdict::Reachable,
    };
}
