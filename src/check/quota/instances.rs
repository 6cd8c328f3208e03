//! The processors (vCPU) of instances: of each Auto Scaling group at its most, by how its instances are
//! bought. What other services run (machines that build images, EMR, notebooks) is not here: it goes by
//! itself, or has quotas of its own.

use serde_json::Value;

use super::address::number;
use super::count::Held;
use super::holding::{Owner, Whole};
use crate::aws::instance;

const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

/// The processors of all instances that count to a quota.
pub(super) fn processors(quota: &str, whole: &Whole<'_>) -> Held {
    let groups = whole.of(&[GROUP]).into_iter();
    let counted = groups.map(|(_, _, it)| of_group(quota, it)).filter(|count| *count > 0);
    counted.map(|count| (Owner::Region, count.into())).collect()
}

/// The processors of a group that count to a quota: as if all its instances were of the type that has
/// most, of those that count to it. A group with a type that is not in the table is not counted: it
/// could be that one.
fn of_group(quota: &str, it: &Value) -> u64 {
    let (on_demand, spot) = bought(it);
    let types = it["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"].as_array();
    let each = types.into_iter().flatten().map(|one| {
        let kind = one["InstanceType"].as_str()?;
        let (class, processors) = (instance::class(kind)?, instance::processors(kind)?);
        let bought = [(Some(class.on_demand), on_demand), (class.spot, spot)];
        let ours = bought.into_iter().find(|(id, _)| *id == Some(quota));
        Some(ours.map_or(0, |(_, instances)| instances * u64::from(processors)))
    });
    each.collect::<Option<Vec<u64>>>().into_iter().flatten().max().unwrap_or(0)
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
