//! IAM: roles and their policies. Names are left to AWS, so that a role can be replaced.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, block, map};

/// A role.
#[derive(Debug)]
pub struct Role {
    /// What it is for.
    pub description: &'static str,
    /// Who may take it, and when.
    pub trust: Value,
    /// Policies of AWS's own that it has, by ARN.
    pub managed: Vec<Value>,
}

resource!(Role, Some("AWS::IAM::Role"), "aws_iam_role", taggable: true, |self| {
    Body::new()
        .set("Description", self.description)
        .set("AssumeRolePolicyDocument", Value::Document(Box::new(self.trust)))
        .set_list("ManagedPolicyArns", &self.managed)
});

/// A role with a name of its own, so that it is the same in every account.
#[derive(Debug)]
pub struct NamedRole {
    /// Its name: at most 64 characters.
    pub name: Value,
    /// What it is for.
    pub description: &'static str,
    /// Who may take it, and when.
    pub trust: Value,
    /// Policies of AWS's own that it has, by ARN.
    pub managed: Vec<Value>,
    /// What it may do besides: the name of the policy and the policy.
    pub policy: Option<(&'static str, Value)>,
}

resource!(NamedRole, Some("AWS::IAM::Role"), "aws_iam_role", taggable: true, |self| {
    let inline = |(name, document): (&'static str, Value)| {
        vec![block([("PolicyName", name.into()), ("PolicyDocument", Value::Document(Box::new(document)))])]
    };
    let managed = (!self.managed.is_empty()).then_some(Value::List(self.managed));
    Body::new()
        .set("RoleName", self.name)
        .set("Description", self.description)
        .set("AssumeRolePolicyDocument", Value::Document(Box::new(self.trust)))
        .set_some("ManagedPolicyArns", managed)
        .set_some("Policies", self.policy.map(inline))
});

/// A policy of AWS's own that a role has, for Terraform, which has no property for it.
#[derive(Debug)]
pub struct ManagedPolicy {
    /// The role.
    pub role: Id<Role>,
    /// The ARN of the policy.
    pub policy: Value,
}

resource!(ManagedPolicy, None, "aws_iam_role_policy_attachment", taggable: false, |self| {
    Body::new().set("Role", &self.role).set("PolicyArn", self.policy)
});

/// What a role may do.
#[derive(Debug)]
pub struct RolePolicy {
    /// The role.
    pub role: Id<Role>,
    /// The name of the policy, unique in the role.
    pub name: String,
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
