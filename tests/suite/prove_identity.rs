//! Identities and data, as the proof reads them: unbroken output is clean, patterns are compared
//! exactly, and policies are judged as AWS says that they are.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry::prove::Layer;
use tenantry::prove::data::Data;
use tenantry::prove::identity::Identity;
use tenantry::prove::identity::condition::{Fact, Facts, Truth};
use tenantry::prove::identity::glob::Glob;
use tenantry::prove::identity::policy::{Origin, Policy};
use tenantry::prove::read::{Deployed, Engine, Thing};
use tenantry::prove::verdict::{Finding, Hop, Verdict};

use crate::prove::rendered;
use crate::prove_mutants::data::pool;
use crate::support::blueprints;

type Files = BTreeMap<String, String>;

fn judged(layer: &mut dyn Layer, files: &Files, engine: Engine) -> Vec<Finding> {
    let wanted = |kind: &str| Identity::default().wants(kind) || Data::default().wants(kind);
    let deployed = Deployed::read(files, engine, &wanted).expect("it can be read");
    deployed.each(&mut |thing| {
        if layer.wants(thing.kind) {
            layer.take(thing);
        }
    });
    for (path, text) in files {
        layer.file(path, text);
    }
    layer.judge()
}

const ENGINES: [Engine; 2] = [Engine::CloudFormation, Engine::Terraform];

#[test]
fn what_is_unbroken_is_clean() {
    for name in blueprints() {
        let files = rendered(&name);
        for engine in ENGINES {
            let mut found = judged(&mut Identity::default(), &files, engine);
            found.extend(judged(&mut Data::default(), &files, engine));
            let told: Vec<String> = found.iter().map(told).collect();
            assert!(told.is_empty(), "{name} {engine:?}\n{}", told.join("\n"));
        }
    }
}

/// Each partition of a pool is clean, and its boundary is named.
#[test]
fn each_partition_has_its_boundary() {
    let wanted =
        [("database", "data/database"), ("schema", "data/schema"), ("table", "data/row-security")];
    for (partition, by) in wanted {
        let files = pool(partition);
        let mut data = Data::default();
        let told: Vec<String> =
            judged(&mut data, &files, Engine::CloudFormation).iter().map(told).collect();
        assert!(told.is_empty(), "{partition}\n{}", told.join("\n"));
        let why = data.why("globex", "initech").expect("both are in the pool");
        assert_eq!((why.by, why.verdict), (by, Verdict::Shared));
        assert!(!why.witness.is_empty(), "{partition}: what makes the boundary is named");
        assert_eq!(data.why("globex", "nobody"), None);
    }
}

/// Whether a text is of a pattern, said once more and plainly.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, _) => text.is_empty(),
        (Some((b'*', rest)), None) => matches(rest, text),
        (Some((b'*', rest)), Some((_, later))) => matches(rest, text) || matches(pattern, later),
        (Some(_), None) => false,
        (Some((one, rest)), Some((first, later))) => {
            (*one == b'?' || one == first) && matches(rest, later)
        }
    }
}

/// All words over an alphabet up to a length.
fn words(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..longest {
        let until = all.len();
        for at in from..until {
            for letter in alphabet {
                let mut word: Vec<u8> = all[at].clone();
                word.push(*letter);
                all.push(word);
            }
        }
        from = until;
    }
    all
}

/// Every pair of patterns of up to four signs, against every text of up to eight letters: two patterns
/// of four signs that have a text in common have one that is no longer.
#[test]
fn patterns_are_compared_exactly() {
    let texts = words(b"ab", 8);
    let patterns = words(b"ab*?", 4);
    let sets: Vec<(Glob, Vec<u64>)> = patterns
        .iter()
        .map(|pattern| {
            let mut bits = vec![0_u64; texts.len().div_ceil(64)];
            for (n, _) in texts.iter().enumerate().filter(|(_, text)| matches(pattern, text)) {
                bits[n / 64] |= 1 << (n % 64);
            }
            (Glob::new(std::str::from_utf8(pattern).expect("ASCII")), bits)
        })
        .collect();
    let (mut common, mut held) = (0, 0);
    for ((a, of_a), pattern) in sets.iter().zip(&patterns) {
        for text in texts.iter().take(63) {
            let word = std::str::from_utf8(text).expect("ASCII");
            assert_eq!(a.matches(word), matches(pattern, text), "{a:?} {word}");
        }
        for (b, of_b) in &sets {
            let both = of_a.iter().zip(of_b).any(|(x, y)| x & y != 0);
            assert_eq!(a.overlaps(b), both, "{a:?} {b:?}");
            let all = of_a.iter().zip(of_b).all(|(x, y)| y & !x == 0);
            assert!(all || !a.covers(b), "{a:?} does not cover {b:?}");
            assert!(!all || a.covers(b) || !b.is_literal(), "{a:?} covers {b:?}");
            common += usize::from(both);
            held += usize::from(a.covers(b));
        }
    }
    assert!(common > 10_000 && held > 5_000, "{common} {held}");
}

#[test]
fn variables_and_escapes_stand_for_what_they_say() {
    let tenant = |name: &str| (name == "aws:PrincipalTag/T").then(|| Glob::literal("a*"));
    let path = Glob::with("x/${aws:PrincipalTag/T}/*", true, &tenant).expect("it has a value");
    assert!(path.matches("x/a*/1") && !path.matches("x/ab/1"));
    assert_eq!(Glob::with("${aws:username}", true, &tenant), None);
    assert!(Glob::new("a${*}b").matches("a*b") && !Glob::new("a${*}b").matches("acb"));
    assert!(Glob::new("a?{reason}").overlaps(&Glob::literal("axyz")), "it can be anything");
}

fn holds(condition: &Value, facts: &Facts) -> Truth {
    let document = json!({ "Statement": { "Effect": "Allow", "Condition": condition } });
    let policy = Policy::read("test", Origin::default(), &document);
    facts.hold(&policy.statements[0].conditions)
}

/// What a condition says of who asks: what is not known may hold, what is known does or does not.
#[test]
fn conditions_hold_never_maybe_or_always() {
    use Truth::{Always, Maybe, Never};
    let facts = Facts::default()
        .with("aws:PrincipalTag/Tenant", Fact::Is("globex".to_owned()))
        .with("aws:PrincipalAccount", Fact::Other)
        .with_all_tags();
    let cases = [
        (json!({ "StringEquals": { "aws:PrincipalTag/Tenant": "globex" } }), Always),
        (json!({ "StringEquals": { "AWS:principaltag/tenant": ["x", "globex"] } }), Always),
        (json!({ "StringEquals": { "aws:PrincipalTag/Tenant": "glob*" } }), Never),
        (json!({ "StringLike": { "aws:PrincipalTag/Tenant": "glob*" } }), Always),
        (json!({ "StringNotEquals": { "aws:PrincipalTag/Tenant": "globex" } }), Never),
        (json!({ "StringEqualsIgnoreCase": { "aws:PrincipalTag/Tenant": "GLOBEX" } }), Always),
        (json!({ "StringEquals": { "aws:PrincipalTag/Tier": "free" } }), Never),
        (json!({ "StringEqualsIfExists": { "aws:PrincipalTag/Tier": "free" } }), Always),
        (json!({ "StringNotEquals": { "aws:PrincipalTag/Tier": "free" } }), Always),
        (json!({ "ForAllValues:StringEquals": { "aws:PrincipalTag/Tier": "free" } }), Always),
        (json!({ "ForAnyValue:StringEquals": { "aws:PrincipalTag/Tier": "free" } }), Never),
        (json!({ "Null": { "aws:PrincipalTag/Tier": "true" } }), Always),
        (json!({ "Null": { "aws:PrincipalTag/Tenant": "true" } }), Never),
        (json!({ "Null": { "dynamodb:LeadingKeys": "false" } }), Maybe),
        (json!({ "StringEquals": { "aws:PrincipalAccount": "333333333333" } }), Never),
        (json!({ "StringNotEquals": { "aws:PrincipalAccount": "333333333333" } }), Always),
        (json!({ "StringLike": { "aws:PrincipalAccount": "3*" } }), Maybe),
        (json!({ "StringEquals": { "aws:RequestTag/X": "${aws:PrincipalTag/Tenant}" } }), Maybe),
        (json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }), Maybe),
        (json!({ "NumericLessThan": { "aws:MultiFactorAuthAge": "3600" } }), Maybe),
        (
            json!({ "StringEquals": { "aws:PrincipalTag/Tenant": "globex",
            "aws:PrincipalTag/Tier": "free" } }),
            Never,
        ),
    ];
    for (condition, wanted) in cases {
        assert_eq!(holds(&condition, &facts), wanted, "{condition}");
    }
}

/// An estate of one account, or two, in a few lines: things by type and id, each of a tenant.
fn estate(things: &[(&str, &str, &str, &str, Value)]) -> Vec<String> {
    let mut identity = Identity::default();
    for (kind, stack, account, tenant, properties) in things {
        let (stack, id) = stack.split_once('/').expect("stack/id");
        identity.take(&Thing {
            stack,
            id,
            kind,
            shape: stack,
            account,
            region: "eu-west-1",
            tenant: (!tenant.is_empty()).then_some(*tenant),
            home: None,
            properties: properties.clone(),
            tags: Vec::new(),
            file: "template.json",
            place: "/Resources",
        });
    }
    identity.judge().iter().map(told).collect()
}

const HERE: &str = "111111111111";
const THERE: &str = "222222222222";

fn role(statements: &Value) -> Value {
    json!({ "AssumeRolePolicyDocument": { "Statement": {
            "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" } },
        "Policies": [{ "PolicyName": "own", "PolicyDocument": { "Statement": statements } }] })
}

/// Two tenants: what the first is allowed, what bounds it, and what is said of a queue of the second.
fn two(
    allowed: &Value,
    boundary: Option<&Value>,
    queue: Option<&Value>,
    there: &str,
) -> Vec<String> {
    let mut of_a = role(allowed);
    let mut all = Vec::new();
    if let Some(boundary) = boundary {
        of_a["PermissionsBoundary"] = json!("@shared/Bound");
        let bound = json!({ "PolicyDocument": { "Statement": boundary } });
        all.push(("AWS::IAM::ManagedPolicy", "shared/Bound", HERE, "", bound));
    }
    all.push(("AWS::IAM::Role", "a/Role", HERE, "a", of_a));
    all.push(("AWS::IAM::Role", "b/Role", there, "b", role(&json!([]))));
    all.push(("AWS::SQS::Queue", "b/Queue", there, "b", json!({ "QueueName": "b-queue" })));
    if let Some(queue) = queue {
        let policy = json!({ "Queues": ["@b/Queue"], "PolicyDocument": { "Statement": queue } });
        all.push(("AWS::SQS::QueuePolicy", "b/Policy", there, "b", policy));
    }
    estate(&all)
}

#[test]
fn a_denial_wins_and_a_boundary_bounds() {
    let everything = json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": "*" });
    let reached = |found: &[String]| found.iter().any(|text| text.starts_with("a -> b"));
    assert!(reached(&two(&everything, None, None, HERE)));
    let denied = |deny: Value| two(&json!([everything, deny]), None, None, HERE);
    let deny = json!({ "Effect": "Deny", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:b-*" });
    assert!(!reached(&denied(deny)));
    let some = json!({ "Effect": "Deny", "Action": "sqs:Send*", "Resource": "*" });
    assert!(reached(&denied(some)), "other actions are left");
    let maybe = json!({ "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } });
    assert!(reached(&denied(maybe)), "a denial that may not hold is none");
    let logs = json!({ "Effect": "Allow", "Action": "logs:*", "Resource": "*" });
    assert!(!reached(&two(&everything, Some(&logs), None, HERE)));
    assert!(reached(&two(&everything, Some(&everything), None, HERE)));
}

#[test]
fn another_account_must_open_its_side() {
    let everything = json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": "*" });
    assert_eq!(two(&everything, None, None, THERE), Vec::<String>::new());
    let open = json!({ "Effect": "Allow", "Principal": { "AWS": "@a/Role.Arn" },
        "Action": "sqs:SendMessage", "Resource": "*" });
    let found = two(&everything, None, Some(&open), THERE);
    assert!(found.iter().any(|text| text.contains("sqs:sendmessage")), "{found:?}");
    let account = json!({ "Effect": "Allow", "Principal": { "AWS": HERE },
        "Action": "sqs:*", "Resource": "*" });
    let found = two(&json!([]), None, Some(&account), THERE);
    assert!(found.iter().any(|text| text.starts_with("a -> b")), "{found:?}");
}

/// A tenant that takes a shared role, and by it another, gets at what that one gets at.
#[test]
fn roles_are_followed() {
    let trust = |whom: &str| json!({ "Statement": { "Effect": "Allow", "Principal": { "AWS": whom }, "Action": "sts:AssumeRole" } });
    let read =
        json!({ "Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "@b/Queue.Arn" });
    let (mut first, mut second) = (role(&json!([])), role(&read));
    first["AssumeRolePolicyDocument"] = trust("@a/Role.Arn");
    second["AssumeRolePolicyDocument"] = trust("@shared/First.Arn");
    let found = estate(&[
        ("AWS::IAM::Role", "a/Role", HERE, "a", role(&json!([]))),
        ("AWS::IAM::Role", "shared/First", HERE, "", first),
        ("AWS::IAM::Role", "shared/Second", HERE, "", second),
        ("AWS::SQS::Queue", "b/Queue", HERE, "b", json!({})),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    let (a, b) = (found[0].find("@shared/First"), found[0].find("role @shared/Second"));
    assert!(found[0].starts_with("a -> b") && a < b, "{found:?}");
}

/// A finding in a few lines.
pub fn told(finding: &Finding) -> String {
    let hop = |hop: &Hop| format!("    {}: {} [{} {}]", hop.what, hop.why, hop.file, hop.pointer);
    let hops: Vec<String> = finding.witness.iter().map(hop).collect();
    let (from, to) = (&finding.from, &finding.to);
    format!("{from} -> {to}: {} {}\n{}", finding.by, finding.what, hops.join("\n"))
}
