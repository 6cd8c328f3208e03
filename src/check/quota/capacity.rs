//! What is counted in units of its own: the processors of tasks and jobs, the capacity units of a
//! firewall, and the addresses that warehouses and notebooks take. All of it at its largest.

use serde_json::Value;

use super::address::{number, tasks};
use super::count::Held;
use super::holding::{Amount, It, Owner, Whole, in_vpc};
use super::measure::many;
use crate::plan::cells::DURING_DEPLOYMENT;

/// How many CPU units of Amazon ECS are a processor. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>.
const UNITS: u64 = 1024;

/// The processors of the tasks of each service on Fargate: at their most, and twice while they are
/// replaced. What a service has is rounded up to whole ones.
pub fn fargate(whole: &Whole<'_>) -> Held {
    let services = whole.of(&["AWS::ECS::Service"]).into_iter();
    let ours = services.filter(|it| it.2["LaunchType"] == "FARGATE");
    let each = ours.filter_map(|(id, _, it)| {
        let definition = whole.local(it["TaskDefinition"]["Ref"].as_str()?);
        let units = tasks(id, whole.json) * DURING_DEPLOYMENT * number(&definition["Cpu"]);
        Some((Owner::Region, units.div_ceil(UNITS).into()))
    });
    each.collect()
}

/// The processors that all jobs of each application of Spark may have at once.
pub fn spark(whole: &Whole<'_>) -> Held {
    let applications = whole.of(&["AWS::EMRServerless::Application"]).into_iter();
    let most = applications.filter_map(|it| {
        let text = it.2["MaximumCapacity"]["Cpu"].as_str()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    most.map(|processors| (Owner::Region, processors.into())).collect()
}

/// The units of each group of rules that AWS keeps. Sources:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html>,
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html>.
const MANAGED: [(&str, u64); 3] = [
    ("AWSManagedRulesAmazonIpReputationList", 25),
    ("AWSManagedRulesKnownBadInputsRuleSet", 200),
    ("AWSManagedRulesCommonRuleSet", 700),
];

/// The units of a rule that bounds a rate, and of each key of one's own that it counts by. Source:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html>.
const RATE: (u64, u64) = (2, 30);

/// The capacity units of a firewall.
pub(super) fn firewall(it: &It<'_>) -> Amount {
    let rules = it.properties["Rules"].as_array().into_iter().flatten();
    let of = |rule: &Value| {
        let rate = &rule["Statement"]["RateBasedStatement"];
        if rate.is_null() {
            let name = &rule["Statement"]["ManagedRuleGroupStatement"]["Name"];
            let group = MANAGED.iter().find(|(group, _)| name == group);
            return group.expect("every group that is written has its units here").1;
        }
        RATE.0 + RATE.1 * many(&rate["CustomKeys"])
    };
    rules.map(of).sum::<u64>().into()
}

/// How many addresses a warehouse needs in each of its subnets when all its traffic goes through them, by
/// how many units it has. Source:
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html>.
const WAREHOUSE: [(u64, u64); 7] =
    [(8, 9), (32, 13), (64, 21), (128, 37), (256, 69), (512, 133), (1024, 261)];

/// The addresses of a warehouse at its largest, in each of its subnets.
pub(super) fn warehouse(it: &Value) -> u64 {
    let most = number(&it["MaxCapacity"]);
    let row = WAREHOUSE.iter().find(|(units, _)| most <= *units);
    row.expect("a warehouse has no more units than that").1
}

/// How many addresses a person with notebooks needs at most. Source:
/// <https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html>.
const PERSON: u64 = 4;

/// The addresses of a domain of notebooks, in each of its subnets: one of the file system of its homes, and
/// those of its people, spread.
pub(super) fn notebooks(id: &str, it: &Value, json: &Value) -> u64 {
    let resources = json["Resources"].as_object().into_iter().flatten();
    let people = resources.filter(|(_, other)| {
        other["Type"] == "AWS::SageMaker::UserProfile"
            && other["Properties"]["DomainId"]["Ref"] == id
    });
    let all = people.count() as u64 * PERSON;
    1 + all.div_ceil(many(&it["SubnetIds"]).max(1))
}

/// The interfaces of network load balancers: one in each of their subnets, by VPC.
pub fn balancers(whole: &Whole<'_>) -> Held {
    let all = whole.of(&["AWS::ElasticLoadBalancingV2::LoadBalancer"]).into_iter();
    let network = all.filter(|it| it.2["Type"] == "network");
    let each = network.filter_map(|(_, _, it)| {
        Some((in_vpc(&it["Subnets"][0], whole)?, many(&it["Subnets"]).into()))
    });
    each.collect()
}

/// The domains that all lists of a firewall for names have together.
pub fn domains(whole: &Whole<'_>) -> Held {
    let lists = whole.of(&["AWS::Route53Resolver::FirewallDomainList"]).into_iter();
    lists.map(|it| (Owner::Region, many(&it.2["Domains"]).into())).collect()
}
