//! What is said where nothing more fits: how many tenants of how many have a place and who has none, of
//! what there is not enough, where, as `tenantry quotas` counts it, and what helps.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::quota::{self, called, helps};
use crate::diag::{Diagnostic, Rule, Sink};
use crate::plan::allocate::Work;
use crate::plan::cells::Row;
use crate::plan::fill::Short;
use crate::plan::{rule, who};
use crate::source::Site;
use crate::spec::Tenant;

/// Why tenants of a tier found no place in a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// No pool has a block of that prefix length left.
    Blocks {
        /// The prefix length.
        prefix: u8,
        /// Whether it is for a cell, not for the tenant.
        cell: bool,
    },
    /// Even an empty cell has too little.
    Cell {
        /// The name of the tenants' shape, if they override something.
        variant: Option<String>,
        /// In each account, of what.
        rows: Vec<(String, Row)>,
    },
    /// Of several accounts, none has room.
    Accounts,
}

/// Who found no place, by tier, region and why.
pub type Refused = BTreeMap<(String, String, Lack), Vec<String>>;

impl Work<'_> {
    /// Keeps in mind that a tenant found no place.
    pub(super) fn refuse(&mut self, tenant: &Tenant, lack: Lack) {
        let key = (tenant.tier.clone(), tenant.region.clone(), lack);
        self.refused.entry(key).or_default().push(tenant.id.clone());
    }

    /// Complains of whoever found no place: once for all of a tier in a region that lack the same.
    pub(super) fn all_placed(&self, sink: &mut Sink) {
        for ((tier, region, lack), ids) in &self.refused {
            let all = self.spec.tenants.values();
            let all = all.filter(|it| it.tier == *tier && it.region == *region);
            let (placed, left): (Vec<_>, Vec<_>) =
                all.partition(|it| self.lock.tenants.contains_key(&it.id));
            let (fit, all) = (placed.len(), placed.len() + left.len());
            let (rule, site, why, help) = self.lacking(lack, (tier, region), &ids[0]);
            let who = who(ids);
            let message =
                format!("{fit} of {all} tenants of tier `{tier}` fit into {region}, {who}: {why}");
            sink.push(rule.at(site, message).help(help));
        }
    }

    /// The rule, where it is said of the first tenant, why, and what helps.
    fn lacking(
        &self,
        lack: &Lack,
        (tier, region): (&str, &str),
        first: &str,
    ) -> (&'static Rule, Site, String, String) {
        let tenant = &self.spec.tenants[first];
        let site = tenant.site.child("id");
        match lack {
            Lack::Blocks { prefix, cell } => {
                let (whose, key) =
                    if *cell { ("a cell", "cell_prefix") } else { ("a tenant", "prefix") };
                let why = format!("no /{prefix} for {whose} is free {}", self.pools_of(region));
                let freed = match self.quarantined(region) {
                    0 => "let some tenants live in another region",
                    _ => "release quarantined blocks with `tenantry lock release`",
                };
                let help = format!(
                    "add a pool of {region}, give tier `{tier}` a longer `{key}`, or {freed}"
                );
                (&rule::POOL_FULL, site, why, help)
            }
            Lack::Cell { variant, rows } => {
                let one = variant.as_ref().map_or("one", |_| first);
                let (why, help) = short(one, region, rows);
                (&rule::CELL_SHORT, self.short_site(tenant, rows[0].1), why, help)
            }
            Lack::Accounts => {
                let closed = (tier.to_owned(), region.to_owned());
                let (why, help) = accounts(&self.fill.closed[&closed]);
                (&rule::ACCOUNTS_FULL, site, why, help)
            }
        }
    }

    /// The pools of a region, with what is free in them.
    pub(super) fn pools_of(&self, region: &str) -> String {
        let serving = self.serving(region);
        if serving.is_empty() {
            return format!("as no pool serves {region}");
        }
        let name = |i: &usize| self.spec.network.pools[*i].cidr.to_string();
        let names: Vec<String> = serving.iter().map(name).collect();
        let free: u64 = serving.iter().map(|i| self.spaces[*i].free_addresses()).sum();
        let gone = self.quarantined(region);
        format!("in {} ({free} addresses free, {gone} blocks quarantined)", names.join(", "))
    }

    /// How many blocks of a region are quarantined, and no part of a cell.
    fn quarantined(&self, region: &str) -> usize {
        let gone = self.lock.quarantine.values();
        gone.filter(|q| q.cell.is_none() && q.region == region).count()
    }

    /// Where it is said that a cell has too little for a tenant.
    fn short_site(&self, tenant: &Tenant, row: Row) -> Site {
        match row.what {
            _ if tenant.variant.is_some() => tenant.site.child("override").key(),
            quota if self.spec.quotas.is_given(quota) => Site::at(["quotas", quota]),
            _ => Site::at(["tiers", &tenant.tier]).key(),
        }
    }

    /// What is said where the tenants of a cell take more than there is. Each takes so much.
    pub(super) fn cell_full(&self, id: &str, row: Row, takes: &[u64]) -> Diagnostic {
        let cell = &self.lock.cells[id];
        let mut used = row.shared;
        let within = takes.iter().filter(|each| {
            used += **each;
            used <= row.limit
        });
        let (fit, all) = (within.count(), takes.len());
        let place = format!("{}/{}", cell.account, cell.region);
        let (what, limit) = (called(row.what), row.limit);
        let message = format!(
            "{fit} of {all} tenants of cell {id:?} fit: together they take {used} of {what} in \
             {place}, which is {limit}"
        );
        let help = helps(row.what, used, &place, "let the tenants take less");
        rule::CELL_FULL.at(Site::at(["tiers", &cell.tier]).key(), message).help(help)
    }
}

/// Why even an empty cell does not take one tenant, in each account; and what helps.
fn short(one: &str, region: &str, rows: &[(String, Row)]) -> (String, String) {
    let of = |(account, row): &(String, Row)| {
        let (need, what) = (row.shared + row.each, called(row.what));
        format!("{need} of {what} in {account}/{region}, which is {}", row.limit)
    };
    let all: Vec<String> = rows.iter().map(of).collect();
    let (account, row) = &rows[0];
    let place = format!("{account}/{region}");
    let help = helps(row.what, row.shared + row.each, &place, "make the tenant smaller");
    (format!("a new cell with {one} takes {}", all.join(", and ")), help)
}

/// What each of several accounts is short of, and what helps.
fn accounts(short: &[Short]) -> (String, String) {
    let one = |s: &Short| format!("{} has {} of {}", s.place, s.limit, called(s.what));
    let why: Vec<String> = short.iter().map(one).collect();
    let codes: BTreeSet<&str> = short.iter().filter_map(code).collect();
    let codes = codes.into_iter().collect::<Vec<_>>().join(" or ");
    let ask = format!("ask AWS for more of {codes} and write it into `quotas` or `places`, ");
    let ask = if codes.is_empty() { String::new() } else { ask };
    let help = format!(
        "{ask}add an account to the end of `accounts.workload`, or let some tenants live in another \
         region"
    );
    (why.join(", "), help)
}

/// What AWS can be asked for.
fn code(short: &Short) -> Option<&'static str> {
    quota::get(short.what).filter(|row| row.adjustable).and_then(|row| row.asked().code)
}
