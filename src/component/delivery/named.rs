//! What the estate's roles are called in the account that deploys. Their names are left to the engine
//! that deploys, which begins each with what is known beforehand; nothing here lists tenants.

use std::collections::BTreeSet;

use crate::blueprint::shape::component::{Delivery, DeliveryEngine};
use crate::name::snake;
use crate::spec::Spec;
use crate::template::Estate;

/// So much of what a name begins with is counted on: CloudFormation puts the names of the stack and of
/// the resource into 64 characters, and where both are long it shortens each, but to no less than this.
const SURE: usize = 20;

/// The roles of the pipeline itself, which it deploys, too.
const OWN: [&str; 4] = ["CheckRole", "DeployRole", "PipelineRole", "TriggerRole"];

/// Patterns of the names of roles, and of those of instance profiles. CloudFormation begins both with
/// the name of the stack; Terraform begins those of roles with what the role is called in its
/// template, and those of profiles with its own name. Sources:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>,
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_instance_profile>.
pub fn patterns(spec: &Spec, delivery: &Delivery, estate: &Estate) -> [Vec<String>; 2] {
    let beginning = beginning(spec);
    match delivery.engine {
        DeliveryEngine::Cloudformation if !beginning.is_empty() => {
            [vec![format!("{beginning}*")], vec![format!("{beginning}*")]]
        }
        DeliveryEngine::Cloudformation => {
            let short = |id: &String| format!("*-{}*", id.chars().take(SURE).collect::<String>());
            [ids(spec, estate, "aws_iam_role"), ids(spec, estate, "aws_iam_instance_profile")]
                .map(|ids| ids.iter().map(short).collect())
        }
        DeliveryEngine::Terraform => {
            let kebab = |id: &String| format!("{}-*", snake(id).replace('_', "-"));
            let roles = ids(spec, estate, "aws_iam_role");
            [roles.iter().map(kebab).collect(), vec!["terraform-*".to_owned()]]
        }
    }
}

/// What the name of every stack begins with: what stands before the tenant in `naming`.
fn beginning(spec: &Spec) -> String {
    let [one, other] = ["a", "z"].map(|key| spec.naming.render(&spec.name, &spec.environment, key));
    let both = one.chars().zip(other.chars());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).take(SURE).collect()
}

/// The logical ids of a type in whatever stands in the account that deploys.
fn ids(spec: &Spec, estate: &Estate, tf: &str) -> BTreeSet<String> {
    let here = estate.stacks.iter().filter(|stack| stack.account == spec.deploy.account);
    let shapes: BTreeSet<&String> = here.map(|stack| &stack.shape).collect();
    let entries = shapes.into_iter().flat_map(|shape| &estate.templates[shape].entries);
    let mut all: BTreeSet<String> =
        entries.filter(|entry| entry.tf == tf).map(|entry| entry.id.clone()).collect();
    if tf == "aws_iam_role" {
        all.extend(OWN.map(str::to_owned));
    }
    all
}
