//! Spec + Lock → Plan + Lock. First everything that the lock holds is put back where it was; then
//! what is new is placed, the large before the small, in an order that depends on ids only.

pub mod place; // places in cells
pub mod full; // what is said where nothing more fits
pub mod room; // how many more tenants there is room for
pub mod turn; // the same of several accounts, which fill in turn
pub mod settled; // what the lock holds and the blueprint must not contradict

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::aws::PENDING;
use crate::blueprint::shape::Isolation;
use crate::diag::Sink;
use crate::plan::allocate::full::{Lack, Refused};
use crate::plan::allocate::place::{Door, Doors, Place, Rows, cell_space, suits};
use crate::plan::fill::{Fill, Loads};

use crate::plan::allocate::settled::{account_of, moves};
use crate::plan::lock::{
    self, CellEntry, Home, HubEntry, Lock, Quarantined, SpaceEntry, TenantEntry,
};
use crate::plan::space::{Space, size};
use crate::plan::{Block, Cell, News, Placed, Plan, Usage, Zone, ranges, region, rule, zones};
use crate::source::{Site, Step};
use crate::spec::{Spec, Tenant, Tier};

/// Says in which workload account the estate began.
pub fn settle(spec: &mut Spec, lock: &Lock) {
    // What only is kept in an account that is not in the list any more tells nothing.
    let listed = |home: &&String| lock.home.is_some() || spec.is_workload(home);
    if let Some(home) = lock.home_account().filter(listed) {
        spec.settle(home);
    }
}

/// Decides everything that is not decided yet. `None` if something does not fit; the reasons are
/// in the sink. The lock that comes back holds every decision, old and new. Of several workload
/// accounts, the first takes all that is new.
pub fn plan(spec: &Spec, lock: &Lock, sink: &mut Sink) -> Option<(Plan, Lock)> {
    let errors = sink.errors();
    decide(spec, lock, Loads::default(), sink).filter(|_| sink.errors() == errors)
}

/// The same, where what is new goes to the first workload account with room for what it takes, and
/// with what is decided where nothing but gates stands in its way: it can be counted, without the
/// tenants that found no place, but nobody may deploy it.
pub fn decide(spec: &Spec, lock: &Lock, loads: Loads, sink: &mut Sink) -> Option<(Plan, Lock)> {
    let mut lock = lock.clone();
    let estate = spec.estate();
    if !lock.estate.is_empty() && lock.estate != estate {
        let message =
            format!("the lock belongs to {}, the blueprint describes {estate}", lock.estate);
        sink.push(rule::LOCK_ESTATE.at(Site::at(["name"]), message));
        return None;
    }
    lock.estate = estate;
    let region = lock.home_region(&spec.regions).unwrap_or(&spec.regions[0]).clone();
    let account = || Home { account: spec.home_account.clone(), region: None };
    lock.home.get_or_insert_with(account).region.get_or_insert(region);
    let errors = sink.errors();
    let same_models = settled::judge(spec, &lock, sink);
    let zones: BTreeMap<_, _> = spec
        .regions
        .iter()
        .map(|region| (region.clone(), zones::assign(region, spec, &mut lock, sink)))
        .collect();
    let own_zones = zones::own(spec, &mut lock, sink);
    let mut work = Work::new(spec, lock);
    if !same_models {
        // Nothing in a cell can be judged by another model.
        return None;
    }
    work.retire_and_restore(sink);
    work.occupy(sink);
    if sink.errors() > errors {
        return None;
    }
    let hubs = work.hubs(sink);
    work.services();
    ranges::assign(spec, &mut work.lock.ranges);
    work.fill = Fill::new(spec, &work.lock, loads);
    work.newcomers(sink);
    work.all_placed(sink);
    work.cells_suffice(sink);
    let plan = work.result(zones, own_zones);
    slots_suffice(&plan, spec, sink);
    region::judge(spec, &plan, sink);
    // Where a hub has no place, what is joined to it cannot be counted.
    (hubs && sink.only_gates_since(errors)).then_some((plan, work.lock))
}

struct Work<'a> {
    spec: &'a Spec,
    lock: Lock,
    news: News,
    /// Free space of each pool, in the order of the pools.
    spaces: Vec<Space>,
    /// Free space of each cell whose tenants have blocks.
    cells: BTreeMap<String, Space>,
    /// What the tenants of each cell take, row by row.
    taken: BTreeMap<String, Vec<u64>>,
    /// The numbers that are given away in each cell, and one below which none is free.
    ordinals: BTreeMap<String, (BTreeSet<u32>, u32)>,
    /// What tenants of a shape take in a cell of a size, by account and region.
    rows: BTreeMap<(String, String, String, (u8, u8)), Rows>,
    /// The cells that were not found full yet, for each kind of tenant.
    doors: BTreeMap<Door, Doors>,
    /// What is taken in each account, where there are several.
    fill: Fill,
    /// Who found no place, and why.
    refused: Refused,
}

impl<'a> Work<'a> {
    fn new(spec: &'a Spec, lock: Lock) -> Self {
        Work {
            spec,
            lock,
            news: News::default(),
            spaces: Vec::new(),
            cells: BTreeMap::new(),
            taken: BTreeMap::new(),
            ordinals: BTreeMap::new(),
            rows: BTreeMap::new(),
            doors: BTreeMap::new(),
            fill: Fill::default(),
            refused: Refused::default(),
        }
    }

    /// Tenants that are gone, or that moved, leave; tenants that came back get what was theirs.
    fn retire_and_restore(&mut self, sink: &mut Sink) {
        let leaving: Vec<String> = self.lock.tenants.keys().cloned().collect();
        for id in leaving {
            let entry = &self.lock.tenants[&id];
            match self.spec.tenants.get(&id) {
                None => {
                    self.news.removed.push(id.clone());
                    self.lock.retire(&id);
                }
                Some(tenant) if !stays(entry, tenant, &self.lock, self.spec) => {
                    sink.push(moves(entry, tenant, &self.lock));
                    self.news.moved.push(id.clone());
                    self.lock.retire(&id);
                }
                Some(tenant) => {
                    let tier = tenant.tier.clone();
                    self.lock.tenants.get_mut(&id).expect("it is there").tier = tier;
                }
            }
        }
        for tenant in self.spec.tenants.values() {
            if self.lock.tenants.contains_key(&tenant.id) {
                continue;
            }
            if let Some(entry) = self.returning(tenant) {
                self.lock.tenants.insert(tenant.id.clone(), entry);
                if !self.news.moved.contains(&tenant.id) {
                    self.news.added.push(tenant.id.clone());
                }
            }
        }
    }

    /// What was a tenant's own before it left, if it can have that again.
    fn returning(&mut self, tenant: &Tenant) -> Option<TenantEntry> {
        let entry_of = |block: &Ipv4Net, gone: &Quarantined| TenantEntry {
            tier: gone.tier.clone(),
            region: gone.region.clone(),
            account: gone.account.clone(),
            email: gone.email.clone(),
            cell: gone.cell.clone(),
            ordinal: None,
            space: Some(SpaceEntry { block: *block, slots: gone.slots }),
            why: None,
        };
        // Nobody comes back to an account that is not in the list any more.
        let there = |own: bool, account: &str| own || self.spec.is_workload(account);
        let mine = self.lock.quarantine.iter().filter(|(_, gone)| gone.tenant == tenant.id);
        let mine = mine.filter(|(_, gone)| there(gone.email.is_some(), &gone.account));
        let mut entries = mine.map(|(block, gone)| (*block, entry_of(block, gone)));
        let back = entries.find(|(_, entry)| stays(entry, tenant, &self.lock, self.spec));
        if let Some((block, entry)) = back {
            let own = account_of(&self.lock, &tenant.id).filter(|_| entry.email.is_some());
            let account = own.map_or_else(|| entry.account.clone(), |(_, account)| account.clone());
            self.lock.quarantine.remove(&block);
            return Some(TenantEntry { tier: tenant.tier.clone(), account, ..entry });
        }
        let mine = self.lock.retired.iter().filter(|(key, _)| lock::tenant_of(key) == tenant.id);
        let mine = mine.filter(|(_, entry)| there(false, &entry.account));
        let mut entries = mine.map(|(key, entry)| (key.clone(), entry.clone()));
        let (key, entry) =
            entries.find(|(_, entry)| stays(entry, tenant, &self.lock, self.spec))?;
        self.lock.retired.remove(&key);
        Some(entry)
    }

    /// Takes what the lock holds out of the pools and cells.
    fn occupy(&mut self, sink: &mut Sink) {
        let network = &self.spec.network;
        self.spaces = network.pools.iter().map(|pool| Space::new(pool.cidr)).collect();
        for space in &mut self.spaces {
            for reserved in &network.reserved {
                space.reserve(*reserved);
            }
        }
        let parted = |tier: &String| {
            let tier = self.spec.tiers.get(tier);
            tier.is_none_or(|tier| tier.isolation.has_blocks())
        };
        let cells = self.lock.cells.iter().filter(|(_, cell)| parted(&cell.tier));
        let space = |cell: &CellEntry| cell_space(Block { cidr: cell.block, slots: cell.slots });
        self.cells = cells.map(|(id, cell)| (id.clone(), space(cell))).collect();
        self.count();
        let hubs = self.lock.hubs.values().map(|hub| (hub.block, None, "the hub".to_owned()));
        let cells = self.lock.cells.iter().map(|(id, c)| (c.block, None, format!("cell {id:?}")));
        let tenants =
            self.lock.tenants.iter().filter_map(|(id, t)| {
                Some((t.space?.block, t.cell.clone(), format!("tenant {id:?}")))
            });
        let gone = self.lock.quarantine.iter().map(|(block, q)| {
            (*block, q.cell.clone(), format!("the quarantined block of {:?}", q.tenant))
        });
        let all: Vec<_> = hubs.chain(cells).chain(tenants).chain(gone).collect();
        for (block, cell, owner) in all {
            let taken = match cell.and_then(|cell| self.cells.get_mut(&cell)) {
                Some(space) => space.take(block),
                None => self
                    .spaces
                    .iter_mut()
                    .any(|space| space.supernet().contains(&block) && space.take(block)),
            };
            if !taken {
                let message =
                    format!("{owner} has {block}, which no pool holds free of reserved ranges");
                sink.push(rule::OUTSIDE_POOLS.at(Site::at(["network", "pools"]), message));
            }
        }
    }

    /// New services get the next numbers; a number once given is never given to another.
    fn services(&mut self) {
        for tier in self.spec.tiers.values() {
            if tier.services.is_empty() || tier.isolation != Isolation::Container {
                continue;
            }
            let known = self.lock.services.entry(tier.id.clone()).or_default();
            for name in tier.services.keys() {
                if !known.contains(name) {
                    known.push(name.clone());
                }
            }
        }
    }

    /// Hubs of regions that have none yet; whether each has a place.
    fn hubs(&mut self, sink: &mut Sink) -> bool {
        let mut all = true;
        if !self.spec.network.has_hub() {
            return all;
        }
        for region in &self.spec.regions {
            if self.lock.hubs.contains_key(region) {
                continue;
            }
            let prefix = self.spec.network.hub_prefix;
            if let Some(block) = self.take_from_pools(region, prefix) {
                let slots = self.spec.network.zone_slots;
                self.lock.hubs.insert(region.clone(), HubEntry { block, slots });
                continue;
            }
            all = false;
            let pools = self.pools_of(region);
            let message = format!("the hub of {region} does not fit: no /{prefix} is free {pools}");
            let help =
                format!("add a pool of {region}, or give the hub a longer `network.hub.prefix`");
            let site = self.spec.region_sites[region].clone();
            sink.push(rule::POOL_FULL.at(site, message).help(help));
        }
        all
    }

    fn newcomers(&mut self, sink: &mut Sink) {
        let spec = self.spec;
        let mut new: Vec<(&Tenant, &Tier)> = spec
            .tenants
            .values()
            .filter(|tenant| !self.lock.tenants.contains_key(&tenant.id))
            .map(|tenant| (tenant, &spec.tiers[&tenant.tier]))
            .collect();
        // Accounts that fill in turn are filled tier by tier, so that what is asked of AWS for so many
        // tenants does not depend on their ids.
        let several = spec.has_several_workloads();
        new.sort_by_key(|(tenant, tier)| {
            (turn_of(tier), several.then_some((&tier.id, &tenant.region)), &tenant.id)
        });
        for (tenant, tier) in new {
            let own = tier.isolation == Isolation::Account;
            let place = if tier.isolation.has_vpc() {
                self.in_a_vpc(tenant, tier)
            } else {
                self.in_a_cell(tenant, tier, sink)
            };
            let Some(Place { account, space, cell, ordinal, why }) = place else { continue };
            self.fill.take_tenant(&account, tenant);
            let entry = TenantEntry {
                tier: tier.id.clone(),
                region: tenant.region.clone(),
                account,
                email: tenant.email.clone().filter(|_| own),
                cell,
                ordinal,
                space,
                why,
            };
            self.lock.tenants.insert(tenant.id.clone(), entry);
            if !self.news.moved.contains(&tenant.id) {
                self.news.added.push(tenant.id.clone());
            }
        }
        self.news.added.sort();
        self.news.opened.sort();
    }

    /// A VPC of its own: in its own account, or in the first with room.
    fn in_a_vpc(&mut self, tenant: &Tenant, tier: &Tier) -> Option<Place> {
        let (account, why) = if tier.isolation == Isolation::Account {
            // Whoever moves to another region keeps the account: there is one for each tenant.
            let known = account_of(&self.lock, &tenant.id).map(|(_, account)| account.clone());
            (known.unwrap_or_else(|| PENDING.to_owned()), None)
        } else {
            self.fill_for(tenant, false, &|_| None)?
        };
        let prefix = tier.prefix.expect("a tier of this model has one");
        let Some(block) = self.take_from_pools(&tenant.region, prefix) else {
            self.refuse(tenant, Lack::Blocks { prefix, cell: false });
            return None;
        };
        let space = Some(SpaceEntry { block, slots: self.spec.network.zone_slots });
        let why = why.map(str::to_owned);
        Some(Place { account, space, cell: None, ordinal: None, why })
    }

    /// The pools that serve a region, by their numbers.
    fn serving(&self, region: &str) -> Vec<usize> {
        let pools = &self.spec.network.pools;
        let serves = |i: &usize| pools[*i].region.as_deref().is_none_or(|own| own == region);
        (0..pools.len()).filter(serves).collect()
    }

    /// The pool of a region with the best fit, one of the region's own first.
    fn best_pool(&self, region: &str, prefix: u8) -> Option<usize> {
        let fit = |i: usize| {
            let hole = self.spaces[i].best_fit(prefix)?;
            let shared = self.spec.network.pools[i].region.is_none();
            Some((shared, u8::MAX - hole.prefix_len(), hole.network(), i))
        };
        let best = self.serving(region).into_iter().filter_map(fit).min();
        best.map(|(.., i)| i)
    }

    /// A block from the pools of a region: the best fit, in a pool of the region's own first.
    fn take_from_pools(&mut self, region: &str, prefix: u8) -> Option<Ipv4Net> {
        let pool = self.best_pool(region, prefix)?;
        self.spaces[pool].allocate(prefix)
    }

    fn result(&self, zones: BTreeMap<String, Vec<Zone>>, own_zones: Vec<Zone>) -> Plan {
        let spec = self.spec;
        let shared = |tier: &String| spec.tiers.get(tier).is_some_and(|t| t.isolation.has_cells());
        let mut cells: BTreeMap<String, Cell> = self
            .lock
            .cells
            .iter()
            .filter(|(_, c)| shared(&c.tier) && zones.contains_key(&c.region))
            .map(|(id, c)| {
                let block = Block { cidr: c.block, slots: c.slots };
                let cell = Cell {
                    id: id.clone(),
                    tier: c.tier.clone(),
                    region: c.region.clone(),
                    account: c.account.clone(),
                    block,
                    needs: c.needs.clone(),
                    dedicated: c.dedicated.clone(),
                    why: c.why.clone(),
                    tenants: 0,
                };
                (id.clone(), cell)
            })
            .collect();
        let mut tenants = BTreeMap::new();
        for (id, t) in &self.lock.tenants {
            if let Some(cell) = t.cell.as_ref().and_then(|cell| cells.get_mut(cell)) {
                cell.tenants += 1;
            }
            let placed = Placed {
                account: t.account.clone(),
                region: t.region.clone(),
                cell: t.cell.clone(),
                ordinal: t.ordinal,
                block: t.space.map(|space| Block { cidr: space.block, slots: space.slots }),
                why: t.why.clone(),
            };
            tenants.insert(id.clone(), placed);
        }
        let hubs = self
            .lock
            .hubs
            .iter()
            .filter(|(region, _)| spec.network.has_hub() && zones.contains_key(*region));
        let hubs = hubs
            .map(|(region, h)| (region.clone(), Block { cidr: h.block, slots: h.slots }))
            .collect();
        let services = self.lock.services.clone();
        let ranges = self.lock.ranges.clone();
        let (usage, news) = (self.usage(), self.news.clone());
        Plan { zones, own_zones, hubs, cells, tenants, services, ranges, usage, news }
    }

    fn usage(&self) -> Vec<Usage> {
        self.spaces
            .iter()
            .map(|space| {
                let mut bare = Space::new(space.supernet());
                self.spec.network.reserved.iter().for_each(|r| bare.reserve(*r));
                let open = bare.free_addresses();
                Usage {
                    pool: space.supernet(),
                    used: open - space.free_addresses(),
                    reserved: size(space.supernet().prefix_len()) - open,
                }
            })
            .collect()
    }
}

/// When tenants of a tier come: cells are larger than the blocks of tenants, so their tenants come first,
/// and of the others those with the largest.
pub fn turn_of(tier: &Tier) -> (bool, Option<u8>) {
    (tier.isolation.has_vpc(), tier.prefix)
}

/// Whether a tenant can keep what it has: the same region, a tier that puts it in the same kind of
/// place, and a cell that suits it. A cell belongs to one tier.
fn stays(entry: &TenantEntry, tenant: &Tenant, lock: &Lock, spec: &Spec) -> bool {
    let isolation = spec.tiers[&tenant.tier].isolation;
    let suits = |cell: &String| lock.cells.get(cell).is_some_and(|cell| suits(cell, tenant));
    entry.region == tenant.region
        && entry.email.is_some() == (isolation == Isolation::Account)
        && entry.space.is_some() == isolation.has_blocks()
        && match &entry.cell {
            None => isolation.has_vpc(),
            Some(cell) => isolation.has_cells() && entry.tier == tenant.tier && suits(cell),
        }
}

/// Every block must have a slot for each zone in use.
fn slots_suffice(plan: &Plan, spec: &Spec, sink: &mut Sink) {
    let need =
        |region: &str| plan.zones[region].iter().map(|zone| zone.slot + 1).max().unwrap_or(0);
    let mut judge = |owner: String, slots: u8, region: &str, site: Site| {
        let need = need(region);
        if slots < need {
            let message = format!("{owner} has {slots} zone slots, {region} uses {need}");
            sink.push(rule::ZONE_SLOTS.at(site, message));
        }
    };
    let zones = Site::Value(0, vec![Step::from("network"), Step::from("zones")]);
    for (region, hub) in &plan.hubs {
        judge(format!("the hub of {region}"), hub.slots, region, zones.clone());
    }
    for (id, cell) in &plan.cells {
        judge(format!("cell {id:?}"), cell.block.slots, &cell.region, zones.clone());
    }
    for (id, tenant) in plan.tenants.iter().filter(|(_, t)| t.cell.is_none()) {
        let site = spec.tenants[id].site.child("id");
        judge(format!("tenant {id:?}"), tenant.own_block().slots, &tenant.region, site);
    }
}
