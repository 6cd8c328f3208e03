//! What AWS weighs otherwise than one by one: rules and routes that name a prefix list, and rules that
//! count in both families; and blueprints that grow by one until they are over.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::check::quota::count;
use tenantry::check::quota::holding::{self, Whole};
use tenantry::check::quota::rows::ROWS;
use tenantry::synth::Made;
use tenantry::template::Template;
use tenantry::view::quotas;

use crate::support::{options, root, synth_text};

/// What a template of those resources holds of a quota: the most of any owner.
fn held(quota: &str, resources: &Value) -> u64 {
    let (json, template) = (json!({ "Resources": resources }), Template::nameless("t", "A test."));
    let whole = Whole { json: &json, template: &template, premises: 0 };
    let row = ROWS.iter().position(|row| row.id == quota).expect("a row");
    let all = holding::of(&whole, "", |_| true, &[]).into_iter().filter(|one| one.row == row);
    all.map(|one| one.amount.of(&[])).max().unwrap_or(0)
}

fn group(rules: &Value) -> Value {
    let list = json!({ "MaxEntries": 20, "AddressFamily": "IPv4", "PrefixListName": "offices" });
    json!({
        "Offices": { "Type": "AWS::EC2::PrefixList", "Properties": list },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupIngress": rules } },
    })
}

/// Each family has its own sixty; a group counts in both, a list as many times as it may have entries.
#[test]
fn a_rule_counts_by_family_and_weight() {
    const RULES: &str = "vpc.rules-per-security-group";
    let four = json!({ "IpProtocol": "tcp", "CidrIp": "10.0.0.0/8" });
    let six = json!({ "IpProtocol": "tcp", "CidrIpv6": "fd00::/8" });
    let peer = json!({ "IpProtocol": "tcp", "SourceSecurityGroupId": "sg-1" });
    let own = json!({ "IpProtocol": "tcp", "SourcePrefixListId": { "Ref": "Offices" } });
    let aws = json!({ "IpProtocol": "tcp", "SourcePrefixListId": "pl-11111111" });
    let rules = |all: &[&Value]| held(RULES, &group(&json!(all)));
    assert_eq!(rules(&[&four, &four, &four]), 3);
    assert_eq!(rules(&[&four, &six, &six]), 2, "the families have each their own");
    assert_eq!(rules(&[&four, &six, &six, &peer]), 3, "a group counts in both");
    assert_eq!(rules(&[&six, &own]), 21, "a list counts by what it may have");
    assert_eq!(rules(&[&four, &aws]), 56, "of a list that is not known, the heaviest there is");
}

/// A rule that stands beside the group counts as one inside, and each direction has its own sixty.
#[test]
fn a_rule_beside_the_group_counts_as_one_inside() {
    let mut all = group(&json!([{ "IpProtocol": "tcp", "CidrIp": "10.0.0.0/8" }]));
    let beside = |kind: &str, list: &str| {
        json!({ "Type": kind, "Properties": {
            "GroupId": { "Fn::GetAtt": ["Group", "GroupId"] }, list: { "Ref": "Offices" },
        } })
    };
    all["In"] = beside("AWS::EC2::SecurityGroupIngress", "SourcePrefixListId");
    assert_eq!(held("vpc.rules-per-security-group", &all), 21);
    all["Out"] = beside("AWS::EC2::SecurityGroupEgress", "DestinationPrefixListId");
    assert_eq!(held("vpc.rules-per-security-group", &all), 21);
}

/// A gateway endpoint leads from each of its tables by one list; a route by a list counts by its weight.
#[test]
fn a_route_counts_by_weight() {
    const ROUTES: &str = "vpc.routes-per-route-table";
    let mut all = group(&json!([]));
    let table = json!({ "Ref": "Table" });
    all["Table"] = json!({ "Type": "AWS::EC2::RouteTable", "Properties": {} });
    let route = |key: &str, to: &Value| json!({ "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": table, key: to } });
    let endpoint = |service: &str| {
        let name =
            json!({ "Fn::Join": ["", ["com.amazonaws.", { "Ref": "AWS::Region" }, service]] });
        json!({ "Type": "AWS::EC2::VPCEndpoint", "Properties": {
            "VpcEndpointType": "Gateway", "RouteTableIds": [table], "ServiceName": name,
        } })
    };
    all["Default"] = route("DestinationCidrBlock", &json!("0.0.0.0/0"));
    assert_eq!(held(ROUTES, &all), 1);
    all["S3"] = endpoint(".s3");
    all["Dynamodb"] = endpoint(".dynamodb");
    assert_eq!(held(ROUTES, &all), 3);
    all["Express"] = endpoint(".s3express");
    assert_eq!(held(ROUTES, &all), 9);
    all["ToOffices"] = route("DestinationPrefixListId", &json!({ "Ref": "Offices" }));
    assert_eq!(held(ROUTES, &all), 29);
}

/// A warehouse takes more of each of its subnets the more units it may have; notebooks one of each for
/// their file system, and four for each person.
#[test]
fn warehouses_and_notebooks_take_addresses() {
    const UNITS: &str = "vpc.network-address-usage";
    let subnet = |n: u8| format!("Subnet{n}");
    let subnets: Vec<Value> = (0..3).map(|n| json!({ "Ref": subnet(n) })).collect();
    let mut all = json!({});
    for n in 0..3 {
        let zone = format!("eu-west-1{n}");
        let it = json!({ "VpcId": { "Ref": "Vpc" }, "AvailabilityZone": zone });
        all[subnet(n)] = json!({ "Type": "AWS::EC2::Subnet", "Properties": it });
    }
    let mut warehouse = |most: u64| {
        let it = json!({ "MaxCapacity": most, "SubnetIds": subnets });
        all["It"] = json!({ "Type": "AWS::RedshiftServerless::Workgroup", "Properties": it });
        held(UNITS, &all)
    };
    let sizes = [(8, 9), (16, 13), (32, 13), (40, 21), (64, 21), (128, 37), (256, 69), (512, 133)];
    for (most, each) in sizes {
        assert_eq!(warehouse(most), 3 * each, "{most}");
    }
    let it = json!({ "VpcId": { "Ref": "Vpc" }, "SubnetIds": subnets });
    all["It"] = json!({ "Type": "AWS::SageMaker::Domain", "Properties": it });
    for people in 0..4_u64 {
        // One file system in each, of six units; four, eight and twelve are spread over three.
        assert_eq!(held(UNITS, &all), 18 + 3 * [0, 2, 3, 4][usize::try_from(people).expect("few")]);
        let it = json!({ "DomainId": { "Ref": "It" }, "UserProfileName": format!("p{people}") });
        all[format!("P{people}")] =
            json!({ "Type": "AWS::SageMaker::UserProfile", "Properties": it });
    }
}

/// What is over with a blueprint.
fn over(text: &str) -> BTreeSet<&'static str> {
    let outcome = synth_text("limit.yaml", text.as_bytes(), None, &root(), options());
    let made =
        outcome.made.or(outcome.stopped).unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
    let uses = count(&made.spec, &made.estate);
    uses.iter().filter(|one| one.is_over()).map(|one| one.quota).collect()
}

const HEAD: &str = "version: 1\nname: brim\nenvironment: test\nregions: [eu-west-1]\n\
     accounts: { workload: '333333333333' }\n";

/// So many blocks on premises, behind a hub that tenants are peered with.
fn premises(blocks: u64) -> String {
    let cidrs: Vec<String> = (0..blocks).map(|n| format!("192.168.{n}.0/24")).collect();
    format!(
        "{HEAD}network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/14 }}], hub: {{ connect: peering, prefix: 22 }}, \
         on_premises: {{ cidrs: [{}], vpn: {{ gateway_ip: 198.51.100.7, asn: 65010 }} }} }}\n\
         tiers: {{ one: {{ isolation: vpc, network: {{ prefix: 22 }} }} }}\n\
         tenants: [{{ id: globex, tier: one }}]\n",
        cidrs.join(", ")
    )
}

/// The same behind a transit gateway.
fn beyond_transit(blocks: u64) -> String {
    premises(blocks).replace("connect: peering", "connect: transit-gateway")
}

/// A pool of so many instances.
fn pool(most: u64) -> String {
    format!(
        "{HEAD}network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/14 }}] }}\n\
         tiers: {{ free: {{ isolation: application, network: {{ cell_prefix: 18 }}, pool: {{ tenants: 10 }}, \
         app: {{ instances: {{ types: [t4g.small], min: 1, max: {most} }} }}, \
         data: {{ engine: dynamodb, partition: item, tables: {{ orders: {{}} }} }}, throttle: {{ rate: 1, burst: 2 }} }} }}\n\
         tenants: [{{ id: globex, tier: free }}]\n"
    )
}

/// So many tenants with a VPC.
fn silos(tenants: u64) -> String {
    let all: Vec<String> = (0..tenants).map(|n| format!("{{ id: t{n}, tier: one }}")).collect();
    format!(
        "{HEAD}network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/14 }}], hub: {{ connect: peering, prefix: 22 }}, \
         egress: {{ nat: none }} }}\n\
         tiers: {{ one: {{ isolation: vpc, network: {{ prefix: 22 }} }} }}\ntenants: [{}]\n",
        all.join(", ")
    )
}

/// So many tenants of containers, each with a service of a quarter of a processor for each of its tasks.
fn containers(tenants: u64, tasks: u64) -> String {
    let all: Vec<String> = (0..tenants).map(|n| format!("{{ id: t{n}, tier: c }}")).collect();
    let arn = "arn:aws:acm:eu-west-1:333333333333:certificate/11111111-2222-4333-8444-555555555555";
    let other = arn.replace("333333333333", "444444444444");
    format!(
        "{HEAD}network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/14 }}] }}\n\
         tiers: {{ c: {{ isolation: container, network: {{ cell_prefix: 20 }}, \
         ingress: {{ domain: c.example.com, certificates: {{ eu-west-1: ['{arn}', '{other}'] }} }}, \
         service: {{ image: web, port: 80, cpu: 256, memory: 512, scale: {{ max: {tasks} }} }} }} }}\n\
         tenants: [{}]\n",
        all.join(", ")
    )
}

fn tasks(most: u64) -> String {
    let other =
        ", 'arn:aws:acm:eu-west-1:444444444444:certificate/11111111-2222-4333-8444-555555555555'";
    containers(1, most).replace(other, "")
}

/// What AWS begins with and raises by itself is told, and stops nothing; what was granted stops, fills
/// accounts in turn, and is foreseen.
#[test]
fn what_aws_raises_by_itself_warns_until_it_is_said() {
    const VCPUS: &str = "fargate.on-demand-vcpus";
    let made = |text: &str| {
        let outcome = synth_text("limit.yaml", text.as_bytes(), None, &root(), options());
        outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
    };
    let shown = |made: &Made| {
        let report = quotas::report(made);
        let one = report.uses.iter().find(|one| one.quota == VCPUS).expect("it is used").clone();
        let ends = report.growth[0].limits.iter().find(|it| it.what.id() == VCPUS).cloned();
        (one, ends, quotas::text(&report, false))
    };
    // Twenty tasks of a quarter, and as many while they are replaced.
    let (one, ends, text) = shown(&made(&tasks(20)));
    assert_eq!((one.used, one.limit, one.is_above(), one.is_over()), (10, Some(6), true, false));
    assert!(ends.is_none() && text.contains("above: fargate.on-demand-vcpus in "), "{text}");
    assert!(!text.contains("OVER"), "{text}");
    let said = |limit: u64, text: &str| format!("quotas: {{ {VCPUS}: {limit} }}\n{text}");
    let (one, ends, text) = shown(&made(&said(12, &tasks(20))));
    assert!(!one.is_above() && !text.contains("above:"), "{text}");
    let ends = ends.expect("it ends the growth");
    assert_eq!((ends.limit, ends.fits), (12, 1), "two take twenty");
    // Four tasks each are two processors: two tenants fit into an account.
    let accounts = |text: String| -> Vec<String> {
        let two =
            text.replace("workload: '333333333333'", "workload: ['333333333333', '444444444444']");
        made(&two).plan.tenants.values().map(|it| it.account.clone()).collect()
    };
    let (first, second) = ("333333333333", "444444444444");
    assert_eq!(accounts(containers(4, 4)), [first; 4]);
    assert_eq!(accounts(said(4, &containers(4, 4))), [first, first, second, second]);
}

/// So many tags of the user's own on everything.
fn tagged(tags: u64) -> String {
    let all: Vec<String> = (0..tags).map(|n| format!("Key{n}: v")).collect();
    format!("tags: {{ common: {{ {} }} }}\n{}", all.join(", "), silos(1))
}

/// Where AWS has granted more rules for a group, it takes from the groups of an interface.
#[test]
fn what_is_granted_of_rules_is_taken_from_groups() {
    let limits = |quotas: &str| {
        let text = format!("quotas: {{ {quotas} }}\n{}", pool(2));
        let outcome = synth_text("limit.yaml", text.as_bytes(), None, &root(), options());
        let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
        let uses = count(&made.spec, &made.estate);
        let of = |id: &str| uses.iter().find(|one| one.quota == id).and_then(|one| one.limit);
        [of("vpc.rules-per-security-group"), of("vpc.security-groups-per-eni")]
    };
    assert_eq!(limits("vpc.vpcs-per-region: 5"), [Some(60), Some(5)]);
    assert_eq!(limits("vpc.rules-per-security-group: 200"), [Some(200), Some(5)]);
    assert_eq!(limits("vpc.rules-per-security-group: 300"), [Some(300), Some(3)]);
    assert_eq!(limits("vpc.security-groups-per-eni: 16"), [Some(60), Some(16)]);
    let both = "vpc.rules-per-security-group: 100, vpc.security-groups-per-eni: 10";
    assert_eq!(limits(both), [Some(100), Some(10)]);
}

/// Not the limit moves here, but the blueprint: at the limit it passes, and with one more of something
/// it is over that one quota.
#[test]
fn one_more_is_over_that_quota() {
    type Grows = fn(u64) -> String;
    let cases: [(&'static str, Grows, u64, u64); 9] = [
        ("vpc.propagated-routes-per-route-table", premises, 3, 3),
        // The hub's VPC, the tenant's, and each block in both tables.
        ("tgw.routes-per-transit-gateway", beyond_transit, 3, 8),
        ("elb.targets-per-target-group", pool, 12, 12),
        // A quarter for each task, twice.
        ("fargate.on-demand-vcpus", tasks, 8, 4),
        // A `t4g.small` has two.
        ("ec2.on-demand-standard-vcpus", pool, 12, 24),
        // In the first zone: that of the load balancer, the NAT gateway, and half of the instances.
        ("vpc.network-interfaces-per-region", pool, 12, 8),
        // The foundation, the hub, and each tenant's.
        ("cloudformation.stacks-per-account", silos, 3, 5),
        ("vpc.active-peerings-per-vpc", silos, 3, 3),
        // A VPC has `Name`, `Estate`, `Environment`, `Tenant`, `TenantName` and `Tier` besides.
        ("tags.tags-per-resource", tagged, 4, 10),
    ];
    for (id, grows, most, limit) in cases {
        let with = |count| format!("quotas: {{ {id}: {limit} }}\n{}", grows(count));
        assert_eq!(over(&with(most)), BTreeSet::new(), "{id}");
        assert_eq!(over(&with(most + 1)), BTreeSet::from([id]), "{id}");
    }
}
