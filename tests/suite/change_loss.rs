//! What is lost by a change, and what is not: guards of data that are resources of their own, copies
//! that are made by rules, and a proof that does not list all.

use std::collections::BTreeMap;

use tenantry::change::opened::opened;
use tenantry::change::shape::Shape;
use tenantry::change::side::{Half, Side, Unit};
use tenantry::change::{self, Report};
use tenantry::engine::Engine;
use tenantry::prove::proof::{Group, Near, Proof};
use tenantry::prove::verdict::Verdict;

use crate::support::{options, root, synth_text};

/// An estate of one stack with a root of Terraform; none without resources.
fn estate(resources: &str) -> Side {
    let engine = Engine::Terraform;
    let mut side = Side::empty("e", &[engine]);
    if resources.is_empty() {
        return side;
    }
    let text = format!(r#"{{"resource": {{{resources}}}}}"#);
    let shape = Shape::read(engine, &text, Vec::new()).expect("JSON");
    side.shapes = BTreeMap::from([((engine.id(), "a".to_owned()), shape)]);
    let word = || "a".to_owned();
    let half = Half { engine, template: word(), values: Vec::new(), imported: Vec::new() };
    side.units.push(Unit {
        key: word(),
        name: word(),
        order: 0,
        wave: 8,
        account: word(),
        region: word(),
        shape: word(),
        tenant: None,
        tier: None,
        depends_on: Vec::new(),
        pending: false,
        tags: Vec::new(),
        files: Vec::new(),
        halves: vec![half],
    });
    side
}

fn lost(report: &Report) -> Vec<String> {
    let of = |(_, change, loss): (_, &change::group::Change, &change::loss::Loss)| {
        format!("{}: {}", change.label, loss.what)
    };
    report.losses().map(of).collect()
}

fn compared(base: &str, head: &str) -> Vec<String> {
    lost(&change::compare("base", &estate(base), &estate(head)))
}

/// A guard that goes, or a rule that deletes and comes, is a loss where what it guards stays.
#[test]
fn a_guard_is_lost_alone() {
    let bucket =
        r#""aws_s3_bucket": {"b": {"bucket": "x"}}, "aws_backup_vault": {"v": {"name": "v"}}"#;
    let none = r#""aws_sns_topic": {"t": {"name": "t"}}"#;
    let cases = [
        (
            r#""aws_backup_vault_lock_configuration": {"g": {"backup_vault_name": "${aws_backup_vault.v.id}", "min_retention_days": 7}}"#,
            [1, 0],
        ),
        (
            r#""aws_s3_bucket_versioning": {"g": {"bucket": "${aws_s3_bucket.b.id}", "versioning_configuration": [{"status": "Enabled"}]}}"#,
            [1, 0],
        ),
        (
            r#""aws_s3_bucket_object_lock_configuration": {"g": {"bucket": "${aws_s3_bucket.b.id}", "rule": [{"default_retention": [{"days": 9, "mode": "COMPLIANCE"}]}]}}"#,
            [1, 0],
        ),
        (
            r#""aws_s3_bucket_lifecycle_configuration": {"g": {"bucket": "${aws_s3_bucket.b.id}", "rule": [{"id": "r", "expiration": [{"days": 30}]}]}}"#,
            [0, 1],
        ),
    ];
    for (guard, [gone, come]) in cases {
        let both = format!("{bucket}, {guard}");
        assert_eq!(compared(&both, bucket).len(), gone, "{guard}");
        assert_eq!(compared(bucket, &both).len(), come, "{guard}");
        let with = compared(&format!("{none}, {both}"), none);
        assert_eq!(with.len(), 2, "a bucket and a vault, and no guard of them: {with:?}");
        assert_eq!(compared(none, &format!("{none}, {both}")), Vec::<String>::new());
    }
}

/// Without its plan, or what the plan is to copy, nothing is backed up; also if the whole stack goes.
#[test]
fn backups_end_with_their_plan() {
    let plan = r#""aws_backup_plan": {"p": {"name": "p", "rule": [{"rule_name": "daily"}]}}"#;
    let choice =
        r#""aws_backup_selection": {"s": {"name": "s", "plan_id": "${aws_backup_plan.p.id}"}}"#;
    let (both, none) = (format!("{plan}, {choice}"), r#""aws_sns_topic": {"t": {"name": "t"}}"#);
    let ends = ["aws_backup_plan.p: nothing is backed up any more"];
    assert_eq!(compared(&both, none), ends);
    assert_eq!(compared(&both, ""), ends);
    assert_eq!(
        compared(&both, plan),
        ["aws_backup_selection.s: what it chooses is not backed up any more"]
    );
    assert_eq!(compared(plan, &both), Vec::<String>::new());
}

/// A blueprint after an edit, for both engines.
fn edited(name: &str, from: &str, to: &str) -> [Side; 2] {
    let text = std::fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint");
    assert!(text.contains(from), "{name} has no {from}");
    [text.replacen(from, to, 1), text].map(|text| {
        let outcome =
            synth_text("b.yaml", text.as_bytes(), None, &root().join("blueprints"), options());
        let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
        Side::made(&made, &[Engine::CloudFormation, Engine::Terraform], false)
    })
}

/// More backups are no loss; fewer are one, in words that are true.
#[test]
fn a_rule_that_comes_loses_nothing() {
    let copies = "        copy_to:\n          - { vault: \"arn:aws:backup:eu-central-1:444444444444:backup-vault:afar\", keep: 365, cold_after: 30 }\n";
    let cases = [
        ("        weekly: 120\n", "GoldPlan: rule weekly makes no recovery points any more"),
        (copies, "GoldPlan: copies go to fewer vaults"),
    ];
    for (line, said) in cases {
        let [less, more] = edited("component-backup.yaml", line, "");
        assert_eq!(lost(&change::compare("base", &less, &more)), Vec::<String>::new(), "{said}");
        assert_eq!(lost(&change::compare("base", &more, &less)), [said]);
    }
}

/// What a proof does not list can be new: it is said, unless the base was cut at as many.
#[test]
fn a_proof_that_is_cut_says_so() {
    let proof = |reachable: u64, more: bool| {
        let name = || "a".to_owned();
        let group = Group {
            one: name(),
            other: name(),
            near: Near::Cell,
            pairs: 9_000,
            reachable,
            verdict: Verdict::Reachable,
            example: (name(), name()),
            reasons: Vec::new(),
        };
        [Proof {
            estate: name(),
            engine: tenantry::prove::read::Engine::Terraform,
            tenants: 200,
            things: 1,
            groups: vec![group],
            reachable: Vec::new(),
            more,
            statements: Vec::new(),
            outside: Vec::new(),
        }]
    };
    let said = |base: &[Proof], head: &[Proof]| opened(base, head).len();
    assert_eq!(said(&proof(1_000, true), &proof(1_000, true)), 0);
    assert_eq!(said(&proof(1_000, true), &proof(1_001, true)), 1);
    assert_eq!(said(&proof(1_000, false), &proof(1_000, true)), 1);
    assert_eq!(said(&[], &proof(1_000, true)), 1);
    assert_eq!(said(&proof(1_000, true), &proof(900, false)), 0);
}
