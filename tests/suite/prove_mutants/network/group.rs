//! Security groups, where they are the only wall.

use serde_json::{Value, json};
use tenantry::prove::read::Engine;

use super::{BOTH, CLOUDFORMATION, CONTAINER, LENT, Mutant, PAIR, POOL, m};
use crate::prove_mutants::edit::{Files, Resource, add, change, lend, of, param};

fn ingress(files: &mut Files, e: Engine, touch: impl Fn(&mut Resource<'_>)) -> bool {
    change(files, e, "tenant-starter", |r| {
        let own = r.is("SecurityGroupIngress", "ingress_load_balancer");
        if own {
            touch(r);
        }
        own
    }) > 0
}

/// Security groups, where they are the only wall.
pub const GROUPS: &[Mutant] = &[
    m(
        "a group is open to 0.0.0.0/0",
        CONTAINER,
        BOTH,
        |f, e| ingress(f, e, |r| r.open("CidrIp", "0.0.0.0/0".into())),
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "a group is open to the VPC's block",
        CONTAINER,
        BOTH,
        |f, e| ingress(f, e, |r| r.open("CidrIp", POOL.into())),
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "a group is open to the private subnets",
        CONTAINER,
        BOTH,
        |f, e| ingress(f, e, |r| r.open("CidrIp", "10.0.0.0/9".into())),
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "a group is open on one port more",
        CONTAINER,
        BOTH,
        |f, e| {
            ingress(f, e, |r| {
                r.drop("SourceSecurityGroupId")
                    .set("CidrIp", POOL)
                    .set("FromPort", 80)
                    .set("ToPort", 443);
            })
        },
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "a group is open to a group of another tenant",
        CONTAINER,
        BOTH,
        |f, e| {
            let own = of(e, "AWS::EC2::SecurityGroup", "SecurityGroup", Some("GroupId"));
            lend(f, e, "tenant-starter", own, "Other", LENT);
            ingress(f, e, |r| r.open("SourceSecurityGroupId", param(e, "Other")))
        },
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "services are in the group of the load balancer, too",
        CONTAINER,
        BOTH,
        |f, e| {
            services(
                f,
                e,
                &[
                    of(e, "AWS::EC2::SecurityGroup", "SecurityGroup", Some("GroupId")),
                    param(e, "LoadBalancerGroupId"),
                ],
            )
        },
        (PAIR, "network/vpc", "load_balancer_ingress"),
    ),
    m(
        "a shared group knows itself, and services are in it",
        CONTAINER,
        BOTH,
        |f, e| {
            let group =
                of(e, "AWS::EC2::SecurityGroup", "LoadBalancerSecurityGroup", Some("GroupId"));
            let pairs = [
                ("GroupId", group.clone()),
                ("IpProtocol", "-1".into()),
                ("SourceSecurityGroupId", group),
            ];
            add(f, e, "cell-starter", "AWS::EC2::SecurityGroupIngress", "SelfIngress", &pairs);
            services(f, e, &[param(e, "LoadBalancerGroupId")])
        },
        (PAIR, "network/vpc", ""),
    ),
    m(
        "services have no group, and the default one has AWS's rules",
        CONTAINER,
        BOTH,
        |f, e| strip(f, e) && services(f, e, &[]),
        (PAIR, "network/vpc", "vpc"),
    ),
    m(
        "egress is open, and so is a port from the VPC",
        CONTAINER,
        BOTH,
        |f, e| {
            let out = change(f, e, "tenant-starter", |r| {
                let own = r.is("SecurityGroupEgress", "egress_https");
                if own {
                    r.open("CidrIp", "0.0.0.0/0".into());
                }
                own
            });
            out > 0
                && ingress(f, e, |r| {
                    r.drop("SourceSecurityGroupId").set("CidrIp", POOL);
                })
        },
        (PAIR, "network/vpc", "egress_https"),
    ),
    m(
        "a group without rules of its own lets everything out, and the VPC in",
        CONTAINER,
        CLOUDFORMATION,
        |f, e| {
            let out = change(f, e, "tenant-starter", |r| {
                let own = r.is("SecurityGroup", "security_group");
                if own {
                    r.drop("SecurityGroupEgress");
                }
                own
            });
            out > 0
                && ingress(f, e, |r| {
                    r.drop("SourceSecurityGroupId").set("CidrIp", POOL);
                })
        },
        (PAIR, "network/vpc", "security_group"),
    ),
    m(
        "a rule inside of a group",
        CONTAINER,
        CLOUDFORMATION,
        |f, e| {
            change(f, e, "tenant-starter", |r| {
                let own = r.is("SecurityGroup", "security_group");
                if own {
                    r.set(
                        "SecurityGroupIngress",
                        json!([{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]),
                    );
                }
                own
            }) > 0
        },
        (PAIR, "network/vpc", "security_group"),
    ),
    m(
        "a prefix list is wider than it was",
        CONTAINER,
        CLOUDFORMATION,
        |f, e| {
            let entries = json!([{"Cidr": "192.0.2.0/24"}, {"Cidr": "10.0.0.0/8"}]);
            add(f, e, "tenant-starter", "AWS::EC2::PrefixList", "Clients", &[("Entries", entries)]);
            ingress(f, e, |r| r.open("SourcePrefixListId", json!({"Ref": "Clients"})))
        },
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "the source of a rule cannot be read",
        CONTAINER,
        CLOUDFORMATION,
        |f, e| {
            ingress(f, e, |r| {
                r.open("SourceSecurityGroupId", json!({"Fn::ImportValue": "somewhere"}));
            })
        },
        (PAIR, "network/vpc", "ingress_load_balancer"),
    ),
    m(
        "rules for IPv6, where nobody thought of it",
        CONTAINER,
        CLOUDFORMATION,
        |f, e| {
            let vpc = of(e, "AWS::EC2::VPC", "Vpc", None);
            let pairs = [("VpcId", vpc), ("Ipv6CidrBlock", "2001:db8:1234::/56".into())];
            add(f, e, "cell-starter", "AWS::EC2::VPCCidrBlock", "Six", &pairs);
            change(f, e, "cell-starter", |r| {
                let own = r.is("Subnet", "private_subnet");
                if own {
                    let last = r.id.chars().last().expect("a number");
                    r.set("Ipv6CidrBlock", format!("2001:db8:1234:{last}::/64"));
                }
                own
            });
            let group = of(e, "AWS::EC2::SecurityGroup", "SecurityGroup", Some("GroupId"));
            for kind in ["AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"] {
                let pairs = [
                    ("GroupId", group.clone()),
                    ("IpProtocol", "-1".into()),
                    ("CidrIpv6", "::/0".into()),
                ];
                add(
                    f,
                    e,
                    "tenant-starter",
                    kind,
                    if kind.ends_with("Ingress") { "SixIn" } else { "SixOut" },
                    &pairs,
                );
            }
            true
        },
        (PAIR, "network/vpc", "six_in"),
    ),
    m(
        "a group is open on hosts of one's own",
        "container-ec2.yaml",
        BOTH,
        |f, e| {
            change(f, e, "tenant-steady", |r| {
                let own = r.is("SecurityGroupIngress", "ingress_load_balancer");
                if own {
                    r.open("CidrIp", "0.0.0.0/0".into());
                }
                own
            }) > 0
        },
        (("hooli", "hooli-labs"), "network/vpc", "ingress_load_balancer"),
    ),
];

/// Gives the services of tenants other groups.
fn services(files: &mut Files, e: Engine, groups: &[Value]) -> bool {
    change(files, e, "tenant-starter", |r| {
        let own = r.is("Service", "");
        if own && e == Engine::CloudFormation {
            r.body["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"] = groups.into();
        } else if own {
            r.body["network_configuration"][0]["security_groups"] = groups.into();
        }
        own
    }) > 0
}

/// Leaves the default groups as AWS makes them.
fn strip(files: &mut Files, e: Engine) -> bool {
    if e == Engine::Terraform {
        return change(files, e, "cell-starter", |r| {
            r.gone = r.kind == "Tenantry::Default";
            r.gone
        }) > 0;
    }
    let manifest = files.get_mut("manifest.json").expect("a manifest");
    let before = manifest.len();
    *manifest = manifest.replace("\"strip-default-security-group\"", "");
    manifest.len() < before
}
