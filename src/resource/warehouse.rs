//! Amazon Redshift Serverless and Amazon EMR Serverless: what computes over a lake, and costs nothing
//! while it does not.

use crate::resource::iam::Role;
use crate::resource::security::SecurityGroup;
use crate::resource::vpc::Subnet;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// The data of a warehouse, always encrypted. The password of its administrator is made and turned by
/// AWS, and lies in Secrets Manager. Source:
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-secrets-manager-integration.html>.
#[derive(Debug)]
pub struct Namespace {
    /// Its name: 3 to 64 lower-case letters, digits, hyphens.
    pub name: Value,
    /// The role by which it reads what it loads.
    pub role: Id<Role>,
}

/// Its administrator, who has no password that anybody knows.
const ADMINISTRATOR: &str = "warehouse_admin";

/// Its first database.
const DATABASE: &str = "warehouse";

resource!(Namespace, Some("AWS::RedshiftServerless::Namespace"), "aws_redshiftserverless_namespace", taggable: true, |self| {
    Body::new()
        .set("NamespaceName", self.name)
        .set("AdminUsername", ADMINISTRATOR)
        .set("ManageAdminPassword", true)
        .set("DbName", DATABASE)
        .set("DefaultIamRoleArn", self.role.att("Arn"))
        .set("IamRoles", vec![self.role.att("Arn")])
        .set("LogExports", vec!["connectionlog", "useractivitylog", "userlog"])
});

/// What asks it: capacity that comes and goes, in subnets that nobody outside reaches.
#[derive(Debug)]
pub struct Workgroup {
    /// Its name: 3 to 64 lower-case letters, digits, hyphens.
    pub name: Value,
    /// What it asks.
    pub namespace: Id<Namespace>,
    /// With how many units a query begins: 8 to 512, in eights. Source:
    /// <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-capacity.html>.
    pub base: u32,
    /// How many units there are at most.
    pub most: u32,
    /// Its subnets: three, in three zones. Source:
    /// <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html>.
    pub subnets: Vec<Id<Subnet>>,
    /// What its interfaces may reach.
    pub group: Id<SecurityGroup>,
}

resource!(Workgroup, Some("AWS::RedshiftServerless::Workgroup"), "aws_redshiftserverless_workgroup", taggable: true, |self| {
    Body::new()
        .set("WorkgroupName", self.name)
        .set("NamespaceName", &self.namespace)
        .set("BaseCapacity", self.base)
        .set("MaxCapacity", self.most)
        .set("EnhancedVpcRouting", true)
        .set("PubliclyAccessible", false)
        .set_list("SubnetIds", &self.subnets)
        .set("SecurityGroupIds", vec![self.group.att("GroupId")])
});

/// Where jobs of Spark run: it starts with a job, and stops when there is none.
#[derive(Debug)]
pub struct SparkApplication {
    /// Its name: at most 64 characters.
    pub name: Value,
    /// The release of Amazon EMR, as in `emr-7.5.0`.
    pub release: String,
    /// How many processors all its workers have together at most.
    pub processors: u32,
    /// After how many minutes without a job it stops.
    pub idle: u32,
}

/// GB of memory for each processor: that of a worker that says nothing else, 16 for 4. Source:
/// <https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html>.
const MEMORY: u32 = 4;

resource!(SparkApplication, Some("AWS::EMRServerless::Application"), "aws_emrserverless_application", taggable: true, |self| {
    let most = block([
        ("Cpu", format!("{} vCPU", self.processors).into()),
        ("Memory", format!("{} GB", self.processors * MEMORY).into()),
    ]);
    let stop = block([("Enabled", true.into()), ("IdleTimeoutMinutes", self.idle.into())]);
    Body::new()
        .set("Name", self.name)
        .set("Type", "Spark")
        .set("ReleaseLabel", self.release)
        .set("Architecture", "ARM64")
        .set("AutoStartConfiguration", block([("Enabled", true.into())]))
        .set("AutoStopConfiguration", stop)
        .set("MaximumCapacity", most)
});
