//! What runs in the pipeline, as build specifications of `CodeBuild`. Source of their form:
//! <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>.

use std::fmt::Write as _;

use crate::json::{Json, escape};
use crate::value::Value;

/// The version of rustup that installs Rust, and what `sha256sum` says of it by the architecture of the
/// image, as `uname -m` tells it. Source:
/// <https://static.rust-lang.org/rustup/archive/1.28.2/aarch64-unknown-linux-gnu/rustup-init.sha256>,
/// and the same for `x86_64`.
const RUSTUP: (&str, [(&str, &str); 2]) = (
    "1.28.2",
    [
        ("aarch64", "e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c"),
        ("x86_64", "20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c"),
    ],
);

/// The commands that install tenantry where the blueprint says none: a released version, built from
/// source by the oldest Rust that it takes. Nothing that was downloaded runs before its digest was
/// looked at; on another architecture there is none, and the look fails. An image that has tenantry
/// saves the minutes.
fn usual() -> Vec<String> {
    let (rustup, digests) = RUSTUP;
    let cases = digests.map(|(machine, digest)| format!("{machine}) digest={digest} ;; "));
    let kit = "/tmp/rustup-init";
    vec![
        format!("case $(uname -m) in {}*) digest=none ;; esac", cases.concat()),
        format!(
            "curl --proto '=https' --tlsv1.2 -sSfo {kit} \"https://static.rust-lang.org/rustup/archive/{rustup}/$(uname -m)-unknown-linux-gnu/rustup-init\""
        ),
        format!("echo \"$digest  {kit}\" | sha256sum --check --strict -"),
        format!(
            "chmod +x {kit} && {kit} -y --no-modify-path --profile minimal --default-toolchain {}",
            env!("CARGO_PKG_RUST_VERSION")
        ),
        format!(
            "$HOME/.cargo/bin/cargo install --locked --quiet --root /usr/local tenantry@{}",
            env!("CARGO_PKG_VERSION")
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
