//! Amazon Aurora with `PostgreSQL`: a cluster without a public address, encrypted, reached with TLS
//! only, whose administrator's password lies in Secrets Manager and whose users need none.

use crate::resource::security::SecurityGroup;
use crate::resource::vpc::Subnet;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block, map};

/// The subnets that a cluster may stand in.
#[derive(Debug)]
pub struct SubnetGroup {
    /// The subnets, in at least two zones.
    pub subnets: Vec<Id<Subnet>>,
}

resource!(SubnetGroup, Some("AWS::RDS::DBSubnetGroup"), "aws_db_subnet_group", taggable: true, |self| {
    Body::new()
        .set("DBSubnetGroupDescription", "Where the databases of the pool stand")
        .set_list("SubnetIds", &self.subnets)
});

/// The version of `PostgreSQL`: one that AWS supports for long. Source:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html>.
const VERSION: &str = "16.8";

/// Its family of parameters.
const FAMILY: &str = "aurora-postgresql16";

/// The engine.
const ENGINE: &str = "aurora-postgresql";

/// The parameters of a cluster: nobody connects without TLS. Source:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html>.
#[derive(Debug)]
pub struct Parameters;

resource!(Parameters, Some("AWS::RDS::DBClusterParameterGroup"), "aws_rds_cluster_parameter_group",
    taggable: true, |self| {
    Body::new()
        .set("Description", "The databases of the pool: TLS only")
        .set("Family", FAMILY)
        .set("Parameters", map([("rds.force_ssl", "1")]))
});

/// A cluster that grows and shrinks with what is asked of it.
#[derive(Debug)]
pub struct Cluster {
    /// Where it may stand.
    pub subnets: Id<SubnetGroup>,
    /// Its parameters.
    pub parameters: Id<Parameters>,
    /// Its group.
    pub group: Id<SecurityGroup>,
    /// Where it listens.
    pub port: u16,
    /// The least and the most capacity, in half units (ACU).
    pub capacity: [u16; 2],
}

/// How many days backups are kept: the most that there is.
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html>.
const BACKUPS: u16 = 35;

resource!(Cluster, Some("AWS::RDS::DBCluster"), "aws_rds_cluster", taggable: true, |self| {
    Body::new()
        .set("Engine", ENGINE)
        .set("EngineVersion", VERSION)
        .set("MasterUsername", "administrator")
        .set("ManageMasterUserPassword", true)
        .set("DBSubnetGroupName", &self.subnets)
        .set("DBClusterParameterGroupName", &self.parameters)
        .set_list("VpcSecurityGroupIds", &[self.group])
        .set("Port", self.port)
        .set("ServerlessV2ScalingConfiguration", block([
            ("MinCapacity", Value::Halves(self.capacity[0])),
            ("MaxCapacity", Value::Halves(self.capacity[1])),
        ]))
        .set("StorageEncrypted", true)
        .set("EnableIAMDatabaseAuthentication", true)
        .set("EnableCloudwatchLogsExports", vec!["postgresql"])
        .set("BackupRetentionPeriod", BACKUPS)
        .set("CopyTagsToSnapshot", true)
        .set("DeletionProtection", true)
});

/// An instance of a cluster.
#[derive(Debug)]
pub struct Instance {
    /// The cluster.
    pub cluster: Id<Cluster>,
}

resource!(Instance, Some("AWS::RDS::DBInstance"), "aws_rds_cluster_instance", taggable: true, |self| {
    Body::new()
        .set("Engine", ENGINE)
        .set("DBClusterIdentifier", &self.cluster)
        .set("DBInstanceClass", "db.serverless")
        .set("PubliclyAccessible", false)
        // Another version is a change that is reviewed.
        .set("AutoMinorVersionUpgrade", false)
});
