//! Ways to break the network of a rendered folder. Walls are often double, so some break two things
//! at once: what only breaks one is still proved, and rightly so.

use tenantry::prove::read::Engine;

use super::edit::Files;

mod acl; // rules and places of network ACLs
mod group; // security groups, where they are the only wall
mod balance; // whose requests go to whom
mod way; // transit gateways and peering connections

/// One way to break a rendered folder.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// What is broken.
    pub name: &'static str,
    /// The blueprint whose rendered folder it is.
    pub blueprint: &'static str,
    /// For which engines it makes sense.
    pub engines: &'static [Engine],
    /// Breaks it; whether anything was changed.
    pub apply: fn(&mut Files, Engine) -> bool,
    /// What the finding must say.
    pub expect: Expect,
}

/// What a finding must say.
#[derive(Clone, Copy)]
pub struct Expect {
    /// From whom to whom.
    pub pair: (&'static str, &'static str),
    /// By which way.
    pub by: &'static str,
    /// What must stand in the witness: part of a thing's id, in words with lines between them.
    pub over: &'static str,
}

const BOTH: &[Engine] = &[Engine::CloudFormation, Engine::Terraform];
const CLOUDFORMATION: &[Engine] = &[Engine::CloudFormation];

const SUBNET: &str = "subnet-transit-gateway.yaml";
const TEAM: (&str, &str) = ("hooli", "umbrella");
const VPC: &str = "vpc-transit-gateway.yaml";
const BUSINESS: (&str, &str) = ("globex", "initech");
const CONTAINER: &str = "container.yaml";
/// What all tenants of the blueprints with a transit gateway have their blocks in.
const POOL: &str = "10.0.0.0/8";

const fn m(
    name: &'static str,
    blueprint: &'static str,
    engines: &'static [Engine],
    apply: fn(&mut Files, Engine) -> bool,
    expect: ((&'static str, &'static str), &'static str, &'static str),
) -> Mutant {
    Mutant {
        name,
        blueprint,
        engines,
        apply,
        expect: Expect { pair: expect.0, by: expect.1, over: expect.2 },
    }
}

/// All of them.
pub fn mutants() -> Vec<Mutant> {
    let parts =
        [acl::ACLS, group::GROUPS, balance::BALANCERS, way::TRANSIT_GATEWAYS, way::PEERINGS];
    parts.concat()
}

/// Two tenants of a cell of containers.
const PAIR: (&str, &str) = ("globex", "initech");
/// Each of them reads what the other published.
const LENT: &[(&str, &str)] =
    &[("tenant-globex", "initech"), ("tenant-initech", "globex"), ("tenant-hooli", "hooli")];
