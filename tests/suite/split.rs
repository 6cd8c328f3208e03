//! What is too large for one stack is cut, and what is there never moves: not when something is added,
//! not when something goes, not when it comes back.

pub mod asked; // the blueprint that is cut, by what it asks for
pub mod back; // who leaves and comes back
pub mod history; // everything that comes and goes, at random

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;
use tenantry::check::quota::holding;
use tenantry::engine::{Engine, Rendered, cloudformation};
use tenantry::plan::{Lock, lock};
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::split::again::Again;
use tenantry::template::{CORE, Entry, Estate, ParamKind, Stack};
use tenantry::{blueprint, component, model, plan, prove, spec, split};

use self::asked::{Asked, Watched};
use self::history::op;
use crate::support::{blueprints, cases, options, synth_blueprint, synth_text};

/// What lists something of every unit, and so stands in every part.
const LISTINGS: [&str; 2] = ["Dashboard", "StepRolePolicy"];

/// What CloudFormation takes: resources, parameters, outputs, and bytes in a direct upload and through
/// S3. Written a second time on purpose. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
const LIMITS: [usize; 5] = [500, 200, 200, 51_200, 1_000_000];

/// What a template is said to weigh before it is cut is what it comes to, read by another reader of JSON.
#[test]
fn what_is_weighed_is_what_is_written() {
    let mut weighed = 0;
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        for template in made.estate.templates.values() {
            let text = cloudformation::text(template);
            let read: Value = serde_json::from_str(&text).expect("it is JSON");
            let bytes = |section: &str, id: &str| match &read[section][id] {
                Value::Null => 0,
                // Quotes and a colon stand round its name, and a comma behind it.
                it => id.len() + 4 + it.to_string().len(),
            };
            let weights = cloudformation::weigh(template);
            for (entry, weight) in template.entries.iter().zip(&weights.entries) {
                let written = if entry.cfn.is_some() { bytes("Resources", &entry.id) } else { 0 };
                assert_eq!(*weight, written, "{name}: {} of {}", entry.id, template.shape);
                weighed += 1;
            }
            for (param, weight) in template.params.iter().zip(&weights.params) {
                assert_eq!(*weight, bytes("Parameters", &param.name), "{name}: {}", param.name);
            }
            for (output, weight) in template.outputs.iter().zip(&weights.outputs) {
                assert_eq!(*weight, bytes("Outputs", output.name), "{name}: {}", output.name);
            }
        }
    }
    assert!(weighed > 1000, "{weighed}");
}

/// An estate and the lock behind it, without what judges resources: it knows nothing of parts.
fn make(asked: &Asked, before: Option<&str>) -> (Spec, Estate, String) {
    made(&asked.text(), before)
}

fn made(text: &str, before: Option<&str>) -> (Spec, Estate, String) {
    let Whole { spec, before, mut after, mut estate } = whole(text, before);
    split::cut(&spec, &before, &mut estate).put(&mut after);
    (spec, estate, after.render())
}

/// An estate before it is cut, and the locks before and behind it.
struct Whole {
    spec: Spec,
    before: Lock,
    after: Lock,
    estate: Estate,
}

fn whole(text: &str, before: Option<&str>) -> Whole {
    let (mut sources, mut sink) = (Sources::default(), tenantry::diag::Sink::default());
    let mut none = |_: &str| Err("no file".to_owned());
    let written = blueprint::read("cut.yaml", text.as_bytes(), &mut none, &mut sources, &mut sink);
    let spec = written.and_then(|written| spec::spec(&written, &mut sink));
    let spec = spec.unwrap_or_else(|| panic!("{:?}", sink.as_slice()));
    let before = before.map_or_else(Lock::default, |text| {
        let file = sources.add(Source::new("lock.json", text));
        lock::read(&sources, file, &mut sink).expect("it is what was written")
    });
    let (plan, after) = plan::plan(&spec, &before, &mut sink).expect("there is room");
    let estate = model::estate(&spec, &plan, &mut sink).expect("it is sound");
    let estate = component::furnish(&spec, &plan, estate, &mut sink).expect("its names can stand");
    Whole { spec, before, after, estate }
}

/// The stack of each resource, by the key of the whole and its id, as it is rendered; `direct`, each is
/// small enough to go up directly.
fn places(spec: &Spec, estate: &Estate, direct: bool) -> Places {
    let mut only = options();
    only.engines = vec![Engine::CloudFormation];
    let rendered = Rendered::new(spec, estate, &only);
    let mut out = BTreeMap::new();
    let mut ids: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for shape in estate.templates.keys() {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is rendered");
        let json: Value = serde_json::from_str(text).expect("JSON");
        let count = |section: &str| json[section].as_object().map_or(0, serde_json::Map::len);
        let is =
            [count("Resources"), count("Parameters"), count("Outputs"), text.len(), text.len()];
        for (n, (is, most)) in is.into_iter().zip(LIMITS).enumerate() {
            assert!(is <= most || (n == 3 && !direct), "{shape}: {is} of {most}");
        }
        let all = json["Resources"].as_object().expect("resources").keys().cloned();
        ids.insert(shape, all.collect());
    }
    for stack in &estate.stacks {
        for id in &ids[stack.shape.as_str()] {
            if LISTINGS.contains(&id.as_str()) || id.ends_with("ForParts") {
                continue;
            }
            let other = out.insert((stack.whole().to_owned(), id.clone()), stack.key.clone());
            assert!(other.is_none(), "{id} is in {} and {other:?}", stack.key);
        }
    }
    out
}

/// Whatever a part reads of another was told before, and everybody is deployed after those that it needs.
fn in_order(estate: &Estate) {
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    for stack in &estate.stacks {
        let template = &estate.templates[&stack.shape];
        for (param, value) in template.params.iter().zip(&stack.values) {
            let reads = matches!(param.kind, ParamKind::Imported(_)) && value.contains("/part/");
            assert!(!reads || told.contains(value), "{} reads {value} too early", stack.key);
        }
        for key in &stack.depends_on {
            assert!(seen.contains(key.as_str()), "{} needs {key}", stack.key);
        }
        seen.insert(stack.key.as_str());
        for entry in template.entries.iter().filter(|e| e.tf == "aws_ssm_parameter") {
            let path = entry.body.get("Name").expect("a path");
            told.extend(holding::text(path, template, &stack.values));
        }
    }
}

/// How many parts a stack has.
fn parts(estate: &Estate, whole: &str) -> usize {
    estate.stacks.iter().filter(|stack| stack.whole() == whole).count()
}

proptest! {
    #![proptest_config(cases(4))]

    /// Services, tables, small services, endpoints and tenants come, go and come back, one by one and many
    /// at once, by themselves and with what watches them, from the first day on or later: each resource is
    /// in one stack, which it never leaves, also if its tenant leaves and comes back, no stack passes what
    /// goes up directly, and all are deployed one after the other.
    #[test]
    fn nothing_that_is_there_moves(
        start in 1..9_usize,
        watched in Watched::any(),
        shared in any::<bool>(),
        alarms in any::<bool>(),
        ops in prop::collection::vec(op(), 6),
    ) {
        let mut asked = Asked { watched, shared, alarms, ..Asked::default() };
        asked.services.extend((0..start).map(|n| (n * 7, 0)));
        asked.tables.extend(0..8 * start);
        let (mut before, mut lock, _) = step(&asked.text(), (&Places::new(), None));
        let (mut gone, mut next) = (Vec::new(), 100);
        for op in ops {
            op.apply(&mut asked, &mut gone, &mut next);
            let (now, after, _) = step(&asked.text(), (&before, Some(&lock)));
            (before, lock) = (now, after);
        }
        // The same again decides nothing new.
        let (_, _, again) = make(&asked, Some(&lock));
        prop_assert_eq!(&again, &lock);
    }
}

/// What passed a limit before it could be cut: services and tables of a tenant, pools at a hub.
#[test]
fn what_has_units_has_no_limit() {
    let asked = Asked {
        services: (0..130).map(|n| (n, 0)).collect(),
        tables: (0..560).collect(),
        pools: 170,
        ..Asked::default()
    };
    let (spec, estate, _) = make(&asked, None);
    places(&spec, &estate, true);
    in_order(&estate);
    for whole in ["tenant-a", "tenant-c", "hub-eu-west-1"] {
        assert!(parts(&estate, whole) > 1, "{whole}");
    }
    // Who needs the hub needs all of it.
    let hub = |stack: &&Stack| stack.whole() == "hub-eu-west-1";
    let hubs: Vec<&String> = estate.stacks.iter().filter(hub).map(|s| &s.key).collect();
    let cells = estate.stacks.iter().filter(|s| s.depends_on.contains(hubs[0]) && !hub(s));
    let mut seen = 0;
    for cell in cells {
        seen += 1;
        assert!(hubs.iter().all(|key| cell.depends_on.contains(key)), "{}", cell.key);
    }
    assert!(seen > 0, "somebody needs the hub");
}

/// What a step makes of an estate: nothing that is there moves, and nothing is too large. What nobody has
/// now is still there, as nothing is deleted by it.
fn step(text: &str, (before, lock): (&Places, Option<&str>)) -> Step {
    let (spec, estate, lock) = made(text, lock);
    let mut now = places(&spec, &estate, true);
    in_order(&estate);
    for (id, stack) in &now {
        let was = before.get(id);
        assert!(was.is_none_or(|was| was == stack), "{id:?} was in {was:?}, is in {stack}");
    }
    let here: BTreeSet<&str> = estate.stacks.iter().map(Stack::whole).collect();
    let gone = before.iter().filter(|((whole, _), _)| !here.contains(whole.as_str()));
    now.extend(gone.map(|(id, stack)| (id.clone(), stack.clone())));
    (now, lock, estate)
}

/// The stack of each resource, by the key of the whole and its id.
type Places = BTreeMap<(String, String), String>;

type Step = (Places, String, Estate);

/// The interface of a pool has its routes where its stage is: there is room for as many as a tier can
/// have, with everything that watches them, however they come.
#[test]
fn twenty_small_services_fit() {
    for watched in [Watched::Nothing, Watched::Dashboards] {
        for way in [&[20][..], &[0, 20], &[3, 4, 5, 20], &[0, 1, 12, 0, 20]] {
            let (mut before, mut lock) = (BTreeMap::new(), None);
            for many in way {
                // A table less or more changes how full the first stack is.
                let tables = (0..40).collect();
                let small = (0..*many).collect();
                let text =
                    Asked { tables, small, watched, shared: true, ..Asked::default() }.text();
                let (now, after, estate) = step(&text, (&before, lock.as_deref()));
                assert!(*many < 20 || parts(&estate, "cell-free-eu-west-1-1") > 4, "{way:?}");
                (before, lock) = (now, Some(after));
            }
        }
    }
}

/// What surrounds the tenants grows with the tiers, and is cut like the tenants' own.
#[test]
fn many_tiers_fit() {
    let of = |many: usize, backed: bool| {
        let text = Asked::default().text();
        let tier = |n: usize| {
            format!(
                "  x{n:03}:\n    isolation: vpc\n    network: {{ prefix: 24 }}\n    components: {{ backup: {{ restore_test: {{}} }} }}\n"
            )
        };
        let tiers: String = (0..many).map(tier).collect();
        let backed = if backed { "backup: {}, tagging: {}, monitoring: {}" } else { "" };
        text.replace("tenants:\n", &(tiers + "tenants:\n"))
            .replace("components: {}\n", &format!("components: {{ {backed} }}\n"))
    };
    for way in [&[(160, true)][..], &[(5, false), (5, true), (60, true), (120, true), (160, true)]]
    {
        let (mut before, mut lock) = (BTreeMap::new(), None);
        for (many, backed) in way {
            let (now, after, _) = step(&of(*many, *backed), (&before, lock.as_deref()));
            (before, lock) = (now, Some(after));
        }
        assert!(
            before.values().any(|stack| stack.starts_with("backup-eu-west-1.part-2")),
            "{before:?}"
        );
    }
}

/// An estate that is cut from the first day on, in every form that it is written in, and its proof.
#[test]
fn parts_are_as_good_as_the_whole() {
    let services = (0..12).map(|n| (n, 1)).collect();
    let asked = Asked { services, watched: Watched::Dashboards, alarms: true, ..Asked::default() };
    let text = asked.text();
    let outcome = synth_text("cut.yaml", text.as_bytes(), None, ".".as_ref(), options());
    assert_eq!(outcome.sink.as_slice().len(), 0, "{:?}", outcome.sink.as_slice());
    let made = outcome.made.expect("it is sound");
    assert!(parts(&made.estate, "tenant-a") > 2 && made.lock.contains("\"parts\": {"));
    let files = made.files();
    for stack in &made.estate.stacks {
        assert!(files.contains_key(&format!("cloudformation/stacks/{}.json", stack.key)));
        assert!(files.contains_key(&format!("terraform/stacks/{}/main.tf.json", stack.key)));
    }
    for proof in made.prove().expect("it can be read") {
        assert!(proof.reachable.is_empty(), "{:?}", proof.reachable.first());
        assert!(proof.groups.iter().all(|group| !group.one.contains(".part-")));
    }
    // The proof follows what parts tell each other: a part that stands on another tenant's is found.
    for (path, _) in files.iter().filter(|(path, _)| path.contains("/stacks/tenant-a.part-2")) {
        let mut broken = files.clone();
        let text = broken.get_mut(path).expect("it is there");
        let swapped =
            text.replace("/part/cut-test-a/TaskRole.Arn", "/part/cut-test-b/TaskRole.Arn");
        assert_ne!(*text, swapped, "{path}");
        *text = swapped;
        let proofs = prove::prove(&broken).expect("it can be read");
        assert!(proofs.iter().any(|proof| !proof.reachable.is_empty()), "{path}");
    }
    // What is listed is listed once, in the part that has it.
    let lists = |id: &str| -> usize {
        let own = made.estate.stacks.iter().filter(|s| s.whole() == "tenant-a");
        let texts = own.map(|s| &files[&format!("cloudformation/templates/{}.json", s.shape)]);
        texts
            .filter(|text| {
                text.contains(&format!("\"{id}\": {{")) || text.contains(&format!("\"{id}\":{{"))
            })
            .count()
    };
    assert_eq!(lists("StepRolePolicy"), lists("Dashboard"));
    let mut inline = options();
    inline.inline = true;
    let lock = Some(made.lock.as_str());
    let inline = synth_text("cut.yaml", text.as_bytes(), lock, ".".as_ref(), inline);
    let inline = inline.made.expect("it is sound");
    let keys = |estate: &Estate| -> Vec<String> {
        estate.stacks.iter().map(|stack| stack.key.clone()).collect()
    };
    assert_eq!(keys(&inline.estate), keys(&made.estate));
    assert!(!inline.lock_changed);
    let proofs = inline.prove().expect("it can be read");
    assert!(proofs.iter().all(|proof| proof.reachable.is_empty()));
}

/// What watches a table from another part knows the table's name as the table says it: nothing is told,
/// and the table is there before.
#[test]
fn a_name_that_is_known_is_not_told() {
    let mut asked = Asked { tables: (0..50).collect(), ..Asked::default() };
    let (_, _, lock) = make(&asked, None);
    asked.watched = Watched::Dashboards;
    let (_, estate, _) = make(&asked, Some(&lock));
    let own = |stack: &&Stack| stack.whole() == "tenant-c";
    let mut names = BTreeMap::new();
    for stack in estate.stacks.iter().filter(own) {
        let template = &estate.templates[&stack.shape];
        assert!(template.entries.iter().all(|e| !e.id.ends_with("ForParts")), "{}", stack.key);
        for table in template.entries.iter().filter(|e| e.tf == "aws_dynamodb_table") {
            let name = table.body.get("TableName").expect("it has a name");
            names.insert(holding::text(name, template, &stack.values), stack.key.clone());
        }
    }
    let (mut near, mut far) = (0, 0);
    for stack in estate.stacks.iter().filter(own) {
        let template = &estate.templates[&stack.shape];
        for alarm in template.entries.iter().filter(|e| e.tf == "aws_cloudwatch_metric_alarm") {
            let mut held = Vec::new();
            let dimensions = alarm.body.get("Dimensions").expect("it watches something");
            dimensions.walk(&mut |value| held.push(value));
            if held.iter().any(|value| matches!(value, tenantry::value::Value::Ref(_))) {
                near += 1;
                continue;
            }
            let mut texts =
                held.iter().filter_map(|value| holding::text(value, template, &stack.values));
            let key = texts.find_map(|text| names.get(&Some(text)));
            let key = key.unwrap_or_else(|| panic!("{}: {} watches nothing", stack.key, alarm.id));
            assert!(stack.depends_on.contains(key), "{} does not wait for {key}", stack.key);
            far += 1;
        }
    }
    assert!(names.len() > asked.tables.len() && near + far >= 2 * names.len());
    assert!(far > near, "{near} of them stand beside what they watch");
}

/// A lock as it was written before there were parts.
fn older(lock: &str) -> String {
    let text = lock.split("\"parts\": {").next().expect("text");
    format!("{}\n}}\n", text.trim_end().trim_end_matches(','))
}

/// A stack that an older version deployed whole stays whole; what comes then goes to a second one.
#[test]
fn what_is_deployed_whole_stays_whole() {
    let mut asked = Asked { services: (0..20).map(|n| (n, 0)).collect(), ..Asked::default() };
    let (_, estate, cut) = make(&asked, None);
    assert!(parts(&estate, "tenant-a") > 1);
    let older = older(&cut);
    let (spec, estate, lock) = make(&asked, Some(&older));
    assert_eq!(parts(&estate, "tenant-a"), 1);
    let before = places(&spec, &estate, false);
    // It is told so.
    let told =
        synth_text("cut.yaml", asked.text().as_bytes(), Some(&older), ".".as_ref(), options());
    let rules: Vec<&str> = told.sink.as_slice().iter().map(|d| d.rule.id).collect();
    assert_eq!(rules, ["limit/upload"]);
    asked.services.insert(20, 0);
    let (spec, estate, _) = make(&asked, Some(&lock));
    assert_eq!(parts(&estate, "tenant-a"), 2);
    let now = places(&spec, &estate, false);
    assert!(before.iter().all(|(id, stack)| now[id] == *stack));
    assert_eq!(now[&("tenant-a".to_owned(), "S020Service".to_owned())], "tenant-a.part-2");
}

/// What fits is as it always was, one stack, and what has units is in the lock, so that whatever comes
/// in one step knows what was there.
#[test]
fn what_fits_is_not_cut() {
    let mut cut = Vec::new();
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        let parts = made.estate.stacks.iter().any(|stack| stack.key != stack.whole());
        let recorded = &made.decisions.parts;
        assert_eq!(parts, recorded.values().any(|p| p.keys().any(|n| *n > 1)), "{name}");
        let marked = |e: &Entry| e.unit.as_ref().is_some_and(|unit| unit != CORE);
        for (shape, template) in &made.estate.templates {
            let family = shape.split('.').next().expect("a name");
            let units = template.entries.iter().any(marked);
            assert!(!units || recorded.keys().any(|key| key.split('/').next() == Some(family)));
        }
        cut.extend(parts.then_some(name));
    }
    assert_eq!(cut, ["large.yaml"]);
}

/// One unit that is too large is cut itself; one resource cannot be, and is refused before anything is
/// written.
#[test]
fn one_resource_that_is_too_large_is_refused() {
    let asked = Asked { services: [(1, 90)].into(), ..Asked::default() };
    let (spec, estate, _) = make(&asked, None);
    let stacks = places(&spec, &estate, true);
    in_order(&estate);
    let of = |id: &str| stacks[&("tenant-a".to_owned(), id.to_owned())].as_str();
    assert_ne!(of("S001SecretS0"), of("S001SecretS89"));
    let asked = Asked { services: [(1, 510)].into(), ..Asked::default() };
    let mut only = options();
    only.engines = vec![Engine::CloudFormation];
    let outcome = synth_text("cut.yaml", asked.text().as_bytes(), None, ".".as_ref(), only);
    assert!(outcome.made.is_none());
    let of = |d: &&tenantry::diag::Diagnostic| d.rule.id == "limit/template";
    let said: Vec<_> = outcome.sink.as_slice().iter().filter(of).collect();
    let [said] = said.as_slice() else { panic!("{:?}", outcome.sink.as_slice()) };
    assert!(said.message.contains("tenant-pro.part-"), "{}", said.message);
    assert!(said.message.contains(" parameters, AWS allows 200"), "{}", said.message);
    assert!(format!("{:?}", said.site).contains("pro"), "{:?}", said.site);
}

/// Estates of one blueprint, as tenants and locks come and go, and a service of a tier: what is remembered of one
/// is what the next would come to by itself.
#[test]
fn what_is_cut_again_is_as_if_it_was_the_first() {
    let of = |away: &[&'static str], small: usize| {
        let (tables, small, watched) =
            ((0..40).collect(), (0..small).collect(), Watched::Dashboards);
        let away = away.iter().copied().collect();
        let services = (0..20).map(|service| (service, 3)).collect();
        let asked = Asked { services, tables, small, watched, larger: true, ..Asked::default() };
        Asked { shared: true, endpoints: (3, 53), away, ..asked }.text()
    };
    let (_, _, recorded) = made(&of(&["b"], 20), None);
    let (mut again, mut cut, mut differ) = (Again::default(), 0, 0);
    let mut last: Option<Estate> = None;
    for lock in [None, Some(recorded.as_str()), None] {
        let ways = [&[][..], &["a"], &["c"], &[], &["a", "b", "e"], &["a"], &[]];
        for (away, small) in ways.into_iter().zip([20, 20, 19, 19, 20, 20, 20]) {
            let Whole { spec, before, estate, .. } = whole(&of(away, small), lock);
            let (mut own, mut first) = (estate.clone(), estate);
            again.cut(&spec, &before, &mut own);
            split::cut(&spec, &before, &mut first);
            assert_eq!(own.templates, first.templates, "{away:?}");
            assert_eq!(own.whole, first.whole, "{away:?}");
            assert_eq!(format!("{:?}", own.stacks), format!("{:?}", first.stacks), "{away:?}");
            cut += own.whole.len();
            differ += usize::from(last.is_some_and(|last| last.templates != own.templates));
            last = Some(own);
        }
    }
    assert!(cut > 50 && differ > 10, "{cut} {differ}");
}
