//! Places in cells: the first with enough of everything takes the next tenant, else one is opened.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::blueprint::shape::Isolation;
use crate::diag::{Diagnostic, Sink};
use crate::plan::allocate::Work;
use crate::plan::lock::{self, CellEntry, SpaceEntry};
use crate::plan::space::Space;
use crate::plan::{Block, cells, layout, rule};
use crate::source::Site;
use crate::spec::{Tenant, Tier};

/// A tenant's addresses, cell and number in it.
pub type Place = (Option<SpaceEntry>, Option<String>, Option<u32>);

impl Work<'_> {
    /// Counts what is taken in each cell, by tenants that are there and by places that are kept.
    pub(super) fn count(&mut self) {
        let spec = self.spec;
        let here = self.lock.tenants.iter().map(|(id, t)| (id.as_str(), t));
        let kept = self.lock.retired.iter().map(|(key, t)| (lock::tenant_of(key), t));
        let mut all: Vec<(&str, String, Option<u32>)> =
            here.chain(kept).filter_map(|(id, t)| Some((id, t.cell.clone()?, t.ordinal))).collect();
        let gone = self.lock.quarantine.values();
        all.extend(gone.filter_map(|q| Some((q.tenant.as_str(), q.cell.clone()?, None))));
        for (id, cell, ordinal) in all {
            let Some(entry) = self.lock.cells.get(&cell) else { continue };
            let Some(tier) = spec.tiers.get(&entry.tier) else { continue };
            let tenant = spec.tenants.get(id).filter(|tenant| tenant.tier == entry.tier);
            let tier = tenant.map_or(tier, |tenant| spec.tier_of(tenant));
            let block = Block { cidr: entry.block, slots: entry.slots };
            let rows = cells::rows(spec, tier, block);
            take(self.taken.entry(cell.clone()).or_default(), &rows);
            self.ordinals.entry(cell).or_default().extend(ordinal);
        }
    }

    /// Whoever lives in a cell can have grown beyond what it holds. Places that are kept take nothing
    /// from AWS, and a ceiling that was lowered turns nobody out: both are for those who come.
    pub(super) fn cells_suffice(&self, sink: &mut Sink) {
        let mut taken: BTreeMap<&String, (Vec<cells::Row>, Vec<u64>)> = BTreeMap::new();
        for (id, placed) in &self.lock.tenants {
            let Some(home) = &placed.cell else { continue };
            let (tier, cell) = (self.spec.tier_of(&self.spec.tenants[id]), &self.lock.cells[home]);
            let rows = cells::rows(self.spec, tier, Block { cidr: cell.block, slots: cell.slots });
            let (limits, used) = taken.entry(home).or_default();
            take(used, &rows);
            *limits = rows;
        }
        for (id, (rows, used)) in &taken {
            for (row, used) in rows.iter().zip(used) {
                if row.what != cells::CEILING && *used > row.limit {
                    let message = format!(
                        "the tenants of cell {id:?} take {used} of {}, it has {}",
                        row.what, row.limit
                    );
                    let site = Site::at(["tiers", &self.lock.cells[*id].tier]);
                    sink.push(rule::CELL_FULL.at(site.key(), message));
                }
            }
        }
    }

    /// A place in the first cell of the tier and region with room, or in one that is opened.
    pub(super) fn in_a_cell(
        &mut self,
        tenant: &Tenant,
        tier: &Tier,
        sink: &mut Sink,
    ) -> Option<Place> {
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
        let next = ours.last().map_or(0, |(n, _)| *n) + 1;
        let ours: Vec<String> = ours.into_iter().map(|(_, id)| id.clone()).collect();
        let mut why = match tenant {
            tenant if tenant.dedicated => cells::DEDICATED,
            tenant if !tenant.needs.is_empty() => cells::NEEDS,
            _ => cells::FIRST,
        };
        for id in ours {
            if suits(&self.lock.cells[&id], tenant) {
                match self.enter(&id, tenant) {
                    Ok(place) => return Some(place),
                    Err(short) => why = short,
                }
            }
        }
        let id = format!("{}-{}-{next}", tier.id, tenant.region);
        self.open(&id, tenant, tier, why, sink)?;
        self.enter(&id, tenant).ok()
    }

    /// A place in a cell, or what there is not enough of.
    fn enter(&mut self, id: &str, tenant: &Tenant) -> Result<Place, &'static str> {
        let tier = self.spec.tier_of(tenant);
        let cell = &self.lock.cells[id];
        let rows = cells::rows(self.spec, tier, Block { cidr: cell.block, slots: cell.slots });
        let taken = self.taken.entry(id.to_owned()).or_default();
        if let Some(row) = cells::full(&rows, taken) {
            return Err(row.what);
        }
        let slots = cell.slots;
        let space = match tier.prefix {
            Some(prefix) => {
                let block = self.cells.get_mut(id).and_then(|space| space.allocate(prefix));
                let block = block.ok_or(cells::ADDRESSES)?;
                Some(SpaceEntry { block, slots })
            }
            None => None,
        };
        take(taken, &rows);
        let number = (tier.isolation == Isolation::Container).then(|| {
            let given = self.ordinals.entry(id.to_owned()).or_default();
            let free = (1..=u32::MAX).find(|n| !given.contains(n)).expect("numbers do not end");
            given.insert(free);
            free
        });
        Ok((space, Some(id.to_owned()), number))
    }

    /// What is said where not even an empty cell has room for a tenant.
    fn no_room(&self, row: cells::Row, tenant: &Tenant, tier: &Tier) -> Diagnostic {
        let (what, each, limit) = (row.what, row.each, row.limit);
        let message =
            format!("a tenant of tier `{}` needs {each} of {what}, a cell has {limit}", tier.id);
        let site = match what {
            _ if tenant.variant.is_some() => tenant.site.child("override").key(),
            cells::ADDRESSES => Site::at(["tiers", &tier.id, "network", "cell_prefix"]),
            quota if self.spec.quotas.is_given(quota) => Site::at(["quotas", quota]),
            _ => Site::at(["tiers", &tier.id]).key(),
        };
        let help = match what {
            cells::ADDRESSES => "make the cell larger, or the tenant smaller",
            _ => "ask AWS for more and write it into `quotas`, or make the tenant smaller",
        };
        crate::spec::rule::CELL_SIZE.at(site, message).help(help)
    }

    /// Opens a cell, unless even an empty one has no room for the tenant.
    fn open(
        &mut self,
        id: &str,
        tenant: &Tenant,
        tier: &Tier,
        why: &str,
        sink: &mut Sink,
    ) -> Option<()> {
        let prefix = tier.cell_prefix.expect("a tier whose tenants share a VPC has one");
        let slots = self.spec.network.zone_slots;
        let own = self.spec.tier_of(tenant);
        let any = Ipv4Net::new(std::net::Ipv4Addr::UNSPECIFIED, prefix).expect("a prefix");
        let rows = cells::rows(self.spec, own, Block { cidr: any, slots });
        if let Some(row) = cells::full(&rows, &[]) {
            sink.push_once(self.no_room(row, tenant, tier));
            return None;
        }
        let what = format!("cell {id:?}, which tenant {:?} needs,", tenant.id);
        let site = tenant.site.child("id");
        let block = self.take_from_pools(&tenant.region, prefix, &what, site, sink)?;
        let entry = CellEntry {
            tier: tier.id.clone(),
            region: tenant.region.clone(),
            account: self.spec.workload_account.clone(),
            block,
            slots,
            needs: tenant.needs.clone(),
            dedicated: tenant.dedicated.then(|| tenant.id.clone()),
            why: Some(why.to_owned()),
        };
        if tier.isolation.has_blocks() {
            let space = cell_space(Block { cidr: block, slots });
            self.cells.insert(id.to_owned(), space);
        }
        self.lock.cells.insert(id.to_owned(), entry);
        self.news.opened.push(id.to_owned());
        Some(())
    }
}

/// The free addresses of a cell that are for tenants.
pub fn cell_space(cell: Block) -> Space {
    let mut space = Space::new(cell.cidr);
    space.reserve(layout::shared(cell).cidr);
    space
}

/// The number at the end of a cell's id.
pub fn ordinal(id: &str) -> u32 {
    id.rsplit_once('-').and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
}

fn take(taken: &mut Vec<u64>, rows: &[cells::Row]) {
    taken.resize(taken.len().max(rows.len()), 0);
    for (used, row) in taken.iter_mut().zip(rows) {
        *used += row.each;
    }
}

/// Whether a cell is for tenants like this one.
pub fn suits(cell: &CellEntry, tenant: &Tenant) -> bool {
    let own = tenant.dedicated.then_some(&tenant.id);
    cell.needs == tenant.needs && cell.dedicated.as_ref() == own
}
