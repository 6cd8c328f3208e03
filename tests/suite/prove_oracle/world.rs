//! Small worlds of dice: networks in plain numbers, as the simulator reads them.

pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        // xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from((self.next() >> 33) % n as u64).expect("it is below n")
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A block: its first address and how many bits are fixed.
pub type Block = (u32, u32);

pub fn inside(block: Block, address: u32) -> bool {
    block.1 == 0 || (address >> (32 - block.1)) == (block.0 >> (32 - block.1))
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    Nat(usize),
    Peering(usize),
    Transit,
    Gone,
    Internet,
    /// Inside of the VPC; no table holds it.
    Inside,
}

#[derive(Clone, Debug)]
pub struct Match {
    pub protocol: Option<u8>,
    pub ports: (u16, u16),
}

impl Match {
    pub fn hits(&self, protocol: u8, port: u16) -> bool {
        self.protocol.is_none_or(|p| p == protocol && (self.ports.0..=self.ports.1).contains(&port))
    }
}

#[derive(Clone, Debug)]
pub enum Side {
    Block(Block),
    Group(usize),
}

#[derive(Clone, Debug)]
pub struct Line {
    pub number: u32,
    pub allow: bool,
    pub block: Block,
    pub what: Match,
}

/// A subnet: VPC, block, table, ACL, zone.
pub type Place = (usize, Block, Option<usize>, Option<usize>, usize);

/// A route: destination, way, learned.
pub type Road = (Block, Way, bool);

/// A rule of a group.
pub type Rule = (Side, Match);

#[derive(Debug, Default)]
pub struct World {
    pub vpcs: Vec<(Block, Option<usize>)>,
    /// VPC, block, table, ACL, zone.
    pub subnets: Vec<Place>,
    /// VPC, and routes: destination, way, learned.
    pub tables: Vec<(usize, Vec<Road>)>,
    /// Lines in, lines out.
    pub acls: Vec<[Vec<Line>; 2]>,
    /// VPC, ingress, egress.
    pub groups: Vec<(usize, Vec<Rule>, Vec<Rule>)>,
    /// Subnet, address.
    pub nats: Vec<(usize, u32)>,
    pub peerings: Vec<(usize, usize)>,
    /// VPC, subnets, table.
    pub attachments: Vec<(usize, Vec<usize>, Option<usize>)>,
    /// Destination, attachment or black hole, learned.
    pub transits: Vec<Vec<(Block, Option<usize>, bool)>>,
    /// Subnet, groups.
    pub hosts: Vec<(usize, Vec<usize>)>,
    pub ports: Vec<u16>,
}

/// Port ranges of a run: all of a world of four ports, or ranges as they are in life with the points
/// on both sides of each edge.
pub fn port_ranges(dice: &mut Dice) -> (Vec<(u16, u16)>, Vec<u16>) {
    if dice.chance(40) {
        return (vec![(0, 1), (1, 2), (2, 2), (0, 3), (3, u16::MAX)], vec![0, 1, 2, 3]);
    }
    let all = [(22, 22), (443, 443), (1024, u16::MAX), (8080, 8081), (0, 1023)];
    let (one, two) = (dice.of(&all), dice.of(&all));
    let mut points = vec![one.0, one.1, two.0, two.1.saturating_add(1), one.0.saturating_sub(1)];
    points.sort_unstable();
    points.dedup();
    (vec![one, two], points)
}

impl World {
    pub fn roll(dice: &mut Dice) -> World {
        let (ranges, ports) = port_ranges(dice);
        let mut w = World { ports, ..World::default() };
        for v in 0..2 + dice.below(2) {
            let third = if v > 0 && dice.chance(15) { v - 1 } else { v };
            w.vpcs.push(((0x0A00_0000 + (u32::try_from(third).expect("few") << 8), 28), None));
        }
        w.roll_subnets(dice);
        w.roll_ways(dice);
        w.roll_tables(dice);
        w.roll_filters(dice, &ranges);
        w
    }

    pub fn roll_subnets(&mut self, dice: &mut Dice) {
        for v in 0..self.vpcs.len() {
            for s in 0..=dice.below(2) {
                let first = self.vpcs[v].0.0 + 4 * u32::try_from(s).expect("few");
                self.subnets.push((v, (first, 31 - u32::from(dice.chance(10))), None, None, s));
            }
        }
    }

    pub fn roll_ways(&mut self, dice: &mut Dice) {
        let vpcs = self.vpcs.len();
        for one in 0..vpcs {
            for other in 0..one {
                if dice.chance(40) {
                    self.peerings.push((one, other));
                }
            }
        }
        for s in 0..self.subnets.len() {
            if dice.chance(30) {
                self.nats.push((s, self.subnets[s].1.0 + 1));
            }
        }
        let tables = 1 + dice.below(2);
        self.transits = vec![Vec::new(); tables];
        for v in 0..vpcs {
            if dice.chance(80) {
                let mut edges: Vec<usize> =
                    (0..self.subnets.len()).filter(|s| self.subnets[*s].0 == v).collect();
                if edges.len() > 1 && dice.chance(50) {
                    edges.remove(dice.below(2));
                }
                let table = dice.chance(90).then(|| dice.below(tables));
                self.attachments.push((v, edges, table));
            }
        }
        for t in 0..tables {
            for at in 0..self.attachments.len() {
                if dice.chance(75) {
                    let block = self.vpcs[self.attachments[at].0].0;
                    self.transits[t].push((block, Some(at), true));
                }
                if dice.chance(25) {
                    let to = dice.chance(70).then_some(at);
                    let block = self.block(dice);
                    if !self.transits[t].iter().any(|r| r.0 == block && !r.2) {
                        self.transits[t].push((block, to, false));
                    }
                }
            }
        }
    }

    /// A block that may matter.
    pub fn block(&self, dice: &mut Dice) -> Block {
        let vpc = dice.of(&self.vpcs).0;
        match dice.below(6) {
            0 => (0, 0),
            1 => (0x0A00_0000, 16),
            2 | 3 => vpc,
            4 => dice.of(&self.subnets).1,
            _ => (vpc.0 + u32::try_from(dice.below(8)).expect("few"), 32),
        }
    }

    pub fn roll_tables(&mut self, dice: &mut Dice) {
        for v in 0..self.vpcs.len() {
            for _ in 0..=dice.below(2) {
                let mut routes: Vec<Road> = Vec::new();
                for _ in 0..dice.below(6) {
                    let (to, learned) = (self.block(dice), dice.chance(15));
                    if to != self.vpcs[v].0 && !routes.iter().any(|r| r.0 == to && r.2 == learned) {
                        routes.push((to, self.way(dice, v), learned));
                    }
                }
                let table = self.tables.len();
                self.tables.push((v, routes));
                if dice.chance(30) {
                    self.vpcs[v].1 = Some(table);
                }
                for s in 0..self.subnets.len() {
                    if self.subnets[s].0 == v && dice.chance(60) {
                        self.subnets[s].2 = Some(table);
                    }
                }
            }
        }
    }

    pub fn way(&self, dice: &mut Dice, vpc: usize) -> Way {
        let mut ways = vec![Way::Transit; 6];
        ways.push(if dice.chance(50) { Way::Gone } else { Way::Internet });
        for (at, p) in self.peerings.iter().enumerate() {
            if p.0 == vpc || p.1 == vpc {
                ways.extend([Way::Peering(at); 3]);
            }
        }
        for (at, nat) in self.nats.iter().enumerate() {
            if self.subnets[nat.0].0 == vpc {
                ways.extend([Way::Nat(at); 3]);
            }
        }
        dice.of(&ways)
    }

    pub fn roll_filters(&mut self, dice: &mut Dice, ranges: &[(u16, u16)]) {
        let what = |dice: &mut Dice| match dice.below(5) {
            0 | 1 => Match { protocol: None, ports: (0, u16::MAX) },
            2 => Match { protocol: Some(17), ports: dice.of(ranges) },
            _ => Match { protocol: Some(6), ports: dice.of(ranges) },
        };
        for s in 0..self.subnets.len() {
            if dice.chance(45) {
                let mut both = [Vec::new(), Vec::new()];
                for lines in &mut both {
                    let mut numbers: Vec<u32> = (1..9).collect();
                    for _ in 0..=dice.below(4) {
                        let number = numbers.remove(dice.below(numbers.len()));
                        let block = self.block(dice);
                        lines.push(Line {
                            number,
                            allow: dice.chance(75),
                            block,
                            what: what(dice),
                        });
                    }
                    if dice.chance(55) {
                        let what = Match { protocol: None, ports: (0, u16::MAX) };
                        lines.push(Line { number: 20, allow: true, block: (0, 0), what });
                    }
                }
                self.subnets[s].3 = Some(self.acls.len());
                self.acls.push(both);
            }
        }
        let count = self.vpcs.len() + 1;
        for g in 0..count {
            let vpc = g % self.vpcs.len();
            let mut sides = [Vec::new(), Vec::new()];
            for rules in &mut sides {
                for _ in 0..=dice.below(2) {
                    let side = if dice.chance(40) {
                        Side::Group(dice.below(count))
                    } else {
                        Side::Block(self.block(dice))
                    };
                    rules.push((side, what(dice)));
                }
            }
            let [ingress, egress] = sides;
            self.groups.push((vpc, ingress, egress));
        }
        for s in 0..self.subnets.len() {
            let own: Vec<usize> =
                (0..count).filter(|g| self.groups[*g].0 == self.subnets[s].0).collect();
            let groups: Vec<usize> = own.into_iter().filter(|_| dice.chance(75)).collect();
            self.hosts.push((s, groups));
        }
    }
}
