//! What AWS has granted and what is there already, from the blueprint and from what the AWS command line
//! prints; and what is asked of AWS.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tenantry::aws::quota;
use tenantry::check::quota::{Use, count};
use tenantry::spec::quota::Place;
use tenantry::view::request;

use crate::support::{options, root, synth_text, tenantry, told};

pub const ACCOUNT: &str = "333333333333";

pub fn quickstart() -> String {
    fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("a blueprint")
}

/// A folder with a blueprint and listings; the exit code and both outputs of `quotas`.
pub fn run(blueprint: &str, files: &[(&str, String)], arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("b.yaml"), blueprint).expect("it can be written");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("it can be written");
    }
    told(&tenantry(folder.path(), &[&["quotas", "b.yaml"], arguments].concat()))
}

/// The use of a quota as JSON shows it, in its fullest place.
fn shown(output: &str, id: &str) -> Value {
    let json: Value = serde_json::from_str(output).expect("JSON");
    let uses = json["uses"].as_array().expect("a list").clone();
    uses.into_iter().find(|one| one["quota"] == id).unwrap_or_else(|| panic!("{id} is not there"))
}

/// An entry as Service Quotas lists it.
pub fn granted(service: &str, code: &str, value: f64, region: &str, account: &str) -> Value {
    json!({
        "ServiceCode": service, "QuotaCode": code, "Value": value, "Unit": "None",
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{account}:{service}/{code}"),
        "Adjustable": true, "GlobalQuota": region.is_empty(), "QuotaAppliedAtLevel": "ACCOUNT",
    })
}

pub fn quotas(entries: &[Value]) -> String {
    serde_json::to_string_pretty(&json!({ "Quotas": entries })).expect("JSON")
}

pub const VPCS: &str = "L-F678F1CE";

/// A grant is matched by its code, in the account and region of its ARN; the table's default stands
/// everywhere else.
#[test]
fn what_is_granted_is_matched_by_code_and_place() {
    let mine = granted("vpc", VPCS, 40.0, "eu-west-1", ACCOUNT);
    let roles = granted("iam", "L-FE177D64", 1500.0, "", ACCOUNT);
    let theirs = granted("vpc", VPCS, 77.0, "eu-west-1", "555555555555");
    let unknown = granted("vpc", "L-00000000", 1.0, "eu-west-1", ACCOUNT);
    let of = |entries: &[Value], place: &str| {
        let file = format!("{place}g.json");
        let arguments = ["--granted", &file, "--format", "json"];
        run(&quickstart(), &[("g.json", quotas(entries))], &arguments)
    };
    let (code, out, said) = of(&[mine.clone(), roles, unknown], "");
    assert_eq!((code, said.as_str()), (0, ""));
    assert_eq!((&shown(&out, "vpc.vpcs-per-region")["limit"], 40), (&json!(40), 40));
    assert_eq!(shown(&out, "iam.roles-per-account")["limit"], 1500, "global, in no region");
    // Somebody else's grant is none of ours, and that of another region is not asked.
    let (code, _, said) = of(&[mine.clone(), theirs], "");
    assert!(
        code == 1 && said.contains("granted in 555555555555/eu-west-1, but no account"),
        "{said}"
    );
    let elsewhere = granted("vpc", VPCS, 40.0, "us-east-1", ACCOUNT);
    let (_, out, _) = of(&[elsewhere], "");
    assert_eq!(shown(&out, "vpc.vpcs-per-region")["limit"], 5, "the default");
    // Defaults have no account in their ARN: the place that is named counts.
    let default = granted("vpc", VPCS, 6.0, "eu-west-1", "");
    let (code, out, _) = of(&[default], "333333333333/eu-west-1=");
    assert_eq!((code, &shown(&out, "vpc.vpcs-per-region")["limit"]), (0, &json!(6)));
    // One less than is used is over, and ends with 3.
    let short = granted("vpc", VPCS, 3.0, "eu-west-1", ACCOUNT);
    let (code, out, _) = of(&[short], "");
    assert_eq!((code, &shown(&out, "vpc.vpcs-per-region")["over"]), (3, &json!(true)));
    let exact = granted("vpc", VPCS, 4.0, "eu-west-1", ACCOUNT);
    assert_eq!(of(&[exact], "").0, 0, "two tenants, a cell and the hub");
}

/// What AWS says of a single quota is as good as a listing.
#[test]
fn a_single_grant_is_read() {
    let one = |value: f64| {
        let text =
            json!({ "Quota": granted("vpc", VPCS, value, "eu-west-1", ACCOUNT) }).to_string();
        run(&quickstart(), &[("g.json", text)], &["--granted", "g.json", "--format", "json"])
    };
    let (code, out, said) = one(40.0);
    assert_eq!((code, said.as_str()), (0, ""));
    assert_eq!(shown(&out, "vpc.vpcs-per-region")["limit"], 40);
    assert_eq!(one(3.0).0, 3, "one less than is used");
    // Given as what is there, it is told what it is.
    let text = json!({ "Quota": granted("vpc", VPCS, 40.0, "eu-west-1", ACCOUNT) }).to_string();
    let there = ["--existing", "333333333333/eu-west-1=g.json"];
    let (code, _, said) = run(&quickstart(), &[("g.json", text)], &there);
    assert!(code == 1 && said.contains("is given with --granted"), "{said}");
}

/// What AWS grants an account for all regions at once is the account's, whichever region the ARN names: the one that
/// keeps it, where the estate may not be.
#[test]
fn what_is_granted_an_account_has_no_region() {
    const ROLES: &str = "L-FE177D64";
    let of = |entries: &[Value], more: &[&str]| {
        let arguments = [&["--granted", "g.json"], more].concat();
        run(&quickstart(), &[("g.json", quotas(entries))], &arguments)
    };
    let one = |region: &str| {
        let rows = [(ROLES, 0.0), ("L-0DA4ABF3", 22.0)];
        rows.map(|(code, count)| granted("iam", code, count, region, ACCOUNT))
    };
    let told = of(&one(""), &[]);
    assert_eq!(told.0, 3, "none is not enough: {}", told.1);
    let kept = format!(
        "places:\n  \"{ACCOUNT}\":\n    quotas:\n      iam.managed-policies-per-role: 22\n      \
         iam.roles-per-account: 0\n"
    );
    for region in ["", "eu-west-1", "us-east-1", "ap-south-1"] {
        assert_eq!(of(&one(region), &[]), told, "{region}");
        assert_eq!(of(&one(region), &["--keep"]), (0, kept.clone(), String::new()), "{region}");
    }
    let again = run(&format!("{}\n{kept}", quickstart()), &[], &[]);
    assert_eq!((again.0, again.1), (3, told.1), "kept, it says the same");
    // It is in the listing of every region; what AWS counts in each of them still is of that one.
    let named = "333333333333/eu-west-1=g.json";
    let (code, out, said) = run(
        &quickstart(),
        &[("g.json", quotas(&one("us-east-1")))],
        &["--granted", named, "--keep"],
    );
    assert_eq!((code, out, said), (0, kept, String::new()));
    let vpcs = granted("vpc", VPCS, 9.0, "us-east-1", ACCOUNT);
    let (_, out, _) = of(&[vpcs], &["--keep"]);
    assert!(out.contains("333333333333/us-east-1"), "{out}");
    // So are those of VPC that are counted by account.
    let pending = granted("vpc", "L-DC9F7029", 40.0, "eu-west-1", ACCOUNT);
    let (_, out, _) = of(&[pending], &["--keep"]);
    assert!(out.contains("333333333333/eu-west-1"), "{out}");
    // Of two regions the least is certain; of one, AWS says one number.
    let role = |count, region| granted("iam", ROLES, count, region, ACCOUNT);
    for both in [["us-east-1", "eu-west-1"], ["eu-west-1", "us-east-1"]] {
        for counts in [[70.0, 60.0], [60.0, 70.0]] {
            let (code, out, said) =
                of(&[role(counts[0], both[0]), role(counts[1], both[1])], &["--keep"]);
            assert!(code == 0 && out.contains("roles-per-account: 60\n"), "{out}{said}");
        }
    }
    let (code, _, said) = of(&[role(60.0, "us-east-1"), role(70.0, "us-east-1")], &[]);
    assert!(code == 1 && said.contains("is granted in 333333333333 twice, 60 and 70"), "{said}");
}

/// What is granted the organization is its management account's, though AWS lists it in every account.
#[test]
fn what_is_granted_the_organization_is_of_who_manages_it() {
    let text = fs::read_to_string(root().join("blueprints/full.yaml")).expect("a blueprint");
    let kept = |account: &str| {
        let one = granted("organizations", "L-29A0C5DF", 40.0, "us-east-1", account);
        run(&text, &[("g.json", quotas(&[one]))], &["--granted", "g.json", "--keep"])
    };
    let (code, out, said) = kept("111111111111");
    assert!(code == 0 && out.contains("organizations.accounts: 40\n"), "{out}{said}");
    assert_eq!(kept(ACCOUNT), (0, "places: {}\n".to_owned(), String::new()));
}

/// What an account holds, listing by listing: of ours, of others, and what is gone.
fn listings() -> Vec<(&'static str, String)> {
    let tags = |estate: &str| json!([{"Key": "Estate", "Value": estate}, {"Key": "Environment", "Value": "prod"}]);
    let vpcs = json!({"Vpcs": [
        {"VpcId": "vpc-1", "OwnerId": ACCOUNT, "IsDefault": true},
        {"VpcId": "vpc-2", "OwnerId": ACCOUNT, "Tags": tags("acme")},
        {"VpcId": "vpc-3", "OwnerId": ACCOUNT, "Tags": tags("umbrella")},
        {"VpcId": "vpc-4", "OwnerId": "555555555555"},
    ]});
    let groups = json!({"SecurityGroups": [
        {"GroupId": "sg-1", "GroupName": "default", "VpcId": "vpc-1", "OwnerId": ACCOUNT},
        {"GroupId": "sg-2", "GroupName": "default", "VpcId": "vpc-2", "OwnerId": ACCOUNT},
        {"GroupId": "sg-3", "GroupName": "web", "VpcId": "vpc-3", "OwnerId": ACCOUNT},
    ]});
    let gateways = json!({"TransitGateways": [
        {"TransitGatewayId": "tgw-1", "OwnerId": ACCOUNT, "State": "available"},
        {"TransitGatewayId": "tgw-2", "OwnerId": ACCOUNT, "State": "deleted"},
    ]});
    // Neither shows tags: roles are known by their names.
    let roles = json!({"Roles": [
        {"RoleName": "acme-prod-tenant-globex-Role-1ABC", "Path": "/"},
        {"RoleName": "StackSet-acme-prod-audit-tenants-recor-ConfigRole-1ABC", "Path": "/"},
        {"RoleName": "acme-production", "Path": "/"},
        {"RoleName": "AWSServiceRoleForECS", "Path": "/aws-service-role/ecs.amazonaws.com/"},
    ]});
    // Ours stand in our VPC.
    let nats = json!({"NatGateways": [
        {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available"},
        {"NatGatewayId": "nat-2", "VpcId": "vpc-2", "State": "available"},
        {"NatGatewayId": "nat-3", "VpcId": "vpc-3", "State": "failed"},
    ]});
    let tables = json!({"TableNames": ["acme-prod-catalogue", "orders"]});
    let stacks = json!({"Stacks": [
        {"StackName": "acme-prod-foundation-eu-west-1", "StackStatus": "CREATE_COMPLETE"},
        {"StackName": "renamed", "StackStatus": "CREATE_COMPLETE", "Tags": tags("acme")},
        {"StackName": "billing", "StackStatus": "ROLLBACK_COMPLETE", "Tags": tags("umbrella")},
        {"StackName": "gone", "StackStatus": "DELETE_COMPLETE"},
        {"StackName": "stuck", "StackStatus": "DELETE_FAILED"},
    ]});
    [
        ("v.json", &vpcs),
        ("g.json", &groups),
        ("t.json", &gateways),
        ("r.json", &roles),
        ("d.json", &tables),
        ("n.json", &nats),
        ("s.json", &stacks),
    ]
    .map(|(name, json)| (name, json.to_string()))
    .to_vec()
}

/// What others made is added; what tenantry made is not counted twice: by its tags, by its VPC, or by
/// its name. What is shared by others, or deleted, is not the account's.
#[test]
fn what_is_there_is_counted_once() {
    let files = listings();
    let here = |file: &str| format!("{ACCOUNT}/eu-west-1={file}");
    let named = ["v.json", "g.json", "t.json", "d.json", "n.json", "s.json"];
    let named: Vec<String> = named.map(here).to_vec();
    let roles = format!("{ACCOUNT}=r.json");
    let mut arguments = vec!["--format", "json", "--existing", &roles];
    for file in &named {
        arguments.extend(["--existing", file]);
    }
    let (_, out, said) = run(&quickstart(), &files, &arguments);
    assert_eq!(said, "");
    let (_, before, _) = run(&quickstart(), &[], &["--format", "json"]);
    let others = |id: &str| shown(&out, id)["others"].as_u64().expect("a number");
    assert_eq!(others("vpc.vpcs-per-region"), 2, "the default one, and Umbrella's");
    assert_eq!(others("vpc.security-groups-per-region"), 2, "not that of our VPC");
    assert_eq!(others("tgw.transit-gateways-per-account"), 1, "not the deleted one");
    assert_eq!(others("iam.roles-per-account"), 2, "not ours; one that only looks alike is");
    assert_eq!(others("cloudformation.stacks-per-account"), 2, "not ours, nor what is deleted");
    assert_eq!(others("vpc.nat-gateways-per-az"), 1, "not ours, not the one that failed");
    for id in [
        "vpc.vpcs-per-region",
        "vpc.nat-gateways-per-az",
        "iam.roles-per-account",
        "tgw.transit-gateways-per-account",
    ] {
        let used = |out: &str| shown(out, id)["used"].as_u64().expect("a number");
        assert_eq!(used(&out), used(&before) + others(id), "{id}");
    }
    // Nothing to keep is a mapping, too.
    let (_, nothing, _) = run(&quickstart(), &[], &["--keep"]);
    assert_eq!(nothing, "places: {}\n");
    // Kept for CI, the blueprint says the same.
    let mut keep = arguments[2..].to_vec();
    keep.push("--keep");
    let (code, places, _) = run(&quickstart(), &files, &keep);
    assert_eq!(code, 0);
    let kept = format!("{}\n{places}", quickstart());
    let (_, again, said) = run(&kept, &[], &["--format", "json"]);
    assert_eq!((again.as_str(), said.as_str()), (out.as_str(), ""), "{places}");
}

/// Listings of what stands around tenants: ours are known by their names, with underscores where there may
/// be no hyphens, and what AWS itself made counts for nobody.
#[test]
fn what_stands_around_tenants_is_known_by_its_name() {
    let cases = [
        (
            "kinesis.on-demand-streams",
            json!({"StreamSummaries": [
                {"StreamName": "orders", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
                {"StreamName": "shards", "StreamModeDetails": {"StreamMode": "PROVISIONED"}},
                {"StreamName": "acme-prod-analytics-events", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
            ]}),
        ),
        (
            "glue.databases-per-account",
            json!({"DatabaseList": [{"Name": "acme_prod_usage"}, {"Name": "default"}]}),
        ),
        (
            "backup.restore-testing-plans",
            json!({"RestoreTestingPlans": [
                {"RestoreTestingPlanName": "acme_prod_silo"}, {"RestoreTestingPlanName": "acme_production"},
            ]}),
        ),
        (
            "route53resolver.firewall-domain-lists-per-region",
            json!({"FirewallDomainLists": [
                {"Name": "AWSManagedDomainsMalwareDomainList", "ManagedOwnerName": "Route 53 Resolver DNS Firewall"},
                {"Name": "acme-prod-estate-blocked"}, {"Name": "blocked"},
            ]}),
        ),
        (
            "codebuild.projects-per-region",
            json!({"projects": ["acme-prod-delivery-check", "nightly"]}),
        ),
        (
            "codedeploy.applications-per-region",
            json!({"applications": ["acme-prod-free-1", "shop"]}),
        ),
        ("imagebuilder.pipelines-per-region", json!({"imagePipelineList": [{"name": "golden"}]})),
        (
            "access-analyzer.account-analyzers-per-region",
            json!({"analyzers": [
                {"name": "outside", "type": "ACCOUNT"}, {"name": "unused", "type": "ACCOUNT_UNUSED_ACCESS"},
            ]}),
        ),
        (
            "config.rules-per-region",
            json!({"ConfigRules": [{"ConfigRuleName": "securityhub-ec2"}]}),
        ),
    ];
    let names: Vec<String> = (0..cases.len()).map(|n| format!("{n}.json")).collect();
    let here: Vec<String> = names.iter().map(|it| format!("{ACCOUNT}/eu-west-1={it}")).collect();
    let files: Vec<(&str, String)> =
        names.iter().map(String::as_str).zip(cases.iter().map(|it| it.1.to_string())).collect();
    let mut arguments = vec!["--keep"];
    arguments.extend(here.iter().flat_map(|place| ["--existing", place]));
    let (code, kept, said) = run(&quickstart(), &files, &arguments);
    assert_eq!((code, said.as_str()), (0, ""));
    let mut lines: Vec<String> = cases.iter().map(|(id, _)| format!("      {id}: 1\n")).collect();
    lines.sort();
    assert_eq!(kept, format!("places:\n  \"{ACCOUNT}/eu-west-1\":\n    used:\n{}", lines.concat()));
    let more = json!({"DeliveryStreamNames": ["a"], "HasMoreDeliveryStreams": true}).to_string();
    let here = format!("{ACCOUNT}/eu-west-1=f.json");
    let (code, _, said) = run(&quickstart(), &[("f.json", more)], &["--existing", &here]);
    assert!(code == 1 && said.contains("only a part of what there is"), "{said}");
}

/// The nearest of what is said counts, for what is granted and what is used.
#[test]
fn the_nearest_place_counts() {
    let with = |quotas: &str| {
        let text = format!("{}\n{quotas}", quickstart());
        let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
        outcome.made.expect("it is sound").spec.quotas
    };
    let all = with(
        "quotas: { vpc.vpcs-per-region: 10 }\nplaces:\n\
         \x20 \"333333333333\": { quotas: { vpc.vpcs-per-region: 20 }, used: { iam.roles-per-account: 7 } }\n\
         \x20 333333333333/eu-west-1: { quotas: { vpc.vpcs-per-region: 30 }, used: { vpc.vpcs-per-region: 3 } }\n",
    );
    let granted = |account, region| all.granted_in("vpc.vpcs-per-region", account, region);
    assert_eq!(granted(ACCOUNT, "eu-west-1"), Some(30));
    assert_eq!(granted(ACCOUNT, "us-east-1"), Some(20));
    assert_eq!(granted("555555555555", "eu-west-1"), Some(10));
    assert_eq!(all.granted_in("vpc.subnets-per-vpc", ACCOUNT, "eu-west-1"), Some(200), "default");
    assert_eq!(all.used_in("vpc.vpcs-per-region", ACCOUNT, "eu-west-1"), 3);
    assert_eq!(all.used_in("vpc.vpcs-per-region", ACCOUNT, "us-east-1"), 0);
    assert_eq!(all.used_in("iam.roles-per-account", ACCOUNT, "us-east-1"), 7, "in every region");
}

/// Placement sees what is granted in a place, and what others use there, as counting does: cells hold
/// fewer where there is less, and nowhere else.
#[test]
fn placement_sees_what_is_said_of_places() {
    let mut text = "version: 1\nname: acme\nenvironment: test\nregions: [eu-west-1, us-east-1]\n\
         accounts: { workload: '333333333333' }\n\
         network: { pools: [{ cidr: 10.0.0.0/8 }], zones: 2, zone_slots: 2, egress: { nat: none } }\n\
         places: { 333333333333/eu-west-1: { quotas: { vpc.subnets-per-vpc: 10 } } }\n\
         tiers: { team: { isolation: subnet, network: { prefix: 26, cell_prefix: 18 } } }\ntenants:\n"
        .to_owned();
    for n in 0..7 {
        for region in ["eu-west-1", "us-east-1"] {
            let _ = writeln!(text, "  - {{ id: {region}-t{n}, tier: team, region: {region} }}");
        }
    }
    let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
    let made = outcome.made.expect("it is sound");
    let cells = |region: &str| made.plan.cells.values().filter(|it| it.region == region).count();
    // Two subnets for each, and four that all share: three tenants in a cell of ten.
    assert_eq!((cells("eu-west-1"), cells("us-east-1")), (3, 1));
    let uses = count(&made.spec, &made.estate);
    assert!(uses.iter().all(|one| one.quota != "vpc.subnets-per-vpc" || !one.is_over()));
}

/// Uses of an estate whose every quota that can be said is said to be one less than what is used.
fn over() -> Vec<Use> {
    let text = fs::read(root().join("blueprints/hybrid.yaml")).expect("a blueprint");
    let outcome = synth_text("b.yaml", &text, None, &root(), options());
    let mut made = outcome.made.expect("it is sound");
    for one in count(&made.spec, &made.estate) {
        let place = Place { account: one.account.clone(), region: None };
        made.spec.quotas.grant(place, one.quota, 0);
    }
    count(&made.spec, &made.estate)
}

/// What is asked: for each account, region and quota once, with AWS's code of that quota, at least what
/// is used in every place of it and at most what AWS ever grants; what cannot be asked is said.
#[test]
fn what_is_asked_is_enough_and_never_too_much() {
    let uses = over();
    let script = request::commands(&request::of_uses(&uses, Vec::new()));
    let mut asked: BTreeMap<(String, String), (String, u64)> = BTreeMap::new();
    let mut account = String::new();
    for line in script.lines() {
        if let Some(named) = line.strip_prefix("# with credentials of account ") {
            account = named.to_owned();
        }
        let words: Vec<&str> = line.split(' ').collect();
        let ["aws", "service-quotas", "request-service-quota-increase", rest @ ..] = &words[..]
        else {
            assert!(line.starts_with('#') || line.starts_with("set -"), "{line}");
            continue;
        };
        let of: BTreeMap<&str, &str> = rest.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        assert_eq!(of.len(), 4, "{line}");
        let value: u64 = of["--desired-value"].parse().expect("a number");
        let key = (account.clone(), of["--quota-code"].to_owned());
        assert!(asked.insert(key, (of["--region"].to_owned(), value)).is_none(), "{line} is twice");
    }
    assert!(asked.len() > 20, "{script}");
    for ((account, code), (region, value)) in &asked {
        let row = quota::all().iter().find(|row| row.code == Some(code)).expect("a row");
        assert!(row.adjustable && row.max.is_none_or(|most| *value <= u64::from(most)), "{code}");
        let own = uses.iter().filter(|one| one.quota == row.id && one.account == *account);
        assert_eq!(own.map(|one| one.used).max(), Some(*value), "{} in {account}", row.id);
        let global = row.id.starts_with("iam.") || row.id.starts_with("organizations.");
        assert_eq!(region, if global { "us-east-1" } else { "eu-west-1" }, "{}", row.id);
    }
    for one in &uses {
        // What AWS raises with another quota is not asked for itself.
        let row = one.row().asked();
        let fits = row.max.is_none_or(|most| one.used <= u64::from(most));
        let can = row.adjustable && row.code.is_some() && fits && one.account != "000000000000";
        let there = row
            .code
            .is_some_and(|code| asked.contains_key(&(one.account.clone(), code.to_owned())));
        assert!(!one.is_over() || can == there || there, "{} in {}", one.quota, one.place);
    }
    assert!(script.contains("; AWS does not raise it; "));
    // The same in Terraform, with a provider for each account and region.
    let json: Value =
        serde_json::from_str(&request::terraform(&request::of_uses(&uses, Vec::new())))
            .expect("JSON");
    let resources = &json["resource"]["aws_servicequotas_service_quota"];
    let resources = resources.as_object().expect("resources");
    assert_eq!(resources.len(), asked.len());
    let providers = json["provider"]["aws"].as_array().expect("providers");
    for (name, it) in resources {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(name.chars().all(sound), "{name}");
        let provider = providers.iter().find(|one| {
            it["provider"].as_str()
                == one["alias"].as_str().map(|it| format!("aws.{it}")).as_deref()
        });
        let provider = provider.expect("it is declared");
        let account = provider["allowed_account_ids"][0].as_str().expect("an account");
        let code = it["quota_code"].as_str().expect("a code");
        let (region, value) = &asked[&(account.to_owned(), code.to_owned())];
        assert_eq!(
            (provider["region"].as_str(), it["value"].as_u64()),
            (Some(&**region), Some(*value))
        );
    }
    is_shell(&script);
}

/// The shell reads it. What `shellcheck` says of it is in the target `judges`.
fn is_shell(script: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("request.sh");
    fs::write(&path, script).expect("it can be written");
    let bash = Command::new("bash").arg("-n").arg(&path).output().expect("bash is there");
    assert!(bash.status.success(), "{bash:?}");
}
