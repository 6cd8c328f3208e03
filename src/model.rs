//! Plan → templates and stacks: one file an isolation model, and one for each thing that models
//! share. To add a model, write its file and its line in [`estate`].

pub mod foundation; // what an account and region need once
pub mod hub; // the shared-services VPC of a region
pub mod organization; // whitepaper model 1: an account for each tenant
pub mod spoke; // the hub's side of what is joined to it from other accounts
pub mod cell; // what every cell has
pub mod vpc; // whitepaper model 2: a VPC for each tenant
pub mod subnet; // whitepaper model 3: subnets for each tenant
pub mod container; // whitepaper model 4: containers for each tenant
pub mod application; // whitepaper model 5: a pool that tenants share, application and all
pub mod policy; // endpoint policies
pub mod network; // parts that several models are made of
pub mod identity; // names and tags of stacks

use crate::diag::Sink;
use crate::plan::Plan;
use crate::spec::Spec;
use crate::template::Estate;

/// What is made for tenants, unsorted; `None` if a name in it cannot stand, and the sink says why.
pub fn estate(spec: &Spec, plan: &Plan, sink: &mut Sink) -> Option<Estate> {
    if !container::check(spec, plan, sink) {
        return None;
    }
    let mut estate = Estate::default();
    organization::synthesise(spec, plan, &mut estate);
    foundation::synthesise(spec, plan, &mut estate);
    hub::synthesise(spec, plan, &mut estate);
    vpc::synthesise(spec, plan, &mut estate);
    subnet::synthesise(spec, plan, &mut estate);
    container::synthesise(spec, plan, &mut estate);
    application::synthesise(spec, plan, &mut estate);
    spoke::synthesise(spec, plan, &mut estate);
    Some(estate)
}
