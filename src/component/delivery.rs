//! From a repository to the stacks: a pipeline that checks a change, asks a person, and deploys it
//! ring by ring with the scripts that were checked. It stands in the account that deploys.

pub mod named; // what the roles of the estate are called
pub mod rights; // what the pipeline and its commands may do
pub mod commands; // what runs in it
pub mod application; // how new versions come to what runs in pools
pub mod image; // images of instances
pub mod settings; // what applications read of the environment

use crate::blueprint::shape::component::{Approve, Delivery};
use crate::component::{bucket, role};
use crate::model::identity;
use crate::plan::Plan;
use crate::resource::delivery::{Action, Pipeline, Project, Repository, Stage};
use crate::resource::events::{Rule, RuleTarget, When};
use crate::resource::flow::LogGroup;
use crate::resource::iam::Role;
use crate::resource::s3::{Bucket, Keeping};
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Id, Pseudo, Value, arn, join, map, param};

/// The shape of its template, and the beginning of the key of its stack.
const SHAPE: &str = "delivery";

/// The image of the commands: Amazon Linux for 64-bit Arm. Source:
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html>.
const IMAGE: &str = "aws/codebuild/amazonlinux-aarch64-standard:3.0";

/// What was checked is kept for so many days: long enough to look back at a deployment.
const ARTIFACT_DAYS: u32 = 90;

/// The minutes of a check, and those of a ring: a ring may have many stacks. At most 2,160. Source:
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html>.
const MINUTES: (u16, u16) = (60, 480);

/// The parameter with the connection to the repository.
const CONNECTION: &str = "ConnectionArn";

/// What the source gives, and what the check makes of it.
const ARTIFACTS: (&str, &str) = ("source", "checked");

/// What the delivery adds to what runs: others watch it, so it comes before them.
pub fn prepare(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(delivery) = &spec.components.delivery else { return };
    if let Some(images) = &delivery.images {
        let agent = delivery.applications.is_some();
        image::synthesise(spec, plan, images, agent, estate);
    }
    if let Some(applications) = &delivery.applications {
        application::synthesise(spec, plan, applications, estate);
    }
    if !delivery.parameters.is_empty() {
        settings::synthesise(spec, plan, &delivery.parameters, estate);
    }
}

/// One stack in the account that deploys, in the home region. It comes last: it lets roles be
/// passed to those services that the roles of all other templates are for.
pub fn synthesise(spec: &Spec, _: &Plan, estate: &mut Estate) {
    let Some(delivery) = &spec.components.delivery else { return };
    let region = spec.regions[0].as_str();
    let place = (spec.deploy.account.as_str(), region);
    let key = format!("{SHAPE}-{region}");
    let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
    let template = template(spec, delivery, estate);
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    if let Some(connection) = &delivery.connection {
        values.set(CONNECTION, &connection.arn);
    }
    stack.values = values.order(&template);
    SHAPE.clone_into(&mut stack.shape);
    estate.stacks.push(stack);
    estate.templates.insert(SHAPE.to_owned(), template);
}

fn template(spec: &Spec, delivery: &Delivery, estate: &Estate) -> Template {
    let about = "The pipeline that checks a change of the blueprint and deploys it ring by ring.";
    let mut t = Template::new(SHAPE, about);
    identity::tag_shared(&mut t, spec, None);
    if delivery.connection.is_some() {
        t.param(CONNECTION, "The connection to the repository");
    }
    let keeping = Keeping { expire_after: Some(ARTIFACT_DAYS), ..Keeping::default() };
    let artifacts = bucket::add(&mut t, "Artifacts", keeping, |_| Vec::new());
    let repository = delivery.connection.is_none().then(|| {
        let description = "The blueprint of the estate, and its lock";
        t.add_kept("Repository", Repository { name: param(NAME), description })
    });
    let ground = Ground { spec, delivery, artifacts: &artifacts };
    let image = image(delivery);
    let check_role = rights::build(&mut t, "CheckRole", "Checks a change", &artifacts, image);
    let check = project(&mut t, &ground, "Check", &check_role);
    let deploy_role = rights::build(&mut t, "DeployRole", "Deploys a ring", &artifacts, image);
    rights::deploy(&mut t, (spec, delivery), estate, &deploy_role);
    let deploy = project(&mut t, &ground, "Deploy", &deploy_role);
    let builds = ["-check", "-deploy"].map(|tail| named("codebuild", "project/", tail));
    let pipeline_role = rights::pipeline(&mut t, delivery, &artifacts, builds);
    let source = source(delivery, repository.as_ref());
    let pipeline = Pipeline {
        name: param(NAME),
        role: pipeline_role,
        bucket: artifacts,
        stages: stages(spec, delivery, source, &check, &deploy),
    };
    let waits = "PipelineRolePolicy".to_owned();
    t.add_after("Pipeline", pipeline, &[&waits]);
    if repository.is_some() {
        trigger(&mut t, delivery);
        t.output("RepositoryUrl", "Where to push the blueprint", clone_url());
    }
    t
}

/// The ARN of something of this stack, by its name: what follows the name of the stack.
fn named(service: &str, before: &str, tail: &str) -> Value {
    arn(service, join([before.into(), param(NAME), tail.into()]))
}

/// Where the repository is cloned from. Source:
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html>.
fn clone_url() -> Value {
    join([
        "https://git-codecommit.".into(),
        Pseudo::Region.into(),
        ".".into(),
        Pseudo::UrlSuffix.into(),
        "/v1/repos/".into(),
        param(NAME),
    ])
}

/// What both projects have.
struct Ground<'a> {
    spec: &'a Spec,
    delivery: &'a Delivery,
    artifacts: &'a Id<Bucket>,
}

fn project(t: &mut Template, ground: &Ground<'_>, word: &str, role: &Id<Role>) -> Id<Project> {
    let Ground { spec, delivery, artifacts } = ground;
    let days = spec.network.flow_log_days;
    let logs = t.add_kept(format!("{word}LogGroup"), LogGroup { days });
    let path = delivery.blueprint.as_deref().unwrap_or("blueprint.yaml");
    let own = [
        ("BLUEPRINT", path.into()),
        ("ENGINE", delivery.engine.id().into()),
        ("ESTATE", Value::from(spec.estate())),
        // A template that is too large for a request goes through here.
        ("TENANTRY_BUCKET", Value::from(*artifacts)),
    ];
    let mut variables: Vec<(String, Value)> =
        own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let more =
        delivery.variables.iter().filter(|(name, _)| variables.iter().all(|(own, _)| own != *name));
    let more: Vec<(String, Value)> =
        more.map(|(name, value)| (name.clone(), value.into())).collect();
    variables.extend(more);
    let (minutes, description, commands): (_, _, fn(&[String]) -> String) = match word {
        "Check" => {
            (MINUTES.0, "Checks a change and writes what is to be deployed", commands::check)
        }
        _ => (MINUTES.1, "Deploys one ring of what was checked", commands::deploy),
    };
    let project = Project {
        name: join([param(NAME), format!("-{}", word.to_lowercase()).into()]),
        description,
        role: role.clone(),
        image: image(delivery).to_owned(),
        variables,
        commands: commands(&delivery.install),
        minutes,
        logs: logs.clone(),
    };
    let waits = format!("{word}RolePolicy");
    rights::log(t, word, role, &logs);
    t.add_after(format!("{word}Project"), project, &[&waits])
}

fn image(delivery: &Delivery) -> &str {
    delivery.image.as_deref().unwrap_or(IMAGE)
}

fn text(pairs: &[(&str, &str)]) -> Vec<(String, Value)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}

/// The source action. Sources of the configurations:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html>,
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html>.
fn source(delivery: &Delivery, repository: Option<&Id<Repository>>) -> Action {
    let branch = branch(delivery);
    let (provider, configuration) = match (&delivery.connection, repository) {
        (Some(connection), _) => {
            let mut pairs =
                text(&[("FullRepositoryId", &connection.repository), ("BranchName", branch)]);
            pairs.insert(0, ("ConnectionArn".to_owned(), param(CONNECTION)));
            ("CodeStarSourceConnection", pairs)
        }
        (None, Some(repository)) => {
            let mut pairs = text(&[("BranchName", branch), ("PollForSourceChanges", "false")]);
            pairs.insert(0, ("RepositoryName".to_owned(), repository.att("Name")));
            ("CodeCommit", pairs)
        }
        (None, None) => unreachable!("there is a repository where there is no connection"),
    };
    Action {
        name: "Source".to_owned(),
        category: "Source",
        provider,
        configuration,
        input: None,
        output: Some(ARTIFACTS.0),
        order: 1,
    }
}

fn branch(delivery: &Delivery) -> &str {
    delivery.branch.as_deref().unwrap_or("main")
}

/// Source, check, and a stage for each ring: first what tenants share.
fn stages(
    spec: &Spec,
    delivery: &Delivery,
    source: Action,
    check: &Id<Project>,
    deploy: &Id<Project>,
) -> Vec<Stage> {
    let build = |name: &str, project: &Id<Project>, order| Action {
        name: name.to_owned(),
        category: "Build",
        provider: "CodeBuild",
        configuration: vec![("ProjectName".to_owned(), Value::from(project))],
        input: None,
        output: None,
        order,
    };
    let checked =
        Action { input: Some(ARTIFACTS.0), output: Some(ARTIFACTS.1), ..build("Check", check, 1) };
    let mut stages = vec![
        Stage { name: "Source".to_owned(), actions: vec![source] },
        Stage { name: "Check".to_owned(), actions: vec![checked] },
    ];
    let rings = rings(spec, delivery);
    let all = std::iter::once(("Shared".to_owned(), "--shared".to_owned())).chain(rings);
    for (i, (name, arguments)) in all.enumerate() {
        let asked = match delivery.approve {
            Approve::Each => true,
            Approve::First => i == 0,
            Approve::Never => false,
        };
        let mut actions = Vec::new();
        actions.extend(asked.then(|| Action {
            category: "Approval",
            provider: "Manual",
            configuration: text(&[("CustomData", "Look at what the check wrote before you agree")]),
            ..build("Approve", deploy, 1)
        }));
        let mut ring = Action { input: Some(ARTIFACTS.1), ..build("Deploy", deploy, 2) };
        ring.configuration.push(("EnvironmentVariables".to_owned(), commands::ring(&arguments)));
        actions.push(ring);
        stages.push(Stage { name, actions });
    }
    stages
}

/// The names of the rings, and what `deploy.sh` is told for each.
fn rings(spec: &Spec, delivery: &Delivery) -> Vec<(String, String)> {
    let each = || spec.tiers.keys().map(|tier| vec![tier.clone()]).collect();
    let rings: Vec<Vec<String>> =
        if delivery.rings.is_empty() { each() } else { delivery.rings.clone() };
    let ring = |(i, tiers): (usize, Vec<String>)| {
        let arguments: Vec<String> = tiers.iter().map(|tier| format!("--tier {tier}")).collect();
        (format!("Ring{}", i + 1), arguments.join(" "))
    };
    rings.into_iter().enumerate().map(ring).collect()
}

/// A push to the branch starts the pipeline. Source:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html>.
fn trigger(t: &mut Template, delivery: &Delivery) {
    let pipeline = named("codepipeline", "", "");
    let about = "Starts the pipeline when the branch changes";
    let taken = role::of_service(t, "TriggerRole", about, "events", &[]);
    let start = role::statement(&["codepipeline:StartPipelineExecution"], vec![pipeline.clone()]);
    role::allow(t, "TriggerRolePolicy", &taken, vec![start]);
    let list = |items: &[&str]| Value::List(items.iter().map(|item| Value::from(*item)).collect());
    let detail = map([
        ("event", list(&["referenceCreated", "referenceUpdated"])),
        ("referenceType", list(&["branch"])),
        ("referenceName", list(&[branch(delivery)])),
    ]);
    let pattern = map([
        ("source", list(&["aws.codecommit"])),
        ("detail-type", list(&["CodeCommit Repository State Change"])),
        ("resources", Value::List(vec![named("codecommit", "", "")])),
        ("detail", detail),
    ]);
    let by = Some(taken.att("Arn"));
    let trigger = Rule {
        description: about,
        when: When::Event(pattern),
        target: pipeline.clone(),
        role: by.clone(),
    };
    let rule = t.add("Trigger", trigger);
    t.add("TriggerTarget", RuleTarget { rule, target: pipeline, role: by });
}
