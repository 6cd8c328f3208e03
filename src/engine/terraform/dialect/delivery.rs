//! Pipelines: Terraform folds what an action is into the action, and names of artifacts are text.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;
use crate::name::snake;
use crate::value::Value;

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_codecommit_repository",
        renamed: &[
            ("RepositoryName", "repository_name"),
            ("RepositoryDescription", "description"),
            ("Name", "repository_name"),
        ],
        id: "repository_name",
        lasting: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_codebuild_project",
        renamed: &[
            ("BuildSpec", "buildspec"),
            ("EnvironmentVariables", "environment_variable"),
            ("TimeoutInMinutes", "build_timeout"),
            ("CloudWatchLogs", "cloudwatch_logs"),
        ],
        id: "name",
        ..PLAIN
    },
    Dialect {
        tf: "aws_codepipeline",
        form: |scene, name, value, out| match (name, value) {
            ("Stages", Value::List(stages)) => {
                out.put("stage", Json::List(stages.iter().map(|one| stage(scene, one)).collect()));
                true
            }
            _ => false,
        },
        ..PLAIN
    },
    Dialect {
        tf: "aws_codedeploy_app",
        renamed: &[("ApplicationName", "name")],
        id: "name",
        ..PLAIN
    },
    Dialect {
        tf: "aws_codedeploy_deployment_group",
        renamed: &[
            ("ApplicationName", "app_name"),
            ("AutoScalingGroups", "autoscaling_groups"),
            ("TargetGroupInfoList", "target_group_info"),
        ],
        form: |scene, name, value, out| match (name, value) {
            ("AlarmConfiguration", Value::Block(fields)) => {
                out.put("alarm_configuration", Json::List(vec![alarms(scene, fields)]));
                true
            }
            _ => false,
        },
        ..PLAIN
    },
    Dialect { tf: "aws_imagebuilder_component", besides: first, ..PLAIN },
    Dialect {
        tf: "aws_imagebuilder_image_recipe",
        renamed: &[("Components", "component"), ("BlockDeviceMappings", "block_device_mapping")],
        besides: first,
        ..PLAIN
    },
    Dialect { tf: "aws_imagebuilder_image", besides: first, ..PLAIN },
    Dialect {
        tf: "aws_imagebuilder_distribution_configuration",
        renamed: &[
            ("Distributions", "distribution"),
            ("SsmParameterConfigurations", "ssm_parameter_configuration"),
        ],
        ..PLAIN
    },
];

/// What takes its place is there before it goes: what is in use cannot be deleted.
fn first(_: &Scene<'_>, out: &mut Json) {
    out.put("lifecycle", Json::object([("create_before_destroy", Json::Bool(true))]));
}

/// Alarms are known by their names alone.
fn alarms(scene: &Scene<'_>, fields: &[(&'static str, Value)]) -> Json {
    let field = |(name, value): &(&'static str, Value)| match value {
        Value::List(alarms) => {
            let text = |alarm: &Value| {
                let Value::Block(alarm) = alarm else { unreachable!("it has a name") };
                scene.value(&alarm[0].1)
            };
            (snake(name), Json::List(alarms.iter().map(text).collect()))
        }
        other => (snake(name), scene.value(other)),
    };
    Json::object(fields.iter().map(field))
}

fn stage(scene: &Scene<'_>, stage: &Value) -> Json {
    let Value::Block(fields) = stage else { unreachable!("a stage is a block") };
    let field = |(name, value): &(&'static str, Value)| match value {
        Value::List(actions) => {
            let actions = actions.iter().map(|one| action(scene, one)).collect();
            ("action".to_owned(), Json::List(actions))
        }
        other => (snake(name), scene.value(other)),
    };
    Json::object(fields.iter().map(field))
}

fn action(scene: &Scene<'_>, action: &Value) -> Json {
    let Value::Block(fields) = action else { unreachable!("an action is a block") };
    let mut out = Json::Object(Vec::new());
    for (name, value) in fields {
        match (*name, value) {
            ("ActionTypeId", Value::Block(kind)) => {
                for (name, value) in kind {
                    out.put(snake(name), scene.value(value));
                }
            }
            ("InputArtifacts" | "OutputArtifacts", Value::List(names)) => {
                let text = |artifact: &Value| {
                    let Value::Block(artifact) = artifact else { unreachable!("it has a name") };
                    scene.value(&artifact[0].1)
                };
                out.put(snake(name), Json::List(names.iter().map(text).collect()));
            }
            (name, value) => out.put(snake(name), scene.value(value)),
        }
    }
    out
}
