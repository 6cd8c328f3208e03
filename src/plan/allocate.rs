//! Spec + Lock → Plan + Lock. First everything that the lock holds is put back where it was; then
//! what is new is placed, the large before the small, in an order that depends on ids only.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::blueprint::shape::Isolation;
use crate::diag::Sink;
use crate::plan::lock::{CellEntry, HubEntry, Lock, Quarantined, TenantEntry};
use crate::plan::space::{Space, size};
use crate::plan::{Block, Cell, News, Placed, Plan, Usage, cells, layout, rule, zones};
use crate::source::{Site, Step};
use crate::spec::{Spec, Tenant, Tier};

/// Decides everything that is not decided yet. `None` if something does not fit; the reasons are
/// in the sink. The lock that comes back holds every decision, old and new.
pub fn plan(spec: &Spec, lock: &Lock, sink: &mut Sink) -> Option<(Plan, Lock)> {
    let mut lock = lock.clone();
    let estate = spec.estate();
    if !lock.estate.is_empty() && lock.estate != estate {
        let message =
            format!("the lock belongs to {}, the blueprint describes {estate}", lock.estate);
        sink.push(rule::LOCK_ESTATE.at(Site::at(["name"]), message));
        return None;
    }
    lock.estate = estate;
    let errors = sink.errors();
    same_account(spec, &lock, sink);
    let zones: BTreeMap<_, _> = spec
        .regions
        .iter()
        .map(|region| (region.clone(), zones::assign(region, spec, &mut lock, sink)))
        .collect();
    let mut work =
        Work { spec, news: News::default(), spaces: Vec::new(), cells: BTreeMap::new(), lock };
    work.retire_and_restore(sink);
    work.occupy(sink);
    if sink.errors() > errors {
        return None;
    }
    work.hubs(sink);
    work.newcomers(sink);
    let plan = work.result(zones);
    slots_suffice(&plan, spec, sink);
    (sink.errors() == errors).then_some((plan, work.lock))
}

fn same_account(spec: &Spec, lock: &Lock, sink: &mut Sink) {
    let tenants = lock.tenants.iter().map(|(id, t)| (format!("tenant {id:?}"), &t.account));
    let cells = lock.cells.iter().map(|(id, c)| (format!("cell {id:?}"), &c.account));
    let elsewhere: Vec<_> =
        cells.chain(tenants).filter(|(_, a)| **a != spec.workload_account).collect();
    if let Some((owner, account)) = elsewhere.first() {
        let more = match elsewhere.len() - 1 {
            0 => String::new(),
            n => format!(" ({n} more like it)"),
        };
        let message =
            format!("{owner} lives in account {account}{more}, not in {}", spec.workload_account);
        sink.push(rule::ACCOUNT.at(Site::at(["accounts", "workload"]), message));
    }
}

struct Work<'a> {
    spec: &'a Spec,
    lock: Lock,
    news: News,
    /// Free space of each pool, in the order of the pools.
    spaces: Vec<Space>,
    /// Free space of each cell.
    cells: BTreeMap<String, Space>,
}

impl Work<'_> {
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
                Some(tenant) if !stays(entry, tenant, self.spec) => {
                    let message = format!(
                        "tenant {id:?} moves from tier `{}` in {} to tier `{}` in {}; {} is quarantined",
                        entry.tier, entry.region, tenant.tier, tenant.region, entry.block
                    );
                    sink.push(rule::MOVED.at(tenant.site.child("tier"), message));
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
            let back = self.lock.quarantine.iter().find(|(_, q)| returns(q, tenant, self.spec));
            if let Some((block, _)) = back {
                let block = *block;
                let was = self.lock.quarantine.remove(&block).expect("it was found");
                let Quarantined { region, account, cell, slots, .. } = was;
                let entry =
                    TenantEntry { tier: tenant.tier.clone(), region, account, cell, block, slots };
                self.lock.tenants.insert(tenant.id.clone(), entry);
                self.news.added.push(tenant.id.clone());
            }
        }
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
        self.cells =
            self.lock.cells.iter().map(|(id, cell)| (id.clone(), cell_space(cell))).collect();
        let hubs = self.lock.hubs.values().map(|hub| (hub.block, None, "the hub".to_owned()));
        let cells = self.lock.cells.iter().map(|(id, c)| (c.block, None, format!("cell {id:?}")));
        let tenants = self
            .lock
            .tenants
            .iter()
            .map(|(id, t)| (t.block, t.cell.clone(), format!("tenant {id:?}")));
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

    fn hubs(&mut self, sink: &mut Sink) {
        if !self.spec.network.has_hub() {
            return;
        }
        for (i, region) in self.spec.regions.iter().enumerate() {
            if self.lock.hubs.contains_key(region) {
                continue;
            }
            let site = Site::at(["regions"]).child(i);
            let prefix = self.spec.network.hub_prefix;
            if let Some(block) = self.take_from_pools(region, prefix, "the hub", site, sink) {
                let slots = self.spec.network.zone_slots;
                self.lock.hubs.insert(region.clone(), HubEntry { block, slots });
            }
        }
    }

    fn newcomers(&mut self, sink: &mut Sink) {
        let spec = self.spec;
        let mut new: Vec<(&Tenant, &Tier)> = spec
            .tenants
            .values()
            .filter(|tenant| !self.lock.tenants.contains_key(&tenant.id))
            .map(|tenant| (tenant, &spec.tiers[&tenant.tier]))
            .collect();
        // Cells are larger than the blocks of tenants, so their tenants come first.
        new.sort_by_key(|(tenant, tier)| {
            (tier.isolation == Isolation::Vpc, tier.prefix, &tenant.id)
        });
        for (tenant, tier) in new {
            let place = match tier.isolation {
                Isolation::Vpc => {
                    let what = format!("tenant {:?}", tenant.id);
                    let site = tenant.site.child("id");
                    self.take_from_pools(&tenant.region, tier.prefix, &what, site, sink)
                        .map(|b| (b, None))
                }
                Isolation::Subnet => self.in_a_cell(tenant, tier, sink),
            };
            let Some((block, cell)) = place else { continue };
            let entry = TenantEntry {
                tier: tier.id.clone(),
                region: tenant.region.clone(),
                account: spec.workload_account.clone(),
                slots: cell
                    .as_ref()
                    .map_or(spec.network.zone_slots, |id: &String| self.lock.cells[id].slots),
                cell,
                block,
            };
            self.lock.tenants.insert(tenant.id.clone(), entry);
            if !self.news.moved.contains(&tenant.id) {
                self.news.added.push(tenant.id.clone());
            }
        }
        self.news.added.sort();
        self.news.opened.sort();
    }

    /// A block from the pools of a region: the best fit, in a pool of the region's own first.
    fn take_from_pools(
        &mut self,
        region: &str,
        prefix: u8,
        what: &str,
        site: Site,
        sink: &mut Sink,
    ) -> Option<Ipv4Net> {
        let pools = &self.spec.network.pools;
        let serves = |i: &usize| pools[*i].region.as_deref().is_none_or(|own| own == region);
        let fit = |i: usize| {
            let hole = self.spaces[i].best_fit(prefix)?;
            let shared = pools[i].region.is_none();
            Some((shared, u8::MAX - hole.prefix_len(), hole.network(), i))
        };
        let serving: Vec<usize> = (0..pools.len()).filter(serves).collect();
        let best = serving.iter().copied().filter_map(fit).min();
        if let Some((.., i)) = best {
            return self.spaces[i].allocate(prefix);
        }
        let names: Vec<String> = serving.iter().map(|i| pools[*i].cidr.to_string()).collect();
        let names =
            if names.is_empty() { "no pool serves it".to_owned() } else { names.join(", ") };
        let free: u64 = serving.iter().map(|i| self.spaces[*i].free_addresses()).sum();
        let gone = self
            .lock
            .quarantine
            .values()
            .filter(|q| q.cell.is_none() && q.region == region)
            .count();
        let message = format!(
            "{what} does not fit: no /{prefix} is free in {region} ({names}; {free} addresses free, \
             {gone} blocks quarantined)"
        );
        sink.push(rule::POOL_FULL.at(site, message));
        None
    }

    /// A block in the first cell of the tier and region with room, or in one that is opened.
    fn in_a_cell(
        &mut self,
        tenant: &Tenant,
        tier: &Tier,
        sink: &mut Sink,
    ) -> Option<(Ipv4Net, Option<String>)> {
        let cells::Capacity { tenants: capacity, quota } = cells::capacity(self.spec, tier);
        if capacity == 0 {
            let message =
                format!("{quota} leaves no room for a tenant of tier `{}` in a cell", tier.id);
            let complaint = crate::spec::rule::CELL_SIZE.at(Site::at(["quotas", quota]), message);
            sink.push(complaint.help("ask AWS for more, or use fewer zones"));
            return None;
        }
        let mut ours: Vec<(u32, &String)> = self
            .lock
            .cells
            .iter()
            .filter(|(_, c)| {
                c.tier == tier.id
                    && c.region == tenant.region
                    && c.account == self.spec.workload_account
            })
            .map(|(id, _)| (ordinal(id), id))
            .collect();
        ours.sort_unstable();
        for (_, id) in &ours {
            let here = self.lock.tenants.values().filter(|t| t.cell.as_ref() == Some(id)).count();
            if here >= capacity {
                continue;
            }
            if let Some(block) =
                self.cells.get_mut(*id).and_then(|space| space.allocate(tier.prefix))
            {
                return Some((block, Some((*id).clone())));
            }
        }
        let next = ours.last().map_or(0, |(n, _)| *n) + 1;
        let id = format!("{}-{}-{next}", tier.id, tenant.region);
        let prefix = tier.cell_prefix.expect("a tier of isolation subnet has one");
        let what = format!("cell {id:?}, which tenant {:?} needs,", tenant.id);
        let block =
            self.take_from_pools(&tenant.region, prefix, &what, tenant.site.child("id"), sink)?;
        let entry = CellEntry {
            tier: tier.id.clone(),
            region: tenant.region.clone(),
            account: self.spec.workload_account.clone(),
            block,
            slots: self.spec.network.zone_slots,
        };
        let mut space = cell_space(&entry);
        let block =
            space.allocate(tier.prefix).expect("the spec checked that a cell holds a tenant");
        self.cells.insert(id.clone(), space);
        self.lock.cells.insert(id.clone(), entry);
        self.news.opened.push(id.clone());
        Some((block, Some(id)))
    }

    fn result(&self, zones: BTreeMap<String, Vec<zones::Zone>>) -> Plan {
        let spec = self.spec;
        let subnet_tier =
            |tier: &String| spec.tiers.get(tier).is_some_and(|t| t.isolation == Isolation::Subnet);
        let mut cells: BTreeMap<String, Cell> = self
            .lock
            .cells
            .iter()
            .filter(|(_, c)| subnet_tier(&c.tier) && zones.contains_key(&c.region))
            .map(|(id, c)| {
                let block = Block { cidr: c.block, slots: c.slots };
                let cell = Cell {
                    id: id.clone(),
                    tier: c.tier.clone(),
                    region: c.region.clone(),
                    account: c.account.clone(),
                    block,
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
            let block = Block { cidr: t.block, slots: t.slots };
            let (account, region, cell) = (t.account.clone(), t.region.clone(), t.cell.clone());
            tenants.insert(id.clone(), Placed { account, region, cell, block });
        }
        let hubs = self
            .lock
            .hubs
            .iter()
            .filter(|(region, _)| spec.network.has_hub() && zones.contains_key(*region));
        let hubs = hubs
            .map(|(region, h)| (region.clone(), Block { cidr: h.block, slots: h.slots }))
            .collect();
        Plan { zones, hubs, cells, tenants, usage: self.usage(), news: self.news.clone() }
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

fn cell_space(cell: &CellEntry) -> Space {
    let mut space = Space::new(cell.block);
    space.reserve(layout::shared(Block { cidr: cell.block, slots: cell.slots }).cidr);
    space
}

/// The number at the end of a cell's id.
fn ordinal(id: &str) -> u32 {
    id.rsplit_once('-').and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
}

/// Whether a tenant can keep its block: the same region, and a tier that puts it in the same kind
/// of place. A cell belongs to one tier.
fn stays(entry: &TenantEntry, tenant: &Tenant, spec: &Spec) -> bool {
    let tier = &spec.tiers[&tenant.tier];
    entry.region == tenant.region
        && match tier.isolation {
            Isolation::Vpc => entry.cell.is_none(),
            Isolation::Subnet => entry.cell.is_some() && entry.tier == tenant.tier,
        }
}

/// Whether a quarantined block is the tenant's own from before.
fn returns(gone: &Quarantined, tenant: &Tenant, spec: &Spec) -> bool {
    let tier = &spec.tiers[&tenant.tier];
    gone.tenant == tenant.id
        && gone.region == tenant.region
        && match tier.isolation {
            Isolation::Vpc => gone.cell.is_none(),
            Isolation::Subnet => gone.cell.is_some() && gone.tier == tenant.tier,
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
        judge(format!("tenant {id:?}"), tenant.block.slots, &tenant.region, site);
    }
}
