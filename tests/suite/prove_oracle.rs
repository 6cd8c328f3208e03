//! A second opinion on the network layer of the proof: small networks of dice, in which every packet
//! is sent one by one by a simulator that shares nothing with the proof but the names of things. What
//! the simulator delivers, the proof must know: no missed path, ever. What only the proof knows is a
//! false alarm, and each must be one of those that have a name.

use std::fmt::Write as _;

use tenantry::prove::network::compiled::Compiled;
use tenantry::prove::network::pass::{Cube, Pass};
use tenantry::prove::network::traffic::Traffic;
use tenantry::prove::network::walk::{End, paths};

mod world; // networks of dice
mod simulator; // packets, one by one
mod translate; // the same network for the proof

use simulator::{Open, Packet, Sim};
use translate::{network, range};
use world::{Block, Dice, World};

/// Networks of one run. Those of a longer run: `TENANTRY_ORACLE=100000 cargo test --release oracle`.
const NETWORKS: u64 = 2_000;

#[derive(Default)]
struct Score {
    networks: u64,
    packets: u64,
    delivered: u64,
    over_transit: u64,
    over_nat: u64,
    refused_answers: u64,
    missed: Vec<String>,
    named: [u64; 3],
    unnamed: Vec<String>,
}

fn knows(cubes: &[Cube], p: Packet) -> bool {
    cubes.iter().any(|c| {
        c.from.holds(p.from.into())
            && c.to.holds(p.to.into())
            && c.ports.has(p.protocol, p.port)
            && (p.protocol != 6 || c.answers.has(6, p.source))
    })
}

fn addresses(block: Block) -> std::ops::Range<u32> {
    block.0..block.0 + (1 << (32 - block.1))
}

fn compare(world: &World, seed: u64, score: &mut Score) {
    let compiled = Compiled::new(network(world));
    let hosts = world.hosts.len();
    for (from, to) in
        (0..hosts).flat_map(|a| (0..hosts).map(move |b| (a, b))).filter(|(a, b)| a != b)
    {
        let (sender, receiver) = (world.hosts[from].0, world.hosts[to].0);
        let here = world.subnets[receiver].0;
        let block = range(world.subnets[sender].1);
        let ways = paths(&compiled, sender, &[block], &[range(world.subnets[receiver].1)]);
        let mut cubes = Vec::new();
        for path in ways.iter().filter(|p| matches!(p.end, End::Vpc(v, _) if v == here)) {
            let set = |host: usize| &compiled.sets[compiled.set_of[host]];
            let pass = Pass {
                of: &compiled,
                sender: set(from),
                path,
                receiver: set(to),
                wanted: Traffic::all(),
                subnet: receiver,
            };
            cubes.extend(pass.cubes(false));
        }
        for a in addresses(world.subnets[sender].1) {
            for d in addresses(world.subnets[receiver].1).filter(|d| *d != a) {
                for (protocol, port) in
                    [6, 17].into_iter().flat_map(|p| world.ports.iter().map(move |q| (p, *q)))
                {
                    let p = Packet { from: a, to: d, protocol, source: 0, port };
                    one(world, seed, (from, to), p, &cubes, score);
                }
            }
        }
    }
}

fn one(
    world: &World,
    seed: u64,
    pair: (usize, usize),
    p: Packet,
    cubes: &[Cube],
    score: &mut Score,
) {
    let real = Sim(world, Open::default());
    let came = real.forward(pair.0, pair.1, p);
    let sources = if p.protocol == 6 { world.ports.as_slice() } else { &world.ports[..1] };
    for source in sources {
        let p = Packet { source: *source, ..p };
        let way = came.iter().find(|c| p.protocol != 6 || real.back(pair.0, p, c));
        let known = knows(cubes, p);
        score.packets += 1;
        score.refused_answers += u64::from(way.is_none() && !came.is_empty());
        if let Some(way) = way {
            score.delivered += 1;
            score.over_transit += u64::from(way.transit);
            score.over_nat += u64::from(!way.nats.is_empty());
            if !known {
                score.missed.push(format!("network {seed}, hosts {pair:?}: {p:?} by {way:?}"));
            }
        } else if known {
            name(world, seed, pair, p, score);
        }
    }
}

/// Which of the things that are left open makes a false alarm.
fn name(world: &World, seed: u64, pair: (usize, usize), p: Packet, score: &mut Score) {
    let passes = |open: Open| {
        let sim = Sim(world, open);
        sim.forward(pair.0, pair.1, p).iter().any(|c| p.protocol != 6 || sim.back(pair.0, p, c))
    };
    let each = [
        Open { zones: true, ..Open::default() },
        Open { members: true, ..Open::default() },
        Open { equals: true, ..Open::default() },
    ];
    let all = Open { zones: true, members: true, equals: true };
    match each.iter().position(|open| passes(*open)) {
        Some(which) => score.named[which] += 1,
        None if passes(all) => score.named[0] += 1,
        None => score.unnamed.push(format!("network {seed}, hosts {pair:?}: {p:?}")),
    }
}

#[test]
fn no_path_is_missed_and_every_false_alarm_has_a_name() {
    let networks = std::env::var("TENANTRY_ORACLE").ok().and_then(|n| n.parse().ok());
    let mut score = Score::default();
    for seed in 1..=networks.unwrap_or(NETWORKS) {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let world = World::roll(&mut dice);
        score.networks += 1;
        compare(&world, seed, &mut score);
        assert!(score.missed.is_empty(), "missed: {:#?}\n{world:#?}", &score.missed[..1]);
    }
    println!("{}", told(&score));
    let some: Vec<&String> = score.unnamed.iter().take(5).collect();
    assert!(some.is_empty(), "{} false alarms without a name: {some:#?}", score.unnamed.len());
    // Dice that roll nothing prove nothing.
    assert!(score.delivered * 100 > score.packets, "too little is delivered");
    assert!(score.over_transit > 1_000 && score.over_nat > 100, "too little is far");
    assert!(score.refused_answers > 1_000, "too few answers are refused");
}

fn told(s: &Score) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} networks, {} packets, {} delivered ({} over a transit gateway, {} over NAT), {} whose answer does not come back",
        s.networks, s.packets, s.delivered, s.over_transit, s.over_nat, s.refused_answers
    );
    let _ = writeln!(out, "missed paths: {}", s.missed.len());
    let [zones, members, equals] = s.named;
    let _ = writeln!(
        out,
        "false alarms: {} (another zone's interface {zones}, members behind a transit gateway {members}, either of two equal routes {equals}), without a name {}",
        zones + members + equals,
        s.unnamed.len()
    );
    out
}
