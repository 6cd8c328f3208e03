//! How a block is cut into subnets. A block is cut into zone slots first, so that the subnets of a
//! zone lie together and a zone that is added later renumbers nothing; a slot is cut into layers.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::plan::Block;
use crate::spec::tier::{shared_prefix, slot_bits};

/// The n-th block of a prefix length inside a larger one.
pub fn part(whole: Ipv4Net, prefix: u8, n: u32) -> Ipv4Net {
    let start = u32::from(whole.network()) + (n << (32 - u32::from(prefix)));
    let part = Ipv4Net::new_assert(Ipv4Addr::from(start), prefix);
    debug_assert!(whole.contains(&part), "{part} lies in {whole}");
    part
}

/// The addresses of a zone slot.
pub fn slot(block: Block, n: u8) -> Ipv4Net {
    part(block.cidr, block.cidr.prefix_len() + slot_bits(block.slots), u32::from(n))
}

/// The subnets of one zone of a VPC of isolation `vpc`, or of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Half of the slot: applications.
    pub private: Ipv4Net,
    /// A quarter: load balancers and NAT gateways.
    pub public: Ipv4Net,
    /// A quarter: data stores.
    pub data: Ipv4Net,
}

/// The layers of a zone slot.
pub fn layers(block: Block, n: u8) -> Layers {
    let slot = slot(block, n);
    let prefix = slot.prefix_len();
    Layers {
        private: part(slot, prefix + 1, 0),
        public: part(slot, prefix + 2, 2),
        data: part(slot, prefix + 2, 3),
    }
}

/// The part of a cell's block that its tenants share: the first.
pub fn shared(cell: Block) -> Block {
    let prefix = shared_prefix(cell.cidr.prefix_len(), cell.slots);
    Block { cidr: part(cell.cidr, prefix, 0), slots: cell.slots }
}

/// The shared subnets of one zone of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedLayers {
    /// Load balancers and NAT gateways.
    pub public: Ipv4Net,
    /// Interface endpoints and the attachment to the transit gateway.
    pub private: Ipv4Net,
}

/// The shared subnets of a zone slot.
pub fn shared_layers(cell: Block, n: u8) -> SharedLayers {
    let slot = slot(shared(cell), n);
    SharedLayers {
        public: part(slot, slot.prefix_len() + 1, 0),
        private: part(slot, slot.prefix_len() + 1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str, slots: u8) -> Block {
        Block { cidr: text.parse().expect("a block"), slots }
    }

    #[test]
    fn a_slot_is_cut_into_layers_that_fill_it() {
        let layers = layers(block("10.1.16.0/21", 4), 1);
        assert_eq!(layers.private.to_string(), "10.1.18.0/24");
        assert_eq!(layers.public.to_string(), "10.1.19.0/25");
        assert_eq!(layers.data.to_string(), "10.1.19.128/25");
    }

    #[test]
    fn a_cell_shares_its_first_part() {
        let cell = block("10.2.0.0/16", 4);
        assert_eq!(shared(cell).cidr.to_string(), "10.2.0.0/21");
        assert_eq!(shared_layers(cell, 2).public.to_string(), "10.2.4.0/24");
        assert_eq!(shared(block("10.2.0.0/20", 4)).cidr.to_string(), "10.2.0.0/24");
    }
}
