//! AWS `CloudTrail`, AWS Config and IAM Access Analyzer: who did what, what is there, and who from
//! outside may reach it.

use crate::resource::iam::Role;
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, block, join};

/// Every call of every region, in files that show if somebody changed them.
#[derive(Debug)]
pub struct Trail {
    /// Its name, unique in the account and region.
    pub name: Value,
    /// The name of the bucket that keeps the files.
    pub bucket: Value,
    /// Whether it is of all accounts of the organization; only the management account has such.
    pub organization: bool,
    /// Whether reads and writes of objects are recorded, too.
    pub objects: bool,
}

resource!(Trail, Some("AWS::CloudTrail::Trail"), "aws_cloudtrail", taggable: true, |self| {
    let selectors = self.objects.then(|| selectors(&self.bucket));
    Body::new()
        .set("TrailName", self.name)
        .set("S3BucketName", self.bucket)
        .set("IsLogging", true)
        .set("IsMultiRegionTrail", true)
        .set("IncludeGlobalServiceEvents", true)
        .set("EnableLogFileValidation", true)
        .set("IsOrganizationTrail", self.organization)
        .set_some("AdvancedEventSelectors", selectors)
});

/// What a trail records otherwise, and all objects but those of its own bucket: each file that it
/// writes there would be one more event. Source:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>.
fn selectors(own: &Value) -> Value {
    let only = |field: &'static str, operator: &'static str, value: Value| {
        block([("Field", field.into()), (operator, Value::List(vec![value]))])
    };
    let selector = |name: &'static str, fields: Vec<Value>| {
        block([("Name", name.into()), ("FieldSelectors", Value::List(fields))])
    };
    let own =
        join(["arn:".into(), Pseudo::Partition.into(), ":s3:::".into(), own.clone(), "/".into()]);
    Value::List(vec![
        selector(
            "Changes and reads of resources",
            vec![only("eventCategory", "Equals", "Management".into())],
        ),
        selector(
            "Objects, but for those of the archive",
            vec![
                only("eventCategory", "Equals", "Data".into()),
                only("resources.type", "Equals", "AWS::S3::Object".into()),
                only("resources.ARN", "NotStartsWith", own),
            ],
        ),
    ])
}

/// Records what is there and how it changes: one in an account and region.
#[derive(Debug)]
pub struct Recorder {
    /// Its name.
    pub name: Value,
    /// The role that looks.
    pub role: Id<Role>,
    /// Whether what is global is recorded, too: once is enough.
    pub global: bool,
}

resource!(Recorder, Some("AWS::Config::ConfigurationRecorder"), "aws_config_configuration_recorder", taggable: false, |self| {
    Body::new()
        .set("Name", self.name)
        .set("RoleARN", self.role.att("Arn"))
        .set("RecordingGroup", block([
            ("AllSupported", true.into()),
            ("IncludeGlobalResourceTypes", self.global.into()),
        ]))
});

/// Where the records go.
#[derive(Debug)]
pub struct DeliveryChannel {
    /// Its name.
    pub name: Value,
    /// The name of the bucket.
    pub bucket: Value,
}

resource!(DeliveryChannel, Some("AWS::Config::DeliveryChannel"), "aws_config_delivery_channel", taggable: false, |self| {
    Body::new().set("Name", self.name).set("S3BucketName", self.bucket)
});

/// Starts a recorder, which CloudFormation does when it has a channel.
#[derive(Debug)]
pub struct RecorderStatus {
    /// The recorder.
    pub recorder: Id<Recorder>,
}

resource!(RecorderStatus, None, "aws_config_configuration_recorder_status", taggable: false, |self| {
    Body::new().set("Name", &self.recorder).set("IsEnabled", true)
});

/// One of AWS's own rules.
#[derive(Debug)]
pub struct ManagedRule {
    /// Its name.
    pub name: Value,
    /// What AWS calls it.
    pub identifier: &'static str,
}

resource!(ManagedRule, Some("AWS::Config::ConfigRule"), "aws_config_config_rule", taggable: false, |self| {
    Body::new()
        .set("ConfigRuleName", self.name)
        .set("Source", block([
            ("Owner", "AWS".into()),
            ("SourceIdentifier", self.identifier.into()),
        ]))
});

/// Finds what somebody outside the account may reach.
#[derive(Debug)]
pub struct Analyzer {
    /// Its name.
    pub name: Value,
}

resource!(Analyzer, Some("AWS::AccessAnalyzer::Analyzer"), "aws_accessanalyzer_analyzer", taggable: true, |self| {
    Body::new().set("AnalyzerName", self.name).set("Type", "ACCOUNT")
});
