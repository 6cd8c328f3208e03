//! `tenantry explain RULE`

use tenantry::name::nearest;
use tenantry::rules;

use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
pub struct Args {
    /// The id of the rule, for example address/host-bits; without it, all ids are listed
    rule: Option<String>,
}

/// Prints what a rule means.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let Some(id) = &args.rule else {
        for rule in rules::RULES {
            term::data(&format!("{:28} {}\n", rule.id, rule.summary));
        }
        return Ok(0);
    };
    match rules::find(id) {
        Some(rule) => {
            term::data(&rules::page(rule));
            Ok(0)
        }
        None => Err(match nearest(id, rules::RULES.iter().map(|rule| rule.id)) {
            Some(near) => format!("there is no rule {id:?}; did you mean {near}?"),
            None => format!("there is no rule {id:?}; `tenantry explain` lists them"),
        }),
    }
}
