//! How many more tenants there is room for, without placing them: all alike, they fill the cells in
//! order, then open new ones, each as large as the last, until no block is left.

use ipnet::Ipv4Net;

use crate::diag::Sink;
use crate::plan::allocate::Work;
use crate::plan::allocate::place::{cell_space, ordinal, suits};
use crate::plan::lock::{CellEntry, Lock};
use crate::plan::space::Space;
use crate::plan::{Block, cells};
use crate::spec::{Spec, Tenant, Tier};

/// What a lock leaves free.
pub struct Rooms<'a>(Work<'a>);

/// The room for tenants that are all like one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The cells that take some, with how many, in the order in which they fill.
    pub cells: Vec<(String, u64)>,
    /// How many a new cell takes; 1 where each tenant has a VPC of its own.
    pub each: u64,
    /// What fills a new cell; `None` where each tenant has a VPC of its own.
    pub full: Option<&'static str>,
    /// The id of the cell that would open next.
    pub next: Option<String>,
    /// How many blocks for a cell or a tenant are free.
    pub blocks: u64,
    /// The pools that they come from.
    pub pools: Vec<Ipv4Net>,
    /// Blocks of the region that are quarantined, and no part of a cell.
    pub quarantined: u64,
}

impl Room {
    /// How many find a place in cells that are there.
    pub fn here(&self) -> u64 {
        self.cells.iter().map(|(_, room)| room).sum()
    }

    /// How many cells, or blocks, so many tenants need besides those that are there; `None` where
    /// not one tenant fits into a new cell.
    pub fn opened(&self, tenants: u64) -> Option<u64> {
        let rest = tenants.saturating_sub(self.here());
        match self.each {
            _ if rest == 0 => Some(0),
            0 => None,
            each => Some(rest.div_ceil(each)),
        }
    }

    /// How many tenants there is room for.
    pub fn tenants(&self) -> u64 {
        self.here() + self.each.saturating_mul(self.blocks)
    }
}

impl<'a> Rooms<'a> {
    /// What a lock leaves free of the pools of its blueprint.
    pub fn new(spec: &'a Spec, lock: &Lock) -> Self {
        let mut work = Work::new(spec, lock.clone());
        // Whatever there is to complain of was said when the lock was made.
        work.occupy(&mut Sink::default());
        Rooms(work)
    }

    /// The room for tenants like this one.
    pub fn of(&self, tenant: &Tenant) -> Room {
        let work = &self.0;
        let tier = work.spec.tier_of(tenant);
        let pools = &work.spec.network.pools;
        let region = tenant.region.as_str();
        let serving = work.serving(region);
        let prefix = if tier.isolation.has_vpc() { tier.prefix } else { tier.cell_prefix };
        let prefix = prefix.expect("a tier of this model has one");
        let gone = work.lock.quarantine.values();
        let gone = gone.filter(|q| q.cell.is_none() && q.region == region).count();
        let bare = Room {
            each: 1,
            blocks: serving.iter().map(|i| work.spaces[*i].room_for(prefix)).sum(),
            pools: serving.iter().map(|i| pools[*i].cidr).collect(),
            quarantined: gone as u64,
            ..Room::default()
        };
        if tier.isolation.has_vpc() { bare } else { self.in_cells(tenant, tier, bare) }
    }

    /// The same, for a tier whose tenants live in cells.
    fn in_cells(&self, tenant: &Tenant, tier: &Tier, bare: Room) -> Room {
        let work = &self.0;
        let (each, full) = self.new_cell(tier, &tenant.region);
        let next = work.cells_of(tenant, tier).map(|(id, _)| ordinal(id)).max().unwrap_or(0) + 1;
        let next = format!("{}-{}-{next}", tier.id, tenant.region);
        Room { cells: self.here(tenant, tier), each, full: Some(full), next: Some(next), ..bare }
    }

    /// The cells that a tenant could enter, in order, with how many like it they take.
    fn here(&self, tenant: &Tenant, tier: &Tier) -> Vec<(String, u64)> {
        let work = &self.0;
        let ours = work.cells_of(tenant, tier);
        let mut ours: Vec<_> = ours.filter(|(_, cell)| suits(cell, tenant)).collect();
        ours.sort_by_key(|(id, _)| (ordinal(id), *id));
        let room = |(id, cell): (&String, &CellEntry)| {
            let block = Block { cidr: cell.block, slots: cell.slots };
            let taken = work.taken.get(id).map_or(&[][..], Vec::as_slice);
            let (room, _) =
                in_cell(work.spec, tier, (block, &cell.region), taken, work.cells.get(id));
            (id.clone(), room)
        };
        ours.into_iter().map(room).filter(|(_, room)| *room > 0).collect()
    }

    /// The quota of which an empty cell has too little for one tenant like this, and how much is
    /// missing; `None` if it has enough of each.
    pub fn missing(&self, tenant: &Tenant) -> Option<(&'static str, u64)> {
        let (spec, tier) = (self.0.spec, self.0.spec.tier_of(tenant));
        let rows = cells::rows_in(spec, tier, new_block(spec, tier)?, &tenant.region);
        let short = rows.iter().filter(|row| row.what != cells::ADDRESSES);
        let short = short.map(|row| (row.what, row.each.saturating_sub(row.limit)));
        short.into_iter().find(|(_, missing)| *missing > 0)
    }

    /// The quotas that bound the cells of a tier in a region.
    pub fn bounds(spec: &Spec, tier: &Tier, region: &str) -> Vec<&'static str> {
        let rows = new_block(spec, tier).map(|block| cells::rows_in(spec, tier, block, region));
        let ids = rows.into_iter().flatten().map(|row| row.what);
        ids.filter(|what| !cells::WORDS.contains(what)).collect()
    }

    /// Takes so many blocks out of the pools of a region, or as many as there are; how many.
    pub fn take(&mut self, region: &str, prefix: u8, blocks: u64) -> u64 {
        let work = &mut self.0;
        let free = |work: &mut Work<'_>| {
            let pool = work.best_pool(region, prefix)?;
            work.spaces[pool].allocate(prefix)
        };
        (0..blocks).take_while(|_| free(work).is_some()).count() as u64
    }

    /// How many tenants a new cell takes, and what fills it.
    fn new_cell(&self, tier: &Tier, region: &str) -> (u64, &'static str) {
        let block = new_block(self.0.spec, tier).expect("a tier whose tenants share a VPC has one");
        let space = tier.isolation.has_blocks().then(|| cell_space(block));
        in_cell(self.0.spec, tier, (block, region), &[], space.as_ref())
    }
}

/// The block of a new cell, wherever it will be; `None` where each tenant has a VPC of its own.
fn new_block(spec: &Spec, tier: &Tier) -> Option<Block> {
    let prefix = tier.cell_prefix?;
    let any = Ipv4Net::new(std::net::Ipv4Addr::UNSPECIFIED, prefix).expect("a prefix");
    Some(Block { cidr: any, slots: spec.network.zone_slots })
}

/// How many tenants a cell takes, and what it is then short of.
fn in_cell(
    spec: &Spec,
    tier: &Tier,
    (block, region): (Block, &str),
    taken: &[u64],
    space: Option<&Space>,
) -> (u64, &'static str) {
    let rows = cells::rows_in(spec, tier, block, region);
    let by_rows = cells::room(&rows, taken).map(|(room, row)| (room, row.what));
    let blocks = space.zip(tier.prefix).map(|(space, prefix)| space.room_for(prefix));
    let by_blocks = blocks.map(|room| (room, cells::ADDRESSES));
    // Rows are looked at first, so of two that end together it is the row that is told.
    let least = by_rows.into_iter().chain(by_blocks).min_by_key(|(room, _)| *room);
    least.unwrap_or((u64::MAX, cells::ADDRESSES))
}
