//! Ways to a hub in another account: what the hub's account offers, and a small stack there for each
//! VPC that is joined, because neither a route nor a route table can be changed from outside.

use crate::aws;
use crate::blueprint::shape::{Connect, Isolation};
use crate::model::network::numbered;
use crate::model::{hub, identity};
use crate::plan::{Plan, Zone};
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::share::{ResourceShare, SharedResource, SharedWith};
use crate::resource::transit::{
    Association, Attachment, PeeringAccepter, PeeringConnection, Propagation, TransitGateway,
    TransitRouteTable,
};
use crate::resource::vpc::{Route, Target, Vpc};
use crate::spec::{Access, Spec};
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Id, Pseudo, Value, arn, join, map, param};

/// The path below which a VPC in another account publishes its way to the hub.
pub const LINK: &str = "hub-link-id";

/// Whether any VPC of the estate is joined to its hub across accounts.
pub fn any(spec: &Spec) -> bool {
    spec.network.has_hub() && (spec.has_accounts() || !guests(spec).is_empty())
}

/// The workload accounts that reach the hub from outside: that in which the estate began first, and
/// the others by number, so that the order of the list changes nothing.
fn guests(spec: &Spec) -> Vec<&String> {
    let apart = spec.workload_accounts.iter().filter(|account| spec.is_apart(account));
    let mut apart: Vec<&String> = apart.collect();
    apart.sort_by_key(|account| (**account != spec.home_account, *account));
    apart
}

/// Who may use what the hub offers, with the name of that: the organization, or without one each
/// workload account, whether it holds something yet or not.
fn principals(spec: &Spec) -> Vec<(String, Value)> {
    let name = |account: &String| {
        let number = if *account == spec.home_account { "1" } else { account };
        format!("SharedWith{number}")
    };
    match &spec.organization {
        Some(managed) => vec![(
            "SharedWith1".to_owned(),
            join([
                "arn:".into(),
                Pseudo::Partition.into(),
                format!(
                    ":organizations::{}:organization/{}",
                    managed.account, managed.organization.id
                )
                .into(),
            ]),
        )],
        None => guests(spec).into_iter().map(|id| (name(id), Value::from(id))).collect(),
    }
}

/// Shares the transit gateway of a hub.
pub fn share(t: &mut Template, spec: &Spec, gateway: &Id<TransitGateway>) {
    let arn = arn("ec2", join(["transit-gateway/".into(), Value::from(gateway)]));
    let share = ResourceShare {
        name: join([param(NAME), "-transit-gateway".into()]),
        resources: vec![arn.clone()],
        principals: principals(spec).into_iter().map(|(_, principal)| principal).collect(),
    };
    let share = t.add("TransitGatewayShare", share);
    t.add("SharedTransitGateway", SharedResource { share: share.clone(), resource: arn });
    for (name, principal) in principals(spec) {
        t.add(name, SharedWith { share: share.clone(), principal });
    }
}

/// The role by which CloudFormation accepts peering connections that other accounts ask for.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html>.
pub fn accepter(t: &mut Template, spec: &Spec, vpc: &Id<Vpc>) -> Value {
    let (who, when) = if let Some(managed) = &spec.organization {
        let own = map([("aws:PrincipalOrgID", Value::from(&managed.organization.id))]);
        ("*".into(), Some(map([("StringEquals", own)])))
    } else {
        let root = |account: &String| {
            let root = format!(":iam::{account}:root");
            join(["arn:".into(), Pseudo::Partition.into(), root.into()])
        };
        let mut roots: Vec<Value> = guests(spec).into_iter().map(root).collect();
        (if roots.len() == 1 { roots.remove(0) } else { Value::List(roots) }, None)
    };
    let mut statement = vec![
        ("Effect".to_owned(), Value::from("Allow")),
        ("Principal".to_owned(), map([("AWS", who)])),
        ("Action".to_owned(), "sts:AssumeRole".into()),
    ];
    statement.extend(when.map(|when| ("Condition".to_owned(), when)));
    let trust = document(vec![Value::Map(statement)]);
    let description = "Accepts peering connections to the hub";
    let role = t.add("PeeringRole", Role { description, trust, managed: Vec::new() });
    let vpc = join(["vpc/".into(), Value::from(vpc)]);
    let resources = vec![arn("ec2", vpc), arn("ec2", "vpc-peering-connection/*")];
    let accept = document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Action", "ec2:AcceptVpcPeeringConnection".into()),
        ("Resource", Value::List(resources)),
    ])]);
    let policy =
        RolePolicy { role: role.clone(), name: "accept-peering".to_owned(), document: accept };
    t.add("PeeringRolePolicy", policy);
    role.att("Arn")
}

/// A VPC that is joined to the hub of its region across accounts.
struct Spoke<'a> {
    /// The key of its stack.
    key: String,
    account: &'a str,
    access: Option<Access>,
    region: &'a str,
    cidr: String,
    /// The path of its way to the hub.
    link: String,
    tenant: Option<&'a str>,
    tier: &'a str,
}

/// One stack in the account of the hub for each VPC of another account that is joined to it.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    if !any(spec) {
        return;
    }
    for spoke in spokes(spec, plan) {
        let zones = &plan.zones[spoke.region];
        let shape = format!("spoke{}", hub::zone_suffix(zones));
        let template =
            estate.templates.entry(shape.clone()).or_insert_with(|| template(&shape, spec, zones));
        let place = (spec.hub_account.as_str(), spoke.region);
        let tier = &spec.tiers[spoke.tier];
        let key = format!("spoke-{}", spoke.key);
        let mut stack = identity::shared_stack(spec, Wave::Spoke, key, place, Some(tier));
        stack.tenant = spoke.tenant.map(str::to_owned);
        stack.tags.extend(spoke.tenant.map(|id| ("Tenant".to_owned(), id.to_owned())));
        stack.foreign = Some((spoke.account.to_owned(), spoke.access));
        let mut values = Values::default();
        hub::spoke_values(spec, zones, &mut values);
        if spec.network.connect == Connect::Peering {
            values.set("VpcCidr", spoke.cidr);
        }
        values.set("LinkId", spoke.link);
        stack.depends_on = vec![hub::key(spoke.region), spoke.key];
        stack.values = values.order(template);
        stack.shape = shape;
        estate.stacks.push(stack);
    }
}

fn spokes<'a>(spec: &'a Spec, plan: &'a Plan) -> Vec<Spoke<'a>> {
    let cells = plan.cells.values().map(|cell| Spoke {
        key: identity::network_key(spec, cell),
        account: &cell.account,
        access: spec.access(&cell.account),
        region: &cell.region,
        cidr: cell.block.cidr.to_string(),
        link: spec.parameter(&format!("cell/{}/{LINK}", cell.id)),
        tenant: None,
        tier: &cell.tier,
    });
    let own = spec.tenants.values().filter(|t| spec.tiers[&t.tier].isolation.has_vpc());
    let tenants = own.map(|tenant| {
        let placed = &plan.tenants[&tenant.id];
        let account = &placed.account;
        let apart = spec.tiers[&tenant.tier].isolation == Isolation::Account;
        Spoke {
            key: format!("tenant-{}", tenant.id),
            account,
            access: if apart { Some(spec.tenant_access(account)) } else { spec.access(account) },
            region: &placed.region,
            cidr: placed.own_block().cidr.to_string(),
            link: tenant_link(spec, &tenant.id),
            tenant: Some(&tenant.id),
            tier: &tenant.tier,
        }
    });
    let all = cells.chain(tenants).filter(|spoke| plan.hubs.contains_key(spoke.region));
    all.filter(|spoke| spec.is_apart(spoke.account) || spoke.account == aws::PENDING).collect()
}

/// Where a tenant's VPC publishes its way to the hub.
pub fn tenant_link(spec: &Spec, tenant: &str) -> String {
    spec.parameter(&format!("tenant/{tenant}/{LINK}"))
}

fn template(shape: &str, spec: &Spec, zones: &[Zone]) -> Template {
    let mut t = Template::nameless(shape, "The hub's side of a VPC of another account.");
    t.foreign("LinkId", "What joins the VPC to the hub: its attachment, or its peering connection");
    match spec.network.connect {
        Connect::TransitGateway => {
            t.imported("HubRouteTableId", "String", "The route table that learns tenants");
            t.imported("SpokeRouteTableId", "String", "The route table that tenants follow");
            let attachment: Id<Attachment> = Id::param("LinkId");
            let table = |name: &str| -> Id<TransitRouteTable> { Id::param(name) };
            let (follow, learn) = (table("SpokeRouteTableId"), table("HubRouteTableId"));
            t.add(
                "TransitAssociation",
                Association { attachment: attachment.clone(), table: follow },
            );
            t.add("TransitPropagation", Propagation { attachment, table: learn });
        }
        Connect::Peering => {
            t.param("VpcCidr", "The addresses of the VPC");
            let peering: Id<PeeringConnection> = Id::param("LinkId");
            let accepter = "PeeringAccepter".to_owned();
            t.add(accepter.clone(), PeeringAccepter { peering: peering.clone() });
            for zone in zones {
                let name = numbered("HubPrivateRouteTableId", zone);
                t.imported(&name, "String", "A route table of the hub");
                let via = Target::Peering(peering.clone());
                let back = Route { table: Id::param(name), to: param("VpcCidr"), via };
                t.add_after(numbered("HubReturnRoute", zone), back, &[&accepter]);
            }
        }
        Connect::None => unreachable!("without a connection there is no hub"),
    }
    t
}
