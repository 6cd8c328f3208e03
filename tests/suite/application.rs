//! Model application: who shares a pool with whom, and how far the rights of a session reach.

use serde_json::Value;
use tenantry::engine::{Engine, extra};
use tenantry::synth::Made;

use crate::support::{options, root, synth_blueprint, synth_text};

const BLUEPRINTS: [&str; 3] =
    ["application.yaml", "application-sql.yaml", "application-tables.yaml"];

fn made(name: &str) -> Made {
    synth_blueprint(name, options()).made.expect("it is sound")
}

/// The only template of a cell, for both engines.
fn pool(made: &Made, engine: Engine) -> Value {
    let shapes = &made.estate.templates;
    let shape = shapes.keys().find(|shape| shape.starts_with("cell-")).expect("a pool");
    let rendered = made.render();
    serde_json::from_str(rendered.template_text(engine, shape).expect("rendered")).expect("JSON")
}

/// The statements of a role's policies, by the name of the role.
fn statements(template: &Value, role: &str) -> Vec<Value> {
    let all = template["Resources"].as_object().expect("resources").values();
    let of = all.filter(|r| {
        r["Type"] == "AWS::IAM::RolePolicy" && r["Properties"]["RoleName"]["Ref"] == role
    });
    of.flat_map(|r| {
        r["Properties"]["PolicyDocument"]["Statement"].as_array().expect("statements").clone()
    })
    .collect()
}

fn actions(statement: &Value) -> Vec<&str> {
    statement["Action"].as_array().expect("a list").iter().map(|a| a.as_str().expect("x")).collect()
}

/// A blueprint with these tenants, and at most two in a pool.
fn with_tenants(tenants: &str) -> Made {
    let text = std::fs::read_to_string(root().join("blueprints/application.yaml")).expect("there");
    let (head, _) = text.split_once("tenants:\n").expect("tenants at the end");
    let text = format!("{head}tenants:\n{tenants}");
    synth_text("x.yaml", text.as_bytes(), None, &root(), options()).made.expect("it is sound")
}

fn cell_of<'a>(made: &'a Made, tenant: &str) -> &'a str {
    made.plan.tenants[tenant].cell.as_deref().expect("a pool")
}

#[test]
fn needs_dedication_and_the_ceiling_decide_who_shares_a_pool() {
    let made = with_tenants(
        "  - { id: a1, tier: free }\n  - { id: a2, tier: free }\n  - { id: a3, tier: free }
  - { id: n1, tier: free, needs: [eu-only] }\n  - { id: n2, tier: free, needs: [eu-only] }
  - { id: d1, tier: free, dedicated: true }\n",
    );
    let of = |tenant| cell_of(&made, tenant);
    assert_eq!(of("a1"), of("a2"));
    assert_ne!(of("a2"), of("a3"), "two in a pool are enough");
    assert_eq!(of("n1"), of("n2"));
    for other in ["a1", "a3", "d1"] {
        assert_ne!(of("n1"), of(other), "{other} needs something else");
    }
    for other in ["a1", "a3", "n1"] {
        assert_ne!(of("d1"), of(other), "{other} is a noisy neighbour's neighbour");
    }
    assert_eq!(made.plan.cells.len(), 4);
}

/// The application by itself reaches no data: neither tables of tenants nor databases.
#[test]
fn the_application_reaches_data_only_for_a_tenant() {
    for name in BLUEPRINTS {
        let template = pool(&made(name), Engine::CloudFormation);
        let own = statements(&template, "AppRole");
        assert!(own.len() >= 3, "{name}");
        for statement in &own {
            for action in actions(statement) {
                assert!(!action.contains('*'), "{name}: {action}");
                let table = action.starts_with("dynamodb:");
                let catalogue = statement["Resource"]["Fn::GetAtt"][0] == "Catalogue";
                assert!(!table || catalogue, "{name}: {action} on {}", statement["Resource"]);
                assert!(!action.starts_with("rds"), "{name}: {action}");
            }
            assert_ne!(statement["Resource"], "*", "{name}");
        }
        let written = own.iter().flat_map(actions).filter(|a| a.starts_with("dynamodb:"));
        let written: Vec<&str> = written.collect();
        assert_eq!(written, ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]);
    }
}

/// What a session may do ends at its tenant.
#[test]
fn a_session_ends_at_its_tenant() {
    let template = pool(&made("application.yaml"), Engine::CloudFormation);
    let [statement] = statements(&template, "DataRole").try_into().expect("one statement");
    let names = actions(&statement);
    assert!(names.len() >= 6 && names.iter().all(|name| !name.contains('*')), "{names:?}");
    assert!(!names.contains(&"dynamodb:Scan"));
    let condition = &statement["Condition"];
    let keys = &condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"];
    assert_eq!(keys[0], "${aws:PrincipalTag/TenantId}");
    assert_eq!(keys.as_array().map(Vec::len), Some(1));
    assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false");

    let template = pool(&made("application-tables.yaml"), Engine::CloudFormation);
    let [statement] = statements(&template, "DataRole").try_into().expect("one statement");
    assert!(!actions(&statement).contains(&"dynamodb:Scan"));
    let resource = statement["Resource"]["Fn::Join"][1].as_array().expect("joined");
    let end = resource.last().and_then(Value::as_str).expect("text");
    // A dot on both sides: no id holds one, so tenant `a` is not the beginning of `ab`.
    assert_eq!(end, ".${aws:PrincipalTag/TenantId}.*");
}

/// Nobody but the application takes the role of the data, and only for one named tenant.
#[test]
fn a_session_names_its_tenant() {
    for name in BLUEPRINTS {
        let made = made(name);
        let rendered = made.render();
        let texts =
            made.estate.templates.keys().map(|shape| {
                rendered.template_text(Engine::CloudFormation, shape).expect("rendered")
            });
        let all = texts.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        let roles: Vec<Value> = all
            .filter_map(|t| t["Resources"].get("DataRole").cloned())
            .map(|role| role["Properties"]["AssumeRolePolicyDocument"]["Statement"].clone())
            .collect();
        let [trust] = roles.as_slice() else { panic!("{name}: one role") };
        let [trust] = trust.as_array().expect("a list").as_slice() else { panic!("one") };
        assert!(trust["Principal"]["AWS"].is_object(), "{name}: {}", trust["Principal"]);
        assert_eq!(trust["Action"], serde_json::json!(["sts:AssumeRole", "sts:TagSession"]));
        let condition = &trust["Condition"];
        assert_eq!(condition["StringLike"]["aws:RequestTag/TenantId"][0], "?*", "{name}");
        let wild = &condition["StringNotLike"]["aws:RequestTag/TenantId"];
        assert_eq!(*wild, serde_json::json!(["*${*}*", "*${?}*"]), "{name}");
        let keys = &condition["ForAllValues:StringEquals"]["aws:TagKeys"];
        let wanted: &[&str] =
            if name.contains("sql") { &["TenantId", "DatabaseUser"] } else { &["TenantId"] };
        assert_eq!(*keys, serde_json::json!(wanted), "{name}");
    }
}

/// Which key API Gateway accepted is said by API Gateway, in both engines, and every method wants
/// a key.
#[test]
fn no_client_says_who_it_is() {
    let made = made("application.yaml");
    let template = pool(&made, Engine::CloudFormation);
    let mapped = "integration.request.header.x-api-key-id";
    let all = template["Resources"].as_object().expect("resources").values();
    let methods: Vec<&Value> = all.filter(|r| r["Type"] == "AWS::ApiGateway::Method").collect();
    assert_eq!(methods.len(), 2);
    for method in methods {
        let properties = &method["Properties"];
        assert_eq!(properties["ApiKeyRequired"], true);
        let parameters = &properties["Integration"]["RequestParameters"];
        assert_eq!(parameters[mapped], "context.identity.apiKeyId");
    }
    let module = pool(&made, Engine::Terraform);
    let all = &module["resource"]["aws_api_gateway_integration"];
    for integration in all.as_object().expect("integrations").values() {
        let parameters = &integration["request_parameters"];
        assert_eq!(parameters[mapped], "context.identity.apiKeyId");
    }
}

/// What CloudFormation's deployment writes into the catalogue is what Terraform keeps there.
#[test]
fn both_engines_write_the_same_item() {
    for name in BLUEPRINTS {
        let made = made(name);
        let rendered = made.render();
        let mut seen = 0;
        for stack in rendered.stacks().iter().filter(|stack| stack.tenant.is_some()) {
            let files = rendered.stack(stack);
            let text = |path: &str| {
                let file = files.iter().find(|f| f.path == path).expect(path);
                serde_json::from_str::<Value>(&file.text).expect("JSON")
            };
            let data = text(&format!("data/{}.json", stack.key));
            let (table, requests) = data.as_object().and_then(|o| o.iter().next()).expect("one");
            let put = &requests[0]["PutRequest"]["Item"];
            let root = text(&format!("terraform/stacks/{}/main.tf.json", stack.key));
            let call = &root["module"]["stack"];
            let item = call["catalogue_item"].as_str().expect("text");
            let item: Value = serde_json::from_str(item).expect("JSON inside");
            assert_eq!(item, *put, "{name} {}", stack.key);
            let pool = call["pool"].as_str().expect("a pool");
            assert_eq!(*table, format!("{pool}-catalogue"), "{name}");
            assert_eq!(item["tenant"]["S"].as_str(), stack.tenant.as_deref());
            seen += 1;
        }
        assert!(seen >= 2, "{name} has tenants");
    }
}

/// The manifest names the files of a stack without writing them, so the two must agree.
#[test]
fn files_are_called_as_the_manifest_says() {
    for name in BLUEPRINTS {
        let made = made(name);
        for stack in &made.estate.stacks {
            let files = extra::files(stack, &made.spec, &made.options);
            let files: Vec<String> = files.into_iter().map(|file| file.path).collect();
            assert_eq!(files, extra::paths(stack, &made.options), "{name} {}", stack.key);
        }
    }
    let made = made("application-sql.yaml");
    let sql = made.estate.stacks.iter().flat_map(|s| extra::paths(s, &made.options));
    assert_eq!(sql.filter(|path| path.starts_with("sql/")).count(), 5);
}
