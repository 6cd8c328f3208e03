//! The verdicts of the network: who reaches whom, with a witness, and why nobody else does.

use crate::prove::network::compiled::Compiled;
use crate::prove::network::model::{At, Mark};
use crate::prove::network::pass::{THROUGH, arrival};
use crate::prove::network::raw::Raw;
use crate::prove::network::reach::{Reach, Reached};
use crate::prove::network::walk::{End, Last, Path, Step};
use crate::prove::network::witness::Teller;
use crate::prove::network::{address, balance, build, ingest};
use crate::prove::read::{Thing, Trouble};
use crate::prove::verdict::{Answer, Finding, Hop, Party, Question, Verdict};
use crate::prove::{LIMIT, Layer};

/// The layer.
#[derive(Default)]
pub struct Layered {
    raw: Raw,
    balanced: balance::Balanced,
    reach: Option<Reach>,
}

impl Layered {
    /// How often anybody was looked at while everybody was judged: what the work grows with.
    pub fn asked(&self) -> usize {
        self.reach.as_ref().map_or(0, |reach| reach.asked.get())
    }
}

impl Layer for Layered {
    fn wants(&self, kind: &str) -> bool {
        ingest::wants(kind) || balance::wants(kind)
    }

    fn take(&mut self, thing: &Thing<'_>) {
        if ingest::wants(thing.kind) {
            ingest::take(&mut self.raw, thing);
        }
        self.balanced.take(thing);
    }

    fn judge(&mut self) -> Vec<Finding> {
        let reach = Reach::new(Compiled::new(build::network(&mut self.raw)));
        let reach = self.reach.insert(reach);
        let teller = Teller { raw: &self.raw, reach };
        let mut out = Vec::new();
        for owner in reach.owned.keys().filter(|owner| **owner != 0) {
            for reached in reach.from(*owner, |other| other != 0) {
                out.push(finding(&teller, &reached));
            }
            if out.len() > LIMIT {
                break;
            }
        }
        out.extend(self.balanced.judge());
        out.sort();
        out.truncate(LIMIT);
        out
    }

    fn why(&self, from: &str, to: &str) -> Option<Finding> {
        let reach = self.reach.as_ref()?;
        let found =
            Boundary { teller: Teller { raw: &self.raw, reach }, reach }.between(from, to)?;
        Some(match self.balanced.common(from, to) {
            Some(listener) => behind(listener, found),
            None => found,
        })
    }

    fn ask(&self, question: &Question) -> Option<Answer> {
        let reach = self.reach.as_ref()?;
        Some(super::ask::answer(&Teller { raw: &self.raw, reach }, question))
    }

    fn troubles(&self) -> Vec<Trouble> {
        self.raw.troubles.union(&self.balanced.troubles).cloned().collect()
    }

    fn outside(&self) -> Vec<String> {
        self.raw.outside.iter().cloned().collect()
    }
}

/// Two tenants behind one listener share it by design; what keeps them apart is what was found.
fn behind(listener: &str, found: Finding) -> Finding {
    let what = format!("both are behind {listener}, each by rules of its own; {}", found.what);
    Finding { verdict: Verdict::Shared, what, ..found }
}

/// The tenant that an owner is.
fn tenant(raw: &Raw, owner: u32) -> String {
    raw.names.text(raw.owners[owner as usize - 1]).to_owned()
}

fn finding(teller: &Teller<'_>, reached: &Reached) -> Finding {
    let holders = &teller.reach.of.net.holders;
    let party = |holder: At| Party::Tenant(tenant(teller.raw, holders[holder].owner));
    let (packet, witness) = teller.tell(reached);
    Finding {
        from: party(reached.from),
        to: party(reached.to),
        verdict: Verdict::Reachable,
        by: by(&reached.path),
        what: packet.text(),
        witness,
    }
}

/// What a way leads over, in a word.
fn by(path: &Path) -> &'static str {
    let has = |kind: fn(&Step) -> bool| path.steps.iter().any(kind);
    if path.legs.len() > 1 {
        "network/nat"
    } else if has(|step| matches!(step, Step::Transit(..))) {
        "network/transit-gateway"
    } else if has(|step| matches!(step, Step::Peering(_))) {
        "network/peering"
    } else {
        "network/vpc"
    }
}

/// Looks for what keeps two tenants apart.
struct Boundary<'a> {
    teller: Teller<'a>,
    reach: &'a Reach,
}

impl Boundary<'_> {
    fn owner(&self, tenant: &str) -> Option<u32> {
        let name = self.teller.raw.names.known(tenant)?;
        self.teller.raw.owner_of.get(&name).copied()
    }

    fn holders(&self, tenant: &str) -> Vec<At> {
        let owner = self.owner(tenant);
        owner.and_then(|owner| self.reach.owned.get(&owner)).cloned().unwrap_or_default()
    }

    /// The boundary, if nothing gets through. Of several ways, the one that gets farthest tells.
    fn between(&self, from: &str, to: &str) -> Option<Finding> {
        let (senders, receivers) = (self.holders(from), self.holders(to));
        let isolated = |by, what: String, witness| Finding {
            from: Party::Tenant(from.to_owned()),
            to: Party::Tenant(to.to_owned()),
            verdict: Verdict::Isolated,
            by,
            what,
            witness,
        };
        for (tenant, none) in [(from, senders.is_empty()), (to, receivers.is_empty())] {
            if none {
                let what = format!("{tenant} has no network interface of its own");
                return Some(isolated("network/no-interface", what, Vec::new()));
            }
        }
        let mut best: Option<(u8, At, Path, At)> = None;
        for sender in senders {
            for path in self.reach.paths_anywhere(sender) {
                for receiver in self.meeting(&path, &receivers) {
                    let stage = self.stage(sender, &path, receiver)?;
                    if best.as_ref().is_none_or(|best| stage > best.0) {
                        best = Some((stage, sender, path.clone(), receiver));
                    }
                }
            }
        }
        let Some((stage, sender, path, receiver)) = best else {
            let what = format!("no route leads from any subnet of {from} to one of {to}");
            let hops = no_route(&self.teller, self.holders(from)[0], &format!("a VPC of {to}"));
            return Some(isolated("network/no-route", what, hops));
        };
        let (by, what) = boundary(stage);
        Some(isolated(by, what.to_owned(), refused(&self.teller, stage, sender, &path, receiver)))
    }

    fn meeting(&self, path: &Path, receivers: &[At]) -> Vec<At> {
        let End::Vpc(vpc, _) = path.end else { return Vec::new() };
        let net = &self.reach.of.net;
        let here = |at: &&At| {
            let subnet = &net.subnets[net.holders[**at].subnet];
            subnet.vpc == vpc && !address::meet(&path.to, &subnet.blocks).is_empty()
        };
        receivers.iter().filter(here).copied().collect()
    }

    /// How far anything gets on a way; nothing, if it gets through.
    fn stage(&self, sender: At, path: &Path, receiver: At) -> Option<u8> {
        let stage = self.reach.pass(sender, path, receiver).stage();
        (stage < THROUGH).then_some(stage)
    }
}

/// The routes of a subnet that do not lead there: its table.
pub fn no_route(teller: &Teller<'_>, sender: At, to: &str) -> Vec<Hop> {
    let of = &teller.reach.of;
    let subnet = of.net.holders[sender].subnet;
    let mark = match of.table_of(subnet).0 {
        Some(table) => of.net.tables[table].mark,
        None => of.net.vpcs[of.net.subnets[subnet].vpc].mark,
    };
    let why = format!("no route of it leads to {to}");
    vec![teller.hop(mark, "the route table".to_owned(), why)]
}

/// How far a way leads, and what refuses, as the last hop.
pub fn refused(teller: &Teller<'_>, stage: u8, sender: At, path: &Path, receiver: At) -> Vec<Hop> {
    let net = &teller.reach.of.net;
    let mut hops: Vec<Hop> = path.steps.iter().map(|step| teller.step(*step)).collect();
    let subnet = net.holders[receiver].subnet;
    let acl = |subnet: At| net.subnets[subnet].acl.map(|acl| net.acls[acl].mark);
    let last = match path.end {
        End::Vpc(_, last) => last,
        _ => Last::Door,
    };
    let gates = path.legs.iter().flat_map(|leg| leg.gates.clone()).chain(arrival(last, subnet));
    let walls: Vec<Mark> = gates.filter_map(|gate| acl(gate.subnet)).collect();
    let group = |holder: At| {
        let group = net.holders[holder].groups.first();
        group.map_or(net.holders[holder].mark, |group| net.groups[*group].mark)
    };
    let (mark, what) = match stage {
        0 => (group(sender), "the security groups of the sender"),
        1 => (walls.first().copied().unwrap_or(0), "the network ACL"),
        2 => (group(receiver), "the security groups of the receiver"),
        _ => (walls.first().copied().unwrap_or(net.subnets[subnet].mark), "the way back"),
    };
    hops.push(teller.hop(mark, what.to_owned(), "lets nothing of it through".to_owned()));
    hops
}

/// The boundary of a stage.
fn boundary(stage: u8) -> (&'static str, &'static str) {
    match stage {
        0 => ("network/security-group", "no security group of the sender lets anything out to it"),
        1 => ("network/acl", "network ACLs let nothing through"),
        2 => ("network/security-group", "no security group of the receiver lets anything in"),
        _ => ("network/no-return", "answers do not come back"),
    }
}
