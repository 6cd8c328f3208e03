//! Sets of protocols and ports. A protocol has 65,536 ports on one line of numbers, so a rule is an
//! interval of it; a protocol without ports is always there as a whole, or not at all.

/// The number of TCP. Source: <https://www.iana.org/assignments/protocol-numbers>.
pub const TCP: u8 = 6;
/// The number of UDP.
pub const UDP: u8 = 17;

/// The last port of the last protocol.
const LAST: u32 = (1 << 24) - 1;

/// A set of protocols and ports: sorted intervals that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traffic(Vec<(u32, u32)>);

impl Traffic {
    /// Nothing.
    pub const NONE: Traffic = Traffic(Vec::new());

    /// Everything.
    pub fn all() -> Self {
        Traffic(vec![(0, LAST)])
    }

    /// All of a protocol.
    pub fn protocol(protocol: u8) -> Self {
        Self::ports(protocol, 0, u16::MAX)
    }

    /// Some ports of a protocol.
    pub fn ports(protocol: u8, from: u16, to: u16) -> Self {
        let base = u32::from(protocol) << 16;
        if from > to {
            Self::NONE
        } else {
            Traffic(vec![(base | u32::from(from), base | u32::from(to))])
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a port of a protocol is in it.
    pub fn has(&self, protocol: u8, port: u16) -> bool {
        let key = u32::from(protocol) << 16 | u32::from(port);
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&key))
    }

    /// The lowest protocol and port, TCP before all others, as people ask of TCP first.
    pub fn first(&self) -> Option<(u8, u16)> {
        let tcp = self.meet(&Self::protocol(TCP));
        let key = tcp.0.first().or(self.0.first())?.0;
        let [_, protocol, high, low] = key.to_be_bytes();
        Some((protocol, u16::from_be_bytes([high, low])))
    }

    /// What is in both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let (mut out, mut i, mut j) = (Vec::new(), 0, 0);
        while let (Some(a), Some(b)) = (self.0.get(i), other.0.get(j)) {
            let (low, high) = (a.0.max(b.0), a.1.min(b.1));
            if low <= high {
                out.push((low, high));
            }
            if a.1 < b.1 { i += 1 } else { j += 1 }
        }
        Traffic(out)
    }

    /// What is in one of them.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        if self.is_empty() || self == other {
            return other.clone();
        }
        let mut all: Vec<(u32, u32)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (low, high) in all {
            match out.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        Traffic(out)
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn less(&self, other: &Self) -> Self {
        self.meet(&other.others())
    }

    fn others(&self) -> Self {
        let (mut out, mut next) = (Vec::new(), 0);
        for (low, high) in &self.0 {
            if *low > next {
                out.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            out.push((next, LAST));
        }
        Traffic(out)
    }
}
