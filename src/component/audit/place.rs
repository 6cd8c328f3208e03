//! What each account and region has: a recorder with rules, and an analyzer.

use super::{Archive, SHAPE};
use crate::blueprint::shape::component::Audit;
use crate::component::role;
use crate::model::{foundation, identity};
use crate::plan::Plan;
use crate::resource::audit::{Analyzer, DeliveryChannel, ManagedRule, Recorder, RecorderStatus};
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Pseudo, Value, join, param};

/// The shape of the stacks of other regions than the home region.
const ABROAD: &str = "audit-abroad";

/// AWS's own rules about what keeps tenants apart and their data safe. Source:
/// <https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html>.
const RULES: [(&str, &str); 14] = [
    ("TrailEnabled", "CLOUD_TRAIL_ENABLED"),
    ("TrailValidated", "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"),
    ("BucketsNotReadByAll", "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
    ("BucketsNotWrittenByAll", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED"),
    ("BucketsEncryptedInTransit", "S3_BUCKET_SSL_REQUESTS_ONLY"),
    ("DefaultGroupsClosed", "VPC_DEFAULT_SECURITY_GROUP_CLOSED"),
    ("FlowLogsEnabled", "VPC_FLOW_LOGS_ENABLED"),
    ("NoOpenSsh", "INCOMING_SSH_DISABLED"),
    ("VolumesEncrypted", "ENCRYPTED_VOLUMES"),
    ("DatabasesEncrypted", "RDS_STORAGE_ENCRYPTED"),
    ("TablesRecoverable", "DYNAMODB_PITR_ENABLED"),
    ("MetadataByToken", "EC2_IMDSV2_CHECK"),
    ("NoRootKey", "IAM_ROOT_ACCESS_KEY_CHECK"),
    ("RootHasSecondFactor", "ROOT_ACCOUNT_MFA_ENABLED"),
];

/// One stack in each place.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate, audit: &Audit, archive: &Archive) {
    for place in foundation::places(spec, plan) {
        let key = identity::place_key(spec, SHAPE, place);
        let home = place.1 == spec.regions[0];
        let shape = if home { SHAPE } else { ABROAD };
        let template = estate
            .templates
            .entry(shape.to_owned())
            .or_insert_with_key(|shape| template(shape, spec, audit, archive, home));
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(template);
        shape.clone_into(&mut stack.shape);
        stack.depends_on.push(archive.key.clone());
        estate.stacks.push(stack);
    }
}

/// What is global is recorded where `home` is.
pub fn template(
    shape: &str,
    spec: &Spec,
    audit: &Audit,
    archive: &Archive,
    home: bool,
) -> Template {
    let mut t = Template::new(shape, "What is there, and who from outside may reach it.");
    identity::tag_shared(&mut t, spec, None);
    t.add("Analyzer", Analyzer { name: param(NAME) });
    if audit.config.unwrap_or(true) {
        config(&mut t, archive, home);
    }
    t
}

fn config(t: &mut Template, archive: &Archive, global: bool) {
    let about = "Looks at what is there, for AWS Config";
    let policies = ["service-role/AWS_ConfigRole"];
    let role = role::of_service(t, "ConfigRole", about, "config", &policies);
    let bucket = || {
        join(["arn:".into(), Pseudo::Partition.into(), format!(":s3:::{}", archive.records).into()])
    };
    let own = join([bucket(), "/AWSLogs/".into(), Pseudo::Account.into(), "/Config/*".into()]);
    let statements = vec![
        role::statement(&["s3:PutObject"], vec![own]),
        role::statement(&["s3:GetBucketAcl", "s3:ListBucket"], vec![bucket()]),
    ];
    role::allow(t, "ConfigRolePolicy", &role, statements);
    let recorder = t.add("Recorder", Recorder { name: param(NAME), role, global });
    let channel = "DeliveryChannel".to_owned();
    let allowed = "ConfigRolePolicy".to_owned();
    let to = DeliveryChannel { name: param(NAME), bucket: Value::from(&archive.records) };
    let first = recorder.logical().expect("it is here").clone();
    t.add_after(channel.clone(), to, &[&allowed, &first]);
    let status = "RecorderStatus".to_owned();
    t.add_after(status.clone(), RecorderStatus { recorder: recorder.clone() }, &[&channel]);
    let recorder = recorder.logical().expect("it is here").clone();
    for (id, identifier) in RULES {
        let tail = crate::name::snake(id).replace('_', "-");
        let name = join([param(NAME), format!("-{tail}").into()]);
        let managed = ManagedRule { name, identifier };
        t.add_after(format!("{id}Rule"), managed, &[&recorder, &status]);
    }
}
