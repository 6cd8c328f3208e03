//! IAM: roles and their policies. Names are left to AWS, so that a role can be replaced.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, map};

/// A role.
#[derive(Debug)]
pub struct Role {
    /// What it is for.
    pub description: &'static str,
    /// Who may take it, and when.
    pub trust: Value,
}

resource!(Role, Some("AWS::IAM::Role"), "aws_iam_role", taggable: true, |self| {
    Body::new()
        .set("Description", self.description)
        .set("AssumeRolePolicyDocument", Value::Document(Box::new(self.trust)))
});

/// What a role may do.
#[derive(Debug)]
pub struct RolePolicy {
    /// The role.
    pub role: Id<Role>,
    /// The name of the policy, unique in the role.
    pub name: &'static str,
    /// What it allows.
    pub document: Value,
}

resource!(RolePolicy, Some("AWS::IAM::RolePolicy"), "aws_iam_role_policy", taggable: false, |self| {
    Body::new()
        .set("PolicyName", self.name)
        .set("RoleName", &self.role)
        .set("PolicyDocument", Value::Document(Box::new(self.document)))
});

/// What gives the instances of a launch template a role.
#[derive(Debug)]
pub struct InstanceProfile {
    /// The role.
    pub role: Id<Role>,
}

resource!(InstanceProfile, Some("AWS::IAM::InstanceProfile"), "aws_iam_instance_profile", taggable: false, |self| {
    Body::new().set_list("Roles", &[self.role])
});

/// A policy document of some statements.
pub fn document(statements: Vec<Value>) -> Value {
    map([("Version", Value::from("2012-10-17")), ("Statement", Value::List(statements))])
}
