//! Jobs of Spark. EMR Serverless takes the role of a job by itself and says no tenant, so that role
//! reaches no record: it reads the code of jobs, and takes the role that acts for one tenant.

use super::Lake;
use crate::blueprint::shape::component::Spark;
use crate::component::{bucket, role};
use crate::resource::iam::Role;
use crate::resource::warehouse::SparkApplication;
use crate::template::Template;
use crate::value::Id;

/// The release where nothing else is said.
const RELEASE: &str = "emr-7.5.0";

/// How many processors all jobs have together where nothing else is said.
const PROCESSORS: u32 = 32;

/// After how many minutes without a job it stops where nothing else is said.
const IDLE: u32 = 15;

/// Where the code of jobs lies in the bucket of results: no tenant may write there.
const JOBS: &str = "jobs/";

/// Adds the role of jobs.
pub fn role(t: &mut Template) -> Id<Role> {
    let about = "Runs jobs of Spark, for no tenant in particular";
    role::of_service(t, "JobRole", about, "emr-serverless", &[])
}

/// Adds the application, and lets jobs act for a tenant.
pub fn add(
    t: &mut Template,
    name: String,
    spark: &Spark,
    (job, tenant): (&Id<Role>, &Id<Role>),
    lake: &Lake,
) {
    let code = bucket::objects(&lake.results, JOBS.into());
    let statements = vec![
        role::statement(&["s3:GetObject"], vec![code]),
        role::statement(&["sts:AssumeRole", "sts:TagSession"], vec![tenant.att("Arn")]),
    ];
    role::allow(t, "JobRolePolicy", job, statements);
    let application = SparkApplication {
        name: name.into(),
        release: spark.release.clone().unwrap_or_else(|| RELEASE.to_owned()),
        processors: spark.processors.unwrap_or(PROCESSORS),
        idle: spark.idle_minutes.unwrap_or(IDLE),
    };
    let application = t.add("Spark", application);
    t.output("SparkApplicationId", "Where jobs of Spark run", &application);
    t.output("SparkJobRoleArn", "The role that jobs are started with", job.att("Arn"));
}
