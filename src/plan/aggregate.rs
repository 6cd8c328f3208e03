//! Fewer address blocks in place of many, without admitting anybody. What is merged holds exactly the
//! addresses of the union, in the fewest blocks that can. Whatever is wider holds the address of somebody:
//! blocks either lie in each other or apart, so the only wider ones that save anything are those round
//! neighbours, and each is refused with an address that it would let in.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::plan::{Lock, Plan};
use crate::spec::Spec;

/// The fewest blocks that hold exactly the addresses of all of them, sorted.
pub fn merged(blocks: &[Ipv4Net]) -> Vec<Ipv4Net> {
    let blocks: Vec<Ipv4Net> = blocks.iter().map(Ipv4Net::trunc).collect();
    let mut out = Ipv4Net::aggregate(&blocks);
    out.sort_unstable();
    out
}

/// A block that would save rules, and would let somebody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wider {
    /// The block: the smallest that holds those that it replaces.
    pub block: Ipv4Net,
    /// How many blocks it replaces; at least two.
    pub replaces: usize,
    /// Whom it would let in: the first and last address of each gap, in order.
    pub gaps: Vec<(u32, u32)>,
}

/// Every block that would save something beyond what is merged: the smallest round each two neighbours,
/// the narrowest first.
pub fn wider(blocks: &[Ipv4Net]) -> Vec<Wider> {
    let merged = merged(blocks);
    let mut all: BTreeSet<(u8, Ipv4Net)> = BTreeSet::new();
    for pair in merged.windows(2) {
        let block = around(pair[0], pair[1]);
        all.insert((u8::MAX - block.prefix_len(), block));
    }
    let of = |(_, block): (u8, Ipv4Net)| {
        let inside: Vec<Ipv4Net> = merged.iter().copied().filter(|it| block.contains(it)).collect();
        Wider { block, replaces: inside.len(), gaps: gaps(block, &inside) }
    };
    all.into_iter().map(of).collect()
}

/// The smallest block that holds both.
fn around(a: Ipv4Net, b: Ipv4Net) -> Ipv4Net {
    let same = (u32::from(a.network()) ^ u32::from(b.network())).leading_zeros();
    let prefix = u8::try_from(same).expect("at most 32");
    let prefix = prefix.min(a.prefix_len()).min(b.prefix_len());
    Ipv4Net::new(a.network(), prefix).expect("at most 32").trunc()
}

/// What a block holds besides blocks in it that are sorted and apart.
fn gaps(block: Ipv4Net, inside: &[Ipv4Net]) -> Vec<(u32, u32)> {
    let mut next = u32::from(block.network());
    let mut out = Vec::new();
    for one in inside {
        let (first, last) = (u32::from(one.network()), u32::from(one.broadcast()));
        if first > next {
            out.push((next, first - 1));
        }
        match last.checked_add(1) {
            Some(after) => next = after,
            None => return out,
        }
    }
    let last = u32::from(block.broadcast());
    if next <= last {
        out.push((next, last));
    }
    out
}

/// Who has which addresses, to be asked often.
pub struct Owners {
    /// First and last address of the block of each tenant, and the tenant, sorted.
    tenants: Vec<(u32, u32, String)>,
}

impl Owners {
    /// Those of a plan.
    pub fn new(plan: &Plan) -> Self {
        let ends = |net: Ipv4Net| (u32::from(net.network()), u32::from(net.broadcast()));
        let block = |(id, it): (&String, &crate::plan::Placed)| {
            let (first, last) = ends(it.block?.cidr);
            Some((first, last, id.clone()))
        };
        let mut tenants: Vec<_> = plan.tenants.iter().filter_map(block).collect();
        tenants.sort();
        Owners { tenants }
    }

    /// An address that forbids a block in rules of a tenant, or of nobody's: the first of another tenant,
    /// or else the first that is not the tenant's own; `None` if all that it would let in is its own.
    pub fn forbids(&self, wider: &Wider, tenant: Option<&str>) -> Option<Ipv4Addr> {
        let others = wider.gaps.iter().find_map(|gap| self.other(*gap, tenant));
        let strange = || wider.gaps.iter().find_map(|gap| self.not_own(*gap, tenant));
        others.or_else(strange).map(Ipv4Addr::from)
    }

    /// The first address of another tenant in a gap.
    fn other(&self, (first, last): (u32, u32), tenant: Option<&str>) -> Option<u32> {
        let from = self.tenants.partition_point(|(_, end, _)| *end < first);
        let inside = self.tenants[from..].iter().take_while(|(start, ..)| *start <= last);
        let mut others = inside.filter(|(.., id)| Some(id.as_str()) != tenant);
        others.next().map(|(start, ..)| first.max(*start))
    }

    /// The first address of a gap that is not the tenant's own.
    fn not_own(&self, (first, last): (u32, u32), tenant: Option<&str>) -> Option<u32> {
        let mut all = self.tenants.iter();
        let own = all.find(|(.., id)| Some(id.as_str()) == tenant);
        match own {
            Some((start, end, _)) if (*start..=*end).contains(&first) => {
                end.checked_add(1).filter(|next| *next <= last)
            }
            _ => Some(first),
        }
    }
}

/// Whose an address is, for people; what nobody has yet may be somebody's tomorrow.
pub fn whose(address: Ipv4Addr, spec: &Spec, plan: &Plan, lock: &Lock) -> String {
    let holds = |block: &Ipv4Net| block.contains(&address);
    let tenants = plan.tenants.iter().filter_map(|(id, it)| Some((id, it.block?.cidr)));
    if let Some((id, _)) = tenants.into_iter().find(|(_, block)| holds(block)) {
        return format!("of tenant {id:?}");
    }
    if let Some((_, gone)) = lock.quarantine.iter().find(|(block, _)| holds(block)) {
        return format!("quarantined, once of tenant {:?}", gone.tenant);
    }
    if let Some((id, _)) = plan.cells.iter().find(|(_, cell)| holds(&cell.block.cidr)) {
        return format!("of cell {id:?}");
    }
    if let Some((region, _)) = plan.hubs.iter().find(|(_, hub)| holds(&hub.cidr)) {
        return format!("of the hub of {region}");
    }
    let network = &spec.network;
    if network.premises().iter().any(holds) {
        "on premises".to_owned()
    } else if network.reserved.iter().any(holds) {
        "reserved".to_owned()
    } else if network.pools.iter().any(|pool| holds(&pool.cidr)) {
        "free, and the next tenant's".to_owned()
    } else {
        "of nobody that is known here".to_owned()
    }
}
