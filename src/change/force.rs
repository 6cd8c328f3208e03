//! Which change of a property makes a new thing in place of the old one. CloudFormation: AWS's resource
//! schemas say it. Terraform: the provider's schema does not, so `schemas/replacement.json` has a row for
//! every attribute that is written, and `terraform plan` has judged each (`tests/conformance/replacement.rs`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::check::cloudformation;
use crate::engine::Engine;

/// What a change of a property does to the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// It is changed where it is.
    InPlace,
    /// It is replaced in some cases, which AWS's schema does not tell.
    Sometimes,
    /// It is replaced.
    Replace,
    /// AWS refuses the update.
    Refused,
}

/// What Terraform does with the attributes of a type, by their paths.
#[derive(Deserialize)]
struct Rows {
    in_place: Vec<String>,
    replace: Vec<String>,
}

/// What CloudFormation cannot change, neither in place nor by a new one.
#[derive(Deserialize)]
struct Refusal {
    properties: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
struct Facts {
    refused: BTreeMap<String, Refusal>,
    terraform: BTreeMap<String, Rows>,
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../schemas/replacement.json"))
        .expect("schemas/replacement.json is written by the conformance target and held by a test")
});

/// Resources of which every change is a new version beside the old one, so that nothing that runs is
/// taken away by it. Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>,
/// <https://docs.aws.amazon.com/imagebuilder/latest/userguide/ibhow-semantic-versioning.html>.
const VERSIONED: [&str; 8] = [
    "AWS::ECS::TaskDefinition",
    "AWS::ImageBuilder::Component",
    "AWS::ImageBuilder::Image",
    "AWS::ImageBuilder::ImageRecipe",
    "aws_ecs_task_definition",
    "aws_imagebuilder_component",
    "aws_imagebuilder_image",
    "aws_imagebuilder_image_recipe",
];

/// Whether a replacement of the type is a new version, as it is meant to be.
pub fn is_versioned(kind: &str) -> bool {
    VERSIONED.contains(&kind)
}

/// What a change of the property at a path does. `missing` is the outermost object on the way that the
/// other side does not have: it comes or goes as a whole.
pub fn force(engine: Engine, kind: &str, path: &str, missing: Option<&str>) -> Force {
    let (path, missing) = (plain(path), missing.map(plain));
    match engine {
        Engine::CloudFormation => of_cloudformation(kind, &path),
        Engine::Terraform => {
            let Some(rows) = FACTS.terraform.get(kind) else { return Force::InPlace };
            let row = |path: &str| rows.replace.iter().any(|row| row == path);
            // A map or a list of values is one attribute.
            let comes = |above: &str| missing.as_ref().is_some_and(|m| above.len() >= m.len());
            let mut above = ancestors(&path).filter(|above| comes(above) || is_whole(rows, above));
            if row(&path) || above.any(row) { Force::Replace } else { Force::InPlace }
        }
    }
}

fn of_cloudformation(kind: &str, path: &str) -> Force {
    let under = |property: &str| {
        path.strip_prefix(property).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let refused = FACTS.refused.get(kind);
    if refused.is_some_and(|refusal| refusal.properties.iter().any(|p| under(p))) {
        Force::Refused
    } else if cloudformation::create_only(kind).any(|property| under(&property)) {
        Force::Replace
    } else if cloudformation::conditionally_create_only(kind).any(|property| under(&property)) {
        Force::Sometimes
    } else {
        Force::InPlace
    }
}

/// Whether a row stands for all that is below it, as that of a map does.
fn is_whole(rows: &Rows, path: &str) -> bool {
    let inner = |row: &String| row.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    !rows.replace.iter().chain(&rows.in_place).any(inner)
}

/// The paths that lead to a path.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('.').map(|(at, _)| &path[..at])
}

/// A path without what names the items of lists.
pub fn plain(path: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0_usize);
    for c in path.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// Whether there is a row for an attribute of Terraform.
pub fn has_row(kind: &str, path: &str) -> bool {
    let path = plain(path);
    let known =
        |rows: &Rows, path: &str| rows.in_place.iter().chain(&rows.replace).any(|r| r == path);
    FACTS.terraform.get(kind).is_some_and(|rows| {
        known(rows, &path)
            || ancestors(&path).any(|above| known(rows, above) && is_whole(rows, above))
    })
}

/// Every row of the table of Terraform: type, attribute, whether it is replaced.
pub fn rows() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    FACTS.terraform.iter().flat_map(|(kind, rows)| {
        let of = move |list: &'static [String], replaced: bool| {
            list.iter().map(move |path| (kind.as_str(), path.as_str(), replaced))
        };
        of(&rows.replace, true).chain(of(&rows.in_place, false))
    })
}
