//! Who leaves and comes back finds everything where it was: removing somebody from a blueprint deletes
//! nothing.

use tenantry::diag::Sink;
use tenantry::plan::lock;
use tenantry::source::{Source, Sources};

use super::asked::{Asked, SERVICES, Watched};
use super::{Places, Step, made, older, parts, step};

/// A blueprint with nothing but a tenant that has a VPC of its own.
fn alone(tail: &str) -> String {
    format!(
        "version: 1\nname: cut\nenvironment: test\nregions: [eu-west-1]\n\
         accounts: {{ workload: '333333333333' }}\n\
         network: {{ zones: 1, pools: [{{ cidr: 10.0.0.0/8 }}], egress: {{ nat: none }} }}\n{tail}"
    )
}

/// Takes steps, none of which moves anything.
fn steps(all: &[&Asked]) -> Step {
    let (first, rest) = all.split_first().expect("there is one");
    let mut last = step(&first.text(), (&Places::new(), None));
    for asked in rest {
        last = step(&asked.text(), (&last.0, Some(&last.1)));
    }
    last
}

/// The lock when everybody who left is given up.
fn released(lock: &str) -> String {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(Source::new("lock.json", lock));
    let mut lock = lock::read(&sources, file, &mut sink).expect("it is what was written");
    lock.release(|_, _| true);
    lock.render()
}

/// The last tenants of tiers leave: those of services that came one by one, of tables that came in between,
/// and one whose endpoints were its own.
#[test]
fn the_last_tenant_of_a_tier_comes_back_to_what_it_had() {
    let mut asked = Asked { tables: (10..68).collect(), endpoints: (0, 34), ..Asked::default() };
    let (mut before, mut lock, _) = step(&asked.text(), (&Places::new(), None));
    // Later ones come first by name.
    for n in (0..12).rev() {
        asked.services.insert(n, 0);
        asked.tables.insert(n % 6);
        asked.endpoints.1 = 37 + n;
        let (now, after, _) = step(&asked.text(), (&before, Some(&lock)));
        (before, lock) = (now, after);
    }
    asked.endpoints.1 = 48;
    let (before, lock, _) = step(&asked.text(), (&before, Some(&lock)));
    let empty = Asked { away: ["a", "b", "c", "e"].into(), ..asked.clone() };
    let (kept, without, _) = step(&empty.text(), (&before, Some(&lock)));
    let (back, again, estate) = step(&asked.text(), (&kept, Some(&without)));
    assert_eq!((&back, &again), (&before, &lock));
    for whole in ["tenant-a", "tenant-b", "tenant-c", "tenant-e"] {
        assert!(parts(&estate, whole) > 1, "{whole} is not cut");
    }
}

/// While a tenant is away, others get endpoints and services; it finds its own where they were, and no
/// stack is too large.
#[test]
fn room_of_who_is_away_is_kept() {
    let whole = Asked { endpoints: (0, 40), ..Asked::default() };
    let empty = Asked { away: ["e"].into(), ..whole.clone() };
    let grown = Asked { endpoints: (13, 40), ..empty.clone() };
    let back = Asked { away: [].into(), ..grown.clone() };
    let (_, _, estate) = steps(&[&whole, &empty, &grown, &back]);
    assert!(parts(&estate, "tenant-e") > 1);
}

/// What comes into the place of something else has its room, and what comes back then goes elsewhere: its
/// part is as large as it may be.
#[test]
fn what_comes_back_to_a_full_part_goes_elsewhere() {
    let of = |services: &[usize]| {
        let services = services.iter().map(|n| (*n, 0)).collect();
        Asked { services, ..Asked::default() }
    };
    let one: Vec<usize> = (1..14).collect();
    let other: Vec<usize> = (4..17).collect();
    let all: Vec<usize> = (1..17).collect();
    let (_, lock, _) = steps(&[&of(&one), &of(&one[3..]), &of(&other), &of(&all)]);
    assert!(!lock.contains("\"away\""), "everything is here");
}

/// A service that goes while another comes, again and again, leaves nothing behind, unless somebody may
/// still have it; when that one is given up, it is forgotten.
#[test]
fn a_lock_does_not_grow_with_what_was() {
    let of = |n: usize, away: &[&'static str]| Asked {
        services: [(n, 0)].into(),
        away: away.iter().copied().collect(),
        ..Asked::default()
    };
    let (mut now, mut lock, _) = steps(&[&of(0, &[])]);
    let first = lock.len();
    for n in 1..12 {
        let estate;
        (now, lock, estate) = step(&of(n, &[]).text(), (&now, Some(&lock)));
        assert_eq!(parts(&estate, "tenant-a"), 1);
    }
    // Each service keeps its number, which takes some bytes.
    assert!(lock.len() < first + 400, "{lock}");
    for n in 12..15 {
        (now, lock, _) = step(&of(n, &["b"]).text(), (&now, Some(&lock)));
    }
    let lines = |lock: &str| lock.matches("\"tenant-pro/").count();
    assert!(lines(&lock) > lines("") + 3, "{lock}");
    let released = released(&lock);
    assert_ne!(released, lock);
    let (_, lock, _) = step(&of(15, &["b"]).text(), (&now, Some(&released)));
    assert!(lines(&lock) <= 3, "{lock}");
}

/// A component that is switched off and on again: its stacks, and what it adds to those of others, stand
/// where they stood, though something else is gone and there is room elsewhere.
#[test]
fn a_component_that_is_switched_on_again_stands_where_it_stood() {
    let of = |services: usize, watched| Asked {
        services: (0..services).map(|n| (n, 0)).collect(),
        tables: (0..50).collect(),
        watched,
        ..Asked::default()
    };
    let first = of(12, Watched::Nothing);
    let on = of(12, Watched::Streams);
    let (before, lock, _) = steps(&[&first, &on]);
    let less = |watched| {
        let mut asked = of(12, watched);
        asked.services.remove(&0);
        asked.tables.retain(|n| *n > 20);
        asked
    };
    let (off, without, _) = step(&less(Watched::Nothing).text(), (&before, Some(&lock)));
    let (mut all, again) = (before.clone(), without);
    all.extend(off);
    // Nothing came into their places, and so all that is left of them goes there.
    step(&less(Watched::Streams).text(), (&all, Some(&again)));
}

/// A lock says that its parts are all, also if nothing is cut and nobody has anything: what comes in one
/// step is cut.
#[test]
fn a_lock_without_parts_is_not_that_of_an_older_version() {
    let tier = "  v: { isolation: vpc, network: { prefix: 24 } }\n";
    let tenants = "tenants: [{ id: a, tier: v }]\n";
    let text = alone(&format!("tiers:\n{tier}{tenants}"));
    let (before, lock, _) = step(&text, (&Places::new(), None));
    assert!(lock.contains("end of all parts"), "{lock}");
    let endpoints = format!(", endpoints: {{ interface: [{}] }} }}\n", SERVICES.join(", "));
    let many = tier.replace(" }\n", &endpoints);
    let text = alone(&format!("tiers:\n{many}{tenants}"));
    let (_, _, estate) = step(&text, (&before, Some(&lock)));
    assert!(parts(&estate, "tenant-a") > 1);
    let of = |n| {
        format!(
            "  x{n:02}: {{ isolation: vpc, network: {{ prefix: 24 }}, components: {{ backup: {{ restore_test: {{}} }} }} }}\n"
        )
    };
    let more: String = (0..40).map(of).collect();
    let text = alone(&format!("components: {{ backup: {{}} }}\ntiers:\n{tier}{more}{tenants}"));
    let (_, _, estate) = step(&text, (&before, Some(&lock)));
    assert!(parts(&estate, "backup-eu-west-1") > 1);
}

/// A cell without tenants has no stacks of tenants, whichever version opened it; what a tenant has that
/// an older version deployed whole stays whole, also if it is away when this version comes.
#[test]
fn only_tenants_have_stacks_of_tenants() {
    let asked = Asked { services: (0..120).map(|n| (n, 0)).collect(), ..Asked::default() };
    let empty = Asked { away: ["a", "b"].into(), ..asked.clone() };
    let (_, lock, _) = steps(&[&asked, &empty]);
    let released = released(&lock);
    assert!(released.contains("\"pro-eu-west-1-1\""), "the cell is there");
    let (_, _, estate) = step(&asked.text(), (&Places::new(), Some(&older(&released))));
    assert!(parts(&estate, "tenant-a") > 1);

    let asked = Asked { services: (0..20).map(|n| (n, 0)).collect(), ..Asked::default() };
    let empty = Asked { away: ["a", "b"].into(), ..asked.clone() };
    let (_, _, lock) = made(&asked.text(), None);
    let (_, _, without) = made(&empty.text(), Some(&older(&lock)));
    let (_, estate, back) = made(&asked.text(), Some(&without));
    assert_eq!(parts(&estate, "tenant-a"), 1);
    assert!(!without.contains("end of all parts") && back.contains("end of all parts"));
}
