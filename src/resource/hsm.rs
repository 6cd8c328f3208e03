//! AWS `CloudHSM`: hardware that holds keys for one owner. CloudFormation has no type for it, so there
//! the deployment makes the cluster in a step of its own.

use crate::resource::{Body, resource};
use crate::value::Value;

/// A cluster. It is empty until somebody puts hardware into it and signs its certificate. Source:
/// <https://docs.aws.amazon.com/cloudhsm/latest/userguide/getting-started.html>.
#[derive(Debug)]
pub struct HsmCluster {
    /// Its subnets, each in another zone.
    pub subnets: Vec<String>,
}

/// The kind of its hardware, in the mode that is validated. The script that stands in for
/// CloudFormation says the same. Source:
/// <https://docs.aws.amazon.com/cloudhsm/latest/userguide/cluster-hsm-types.html>.
const KIND: [&str; 2] = ["hsm2m.medium", "FIPS"];

resource!(HsmCluster, None, "aws_cloudhsm_v2_cluster", taggable: true, |self| {
    let [kind, mode] = KIND;
    Body::new().set("HsmType", kind).set("Mode", mode).set("SubnetIds", Value::from(self.subnets))
});
