//! What a proof reads, and what it says: over rendered folders only.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;
use tenantry::name::snake;
use tenantry::prove::read::{DEFAULT_GROUP, Deployed, Engine, Thing};

use crate::support::{blueprints, options, synth_blueprint};

/// The rendered folder of a blueprint of the repository, for both engines.
pub fn rendered(name: &str) -> BTreeMap<String, String> {
    let made = synth_blueprint(name, options()).made.expect("it is sound");
    let rendered = made.render();
    let mut out = BTreeMap::new();
    for artifact in rendered.shared() {
        out.insert(artifact.path, artifact.text);
    }
    for stack in rendered.stacks() {
        out.extend(rendered.stack(stack).into_iter().map(|file| (file.path, file.text)));
    }
    out
}

/// Hands over every thing of a rendered folder, whatever its type.
pub fn things(files: &BTreeMap<String, String>, engine: Engine, take: &mut dyn FnMut(&Thing<'_>)) {
    let deployed = Deployed::read(files, engine, &|_| true).expect("it can be read");
    assert_eq!(deployed.troubles, [], "everything is read");
    deployed.each(take);
}

/// Every blueprint, rendered, with each engine.
fn all() -> impl Iterator<Item = (String, Rc<BTreeMap<String, String>>, Engine)> {
    blueprints().into_iter().flat_map(|name| {
        let files = Rc::new(rendered(&name));
        let both = [Engine::CloudFormation, Engine::Terraform];
        both.map(|engine| (name.clone(), Rc::clone(&files), engine))
    })
}

/// Every value is followed to where it comes from.
#[test]
fn nothing_stays_unknown() {
    for (name, files, engine) in all() {
        let deployed = Deployed::read(&*files, engine, &|_| true).expect("read");
        assert_eq!(deployed.unknown(), [], "{name}");
        let mut unknown = BTreeSet::new();
        things(&files, engine, &mut |thing| {
            if thing.properties.to_string().contains("?{") {
                unknown.insert(thing.kind.to_owned());
            }
        });
        let left: Vec<&str> = unknown.iter().map(String::as_str).collect();
        assert!(left.is_empty(), "{name} for {}: {left:?}", engine.id());
    }
}

/// What both engines say of a thing: its type, whose it is, where, and its properties, with names as
/// Terraform writes them.
type Said = BTreeMap<String, (String, Vec<String>, BTreeMap<String, String>)>;

fn said(files: &BTreeMap<String, String>, engine: Engine) -> Said {
    let mut out = Said::new();
    things(files, engine, &mut |thing| {
        let mut flat = BTreeMap::new();
        flatten(&thing.properties, String::new(), &mut flat);
        for (key, value) in &thing.tags {
            flat.insert(format!("/Tags/{key}"), plain(value));
        }
        let place = vec![
            thing.tenant.unwrap_or_default().to_owned(),
            thing.account.to_owned(),
            thing.region.to_owned(),
        ];
        let name = plain(&thing.token());
        let name = if thing.kind == DEFAULT_GROUP {
            format!(
                "default group of {}",
                plain(thing.properties["VpcId"].as_str().expect("a VPC"))
            )
        } else {
            name
        };
        out.insert(name, (thing.kind.to_owned(), place, flat));
    });
    out
}

fn flatten(value: &Value, at: String, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, item)| flatten(item, format!("{at}/{key}"), out));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(i, item)| flatten(item, format!("{at}/{i}"), out));
        }
        Value::String(text) => {
            out.insert(at, plain(text));
        }
        other => {
            out.insert(at, other.to_string());
        }
    }
}

/// References with names as Terraform writes them, without its types.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let Some(slash) = rest.find('/') else { continue };
        out.push_str(&rest[..=slash]);
        rest = &rest[slash + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        if id.starts_with("aws_") {
            let name = after.strip_prefix('.').expect("an address");
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, after) = name.split_at(end.unwrap_or(name.len()));
            out.push_str(name);
            rest = after;
        } else {
            out.push_str(&snake(id));
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Where the engines do differ, by type and the beginning of a property: nothing of it says who
/// reaches whom.
const DIFFERENT: &[(&str, &[&str])] = &[
    // Rules of default groups stand in a step of the script or in a resource, which has no tags.
    (DEFAULT_GROUP, &["/Tags/"]),
    // Terraform names what CloudFormation leaves to AWS, and packs code into a file.
    ("AWS::Lambda::Function", &["/Code/", "/Filename", "/FunctionName"]),
    ("AWS::ECS::Cluster", &["/ClusterName", "/ClusterSettings/", "/Setting/"]),
    ("AWS::ECS::Service", &["/ServiceName", "/Deployment", "/DesiredCount"]),
    ("AWS::ECS::TaskDefinition", &["/Family"]),
    // How things are rolled out, checked and kept.
    ("AWS::AutoScaling::AutoScalingGroup", &["/ForceDelete", "/InstanceRefresh/", "/WaitFor"]),
    ("AWS::EC2::LaunchTemplate", &["/LaunchTemplateData/TagSpecifications/"]),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["/Drop", "/Enable", "/LoadBalancerAttributes/"],
    ),
    (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        &["/Dereg", "/Health", "/Matcher", "/Preserve", "/TargetGroupAttributes/", "/Unhealthy"],
    ),
    ("AWS::RDS::DBCluster", &["/Enable", "/FinalSnapshot", "/Serverless"]),
    (
        "AWS::S3::Bucket",
        &["/BucketEncryption/", "/BucketPrefix", "/Lifecycle", "/Object", "/Owner", "/Versioning"],
    ),
    ("AWS::SecretsManager::Secret", &["/GenerateSecretString/"]),
    ("AWS::DynamoDB::Table", &["/Attribute", "/PointInTime", "/TimeToLive", "/Ttl"]),
    // The accounts of a stack set are a resource of its own in Terraform.
    ("AWS::CloudFormation::StackSet", &["/StackInstancesGroup/"]),
    ("AWS::Kinesis::Stream", &["/Encryption", "/Kms", "/Retention", "/StreamEncryption/"]),
    // Descriptions, and the role that accepts a connection from another account.
    ("AWS::EC2::SecurityGroup", &["/SecurityGroupEgress/0/Description"]),
    ("AWS::EC2::VPCPeeringConnection", &["/PeerRoleArn"]),
    ("AWS::EC2::VPNGateway", &["/Type"]),
];

/// What both engines must say the same of.
const SAME: &[&str] = &[
    "AWS::EC2::",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::IAM::",
    "AWS::S3::",
    "AWS::KMS::",
    "AWS::SQS::",
    "AWS::SNS::Topic",
    "AWS::DynamoDB::",
    "AWS::SecretsManager::",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Organizations::",
    "AWS::RAM::",
    "AWS::Lambda::",
    "AWS::CloudFormation::StackSet",
    "AWS::Cognito::IdentityPool",
    "AWS::Events::EventBus",
    "AWS::Kinesis::",
    "AWS::SSM::Parameter",
    "Tenantry::",
];

/// Which network, which identities and which data there are does not depend on the engine.
#[test]
fn both_engines_say_the_same() {
    let same = |kind: &str| {
        let logging = [
            "AWS::EC2::FlowLog",
            "AWS::EC2::DHCPOptions",
            "AWS::EC2::VPCDHCPOptionsAssociation",
            "AWS::RDS::DBClusterParameterGroup",
            "AWS::ECS::ClusterCapacityProviderAssociations",
        ];
        !logging.contains(&kind) && SAME.iter().any(|begin| kind.starts_with(begin))
    };
    let mut found = Vec::new();
    for name in blueprints() {
        let files = rendered(&name);
        let (one, other) = (said(&files, Engine::CloudFormation), said(&files, Engine::Terraform));
        let kinds = |said: &Said| -> BTreeMap<String, String> {
            let all = said.iter().map(|(key, (kind, ..))| (key.clone(), kind.clone()));
            all.filter(|(_, kind)| same(kind)).collect()
        };
        assert_eq!(kinds(&one), kinds(&other), "{name}: the same things are there");
        for (key, (kind, place, fields)) in one.iter().filter(|(_, (kind, ..))| same(kind)) {
            let (_, there, others) = &other[key];
            assert_eq!(place, there, "{name} {key}: whose, and where");
            for difference in differences(kind, fields, others) {
                found.push(format!("{name} {key} ({kind}): {difference:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn differences<'a>(
    kind: &str,
    one: &'a BTreeMap<String, String>,
    other: &'a BTreeMap<String, String>,
) -> Vec<(&'a String, Option<&'a String>, Option<&'a String>)> {
    let admitted = DIFFERENT.iter().filter(|(own, _)| *own == kind).flat_map(|(_, begins)| *begins);
    let admitted: Vec<&&str> = admitted.collect();
    let fields: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let open = fields.into_iter().filter(|field| !admitted.iter().any(|b| field.starts_with(**b)));
    open.map(|field| (field, one.get(field), other.get(field))).filter(|(_, a, b)| a != b).collect()
}
