//! Network ACLs, which keep the tenants of a cell apart whatever their groups are.

use serde_json::Value;
use tenantry::prove::read::Engine;

use super::{BOTH, CLOUDFORMATION, Mutant, POOL, SUBNET, TEAM, m};
use crate::prove_mutants::edit::{Files, Resource, change, give};

fn entry(
    files: &mut Files,
    e: Engine,
    shape: &str,
    id: &str,
    touch: fn(&mut Resource<'_>),
) -> usize {
    change(files, e, shape, |r| {
        let own = r.is("NetworkAclEntry", id);
        if own {
            touch(r);
        }
        own
    })
}

/// Opens every port.
fn every_port(resource: &mut Resource<'_>) {
    resource.every_port();
}

/// Rules and places of network ACLs.
pub const ACLS: &[Mutant] = &[
    m(
        "the deny of neighbours allows, both ways",
        SUBNET,
        BOTH,
        |f, e| {
            entry(f, e, "tenant-team", "tenant_acl_in_160", |r| {
                r.set("RuleAction", "allow");
            }) + entry(f, e, "tenant-team", "tenant_acl_out_150", |r| {
                r.set("RuleAction", "allow");
            }) == 2
        },
        (TEAM, "network/vpc", "tenant_acl_in_160"),
    ),
    m(
        "the deny of neighbours is removed, and what is for the internet is for every port",
        SUBNET,
        BOTH,
        |f, e| {
            entry(f, e, "tenant-team", "tenant_acl_in_160", |r| r.gone = true)
                + entry(f, e, "tenant-team", "tenant_acl_out_150", |r| r.gone = true)
                + entry(f, e, "tenant-team", "tenant_acl_in_170", every_port)
                + entry(f, e, "tenant-team", "tenant_acl_out_160", every_port)
                == 4
        },
        (TEAM, "network/vpc", "tenant_acl_in_170"),
    ),
    m(
        "the deny of neighbours stands behind a rule for everything",
        SUBNET,
        BOTH,
        |f, e| {
            let last: Value = 999.into();
            let swap = |f: &mut Files, id: &'static str| {
                change(f, e, "tenant-team", |r| {
                    let own = r.is("NetworkAclEntry", id);
                    if own {
                        r.set("RuleNumber", last.clone());
                    }
                    own
                })
            };
            swap(f, "tenant_acl_in_160")
                + swap(f, "tenant_acl_out_150")
                + entry(f, e, "tenant-team", "tenant_acl_in_170", every_port)
                + entry(f, e, "tenant-team", "tenant_acl_out_160", every_port)
                == 4
        },
        (TEAM, "network/vpc", "tenant_acl_in_170"),
    ),
    m(
        "the rule for the tenant's own block is for the pool, both ways",
        SUBNET,
        BOTH,
        |f, e| {
            entry(f, e, "tenant-team", "tenant_acl_in_100", |r| {
                r.set("CidrBlock", POOL);
            }) + entry(f, e, "tenant-team", "tenant_acl_out_100", |r| {
                r.set("CidrBlock", POOL);
            }) == 2
        },
        (TEAM, "network/vpc", "tenant_acl_out_100"),
    ),
    m(
        "the deny of neighbours denies UDP only, and the internet is every port",
        SUBNET,
        BOTH,
        |f, e| {
            let udp = |r: &mut Resource<'_>| {
                let number: Value =
                    if r.engine == Engine::Terraform { "17".into() } else { 17.into() };
                r.set("Protocol", number);
            };
            entry(f, e, "tenant-team", "tenant_acl_in_160", udp)
                + entry(f, e, "tenant-team", "tenant_acl_out_150", udp)
                + entry(f, e, "tenant-team", "tenant_acl_in_170", every_port)
                + entry(f, e, "tenant-team", "tenant_acl_out_160", every_port)
                == 4
        },
        (TEAM, "network/vpc", "tenant_acl_in_170"),
    ),
    m(
        "the deny of neighbours is for another block",
        SUBNET,
        BOTH,
        |f, e| {
            let half = |r: &mut Resource<'_>| {
                r.set("CidrBlock", "10.129.9.0/24");
            };
            entry(f, e, "tenant-team", "tenant_acl_in_160", half)
                + entry(f, e, "tenant-team", "tenant_acl_out_150", half)
                + entry(f, e, "tenant-team", "tenant_acl_in_170", every_port)
                + entry(f, e, "tenant-team", "tenant_acl_out_160", every_port)
                == 4
        },
        (TEAM, "network/vpc", "tenant_acl_in_170"),
    ),
    m(
        "the shared block of the parameters is the whole cell",
        SUBNET,
        BOTH,
        |f, e| {
            for stack in ["tenant-hooli", "tenant-umbrella"] {
                give(f, e, stack, "SharedCidr", "10.129.0.0/16");
            }
            true
        },
        (TEAM, "network/vpc", "tenant_acl_in_110"),
    ),
    m(
        "the blocks of two tenants are swapped in the parameters",
        SUBNET,
        BOTH,
        |f, e| {
            give(f, e, "tenant-hooli", "TenantCidr", "10.129.8.128/25");
            give(f, e, "tenant-umbrella", "TenantCidr", "10.129.8.0/25");
            true
        },
        (TEAM, "network/vpc", "tenant_acl_in_100"),
    ),
    m(
        "the block of the parameters is that of two tenants",
        SUBNET,
        BOTH,
        |f, e| {
            give(f, e, "tenant-hooli", "TenantCidr", "10.129.8.0/24");
            give(f, e, "tenant-umbrella", "TenantCidr", "10.129.8.0/24");
            true
        },
        (TEAM, "network/vpc", "tenant_acl_out_100"),
    ),
    m(
        "subnets lose their network ACL, so that the default one applies",
        SUBNET,
        BOTH,
        lost_association,
        (TEAM, "network/vpc", "tenant_subnet"),
    ),
    m(
        "the same in a cell without a hub",
        "subnet-none.yaml",
        BOTH,
        lost_association,
        (("hooli", "initech"), "network/vpc", "tenant_subnet"),
    ),
    m(
        "the same in a cell with groups for all",
        "subnet-peering.yaml",
        BOTH,
        lost_association,
        (TEAM, "network/vpc", "tenant_subnet"),
    ),
    m(
        "subnets name a network ACL that is not there",
        SUBNET,
        CLOUDFORMATION,
        |f, e| {
            change(f, e, "tenant-team", |r| {
                let own = r.is("SubnetNetworkAclAssociation", "");
                if own {
                    r.set("NetworkAclId", "acl-00000000");
                }
                own
            }) == 2
        },
        (TEAM, "network/vpc", "tenant_subnet"),
    ),
];

fn lost_association(files: &mut Files, e: Engine) -> bool {
    change(files, e, "tenant-team", |r| {
        r.gone = r.is("SubnetNetworkAclAssociation", "");
        r.gone
    }) > 0
}
