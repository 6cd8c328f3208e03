//! Notebooks. Amazon `SageMaker` takes the role of notebooks by itself and says no tenant, so that role
//! reaches no record: it opens and closes what belongs to the person, and takes the role that acts for
//! one tenant, under the name of the person. Notebooks stand in a network of their own that is joined
//! to nothing: they reach the lake and the services that they are made of, and nobody else.

use super::{Lake, TENANT, name};
use crate::blueprint::shape::component::Notebooks;
use crate::component::protection::key::policy::{MANAGE, USE};
use crate::component::{bucket, role};
use crate::name::{fit, pascal};
use crate::plan::Zone;
use crate::resource::endpoint::{Reach, VpcEndpoint};
use crate::resource::iam::{Role, document};
use crate::resource::kms::{Alias, Key};
use crate::resource::notebook::{Domain, UserProfile};
use crate::resource::s3::Bucket;
use crate::resource::security::{
    DefaultSecurityGroup, Egress, Ingress, Peer, SecurityGroup, Traffic,
};
use crate::resource::vpc::{RouteTable, RouteTableAssociation, Subnet, Vpc};
use crate::spec::Spec;
use crate::spec::component::analytics::{NOTEBOOK_ZONES, SLOTS};
use crate::template::{Template, Values};
use crate::value::{Id, Pseudo, Value, arn, join, map};

/// The block of the network: shared address space, beside that of the warehouse. Source:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
const BLOCK: &str = "100.64.4.0/22";

/// The blocks of its subnets, one for each slot of a zone.
const SUBNETS: [&str; SLOTS as usize] =
    ["100.64.4.0/24", "100.64.5.0/24", "100.64.6.0/24", "100.64.7.0/24"];

/// What notebooks reach by an interface: what they are made of, the role of a tenant's session, the
/// lake's work group, and their log. Source:
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-and-internet-access.html>.
const SERVICES: [&str; 5] = ["athena", "logs", "sagemaker.api", "sagemaker.runtime", "sts"];

/// The most characters of the name of a domain.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDomain.html>.
const LONGEST: usize = 63;

/// Adds the role of notebooks. `SageMaker` says for which account it comes, and who opened the notebook.
/// Sources:
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/monitor-user-access.html>.
pub fn role(t: &mut Template) -> Id<Role> {
    let own = map([("aws:SourceAccount", Value::from(Pseudo::Account))]);
    let actions = ["sts:AssumeRole", "sts:SetSourceIdentity"].map(Value::from);
    let trust = document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "sagemaker.amazonaws.com")])),
        ("Action", Value::List(actions.into())),
        ("Condition", map([("StringEquals", own)])),
    ])]);
    let description = "Runs notebooks, for no tenant in particular";
    t.add("NotebookRole", Role { description, trust, managed: Vec::new() })
}

/// Adds the domain, its network, its key and its people, and lets notebooks act for a tenant.
pub fn add(
    t: &mut Template,
    (spec, notebooks): (&Spec, &Notebooks),
    (zones, values): (&[Zone], &mut Values),
    (notebook, tenant): (&Id<Role>, &Id<Role>),
    lake: &Lake,
) {
    let (vpc, subnets, group) = network(t, zones, values, lake);
    let known = fit(&name(spec, "notebooks"), LONGEST);
    let key = key(t, &known);
    let domain = Domain {
        name: known.into(),
        vpc,
        subnets,
        group,
        role: notebook.clone(),
        key: key.clone(),
    };
    let domain = t.add("Notebooks", domain);
    role::allow(t, "NotebookRolePolicy", notebook, rights(&domain, &key, tenant));
    for user in &notebooks.users {
        let profile = UserProfile { domain: domain.clone(), name: user.clone() };
        t.add(format!("{}Notebooks", pascal(&user.replace('-', "_"))), profile);
    }
    t.output("NotebooksDomainId", "Where people open notebooks", &domain);
    t.output("NotebookRoleArn", "The role of notebooks", notebook.att("Arn"));
}

/// The key of homes and volumes: the account manages it, and whom its policies let use it does so through
/// a service, never with the key in hand. Source:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
fn key(t: &mut Template, known: &str) -> Id<Key> {
    let root = join([
        "arn:".into(),
        Pseudo::Partition.into(),
        ":iam::".into(),
        Pseudo::Account.into(),
        ":root".into(),
    ]);
    let account = |id: &str, actions: &[&str]| {
        let actions = actions.iter().map(|action| Value::from(*action)).collect();
        map([
            ("Sid", Value::from(id)),
            ("Effect", "Allow".into()),
            ("Principal", map([("AWS", root.clone())])),
            ("Action", Value::List(actions)),
            ("Resource", "*".into()),
        ])
    };
    let policy = document(vec![
        account("AccountManages", &MANAGE),
        when(account("AccountUsesThroughServices", &USE), through()),
        when(account("AccountGrantsToServices", &["kms:CreateGrant"]), granted()),
    ]);
    let description = "Homes and volumes of notebooks".into();
    let key = t.add_kept("NotebookKey", Key { description, policy });
    let name = format!("alias/{known}").into();
    t.add("NotebookKeyAlias", Alias { name, key: key.clone() });
    key
}

/// Only through the services that make and hold homes and volumes. Source:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>.
fn through() -> Value {
    let services = ["ec2", "elasticfilesystem", "sagemaker"].map(|service| {
        join([format!("{service}.").into(), Pseudo::Region.into(), ".amazonaws.com".into()])
    });
    map([("StringEquals", map([("kms:ViaService", Value::List(services.into()))]))])
}

/// Only for a resource of AWS that goes on using the key.
fn granted() -> Value {
    map([("Bool", map([("kms:GrantIsForAWSResource", "true")]))])
}

/// A statement that holds under a condition.
fn when(mut statement: Value, condition: Value) -> Value {
    if let Value::Map(parts) = &mut statement {
        parts.push(("Condition".to_owned(), condition));
    }
    statement
}

/// What the role of notebooks may do: look at the domain, open and close the spaces of the person and
/// what runs in them, write their log, use the key for their volumes, and act for a tenant. Of tenants'
/// records it may do nothing. Sources:
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol.html>,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html>.
fn rights(domain: &Id<Domain>, key: &Id<Key>, tenant: &Id<Role>) -> Vec<Value> {
    let of = |kind: &str, tail: &str| {
        arn("sagemaker", join([format!("{kind}/").into(), domain.into(), tail.into()]))
    };
    let (profiles, spaces, apps) = (of("user-profile", "/*"), of("space", "/*"), of("app", "/*"));
    let look = [
        "sagemaker:DescribeApp",
        "sagemaker:DescribeDomain",
        "sagemaker:DescribeSpace",
        "sagemaker:DescribeUserProfile",
    ];
    // Lists are of the whole account and region, and take no narrower resource.
    let list = ["sagemaker:ListApps", "sagemaker:ListDomains", "sagemaker:ListSpaces"];
    let own_spaces = ["sagemaker:CreateSpace", "sagemaker:DeleteSpace", "sagemaker:UpdateSpace"];
    let own_apps = ["sagemaker:CreateApp", "sagemaker:DeleteApp"];
    let owner = of("user-profile", "/${sagemaker:UserProfileName}");
    let own = || {
        map([
            ("ArnLike", map([("sagemaker:OwnerUserProfileArn", owner.clone())])),
            ("StringEquals", map([("sagemaker:SpaceSharingType", Value::from("Private"))])),
        ])
    };
    let made = Value::List(["CreateApp", "CreateSpace"].map(Value::from).into());
    let tagged = map([("StringEquals", map([("sagemaker:TaggingAction", made)]))]);
    let become_tenant = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];
    let mut out = vec![
        role::statement(&look, vec![of("domain", ""), profiles, spaces.clone(), apps.clone()]),
        role::statement(&list, vec!["*".into()]),
        role::statement(&["sagemaker:CreatePresignedDomainUrl"], vec![owner.clone()]),
        when(role::statement(&own_spaces, vec![spaces.clone()]), own()),
        when(role::statement(&own_apps, vec![apps.clone()]), own()),
        when(role::statement(&["sagemaker:AddTags"], vec![spaces, apps]), tagged),
        role::statement(&become_tenant, vec![tenant.att("Arn")]),
    ];
    out.push(log());
    out.extend(volumes(key));
    out
}

/// The log of Studio, whose name is fixed. Source:
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html>.
fn log() -> Value {
    let write = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
    let group = || "log-group:/aws/sagemaker/studio";
    let streams = format!("{}:*", group());
    role::statement(&write, vec![arn("logs", group()), arn("logs", streams)])
}

/// What a volume takes that is encrypted with a key. Source:
/// <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html>.
fn volumes(key: &Id<Key>) -> [Value; 2] {
    let use_it = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"];
    [
        when(role::statement(&use_it, vec![key.att("Arn")]), through()),
        when(role::statement(&["kms:CreateGrant"], vec![key.att("Arn")]), granted()),
    ]
}

/// What goes through an interface: what roles of this account do. Source:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>.
fn own_only() -> Value {
    let own = map([("aws:PrincipalAccount", Value::from(Pseudo::Account))]);
    document(vec![map([
        ("Sid", Value::from("OwnAccount")),
        ("Effect", "Allow".into()),
        ("Principal", "*".into()),
        ("Action", "*".into()),
        ("Resource", "*".into()),
        ("Condition", map([("StringEquals", own)])),
    ])])
}

/// What goes through the endpoint of S3: records are read, results are read and written, by roles of
/// this account. No other bucket is there, so nothing is carried out.
fn lake_only(lake: &Lake) -> Value {
    let own = || map([("StringEquals", map([("aws:PrincipalAccount", Pseudo::Account)]))]);
    let below = |it: &Id<Bucket>| bucket::objects(it, TENANT.into());
    let one = |id: &str, actions: &[&str], resources: Vec<Value>| {
        let actions = actions.iter().map(|action| Value::from(*action)).collect();
        map([
            ("Sid", Value::from(id)),
            ("Effect", "Allow".into()),
            ("Principal", "*".into()),
            ("Action", Value::List(actions)),
            ("Resource", Value::List(resources)),
            ("Condition", own()),
        ])
    };
    let both = || vec![lake.records.att("Arn"), lake.results.att("Arn")];
    let write = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"];
    document(vec![
        one("List", &["s3:GetBucketLocation", "s3:ListBucket"], both()),
        one("Read", &["s3:GetObject"], vec![below(&lake.records), below(&lake.results)]),
        one("Write", &write, vec![below(&lake.results)]),
    ])
}

/// A network without a way in or out, but for the lake and what notebooks are made of.
fn network(
    t: &mut Template,
    zones: &[Zone],
    values: &mut Values,
    lake: &Lake,
) -> (Id<Vpc>, Vec<Id<Subnet>>, Id<SecurityGroup>) {
    let vpc = t.add("NotebookVpc", Vpc { cidr: BLOCK.into() });
    t.add("NotebookDefaultSecurityGroup", DefaultSecurityGroup { vpc: vpc.clone() });
    let table = t.add("NotebookRouteTable", RouteTable { vpc: vpc.clone() });
    let mut subnets = Vec::new();
    for zone in zones.iter().take(NOTEBOOK_ZONES) {
        let (n, cidr) = (zone.number(), SUBNETS[usize::from(zone.slot)]);
        let name = format!("NotebookZone{n}");
        values.set(&name, &zone.name);
        let zone = t.param(&name, format!("The zone of subnet {n} of notebooks"));
        let subnet = Subnet { vpc: vpc.clone(), cidr: cidr.into(), zone };
        let subnet = t.add(format!("NotebookSubnet{n}"), subnet);
        let of = RouteTableAssociation { table: table.clone(), subnet: subnet.clone() };
        t.add(format!("NotebookSubnet{n}RouteTable"), of);
        subnets.push(subnet);
    }
    let reach = Reach::Gateway(vec![table]);
    let policy = lake_only(lake);
    let lake = VpcEndpoint { vpc: vpc.clone(), service: "s3".to_owned(), reach, policy };
    t.add("NotebookS3Endpoint", lake);
    let group = groups(t, &vpc, &subnets);
    t.output(
        "DefaultSecurityGroupIdOfNotebooks",
        "The group that AWS made in the VPC of notebooks, without rules",
        vpc.att("DefaultSecurityGroup"),
    );
    (vpc, subnets, group)
}

/// The group of notebooks, and the interfaces of services that it reaches. Notebooks reach each other's
/// processes and their homes within the group, as Studio needs. Source:
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-and-internet-access.html>.
fn groups(t: &mut Template, vpc: &Id<Vpc>, subnets: &[Id<Subnet>]) -> Id<SecurityGroup> {
    let doors = SecurityGroup { vpc: vpc.clone(), description: "Interfaces of services" };
    let doors = t.add("NotebookEndpointGroup", doors);
    let group = t.add(
        "NotebookGroup",
        SecurityGroup { vpc: vpc.clone(), description: "Notebooks and their homes" },
    );
    let within = "Notebooks and their homes";
    let (from, traffic) = (Peer::Group(group.clone()), Traffic::All);
    let ingress = Ingress { group: group.clone(), from, traffic, description: within };
    t.add("NotebookWithinIngress", ingress);
    let to = Peer::Group(group.clone());
    t.add(
        "NotebookWithinEgress",
        Egress { group: group.clone(), to, traffic, description: within },
    );
    let traffic = Traffic::Tcp(443);
    let description = "The lake and services, which are all that there is a route to";
    let to = Peer::Cidr("0.0.0.0/0".into());
    t.add("NotebookEgress", Egress { group: group.clone(), to, traffic, description });
    let from = Peer::Group(group.clone());
    let description = "Notebooks";
    t.add("NotebookEndpointIngress", Ingress { group: doors.clone(), from, traffic, description });
    for service in SERVICES {
        let endpoint = VpcEndpoint {
            vpc: vpc.clone(),
            service: service.to_owned(),
            reach: Reach::Interface(subnets.to_vec(), doors.clone()),
            policy: own_only(),
        };
        t.add(format!("Notebook{}Endpoint", pascal(service)), endpoint);
    }
    group
}
