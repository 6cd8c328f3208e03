//! What runs in the pipeline, as build specifications of `CodeBuild`. Source of their form:
//! <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>.

use std::fmt::Write as _;

use crate::json::{Json, escape};
use crate::value::Value;

/// The commands that install tenantry where the blueprint says none: a released version, built from
/// source. An image that has it saves the minutes.
fn usual() -> Vec<String> {
    let version = env!("CARGO_PKG_VERSION");
    vec![
        "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal"
            .to_owned(),
        format!(
            "$HOME/.cargo/bin/cargo install --locked --quiet --root /usr/local tenantry@{version}"
        ),
    ]
}

/// Holds the change against every rule, and writes what it comes to.
pub fn check(install: &[String]) -> String {
    let build = [
        "tenantry check \"$BLUEPRINT\"",
        "tenantry synth \"$BLUEPRINT\" --locked --engine \"$ENGINE\"",
    ];
    specification(install, &build) + "artifacts:\n  files:\n    - \"**/*\"\n"
}

/// Proves that what was approved is what the blueprint says, and deploys a ring of it.
pub fn deploy(install: &[String]) -> String {
    let build = [
        "tenantry synth \"$BLUEPRINT\" --locked --check --engine \"$ENGINE\"",
        "bash \"out/$ESTATE/$ENGINE/deploy.sh\" $RING",
    ];
    specification(install, &build)
}

fn specification(install: &[String], build: &[&str]) -> String {
    let usual = if install.is_empty() { usual() } else { install.to_vec() };
    let mut out =
        "version: 0.2\nenv:\n  shell: bash\nphases:\n  install:\n    commands:\n".to_owned();
    let mut list = |commands: &[&str]| {
        for command in commands {
            // A string of JSON is one of YAML.
            let _ = writeln!(out, "      - \"{}\"", escape(command));
        }
    };
    list(&usual.iter().map(String::as_str).collect::<Vec<_>>());
    out.push_str("  build:\n    commands:\n");
    for command in build {
        let _ = writeln!(out, "      - \"{}\"", escape(command));
    }
    out
}

/// The ring of a deployment, in the form that an action takes variables in: JSON in a string. Source:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html>.
pub fn ring(arguments: &str) -> Value {
    let fields = [("name", "RING"), ("value", arguments), ("type", "PLAINTEXT")];
    let variable = Json::object(fields.map(|(name, text)| (name, Json::text(text))));
    Value::from(Json::List(vec![variable]).compact().fill(&[]))
}
