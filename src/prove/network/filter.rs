//! Rules as a map from addresses to the traffic that they let through, in pieces in which nothing
//! changes. What no piece holds is let through by nothing.

use crate::prove::network::address::{self, Range};
use crate::prove::network::traffic::Traffic;

/// A map from addresses to traffic: sorted pieces that do not overlap.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<(Range, Traffic)>);

impl Filter {
    /// What is let through for an address.
    pub fn at(&self, address: u128) -> &Traffic {
        let after = self.0.partition_point(|(range, _)| range.high < address);
        match self.0.get(after) {
            Some((range, traffic)) if range.holds(address) => traffic,
            _ => const { &Traffic::NONE },
        }
    }

    /// The edges of the pieces that reach into a range.
    pub fn edges(&self, range: Range) -> impl Iterator<Item = Range> {
        let from = self.0.partition_point(|(piece, _)| piece.high < range.low);
        self.0[from..].iter().map(|(piece, _)| *piece).take_while(move |p| p.low <= range.high)
    }

    /// The addresses for which anything is let through, as few intervals.
    pub fn reach(&self) -> Vec<Range> {
        let mut out: Vec<Range> = Vec::new();
        for (range, _) in &self.0 {
            match out.last_mut() {
                Some(last) if last.high.checked_add(1) == Some(range.low) => last.high = range.high,
                _ => out.push(*range),
            }
        }
        out
    }

    /// Rules that only allow, as those of security groups: what any of them lets through.
    pub fn of_any(rules: &[(Range, Traffic)]) -> Self {
        let mut rules: Vec<&(Range, Traffic)> = rules.iter().collect();
        rules.sort_by_key(|(range, _)| range.low);
        let whole = address::ALL;
        let (mut out, mut open, mut next) = (Vec::new(), Vec::<&(Range, Traffic)>::new(), 0);
        for atom in address::atoms(whole, rules.iter().map(|(range, _)| *range)) {
            open.retain(|(range, _)| range.high >= atom.low);
            while let Some(rule) = rules.get(next).filter(|(range, _)| range.low <= atom.low) {
                open.push(rule);
                next += 1;
            }
            let through = open.iter().fold(Traffic::NONE, |all, (_, traffic)| all.join(traffic));
            push(&mut out, atom, through);
        }
        Filter(out)
    }

    /// Rules in the order in which they are asked, as those of a network ACL: the first that
    /// matches decides, and what none matches is denied.
    pub fn of_first(rules: &[(Range, Traffic, bool)]) -> Self {
        let mut out = Vec::new();
        for atom in address::atoms(address::ALL, rules.iter().map(|(range, ..)| *range)) {
            let (mut open, mut through) = (Traffic::all(), Traffic::NONE);
            for (_, traffic, allow) in rules.iter().filter(|(range, ..)| range.holds(atom.low)) {
                if *allow {
                    through = through.join(&traffic.meet(&open));
                }
                open = open.less(traffic);
            }
            push(&mut out, atom, through);
        }
        Filter(out)
    }
}

fn push(out: &mut Vec<(Range, Traffic)>, atom: Range, through: Traffic) {
    if through.is_empty() {
        return;
    }
    match out.last_mut() {
        Some((range, traffic))
            if range.high.checked_add(1) == Some(atom.low) && *traffic == through =>
        {
            range.high = atom.high;
        }
        _ => out.push((atom, through)),
    }
}
