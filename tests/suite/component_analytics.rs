//! What the component analytics promises: a session reads what is its tenant's and nothing else, and
//! there is none without a tenant; nobody is touched by a tenant that comes; what costs has an end.

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::policy::{Context, allowed, flat, holds, like, list, statements};
use crate::support::{options, root, synth_text};

pub const ALL: &str = "{ analysts: [\"arn:aws:iam::333333333333:role/reporting\"], warehouse: {}, spark: {}, \
     notebooks: { users: [ada] } }";

pub fn made(block: &str, more: &str) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("vpc-none.yaml")).expect("a blueprint");
    let block = format!("\ncomponents: {{ analytics: {block} }}\ntiers:\n");
    let text = text.replacen("\ntiers:\n", &block, 1) + more;
    let lock = std::fs::read_to_string(folder.join("vpc-none.lock.json")).ok();
    let outcome = synth_text("vpc-none.yaml", text.as_bytes(), lock.as_deref(), &folder, options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

pub fn template(made: &Made) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "analytics").expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

pub fn module(made: &Made) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::Terraform, "analytics").expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

/// The same of Terraform's policy: what it refers to gets the names that CloudFormation has for it.
fn statements_of_module(module: &Value, policy: &str) -> Vec<Value> {
    let text = module["resource"]["aws_iam_role_policy"][policy]["policy"].as_str().expect("text");
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, after) = behind.split_once('}').expect("it ends");
        // What is escaped is a variable of IAM, and the rest are references.
        match before.strip_suffix('$') {
            Some(before) => out.extend([before, "${", name, "}"]),
            None => out.extend([before, "<", name, ">"]),
        }
        rest = after;
    }
    out.push_str(rest);
    let named = out
        .replace("<aws_s3_bucket.lake.arn>", "<Lake.Arn>")
        .replace("<aws_s3_bucket.results.arn>", "<Results.Arn>");
    let document: Value = serde_json::from_str(&named).expect("JSON");
    document["Statement"].as_array().expect("statements").clone()
}

/// What the role of a session may do, as each engine says it.
fn both() -> [Vec<Value>; 2] {
    let made = made(ALL, "");
    [
        statements(&template(&made), "TenantRole"),
        statements_of_module(&module(&made), "tenant_role_policy"),
    ]
}

/// Whether a session of a tenant may read an object.
fn reads(statements: &[Value], bucket: &str, tenant: Option<&str>, key: &str) -> bool {
    let context: Context = tenant.map(|id| ("aws:PrincipalTag/TenantId", id)).into_iter().collect();
    allowed(statements, "s3:GetObject", &format!("<{bucket}.Arn>/{key}"), &context)
}

#[test]
fn a_session_reads_its_own_tenant_only() {
    let both = both();
    let cases = both.iter().flat_map(|one| [(one, "Lake"), (one, "Results")]);
    for (statements, bucket) in cases {
        let reads = |tenant, key: &str| reads(statements, bucket, tenant, key);
        assert!(reads(Some("a"), "tenant=a/events/day=2026-01-01/x.gz"), "{bucket}");
        for (tenant, key) in [
            (Some("a"), "tenant=b/events/day=2026-01-01/x.gz"),
            (Some("a"), "tenant=ab/events/x.gz"),
            (Some("ab"), "tenant=a/events/x.gz"),
            (Some("a"), "errors/processing-failed/x.gz"),
            (Some("a"), "jobs/job.py"),
            (Some("a"), "tenant=a"),
            (None, "tenant=a/events/x.gz"),
            (None, "tenant=/events/x.gz"),
            (Some("*"), "tenant=b/events/x.gz"),
            (Some("a*"), "tenant=ab/events/x.gz"),
            (Some("?"), "tenant=b/events/x.gz"),
            (Some("b/events"), "tenant=b/events/x.gz"),
            (Some(""), "tenant=b/events/x.gz"),
        ] {
            assert!(!reads(tenant, key), "{bucket} {tenant:?} {key}");
        }
    }
}

/// Nobody writes records but the delivery; results go below the tenant's own prefix.
#[test]
fn a_session_writes_its_own_results_only() {
    let statements = statements(&template(&made(ALL, "")), "TenantRole");
    let context = Context::from([("aws:PrincipalTag/TenantId", "a")]);
    let writes = |at: &str| allowed(&statements, "s3:PutObject", at, &context);
    assert!(writes("<Results.Arn>/tenant=a/x.csv"));
    for at in ["Lake.Arn>/tenant=a/x", "Results.Arn>/tenant=b/x", "Results.Arn>/no-tenant-named/x"]
    {
        assert!(!writes(&format!("<{at}")), "{at}");
    }
    assert!(!writes("<Results.Arn>/jobs/job.py"), "the code of jobs is nobody's");
    assert!(!allowed(&statements, "s3:DeleteObject", "<Lake.Arn>/tenant=a/x", &context));
}

#[test]
fn a_session_lists_its_own_prefix_only() {
    let both = both();
    let lists = |tenant: Option<&'static str>, prefix: Option<&'static str>| {
        let tenant = tenant.map(|id| ("aws:PrincipalTag/TenantId", id));
        let prefix = prefix.map(|prefix| ("s3:prefix", prefix));
        let context: Context = tenant.into_iter().chain(prefix).collect();
        let [one, other] =
            both.each_ref().map(|all| allowed(all, "s3:ListBucket", "<Lake.Arn>", &context));
        assert_eq!(one, other, "{tenant:?} {prefix:?}");
        one
    };
    assert!(lists(Some("a"), Some("tenant=a/")) && lists(Some("a"), Some("tenant=a/events/")));
    for (tenant, prefix) in [
        (Some("a"), None),
        (Some("a"), Some("")),
        (Some("a"), Some("tenant=")),
        (Some("a"), Some("tenant=a")),
        (Some("a"), Some("tenant=ab/")),
        (Some("a"), Some("tenant=b/")),
        (Some("*"), Some("tenant=b/")),
        (Some("b/events"), Some("tenant=b/events/")),
        (None, Some("tenant=a/")),
    ] {
        assert!(!lists(tenant, prefix), "{tenant:?} {prefix:?}");
    }
}

/// What was asked by others cannot be listed, and no other work group can be used.
#[test]
fn questions_are_asked_in_one_work_group() {
    let statements = statements(&template(&made(ALL, "")), "TenantRole");
    let asks = |tenant: Option<&'static str>, action: &str, group: &str| {
        let arn =
            format!("arn:<AWS::Partition>:athena:<AWS::Region>:<AWS::AccountId>:workgroup/{group}");
        let context = tenant.map(|id| ("aws:PrincipalTag/TenantId", id)).into_iter().collect();
        allowed(&statements, &format!("athena:{action}"), &arn, &context)
    };
    assert!(asks(Some("a"), "StartQueryExecution", "solo-test-analytics-events"));
    assert!(!asks(None, "StartQueryExecution", "solo-test-analytics-events"));
    assert!(!asks(Some("a"), "StartQueryExecution", "primary"));
    assert!(!asks(Some("a"), "ListQueryExecutions", "solo-test-analytics-events"));
    assert!(!asks(Some("a"), "UpdateWorkGroup", "solo-test-analytics-events"));
}

/// The tag that a session is asked for with.
const TENANT: &str = "aws:RequestTag/TenantId";

/// The role is taken by who is named, with one tenant and no other tag.
#[test]
fn nobody_takes_the_role_without_a_tenant() {
    let made = made(ALL, "");
    let stack = made.estate.stacks.iter().find(|stack| stack.shape == "analytics");
    let values = &stack.expect("it is there").values;
    assert!(values.contains(&"arn:aws:iam::333333333333:role/reporting".to_owned()), "{values:?}");
    let template = template(&made);
    let trust = &template["Resources"]["TenantRole"]["Properties"]["AssumeRolePolicyDocument"];
    let [statement] = trust["Statement"].as_array().expect("statements").as_slice() else {
        panic!("one way in")
    };
    let who = list(&statement["Principal"]["AWS"]);
    assert_eq!(who, ["<Analyst1>", "<JobRole.Arn>", "<NotebookRole.Arn>"]);
    let takes = |tags: &[(&'static str, &'static str)]| {
        let keys: Vec<&str> =
            tags.iter().map(|(key, _)| key.split_once('/').expect("a tag").1).collect();
        let keys = keys.join(",");
        let mut context: Context = tags.iter().copied().collect();
        if !keys.is_empty() {
            context.insert("aws:TagKeys", &keys);
        }
        holds(&statement["Condition"], &context)
    };
    assert!(takes(&[(TENANT, "a")]));
    assert!(!takes(&[]), "no tag");
    for foul in ["", "*", "a*", "?", "b/events", "/"] {
        assert!(!takes(&[(TENANT, foul)]), "{foul:?}");
    }
    assert!(!takes(&[(TENANT, "a"), ("aws:RequestTag/Admin", "yes")]), "another tag");
    assert!(!takes(&[("aws:RequestTag/Tenant", "a")]), "another tag instead");
}

/// An empty block trusts nobody; jobs reach records through the role of the tenant only.
#[test]
fn who_is_not_named_asks_nothing() {
    let bare = template(&made("{}", ""));
    assert!(bare["Resources"]["TenantRole"].is_null() && bare["Resources"]["JobRole"].is_null());
    assert!(bare["Resources"]["Vpc"].is_null() && bare["Resources"]["Spark"].is_null());
    assert!(bare["Resources"]["Notebooks"].is_null() && bare["Resources"]["NotebookVpc"].is_null());
    for role in ["JobRole", "NotebookRole"] {
        let own = statements(&template(&made(ALL, "")), role);
        let become_tenant = own.iter().filter(|it| it["Action"].to_string().contains("sts:"));
        let become_tenant: Vec<Value> = become_tenant.cloned().collect();
        assert!(allowed(&become_tenant, "sts:AssumeRole", "<TenantRole.Arn>", &Context::new()));
        assert!(allowed(&become_tenant, "sts:TagSession", "<TenantRole.Arn>", &Context::new()));
        // Whoever it says that it is, no statement of its own reaches a file of a tenant.
        for statement in &own {
            for (bucket, key) in
                [("Lake", "tenant=a/x.gz"), ("Lake", "errors/x"), ("Results", "tenant=a/x")]
            {
                let file = format!("<{bucket}.Arn>/{key}");
                let context = Context::from([("aws:PrincipalTag/TenantId", "a")]);
                let actions = list(&statement["Action"]);
                let touches =
                    actions.iter().any(|a| a.starts_with("s3:") || a.starts_with("athena:"));
                let reaches = list(&statement["Resource"]).iter().any(|r| like(r, &file, &context));
                assert!(!(touches && reaches), "{role}: {statement}");
            }
        }
    }
}

/// No role may do something to everything, and every role of a service says for whom it works.
#[test]
fn rights_have_an_end() {
    let template = template(&made(ALL, ""));
    for (id, resource) in template["Resources"].as_object().expect("resources") {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().expect("a type") {
            "AWS::IAM::RolePolicy" => {
                let all = properties["PolicyDocument"]["Statement"].as_array().expect("some");
                for statement in all {
                    // What only lists takes no narrower resource, and says nothing of what it lists.
                    let lists = list(&statement["Action"]).iter().all(|a| a.contains(":List"));
                    let wide = list(&statement["Resource"]).iter().any(|one| one == "*");
                    // What delivers flow logs is that of every VPC.
                    let known = id == "FlowLogRolePolicy" || (lists && id == "NotebookRolePolicy");
                    assert!(!wide || known, "{id}");
                    assert!(!statement["Action"].to_string().contains('*'), "{id}");
                }
            }
            "AWS::IAM::Role" => {
                let trust = properties["AssumeRolePolicyDocument"]["Statement"].as_array();
                for statement in trust.expect("some") {
                    assert!(statement["Condition"].is_object(), "{id}");
                    assert!(!statement["Principal"].to_string().contains('*'), "{id}");
                }
            }
            _ => {}
        }
    }
}

/// A query that names no tenant fails, files lie where the role looks, and nothing lists tenants.
#[test]
fn tenants_are_named_by_the_query() {
    let made = made(ALL, "");
    let template = template(&made);
    let table = &template["Resources"]["Events"]["Properties"]["TableInput"];
    let parameters = &table["Parameters"];
    assert_eq!(parameters["projection.tenant.type"], "injected");
    let place = "s3://<Lake>/tenant=${tenant}/events/day=${day}/";
    assert_eq!(flat(&parameters["storage.location.template"]), place);
    let to = &template["Resources"]["Delivery"]["Properties"]["ExtendedS3DestinationConfiguration"];
    let prefix = "tenant=!{partitionKeyFromQuery:tenant}/events/day=!{timestamp:yyyy-MM-dd}/";
    assert_eq!(to["Prefix"], prefix);
    assert!(to["ErrorOutputPrefix"].as_str().expect("text").starts_with("errors/"));
    let module = module(&made);
    let table = &module["resource"]["aws_glue_catalog_table"]["events"]["parameters"];
    let place = "s3://${aws_s3_bucket.lake.id}/tenant=$${tenant}/events/day=$${day}/";
    assert_eq!(table["storage.location.template"], place);
    for id in made.spec.tenants.keys() {
        assert!(!template.to_string().contains(&format!("\"{id}")), "{id}");
    }
}

#[test]
fn a_new_tenant_changes_nothing_here() {
    let files = |made: &Made| {
        let rendered = made.render();
        let stack = rendered.stacks().iter().find(|stack| stack.shape == "analytics");
        let own = rendered.stack(stack.expect("it is there"));
        let own: Vec<String> = own.into_iter().map(|file| file.text).collect();
        (own, template(made), module(made))
    };
    let before = files(&made(ALL, ""));
    assert_eq!(before, files(&made(ALL, "  - { id: acme, tier: silo }\n")));
}

/// The warehouse is joined to nothing, and what computes has an end.
#[test]
fn the_warehouse_stands_alone() {
    let template = template(&made(ALL, ""));
    let resources = template["Resources"].as_object().expect("resources");
    for kind in ["InternetGateway", "NatGateway", "VPCPeeringConnection", "Route"] {
        let kind = format!("AWS::EC2::{kind}");
        assert!(resources.values().all(|it| it["Type"] != kind.as_str()), "{kind}");
    }
    let enters = resources.values().filter(|it| it["Type"] == "AWS::EC2::SecurityGroupIngress");
    for rule in enters {
        let group = flat(&rule["Properties"]["GroupId"]);
        assert!(group.starts_with("<Notebook"), "nobody comes into the warehouse: {group}");
    }
    let policy = &resources["S3Endpoint"]["Properties"]["PolicyDocument"]["Statement"];
    for statement in policy.as_array().expect("statements") {
        let all = list(&statement["Resource"]);
        assert!(all.iter().all(|one| one.starts_with("<Lake.Arn>")), "{all:?}");
        assert!(list(&statement["Action"]).iter().all(|one| !one.contains("Put")), "it reads");
    }
    let warehouse = &resources["Warehouse"]["Properties"];
    assert_eq!(warehouse["PubliclyAccessible"], false);
    assert_eq!(warehouse["EnhancedVpcRouting"], true);
    assert_eq!(warehouse["SubnetIds"].as_array().map(Vec::len), Some(3));
    assert_eq!((&warehouse["BaseCapacity"], &warehouse["MaxCapacity"]), (&8.into(), &32.into()));
    let namespace = &resources["Namespace"];
    assert_eq!(namespace["Properties"]["ManageAdminPassword"], true);
    assert!(namespace["Properties"]["AdminUserPassword"].is_null());
    assert_eq!(namespace["DeletionPolicy"], "Retain");
    assert_eq!(resources["Lake"]["DeletionPolicy"], "Retain");
    let spark = &resources["Spark"]["Properties"];
    assert!(
        spark["MaximumCapacity"].is_object() && spark["AutoStopConfiguration"]["Enabled"] == true
    );
    let group = &resources["WorkGroup"]["Properties"]["WorkGroupConfiguration"];
    assert_eq!(group["BytesScannedCutoffPerQuery"], 100_u64 << 30);
}

/// Whoever deploys by the pipeline may hand the roles to the services that take them.
#[test]
fn the_pipeline_may_deploy_it() {
    let folder = root().join("blueprints");
    let text =
        std::fs::read_to_string(folder.join("component-delivery.yaml")).expect("a blueprint");
    let text = text.replacen("\ncomponents:\n", &format!("\ncomponents:\n  analytics: {ALL}\n"), 1);
    let outcome = synth_text("delivery.yaml", text.as_bytes(), None, &folder, options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    let made = outcome.made.expect("it is sound");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "delivery").expect("it is there");
    for service in ["firehose", "emr-serverless", "redshift", "redshift-serverless", "sagemaker"] {
        assert!(text.contains(&format!("\"{service}.amazonaws.com\"")), "{service}");
    }
}

/// Somebody is told when there are more tenants at once than records are sorted for.
#[test]
fn too_many_tenants_at_once_are_noticed() {
    let template = template(&made("{}, monitoring: {}", ""));
    let mut alarms = template["Resources"].as_object().expect("resources").values();
    let crowded = |it: &&Value| it["Properties"]["MetricName"] == "PartitionCountExceeded";
    let alarm = alarms.find(crowded).expect("an alarm");
    assert_eq!(alarm["Properties"]["Dimensions"][0]["Value"]["Ref"], "Delivery");
    assert_eq!(alarm["Properties"]["AlarmActions"].as_array().map(Vec::len), Some(1));
}

/// The longest names still fit.
#[test]
fn names_fit() {
    let text = "version: 1
name: abcdefghijklmnopqrstuvwxyzabcdef
environment: abcdefghijklmnop
regions: [eu-west-1]
accounts: { workload: \"333333333333\" }
network: { pools: [{ cidr: 10.96.0.0/16 }], zones: 2, zone_slots: 2, egress: { nat: none } }
components: { analytics: { spark: {}, warehouse: {}, notebooks: {} } }
tiers: { silo: { isolation: vpc, network: { prefix: 22 } } }
tenants: [{ id: hooli, tier: silo }]
";
    let outcome = synth_text("long.yaml", text.as_bytes(), None, &root(), options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    let template = template(&outcome.made.expect("it is sound"));
    for (id, property) in [
        ("Delivery", "DeliveryStreamName"),
        ("Spark", "Name"),
        ("Namespace", "NamespaceName"),
        ("Warehouse", "WorkgroupName"),
    ] {
        let name = template["Resources"][id]["Properties"][property].as_str().expect("a name");
        assert!(name.len() <= 64, "{id}: {name}");
    }
    let name = template["Resources"]["Notebooks"]["Properties"]["DomainName"].as_str();
    assert!(name.expect("a name").len() <= 63, "{name:?}");
}
