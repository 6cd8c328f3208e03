//! What is watched of each kind of resource: rows, each with its source.

use crate::resource::watch::{Watch, When};
use crate::template::{Entry, Estate, Template};
use crate::value::{Value, param};

/// How urgent something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody must look now.
    Critical,
    /// Somebody must look today.
    Warning,
}

impl Severity {
    /// As it stands in paths.
    pub fn id(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
        }
    }

    /// As it stands in names of resources.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Critical => "Critical",
            Severity::Warning => "Warning",
        }
    }
}

/// Where the value of a dimension comes from.
#[derive(Clone, Copy, Debug)]
pub enum From {
    /// What a reference to the resource gives.
    Itself,
    /// An attribute of it.
    Att(&'static str),
    /// A property of it.
    Property(&'static str),
    /// An attribute of the only resource of that type in the template.
    Of(&'static str, &'static str),
    /// The load balancer of the template or, if there is none, of its cell.
    Balancer,
    /// A property of the only resource of that type in the template.
    Their(&'static str, &'static str),
}

/// How a dashboard finds the resources of a tier, however many tenants there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Find {
    /// By their tags: what metrics explorer calls their type. Their names are ids, or too short.
    Tagged(&'static str),
    /// By the name of their cell, with which theirs begin.
    Named,
}

impl Find {
    /// What metrics explorer calls the type, if it finds it.
    pub fn kind(self) -> Option<&'static str> {
        match self {
            Find::Tagged(kind) => Some(kind),
            Find::Named => None,
        }
    }
}

/// What is watched of resources of a type.
#[derive(Debug)]
pub struct Row {
    /// Terraform's type.
    tf: &'static str,
    /// A property that must have that value for the row to fit.
    only: Option<(&'static str, &'static str)>,
    /// The end of the name of the alarm.
    tail: &'static str,
    /// What it means.
    about: &'static str,
    /// Namespace and name of the metric.
    metric: (&'static str, &'static str),
    /// Its dimensions.
    dimensions: &'static [(&'static str, From)],
    /// How it is looked at: the statistic, the seconds, how many of them.
    over: (&'static str, u16, u16),
    /// What is out of bounds.
    bound: (When, u32),
    /// How urgent it is.
    pub severity: Severity,
}

/// What metrics call a load balancer; also the parameter with that of a cell.
pub const BALANCER: &str = "LoadBalancerFullName";

const ALB: &str = "AWS/ApplicationELB";
const NLB: &str = "AWS/NetworkELB";

macro_rules! row {
    ($tf:literal $(where $key:literal = $is:literal)?, $tail:literal, $about:literal,
     $namespace:expr, $metric:literal, [$($name:literal = $from:expr),*],
     $statistic:literal over $seconds:literal x $times:literal, $when:ident $threshold:literal, $severity:ident) => {
        Row {
            tf: $tf,
            only: { let only: Option<(&str, &str)> = None; $(let only = { let _ = only; Some(($key, $is)) };)? only },
            tail: $tail,
            about: $about,
            metric: ($namespace, $metric),
            dimensions: &[$(($name, $from)),*],
            over: ($statistic, $seconds, $times),
            bound: (When::$when, $threshold),
            severity: Severity::$severity,
        }
    };
}

/// Every row. Sources:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>,
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html>,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>,
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>,
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway-cloudwatch.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>,
/// <https://docs.aws.amazon.com/vpn/latest/s2svpn/monitoring-cloudwatch-vpn.html>,
/// <https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html>,
/// <https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html>.
pub static ROWS: &[Row] = &[
    row!("aws_lb" where "Type" = "application", "Failing", "The load balancer answers with errors of its own", ALB, "HTTPCode_ELB_5XX_Count", ["LoadBalancer" = From::Att("LoadBalancerFullName")], "Sum" over 300 x 2, AtLeast 10, Critical),
    row!("aws_lb" where "Type" = "application", "Refusing", "The load balancer has no room for more connections", ALB, "RejectedConnectionCount", ["LoadBalancer" = From::Att("LoadBalancerFullName")], "Sum" over 300 x 1, AtLeast 1, Critical),
    row!("aws_lb_target_group" where "Protocol" = "TCP", "Unhealthy", "A target does not answer its health check", NLB, "UnHealthyHostCount", ["TargetGroup" = From::Att("TargetGroupFullName"), "LoadBalancer" = From::Of("aws_lb", "LoadBalancerFullName")], "Maximum" over 60 x 5, AtLeast 1, Critical),
    row!("aws_lb_target_group" where "Protocol" = "HTTP", "Failing", "The application answers with errors", ALB, "HTTPCode_Target_5XX_Count", ["TargetGroup" = From::Att("TargetGroupFullName"), "LoadBalancer" = From::Balancer], "Sum" over 300 x 2, AtLeast 10, Warning),
    row!("aws_ecs_service", "Cpu", "The service has no CPU left: let it scale further", "AWS/ECS", "CPUUtilization", ["ClusterName" = From::Property("Cluster"), "ServiceName" = From::Att("Name")], "Average" over 300 x 3, AtLeast 90, Warning),
    row!("aws_ecs_service", "Memory", "The service has no memory left: tasks will be stopped", "AWS/ECS", "MemoryUtilization", ["ClusterName" = From::Property("Cluster"), "ServiceName" = From::Att("Name")], "Average" over 300 x 3, AtLeast 90, Warning),
    row!("aws_rds_cluster", "Cpu", "The database has no CPU left", "AWS/RDS", "CPUUtilization", ["DBClusterIdentifier" = From::Itself], "Average" over 300 x 3, AtLeast 90, Warning),
    row!("aws_rds_cluster", "Capacity", "The database is at its most capacity: raise it", "AWS/RDS", "ACUUtilization", ["DBClusterIdentifier" = From::Itself], "Average" over 300 x 3, AtLeast 95, Critical),
    // Deadlocks are told as an average by the second: one in a minute is a sixtieth.
    row!("aws_rds_cluster", "Deadlocks", "Transactions stand in each other's way", "AWS/RDS", "Deadlocks", ["DBClusterIdentifier" = From::Itself], "Maximum" over 300 x 1, MoreThan 0, Warning),
    row!("aws_dynamodb_table", "ReadsThrottled", "Reads of the table are throttled: a key is too hot", "AWS/DynamoDB", "ReadThrottleEvents", ["TableName" = From::Itself], "Sum" over 300 x 2, AtLeast 1, Warning),
    row!("aws_dynamodb_table", "WritesThrottled", "Writes to the table are throttled: a key is too hot", "AWS/DynamoDB", "WriteThrottleEvents", ["TableName" = From::Itself], "Sum" over 300 x 2, AtLeast 1, Warning),
    row!("aws_sqs_queue" where "RedrivePolicy" = "there", "Late", "Messages wait for an hour: nobody works them off", "AWS/SQS", "ApproximateAgeOfOldestMessage", ["QueueName" = From::Att("QueueName")], "Maximum" over 300 x 1, AtLeast 3600, Warning),
    row!("aws_sqs_queue" where "RedrivePolicy" = "absent", "Dead", "A message could not be worked off", "AWS/SQS", "ApproximateNumberOfMessagesVisible", ["QueueName" = From::Att("QueueName")], "Maximum" over 300 x 1, AtLeast 1, Critical),
    row!("aws_nat_gateway", "Ports", "The NAT gateway has no ports left", "AWS/NATGateway", "ErrorPortAllocation", ["NatGatewayId" = From::Itself], "Sum" over 300 x 1, AtLeast 1, Critical),
    row!("aws_nat_gateway", "Drops", "The NAT gateway drops packets", "AWS/NATGateway", "PacketsDropCount", ["NatGatewayId" = From::Itself], "Sum" over 300 x 3, AtLeast 100, Warning),
    row!("aws_lambda_function", "Errors", "The function fails", "AWS/Lambda", "Errors", ["FunctionName" = From::Itself], "Sum" over 300 x 1, AtLeast 1, Warning),
    row!("aws_lambda_function", "Throttles", "The function is not let run", "AWS/Lambda", "Throttles", ["FunctionName" = From::Itself], "Sum" over 300 x 2, AtLeast 1, Warning),
    row!("aws_kinesis_stream", "Behind", "The stream is read too late: its records will be lost", "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", ["StreamName" = From::Itself], "Maximum" over 300 x 3, AtLeast 900_000, Critical),
    row!("aws_kinesis_stream", "WritesThrottled", "The stream takes no more: a source is too hot", "AWS/Kinesis", "WriteProvisionedThroughputExceeded", ["StreamName" = From::Itself], "Sum" over 300 x 2, AtLeast 1, Warning),
    row!("aws_kinesis_firehose_delivery_stream", "Late", "What is in the stream reaches the bucket too late", "AWS/Firehose", "DeliveryToS3.DataFreshness", ["DeliveryStreamName" = From::Itself], "Maximum" over 300 x 3, AtLeast 3600, Critical),
    row!("aws_api_gateway_stage", "Failing", "The interface answers with errors", "AWS/ApiGateway", "5XXError", ["ApiName" = From::Their("aws_api_gateway_rest_api", "Name"), "Stage" = From::Property("StageName")], "Sum" over 300 x 2, AtLeast 10, Critical),
    row!("aws_kinesis_firehose_delivery_stream", "Crowded", "Records of more tenants at once than the delivery sorts: they are kept as errors", "AWS/Firehose", "PartitionCountExceeded", ["DeliveryStreamName" = From::Itself], "Maximum" over 300 x 1, AtLeast 1, Warning),
    row!("aws_vpn_connection", "Down", "No tunnel of the VPN connection is up", "AWS/VPN", "TunnelState", ["VpnId" = From::Itself], "Maximum" over 300 x 1, AtMost 0, Critical),
];

/// A quota whose use AWS counts.
pub struct Quota {
    /// The beginning of the logical id of its alarm.
    pub id: &'static str,
    /// The row of `schemas/quotas.json`, if it counts for one.
    pub row: Option<&'static str>,
    /// What it is of, for people.
    pub what: &'static str,
    /// The dimensions of the metric.
    pub usage: Usage,
    /// The type of Terraform that uses it up: where the estate has none, nobody is told.
    pub of: &'static [&'static str],
}

/// Quotas whose use AWS counts, and for which `SERVICE_QUOTA()` knows the bound. Service Quotas itself
/// tells for each quota which metric that is, if any. Sources:
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_MetricInfo.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/monitoring-fargate-usage.html>,
/// <https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/monitoring-usage.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html>.
pub static QUOTAS: &[Quota] = &[
    Quota {
        id: "FargateOnDemand",
        row: Some("fargate.on-demand-vcpus"),
        what: "vCPUs of Fargate on demand",
        usage: usage("Fargate", "vCPU", "Standard/OnDemand"),
        of: COMPUTE,
    },
    Quota {
        id: "FargateSpot",
        row: Some("fargate.spot-vcpus"),
        what: "vCPUs of Fargate Spot",
        usage: usage("Fargate", "vCPU", "Standard/Spot"),
        of: COMPUTE,
    },
    Quota {
        id: "InstancesOnDemand",
        row: Some("ec2.on-demand-standard-vcpus"),
        what: "vCPUs of standard instances on demand",
        usage: usage("EC2", "vCPU", "Standard/OnDemand"),
        of: COMPUTE,
    },
    Quota {
        id: "InstancesSpot",
        row: Some("ec2.spot-standard-vcpus"),
        what: "vCPUs of standard Spot instances",
        usage: usage("EC2", "vCPU", "Standard/Spot"),
        of: COMPUTE,
    },
    Quota {
        id: "ApplicationBalancers",
        row: Some("elb.albs-per-region"),
        what: "Application Load Balancers",
        usage: usage(BALANCERS, "ApplicationLoadBalancersPerRegion", "None"),
        of: &["aws_lb"],
    },
    Quota {
        id: "NetworkBalancers",
        row: Some("elb.nlbs-per-region"),
        what: "Network Load Balancers",
        usage: usage(BALANCERS, "NetworkLoadBalancersPerRegion", "None"),
        of: &["aws_lb"],
    },
    Quota {
        id: "TargetGroups",
        row: Some("elb.target-groups-per-region"),
        what: "Target groups",
        usage: usage(BALANCERS, "TargetGroupsPerRegion", "None"),
        of: &["aws_lb_target_group"],
    },
    Quota {
        id: "ScalingGroups",
        row: Some("autoscaling.groups-per-region"),
        what: "Auto Scaling groups",
        usage: usage("AutoScaling", "NumberOfAutoScalingGroup", "None"),
        of: &["aws_autoscaling_group"],
    },
    Quota {
        id: "DeliveryStreams",
        row: Some("firehose.streams-per-region"),
        what: "Streams of Firehose",
        usage: usage("Firehose", "DeliveryStreams", "None"),
        of: &["aws_kinesis_firehose_delivery_stream"],
    },
    Quota {
        id: "SparkProcessors",
        row: Some("emr-serverless.concurrent-vcpus"),
        what: "vCPUs of EMR Serverless",
        usage: usage("EMR Serverless", "vCPU", "None"),
        of: &["aws_emrserverless_application"],
    },
];

/// Elastic Load Balancing, as dimensions have it.
const BALANCERS: &str = "Elastic Load Balancing";

/// What others than the estate use up, too: somebody is told in any case.
const COMPUTE: &[&str] = &[];

/// The dimensions of a metric of usage.
pub type Usage = [(&'static str, &'static str); 4];

const fn usage(service: &'static str, resource: &'static str, class: &'static str) -> Usage {
    [("Service", service), ("Type", "Resource"), ("Resource", resource), ("Class", class)]
}

impl Quota {
    /// Whether something of the estate uses it up.
    pub fn is_used(&self, estate: &Estate) -> bool {
        let mut entries = estate.templates.values().flat_map(|template| &template.entries);
        self.of.is_empty() || entries.any(|entry| self.of.contains(&entry.tf))
    }
}

impl Row {
    /// Whether an entry is to be watched by it.
    pub fn fits(&self, entry: &Entry, template: &Template) -> bool {
        let known = |(_, from): &(&str, From)| from.value(entry, template).is_some();
        self.is_of(entry) && self.dimensions.iter().all(known)
    }

    /// Whether an entry is of what it watches.
    fn is_of(&self, entry: &Entry) -> bool {
        let only = || {
            self.only.is_none_or(|(key, is)| match (entry.body.get(key), is) {
                (value, "there") => value.is_some(),
                (value, "absent") => value.is_none(),
                (Some(Value::Text(text)), is) => text == is,
                _ => false,
            })
        };
        entry.tf == self.tf && only()
    }

    /// What it would ask a template for to watch an entry, as far as the template has it.
    pub fn asks(&self, entry: &Entry, template: &Template) -> Vec<Value> {
        let all = self.dimensions.iter().filter(|_| self.is_of(entry));
        all.filter_map(|(_, from)| from.value(entry, template)).collect()
    }

    /// What finds it among the resources of a tier: queues, target groups and the rest have neither a
    /// type in metrics explorer that is known for sure, nor the tier in their names in both engines.
    pub fn find(&self) -> Option<Find> {
        match self.tf {
            "aws_lb" if self.metric.0 == ALB => {
                Some(Find::Tagged("AWS::ElasticLoadBalancingV2::LoadBalancer/ApplicationELB"))
            }
            "aws_nat_gateway" => Some(Find::Tagged("AWS::EC2::NatGateway")),
            "aws_lambda_function" => Some(Find::Tagged("AWS::Lambda::Function")),
            // Of a cluster, it is the instances that have its metrics and are found.
            "aws_rds_cluster" => Some(Find::Tagged("AWS::RDS::DBInstance")),
            "aws_ecs_service" | "aws_dynamodb_table" => Some(Find::Named),
            _ => None,
        }
    }

    /// What it means, for people.
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// Namespace and name of the metric, the names of its dimensions, statistic and seconds.
    pub fn metric(&self) -> (&'static str, &'static str, Vec<&'static str>, &'static str, u16) {
        let names = self.dimensions.iter().map(|(name, _)| *name).collect();
        (self.metric.0, self.metric.1, names, self.over.0, self.over.1)
    }

    /// The alarm on an entry, and its name.
    pub fn watch(
        &self,
        entry: &Entry,
        template: &Template,
        topic: Value,
    ) -> Option<(String, Watch)> {
        let value =
            |(name, from): &(&'static str, From)| Some((*name, from.value(entry, template)?));
        let dimensions = self.dimensions.iter().map(value).collect::<Option<Vec<_>>>()?;
        let watch = Watch {
            description: self.about.to_owned(),
            namespace: self.metric.0.into(),
            metric: self.metric.1.into(),
            dimensions,
            statistic: self.over.0,
            period: self.over.1,
            periods: self.over.2,
            when: self.bound.0,
            threshold: self.bound.1,
            topic,
        };
        Some((format!("{}{}Alarm", entry.id, self.tail), watch))
    }
}

impl From {
    fn value(self, entry: &Entry, template: &Template) -> Option<Value> {
        let only = |tf: &str| {
            let mut all = template.entries.iter().filter(|other| other.tf == tf);
            let one = all.next()?;
            all.next().is_none().then_some(one)
        };
        match self {
            From::Itself => Some(Value::Ref(entry.id.clone())),
            From::Att(name) => Some(Value::Att(entry.id.clone(), name)),
            From::Property(name) => entry.body.get(name).cloned(),
            From::Balancer => match only("aws_lb") {
                Some(balancer) => Some(Value::Att(balancer.id.clone(), BALANCER)),
                None => template.param_index(BALANCER).map(|_| param(BALANCER)),
            },
            From::Of(tf, name) => Some(Value::Att(only(tf)?.id.clone(), name)),
            From::Their(tf, name) => only(tf)?.body.get(name).cloned(),
        }
    }
}
