//! What the component chargeback promises: a tenant's role can say its own name only, nothing else
//! writes into the stream, what is an event is published, and a new tenant touches nobody.

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::container::python;
use crate::support::{options, root, synth_text};

fn made(name: &str, more: &str) -> Made {
    let folder = root().join("blueprints");
    let mut text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    if !text.contains("chargeback:") {
        text = text.replacen("\ntiers:\n", "\ncomponents: { chargeback: {} }\ntiers:\n", 1);
    }
    let lock = name.replace(".yaml", ".lock.json");
    let lock = std::fs::read_to_string(folder.join(lock)).ok();
    let text = text + more;
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

/// The statements of the policy of that name.
fn statements(template: &Value, id: &str) -> Vec<Value> {
    let document = &template["Resources"][id]["Properties"]["PolicyDocument"];
    document["Statement"].as_array().expect("statements").clone()
}

/// What an intrinsic function would put together, as far as it is known here.
fn joined(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => match other["Fn::Join"][1].as_array() {
            Some(parts) => parts.iter().map(joined).collect(),
            None => format!("<{}>", other["Ref"].as_str().unwrap_or_default()),
        },
    }
}

/// The policy that the component adds, and the tenant that it binds to.
fn right(made: &Made, id: &str) -> (Value, Vec<Value>) {
    let rendered = made.render();
    for shape in made.estate.templates.keys() {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
        let template: Value = serde_json::from_str(text).expect("JSON");
        if template["Resources"].get(id).is_some() {
            let statements = statements(&template, id);
            return (template, statements);
        }
    }
    panic!("nobody has {id}");
}

#[test]
fn a_role_of_a_tenant_says_its_own_name_only() {
    for (name, id, tenant) in [
        ("container.yaml", "TaskRoleChargebackPolicy", "<Tenant>"),
        ("application.yaml", "DataRoleChargebackPolicy", "${aws:PrincipalTag/TenantId}"),
    ] {
        let made = made(name, "");
        let (template, statements) = right(&made, id);
        let of = |action: &str| {
            let mine = |s: &&Value| s["Action"].to_string().contains(action);
            statements.iter().find(mine).unwrap_or_else(|| panic!("{action}"))
        };
        let bound = &of("events:PutEvents")["Condition"]["StringEquals"];
        let source = joined(&bound["events:source"]);
        let tier = made.spec.tiers.keys().any(|tier| source == format!("usage.{tier}.{tenant}"));
        assert!(tier, "{name}: {source}");
        assert_eq!(bound["events:detail-type"], "usage");
        let read = &of("dynamodb:Query")["Condition"];
        let keys = &read["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"][0];
        assert_eq!(joined(keys), tenant);
        assert_eq!(read["Null"]["dynamodb:LeadingKeys"], "false");
        // Nobody's role writes into the stream, or into the counters.
        let text = template.to_string();
        assert!(!text.contains("kinesis:"), "{name}");
    }
}

/// Only the rule writes into the stream, and only the function that watches says `lifecycle`.
#[test]
fn nothing_else_writes_into_the_stream() {
    let template = template(&made("component-chargeback.yaml", ""), "chargeback");
    let mut writers = Vec::new();
    for (id, resource) in template["Resources"].as_object().expect("resources") {
        if resource["Type"] != "AWS::IAM::RolePolicy" {
            continue;
        }
        for statement in statements(&template, id) {
            let actions = statement["Action"].to_string();
            if actions.contains("kinesis:Put") || actions.contains("events:PutEvents") {
                writers.push(id.as_str());
            }
            if statement["Resource"].to_string().contains("\"*\"") {
                let known = ["cloudwatch:PutMetricData", "ec2:DescribeTags"];
                assert!(known.iter().any(|k| actions == format!("[\"{k}\"]")), "{id}: {actions}");
            }
        }
    }
    writers.sort_unstable();
    assert_eq!(writers, ["PutRolePolicy", "WatchRolePolicy"]);
    let role = &template["Resources"]["PutRole"]["Properties"]["AssumeRolePolicyDocument"];
    let statement = &role["Statement"][0];
    assert_eq!(statement["Principal"]["Service"], "events.amazonaws.com");
    assert!(statement["Condition"]["StringEquals"]["aws:SourceAccount"].is_object());
    // The queue of changes takes them from the two rules.
    let allow = statements(&template, "ChangesPolicy");
    let allow = allow.iter().find(|s| s["Effect"] == "Allow").expect("one allows");
    let from = &allow["Condition"]["ArnEquals"]["aws:SourceArn"];
    assert_eq!(from.as_array().map(Vec::len), Some(2));
}

#[test]
fn what_holds_usage_is_encrypted_and_kept() {
    let template = template(&made("component-chargeback.yaml", ""), "chargeback");
    let resources = &template["Resources"];
    for id in ["Lake", "Usage", "Refused"] {
        assert_eq!(resources[id]["DeletionPolicy"], "Retain", "{id}");
    }
    let of = |id: &str| &resources[id]["Properties"];
    assert_eq!(of("Stream")["StreamEncryption"]["EncryptionType"], "KMS");
    assert_eq!(of("Usage")["SSESpecification"]["SSEEnabled"], true);
    let group = &of("Reports")["WorkGroupConfiguration"];
    assert_eq!(group["EnforceWorkGroupConfiguration"], true);
    let encrypted = &group["ResultConfiguration"]["EncryptionConfiguration"];
    assert_eq!(encrypted["EncryptionOption"], "SSE_S3");
    let source = of("CountSource");
    assert_eq!(source["FunctionResponseTypes"][0], "ReportBatchItemFailures");
    assert!(source["DestinationConfig"]["OnFailure"]["Destination"].is_object());
}

/// The stream is of no tenant, so that a tenant that comes changes nothing of it.
#[test]
fn a_new_tenant_touches_nothing() {
    let before = made("component-chargeback.yaml", "");
    let after = made("component-chargeback.yaml", "  - { id: initech, tier: large }\n");
    assert_eq!(template(&before, "chargeback"), template(&after, "chargeback"));
    let of = |made: &Made| {
        let rendered = made.render();
        let stacks = rendered.stacks().iter();
        let mine = stacks.filter(|stack| stack.shape == "chargeback");
        mine.flat_map(|stack| rendered.stack(stack)).map(|file| file.text).collect::<Vec<_>>()
    };
    assert_eq!(of(&before), of(&after));
}

/// The files of the stack, by their paths.
fn file(made: &Made, path: &str) -> String {
    let rendered = made.render();
    let mut files = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
    files.find(|file| file.path == path).unwrap_or_else(|| panic!("{path}")).text
}

/// Written once for the whole estate, and the same as what Athena is asked.
#[test]
fn reports_are_written_and_kept() {
    let made = made("component-chargeback.yaml", "");
    let template = template(&made, "chargeback");
    for (name, id) in [("monthly", "MonthlyReport"), ("quarterly", "QuarterlyReport")] {
        let sql = file(&made, &format!("chargeback/{name}.sql"));
        assert_eq!(template["Resources"][id]["Properties"]["QueryString"], sql);
        assert!(sql.contains("('small', 'requests', CAST('0.0005' AS DECIMAL(20, 12)))"), "{sql}");
        assert!(sql.contains("('large', 'requests', CAST('0.0004' AS DECIMAL(20, 12)))"), "{sql}");
    }
    // Without prices there is no amount.
    let plain = self::made("vpc-none.yaml", "");
    assert!(!file(&plain, "chargeback/monthly.sql").contains("amount"));
}

/// The functions take what the schema takes: the same cases are judged by it here, and by the code of
/// the functions in `tests/python/test_chargeback.py`.
#[test]
fn the_schema_is_published_and_judges_as_the_functions_do() {
    let made = made("component-chargeback.yaml", "");
    let text = file(&made, "chargeback/usage-event.schema.json");
    let committed = std::fs::read_to_string(root().join("schemas/usage-event.schema.json"));
    assert_eq!(text, committed.expect("it is there"));
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let schema = jsonschema::draft7::new(&schema).expect("a schema");
    let cases = std::fs::read_to_string(root().join("tests/python/usage-events.json"));
    let cases: Vec<Value> = serde_json::from_str(&cases.expect("it is there")).expect("JSON");
    assert!(cases.len() > 20);
    for case in cases {
        assert_eq!(schema.is_valid(&case["event"]), case["fits"] == true, "{}", case["about"]);
    }
}

#[test]
fn the_functions_are_tested() {
    let test = root().join("tests/python/test_chargeback.py");
    let Some(done) = python(&[test.to_str().expect("a path")]) else { return };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
