//! Who is told and where logs go is said once, for the estate; only accounts of tenants have topics
//! of their own.

use crate::blueprint::shape::component::{Monitoring, Notify};
use crate::blueprint::shape::{Blueprint, Isolation};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Judges the block of the estate.
pub fn check(block: &Monitoring, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let Some(arn) = &block.stream_to else { return };
    let site = site.child("stream_to");
    let (message, help) = match target(arn) {
        None => (
            format!("{arn:?} is not the ARN of something that takes logs"),
            "name a destination of CloudWatch Logs, a Kinesis stream, or a delivery stream of Firehose"
                .to_owned(),
        ),
        Some(target) => match target.fault(blueprint) {
            Some(fault) => fault,
            None => return,
        },
    };
    let complaint = rule::COMPONENT.at(site, message).help(help);
    sink.push(
        complaint.against(["partition"]).against(["regions"]).against(["accounts", "workload"]),
    );
}

/// Judges a block of a tier.
pub fn check_tier(block: &Monitoring, isolation: Isolation, site: &Site, sink: &mut Sink) {
    let own = isolation == Isolation::Account;
    let rows = [
        ("notify", block.notify != Notify::default() && !own),
        ("quota_percent", block.quota_percent.is_some()),
        ("stream_to", block.stream_to.is_some()),
    ];
    for (key, _) in rows.into_iter().filter(|(_, there)| *there) {
        let message = format!("`{key}` is said for the estate, and a tier cannot say it otherwise");
        let help = format!("move `{key}` to `components.monitoring`");
        sink.push(rule::COMPONENT.at(site.child(key).key(), message).help(help));
    }
}

/// What an ARN says of something that takes logs.
struct Target<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
    /// Whether accounts may send to it that it is not in.
    shared: bool,
}

/// What takes logs, and the beginning of its resource in an ARN. Sources:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html>,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html>,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisfirehose.html>.
const TAKERS: [(&str, &str); 3] =
    [("logs", "destination:"), ("kinesis", "stream/"), ("firehose", "deliverystream/")];

fn target(arn: &str) -> Option<Target<'_>> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts.as_slice() else {
        return None;
    };
    let (_, begin) = TAKERS.iter().find(|(of, _)| of == service)?;
    let name = resource.strip_prefix(begin)?;
    let clear = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let sound = !name.is_empty()
        && name.chars().all(clear)
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit());
    sound.then_some(Target { partition, region, account, shared: *service == "logs" })
}

impl Target<'_> {
    /// Why logs of the estate cannot go there, and what to do. A log group and what it is sent to are
    /// in one region; a stream takes them from its own account only. Source:
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateSubscriptionFilterFirehose-Account.html>.
    fn fault(&self, blueprint: &Blueprint) -> Option<(String, String)> {
        let partition = blueprint.partition.id();
        if self.partition != partition {
            let message =
                format!("it is in partition {}, the estate in {partition}", self.partition);
            return Some((message, format!("the ARN begins with `arn:{partition}:`")));
        }
        if let Some(other) = blueprint.regions.iter().find(|region| *region != self.region) {
            let message =
                format!("it takes logs of {} only, and the estate is in {other}", self.region);
            return Some((message, "one estate a region can stream its logs".to_owned()));
        }
        let others = blueprint.accounts.workload.all().iter();
        if let Some(account) = others.filter(|_| !self.shared).find(|one| *one != self.account) {
            let message =
                format!("a stream of account {} takes no logs of {account}", self.account);
            let help = "name a destination of CloudWatch Logs, which takes logs of other accounts";
            return Some((message, help.to_owned()));
        }
        None
    }
}
