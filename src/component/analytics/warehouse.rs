//! Questions across tenants, for those who run the estate: a warehouse in a network of its own that is
//! joined to nothing, so nobody reaches it but by the API of AWS, and it reaches nothing
//! but the lake.

use super::TENANT;
use crate::blueprint::shape::component::Warehouse;
use crate::component::{bucket, role};
use crate::plan::Zone;
use crate::resource::endpoint::{Reach, VpcEndpoint};
use crate::resource::iam::{Role, document};
use crate::resource::s3::Bucket;
use crate::resource::security::{DefaultSecurityGroup, Egress, Peer, SecurityGroup, Traffic};
use crate::resource::vpc::{RouteTable, RouteTableAssociation, Subnet, Vpc};
use crate::resource::warehouse::{Namespace, Workgroup};
use crate::spec::component::analytics::{SLOTS, UNITS, ZONES};
use crate::template::{Template, Values};
use crate::value::{Id, Pseudo, Value, arn, join, map};

/// The block of the network. It is shared address space, and as the network is joined to nothing it
/// may stand elsewhere, too. Source:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
const BLOCK: &str = "100.64.0.0/22";

/// The blocks of its subnets, one for each slot of a zone: more addresses than a warehouse of any size takes. Source:
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html>.
const SUBNETS: [&str; SLOTS as usize] =
    ["100.64.0.0/24", "100.64.1.0/24", "100.64.2.0/24", "100.64.3.0/24"];

/// Adds the warehouse and its network.
pub fn add(
    t: &mut Template,
    name: &str,
    warehouse: &Warehouse,
    (zones, values): (&[Zone], &mut Values),
    lake: &Id<Bucket>,
) {
    let (subnets, group) = network(t, zones, values, lake);
    let role = loader(t, lake);
    let namespace = t.add_kept("Namespace", Namespace { name: name.into(), role });
    let workgroup = Workgroup {
        name: name.into(),
        namespace,
        base: warehouse.base.unwrap_or(UNITS.0),
        most: warehouse.most.unwrap_or(UNITS.1),
        subnets,
        group,
    };
    let workgroup = t.add("Warehouse", workgroup);
    t.output("Warehouse", "The work group of the warehouse", &workgroup);
}

/// Reads the records of every tenant, to load them. Source:
/// <https://docs.aws.amazon.com/redshift/latest/dg/loading-data-access-permissions.html>.
fn loader(t: &mut Template, lake: &Id<Bucket>) -> Id<Role> {
    let description = "Loads records of the lake into the warehouse";
    let role = t.add("LoadRole", Role { description, trust: trust(), managed: Vec::new() });
    let records = join([lake.att("Arn"), format!("/{TENANT}*").into()]);
    let below = map([("StringLike", map([("s3:prefix", format!("{TENANT}*"))]))]);
    let mut list = role::statement(&["s3:ListBucket"], vec![lake.att("Arn")]);
    if let Value::Map(parts) = &mut list {
        parts.push(("Condition".to_owned(), below));
    }
    let statements = vec![
        role::statement(&["s3:GetObject"], vec![records]),
        role::statement(&["s3:GetBucketLocation"], vec![lake.att("Arn")]),
        list,
    ];
    role::allow(t, "LoadRolePolicy", &role, statements);
    role
}

/// Only users of warehouses of this account, whom Redshift says as the external id. The name in it is not
/// the workgroup's but `serverless-`, the account and an id that AWS gives a workgroup, which cannot be there
/// before this role is. Sources:
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-security-other-services.html>,
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service-database-users.html>.
fn trust() -> Value {
    let one = |service: &str| {
        let name = join(["dbuser:serverless-".into(), Pseudo::Account.into(), "-*/*".into()]);
        let users = arn("redshift", name);
        map([
            ("Effect", Value::from("Allow")),
            ("Principal", map([("Service", format!("{service}.amazonaws.com"))])),
            ("Action", "sts:AssumeRole".into()),
            ("Condition", map([("StringLike", map([("sts:ExternalId", users)]))])),
        ])
    };
    document(["redshift", "redshift-serverless"].map(one).into())
}

/// What goes through the endpoint: reading the lake, by roles of this account. Source:
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/enhanced-vpc-working-with-endpoints.html>.
fn lake_only(lake: &Id<Bucket>) -> Value {
    let actions = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"];
    let own = map([("aws:PrincipalAccount", Value::from(Pseudo::Account))]);
    document(vec![map([
        ("Sid", Value::from("LakeOnly")),
        ("Effect", "Allow".into()),
        ("Principal", "*".into()),
        ("Action", Value::List(actions.map(Value::from).into())),
        ("Resource", Value::List(vec![lake.att("Arn"), bucket::objects(lake, "".into())])),
        ("Condition", map([("StringEquals", own)])),
    ])])
}

/// A network without a way in or out, but for S3.
fn network(
    t: &mut Template,
    zones: &[Zone],
    values: &mut Values,
    lake: &Id<Bucket>,
) -> (Vec<Id<Subnet>>, Id<SecurityGroup>) {
    let vpc = t.add("Vpc", Vpc { cidr: BLOCK.into() });
    t.add("DefaultSecurityGroup", DefaultSecurityGroup { vpc: vpc.clone() });
    let table = t.add("RouteTable", RouteTable { vpc: vpc.clone() });
    let mut subnets = Vec::new();
    for zone in zones.iter().take(ZONES) {
        let (n, cidr) = (zone.number(), SUBNETS[usize::from(zone.slot)]);
        let name = format!("Zone{n}");
        values.set(&name, &zone.name);
        let zone = t.param(&name, format!("The zone of subnet {n} of the warehouse"));
        let subnet = Subnet { vpc: vpc.clone(), cidr: cidr.into(), zone };
        let subnet = t.add(format!("Subnet{n}"), subnet);
        let of = RouteTableAssociation { table: table.clone(), subnet: subnet.clone() };
        t.add(format!("Subnet{n}RouteTable"), of);
        subnets.push(subnet);
    }
    let endpoint = VpcEndpoint {
        vpc: vpc.clone(),
        service: "s3".to_owned(),
        reach: Reach::Gateway(vec![table]),
        policy: lake_only(lake),
    };
    t.add("S3Endpoint", endpoint);
    let group = SecurityGroup { vpc: vpc.clone(), description: "The warehouse" };
    let group = t.add("WarehouseGroup", group);
    let egress = Egress {
        group: group.clone(),
        to: Peer::Cidr("0.0.0.0/0".into()),
        traffic: Traffic::Tcp(443),
        description: "Amazon S3, which is all that there is a route to",
    };
    t.add("WarehouseEgress", egress);
    t.output(
        "DefaultSecurityGroupId",
        "The group that AWS made, without rules",
        vpc.att("DefaultSecurityGroup"),
    );
    (subnets, group)
}
