//! What is known of identities: roles with all that is said of them, things that are data, policies of
//! things, and which of a tenant's workloads holds which role. Things are taken in one by one; nothing
//! is judged here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::read::{Thing, json};
use super::kinds::{self, Kind};
use super::policy::{Origin, Policy, items, texts};
use super::{acts, fed};

/// Everything that was taken in.
#[derive(Debug, Default)]
pub struct Model {
    /// Who owns a stack or a thing.
    pub tenants: BTreeSet<String>,
    /// The accounts, with the tenants that live in each.
    pub accounts: BTreeMap<String, BTreeSet<String>>,
    /// The tenants of each pool, as its catalogue has them.
    pub cells: BTreeMap<String, BTreeSet<String>>,
    /// Whose a stack is.
    pub stacks: BTreeMap<String, Option<String>>,
    /// Accounts in which something is shared.
    pub common: BTreeSet<String>,
    /// Accounts that the estate names as its own, whether anything stands there or not.
    pub own: BTreeSet<String>,
    /// The roles, by what others call them.
    pub roles: BTreeMap<String, Role>,
    /// Data, and what leads to it.
    pub targets: Vec<Target>,
    /// Policies of things, each with what names its things.
    pub about: Vec<(Vec<String>, Policy)>,
    /// Policies of roles that stand beside them, each with what names its role.
    pub attached: Vec<(String, Place, Policy)>,
    /// Policies that others can be made of, by what others call them.
    pub managed: BTreeMap<String, Policy>,
    /// Endpoints of VPCs.
    pub endpoints: Vec<(Place, Policy)>,
    /// What workloads hold or are given.
    pub uses: Vec<Use>,
    /// What leads to roles, with them: instance profiles, launch templates, definitions of tasks. By
    /// what others call it, and by its name.
    pub leads: BTreeMap<String, Vec<String>>,
    /// Users who are in groups, as written: what these may do is not followed.
    pub grouped: Vec<(String, Place)>,
    /// Pools of identities, with their owners and whether strangers get in.
    pub pools: BTreeMap<String, (Place, bool)>,
    /// Service control policies with the units and accounts that they are for.
    pub guards: Vec<(Vec<String>, Policy)>,
    /// Accounts of tenants that this estate makes, with the unit of each.
    pub made: Vec<(Place, Vec<String>)>,
    /// Templates of roles for every account below a unit.
    pub baselines: Vec<(Place, Vec<String>)>,
    /// What gets what another has.
    pub feeds: Vec<fed::Feed>,
    /// What is handed to other accounts.
    pub shares: Vec<fed::Share>,
}

/// Where a thing stands and whose it is.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Whose, unless it is shared.
    pub owner: Option<String>,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Where it was read.
    pub origin: Origin,
}

/// A role.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// Where it stands.
    pub place: Place,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Whether every account of a tenant has one.
    pub everywhere: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Who may take it.
    pub trust: Policy,
    /// What it may do.
    pub policies: Vec<Policy>,
    /// What AWS's own policies it has.
    pub managed: Vec<String>,
    /// What it may do at most.
    pub boundary: Option<String>,
}

/// A thing that is data.
#[derive(Debug)]
pub struct Target {
    /// What it is.
    pub kind: &'static Kind,
    /// Where it stands.
    pub place: Place,
    /// Its ARN after the partition, with `*` where a name is AWS's to choose.
    pub arn: String,
    /// Whether only its owner's policy tells of it, as it is not in the output.
    pub implied: bool,
}

/// That a workload of somebody holds a thing, or is given it.
#[derive(Debug)]
pub struct Use {
    /// The workload.
    pub by: Place,
    /// What it holds, as written.
    pub of: String,
    /// How.
    pub how: &'static str,
    /// Whether it acts with it, rather than is shown it.
    pub acts: bool,
}

impl Model {
    /// Takes a thing in.
    pub fn take(&mut self, thing: &Thing<'_>) {
        self.know(thing);
        match thing.kind {
            // A user is held by who has its keys, as a role is by who was given it.
            "AWS::IAM::Role" | "AWS::IAM::User" => self.role(thing),
            "AWS::IAM::RolePolicy" | "AWS::IAM::UserPolicy" | "AWS::IAM::Policy" => {
                self.attach(thing);
            }
            "AWS::IAM::ManagedPolicy" => self.managed(thing),
            "AWS::EC2::VPCEndpoint" => self.endpoint(thing),
            "AWS::ECS::TaskDefinition" => self.task(thing),
            "AWS::Lambda::Permission" => self.permission(thing),
            "AWS::Cognito::IdentityPool" => {
                let open = thing.properties.get("AllowUnauthenticatedIdentities");
                let open = open == Some(&Value::Bool(true));
                self.pools.insert(thing.token(), (place(thing), open));
            }
            "AWS::Cognito::IdentityPoolRoleAttachment" => self.pool_roles(thing),
            "AWS::Organizations::Policy" => self.guard(thing),
            "AWS::Organizations::Account" => {
                self.made.push((place(thing), texts(thing.properties.get("ParentIds"))));
            }
            "AWS::CloudFormation::StackSet" => self.baseline(thing),
            _ => {}
        }
        fed::take(self, thing);
        self.acting(thing);
        self.data(thing);
        self.policy_of(thing);
    }

    /// Remembers with which roles a thing acts, and where it leads who runs it.
    fn acting(&mut self, thing: &Thing<'_>) {
        let named = acts::named(thing);
        if acts::LEADS.contains(&thing.kind) {
            let roles: Vec<String> = named.iter().map(|(of, _)| of.clone()).collect();
            for key in std::iter::once(thing.token()).chain(acts::name(thing)) {
                self.leads.entry(key).or_default().extend(roles.iter().cloned());
            }
        }
        for (of, how) in named {
            self.uses.push(Use { by: place(thing), of, how, acts: true });
        }
    }

    /// What a text names, and whatever that leads to.
    pub fn led(&self, text: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut next = vec![text.to_owned()];
        while let Some(one) = next.pop() {
            let key = acts::key(&one);
            if seen.insert(one) {
                next.extend(self.leads.get(&key).into_iter().flatten().cloned());
            }
        }
        seen
    }

    /// Takes the items of a tenant in a catalogue in.
    pub fn items(&mut self, text: &str) {
        let tables: Value = json::parse(text).unwrap_or_default();
        for put in tables.as_object().into_iter().flatten().filter_map(|(_, puts)| puts.as_array())
        {
            for item in put.iter().map(|put| at(put, "/PutRequest/Item")) {
                let says = |key: &str| at(item, &format!("/{key}/S")).as_str().map(str::to_owned);
                if let (Some(cell), Some(tenant)) = (says("cell"), says("tenant")) {
                    self.cells.entry(cell).or_default().insert(tenant);
                }
            }
        }
    }

    /// Whether a type matters.
    pub fn wants(kind: &str) -> bool {
        const OTHERS: [&str; 17] = [
            "AWS::IAM::User",
            "AWS::IAM::UserPolicy",
            "AWS::IAM::RolePolicy",
            "AWS::IAM::Policy",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::InstanceProfile",
            "AWS::EC2::VPCEndpoint",
            "AWS::ECS::TaskDefinition",
            "AWS::EC2::LaunchTemplate",
            "AWS::Lambda::Permission",
            "AWS::Cognito::IdentityPool",
            "AWS::Cognito::IdentityPoolRoleAttachment",
            "AWS::Organizations::Policy",
            "AWS::Organizations::Account",
            "AWS::CloudFormation::StackSet",
            "AWS::EC2::NetworkAcl",
            "AWS::ApiGateway::UsagePlan",
        ];
        kinds::of(kind).is_some()
            || OTHERS.contains(&kind)
            || acts::TYPES.contains(&kind)
            || fed::wants(kind)
            || kinds::BESIDE.iter().any(|beside| beside.name == kind)
    }

    /// Remembers who lives where.
    fn know(&mut self, thing: &Thing<'_>) {
        if !self.stacks.contains_key(thing.stack) {
            self.stacks.insert(thing.stack.to_owned(), thing.tenant.map(str::to_owned));
        }
        let Some(tenant) = thing.tenant else {
            if !self.common.contains(thing.account) {
                self.common.insert(thing.account.to_owned());
            }
            return;
        };
        if !self.tenants.contains(tenant) {
            self.tenants.insert(tenant.to_owned());
        }
        // The stack that makes an account stands elsewhere; nobody lives there for it.
        if thing.kind == "AWS::Organizations::Account" {
            return;
        }
        let there = self.accounts.entry(thing.account.to_owned()).or_default();
        if !there.contains(tenant) {
            there.insert(tenant.to_owned());
        }
    }

    fn role(&mut self, thing: &Thing<'_>) {
        let properties = &thing.properties;
        let origin = |at: &str| origin(thing, at);
        let document = properties.get("AssumeRolePolicyDocument").unwrap_or(&Value::Null);
        if thing.kind == "AWS::IAM::User" && !items(properties.get("Groups")).is_empty() {
            self.grouped.push((thing.token(), place(thing)));
        }
        let inline = items(properties.get("Policies")).into_iter().enumerate().map(|(n, one)| {
            let name = one.get("PolicyName").and_then(Value::as_str).unwrap_or("policy");
            // What is no policy cannot be told.
            let document = if one.is_object() { &one["PolicyDocument"] } else { one };
            Policy::read(name, origin(&format!("/Policies/{n}/PolicyDocument")), document)
        });
        let role = Role {
            place: place(thing),
            name: text(properties, "RoleName"),
            everywhere: false,
            tags: thing.tags.iter().cloned().collect(),
            trust: Policy::read("trust", origin("/AssumeRolePolicyDocument"), document),
            policies: inline.collect(),
            managed: texts(properties.get("ManagedPolicyArns")),
            boundary: text(properties, "PermissionsBoundary"),
        };
        self.roles.insert(thing.token(), role);
    }

    fn attach(&mut self, thing: &Thing<'_>) {
        let policy = self.document(thing, "PolicyDocument");
        let named = ["RoleName", "UserName", "Roles", "Users"];
        let values = named.into_iter().filter_map(|key| thing.properties.get(key));
        let roles: Vec<String> = values.flat_map(|value| texts(Some(value))).collect();
        for role in roles {
            self.attached.push((role, place(thing), policy.clone()));
        }
    }

    fn managed(&mut self, thing: &Thing<'_>) {
        self.attach(thing);
        self.managed.insert(thing.token(), self.document(thing, "PolicyDocument"));
    }

    #[allow(clippy::unused_self)]
    fn document(&self, thing: &Thing<'_>, key: &str) -> Policy {
        let name = text(&thing.properties, "PolicyName").unwrap_or_else(|| thing.id.to_owned());
        let document = thing.properties.get(key).unwrap_or(&Value::Null);
        Policy::read(&name, origin(thing, &format!("/{key}")), document)
    }

    /// Without a document, an endpoint lets everything through.
    /// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
    fn endpoint(&mut self, thing: &Thing<'_>) {
        let everything = Value::String("all that an endpoint lets through by default".to_owned());
        let document = thing.properties.get("PolicyDocument").unwrap_or(&everything);
        let name = text(&thing.properties, "ServiceName").unwrap_or_default();
        let policy = Policy::read(&name, origin(thing, "/PolicyDocument"), document);
        self.endpoints.push((place(thing), policy));
    }

    fn task(&mut self, thing: &Thing<'_>) {
        let agent = thing.properties.get("ExecutionRoleArn");
        self.used(thing, agent, "is started with the role", false);
        for container in items(thing.properties.get("ContainerDefinitions")) {
            for secret in items(container.get("Secrets")) {
                self.used(thing, secret.get("ValueFrom"), "a container is given the value", false);
            }
            let group = at(container, "/LogConfiguration/Options/awslogs-group");
            self.used(thing, Some(group), "a container logs there", false);
        }
    }

    fn used(&mut self, thing: &Thing<'_>, what: Option<&Value>, how: &'static str, acts: bool) {
        let what = what.into_iter().filter_map(Value::as_str);
        self.uses.extend(what.map(|of| Use { by: place(thing), of: of.to_owned(), how, acts }));
    }

    fn pool_roles(&mut self, thing: &Thing<'_>) {
        let roles = thing.properties.get("Roles").and_then(Value::as_object);
        for role in roles.into_iter().flatten().map(|(_, role)| role) {
            self.used(thing, Some(role), "users who logged in get the role", true);
        }
    }

    /// A permission of a function is a statement of its policy.
    fn permission(&mut self, thing: &Thing<'_>) {
        let says = |key: &str| text(&thing.properties, key);
        let principal = says("Principal").unwrap_or_else(|| "*".to_owned());
        let kind = if principal.contains(".amazonaws.com") { "Service" } else { "AWS" };
        let keys = [
            ("SourceArn", "ArnLike", "aws:SourceArn"),
            ("SourceAccount", "StringEquals", "aws:SourceAccount"),
            ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ];
        let conditions = keys.into_iter().filter_map(|(property, operator, key)| {
            says(property).map(|value| (operator.to_owned(), serde_json::json!({ key: value })))
        });
        let conditions: serde_json::Map<String, Value> = conditions.collect();
        let document = serde_json::json!({ "Statement": {
            "Sid": thing.id, "Effect": "Allow", "Principal": { kind: principal },
            "Action": says("Action"), "Resource": "*", "Condition": conditions,
        }});
        let policy = Policy::read(thing.id, origin(thing, ""), &document);
        self.about.push((texts(thing.properties.get("FunctionName")), policy));
    }

    fn guard(&mut self, thing: &Thing<'_>) {
        if text(&thing.properties, "Type").as_deref() != Some("SERVICE_CONTROL_POLICY") {
            return;
        }
        let name = text(&thing.properties, "Name").unwrap_or_default();
        let content = thing.properties.get("Content").unwrap_or(&Value::Null);
        let policy = Policy::read(&name, origin(thing, "/Content"), content);
        self.guards.push((texts(thing.properties.get("TargetIds")), policy));
    }

    /// Roles that a stack set brings into every account below its units.
    fn baseline(&mut self, thing: &Thing<'_>) {
        let units = thing.properties.pointer("/StackInstancesGroup/0/DeploymentTargets");
        let units = texts(units.and_then(|targets| targets.get("OrganizationalUnitIds")));
        let body = match thing.properties.get("TemplateBody") {
            Some(Value::String(text)) => json::parse(text).unwrap_or_default(),
            Some(other) => other.clone(),
            None => Value::Null,
        };
        self.baselines.push((place(thing), units));
        for (id, resource) in body["Resources"].as_object().into_iter().flatten() {
            if resource["Type"] != "AWS::IAM::Role" {
                continue;
            }
            let inner = Thing {
                id: &format!("{}.{id}", thing.id),
                kind: "AWS::IAM::Role",
                account: EACH,
                properties: plain(&resource["Properties"]),
                place: &format!("{}/TemplateBody", thing.place),
                ..thing.clone()
            };
            self.role(&inner);
            if let Some(role) = self.roles.get_mut(&inner.token()) {
                role.everywhere = true;
            }
        }
    }

    fn data(&mut self, thing: &Thing<'_>) {
        let Some(kind) = kinds::of(thing.kind) else { return };
        let quiet = ["log group", "parameter", "service"].contains(&kind.word);
        if thing.tenant.is_none() && quiet {
            return;
        }
        let name = text(&thing.properties, kind.named);
        let name = match name {
            Some(name) if kind.name == "AWS::SSM::Parameter" => {
                name.trim_start_matches('/').to_owned()
            }
            Some(name) => name,
            None => "*".to_owned(),
        };
        let rest = kind.arn.replace("{r}", thing.region).replace("{a}", thing.account);
        let arn = rest.replace("{n}", &name);
        let target = Target { kind, place: place(thing), arn, implied: false };
        self.targets.push(target);
    }

    fn policy_of(&mut self, thing: &Thing<'_>) {
        for beside in kinds::BESIDE.iter().filter(|beside| beside.name == thing.kind) {
            let Some(document) = thing.properties.pointer(beside.document) else { continue };
            let about = if beside.about.is_empty() {
                vec![thing.token()]
            } else {
                texts(thing.properties.pointer(beside.about))
            };
            let document = match document.get("Statement") {
                None if document.get("Effect").is_some() => {
                    serde_json::json!({ "Statement": document })
                }
                _ => document.clone(),
            };
            let name = format!("policy of {}", thing.id);
            self.about
                .push((about, Policy::read(&name, origin(thing, beside.document), &document)));
        }
    }
}

/// Stands for each account of a tenant, where a template is for all of them.
pub const EACH: &str = "each-account";

/// Where a thing stands.
pub fn place(thing: &Thing<'_>) -> Place {
    Place {
        owner: thing.tenant.map(str::to_owned),
        account: thing.account.to_owned(),
        region: thing.region.to_owned(),
        origin: origin(thing, ""),
    }
}

fn origin(thing: &Thing<'_>, below: &str) -> Origin {
    let below = if below.is_empty() || thing.file.contains("terraform") {
        String::new()
    } else {
        format!("/Properties{below}")
    };
    Origin {
        thing: thing.token(),
        file: thing.file.to_owned(),
        pointer: format!("{}{below}", thing.place),
    }
}

fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A property that is a text.
pub fn text(properties: &Value, key: &str) -> Option<String> {
    properties.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// A template within a template, with what of it is known put in.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => match (map.get("Ref"), map.get("Fn::Join")) {
            (Some(Value::String(name)), _) => Value::String(match name.as_str() {
                "AWS::Partition" => "aws".to_owned(),
                "AWS::AccountId" => EACH.to_owned(),
                other => format!("?{{{other}}}"),
            }),
            (None, Some(join)) => {
                let parts = join[1].as_array().into_iter().flatten().map(plain);
                Value::String(
                    parts.map(|part| part.as_str().unwrap_or("?{part}").to_owned()).collect(),
                )
            }
            _ => Value::Object(map.iter().map(|(k, v)| (k.clone(), plain(v))).collect()),
        },
        Value::Array(all) => Value::Array(all.iter().map(plain).collect()),
        other => other.clone(),
    }
}
