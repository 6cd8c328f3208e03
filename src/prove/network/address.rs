//! Addresses as numbers. IPv4 is the first 2³² of one line and IPv6 the rest, where it has no hosts
//! below, so that a block of either family is an interval and no block holds both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The first number that is no IPv4 address.
const SIXTH: u128 = 1 << 32;

/// An interval of addresses; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The lowest address.
    pub low: u128,
    /// The highest address.
    pub high: u128,
}

/// Every IPv4 address.
pub const FOUR: Range = Range { low: 0, high: SIXTH - 1 };
/// Every IPv6 address.
pub const SIX: Range = Range { low: SIXTH, high: u128::MAX };
/// Every address of both families.
pub const ALL: Range = Range { low: 0, high: u128::MAX };

impl Range {
    /// A block as it is written, `10.0.0.0/8`, or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text, None),
        };
        match address.parse().ok()? {
            IpAddr::V4(four) => {
                let host = 32_u32.checked_sub(length.unwrap_or(32))?;
                Some(Self::block(u128::from(four.to_bits()), host))
            }
            IpAddr::V6(six) => {
                let host = 128_u32.checked_sub(length.unwrap_or(128))?;
                let block = Self::block(six.to_bits(), host);
                (block.high >= SIXTH).then_some(Range { low: block.low.max(SIXTH), ..block })
            }
        }
    }

    fn block(address: u128, host_bits: u32) -> Self {
        let mask = 1_u128.checked_shl(host_bits).unwrap_or(0).wrapping_sub(1);
        Range { low: address & !mask, high: address | mask }
    }

    /// What is in both.
    pub fn meet(self, other: Self) -> Option<Self> {
        let both = Range { low: self.low.max(other.low), high: self.high.min(other.high) };
        (both.low <= both.high).then_some(both)
    }

    /// Whether an address is in it.
    pub fn holds(self, address: u128) -> bool {
        self.low <= address && address <= self.high
    }
}

/// An address as people write it.
pub fn show(address: u128) -> String {
    match u32::try_from(address) {
        Ok(four) => Ipv4Addr::from_bits(four).to_string(),
        Err(_) => Ipv6Addr::from_bits(address).to_string(),
    }
}

/// An interval as people write it: a block, or both ends.
pub fn write(range: Range) -> String {
    let size = range.high - range.low;
    match range {
        SIX => "::/0".to_owned(),
        Range { low, high } if low == high => show(low),
        Range { low, .. } if low & size == 0 && size & size.wrapping_add(1) == 0 => {
            let whole = if range.high < SIXTH { 32 } else { 128 };
            format!("{}/{}", show(low), whole - size.count_ones())
        }
        Range { low, high } => format!("{} to {}", show(low), show(high)),
    }
}

/// What is in both of two sets of intervals.
pub fn meet(left: &[Range], right: &[Range]) -> Vec<Range> {
    let mut out = Vec::new();
    for one in left {
        out.extend(right.iter().filter_map(|other| one.meet(*other)));
    }
    out
}

/// What is in the first set and not in the second.
pub fn cut(from: &[Range], away: &[Range]) -> Vec<Range> {
    let mut left = from.to_vec();
    for hole in away {
        let mut next = Vec::with_capacity(left.len());
        for range in left {
            without(range, *hole, &mut next);
        }
        left = next;
    }
    left
}

fn without(range: Range, hole: Range, out: &mut Vec<Range>) {
    let Some(gone) = range.meet(hole) else { return out.push(range) };
    if gone.low > range.low {
        out.push(Range { low: range.low, high: gone.low - 1 });
    }
    if gone.high < range.high {
        out.push(Range { low: gone.high + 1, high: range.high });
    }
}

/// Cuts an interval into pieces wherever one of the others begins or ends inside it.
pub fn atoms(range: Range, edges: impl IntoIterator<Item = Range>) -> Vec<Range> {
    let mut starts = vec![range.low];
    for edge in edges {
        if range.holds(edge.low) {
            starts.push(edge.low);
        }
        if edge.high < range.high && range.holds(edge.high) {
            starts.push(edge.high + 1);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([range.high]);
    starts.iter().zip(ends).map(|(low, high)| Range { low: *low, high }).collect()
}
