//! Free address space. It is kept as the largest aligned blocks, so what is free depends only on
//! what is taken, never on the order in which it was taken.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The free blocks of a supernet.
#[derive(Clone, Debug)]
pub struct Space {
    supernet: Ipv4Net,
    /// First addresses of free blocks, by prefix length.
    free: Vec<BTreeSet<u32>>,
}

impl Space {
    /// A supernet of which nothing is taken.
    pub fn new(supernet: Ipv4Net) -> Self {
        let mut free = vec![BTreeSet::new(); 33];
        free[usize::from(supernet.prefix_len())].insert(u32::from(supernet.network()));
        Space { supernet, free }
    }

    /// The whole.
    pub fn supernet(&self) -> Ipv4Net {
        self.supernet
    }

    /// Takes a range out, whether or not parts of it are taken already.
    pub fn reserve(&mut self, range: Ipv4Net) {
        let inside = |start: u32, prefix: u8| range.contains(&net(start, prefix));
        for prefix in range.prefix_len()..=32 {
            self.free[usize::from(prefix)].retain(|start| !inside(*start, prefix));
        }
        // At most one free block can still touch the range: one that holds it whole.
        let _ = self.take(range);
    }

    /// Takes a block that must be free; `false` if some of it is not.
    pub fn take(&mut self, block: Ipv4Net) -> bool {
        let start = u32::from(block.network());
        for prefix in (0..=block.prefix_len()).rev() {
            let holder = start & mask(prefix);
            if self.free[usize::from(prefix)].remove(&holder) {
                self.split(holder, prefix, start, block.prefix_len());
                return true;
            }
        }
        false
    }

    /// The smallest free block that holds one of this prefix length, the lowest of these.
    pub fn best_fit(&self, prefix: u8) -> Option<Ipv4Net> {
        (0..=prefix).rev().find_map(|p| {
            let start = self.free[usize::from(p)].first()?;
            Some(net(*start, p))
        })
    }

    /// Takes the best fit and gives the block.
    pub fn allocate(&mut self, prefix: u8) -> Option<Ipv4Net> {
        let holder = self.best_fit(prefix)?;
        let block = net(u32::from(holder.network()), prefix);
        let taken = self.take(block);
        debug_assert!(taken, "the best fit is free");
        Some(block)
    }

    /// How many addresses are free.
    pub fn free_addresses(&self) -> u64 {
        (0..=32_u8).map(|p| self.free[usize::from(p)].len() as u64 * size(p)).sum()
    }

    /// How many blocks of this prefix length could still be taken.
    pub fn room_for(&self, prefix: u8) -> u64 {
        (0..=prefix).map(|p| self.free[usize::from(p)].len() as u64 * size(p) / size(prefix)).sum()
    }

    /// Frees what is left of a holder when a block in it is taken.
    fn split(&mut self, mut holder: u32, from: u8, start: u32, to: u8) {
        for prefix in from + 1..=to {
            let half = start & mask(prefix);
            let sibling = half ^ (1 << (32 - prefix));
            self.free[usize::from(prefix)].insert(sibling);
            holder = half;
        }
        debug_assert_eq!(holder & mask(to), start);
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

/// How many addresses a block has.
pub fn size(prefix: u8) -> u64 {
    1 << (32 - u32::from(prefix))
}

fn net(start: u32, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from(start), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Ipv4Net {
        text.parse().expect("a block")
    }

    #[test]
    fn the_smallest_hole_is_filled_first() {
        let mut space = Space::new(cidr("10.0.0.0/16"));
        space.reserve(cidr("10.0.0.0/20"));
        assert!(space.take(cidr("10.0.16.0/24")));
        assert_eq!(space.allocate(24), Some(cidr("10.0.17.0/24")));
        assert_eq!(space.allocate(20), Some(cidr("10.0.32.0/20")));
        assert!(!space.take(cidr("10.0.17.0/25")), "taken already");
    }

    #[test]
    fn what_is_free_does_not_depend_on_the_order() {
        let blocks = ["10.0.3.0/24", "10.0.128.0/17", "10.0.8.0/21"].map(cidr);
        let mut there = Space::new(cidr("10.0.0.0/16"));
        let mut back = there.clone();
        assert!(blocks.iter().all(|b| there.take(*b)));
        assert!(blocks.iter().rev().all(|b| back.take(*b)));
        assert_eq!(there.free, back.free);
        assert_eq!(there.free_addresses(), 65536 - 256 - 32768 - 2048);
        assert_eq!(there.room_for(17), 0);
        assert_eq!(there.room_for(24), 128 - 1 - 8);
    }

    #[test]
    fn a_reserved_range_may_overlap_what_is_taken() {
        let mut space = Space::new(cidr("10.0.0.0/24"));
        assert!(space.take(cidr("10.0.0.64/26")));
        space.reserve(cidr("10.0.0.0/25"));
        space.reserve(cidr("9.0.0.0/8"));
        assert_eq!(space.free_addresses(), 128);
        space.reserve(cidr("10.0.0.0/8"));
        assert_eq!(space.allocate(32), None);
    }
}
