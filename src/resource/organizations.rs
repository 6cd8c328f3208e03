//! AWS Organizations: units, accounts, and the policies that bound them.

use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// A unit of an organization, to which policies are attached.
#[derive(Debug)]
pub struct OrganizationalUnit {
    /// Its name, unique below its parent.
    pub name: Value,
    /// The id of the root or unit above it.
    pub parent: Value,
}

resource!(OrganizationalUnit, Some("AWS::Organizations::OrganizationalUnit"),
    "aws_organizations_organizational_unit", taggable: true, |self| {
    Body::new().set("Name", self.name).set("ParentId", self.parent)
});

/// An account of the organization. Deleting its stack leaves it as it is: CloudFormation retains it
/// by default, and closing an account is a decision of people.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-account.html>.
#[derive(Debug)]
pub struct Account {
    /// Its name, which cannot be changed: 1 to 50 printable characters.
    pub name: Value,
    /// The e-mail address of its root user, which no other account has and which cannot be changed.
    pub email: Value,
    /// The unit that it belongs to.
    pub unit: Value,
    /// The role that AWS makes in it for the management account.
    pub role: Value,
}

resource!(Account, Some("AWS::Organizations::Account"), "aws_organizations_account", taggable: true, |self| {
    Body::new()
        .set("AccountName", self.name)
        .set("Email", self.email)
        .set("ParentIds", Value::List(vec![self.unit]))
        .set("RoleName", self.role)
});

/// A kind of policies of an organization. Each must be enabled in its root before there can be one.
/// Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// What no principal may do, whatever its own policies say.
    ServiceControl,
    /// How the keys of tags are written.
    Tag,
}

impl PolicyKind {
    /// As AWS calls it.
    pub fn id(self) -> &'static str {
        match self {
            PolicyKind::ServiceControl => "SERVICE_CONTROL_POLICY",
            PolicyKind::Tag => "TAG_POLICY",
        }
    }
}

/// What holds for the accounts of some units.
#[derive(Debug)]
pub struct Policy {
    /// Its name, unique in the organization.
    pub name: Value,
    /// What it is for.
    pub description: &'static str,
    /// What kind it is of.
    pub kind: PolicyKind,
    /// What it says: at most 10,240 characters of a service control policy, 10,000 of a tag policy.
    /// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.
    pub content: Value,
    /// The units that it is attached to.
    pub targets: Vec<Id<OrganizationalUnit>>,
}

resource!(Policy, Some("AWS::Organizations::Policy"), "aws_organizations_policy", taggable: true, |self| {
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("Type", self.kind.id())
        .set("Content", Value::Document(Box::new(self.content)))
        .set_list("TargetIds", &self.targets)
});

/// A policy on a unit, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct PolicyAttachment {
    /// The policy.
    pub policy: Id<Policy>,
    /// The unit.
    pub target: Id<OrganizationalUnit>,
}

resource!(PolicyAttachment, None, "aws_organizations_policy_attachment", taggable: false, |self| {
    Body::new().set("PolicyId", &self.policy).set("TargetId", &self.target)
});
