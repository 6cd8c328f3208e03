//! Images of instances: built from the usual ones on a schedule, patched, tested, encrypted, and handed
//! out to every region of the estate. Launch templates read their ids from a parameter, so whatever
//! is launched next is new; what changes from pool to pool is said when an instance starts. Each workload
//! account builds its own: what is encrypted with the key of an account cannot be shared, and a key that is
//! shared wants a grant for EC2 Auto Scaling in every other account, for which CloudFormation has no
//! resource. Sources:
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html>,
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html>.

use serde_json::json;

use super::application;
use crate::blueprint::shape::component::Images;
use crate::model::application::pool;
use crate::model::container::hosts;
use crate::model::{foundation, identity};
use crate::name::{fit, short_hash};
use crate::plan::Plan;
use crate::resource::Resource as _;
use crate::resource::autoscaling::{LaunchTemplate, image_id};
use crate::resource::iam::{InstanceProfile, ManagedPolicy, Role, document};
use crate::resource::image::{
    Building, Component, Distribution, Image, ImagePipeline, Infrastructure, Recipe,
};
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Id, Pseudo, Value, join, map, param};

/// The shape of the template, and the beginning of the key of its stack.
const SHAPE: &str = "images";

/// When images are built again, where nothing else is said.
const SCHEDULE: &str = "cron(0 3 ? * SUN *)";

/// The parameter with what the names of all parts begin with.
const PREFIX: &str = "Prefix";

/// The most characters of it: a name has at most 128, and a mark behind it. Source:
/// <https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateImageRecipe.html>.
const NAMES: usize = 110;

/// What builds and tests: 64-bit Arm, as the images.
const BUILDER: &str = "t4g.medium";

/// What each image is for, the image that it begins with, and whether the agent of `CodeDeploy`
/// belongs on it.
const KINDS: [(&str, &str, bool); 2] = [("App", pool::IMAGE, true), ("Host", hosts::IMAGE, false)];

/// The parameters with where images are built, where each account says it.
const NETWORK: [&str; 2] = ["BuilderSubnetId", "BuilderSecurityGroupId"];

/// One stack in the home region of each workload account that something stands in, and its images in
/// every launch template of a usual one.
pub fn synthesise(spec: &Spec, plan: &Plan, images: &Images, agent: bool, estate: &mut Estate) {
    let used: Vec<_> =
        KINDS.into_iter().filter(|(word, usual, _)| take(spec, estate, word, usual)).collect();
    if used.is_empty() {
        return;
    }
    let mut t = template(spec, images);
    for (word, usual, runs) in used {
        let steps = steps(spec, images, agent && runs);
        build(&mut t, spec, images, (word, usual), steps);
    }
    for account in foundation::homes(spec, plan) {
        let (key, place) = (key(spec, account), (account, spec.regions[0].as_str()));
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        values.set(PREFIX, fit(&stack.name, NAMES));
        if let Some(own) = images.networks.get(account) {
            values.set(NETWORK[0], &own.subnet);
            values.set(NETWORK[1], &own.security_group);
        }
        stack.values = values.order(&t);
        SHAPE.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), t);
}

fn key(spec: &Spec, account: &str) -> String {
    if account == spec.home_account {
        return format!("{SHAPE}-{}", spec.regions[0]);
    }
    identity::account_key(spec, SHAPE, account)
}

/// The path of the parameter with the id of an image.
fn path(spec: &Spec, word: &str) -> String {
    format!("/imagebuilder/{}/{}/{}", spec.name, spec.environment, word.to_lowercase())
}

/// Lets launch templates of a usual image take the one that is built; whether there were some.
fn take(spec: &Spec, estate: &mut Estate, word: &str, usual: &str) -> bool {
    let mut shapes = Vec::new();
    let (before, now) = (Value::from(image_id(usual)), Value::from(image_id(&path(spec, word))));
    for (shape, template) in &mut estate.templates {
        let launches = template.entries.iter_mut().filter(|e| e.tf == LaunchTemplate::TF);
        for (_, data) in launches.flat_map(|entry| &mut entry.body.properties) {
            let Value::Block(data) = data else { continue };
            for (_, value) in data.iter_mut().filter(|(_, value)| *value == before) {
                value.clone_from(&now);
                shapes.push(shape.clone());
            }
        }
    }
    // An instance that finds no image is not launched.
    for stack in estate.stacks.iter_mut().filter(|stack| shapes.contains(&stack.shape)) {
        stack.depends_on.push(key(spec, &stack.account));
    }
    !shapes.is_empty()
}

/// What all images share: where they are built, and what the instance that builds may do.
fn template(spec: &Spec, images: &Images) -> Template {
    let mut t = Template::new(SHAPE, "Images of instances, and what builds them.");
    identity::tag_shared(&mut t, spec, None);
    t.param(PREFIX, "What the names of all parts begin with");
    let role = role(&mut t);
    let profile = t.add("BuilderProfile", InstanceProfile { role });
    let network = images.network.as_ref();
    let fixed = network.map(|own| ((&own.subnet).into(), (&own.security_group).into()));
    let each = (!images.networks.is_empty()).then(|| {
        let subnet = t.param(NETWORK[0], "The subnet in which images are built");
        (subnet, t.param(NETWORK[1], "The group of the instance that builds"))
    });
    let infrastructure =
        Infrastructure { name: param(PREFIX), profile, kind: BUILDER, network: fixed.or(each) };
    t.add("Infrastructure", infrastructure);
    t
}

/// AWS's own policies for it, and no more. EC2 says no source when it takes a role. Source:
/// <https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html>.
fn role(t: &mut Template) -> Id<Role> {
    let policies = ["EC2InstanceProfileForImageBuilder", "AmazonSSMManagedInstanceCore"];
    let arn = |name: &str| {
        join(["arn:".into(), Pseudo::Partition.into(), format!(":iam::aws:policy/{name}").into()])
    };
    let trust = document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "ec2.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
    ])]);
    let description = "Builds and tests images";
    let managed: Vec<Value> = policies.into_iter().map(arn).collect();
    let role = t.add("BuilderRole", Role { description, trust, managed: managed.clone() });
    for (n, policy) in (1..).zip(managed) {
        t.add(format!("BuilderRoleManaged{n}"), ManagedPolicy { role: role.clone(), policy });
    }
    role
}

/// Adds what builds one image, and its first one.
fn build(
    t: &mut Template,
    spec: &Spec,
    images: &Images,
    (word, usual): (&str, &'static str),
    steps: String,
) {
    let tail = format!("-{}", word.to_lowercase());
    let mark = short_hash(&format!("{usual} {steps}"), 8);
    let named = |mark: &str| join([param(PREFIX), format!("{tail}{mark}").into()]);
    let marked = named(&format!("-{mark}"));
    let component = t.add(format!("{word}Component"), Component { name: marked.clone(), steps });
    let recipe = Recipe { name: marked, parent_parameter: usual, component };
    let recipe = t.add(format!("{word}Recipe"), recipe);
    let distribution = Distribution {
        name: named(""),
        images: named("-{{ imagebuilder:buildDate }}"),
        regions: spec.regions.clone(),
        parameter: path(spec, word),
        tags: t.tags.clone(),
    };
    let distribution = t.add(format!("{word}Distribution"), distribution);
    let of = Building { recipe, infrastructure: Id::resource("Infrastructure"), distribution };
    let waits: Vec<String> = (1..=2).map(|n| format!("BuilderRoleManaged{n}")).collect();
    let waits: Vec<&String> = waits.iter().collect();
    t.add_after(format!("{word}Image"), Image { of: of.clone() }, &waits);
    let schedule = images.schedule.clone().unwrap_or_else(|| SCHEDULE.to_owned());
    t.add(format!("{word}Pipeline"), ImagePipeline { name: named(""), of, schedule });
}

/// What is done to an image, as a document; JSON is YAML. Source of the form:
/// <https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html>.
fn steps(spec: &Spec, images: &Images, agent: bool) -> String {
    let run = |name: &str, commands: &[String]| {
        let inputs = json!({"commands": commands});
        json!({"name": name, "action": "ExecuteBash", "inputs": inputs})
    };
    let mut build = vec![json!({"name": "Patch", "action": "UpdateOS"})];
    let (mut validate, mut test) = (Vec::new(), Vec::new());
    if !images.packages.is_empty() {
        let all = images.packages.join(" ");
        build.push(run("Packages", &[format!("dnf install -y {all}")]));
        validate.push(run("Packages", &[format!("rpm -q {all}")]));
    }
    if agent {
        let region = spec.regions[0].as_str();
        build.push(run("Agent", &[application::agent_in(region, spec.partition.url_suffix())]));
        test.push(run("Agent", &["systemctl is-active --quiet codedeploy-agent".to_owned()]));
    }
    for (phase, name, commands) in
        [(&mut build, "Commands", &images.commands), (&mut test, "Tests", &images.tests)]
    {
        phase.extend((!commands.is_empty()).then(|| run(name, commands)));
    }
    let phases = [("build", build), ("validate", validate), ("test", test)];
    let phases = phases.into_iter().filter(|(_, steps)| !steps.is_empty());
    let phases: Vec<_> =
        phases.map(|(name, steps)| json!({"name": name, "steps": steps})).collect();
    json!({"name": "image", "schemaVersion": 1.0, "phases": phases}).to_string()
}
