//! Hardware that holds keys, on request. It is made empty: who puts modules into it signs its
//! certificate with a key that stays offline, and no deployment can do that.

use crate::component::protection::SHAPE;
use crate::model::identity;
use crate::resource::hsm::HsmCluster;
use crate::resource::ssm::Parameter;
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::Value;

/// One stack in the home region, if it is asked for.
pub fn synthesise(spec: &Spec, estate: &mut Estate) {
    let Some(hsm) = spec.components.protection.as_ref().and_then(|p| p.hsm.as_ref()) else {
        return;
    };
    let shape = format!("{SHAPE}-hsm");
    let mut t = Template::new(shape.as_str(), "A cluster of hardware that holds keys.");
    identity::tag_shared(&mut t, spec, None);
    // A stack of CloudFormation must have a resource; it also says where the cluster stands.
    let path = Value::from(spec.parameter("protection/hsm/subnet-ids"));
    let description = "Where the cluster of hardware for keys stands";
    t.add("HsmSubnets", Parameter { path, description, value: hsm.subnets.join(",").into() });
    t.add_kept("HsmCluster", HsmCluster { subnets: hsm.subnets.clone() });
    t.output("HsmSubnetIds", "The subnets of the cluster", hsm.subnets.join(" "));
    let place = (spec.home_account.as_str(), spec.regions[0].as_str());
    let mut stack = identity::shared_stack(spec, Wave::Common, shape, place, None);
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    stack.values = values.order(&t);
    stack.shape.clone_from(&t.shape);
    estate.stacks.push(stack);
    estate.templates.insert(t.shape.clone(), t);
}
