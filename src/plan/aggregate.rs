//! Fewer address blocks in place of many, without admitting anybody: what is merged holds exactly the
//! addresses of the union, and a wider block is refused with an address that it would let in.

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

/// The smallest single block that holds all of them; `None` of none.
pub fn around(blocks: &[Ipv4Net]) -> Option<Ipv4Net> {
    let first = blocks.iter().map(Ipv4Net::network).min()?;
    let last = blocks.iter().map(Ipv4Net::broadcast).max()?;
    let same = (u32::from(first) ^ u32::from(last)).leading_zeros();
    let shortest = blocks.iter().map(Ipv4Net::prefix_len).min()?;
    let prefix = u8::try_from(same).expect("at most 32").min(shortest);
    Some(Ipv4Net::new(first, prefix).expect("at most 32").trunc())
}

/// The first address of a block that is in none of those allowed: whom it would admit.
pub fn outsider(block: Ipv4Net, allowed: &[Ipv4Net]) -> Option<Ipv4Addr> {
    // One more than the last address of all fits only into more bits.
    let number = |address: Ipv4Addr| u64::from(u32::from(address));
    let mut next = number(block.network());
    for one in merged(allowed) {
        if number(one.broadcast()) < next {
            continue;
        }
        if number(one.network()) > next {
            break;
        }
        next = number(one.broadcast()) + 1;
    }
    let is_in = next <= number(block.broadcast());
    is_in.then(|| Ipv4Addr::from(u32::try_from(next).expect("it lies in the block")))
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
