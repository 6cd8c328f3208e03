//! AWS Resource Access Manager: what other accounts may use.

use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// Resources that principals of other accounts may use.
#[derive(Debug)]
pub struct ResourceShare {
    /// Its name.
    pub name: Value,
    /// The ARNs of the resources.
    pub resources: Vec<Value>,
    /// Accounts, or the ARNs of organizations and their units.
    pub principals: Vec<Value>,
}

resource!(ResourceShare, Some("AWS::RAM::ResourceShare"), "aws_ram_resource_share", taggable: true, |self| {
    Body::new()
        .set("Name", self.name)
        .set("AllowExternalPrincipals", false)
        .set("ResourceArns", Value::List(self.resources))
        .set("Principals", Value::List(self.principals))
});

/// One resource of a share, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct SharedResource {
    /// The share.
    pub share: Id<ResourceShare>,
    /// The ARN of the resource.
    pub resource: Value,
}

resource!(SharedResource, None, "aws_ram_resource_association", taggable: false, |self| {
    Body::new().set("ResourceShareArn", self.share.att("Arn")).set("ResourceArn", self.resource)
});

/// One principal of a share, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct SharedWith {
    /// The share.
    pub share: Id<ResourceShare>,
    /// An account, or the ARN of an organization or unit.
    pub principal: Value,
}

resource!(SharedWith, None, "aws_ram_principal_association", taggable: false, |self| {
    Body::new().set("ResourceShareArn", self.share.att("Arn")).set("Principal", self.principal)
});
