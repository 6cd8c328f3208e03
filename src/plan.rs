//! As decided: every address block, cell and zone slot. Decisions are sticky: what the lock holds
//! stays, and only what is new is allocated, so nobody moves because somebody else came or went.

pub mod rule; // what can be wrong with a decision
pub mod space; // free address space: aligned, best fit
pub mod aggregate; // fewer blocks in place of many, admitting nobody
pub mod layout; // how a block is cut into subnets
pub mod lock; // the committed record of every decision
pub mod zones; // which zone stands in which slot
pub mod ranges; // which number each range has that is routed to
pub mod cells; // how many tenants a cell holds
pub mod region; // what all cells of a region share a quota of
pub mod fill; // which of several accounts takes what is new
pub mod accounts; // what AWS says of its accounts → Lock
pub mod allocate; // Spec + Lock → Plan + Lock

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

pub use allocate::{decide, plan, settle};
pub use lock::Lock;
pub use ranges::Ranges;
pub use zones::Zone;

/// Everything that was decided.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The zones in use, by region.
    pub zones: BTreeMap<String, Vec<Zone>>,
    /// The zones of the home region in which what it has once can stand in a network of its own.
    pub own_zones: Vec<Zone>,
    /// The hub of each region, if the estate has hubs.
    pub hubs: BTreeMap<String, Block>,
    /// The cells, by id.
    pub cells: BTreeMap<String, Cell>,
    /// The tenants, by id.
    pub tenants: BTreeMap<String, Placed>,
    /// The services of each tier that has any, in the order that numbers them.
    pub services: BTreeMap<String, Vec<String>>,
    /// What is routed to over hubs, in the order that numbers it.
    pub ranges: Ranges,
    /// How full each pool is.
    pub usage: Vec<Usage>,
    /// What was decided in this run.
    pub news: News,
}

/// An address block with its zone slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The addresses.
    pub cidr: Ipv4Net,
    /// How many zones it keeps room for; a power of two.
    pub slots: u8,
}

/// A VPC that tenants share.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Its id: `<tier>-<region>-<number>`.
    pub id: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account: String,
    /// Its addresses.
    pub block: Block,
    /// What all its tenants need, sorted.
    pub needs: Vec<String>,
    /// The only tenant that it is for.
    pub dedicated: Option<String>,
    /// Why it was opened, where the lock tells.
    pub why: Option<String>,
    /// How many tenants live in it.
    pub tenants: usize,
}

/// Where a tenant lives.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its account; [`PENDING`](crate::aws::PENDING) while AWS has not made it.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its cell, where tenants share one.
    pub cell: Option<String>,
    /// Its number in the cell, of isolation `container`.
    pub ordinal: Option<u32>,
    /// Its addresses, where tenants have addresses of their own.
    pub block: Option<Block>,
    /// What the account before in the list was short of, where it has a VPC of its own and did not
    /// find room in the first.
    pub why: Option<String>,
}

impl Placed {
    /// Its addresses.
    ///
    /// # Panics
    /// For a tenant of a model whose tenants have none.
    pub fn own_block(&self) -> Block {
        self.block.expect("tenants of this model have addresses of their own")
    }
}

/// How full a pool is, in addresses.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// The pool.
    pub pool: Ipv4Net,
    /// Addresses of allocated blocks, quarantined ones included.
    pub used: u64,
    /// Addresses that are reserved.
    pub reserved: u64,
}

/// What was decided in this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Tenants that were allocated.
    pub added: Vec<String>,
    /// Tenants whose block went into quarantine.
    pub removed: Vec<String>,
    /// Tenants that got a new block because their tier or region changed.
    pub moved: Vec<String>,
    /// Cells that were opened.
    pub opened: Vec<String>,
}

/// The number at the end of a cell's id.
pub fn ordinal(id: &str) -> u32 {
    id.rsplit_once('-').and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
}

/// The most names that are told.
const NAMED: usize = 3;

/// Who does not fit.
pub fn who(ids: &[String]) -> String {
    match ids {
        [one] => format!("{one} does not"),
        _ => format!("{} do not", some(ids)),
    }
}

/// Names of several, as many as are worth it.
pub fn some(ids: &[String]) -> String {
    match ids {
        [all @ .., last] if ids.len() <= NAMED => format!("{} and {last}", all.join(", ")),
        _ => format!("{} and {} more", ids[..NAMED].join(", "), ids.len() - NAMED),
    }
}
