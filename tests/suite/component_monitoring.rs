//! What the component monitoring promises: what is there is watched, every alarm tells somebody,
//! nobody but alarms of the account publishes, dashboards list no tenants, and logs go where they are
//! sent and nowhere else.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;
use tenantry::template::PART;

use crate::support::{options, root, synth_text};

/// A blueprint of the repository with monitoring on everything.
fn made(name: &str, block: &str) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = text.replacen("\ntiers:\n", &format!("\ncomponents: {{ {block} }}\ntiers:\n"), 1);
    let lock = name.replace(".yaml", ".lock.json");
    let lock = std::fs::read_to_string(folder.join(lock)).ok();
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    let errors: Vec<_> = outcome.sink.as_slice().iter().collect();
    assert_eq!(outcome.sink.errors(), 0, "{errors:?}");
    outcome.made.expect("it is sound")
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

fn alarms(template: &Value) -> Vec<(&String, &Value)> {
    let all = template["Resources"].as_object().expect("resources");
    all.iter().filter(|(_, r)| r["Type"] == "AWS::CloudWatch::Alarm").collect()
}

/// Also those that the models had before, which told nobody.
#[test]
fn every_alarm_tells_somebody() {
    let mut seen = 0;
    for name in ["hybrid.yaml", "application-sql.yaml", "container-ec2.yaml"] {
        let made = made(name, "monitoring: {}");
        for shape in made.estate.templates.keys() {
            let template = template(&made, shape);
            for (id, alarm) in alarms(&template) {
                let told = alarm["Properties"]["AlarmActions"].as_array();
                assert!(told.is_some_and(|told| told.len() == 1), "{name} {shape} {id}");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "{seen} alarms");
}

/// `CloudWatch` has deadlocks as an average by the second, so one in a minute is a sixtieth of one.
#[test]
fn one_deadlock_is_told() {
    let made = made("application-sql.yaml", "monitoring: {}");
    let data = template(&made, "data-free");
    let all = alarms(&data);
    let told = all.iter().find(|(_, alarm)| alarm["Properties"]["MetricName"] == "Deadlocks");
    let alarm = &told.expect("it is watched").1["Properties"];
    let threshold = alarm["Threshold"].as_f64().expect("a number");
    let fires = match alarm["ComparisonOperator"].as_str().expect("an operator") {
        "GreaterThanThreshold" => 1.0 / 60.0 > threshold,
        "GreaterThanOrEqualToThreshold" => 1.0 / 60.0 >= threshold,
        other => panic!("{other}"),
    };
    assert!(fires, "{alarm}");
    assert_eq!(alarm["Statistic"], "Maximum", "a sum of averages counts nothing");
}

/// Whatever carries requests, work or data has an alarm on it.
#[test]
fn what_is_there_is_watched() {
    let kinds = [
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::ECS::Service",
        "AWS::RDS::DBCluster",
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::EC2::NatGateway",
        "AWS::ApiGateway::Stage",
    ];
    let mut seen = BTreeSet::new();
    for name in ["hybrid.yaml", "application-sql.yaml", "component-microservice.yaml"] {
        let made = made(name, "monitoring: {}");
        for shape in made.estate.templates.keys() {
            let template = template(&made, shape);
            // What comes when its stack is full stands in another part.
            let whole = |shape: &str| shape.split(PART).next().map(str::to_owned);
            let parts = made.estate.templates.keys().filter(|s| whole(s) == whole(shape));
            let of = |shape: &String| -> Vec<String> {
                let template = self::template(&made, shape);
                let all = alarms(&template).into_iter();
                all.map(|(_, alarm)| alarm["Properties"]["Dimensions"].to_string()).collect()
            };
            let dimensions: Vec<String> = parts.flat_map(of).collect();
            for (id, resource) in template["Resources"].as_object().expect("resources") {
                let kind = resource["Type"].as_str().expect("a type");
                if !kinds.contains(&kind) {
                    continue;
                }
                seen.insert(kind.to_owned());
                // What is in another part and has a name that is known is watched by that.
                let known = &resource["Properties"]["TableName"];
                let named = |d: &String| {
                    (!known.is_null() && d.contains(&known.to_string()))
                        || d.contains(&format!("\"Ref\":\"{id}\""))
                        || d.contains(&format!("[\"{id}\","))
                        || d.split("\"Ref\":\"Part").skip(1).any(|rest| {
                            rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(id)
                        })
                        || (kind == "AWS::ApiGateway::Stage" && d.contains("ApiName"))
                };
                assert!(dimensions.iter().any(named), "{name} {shape}: nobody watches {id}");
            }
        }
    }
    assert_eq!(seen.len(), kinds.len(), "{seen:?}");
}

#[test]
fn a_tier_says_for_itself() {
    let folder = root().join("blueprints");
    let name = "component-monitoring.yaml";
    let text = std::fs::read(folder.join(name)).expect("it is there");
    let made = synth_text(name, &text, None, &folder, options()).made.expect("it is sound");
    let starter = template(&made, "tenant-starter");
    let errors = &starter["Resources"]["AppErrorAlarm"]["Properties"];
    assert_eq!(errors["Threshold"], 20);
    let filter = &starter["Resources"]["AppErrorFilter"]["Properties"];
    assert_eq!(filter["FilterPattern"], "{ $.level = \"error\" }");
    assert_eq!(filter["MetricTransformations"][0]["MetricName"], errors["MetricName"]);
    // One that does without has no alarm, and knows of no topic.
    let trial = template(&made, "tenant-trial");
    assert!(alarms(&trial).is_empty() && trial["Parameters"].get("WarningTopicArn").is_none());
    assert!(!alarms(&template(&made, "tenant-silo")).is_empty());
}

/// Only alarms of the account publish, and only over TLS.
#[test]
fn nobody_else_publishes() {
    let made = made("hybrid.yaml", "monitoring: { notify: { warning: [ops@acme.example] } }");
    let mut seen = 0;
    for shape in made.estate.templates.keys() {
        let template = template(&made, shape);
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            if resource["Type"] != "AWS::SNS::TopicPolicy" {
                continue;
            }
            let statements = &resource["Properties"]["PolicyDocument"]["Statement"];
            for statement in statements.as_array().expect("statements") {
                let bound = statement["Condition"].to_string();
                match statement["Effect"].as_str() {
                    Some("Allow") => assert!(bound.contains("aws:SourceAccount"), "{shape} {id}"),
                    _ => assert!(bound.contains("aws:SecureTransport"), "{shape} {id}"),
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 4, "topics of the place, and of the account of a tenant");
}

/// Who deploys to the account of a tenant may make what is watched there.
#[test]
fn the_deployer_of_a_tenants_account_may_make_alarms() {
    let with = made("hybrid.yaml", "monitoring: {}");
    let text = template(&with, "organization").to_string();
    let made = ["cloudwatch:PutMetricAlarm", "cloudwatch:PutDashboard", "sns:CreateTopic"];
    let read = ["sns:GetDataProtectionPolicy", "sns:ListSubscriptionsByTopic", "sns:UntagResource"];
    for right in made.into_iter().chain(read) {
        assert!(text.contains(right), "{right}");
    }
}

fn of_kind<'a>(template: &'a Value, kind: &str) -> Vec<(&'a String, &'a Value)> {
    let all = template["Resources"].as_object().expect("resources");
    all.iter().filter(|(_, r)| r["Type"] == kind).map(|(id, r)| (id, &r["Properties"])).collect()
}

/// Its text, with a word in place of whatever the deployment fills in.
fn filled(value: &Value) -> String {
    let Some(parts) = value["Fn::Join"][1].as_array() else {
        return value.as_str().expect("a string").to_owned();
    };
    parts.iter().map(|part| part.as_str().unwrap_or("filled")).collect()
}

/// Both engines write the same JSON, and it is JSON.
#[test]
fn dashboards_are_the_same_json_in_both_engines() {
    let mut seen = 0;
    for name in ["hybrid.yaml", "application-sql.yaml", "container-ec2.yaml"] {
        let made = made(name, "monitoring: { dashboards: tenants }");
        let rendered = made.render();
        for shape in made.estate.templates.keys() {
            let template = template(&made, shape);
            let text = rendered.template_text(Engine::Terraform, shape).expect("it is there");
            let module: Value = serde_json::from_str(text).expect("JSON");
            let theirs = &module["resource"]["aws_cloudwatch_dashboard"];
            let ours = of_kind(&template, "AWS::CloudWatch::Dashboard");
            assert_eq!(ours.len(), theirs.as_object().map_or(0, serde_json::Map::len), "{shape}");
            let theirs = theirs.as_object().into_iter().flatten();
            for ((id, ours), (_, theirs)) in ours.into_iter().zip(theirs) {
                let ours: Value = serde_json::from_str(&filled(&ours["DashboardBody"]))
                    .unwrap_or_else(|e| panic!("{name} {shape} {id}: {e}"));
                let theirs = theirs["dashboard_body"].as_str().expect("text");
                let theirs: Value = serde_json::from_str(theirs).expect("JSON");
                let titles = |body: &Value| -> Vec<(Value, Value)> {
                    let widgets = body["widgets"].as_array().expect("widgets");
                    let title =
                        |it: &Value| (it["type"].clone(), it["properties"]["title"].clone());
                    widgets.iter().map(title).collect()
                };
                assert!(!titles(&ours).is_empty(), "{name} {shape} {id} shows nothing");
                assert_eq!(titles(&ours), titles(&theirs), "{name} {shape} {id}");
                seen += 1;
            }
        }
    }
    assert!(seen > 6, "{seen} dashboards");
}

/// A dashboard of a tier finds what is there; it knows no tenant by name, and there is none for a
/// tenant unless it is asked for.
#[test]
fn dashboards_of_tiers_know_no_tenant() {
    let usual = made("hybrid.yaml", "monitoring: {}");
    let boards = |made: &Made, shape: &str| -> usize {
        of_kind(&template(made, shape), "AWS::CloudWatch::Dashboard").len()
    };
    let shapes: Vec<&String> = usual.estate.templates.keys().collect();
    for shape in &shapes {
        let of_tiers = shape.as_str() == "monitoring";
        assert_eq!(boards(&usual, shape) > 0, of_tiers, "{shape}");
    }
    let text = template(&usual, "monitoring").to_string();
    for stack in &usual.estate.stacks {
        if let Some(tenant) = &stack.tenant {
            assert!(!text.contains(&format!("{tenant}-")), "it lists {tenant}");
        }
    }
    let none = made("hybrid.yaml", "monitoring: { dashboards: none }");
    assert!(shapes.iter().all(|shape| boards(&none, shape) == 0));
    let tenants = made("hybrid.yaml", "monitoring: { dashboards: tenants }");
    assert!(shapes.iter().any(|s| s.starts_with("tenant-") && boards(&tenants, s) == 1));
}

/// Every log that tasks write to is sent; a role is there only for a stream of the account, and may
/// do nothing but write to it, for logs of this account only.
#[test]
fn logs_are_sent_where_they_are_to_go() {
    let here = "arn:aws:kinesis:eu-west-1:333333333333:stream/logs";
    let away = "arn:aws:logs:eu-west-1:444444444444:destination:logs";
    let folder = root().join("blueprints");
    let name = "component-monitoring.yaml";
    let text = std::fs::read_to_string(folder.join(name)).expect("it is there");
    let was = "arn:aws:firehose:eu-west-1:333333333333:deliverystream/logs";
    for (arn, action) in [
        (was, Some(serde_json::json!(["firehose:PutRecord", "firehose:PutRecordBatch"]))),
        (here, Some(serde_json::json!(["kinesis:PutRecord"]))),
        (away, None),
    ] {
        let text = text.replace(was, arn);
        let made = synth_text(name, text.as_bytes(), None, &folder, options()).made;
        let made = made.expect("it is sound");
        let starter = template(&made, "tenant-starter");
        let sent = of_kind(&starter, "AWS::Logs::SubscriptionFilter");
        let [(_, sent)] = sent.as_slice() else { panic!("one log: {sent:?}") };
        assert_eq!(sent["DestinationArn"]["Ref"], "LogStreamTo");
        let tenants = made.estate.stacks.iter().filter(|stack| stack.shape == "tenant-starter");
        for stack in tenants {
            assert!(stack.values.iter().any(|value| value == arn), "{}", stack.key);
        }
        assert_eq!(sent["FilterPattern"], "");
        assert_eq!(sent.get("RoleArn").is_some(), action.is_some(), "{arn}");
        let monitoring = template(&made, "monitoring");
        let policies = of_kind(&monitoring, "AWS::IAM::RolePolicy");
        assert_eq!(policies.len(), usize::from(action.is_some()), "{arn}");
        for ((_, policy), action) in policies.iter().zip(action) {
            let statement = &policy["PolicyDocument"]["Statement"][0];
            assert_eq!(statement["Action"], action);
            assert_eq!(statement["Resource"], serde_json::json!([{ "Ref": "LogStreamTo" }]));
        }
        for (_, role) in of_kind(&monitoring, "AWS::IAM::Role") {
            let trust = &role["AssumeRolePolicyDocument"]["Statement"];
            assert_eq!(trust.as_array().map(Vec::len), Some(1));
            let from = filled(&trust[0]["Condition"]["StringLike"]["aws:SourceArn"]);
            assert_eq!(from, "arn:filled:logs:filled:filled:*");
        }
        // Who does without monitoring sends nothing.
        let trial = template(&made, "tenant-trial");
        assert!(of_kind(&trial, "AWS::Logs::SubscriptionFilter").is_empty());
    }
}

/// The alarms on quotas of a blueprint: what they count, by the logical id, with each engine.
fn quota_alarms(made: &Made) -> BTreeSet<(String, String)> {
    let cfn = template(made, "monitoring");
    let rendered = made.render();
    let text = rendered.template_text(Engine::Terraform, "monitoring").expect("it is there");
    let module: Value = serde_json::from_str(text).expect("JSON");
    let mut out = BTreeSet::new();
    for (id, alarm) in alarms(&cfn) {
        let Some(queries) = alarm["Properties"]["Metrics"].as_array() else { continue };
        let [usage, share] = queries.as_slice() else { panic!("{id}: {queries:?}") };
        assert_eq!(share["Expression"], "(usage/SERVICE_QUOTA(usage))*100", "{id}");
        assert_eq!((&share["ReturnData"], &usage["ReturnData"]), (&true.into(), &false.into()));
        let metric = &usage["MetricStat"]["Metric"];
        assert_eq!(
            (&metric["Namespace"], &metric["MetricName"]),
            (&"AWS/Usage".into(), &"ResourceCount".into())
        );
        let of = |name: &str| {
            let mut all = metric["Dimensions"].as_array().expect("dimensions").iter();
            let one = all.find(|one| one["Name"] == name).unwrap_or_else(|| panic!("{id}: {name}"));
            one["Value"].as_str().expect("text").to_owned()
        };
        assert_eq!(of("Type"), "Resource");
        let counted = [of("Service"), of("Resource"), of("Class")].join("/");
        // Terraform's counts the same.
        let theirs = &module["resource"]["aws_cloudwatch_metric_alarm"][tenantry::name::snake(id)];
        let queries = theirs["metric_query"].as_array().expect("queries");
        let told: Vec<&Value> = queries.iter().filter(|q| q["expression"].is_string()).collect();
        assert_eq!(told[0]["expression"], share["Expression"], "{id}");
        let mut metrics = queries.iter().filter(|q| q["metric"].is_array());
        let dimensions = &metrics.next().expect("a metric")["metric"][0]["dimensions"];
        let named =
            ["Service", "Resource", "Class"].map(|name| dimensions[name].as_str().expect("text"));
        assert_eq!(named.join("/"), counted, "{id}");
        assert_eq!(theirs["threshold"], alarm["Properties"]["Threshold"], "{id}");
        out.insert((id.clone(), counted));
    }
    out
}

/// What is counted by AWS is watched where the estate uses it up, and each such alarm is on a quota that
/// the table of quotas has.
#[test]
fn quotas_that_aws_counts_are_watched() {
    let text = std::fs::read_to_string(root().join("schemas/quotas.json")).expect("the table");
    let table: Value = serde_json::from_str(&text).expect("JSON");
    let rows = table["quotas"].as_array().expect("rows");
    for quota in tenantry::component::monitoring::table::QUOTAS {
        let known =
            |id: &str| rows.iter().any(|row| row["id"] == id && row["scope"] == "per-region");
        assert!(quota.row.is_none_or(known), "{}", quota.id);
    }
    let words = |name: &str, block: &str| -> BTreeSet<String> {
        quota_alarms(&made(name, block)).into_iter().map(|(_, counted)| counted).collect()
    };
    let compute = [
        "EC2/vCPU/Standard/OnDemand",
        "EC2/vCPU/Standard/Spot",
        "Fargate/vCPU/Standard/OnDemand",
        "Fargate/vCPU/Standard/Spot",
    ];
    let bare = words("vpc-none.yaml", "monitoring: {}");
    assert_eq!(bare, compute.map(str::to_owned).into(), "nothing else is used up");
    let lake = words("vpc-none.yaml", "monitoring: {}, analytics: {}");
    assert!(lake.contains("Firehose/DeliveryStreams/None") && lake.len() == 5, "{lake:?}");
    let spark = words("vpc-none.yaml", "monitoring: {}, analytics: { spark: {} }");
    let more: Vec<&String> = spark.difference(&lake).collect();
    assert_eq!(more, ["EMR Serverless/vCPU/None"], "and nothing else");
    let pool = words("application-sql.yaml", "monitoring: {}");
    for counted in [
        "AutoScaling/NumberOfAutoScalingGroup/None",
        "Elastic Load Balancing/NetworkLoadBalancersPerRegion/None",
        "Elastic Load Balancing/TargetGroupsPerRegion/None",
    ] {
        assert!(pool.contains(counted), "{counted}: {pool:?}");
    }
    let asked = made("vpc-none.yaml", "monitoring: { quota_percent: 65 }");
    let asked = template(&asked, "monitoring");
    let share = alarms(&asked).into_iter().filter(|(_, it)| it["Properties"]["Metrics"].is_array());
    assert!(share.map(|(_, it)| &it["Properties"]["Threshold"]).all(|at| *at == 65));
}
