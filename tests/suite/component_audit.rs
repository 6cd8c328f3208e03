//! What the component audit promises: everything is recorded, only recorders of the estate write to
//! the archive, and nobody deletes what is locked.

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

fn made(name: &str, block: &str) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = match block {
        "" => text,
        block => text.replacen("\ntiers:\n", &format!("\ncomponents: {{ {block} }}\ntiers:\n"), 1),
    };
    let lock = name.replace(".yaml", ".lock.json");
    let lock = std::fs::read_to_string(folder.join(lock)).ok();
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

/// What the policy of the archive allows: service, action, conditions.
fn allowed(template: &Value) -> Vec<(String, String, String)> {
    let policy = &template["Resources"]["ArchivePolicy"]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let of = |s: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&s["Principal"]["Service"]), text(&s["Action"]), s["Condition"].to_string())
    };
    statements.filter(|s| s["Effect"] == "Allow").map(of).collect()
}

#[test]
fn only_recorders_of_the_estate_write_to_the_archive() {
    let made = made("component-audit.yaml", "");
    let all = allowed(&template(&made, "audit-archive"));
    assert!(all.len() >= 5);
    for (service, action, bound) in all {
        let of_estate = match service.as_str() {
            "cloudtrail.amazonaws.com" => {
                bound.contains(":cloudtrail:eu-west-1:333333333333:trail/scribe-test-audit-trail")
            }
            "config.amazonaws.com" => bound.contains("\"aws:SourceAccount\":\"333333333333\""),
            other => panic!("{other} may {action}"),
        };
        assert!(of_estate, "{service} {action}: {bound}");
    }
    // The trail that the policy names is the one that is made.
    let stack = made.estate.stacks.iter().find(|s| s.key == "audit-trail").expect("the trail");
    assert_eq!(stack.name, "scribe-test-audit-trail");
}

#[test]
fn the_archive_is_locked_and_kept() {
    let template = template(&made("component-audit.yaml", ""), "audit-archive");
    let archive = &template["Resources"]["Archive"];
    assert_eq!(archive["DeletionPolicy"], "Retain");
    let retention =
        &archive["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"];
    assert_eq!(retention, 90);
    let closed = &archive["Properties"]["PublicAccessBlockConfiguration"];
    assert!(closed.as_object().expect("four").values().all(|on| on == true));
}

/// In each region of each account, and what is global once.
#[test]
fn every_place_is_recorded() {
    let made = made("component-audit.yaml", "");
    let place = |key: &str| made.estate.stacks.iter().find(|s| s.key == key).expect(key);
    for (key, region, global) in
        [("audit-eu-west-1", "eu-west-1", true), ("audit-eu-central-1", "eu-central-1", false)]
    {
        let stack = place(key);
        assert_eq!(stack.region, region);
        let template = template(&made, &stack.shape);
        let group = &template["Resources"]["Recorder"]["Properties"]["RecordingGroup"];
        assert_eq!(group["IncludeGlobalResourceTypes"], global, "{key}");
    }
    let template = template(&made, "audit");
    let rules = template["Resources"].as_object().expect("resources").values();
    assert_eq!(rules.filter(|r| r["Type"] == "AWS::Config::ConfigRule").count(), 14);
}

/// With an organization, one trail of the management account sees every account.
#[test]
fn an_organization_has_one_trail() {
    let made = made("hybrid.yaml", "audit: { config: false }");
    let trail = template(&made, "audit-trail");
    let properties = &trail["Resources"]["Trail"]["Properties"];
    assert_eq!(properties["IsOrganizationTrail"], true);
    let stack = made.estate.stacks.iter().find(|s| s.key == "audit-trail").expect("the trail");
    assert_eq!(stack.account, "111111111111");
    let archive = template(&made, "audit-archive").to_string();
    assert!(archive.contains("AWSLogs/o-exampleorgid/"), "accounts write below the organization");
    // Where an account has a recorder already, there is none.
    assert!(!template(&made, "audit").to_string().contains("ConfigurationRecorder"));
}

/// Objects are recorded on request, and those of the archive never: each would make another.
#[test]
fn objects_are_recorded_but_for_the_archives_own() {
    let made = made("component-audit.yaml", "");
    let with = template(&made, "audit-trail");
    let trail = &with["Resources"]["Trail"]["Properties"];
    let selectors = trail["AdvancedEventSelectors"].as_array().expect("selectors");
    let of = |category: &str| {
        let fits = |s: &&Value| s["FieldSelectors"][0]["Equals"][0] == category;
        selectors.iter().find(fits).unwrap_or_else(|| panic!("nothing of {category}"))
    };
    // With selectors of its own, a trail records nothing that none of them says.
    assert_eq!(of("Management")["FieldSelectors"].as_array().expect("one").len(), 1);
    let bucket = trail["S3BucketName"].as_str().expect("a name");
    let own = of("Data")["FieldSelectors"][2]["NotStartsWith"][0].to_string();
    assert!(own.contains(&format!(":s3:::{bucket}/")), "{own}");
    let rendered = made.render();
    let text = rendered.template_text(Engine::Terraform, "audit-trail").expect("it is there");
    let module: Value = serde_json::from_str(text).expect("JSON");
    let trail = &module["resource"]["aws_cloudtrail"]["trail"];
    assert_eq!(trail["advanced_event_selector"].as_array().map(Vec::len), Some(2));
    // Nobody pays for them who does not ask.
    let without = self::made("hybrid.yaml", "audit: {}");
    assert!(!template(&without, "audit-trail").to_string().contains("AdvancedEventSelectors"));
}

/// What happened anywhere is told, and whoever changes what was told is found out.
#[test]
fn the_trail_is_of_all_regions_and_shows_changes() {
    for (name, block) in [("component-audit.yaml", ""), ("account-peering.yaml", "audit: {}")] {
        let made = made(name, block);
        let trail = template(&made, "audit-trail")["Resources"]["Trail"]["Properties"].clone();
        for key in ["IsLogging", "IsMultiRegionTrail", "EnableLogFileValidation"] {
            assert_eq!(trail[key], true, "{name}: {key}");
        }
        assert_eq!(trail["IncludeGlobalServiceEvents"], true);
        let archive = template(&made, "audit-archive").to_string();
        assert!(archive.contains("SSEAlgorithm") && archive.contains("ExpirationInDays"), "{name}");
    }
}
