//! Ways between VPCs: transit gateways and peering connections.

use serde_json::Value;
use tenantry::prove::read::Engine;

use super::{BOTH, BUSINESS, CLOUDFORMATION, Mutant, POOL, VPC, m};
use crate::prove_mutants::edit::{Files, add, change, give, lend, of, param};

/// The routes of tenants to the hub are routes to the whole pool.
fn wide(files: &mut Files, e: Engine) -> bool {
    change(files, e, "tenant-", |r| {
        let own = r.is("Route", "private_hub_route");
        if own {
            r.set("DestinationCidrBlock", POOL);
        }
        own
    }) > 0
}

fn crossing(files: &mut Files, e: Engine, shape: &str, kind: &'static str, table: &str) -> bool {
    change(files, e, shape, |r| {
        let own = r.is(kind, "transit_");
        if own {
            r.set("TransitGatewayRouteTableId", param(e, table));
        }
        own
    }) > 0
}

/// A static route of the table that tenants follow.
fn follow(files: &mut Files, e: Engine, to: &str, id: &str, hole: bool) {
    let table = of(e, "AWS::EC2::TransitGatewayRouteTable", "SpokeRouteTable", None);
    let attachment = of(e, "AWS::EC2::TransitGatewayAttachment", "TransitAttachment", None);
    let mut pairs =
        vec![("TransitGatewayRouteTableId", table), ("DestinationCidrBlock", to.into())];
    if hole {
        pairs.push(("Blackhole", true.into()));
    } else {
        pairs.push(("TransitGatewayAttachmentId", attachment));
    }
    add(files, e, "hub", "AWS::EC2::TransitGatewayRoute", id, &pairs);
}

/// The hub's tables lead the pool to something else.
fn hub_routes(files: &mut Files, e: Engine, way: &str, to: &Value) -> bool {
    change(files, e, "hub", |r| {
        let own = r.is("Route", "transit_route_1");
        if own {
            r.drop("TransitGatewayId").set(way, to.clone());
        }
        own
    }) > 0
}

/// The public table of the hub leads the pool to the transit gateway.
fn public_route(files: &mut Files, e: Engine) {
    let pairs = [
        ("RouteTableId", of(e, "AWS::EC2::RouteTable", "PublicRouteTable", None)),
        ("DestinationCidrBlock", POOL.into()),
        ("TransitGatewayId", of(e, "AWS::EC2::TransitGateway", "TransitGateway", None)),
    ];
    add(files, e, "hub", "AWS::EC2::Route", "PublicPool", &pairs);
}

const TRANSIT: &str = "network/transit-gateway";

const PROPAGATION: &str = "TransitGatewayRouteTablePropagation";
const ASSOCIATION: &str = "TransitGatewayRouteTableAssociation";

/// Transit gateways.
pub const TRANSIT_GATEWAYS: &[Mutant] = &[
    m(
        "spokes are propagated into the table that spokes follow",
        VPC,
        BOTH,
        |f, e| wide(f, e) && crossing(f, e, "tenant-", PROPAGATION, "SpokeRouteTableId"),
        (BUSINESS, TRANSIT, "transit_propagation"),
    ),
    m(
        "spokes follow the table of the hub, which knows all of them",
        VPC,
        BOTH,
        |f, e| wide(f, e) && crossing(f, e, "tenant-", ASSOCIATION, "HubRouteTableId"),
        (BUSINESS, TRANSIT, "transit_propagation"),
    ),
    m(
        "the same across accounts: propagation",
        "account-transit-gateway.yaml",
        BOTH,
        |f, e| wide(f, e) && crossing(f, e, "spoke", PROPAGATION, "SpokeRouteTableId"),
        (BUSINESS, TRANSIT, "transit_propagation"),
    ),
    m(
        "the same across accounts: association",
        "account-transit-gateway.yaml",
        BOTH,
        |f, e| wide(f, e) && crossing(f, e, "spoke", ASSOCIATION, "HubRouteTableId"),
        (BUSINESS, TRANSIT, "transit_propagation"),
    ),
    m(
        "spokes follow a route to the hub for everything, which sends it back",
        VPC,
        BOTH,
        |f, e| {
            follow(f, e, "0.0.0.0/0", "Everything", false);
            wide(f, e)
        },
        (BUSINESS, TRANSIT, "everything"),
    ),
    m(
        "a black hole for the pool is removed",
        VPC,
        BOTH,
        |f, e| {
            follow(f, e, "10.0.0.0/8", "Hole", true);
            follow(f, e, "0.0.0.0/0", "Everything", false);
            let gone = change(f, e, "hub", |r| {
                r.gone = r.is("TransitGatewayRoute", "hole");
                r.gone
            });
            gone == 1 && wide(f, e)
        },
        (BUSINESS, TRANSIT, "everything"),
    ),
    m(
        "a black hole is only for a part of the pool",
        VPC,
        BOTH,
        |f, e| {
            follow(f, e, "10.0.24.0/23", "Hole", true);
            follow(f, e, "0.0.0.0/0", "Everything", false);
            wide(f, e)
        },
        (BUSINESS, TRANSIT, "everything"),
    ),
    m(
        "the gateway gives its default table to all, which learns all",
        VPC,
        CLOUDFORMATION,
        |f, e| {
            change(f, e, "hub", |r| {
                let own = r.is("TransitGateway", "transit_gateway");
                if own {
                    r.set("DefaultRouteTableAssociation", "enable")
                        .set("DefaultRouteTablePropagation", "enable");
                }
                own
            });
            let gone = change(f, e, "tenant-", |r| {
                r.gone = r.is(ASSOCIATION, "");
                r.gone
            });
            gone > 0 && wide(f, e)
        },
        (BUSINESS, TRANSIT, "transit_gateway"),
    ),
    m(
        "NAT of the hub hides who sends on to other tenants",
        VPC,
        BOTH,
        |f, e| {
            follow(f, e, "0.0.0.0/0", "Everything", false);
            public_route(f, e);
            hub_routes(f, e, "NatGatewayId", &of(e, "AWS::EC2::NatGateway", "NatGateway1", None))
                && wide(f, e)
        },
        (BUSINESS, "network/nat", "nat_gateway"),
    ),
    m(
        "an instance in the hub forwards for all",
        VPC,
        BOTH,
        |f, e| {
            follow(f, e, "0.0.0.0/0", "Everything", false);
            public_route(f, e);
            let subnet = of(e, "AWS::EC2::Subnet", "PublicSubnet1", None);
            add(f, e, "hub", "AWS::EC2::Instance", "Router", &[("SubnetId", subnet)]);
            let (key, router) = match e {
                Engine::CloudFormation => {
                    ("InstanceId", of(e, "AWS::EC2::Instance", "Router", None))
                }
                Engine::Terraform => ("NetworkInterfaceId", "${aws_instance.router.id}".into()),
            };
            hub_routes(f, e, key, &router) && wide(f, e)
        },
        (BUSINESS, "", "public_subnet_1"),
    ),
    m(
        "a tenant's block is inside of the hub's, and spokes are propagated",
        VPC,
        BOTH,
        |f, e| {
            for (name, block) in [
                ("VpcCidr", "10.0.8.0/21"),
                ("PrivateCidr1", "10.0.8.0/24"),
                ("PrivateCidr2", "10.0.10.0/24"),
                ("PublicCidr1", "10.0.9.0/25"),
                ("PublicCidr2", "10.0.11.0/25"),
                ("DataCidr1", "10.0.9.128/25"),
                ("DataCidr2", "10.0.11.128/25"),
            ] {
                give(f, e, "tenant-initech", name, block);
            }
            // Its answers need a way, too.
            give(f, e, "tenant-initech", "HubCidr", "10.0.0.0/17");
            crossing(f, e, "tenant-", PROPAGATION, "SpokeRouteTableId")
        },
        (BUSINESS, TRANSIT, "transit_propagation"),
    ),
    m(
        "the hub's block of the parameters is the pool, and spokes are propagated",
        VPC,
        BOTH,
        |f, e| {
            give(f, e, "tenant-globex", "HubCidr", POOL);
            give(f, e, "tenant-initech", "HubCidr", POOL);
            crossing(f, e, "tenant-", PROPAGATION, "SpokeRouteTableId")
        },
        (BUSINESS, TRANSIT, "private_hub_route"),
    ),
    m(
        "data subnets are moved to a table with a route to all",
        VPC,
        BOTH,
        |f, e| {
            let table = of(e, "AWS::EC2::RouteTable", "PrivateRouteTable1", None);
            let moved = change(f, e, "tenant-", |r| {
                let own = r.is("SubnetRouteTableAssociation", "data_");
                if own {
                    r.set("RouteTableId", table.clone());
                }
                own
            });
            moved > 0 && wide(f, e) && crossing(f, e, "tenant-", PROPAGATION, "SpokeRouteTableId")
        },
        (BUSINESS, TRANSIT, "private_hub_route"),
    ),
];

/// A peering connection of one's own with the VPC of another tenant, and routes to it.
fn joined(files: &mut Files, e: Engine, shape: &str, to: &[(&str, &str)]) -> bool {
    let vpc = of(e, "AWS::EC2::VPC", "Vpc", None);
    lend(files, e, shape, vpc.clone(), "Other", to);
    let pairs = [("VpcId", vpc), ("PeerVpcId", param(e, "Other"))];
    add(files, e, shape, "AWS::EC2::VPCPeeringConnection", "Spokes", &pairs);
    for zone in ["1", "2"] {
        let pairs = [
            (
                "RouteTableId",
                of(e, "AWS::EC2::RouteTable", &format!("PrivateRouteTable{zone}"), None),
            ),
            ("DestinationCidrBlock", POOL.into()),
            ("VpcPeeringConnectionId", of(e, "AWS::EC2::VPCPeeringConnection", "Spokes", None)),
        ];
        add(files, e, shape, "AWS::EC2::Route", &format!("SpokesRoute{zone}"), &pairs);
    }
    true
}

const BY: &str = "network/peering";
const TO: &[(&str, &str)] = &[("tenant-globex", "initech"), ("tenant-initech", "globex")];

/// Peering connections.
pub const PEERINGS: &[Mutant] = &[
    m(
        "two spokes are peered, with routes",
        "vpc-peering.yaml",
        BOTH,
        |f, e| joined(f, e, "tenant-business", TO),
        (BUSINESS, BY, "spokes"),
    ),
    m(
        "two spokes are peered where there is no hub",
        "vpc-none.yaml",
        BOTH,
        |f, e| {
            joined(f, e, "tenant-silo", &[("tenant-hooli", "initech"), ("tenant-initech", "hooli")])
        },
        (("hooli", "initech"), BY, "spokes"),
    ),
    m(
        "an account is peered with what cannot be read",
        "account-peering.yaml",
        BOTH,
        |f, e| joined(f, e, "tenant-enterprise", TO),
        (BUSINESS, BY, "spokes"),
    ),
    m(
        "a peering leads to another tenant in place of the hub",
        "vpc-peering.yaml",
        BOTH,
        |f, e| {
            let vpc = of(e, "AWS::EC2::VPC", "Vpc", None);
            lend(f, e, "tenant-business", vpc, "HubVpcId", TO);
            wide(f, e)
        },
        (BUSINESS, BY, "hub_peering"),
    ),
];
