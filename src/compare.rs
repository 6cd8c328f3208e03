//! The same tenants under each of the five isolation models. The blueprint is written anew for each
//! model, planned with an empty lock, and made in memory; what is counted is what was made. Where a
//! model cannot take all tenants, as many are made as it takes, and what stops the next is told.

pub mod recast; // a blueprint in another model
pub mod tally; // what an estate holds
pub mod driver; // what of it costs because it is there

use std::collections::{BTreeMap, BTreeSet};

use crate::blueprint::Written;
use crate::blueprint::prices::Prices;
use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::TierComponent;
use crate::check::quota::{Counter, Use};
use crate::compare::recast::Assumed;
use crate::compare::tally::Tally;
use crate::diag::{Diagnostic, Level, Sink};
use crate::engine::{Engine, Options, Rendered};
use crate::forecast::{self, Growth, Limit};
use crate::plan::fill::{Kind, Loads};
use crate::plan::{self, Lock, Plan};
use crate::source::{Site, Step};
use crate::spec::{self, Spec};
use crate::split::again::Again;
use crate::template::Estate;
use crate::{aws, component, model, weigh};

/// The models, in the order of the whitepaper.
pub const MODELS: [Isolation; 5] = [
    Isolation::Account,
    Isolation::Vpc,
    Isolation::Subnet,
    Isolation::Container,
    Isolation::Application,
];

/// One model.
#[derive(Clone, Debug)]
pub struct Column {
    /// Which.
    pub model: Isolation,
    /// What was assumed or left out, and of which tiers.
    pub assumed: Assumed,
    /// How many tenants were made.
    pub tenants: usize,
    /// What stops the next tenant; `None` if all were made.
    pub stop: Option<Stop>,
    /// What was made.
    pub tally: Tally,
    /// Addresses of the pools: how many are taken, and how many there are.
    pub addresses: (u64, u64),
    /// What is used of each quota.
    pub uses: Vec<Use>,
    /// Where quotas are passed, the first tenant with which one is.
    pub passed: Option<Passed>,
    /// How far each tier can grow from there.
    pub growth: Vec<Growth>,
}

/// The first tenant with which a quota is passed, of those that are there.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Its number, from 1, in the order in which tenants are written; 0 if a quota is passed without any.
    pub tenant: usize,
    /// Its id, tier and region; empty without any.
    pub who: [String; 3],
    /// What is passed with it, the first by the order of the table.
    pub at: Use,
}

/// What ends the growth of a model first, of all its tiers.
#[derive(Clone, Debug)]
pub struct First<'a> {
    /// The tier and its region.
    pub growth: &'a Growth,
    /// What ends it.
    pub limit: &'a Limit,
    /// The number of the tenant that does not fit, of all tenants, if all that come are of that tier.
    pub tenant: u64,
}

impl Column {
    /// What ends the growth first from where it is; what is passed already is in `passed`.
    pub fn first(&self) -> Option<First<'_>> {
        let all = self.growth.iter().filter_map(|growth| Some((growth, growth.limits.first()?)));
        let more = |(growth, limit): &(&Growth, &Limit)| limit.fits.saturating_sub(growth.tenants);
        let (growth, limit) = all.min_by_key(|it| (!it.1.passed, more(it)))?;
        let tenant = self.tenants as u64 + more(&(growth, limit)) + 1;
        Some(First { growth, limit, tenant })
    }
}

/// What stops a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The number of the tenant, from 1, in the order in which tenants are written; 0 if the model
    /// cannot be had at all.
    pub tenant: usize,
    /// Its id; empty without any.
    pub id: String,
    /// The rule that is broken with it.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
}

/// The tenants of a blueprint under each model. The blueprint is sound.
pub fn compare(written: &Written) -> Vec<Column> {
    MODELS.iter().map(|model| column(written, *model)).collect()
}

/// The same under one model, which knows nothing of the others.
pub fn column(written: &Written, model: Isolation) -> Column {
    let counter = &mut Counter::default();
    let (mut recast, mut assumed) = recast::recast(written, model);
    let known = &mut Known::default();
    let made = sound(&mut recast, &mut assumed);
    let made = made.and_then(|spec| fill(&recast, &spec, counter, known));
    let mut column = Column {
        model,
        assumed,
        tenants: 0,
        stop: None,
        tally: Tally { counts: vec![0; tally::ROWS.len()], drivers: <_>::default() },
        addresses: (0, 0),
        uses: Vec::new(),
        passed: None,
        growth: Vec::new(),
    };
    match made {
        Ok(Filled { spec, plan, lock, loads, estate, stop }) => {
            let options =
                Options { engines: vec![Engine::CloudFormation], inline: false, partial: false };
            let rendered = Rendered::new(&spec, &estate, &options);
            column.tenants = spec.tenants.len();
            column.stop = stop;
            column.tally = tally::tally(&estate, &rendered);
            column.addresses = addresses(&plan);
            column.uses = counter.count(&spec, &estate);
            column.passed = passed(&recast, (&spec, &column.uses), counter, known);
            column.growth = forecast::forecast_with(&spec, &lock, loads, &column.uses, counter);
        }
        Err(stop) => column.stop = Some(stop),
    }
    column
}

fn addresses(plan: &Plan) -> (u64, u64) {
    let used = plan.usage.iter().map(|usage| usage.used).sum();
    let size = |usage: &plan::Usage| plan::space::size(usage.pool.prefix_len()) - usage.reserved;
    (used, plan.usage.iter().map(size).sum())
}

/// The meaning of a blueprint that was written anew. A component that the model does not know is left
/// out, and told; whatever else is wrong stops the model.
fn sound(recast: &mut Written, assumed: &mut Assumed) -> Result<Spec, Stop> {
    loop {
        let mut sink = Sink::default();
        if let Some(spec) = spec::spec(recast, &mut sink) {
            spec::judge(&spec, &mut sink);
            return if sink.errors() == 0 { Ok(spec) } else { Err(stop(&sink)) };
        }
        let errors = sink.as_slice().iter().filter(|found| found.rule.level == Level::Error);
        let mut cut = false;
        for error in errors {
            cut |= leave_out(recast, error, assumed);
        }
        if !cut {
            return Err(stop(&sink));
        }
    }
}

/// The first error of a sink.
fn stop(sink: &Sink) -> Stop {
    let error = sink.as_slice().iter().find(|found| found.rule.level == Level::Error);
    let error = error.expect("what is not made has a reason");
    let (rule, message) = (error.rule.id, error.message.clone());
    Stop { tenant: 0, id: String::new(), rule, message }
}

/// Leaves out the component of a tier, or the sign-in of a tenant, that a complaint is about; whether
/// there was one.
fn leave_out(recast: &mut Written, error: &Diagnostic, assumed: &mut Assumed) -> bool {
    let (Site::Key(_, steps) | Site::Value(_, steps)) = &error.site else { return false };
    let keys: Vec<&str> = steps
        .iter()
        .map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Index(_) => "",
        })
        .collect();
    match keys.as_slice() {
        ["components", "delivery", part @ ("applications" | "images"), ..] => {
            let Some(delivery) = &mut recast.blueprint.components.delivery else { return false };
            let there = match *part {
                "images" => delivery.images.take().is_some(),
                _ => delivery.applications.take().is_some(),
            };
            left_out(assumed, &format!("delivery.{part}"), "the estate", there)
        }
        ["components", "tagging", "policy" | "enforce", ..] => {
            let Some(tagging) = &mut recast.blueprint.components.tagging else { return false };
            let enforced = !std::mem::take(&mut tagging.enforce).is_empty();
            let there = tagging.policy.take().is_some() || enforced;
            left_out(assumed, "tagging.policy", "the estate", there)
        }
        ["tiers", id, "components", name, ..] => {
            let Some(tier) = recast.blueprint.tiers.get_mut(*id) else { return false };
            let own = &mut tier.components;
            let there = match *name {
                "backup" => own.backup.take().is_some(),
                "monitoring" => own.monitoring.take().is_some(),
                "identity" => own.identity.take().is_some(),
                "microservice" => own.microservice.take().is_some(),
                "protection" => own.protection.take().is_some(),
                _ => false,
            };
            left_out(assumed, name, id, there)
        }
        ["tiers", id] if error.rule.id == spec::rule::COMPONENT.id => {
            let Some(tier) = recast.blueprint.tiers.get_mut(*id) else { return false };
            let there = !tier.components.without.contains(&TierComponent::Identity);
            tier.components.without.push(TierComponent::Identity);
            left_out(assumed, "identity", id, there)
        }
        _ => {
            let tenant = recast.tenants.iter_mut().find(|one| {
                let (Site::Value(_, route) | Site::Key(_, route)) = &one.site else { return false };
                one.site.file() == error.site.file() && steps.starts_with(route)
            });
            let Some(one) = tenant else { return false };
            let there = one.tenant.federation.take().is_some();
            left_out(assumed, "federation", &one.tenant.tier, there)
        }
    }
}

fn left_out(assumed: &mut Assumed, name: &str, tier: &str, there: bool) -> bool {
    let tiers = assumed.entry(format!("no `{name}`, which the model does not know")).or_default();
    if there && !tiers.iter().any(|known| known == tier) {
        tiers.push(tier.to_owned());
    }
    there
}

/// A model with as many tenants as it takes.
struct Filled {
    spec: Spec,
    plan: Plan,
    lock: Lock,
    loads: Loads,
    estate: Estate,
    stop: Option<Stop>,
}

/// As many tenants as the model takes, in the order in which they are written.
fn fill(
    recast: &Written,
    spec: &Spec,
    counter: &mut Counter,
    known: &mut Known,
) -> Result<Filled, Stop> {
    let order: Vec<&String> = recast.tenants.iter().map(|one| &one.tenant.id).collect();
    let (mut fits, mut fails) = (None, None);
    let (mut low, mut high) = (0, order.len());
    // First all, as they mostly fit; then the half of what is not known.
    let mut next = high;
    while low <= high {
        let part = first(spec, &order[..next]);
        match planned(&part, counter, known) {
            Ok(planned) => {
                fits = Some((part, planned));
                low = next + 1;
            }
            Err(stop) if next == 0 => return Err(stop),
            Err(stop) => {
                fails = Some(Stop { tenant: next, id: order[next - 1].clone(), ..stop });
                high = next - 1;
            }
        }
        next = low.midpoint(high);
    }
    let (spec, planned) = fits.expect("without any tenant, the first plan that fails ends this");
    let Planned { plan, lock, loads } = planned;
    let estate = furnished(&spec, &plan, &mut known.cut)?;
    Ok(Filled { spec, plan, lock, loads, estate, stop: fails })
}

/// What is made, cut as it is deployed.
fn furnished(spec: &Spec, plan: &Plan, again: &mut Again) -> Result<Estate, Stop> {
    let mut sink = Sink::default();
    let estate = model::estate(spec, plan, &mut sink);
    let estate = estate.and_then(|estate| component::furnish(spec, plan, estate, &mut sink));
    let mut estate = estate.ok_or_else(|| stop(&sink))?;
    again.cut(spec, &Lock::default(), &mut estate);
    Ok(estate)
}

/// Of the tenants that are made, the first with which a quota is passed, by halving: those before it, in
/// the order in which they are written, are made without the others.
fn passed(
    recast: &Written,
    (spec, uses): (&Spec, &[Use]),
    counter: &mut Counter,
    known: &mut Known,
) -> Option<Passed> {
    let order = recast.tenants.iter().map(|one| &one.tenant.id);
    let order: Vec<&String> = order.take(spec.tenants.len()).collect();
    let mut at = first_over(uses)?;
    let (mut low, mut high) = (0, order.len());
    while low < high {
        let next = low.midpoint(high);
        let part = first(spec, &order[..next]);
        let made = planned(&part, counter, known);
        let made = made.and_then(|it| furnished(&part, &it.plan, &mut known.cut));
        match made.ok().and_then(|estate| first_over(&counter.count(&part, &estate))) {
            Some(over) => (high, at) = (next, over),
            None => low = next + 1,
        }
    }
    let last = high.checked_sub(1).map(|n| &spec.tenants[order[n]]);
    let who = last.map(|it| [it.id.clone(), it.tier.clone(), it.region.clone()]);
    Some(Passed { tenant: high, who: who.unwrap_or_default(), at })
}

/// What is passed, the first by the order of the table.
fn first_over(uses: &[Use]) -> Option<Use> {
    let over = uses.iter().filter(|one| one.is_over());
    over.min_by_key(|one| aws::quota::position(one.quota)).cloned()
}

/// The meaning with only some of its tenants.
fn first(spec: &Spec, ids: &[&String]) -> Spec {
    let mut part = spec.clone();
    if ids.len() < part.tenants.len() {
        let keep: BTreeSet<&String> = ids.iter().copied().collect();
        part.tenants.retain(|id, _| keep.contains(id));
        let used = part.tenants.values().filter_map(|tenant| tenant.variant.as_ref());
        let used: BTreeSet<&String> = used.collect();
        part.variants.retain(|shape, _| used.contains(shape));
    }
    part
}

/// Where everybody goes, and what all take of each of several accounts.
struct Planned {
    plan: Plan,
    lock: Lock,
    loads: Loads,
}

/// What is the same however many tenants there are.
#[derive(Default)]
struct Known {
    /// What tenants take, by their kinds.
    loads: BTreeMap<BTreeSet<Kind>, Loads>,
    /// What was cut.
    cut: Again,
}

/// Where everybody goes, if all find a place. What is weighed once is known for the same kinds of tenants.
fn planned(spec: &Spec, counter: &mut Counter, known: &mut Known) -> Result<Planned, Stop> {
    let (mut sink, none) = (Sink::default(), Lock::default());
    let kinds = weigh::kinds(spec);
    let by = (counter, &mut known.cut);
    let weighed = || weigh::weighed(spec, &none, by, &mut sink);
    let loads = known.loads.get(&kinds).cloned().or_else(weighed).ok_or_else(|| stop(&sink))?;
    known.loads.entry(kinds).or_insert_with(|| loads.clone());
    let planned = plan::decide(spec, &none, loads.clone(), &mut sink);
    let planned = planned.filter(|_| sink.errors() == 0).ok_or_else(|| stop(&sink));
    planned.map(|(plan, lock)| Planned { plan, lock, loads })
}

/// What an estate costs a month because it is there, in millionths of the currency, and what there is
/// no price for: driver and region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The sum of all that has a price.
    pub monthly: u64,
    /// What has none.
    pub missing: Vec<(String, String)>,
}

/// The fixed cost of a month. Thousandths of a thing times millionths of a price are rounded down once,
/// at the end.
pub fn cost(tally: &Tally, prices: &Prices) -> Cost {
    let (mut sum, mut missing) = (0_u128, Vec::new());
    for ((id, region), amount) in &tally.drivers {
        let Some(price) = prices.of(id, region) else {
            missing.push((id.clone(), region.clone()));
            continue;
        };
        let hours = match aws::driver::get(id).map(|driver| driver.per) {
            Some(aws::driver::Per::Month) => 1,
            _ => prices.hours(),
        };
        sum += u128::from(*amount) * u128::from(price) * u128::from(hours);
    }
    Cost { monthly: u64::try_from(sum / 1000).unwrap_or(u64::MAX), missing }
}
