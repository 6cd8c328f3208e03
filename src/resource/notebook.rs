//! Amazon `SageMaker`: where people open notebooks, without a way to the internet.

use crate::resource::iam::Role;
use crate::resource::kms::Key;
use crate::resource::security::SecurityGroup;
use crate::resource::vpc::{Subnet, Vpc};
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A domain of Amazon `SageMaker` Studio. All traffic goes through its VPC, people come in by IAM, what a
/// notebook printed is shared with nobody, and what a notebook does carries the name of who does it.
/// Sources:
/// <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDomain.html>,
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/monitor-user-access.html>.
#[derive(Debug)]
pub struct Domain {
    /// Its name: at most 63 letters, digits and hyphens.
    pub name: Value,
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Where its interfaces are, and those of the file system of its homes.
    pub subnets: Vec<Id<Subnet>>,
    /// What the interfaces of notebooks may reach.
    pub group: Id<SecurityGroup>,
    /// The role of notebooks.
    pub role: Id<Role>,
    /// The key of homes and of the volumes of notebooks.
    pub key: Id<Key>,
}

resource!(Domain, Some("AWS::SageMaker::Domain"), "aws_sagemaker_domain", taggable: true, |self| {
    let users = block([
        ("ExecutionRole", self.role.att("Arn")),
        ("SecurityGroups", Value::List(vec![self.group.group_id()])),
        ("SharingSettings", block([("NotebookOutputOption", "Disabled".into())])),
        ("StudioWebPortal", "ENABLED".into()),
        ("DefaultLandingUri", "studio::".into()),
    ]);
    Body::new()
        .set("DomainName", self.name)
        .set("AuthMode", "IAM")
        .set("AppNetworkAccessType", "VpcOnly")
        .set("VpcId", &self.vpc)
        .set_list("SubnetIds", &self.subnets)
        .set("KmsKeyId", &self.key)
        .set("DefaultUserSettings", users)
        .set("DomainSettings", block([("ExecutionRoleIdentityConfig", "USER_PROFILE_NAME".into())]))
        .set("TagPropagation", "ENABLED")
});

/// A person in a domain. It has no tags of its own: CloudFormation would replace it with its home for a
/// change of one; what it runs has those of the domain.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-userprofile.html>.
#[derive(Debug)]
pub struct UserProfile {
    /// The domain.
    pub domain: Id<Domain>,
    /// Its name, unique in the domain: at most 63 letters, digits and hyphens.
    pub name: String,
}

resource!(UserProfile, Some("AWS::SageMaker::UserProfile"), "aws_sagemaker_user_profile", taggable: false, |self| {
    Body::new().set("DomainId", &self.domain).set("UserProfileName", self.name)
});
