//! The processors (vCPU) of instances: of each Auto Scaling group at its most, by how its instances are
//! bought. What other services run (machines that build images, EMR, notebooks) is not here: it goes by
//! itself, or has quotas of its own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::address::number;
use super::count::Held;
use super::holding::{Owner, Whole};
use crate::aws::instance;

const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

/// The processors of each group, by the quota that they count to: as if all its instances were of the
/// type that has most, of those that count to it.
pub(super) fn of_groups(whole: &Whole<'_>) -> Vec<(&'static str, u64)> {
    whole.of(&[GROUP]).into_iter().flat_map(|(_, _, it)| of_group(it)).collect()
}

/// Those of the groups of a template that count to a quota.
pub(super) fn processors(quota: &str, groups: &[(&'static str, u64)]) -> Held {
    let ours = groups.iter().filter(|(id, count)| *id == quota && *count > 0);
    ours.map(|(_, count)| (Owner::Region, (*count).into())).collect()
}

/// A group with a type that is not in the table counts to none: it could be the one that has most.
fn of_group(it: &Value) -> BTreeMap<&'static str, u64> {
    let (on_demand, spot) = bought(it);
    let types = it["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"].as_array();
    let mut out = BTreeMap::new();
    for one in types.into_iter().flatten() {
        let Some((class, processors)) = one["InstanceType"].as_str().and_then(known) else {
            return BTreeMap::new();
        };
        let by_quota = [(Some(class.on_demand), on_demand), (class.spot, spot)];
        for (quota, instances) in by_quota.into_iter().filter_map(|(id, n)| Some((id?, n))) {
            let most = out.entry(quota).or_insert(0);
            *most = (instances * processors).max(*most);
        }
    }
    out
}

/// The class and the processors of a type.
fn known(kind: &str) -> Option<(&'static instance::Class<'static>, u64)> {
    Some((instance::class(kind)?, instance::processors(kind)?.into()))
}

/// How many more instances there can be while those that AWS takes back are replaced: a tenth. Source:
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html>.
const REBALANCED: u64 = 10;

/// How many instances a group has on demand, and how many as Spot, at its most. The first are on demand,
/// and of the others a share; AWS does not say which way it rounds, so an instance that could be either
/// counts as both. Sources:
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html>,
/// and for replacing, in which a group stays within its most,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html>.
fn bought(it: &Value) -> (u64, u64) {
    let most = number(&it["MaxSize"]);
    let how = &it["MixedInstancesPolicy"]["InstancesDistribution"];
    let base = number(&how["OnDemandBaseCapacity"]).min(most);
    let share = number(&how["OnDemandPercentageAboveBaseCapacity"]);
    let on_demand = base + ((most - base) * share).div_ceil(100);
    let spot = ((most - base) * (100 - share)).div_ceil(100);
    let replaced = it["CapacityRebalance"] == true && spot > 0;
    (on_demand, spot + if replaced { most.div_ceil(REBALANCED) } else { 0 })
}
