//! How many more tenants there is room for, without placing them: all alike, they fill the cells in
//! order, then open new ones, each as large as the last, until no block is left.

use ipnet::Ipv4Net;

use crate::blueprint::shape::Isolation;
use crate::diag::Sink;
use crate::plan::allocate::Work;
use crate::plan::allocate::place::{cell_space, suits};
use crate::plan::fill::{Fill, Loads, Short};
use crate::plan::lock::{CellEntry, Lock};
use crate::plan::space::Space;
use crate::plan::{Block, cells, ordinal};
use crate::spec::{Spec, Tenant, Tier};

/// What a lock leaves free.
pub struct Rooms<'a>(pub(super) Work<'a>);

/// The room for tenants that are all like one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The cells that take some, in the order in which they fill.
    pub cells: Vec<Here>,
    /// The account of whatever is new; the first, where there are several.
    pub account: String,
    /// How many a new cell takes; 1 where each tenant has a VPC of its own.
    pub each: u64,
    /// What fills a new cell; `None` where each tenant has a VPC of its own.
    pub full: Option<&'static str>,
    /// How the ids of new cells begin, and the number of the next.
    pub next: Option<(String, u32)>,
    /// How many blocks for a cell or a tenant are free.
    pub blocks: u64,
    /// The pools that they come from.
    pub pools: Vec<Ipv4Net>,
    /// Blocks of the region that are quarantined, and no part of a cell.
    pub quarantined: u64,
    /// Of several workload accounts, what each takes after the one before.
    pub turns: Vec<Turn>,
    /// What accounts are short of by then that nobody lives in who takes it: what the hub's side takes
    /// of the account of the hub. Each with how many tenants fit before.
    pub beside: Vec<(Short, u64)>,
}

/// Room in a cell that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// The cell.
    pub cell: String,
    /// Its account.
    pub account: String,
    /// How many tenants it takes.
    pub tenants: u64,
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

/// What comes to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share<'a> {
    /// The account.
    pub account: &'a str,
    /// The cell, if it is there already.
    pub cell: Option<&'a str>,
    /// How many tenants.
    pub tenants: u64,
    /// How many cells open for them, or how many blocks they take.
    pub opened: u64,
    /// How many of them are in the fullest of those cells.
    pub fullest: u64,
    /// How many cells were opened in the accounts before.
    pub before: u64,
}

impl Room {
    /// The accounts that newcomers come to.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        let here = self.cells.iter().map(|here| here.account.as_str());
        let turns = self.turns.iter().filter(|turn| turn.tenants > 0);
        let first = Some(self.account.as_str()).filter(|_| self.turns.is_empty());
        here.chain(turns.map(|turn| turn.account.as_str())).chain(first)
    }

    /// How many find a place in cells that are there.
    pub fn here(&self) -> u64 {
        self.cells.iter().map(|here| here.tenants).sum()
    }

    /// Where so many tenants come to be, in the order in which they come; `None` where not all find a
    /// place, were there blocks enough.
    pub fn shares<'a>(&'a self, tenants: u64) -> Option<Vec<Share<'a>>> {
        let (mut rest, mut before, mut out) = (tenants, 0, Vec::new());
        let mut put = |account, cell: Option<&'a str>, most: u64, each: u64| {
            let tenants = rest.min(most);
            rest -= tenants;
            let opened = if cell.is_none() { tenants.div_ceil(each.max(1)) } else { 0 };
            if tenants > 0 {
                let fullest = tenants.min(each);
                out.push(Share { account, cell, tenants, opened, fullest, before });
            }
            before += opened;
        };
        for Here { cell, account, tenants } in &self.cells {
            put(account.as_str(), Some(cell.as_str()), *tenants, *tenants);
        }
        for turn in &self.turns {
            put(&turn.account, None, turn.tenants, turn.each);
        }
        if self.turns.is_empty() && self.each > 0 {
            put(&self.account, None, u64::MAX, self.each);
        }
        (rest == 0).then_some(out)
    }

    /// How many cells, or blocks, so many tenants need besides those that are there; `None` where
    /// not one tenant fits into a new cell.
    pub fn opened(&self, tenants: u64) -> Option<u64> {
        Some(self.shares(tenants)?.iter().map(|share| share.opened).sum())
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
}

impl Share<'_> {
    /// How many cells open, or blocks are taken, for the first of them.
    pub fn opening(&self, tenants: u64) -> u64 {
        if self.cell.is_some() { 0 } else { tenants.div_ceil(self.fullest.max(1)) }
    }

    /// The cells that are looked at: that which is there, or the first new one, and the first of each
    /// number of digits behind it. Each with its id, how many tenants come to it, and how many of the
    /// share have come before.
    pub fn cells(&self, room: &Room) -> Vec<(String, u64, u64)> {
        if let Some(cell) = self.cell {
            return vec![(cell.to_owned(), self.tenants, 0)];
        }
        let Some((start, next)) = &room.next else { return Vec::new() };
        let first = u64::from(*next) + self.before;
        let tens = (1..20).map(|digits| 10_u64.pow(digits)).filter(|number| *number > first);
        let behind = tens.map(|number| number - first).take_while(|behind| *behind < self.opened);
        let cell = |behind: u64| {
            let tenants = behind * self.fullest;
            let most = self.fullest.min(self.tenants - tenants);
            (format!("{start}-{}", first + behind), most, tenants)
        };
        [0].into_iter().chain(behind).map(cell).collect()
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
        let room = self.bare(tenant);
        if self.chooses(tenant) { self.in_turn(tenant, room) } else { room }
    }

    /// The same, of what cells and pools have: whatever accounts have.
    pub fn bare(&self, tenant: &Tenant) -> Room {
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
            account: work.spec.workload_accounts[0].clone(),
            each: 1,
            blocks: serving.iter().map(|i| work.spaces[*i].room_for(prefix)).sum(),
            pools: serving.iter().map(|i| pools[*i].cidr).collect(),
            quarantined: gone as u64,
            ..Room::default()
        };
        if tier.isolation.has_vpc() { bare } else { self.in_cells(tenant, tier, bare) }
    }

    /// Whether tenants like this one go to one of several accounts.
    pub(super) fn chooses(&self, tenant: &Tenant) -> bool {
        let tier = self.0.spec.tier_of(tenant);
        tier.isolation != Isolation::Account && self.0.fill.chooses()
    }

    /// The same, for a tier whose tenants live in cells.
    fn in_cells(&self, tenant: &Tenant, tier: &Tier, bare: Room) -> Room {
        let work = &self.0;
        let (each, full) = self.new_cell(tier, (&bare.account, &tenant.region));
        let next = work.cells_of(tenant, tier).map(|(id, _)| ordinal(id)).max().unwrap_or(0) + 1;
        let next = Some((format!("{}-{}", tier.id, tenant.region), next));
        Room { cells: self.here(tenant, tier), each, full: Some(full), next, ..bare }
    }

    /// The cells that a tenant could enter, in order, with how many like it they take.
    fn here(&self, tenant: &Tenant, tier: &Tier) -> Vec<Here> {
        let work = &self.0;
        let ours = work.cells_of(tenant, tier);
        let mut ours: Vec<_> = ours.filter(|(_, cell)| suits(cell, tenant)).collect();
        ours.sort_by_key(|(id, _)| (ordinal(id), *id));
        let room = |(id, cell): (&String, &CellEntry)| {
            let block = Block { cidr: cell.block, slots: cell.slots };
            let taken = work.taken.get(id).map_or(&[][..], Vec::as_slice);
            let place = (cell.account.as_str(), cell.region.as_str());
            let (tenants, _) = in_cell(work.spec, tier, (block, place), taken, work.cells.get(id));
            Here { cell: id.clone(), account: cell.account.clone(), tenants }
        };
        ours.into_iter().map(room).filter(|here| here.tenants > 0).collect()
    }

    /// The quota of which an empty cell in an account has too little for one tenant like this, and how
    /// much is missing; `None` if it has enough of each.
    pub fn missing(&self, tenant: &Tenant, account: &str) -> Option<(&'static str, u64)> {
        let (spec, tier) = (self.0.spec, self.0.spec.tier_of(tenant));
        let place = (account, tenant.region.as_str());
        let rows = cells::rows_in(spec, tier, new_block(spec, tier)?, place);
        let short = rows.iter().filter(|row| row.what != cells::ADDRESSES);
        let short = short.map(|row| (row.what, (row.shared + row.each).saturating_sub(row.limit)));
        short.into_iter().find(|(_, missing)| *missing > 0)
    }

    /// The quotas that bound the cells of a tier in a region.
    pub fn bounds(spec: &Spec, tier: &Tier, region: &str) -> Vec<&'static str> {
        let place = (spec.workload_accounts[0].as_str(), region);
        let rows = new_block(spec, tier).map(|block| cells::rows_in(spec, tier, block, place));
        let ids = rows.into_iter().flatten().map(|row| row.what);
        ids.filter(|what| !cells::WORDS.contains(what)).collect()
    }

    /// Takes so many blocks out of the pools of a region, or as many as there are; how many.
    pub fn take(&mut self, region: &str, prefix: u8, blocks: u64) -> u64 {
        let work = &mut self.0;
        (0..blocks).take_while(|_| work.take_from_pools(region, prefix).is_some()).count() as u64
    }

    /// How many tenants a new cell takes, and what fills it.
    pub(super) fn new_cell(&self, tier: &Tier, place: (&str, &str)) -> (u64, &'static str) {
        let block = new_block(self.0.spec, tier).expect("a tier whose tenants share a VPC has one");
        let space = tier.isolation.has_blocks().then(|| cell_space(block));
        in_cell(self.0.spec, tier, (block, place), &[], space.as_ref())
    }
}

/// The most, up to a number, for which something holds that holds for all that are less.
pub(super) fn most(up_to: u64, holds: impl Fn(u64) -> bool) -> u64 {
    if holds(up_to) {
        return up_to;
    }
    let (mut low, mut high) = (0, up_to);
    while low < high {
        let middle = high - (high - low) / 2;
        if holds(middle) { low = middle } else { high = middle - 1 }
    }
    low
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
