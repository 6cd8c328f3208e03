//! Flow logs: records of the traffic of a VPC, and the log group that keeps them.

use crate::resource::vpc::Vpc;
use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// Where log events are kept. It is kept when its stack is deleted: it is evidence.
#[derive(Debug)]
pub struct LogGroup {
    /// How many days events are kept; one of the numbers that the schema lists.
    pub days: u32,
}

resource!(LogGroup, Some("AWS::Logs::LogGroup"), "aws_cloudwatch_log_group", taggable: true, |self| {
    Body::new().set("RetentionInDays", self.days)
});

/// Records all traffic of a VPC, accepted and rejected.
#[derive(Debug)]
pub struct FlowLog {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// Where to.
    pub group: Id<LogGroup>,
    /// The ARN of the role that delivers.
    pub role: Value,
}

resource!(FlowLog, Some("AWS::EC2::FlowLog"), "aws_flow_log", taggable: true, |self| {
    Body::new()
        .set("ResourceType", "VPC")
        .set("ResourceId", &self.vpc)
        .set("TrafficType", "ALL")
        .set("LogDestinationType", "cloud-watch-logs")
        .set("LogGroupName", &self.group)
        .set("DeliverLogsPermissionArn", self.role)
});
