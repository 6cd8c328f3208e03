//! Which of several workload accounts takes what is new: the first of the list in which every quota
//! that AWS counts by account, region or zone leaves room. Nothing is given back while places are
//! given away, so an account that was closed once to a kind of tenant is not asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::aws::quota;
use crate::plan::Lock;
use crate::spec::{Spec, Tenant};

/// Tenants of a kind take alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    tier: String,
    region: String,
    variant: Option<String>,
    /// A VPN, a provider of its own, a host name, a cell for itself.
    has: [bool; 4],
}

impl Kind {
    /// The kind of a tenant.
    pub fn of(tenant: &Tenant) -> Self {
        let t = tenant;
        let has = [t.vpn.is_some(), t.federation.is_some(), t.host.is_some(), t.dedicated];
        let (tier, region) = (t.tier.clone(), t.region.clone());
        Kind { tier, region, variant: t.variant.clone(), has }
    }
}

/// How much there is of something, and how much of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// How much AWS allows.
    pub limit: u64,
    /// How much is used.
    pub used: u64,
}

/// Something that AWS counts in a workload account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The quota.
    pub quota: &'static str,
    /// The account, by its place in the list.
    pub home: usize,
    /// Where it is counted: the account, one of its regions, one of its zones.
    pub place: String,
    /// The region that the place is in, or of the first stack that adds to it.
    pub region: String,
    /// How much of it there is, and is used whoever is there.
    pub level: Level,
}

/// What something takes: slots, each once, with how much.
pub type Load = Vec<(usize, u64)>;

/// What things take that stand in an account.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// What the first of all brings, in whatever region it is.
    pub first: Load,
    /// What the first of all in a region brings besides.
    pub once: BTreeMap<String, Load>,
    /// What stands in a region only where some tiers need it: the first of them brings it.
    pub brought: Vec<Load>,
    /// Which of that a tier needs in a region.
    pub needed: BTreeMap<(String, String), Vec<usize>>,
    /// What a cell takes, by tier and region.
    pub cells: BTreeMap<(String, String), Load>,
    /// What a tenant takes.
    pub tenants: BTreeMap<Kind, Load>,
}

/// What there is of everything, and who takes how much.
#[derive(Clone, Debug, Default)]
pub struct Loads {
    /// All that is counted and has a limit.
    pub slots: Vec<Slot>,
    /// The accounts, in the order of the list.
    pub homes: Vec<Home>,
}

impl Loads {
    /// The same with slots in the order of the table: of several quotas that end with the same tenant,
    /// it is always the first of them that is told.
    #[must_use]
    pub fn in_order(self) -> Self {
        let key = |at: &usize| {
            let slot = &self.slots[*at];
            (quota::position(slot.quota), slot.home, slot.place.clone())
        };
        let mut order: Vec<usize> = (0..self.slots.len()).collect();
        order.sort_by_cached_key(key);
        let mut new = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, old)| new[*old] = at);
        let slots = order.iter().map(|old| self.slots[*old].clone()).collect();
        let mut homes = self.homes;
        for home in &mut homes {
            let all = home.once.values_mut().chain(home.cells.values_mut());
            let all = all.chain(&mut home.brought);
            for load in all.chain(home.tenants.values_mut()).chain([&mut home.first]) {
                for (slot, _) in load.iter_mut() {
                    *slot = new[*slot];
                }
                load.sort_unstable();
            }
        }
        Loads { slots, homes }
    }
}

/// What newcomers take of a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Take {
    /// The slot.
    pub slot: usize,
    /// What the first of all brings, whoever that is.
    pub once: u64,
    /// What each cell takes.
    pub cell: u64,
    /// What each tenant takes.
    pub tenant: u64,
}

impl Take {
    /// How much so many tenants in so many new cells take.
    pub fn of(&self, tenants: u64, cells: u64) -> u64 {
        let once = if tenants > 0 { self.once } else { 0 };
        let cells = self.cell.saturating_mul(cells);
        self.tenant.saturating_mul(tenants).saturating_add(cells).saturating_add(once)
    }
}

/// What an account is short of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The quota, or what else there is only so much of.
    pub what: &'static str,
    /// Where.
    pub place: String,
    /// How much there is of it.
    pub limit: u64,
}

/// What there is of everything, and what of it is taken.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// It never changes, and whoever looks ahead does so often.
    slots: Arc<[Slot]>,
    levels: Vec<Level>,
}

impl Levels {
    /// Each slot, as it was at first, with how much there is of it and is used.
    pub fn all(&self) -> impl Iterator<Item = (&Slot, Level)> {
        self.slots.iter().zip(self.levels.iter().copied())
    }

    /// One of them.
    pub fn of(&self, slot: usize) -> (&Slot, Level) {
        (&self.slots[slot], self.levels[slot])
    }

    /// Says how much there is of each slot, of which there was so much.
    pub fn allow(&mut self, limit: impl Fn(&Slot, u64) -> u64) {
        for (slot, level) in self.slots.iter().zip(&mut self.levels) {
            level.limit = limit(slot, level.limit);
        }
    }

    /// Counts what something takes.
    pub fn add(&mut self, load: impl IntoIterator<Item = (usize, u64)>) {
        for (slot, amount) in load {
            self.levels[slot].used += amount;
        }
    }

    /// Whether there is not enough of what an account itself has for so much more of a slot.
    pub fn is_over(&self, home: usize, slot: usize, amount: u64) -> bool {
        let (slot, Level { limit, used }) = self.of(slot);
        slot.home == home && amount > 0 && used.saturating_add(amount) > limit
    }

    /// What of that an account is short of for so many tenants and cells more, which take so much.
    pub fn lacks(&self, home: usize, takes: &[Take], tenants: u64, cells: u64) -> Option<Short> {
        let is_over = |take: &&Take| self.is_over(home, take.slot, take.of(tenants, cells));
        takes.iter().find(is_over).map(|take| self.short(take.slot))
    }

    /// That there is no more of a slot.
    pub fn short(&self, slot: usize) -> Short {
        let (Slot { quota, place, .. }, Level { limit, .. }) = self.of(slot);
        Short { what: quota, place: place.clone(), limit }
    }
}

fn each(load: Option<&Load>) -> impl Iterator<Item = (usize, u64)> + '_ {
    load.into_iter().flatten().copied()
}

/// How far a kind has come in the list, and what the accounts before were short of.
#[derive(Clone, Debug, Default)]
struct Turn(Vec<Short>);

/// A tier in a region for which there is no room any more, and what each account is short of.
pub type Closed = BTreeMap<(String, String), Vec<Short>>;

/// What is taken in each account.
#[derive(Clone, Debug, Default)]
pub struct Fill {
    accounts: Vec<String>,
    /// What things take in each account.
    homes: Arc<[Home]>,
    /// What there is, and what of it is taken.
    pub levels: Levels,
    /// Accounts and regions that something stands in.
    opened: BTreeSet<(usize, String)>,
    /// What tiers need that is there already, by account.
    there: BTreeSet<(usize, usize)>,
    /// By kind, and whether a cell is to be opened for it.
    turns: BTreeMap<(Kind, bool), Turn>,
    /// Tiers that found no account.
    pub closed: Closed,
}

impl Fill {
    /// With all that the lock holds. Places that are kept for those who are gone take nothing from AWS.
    pub fn new(spec: &Spec, lock: &Lock, loads: Loads) -> Self {
        let levels = loads.slots.iter().map(|slot| slot.level).collect();
        let levels = Levels { levels, slots: loads.slots.into() };
        let (accounts, homes) = (spec.workload_accounts.clone(), loads.homes.into());
        let mut out = Fill { accounts, homes, levels, ..Fill::default() };
        for cell in lock.cells.values() {
            out.take_cell(&cell.account, &cell.tier, &cell.region);
        }
        for (id, entry) in &lock.tenants {
            if let Some(tenant) = spec.tenants.get(id) {
                out.take_tenant(&entry.account, tenant);
            }
        }
        out
    }

    /// Whether there is more than one account to choose from.
    pub fn chooses(&self) -> bool {
        !self.homes.is_empty()
    }

    /// The place of an account in the list; nothing with one account, in which there is nothing to choose.
    pub fn home(&self, account: &str) -> Option<usize> {
        if !self.chooses() {
            return None;
        }
        self.accounts.iter().position(|one| one == account)
    }

    /// Counts a cell.
    pub fn take_cell(&mut self, account: &str, tier: &str, region: &str) {
        let Some(home) = self.home(account) else { return };
        self.open(home, tier, region);
        let key = (tier.to_owned(), region.to_owned());
        let Fill { levels, homes, .. } = self;
        levels.add(each(homes[home].cells.get(&key)));
    }

    /// Counts a tenant. One with an account of its own can take something of that of the hub.
    pub fn take_tenant(&mut self, account: &str, tenant: &Tenant) {
        if !self.chooses() {
            return;
        }
        let at = self.home(account);
        if let Some(home) = at {
            self.open(home, &tenant.tier, &tenant.region);
        }
        let Fill { levels, homes, .. } = self;
        levels.add(each(homes[at.unwrap_or(0)].tenants.get(&Kind::of(tenant))));
    }

    /// The first thing in an account and region brings what all share there, and the first of a tier what
    /// that needs.
    fn open(&mut self, home: usize, tier: &str, region: &str) {
        let (first, lacks) = (!self.has(home), self.lacking(home, tier, region));
        let new = self.opened.insert((home, region.to_owned()));
        let Fill { levels, homes, there, .. } = self;
        if new {
            levels.add(each(Some(&homes[home].first).filter(|_| first)));
            levels.add(each(homes[home].once.get(region)));
        }
        for at in lacks {
            levels.add(each(Some(&homes[home].brought[at])));
            there.insert((home, at));
        }
    }

    /// What a tier needs in an account and region that is not there yet.
    fn lacking(&self, home: usize, tier: &str, region: &str) -> Vec<usize> {
        let needed = &self.homes[home].needed;
        if needed.is_empty() {
            return Vec::new();
        }
        let needed = needed.get(&(tier.to_owned(), region.to_owned())).into_iter().flatten();
        needed.copied().filter(|at| !self.there.contains(&(home, *at))).collect()
    }

    /// Whether something stands in an account.
    fn has(&self, home: usize) -> bool {
        self.opened.iter().any(|(one, _)| *one == home)
    }

    /// What there is not enough of in an account for one more tenant in a cell that is there.
    pub fn short(&self, account: &str, tenant: &Tenant) -> Option<Short> {
        let home = self.home(account)?;
        let load = self.homes[home].tenants.get(&Kind::of(tenant))?;
        let over = load.iter().find(|(slot, amount)| self.levels.is_over(home, *slot, *amount));
        over.map(|(slot, _)| self.levels.short(*slot))
    }

    /// What a newcomer in an account takes, each slot once, in the order of the slots; also of what other
    /// accounts have.
    pub fn takes(&self, home: usize, tenant: &Tenant) -> Vec<Take> {
        let of = &self.homes[home];
        let key = (tenant.tier.clone(), tenant.region.clone());
        let lacks = self.lacking(home, &tenant.tier, &tenant.region);
        let opened = self.opened.contains(&(home, tenant.region.clone()));
        let mut all: Vec<Take> = Vec::new();
        let mut put = |load: Option<&Load>, of: fn(u64) -> Take| {
            all.extend(
                load.into_iter().flatten().map(|(slot, more)| Take { slot: *slot, ..of(*more) }),
            );
        };
        let once = |once| Take { once, ..Take::default() };
        put(Some(&of.first).filter(|_| !self.has(home)), once);
        put(of.once.get(&tenant.region).filter(|_| !opened), once);
        for at in lacks {
            put(Some(&of.brought[at]), once);
        }
        put(of.cells.get(&key), |cell| Take { cell, ..Take::default() });
        put(of.tenants.get(&Kind::of(tenant)), |tenant| Take { tenant, ..Take::default() });
        all.sort_by_key(|take| take.slot);
        all.dedup_by(|next, kept| {
            let same = next.slot == kept.slot;
            if same {
                kept.once += next.once;
                kept.cell += next.cell;
                kept.tenant += next.tenant;
            }
            same
        });
        all
    }

    /// What there is not enough of in an account for one tenant more, and for a cell if it needs one.
    pub fn short_of(&self, account: &str, tenant: &Tenant, cell: bool) -> Option<Short> {
        let home = self.home(account)?;
        self.levels.lacks(home, &self.takes(home, tenant), 1, u64::from(cell))
    }

    /// Tenants have come to an account. What they take is counted already.
    pub fn come(&mut self, account: &str, tenant: &Tenant) {
        let Some(home) = self.home(account) else { return };
        self.opened.insert((home, tenant.region.clone()));
        let lacks = self.lacking(home, &tenant.tier, &tenant.region);
        self.there.extend(lacks.into_iter().map(|at| (home, at)));
    }

    /// Counts so many tenants more with accounts of their own, which can take something of that of the
    /// hub.
    pub fn take_apart(&mut self, tenant: &Tenant, tenants: u64) {
        let Fill { levels, homes, .. } = self;
        let load = homes.first().and_then(|home| home.tenants.get(&Kind::of(tenant)));
        levels.add(each(load).map(|(slot, one)| (slot, one * tenants)));
    }

    /// The account of a new tenant with a VPC of its own, or of a new cell for it, and what the account
    /// before was short of. `fits` says what an empty cell in an account is short of for the tenant.
    pub fn account(
        &mut self,
        tenant: &Tenant,
        cell: bool,
        fits: &dyn Fn(&str) -> Option<Short>,
    ) -> Option<(String, Option<&'static str>)> {
        let mut turn = self.turns.remove(&(Kind::of(tenant), cell)).unwrap_or_default();
        while let Some(account) = self.accounts.get(turn.0.len()) {
            let short = self.short_of(account, tenant, cell);
            match short.or_else(|| fits(account)) {
                Some(short) => turn.0.push(short),
                None => break,
            }
        }
        let found = self.accounts.get(turn.0.len()).cloned();
        let before = turn.0.last().map(|short| short.what);
        if found.is_none() {
            let place = (tenant.tier.clone(), tenant.region.clone());
            self.closed.entry(place).or_insert_with(|| turn.0.clone());
        }
        self.turns.insert((Kind::of(tenant), cell), turn);
        found.map(|account| (account, before))
    }
}
