//! CloudFormation stack sets: one template in every account of some units, present and future.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A template that AWS itself deploys to every account of some units, also to those that are made
/// later. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-associate-stackset-with-org.html>.
#[derive(Debug)]
pub struct StackSet {
    /// Its name, unique in the account and region.
    pub name: Value,
    /// What it is for.
    pub description: &'static str,
    /// Which of the templates that its own one carries.
    pub template: &'static str,
    /// The values of that template's parameters.
    pub parameters: Vec<(&'static str, Value)>,
    /// The ids of the units.
    pub units: Vec<Value>,
    /// The regions.
    pub regions: Vec<String>,
}

resource!(StackSet, Some("AWS::CloudFormation::StackSet"), "aws_cloudformation_stack_set", taggable: true, |self| {
    let parameter = |(key, value): (&'static str, Value)| {
        block([("ParameterKey", key.into()), ("ParameterValue", value)])
    };
    let deployment = block([("Enabled", true.into()), ("RetainStacksOnAccountRemoval", true.into())]);
    let preferences = block([
        ("FailureTolerancePercentage", 10_i64.into()),
        ("MaxConcurrentPercentage", 20_i64.into()),
        ("RegionConcurrencyType", "PARALLEL".into()),
    ]);
    let targets = block([("OrganizationalUnitIds", Value::List(self.units))]);
    let regions = self.regions.into_iter().map(Value::from).collect();
    let group = block([("DeploymentTargets", targets), ("Regions", Value::List(regions))]);
    Body::new()
        .set("StackSetName", self.name)
        .set("Description", self.description)
        .set("PermissionModel", "SERVICE_MANAGED")
        .set("AutoDeployment", deployment)
        .set("Capabilities", Value::List(vec!["CAPABILITY_NAMED_IAM".into()]))
        .set("OperationPreferences", preferences)
        .set("Parameters", Value::List(self.parameters.into_iter().map(parameter).collect()))
        .set("StackInstancesGroup", Value::List(vec![group]))
        .set("TemplateBody", Value::Template(self.template))
});

/// A unit of a stack set in one region, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct StackSetInstance {
    /// The stack set.
    pub set: Id<StackSet>,
    /// The id of the unit.
    pub unit: Value,
    /// The region.
    pub region: String,
}

resource!(StackSetInstance, None, "aws_cloudformation_stack_set_instance", taggable: false, |self| {
    Body::new()
        .set("StackSetName", self.set.att("StackSetName"))
        .set("Region", self.region)
        .set("DeploymentTargets", block([("OrganizationalUnitIds", Value::List(vec![self.unit]))]))
});

/// Parameters of a stack set as Terraform takes them: an object by key.
pub fn parameters(list: &[Value]) -> Value {
    let pair = |item: &Value| match item {
        Value::Block(fields) => match fields.as_slice() {
            [(_, Value::Text(key)), (_, value)] => Some((key.clone(), value.clone())),
            _ => None,
        },
        _ => None,
    };
    Value::Map(list.iter().filter_map(pair).collect())
}
