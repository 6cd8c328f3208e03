//! A blueprint whose every tier has another isolation model, written anew in the tree of what was
//! written: what the model does not know is left out, what it cannot do without is assumed, and both
//! are told. What was written well stays as it was written.

use std::collections::BTreeMap;

use crate::aws::{LOAD_BALANCER_PREFIX, LONGEST_PREFIX, SHORTEST_PREFIX};
use crate::blueprint::Written;
use crate::blueprint::shape::{
    AccountSettings, App, Blueprint, Budget, Capacity, Data, DataEngine, DataPartition, Ingress,
    Instances, Isolation, Organization, PoolSettings, Scale, ScaleBy, Service, Several, Tenant,
    Throttle, Tier, TierVpn, Words,
};
use crate::name::short_hash;
use crate::spec::tier::slot_bits;

/// Something that was assumed or left out, and of which tiers.
pub type Assumed = BTreeMap<String, Vec<String>>;

/// The blueprint with every tier in one model, and what was assumed for it.
pub fn recast(written: &Written, model: Isolation) -> (Written, Assumed) {
    let mut out = written.clone();
    let mut assumed = Assumed::new();
    let context = Context::new(&written.blueprint);
    for (id, tier) in &mut out.blueprint.tiers {
        let mut say = |what: String| assumed.entry(what).or_default().push(id.clone());
        if tier.isolation != model {
            context.tier(tier, model, &mut say);
        }
    }
    if model == Isolation::Account {
        organization(&mut out.blueprint, &mut assumed);
    }
    let mut mails = 0;
    for one in &mut out.tenants {
        let tier = out.blueprint.tiers.get(&one.tenant.tier);
        mails += usize::from(tenant(&mut one.tenant, tier, model));
    }
    if mails > 0 {
        assumed.insert(format!("an e-mail address for {mails} accounts"), Vec::new());
    }
    (out, assumed)
}

/// What of the whole blueprint bounds what is assumed for a tier.
struct Context<'a> {
    written: &'a Blueprint,
    /// How many bits number the zone slots.
    bits: u8,
    /// The prefix of an eighth of the largest pool: a cell that is larger leaves others no room.
    widest: u8,
}

/// Says what was assumed of a tier.
type Say<'a> = dyn FnMut(String) + 'a;

impl<'a> Context<'a> {
    fn new(written: &'a Blueprint) -> Self {
        let pools = written.network.pools.iter();
        let prefixes = pools.filter_map(|pool| pool.cidr.rsplit_once('/')?.1.parse::<u8>().ok());
        let widest = prefixes.min().map_or(SHORTEST_PREFIX, |pool| (pool + 3).max(SHORTEST_PREFIX));
        Context { written, bits: slot_bits(written.network.zone_slots.unwrap_or(4)), widest }
    }

    fn tier(&self, tier: &mut Tier, model: Isolation, say: &mut Say<'_>) {
        let before = tier.clone();
        tier.isolation = model;
        self.sizes(tier, model, say);
        if !model.has_vpc() {
            tier.vpn = TierVpn::None;
        }
        if model != Isolation::Subnet {
            tier.security_groups = <_>::default();
        }
        tier.account = (model == Isolation::Account).then(|| before.account.clone()).flatten();
        tier.ingress = (model == Isolation::Container).then(|| before.ingress.clone()).flatten();
        (tier.service, tier.services, tier.capacity) = (None, BTreeMap::new(), None);
        (tier.app, tier.data, tier.throttle, tier.pool) = (None, None, None, None);
        match model {
            Isolation::Account => account(tier, say),
            Isolation::Container => self.container(tier, &before, say),
            Isolation::Application => application(tier, &before, say),
            Isolation::Vpc | Isolation::Subnet => {}
        }
        tier.allow.retain(|part| part.models().contains(&model));
    }

    /// A tenant's block and a cell keep the sizes that were written, as far as the model takes them.
    fn sizes(&self, tier: &mut Tier, model: Isolation, say: &mut Say<'_>) {
        let network = &mut tier.network;
        let (own, cell) = (network.prefix, network.cell_prefix);
        (network.prefix, network.cell_prefix) = (None, None);
        if model.has_blocks() {
            let cuts = if model.has_vpc() { 2 } else { 0 };
            let smallest = LONGEST_PREFIX - self.bits - cuts;
            let prefix = own.unwrap_or(smallest).min(smallest);
            if own != Some(prefix) {
                say(format!("a block of /{prefix} for each tenant"));
            }
            network.prefix = Some(prefix);
        }
        if model.has_cells() {
            // Load balancers stand in the public layer, which is a quarter of a slot.
            let smallest = LOAD_BALANCER_PREFIX - self.bits - 2;
            let wanted = cell.unwrap_or_else(|| self.cell(network.prefix)).min(smallest);
            let prefix = match network.prefix {
                Some(own) if own <= wanted => (own - 1).max(SHORTEST_PREFIX),
                _ => wanted,
            };
            if cell != Some(prefix) {
                say(format!("cells of /{prefix}"));
            }
            network.cell_prefix = Some(prefix);
        }
        if let (Some(own), Some(cell)) = (network.prefix, network.cell_prefix)
            && own <= cell
        {
            network.prefix = Some(cell + 1);
            say(format!("a block of /{} for each tenant", cell + 1));
        }
    }

    /// A cell that nobody wrote: of tenants with blocks, with room for a hundred of them, which is more
    /// than AWS's subnets of a VPC hold with two zones; of others, as the examples have it.
    fn cell(&self, own: Option<u8>) -> u8 {
        let wanted = own.map_or(20, |own| own.saturating_sub(7));
        wanted.max(self.widest).min(24)
    }

    fn container(&self, tier: &mut Tier, before: &Tier, say: &mut Say<'_>) {
        let written = self.written;
        if tier.ingress.is_none() {
            let (partition, accounts) = (written.partition.id(), &written.accounts.workload);
            let arn = |region: &String| {
                let of =
                    |account| format!("arn:{partition}:acm:{region}:{account}:certificate/assumed");
                Several::List(accounts.all().iter().map(of).collect())
            };
            let certificates = written.regions.iter().map(|r| (r.clone(), arn(r))).collect();
            let domain = "tenantry.example".to_owned();
            tier.ingress = Some(Ingress { domain, certificates });
            say("a domain with a certificate in each region".to_owned());
        }
        tier.pool.clone_from(&before.pool);
        tier.service.clone_from(&before.service);
        if tier.service.is_none() {
            tier.service = Some(small());
            say(format!("one service of {} CPU units and {} MiB", small().cpu, small().memory));
        }
    }
}

/// The smallest service that Fargate runs, as often as a tier that says nothing runs it.
fn small() -> Service {
    Service {
        image: "app".to_owned(),
        port: Some(8080),
        path: None,
        health_check: None,
        cpu: 256,
        memory: 512,
        environment: BTreeMap::new(),
        secrets: Vec::new(),
        scale: Scale::default(),
    }
}

fn account(tier: &mut Tier, say: &mut Say<'_>) {
    if tier.account.is_none() {
        let notify = vec!["finops@tenantry.example".to_owned()];
        let budget = Budget { monthly: 100, threshold: None, notify };
        tier.account = Some(AccountSettings { organizational_unit: None, budget });
        say("a budget of 100 US dollars a month for each account".to_owned());
    }
}

fn application(tier: &mut Tier, before: &Tier, say: &mut Say<'_>) {
    run(tier, before, say);
    let (data, throttle) = (before.data.clone(), before.throttle.clone());
    tier.data = Some(data.unwrap_or_else(|| {
        say("one DynamoDB table, parted by item".to_owned());
        Data {
            engine: DataEngine::Dynamodb,
            partition: DataPartition::Item,
            tables: BTreeMap::from([("data".to_owned(), BTreeMap::new())]),
            capacity: None,
        }
    }));
    tier.throttle = Some(throttle.unwrap_or_else(|| {
        say("10 requests a second for each tenant".to_owned());
        Throttle { rate: 10, burst: 20, quota_per_month: None }
    }));
    tier.pool = Some(before.pool.clone().unwrap_or_else(|| {
        say("100 tenants in a pool".to_owned());
        PoolSettings { tenants: 100 }
    }));
}

/// What a pool runs: what each tenant ran for itself, once, or two small instances.
fn run(tier: &mut Tier, before: &Tier, say: &mut Say<'_>) {
    let instances = match &before.capacity {
        Some(Capacity::Ec2(instances)) => Some(instances.clone()),
        _ => None,
    };
    let all = before.service.iter().chain(before.services.values());
    let first = all.clone().find(|service| service.port.is_some()).or(all.clone().next());
    if let (None, Some(service)) = (&instances, first) {
        if all.count() > 1 {
            say("the first service with a port in place of all".to_owned());
        }
        let mut service = service.clone();
        service.port = service.port.or(Some(8080));
        (service.path, service.secrets) = (None, Vec::new());
        (service.scale.target_requests, service.scale.by) = (None, ScaleBy::Target);
        tier.service = Some(service);
        return;
    }
    let instances = instances.unwrap_or_else(|| {
        say("2 to 4 instances of t4g.small in a pool".to_owned());
        let types = vec!["t4g.small".to_owned()];
        let (on_demand_base, spot_percent, image_parameter) = (None, None, None);
        Instances { types, min: 2, max: 4, on_demand_base, spot_percent, image_parameter }
    });
    tier.app = Some(App { instances, target_cpu: None, health_check: None, user_data: None });
}

/// An organization, and an account that manages it and is nobody's.
fn organization(blueprint: &mut Blueprint, assumed: &mut Assumed) {
    let accounts = &mut blueprint.accounts;
    let shared = accounts.management.as_ref().is_some_and(|id| accounts.workload.contains(id));
    if accounts.management.is_none() || shared {
        let taken =
            |id: &str| accounts.workload.contains(id) || accounts.shared.as_deref() == Some(id);
        let free = ["999999999999", "999999999998", "999999999997"];
        let free = free.iter().find(|id| !taken(id));
        accounts.management = free.map(|id| (*id).to_owned());
        assumed.insert("an account that manages the organization".to_owned(), Vec::new());
    }
    if blueprint.organization.is_none() {
        let (id, root) = ("o-assumed0000".to_owned(), "r-assumed".to_owned());
        blueprint.organization = Some(Organization { id, root });
        assumed.insert("an organization".to_owned(), Vec::new());
    }
}

/// Leaves out of a tenant what its tier does not know any more; whether it got an address for its
/// account.
fn tenant(tenant: &mut Tenant, tier: Option<&Tier>, model: Isolation) -> bool {
    let pooled = matches!(model, Isolation::Container | Isolation::Application);
    if !pooled {
        tenant.needs = Words::None;
    }
    tenant.dedicated &= model.has_cells();
    tenant.host = tenant.host.take().filter(|_| model == Isolation::Container);
    if tier.is_none_or(|tier| tier.vpn == TierVpn::None) {
        tenant.vpn = None;
    }
    if let Some(over) = &mut tenant.overrides {
        over.keep(|part| part.models().contains(&model));
    }
    let missing = model == Isolation::Account && tenant.email.is_none();
    if missing {
        tenant.email = Some(format!("aws+{}@tenantry.example", short_hash(&tenant.id, 12)));
    }
    missing
}
