//! How many more tenants there is room for, without placing them: all alike, they fill the cells in
//! order, then open new ones, each as large as the last, until no block is left.

use ipnet::Ipv4Net;

use crate::blueprint::shape::Isolation;
use crate::diag::Sink;
use crate::plan::allocate::Work;
use crate::plan::allocate::place::{cell_space, ordinal, suits};
use crate::plan::fill::{Fill, Loads, Short};
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
    /// Of several workload accounts, what each takes after the one before.
    pub turns: Vec<Turn>,
}

/// What one of several workload accounts takes beyond the cells that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The account.
    pub account: String,
    /// How many tenants.
    pub tenants: u64,
    /// How many a new cell takes there.
    pub each: u64,
    /// What it is short of then; `None` where it is blocks that are used up.
    pub short: Option<Short>,
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
        if !self.turns.is_empty() {
            return self.in_turn(rest);
        }
        match self.each {
            _ if rest == 0 => Some(0),
            0 => None,
            each => Some(rest.div_ceil(each)),
        }
    }

    /// The same of several accounts, for those who find no place in a cell that is there.
    fn in_turn(&self, mut rest: u64) -> Option<u64> {
        let mut cells = 0;
        for turn in &self.turns {
            let some = rest.min(turn.tenants);
            cells += some.div_ceil(turn.each.max(1));
            rest -= some;
        }
        (rest == 0).then_some(cells)
    }

    /// How many tenants there is room for.
    pub fn tenants(&self) -> u64 {
        let opened = if self.turns.is_empty() {
            self.each.saturating_mul(self.blocks)
        } else {
            self.turns.iter().fold(0, |sum, turn| turn.tenants.saturating_add(sum))
        };
        self.here().saturating_add(opened)
    }

    /// What the last of several accounts is short of, where that ends it.
    pub fn short(&self) -> Option<&Short> {
        let all = self.turns.iter().all(|turn| turn.short.is_some());
        self.turns.last().filter(|_| all)?.short.as_ref()
    }

    /// How many tenants the next new cell takes.
    pub fn in_next(&self) -> u64 {
        let next = self.turns.iter().find(|turn| turn.tenants > 0);
        next.map_or(self.each, |turn| turn.each.min(turn.tenants))
    }
}

impl<'a> Rooms<'a> {
    /// What a lock leaves free of the pools of its blueprint.
    pub fn new(spec: &'a Spec, lock: &Lock, loads: Loads) -> Self {
        let mut work = Work::new(spec, lock.clone());
        work.fill = Fill::new(spec, lock, loads);
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
        let room = if tier.isolation.has_vpc() { bare } else { self.in_cells(tenant, tier, bare) };
        let shared = tier.isolation != Isolation::Account;
        if shared && work.fill.chooses() { self.in_accounts(tenant, tier, room) } else { room }
    }

    /// The same with several workload accounts: each takes what its quotas leave room for.
    fn in_accounts(&self, tenant: &Tenant, tier: &Tier, mut room: Room) -> Room {
        let mut fill = self.0.fill.clone();
        for (id, here) in &mut room.cells {
            let account = &self.0.lock.cells[id].account;
            *here = most(*here, |n| fill.short_of(account, tenant, n, 0).is_none());
            fill.take(account, tenant, *here, 0);
        }
        room.cells.retain(|(_, here)| *here > 0);
        let mut blocks = room.blocks;
        for account in &self.0.spec.workload_accounts {
            let turn = self.turn(&mut fill, (tenant, tier), account, &mut blocks);
            room.turns.push(turn);
        }
        room.each = room.turns.iter().map(|turn| turn.each).max().unwrap_or(0);
        room
    }

    /// What an account takes in new cells, or VPCs, while there are blocks for them.
    fn turn(
        &self,
        fill: &mut Fill,
        (tenant, tier): (&Tenant, &Tier),
        account: &str,
        blocks: &mut u64,
    ) -> Turn {
        let prefix = tier.cell_prefix.filter(|_| tier.isolation.has_cells());
        let new = |_| self.new_cell(tier, (account, &tenant.region));
        let (each, what) = prefix.map_or((1, cells::ADDRESSES), new);
        let opened = |n: u64| n.div_ceil(each.max(1));
        let cells = |n: u64| if prefix.is_some() { opened(n) } else { 0 };
        let short = |n: u64| fill.short_of(account, tenant, n, cells(n));
        let tenants = most(each.saturating_mul(*blocks), |n| short(n).is_none());
        let more = tenants.saturating_add(1);
        let unfit = || {
            let place = format!("a new cell of {account}");
            Some(Short { what, place, limit: 0 })
        };
        let short =
            if each == 0 { unfit() } else { short(more).filter(|_| opened(more) <= *blocks) };
        fill.take(account, tenant, tenants, cells(tenants));
        *blocks -= opened(tenants);
        Turn { account: account.to_owned(), tenants, each, short }
    }

    /// The same, for a tier whose tenants live in cells.
    fn in_cells(&self, tenant: &Tenant, tier: &Tier, bare: Room) -> Room {
        let work = &self.0;
        let (each, full) = self.new_cell(tier, first(work.spec, &tenant.region));
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
            let place = (cell.account.as_str(), cell.region.as_str());
            let (room, _) = in_cell(work.spec, tier, (block, place), taken, work.cells.get(id));
            (id.clone(), room)
        };
        ours.into_iter().map(room).filter(|(_, room)| *room > 0).collect()
    }

    /// The quota of which an empty cell has too little for one tenant like this, and how much is
    /// missing; `None` if it has enough of each.
    pub fn missing(&self, tenant: &Tenant) -> Option<(&'static str, u64)> {
        let (spec, tier) = (self.0.spec, self.0.spec.tier_of(tenant));
        let rows = cells::rows_in(spec, tier, new_block(spec, tier)?, first(spec, &tenant.region));
        let short = rows.iter().filter(|row| row.what != cells::ADDRESSES);
        let short = short.map(|row| (row.what, (row.shared + row.each).saturating_sub(row.limit)));
        short.into_iter().find(|(_, missing)| *missing > 0)
    }

    /// The quotas that bound the cells of a tier in a region.
    pub fn bounds(spec: &Spec, tier: &Tier, region: &str) -> Vec<&'static str> {
        let rows = new_block(spec, tier)
            .map(|block| cells::rows_in(spec, tier, block, first(spec, region)));
        let ids = rows.into_iter().flatten().map(|row| row.what);
        ids.filter(|what| !cells::WORDS.contains(what)).collect()
    }

    /// Takes so many blocks out of the pools of a region, or as many as there are; how many.
    pub fn take(&mut self, region: &str, prefix: u8, blocks: u64) -> u64 {
        let work = &mut self.0;
        (0..blocks).take_while(|_| work.take_from_pools(region, prefix).is_some()).count() as u64
    }

    /// How many tenants a new cell takes, and what fills it.
    fn new_cell(&self, tier: &Tier, place: (&str, &str)) -> (u64, &'static str) {
        let block = new_block(self.0.spec, tier).expect("a tier whose tenants share a VPC has one");
        let space = tier.isolation.has_blocks().then(|| cell_space(block));
        in_cell(self.0.spec, tier, (block, place), &[], space.as_ref())
    }
}

/// The most, up to a number, for which something holds that holds for all that are less.
fn most(up_to: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, up_to);
    while low < high {
        let middle = high - (high - low) / 2;
        if holds(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

/// The place of the first cell in a region: the first account in its list.
fn first<'a>(spec: &'a Spec, region: &'a str) -> (&'a str, &'a str) {
    (&spec.workload_accounts[0], region)
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
    (block, place): (Block, (&str, &str)),
    taken: &[u64],
    space: Option<&Space>,
) -> (u64, &'static str) {
    let rows = cells::rows_in(spec, tier, block, place);
    let by_rows = cells::room(&rows, taken).map(|(room, row)| (room, row.what));
    let blocks = space.zip(tier.prefix).map(|(space, prefix)| space.room_for(prefix));
    let by_blocks = blocks.map(|room| (room, cells::ADDRESSES));
    // Rows are looked at first, so of two that end together it is the row that is told.
    let least = by_rows.into_iter().chain(by_blocks).min_by_key(|(room, _)| *room);
    least.unwrap_or((u64::MAX, cells::ADDRESSES))
}
