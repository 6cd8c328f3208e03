//! AWS `CodeCommit`, `CodeBuild` and `CodePipeline`: from a repository to what is deployed.

use crate::resource::flow::LogGroup;
use crate::resource::iam::Role;
use crate::resource::s3::Bucket;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A repository. It is kept when its stack is deleted.
#[derive(Debug)]
pub struct Repository {
    /// Its name: at most 100 letters, digits, dots, hyphens, underscores.
    pub name: Value,
    /// What is in it.
    pub description: &'static str,
}

resource!(Repository, Some("AWS::CodeCommit::Repository"), "aws_codecommit_repository", taggable: true, |self| {
    Body::new().set("RepositoryName", self.name).set("RepositoryDescription", self.description)
});

/// Commands that run in a container, for a pipeline.
#[derive(Debug)]
pub struct Project {
    /// Its name.
    pub name: Value,
    /// What it does.
    pub description: &'static str,
    /// What it may do.
    pub role: Id<Role>,
    /// The image: one of `CodeBuild` itself (`aws/codebuild/…`), or another that the role may pull.
    pub image: String,
    /// Its environment variables.
    pub variables: Vec<(String, Value)>,
    /// The commands, as the text of a build specification.
    pub commands: String,
    /// How many minutes it may take: 5 to 2,160.
    pub minutes: u16,
    /// Where it logs.
    pub logs: Id<LogGroup>,
}

resource!(Project, Some("AWS::CodeBuild::Project"), "aws_codebuild_project", taggable: true, |self| {
    let variable =
        |(name, value): (String, Value)| block([("Name", name.into()), ("Value", value)]);
    // Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html.
    let pulls = if self.image.starts_with("aws/codebuild/") { "CODEBUILD" } else { "SERVICE_ROLE" };
    let environment = block([
        ("Type", "ARM_CONTAINER".into()),
        ("ComputeType", "BUILD_GENERAL1_SMALL".into()),
        ("Image", self.image.into()),
        ("ImagePullCredentialsType", pulls.into()),
        (
            "EnvironmentVariables",
            Value::List(self.variables.into_iter().map(variable).collect()),
        ),
    ]);
    let source = block([("Type", "CODEPIPELINE".into()), ("BuildSpec", self.commands.into())]);
    let logs = block([("Status", "ENABLED".into()), ("GroupName", Value::from(&self.logs))]);
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("ServiceRole", self.role.att("Arn"))
        .set("TimeoutInMinutes", self.minutes)
        .set("Artifacts", block([("Type", "CODEPIPELINE".into())]))
        .set("Environment", environment)
        .set("Source", source)
        .set("LogsConfig", block([("CloudWatchLogs", logs)]))
});

/// One step of a pipeline.
#[derive(Debug)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// `Source`, `Build` or `Approval`.
    pub category: &'static str,
    /// The service that does it.
    pub provider: &'static str,
    /// What it is told.
    pub configuration: Vec<(String, Value)>,
    /// What it takes.
    pub input: Option<&'static str>,
    /// What it gives.
    pub output: Option<&'static str>,
    /// Its place among the actions of the stage, from 1.
    pub order: u16,
}

/// A stage of a pipeline.
#[derive(Debug)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its actions.
    pub actions: Vec<Action>,
}

/// A pipeline.
#[derive(Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: Value,
    /// What it may do.
    pub role: Id<Role>,
    /// Where artifacts are kept.
    pub bucket: Id<Bucket>,
    /// Its stages: the source first.
    pub stages: Vec<Stage>,
}

resource!(Pipeline, Some("AWS::CodePipeline::Pipeline"), "aws_codepipeline", taggable: true, |self| {
    let names = |name: &'static str| Value::List(vec![block([("Name", name.into())])]);
    let action = |action: Action| {
        let kind = block([
            ("Category", action.category.into()),
            ("Owner", "AWS".into()),
            ("Provider", action.provider.into()),
            ("Version", "1".into()),
        ]);
        let mut out = vec![("Name", Value::from(action.name)), ("ActionTypeId", kind)];
        if !action.configuration.is_empty() {
            out.push(("Configuration", Value::Map(action.configuration)));
        }
        out.extend(action.input.map(|name| ("InputArtifacts", names(name))));
        out.extend(action.output.map(|name| ("OutputArtifacts", names(name))));
        out.push(("RunOrder", action.order.into()));
        Value::Block(out)
    };
    let stage = |stage: Stage| {
        let actions = stage.actions.into_iter().map(action).collect();
        block([("Name", stage.name.into()), ("Actions", Value::List(actions))])
    };
    Body::new()
        .set("Name", self.name)
        .set("RoleArn", self.role.att("Arn"))
        .set("PipelineType", "V2")
        // What was approved is deployed before what comes after it.
        .set("ExecutionMode", "QUEUED")
        .set("ArtifactStore", block([("Type", "S3".into()), ("Location", Value::from(&self.bucket))]))
        .set("Stages", Value::List(self.stages.into_iter().map(stage).collect()))
});
