//! Places in cells: the first with enough of everything takes the next tenant, else one is opened.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::blueprint::shape::Isolation;
use crate::diag::Sink;
use crate::plan::allocate::Work;
use crate::plan::allocate::full::Lack;
use crate::plan::fill::{Kind, Short};
use crate::plan::lock::{self, CellEntry, SpaceEntry};
use crate::plan::space::Space;
use crate::plan::{Block, cells, layout, ordinal};
use crate::source::Site;
use crate::spec::{Tenant, Tier};

/// The rows of a tier in a cell, which all its tenants share.
pub type Rows = Arc<[cells::Row]>;

/// Where a tenant finds room.
pub struct Place {
    /// The account.
    pub account: String,
    /// Its addresses.
    pub space: Option<SpaceEntry>,
    /// The cell.
    pub cell: Option<String>,
    /// Its number in the cell.
    pub ordinal: Option<u32>,
    /// What the account before was short of, where it has no cell.
    pub why: Option<String>,
}

impl Work<'_> {
    /// Counts what is taken in each cell, by tenants that are there and by places that are kept.
    pub(super) fn count(&mut self) {
        let spec = self.spec;
        let here = self.lock.tenants.iter().map(|(id, t)| (id.as_str(), t));
        let kept = self.lock.retired.iter().map(|(key, t)| (lock::tenant_of(key), t));
        let mut all: Vec<(String, String, Option<u32>)> = here
            .chain(kept)
            .filter_map(|(id, t)| Some((id.to_owned(), t.cell.clone()?, t.ordinal)))
            .collect();
        let gone = self.lock.quarantine.values();
        all.extend(gone.filter_map(|q| Some((q.tenant.clone(), q.cell.clone()?, None))));
        for (id, cell, ordinal) in all {
            let Some(entry) = self.lock.cells.get(&cell) else { continue };
            let Some(tier) = spec.tiers.get(&entry.tier) else { continue };
            let tenant = spec.tenants.get(&id).filter(|tenant| tenant.tier == entry.tier);
            let tier = tenant.map_or(tier, |tenant| spec.tier_of(tenant));
            let block = Block { cidr: entry.block, slots: entry.slots };
            let (account, region) = (entry.account.clone(), entry.region.clone());
            let rows = self.rows(tier, block, (&account, &region));
            take(self.taken.entry(cell.clone()).or_default(), &rows);
            self.ordinals.entry(cell).or_default().0.extend(ordinal);
        }
    }

    /// Whoever lives in a cell can have grown beyond what it holds. Places that are kept take nothing
    /// from AWS, and a ceiling that was lowered turns nobody out: both are for those who come.
    pub(super) fn cells_suffice(&mut self, sink: &mut Sink) {
        // By cell, what each tenant takes, in the order of their ids.
        let mut taken: BTreeMap<String, Vec<Rows>> = BTreeMap::new();
        let all = self.lock.tenants.iter();
        let homes: Vec<(&Tier, String)> = all
            .filter_map(|(id, placed)| {
                Some((self.spec.tier_of(&self.spec.tenants[id]), placed.cell.clone()?))
            })
            .collect();
        for (tier, home) in homes {
            let cell = &self.lock.cells[&home];
            let block = Block { cidr: cell.block, slots: cell.slots };
            let (account, region) = (cell.account.clone(), cell.region.clone());
            let rows = self.rows(tier, block, (&account, &region));
            taken.entry(home).or_default().push(rows);
        }
        for (id, tenants) in &taken {
            for (n, row) in tenants[0].iter().enumerate() {
                let each: Vec<u64> = tenants.iter().map(|rows| rows[n].each).collect();
                if row.what != cells::CEILING && each.iter().sum::<u64>() > row.left() {
                    sink.push(self.cell_full(id, *row, &each));
                }
            }
        }
    }

    /// A place in the first cell of the tier and region with room, or in one that is opened. Nothing
    /// is given back while places are given away, so a cell that was full once is not asked again.
    pub(super) fn in_a_cell(
        &mut self,
        tenant: &Tenant,
        tier: &Tier,
        sink: &mut Sink,
    ) -> Option<Place> {
        let door = Door::of(tenant);
        let mut doors = match self.doors.remove(&door) {
            Some(doors) => doors,
            None => self.doors_of(tenant, tier),
        };
        let mut place = None;
        while let (None, Some(id)) = (&place, doors.cells.front()) {
            match self.enter(id, tenant) {
                Ok(found) => place = Some(found),
                Err(short) => {
                    doors.why = short;
                    doors.cells.pop_front();
                }
            }
        }
        if place.is_none() {
            let id = self.open(tenant, tier, doors.why, sink);
            place = id.as_ref().and_then(|id| self.enter(id, tenant).ok());
            doors.cells.extend(id);
        }
        self.doors.insert(door, doors);
        place
    }

    /// The cells that a tenant could enter, in their order.
    fn doors_of(&self, tenant: &Tenant, tier: &Tier) -> Doors {
        let mut ours: Vec<(u32, &String)> = self
            .cells_of(tenant, tier)
            .filter(|(_, cell)| suits(cell, tenant))
            .map(|(id, _)| (ordinal(id), id))
            .collect();
        ours.sort_unstable();
        let why = match tenant {
            tenant if tenant.dedicated => cells::DEDICATED,
            tenant if !tenant.needs.is_empty() => cells::NEEDS,
            _ => cells::FIRST,
        };
        Doors { cells: ours.into_iter().map(|(_, id)| id.clone()).collect(), why }
    }

    /// The cells of a tier in the region of a tenant, in whatever account.
    pub(super) fn cells_of<'b>(
        &'b self,
        tenant: &'b Tenant,
        tier: &'b Tier,
    ) -> impl Iterator<Item = (&'b String, &'b CellEntry)> {
        let ours = |cell: &CellEntry| cell.tier == tier.id && cell.region == tenant.region;
        self.lock.cells.iter().filter(move |(_, cell)| ours(cell))
    }

    /// What tenants of a tier take in a cell.
    fn rows(&mut self, tier: &Tier, block: Block, place: (&str, &str)) -> Rows {
        let size = (block.cidr.prefix_len(), block.slots);
        let key = (tier.shape.clone(), place.0.to_owned(), place.1.to_owned(), size);
        let spec = self.spec;
        let rows = || cells::rows_in(spec, tier, block, place).into();
        self.rows.entry(key).or_insert_with(rows).clone()
    }

    /// A place in a cell, or what there is not enough of.
    fn enter(&mut self, id: &str, tenant: &Tenant) -> Result<Place, &'static str> {
        let tier = self.spec.tier_of(tenant);
        let cell = &self.lock.cells[id];
        let (cidr, slots, account) = (cell.block, cell.slots, cell.account.clone());
        if let Some(short) = self.fill.short(&account, tenant) {
            return Err(short.what);
        }
        let rows = self.rows(tier, Block { cidr, slots }, (&account, &tenant.region));
        let taken = self.taken.entry(id.to_owned()).or_default();
        if let Some(row) = cells::full(&rows, taken) {
            return Err(row.what);
        }
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
            let (given, lowest) = self.ordinals.entry(id.to_owned()).or_default();
            let mut all = (*lowest).max(1)..=u32::MAX;
            let free = all.find(|n| !given.contains(n)).expect("numbers do not end");
            given.insert(free);
            *lowest = free + 1;
            free
        });
        Ok(Place { account, space, cell: Some(id.to_owned()), ordinal: number, why: None })
    }

    /// Says that not even an empty cell in any account has room for a tenant.
    fn no_room(&mut self, tenant: &Tenant, rows: &[cells::Row], sink: &mut Sink) {
        let row = rows[0];
        if row.what != cells::ADDRESSES {
            let accounts = self.spec.workload_accounts.iter().cloned();
            let rows = accounts.zip(rows.iter().copied()).collect();
            return self.refuse(tenant, Lack::Cell { variant: tenant.variant.clone(), rows });
        }
        let site = if tenant.variant.is_some() {
            tenant.site.child("override").key()
        } else {
            Site::at(["tiers", &tenant.tier, "network", "cell_prefix"])
        };
        let message = format!(
            "a tenant of tier `{}` needs {} of {}, a cell has {}",
            tenant.tier,
            row.each,
            row.what,
            row.left()
        );
        let help = "make the cell larger, or the tenant smaller";
        sink.push_once(crate::spec::rule::CELL_SIZE.at(site, message).help(help));
    }

    /// The account of a new VPC or cell for a tenant, and what the account before was short of.
    pub(super) fn fill_for(
        &mut self,
        tenant: &Tenant,
        cell: bool,
        fits: &dyn Fn(&str) -> Option<Short>,
    ) -> Option<(String, Option<&'static str>)> {
        if self.fill.chooses() {
            let found = self.fill.account(tenant, cell, fits);
            if found.is_none() {
                self.refuse(tenant, Lack::Accounts);
            }
            return found;
        }
        Some((self.spec.workload_accounts[0].clone(), None))
    }

    /// What even an empty cell in an account has no room for.
    fn unfit(&self, tenant: &Tenant, tier: &Tier, account: &str) -> Option<cells::Row> {
        let prefix = tier.cell_prefix.expect("a tier whose tenants share a VPC has one");
        let slots = self.spec.network.zone_slots;
        let any = Ipv4Net::new(std::net::Ipv4Addr::UNSPECIFIED, prefix).expect("a prefix");
        let (own, block) = (self.spec.tier_of(tenant), Block { cidr: any, slots });
        cells::full(&cells::rows_in(self.spec, own, block, (account, &tenant.region)), &[])
    }

    /// Opens a cell, unless even an empty one has no room for the tenant; its id.
    fn open(&mut self, tenant: &Tenant, tier: &Tier, why: &str, sink: &mut Sink) -> Option<String> {
        let last = self.cells_of(tenant, tier).map(|(id, _)| ordinal(id)).max().unwrap_or(0);
        let id = format!("{}-{}-{}", tier.id, tenant.region, last + 1);
        let prefix = tier.cell_prefix.expect("a tier whose tenants share a VPC has one");
        let slots = self.spec.network.zone_slots;
        let unfit: Vec<Option<cells::Row>> =
            self.spec.workload_accounts.iter().map(|id| self.unfit(tenant, tier, id)).collect();
        if let Some(rows) = unfit.iter().copied().collect::<Option<Vec<_>>>() {
            self.no_room(tenant, &rows, sink);
            return None;
        }
        let accounts = &self.spec.workload_accounts;
        let fits = |account: &str| {
            let row = unfit[accounts.iter().position(|one| one == account)?]?;
            let place = format!("a new cell of {account}");
            Some(Short { what: row.what, place, limit: row.limit })
        };
        let (account, before) = self.fill_for(tenant, true, &fits)?;
        let known = self.cells_of(tenant, tier).any(|(_, cell)| cell.account == account);
        let why = before.filter(|_| !known).unwrap_or(why);
        let Some(block) = self.take_from_pools(&tenant.region, prefix) else {
            self.refuse(tenant, Lack::Blocks { prefix, cell: true });
            return None;
        };
        let entry = CellEntry {
            tier: tier.id.clone(),
            region: tenant.region.clone(),
            account: account.clone(),
            block,
            slots,
            needs: tenant.needs.clone(),
            dedicated: tenant.dedicated.then(|| tenant.id.clone()),
            why: Some(why.to_owned()),
        };
        if tier.isolation.has_blocks() {
            let space = cell_space(Block { cidr: block, slots });
            self.cells.insert(id.clone(), space);
        }
        for (_, others) in self.doors.iter_mut().filter(|(door, _)| door.leads_to(&entry)) {
            others.cells.push_back(id.clone());
        }
        self.fill.take_cell(&account, &tier.id, &tenant.region);
        self.lock.cells.insert(id.clone(), entry);
        self.news.opened.push(id.clone());
        Some(id)
    }
}

/// A kind of tenant, to which the same cells are open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    tier: String,
    /// How much each takes.
    kind: Kind,
    region: String,
    needs: Vec<String>,
    dedicated: Option<String>,
}

impl Door {
    fn of(tenant: &Tenant) -> Self {
        Door {
            tier: tenant.tier.clone(),
            kind: Kind::of(tenant),
            region: tenant.region.clone(),
            needs: tenant.needs.clone(),
            dedicated: tenant.dedicated.then(|| tenant.id.clone()),
        }
    }

    /// Whether a cell is for this kind.
    fn leads_to(&self, cell: &CellEntry) -> bool {
        let of_door = (&self.tier, &self.region, &self.needs, &self.dedicated);
        of_door == (&cell.tier, &cell.region, &cell.needs, &cell.dedicated)
    }
}

/// The cells that a kind of tenant did not find full yet.
#[derive(Clone, Debug)]
pub struct Doors {
    cells: VecDeque<String>,
    /// What the last one that was full was short of, or why there was none.
    why: &'static str,
}

/// The free addresses of a cell that are for tenants.
pub fn cell_space(cell: Block) -> Space {
    let mut space = Space::new(cell.cidr);
    space.reserve(layout::shared(cell).cidr);
    space
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
