//! Every type of every stack against the region that it stands in: CloudFormation has not each type
//! everywhere, and says so only when it is deployed.

use std::collections::BTreeMap;

use crate::check::{cloudformation, rule};
use crate::diag::Sink;
use crate::source::Site;
use crate::template::Estate;

/// Complains once of each type that a region lacks, by the first stack that has it.
pub fn check(estate: &Estate, sink: &mut Sink) {
    let mut found: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for stack in &estate.stacks {
        let absent: Vec<&str> = cloudformation::absent(&stack.region).collect();
        let Some(template) = estate.templates.get(&stack.shape).filter(|_| !absent.is_empty())
        else {
            continue;
        };
        for kind in template.entries.iter().filter_map(|entry| entry.cfn) {
            if absent.contains(&kind) {
                found.entry((&stack.region, kind)).or_insert(&stack.name);
            }
        }
    }
    for ((region, kind), stack) in found {
        let message = format!("CloudFormation has no {kind} in {region}, where {stack} stands");
        sink.push(rule::REGION_TYPE.at(Site::at(["regions"]), message));
    }
}
