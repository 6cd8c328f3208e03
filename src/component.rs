//! What surrounds the tenants: one file a component. A component adds stacks of its own, and adds
//! to the templates that the models made; models know nothing of components. To add one, write its
//! file and its line in [`furnish`].

pub mod wire; // what components add to templates that are there
pub mod role; // roles of AWS services
pub mod bucket; // a bucket with all its parts
pub mod backup; // copies that outlive what was copied
pub mod delivery; // from a repository to the stacks
pub mod catalogue; // who the tenants are
pub mod tagging; // what tags are for
pub mod audit; // who did what, and what is there
pub mod monitoring; // what is watched, and who is told
pub mod microservice; // small services beside the application of a pool

use crate::diag::Sink;
use crate::model::identity;
use crate::plan::Plan;
use crate::spec::Spec;
use crate::template::Estate;

/// Everything that is deployed, or `None` if its names cannot stand; the reasons are in the sink.
pub fn furnish(spec: &Spec, plan: &Plan, mut estate: Estate, sink: &mut Sink) -> Option<Estate> {
    backup::synthesise(spec, plan, &mut estate);
    audit::synthesise(spec, plan, &mut estate);
    tagging::synthesise(spec, plan, &mut estate);
    microservice::synthesise(spec, plan, &mut estate);
    catalogue::synthesise(spec, plan, &mut estate);
    // It watches what all others made.
    monitoring::synthesise(spec, plan, &mut estate);
    // It lets roles be passed to the services that all roles are for.
    delivery::synthesise(spec, plan, &mut estate);
    estate.stacks.sort_by(|a, b| (a.wave, &a.key).cmp(&(b.wave, &b.key)));
    identity::check(spec, &estate, sink).then_some(estate)
}
