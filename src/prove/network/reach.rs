//! Who reaches whom: from each owner over the ways of its interfaces to whoever is found there.
//! Nobody is asked who is not on a way, so the work grows with what is reached, not with all pairs.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::prove::network::address::{self, ALL, Range};
use crate::prove::network::compiled::Compiled;
use crate::prove::network::index::Index;
use crate::prove::network::model::At;
use crate::prove::network::pass::{Cube, Pass};
use crate::prove::network::traffic::Traffic;
use crate::prove::network::walk::{self, End, Path};

/// The proof of a connection that can be made.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Who sends.
    pub from: At,
    /// Who receives.
    pub to: At,
    /// The way.
    pub path: Path,
    /// What gets through on it.
    pub cube: Cube,
}

/// A network that can be asked.
#[derive(Debug)]
pub struct Reach {
    /// The network.
    pub of: Compiled,
    index: Index,
    /// The holders of each owner.
    pub owned: BTreeMap<u32, Vec<At>>,
    /// How often anybody was looked at.
    pub asked: Cell<usize>,
}

impl Reach {
    /// Makes a network ready.
    pub fn new(of: Compiled) -> Self {
        let mut owned: BTreeMap<u32, Vec<At>> = BTreeMap::new();
        for (at, holder) in of.net.holders.iter().enumerate() {
            owned.entry(holder.owner).or_default().push(at);
        }
        Reach { index: Index::new(&of), of, owned, asked: Cell::new(0) }
    }

    /// Everybody else that an owner reaches, each with the first way that is found.
    pub fn from(&self, owner: u32, wanted: impl Fn(u32) -> bool) -> Vec<Reached> {
        let mut out: Vec<Reached> = Vec::new();
        let mut known = BTreeSet::from([owner]);
        for from in self.owned.get(&owner).into_iter().flatten() {
            for path in self.paths(*from) {
                for to in self.found(*from, &path) {
                    self.asked.set(self.asked.get() + 1);
                    let other = self.of.net.holders[to].owner;
                    if known.contains(&other) || !wanted(other) {
                        continue;
                    }
                    if let Some(cube) = self.pass(*from, &path, to).cubes(true).pop() {
                        known.insert(other);
                        out.push(Reached { from: *from, to, path: path.clone(), cube });
                    }
                }
            }
        }
        out
    }

    /// The ways of a holder to whatever its groups let it send to.
    pub fn paths(&self, from: At) -> Vec<Path> {
        let holder = &self.of.net.holders[from];
        let set = &self.of.sets[self.of.set_of[from]];
        let blocks = &self.of.net.subnets[holder.subnet].blocks;
        // Members of a group may be anywhere.
        let to = if set.egress_to.is_empty() { set.egress.reach() } else { vec![ALL] };
        walk::paths(&self.of, holder.subnet, blocks, &to)
    }

    /// The ways of a holder to anywhere, whatever its groups say.
    pub fn paths_anywhere(&self, from: At) -> Vec<Path> {
        let subnet = self.of.net.holders[from].subnet;
        walk::paths(&self.of, subnet, &self.of.net.subnets[subnet].blocks, &[ALL])
    }

    /// Who may be there at the end of a way.
    fn found(&self, from: At, path: &Path) -> Vec<At> {
        let End::Vpc(vpc, _) = path.end else { return Vec::new() };
        let mut to = path.to.clone();
        for gate in path.legs.iter().flat_map(|leg| &leg.gates).filter(|gate| !gate.inward) {
            if let Some(acl) = self.of.net.subnets[gate.subnet].acl {
                to = address::meet(&to, &self.of.acls[acl][1].reach());
            }
        }
        let sources: &[Range] = &path.legs.last().expect("there is a first leg").source;
        self.index.find(&self.of, vpc, &to, sources, &self.of.sets[self.of.set_of[from]])
    }

    /// The question what gets from one holder to another on a way.
    pub fn pass<'a>(&'a self, from: At, path: &'a Path, to: At) -> Pass<'a> {
        let set = |holder: At| &self.of.sets[self.of.set_of[holder]];
        let subnet = self.of.net.holders[to].subnet;
        let wanted = Traffic::all();
        Pass { of: &self.of, sender: set(from), path, receiver: set(to), subnet, wanted }
    }

    /// All holders at the end of a way, whether they let anybody in or not.
    pub fn there(&self, path: &Path) -> Vec<At> {
        match path.end {
            End::Vpc(vpc, _) => self.index.within(vpc, &path.to),
            _ => Vec::new(),
        }
    }
}
