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

/// What the policy of a bucket allows: service, action, conditions.
fn allowed(template: &Value, policy: &str) -> Vec<(String, String, String)> {
    let policy = &template["Resources"][policy]["Properties"]["PolicyDocument"];
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
    let template = template(&made, "audit-archive");
    let trail = ":cloudtrail:eu-west-1:333333333333:trail/scribe-test-audit-trail";
    let account = "\"aws:SourceAccount\":\"333333333333\"";
    for (policy, who, only, many) in [
        ("ArchivePolicy", "cloudtrail.amazonaws.com", trail, 2),
        ("RecordsPolicy", "config.amazonaws.com", account, 3),
    ] {
        let all = allowed(&template, policy);
        assert_eq!(all.len(), many, "{policy}");
        for (service, action, bound) in all {
            assert!(service == who && bound.contains(only), "{service} {action}: {bound}");
        }
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

/// AWS Config delivers to no bucket with an object lock, so its records lie beside the archive, where nobody
/// deletes one for good.
#[test]
fn records_of_recorders_are_kept_without_a_lock() {
    for made in [made("component-audit.yaml", ""), made("account-audit.yaml", "")] {
        let archive = template(&made, "audit-archive");
        let records = &archive["Resources"]["Records"];
        assert_eq!(records["DeletionPolicy"], "Retain");
        assert!(records["Properties"].get("ObjectLockEnabled").is_none(), "{records}");
        let policy = &archive["Resources"]["RecordsPolicy"]["Properties"]["PolicyDocument"];
        let kept = policy["Statement"].as_array().expect("statements").iter().any(|s| {
            s["Effect"] == "Deny"
                && s["Action"] == "s3:DeleteObjectVersion"
                && s["Principal"] == "*"
        });
        assert!(kept, "{policy}");
        // It is the bucket that each recorder delivers to.
        let name = records["Properties"]["BucketName"].as_str().expect("a name");
        for shape in made.estate.templates.keys().filter(|key| key.starts_with("audit")) {
            let text = template(&made, shape).to_string();
            let to = text.matches(&format!("S3BucketName\":\"{name}")).count()
                + text.matches(&format!("S3BucketName\\\":\\\"{name}")).count();
            assert_eq!(to, text.matches("AWS::Config::DeliveryChannel").count(), "{shape}");
        }
    }
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

/// An action of AWS Config for an account, as the policy of the archive sees it: who it works for, of
/// which organization, and where it writes.
struct Delivery<'a> {
    account: &'a str,
    organization: Option<&'a str>,
    action: &'a str,
    key: &'a str,
}

/// Whether a policy lets it, in the form that an engine writes it in, `bucket` being the bucket's ARN.
fn lets(policy: &Value, bucket: &str, delivery: &Delivery<'_>) -> bool {
    let known = |key: &str| match key {
        "aws:SourceAccount" => Some(delivery.account),
        "aws:SourceOrgID" => delivery.organization,
        "s3:x-amz-acl" => Some("bucket-owner-full-control"),
        other => panic!("{other} is not known here"),
    };
    let target = match delivery.key {
        "" => bucket.to_owned(),
        key => format!("{bucket}/{key}"),
    };
    let fits = |pattern: &Value| {
        let text = text(pattern).replace("${aws:SourceAccount}", delivery.account);
        match text.strip_suffix('*') {
            Some(start) => target.starts_with(start),
            None => target == text,
        }
    };
    let mut statements = policy["Statement"].as_array().expect("statements").iter();
    statements.any(|statement| {
        let resources = match &statement["Resource"] {
            Value::Array(all) => all.clone(),
            one => vec![one.clone()],
        };
        statement["Effect"] == "Allow"
            && statement["Principal"]["Service"] == "config.amazonaws.com"
            && statement["Action"] == delivery.action
            && resources.iter().any(fits)
            && statement["Condition"].as_object().expect("bounded").iter().all(
                |(operator, pairs)| {
                    assert_eq!(operator, "StringEquals");
                    let mut pairs = pairs.as_object().expect("keys").iter();
                    pairs.all(|(key, wanted)| known(key) == wanted.as_str())
                },
            )
    })
}

/// A text in which references are names.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value if value["Fn::Join"].is_array() => {
            value["Fn::Join"][1].as_array().expect("parts").iter().map(text).collect()
        }
        value if value["Fn::GetAtt"].is_array() => format!("<{}>", text(&value["Fn::GetAtt"][0])),
        value => format!("<{}>", text(&value["Ref"])),
    }
}

/// The policy of the bucket of records, as each engine writes it, and the ARN of its bucket there.
fn policies(made: &Made) -> [(Value, &'static str); 2] {
    let cfn = template(made, "audit-archive");
    let cfn = cfn["Resources"]["RecordsPolicy"]["Properties"]["PolicyDocument"].clone();
    let rendered = made.render();
    let module = rendered.template_text(Engine::Terraform, "audit-archive").expect("it is there");
    let module: Value = serde_json::from_str(module).expect("JSON");
    let policy = &module["resource"]["aws_s3_bucket_policy"]["records_policy"]["policy"];
    let policy = policy.as_str().expect("text").replace("$${", "${");
    let tf = serde_json::from_str(&policy).expect("JSON");
    [(cfn, "<Records>"), (tf, "${aws_s3_bucket.records.arn}")]
}

/// What AWS Config does with that bucket when a recorder starts and when it records.
const DELIVERIES: [(&str, &str); 3] = [
    ("s3:GetBucketAcl", ""),
    ("s3:ListBucket", ""),
    ("s3:PutObject", "Config/eu-west-1/2026/1/1/ConfigHistory/x.json.gz"),
];

/// Whether everything that AWS Config does for an account is let.
fn delivers(policy: &(Value, &str), account: &str, organization: Option<&str>) -> bool {
    let mut all = DELIVERIES.iter().map(|(action, tail)| {
        let key = if tail.is_empty() { String::new() } else { format!("AWSLogs/{account}/{tail}") };
        lets(&policy.0, policy.1, &Delivery { account, organization, action, key: &key })
    });
    all.all(|one| one)
}

/// The recorder of a tenant's account writes below that account; none of another organization does, and
/// nobody below another account.
#[test]
fn recorders_of_tenants_write_below_their_own_account() {
    let made = made("account-audit.yaml", "");
    for policy in &policies(&made) {
        // An account that nobody has heard of yet: it is of the organization.
        assert!(delivers(policy, "777777777777", Some("o-exampleorgid")), "{}", policy.0);
        assert!(delivers(policy, "333333333333", Some("o-exampleorgid")), "the estate's own");
        assert!(!delivers(policy, "777777777777", Some("o-someotherorg")), "another organization");
        assert!(!delivers(policy, "777777777777", None), "no organization");
        let foreign = Delivery {
            account: "777777777777",
            organization: Some("o-exampleorgid"),
            action: "s3:PutObject",
            key: "AWSLogs/888888888888/Config/eu-west-1/x.json.gz",
        };
        assert!(!lets(&policy.0, policy.1, &foreign), "below another account");
    }
    // Without such recorders, nobody of the organization writes but who is named.
    let off = self::made("hybrid.yaml", "audit: { tenant_accounts: false }");
    for policy in &policies(&off) {
        assert!(!delivers(policy, "777777777777", Some("o-exampleorgid")));
    }
    assert!(!off.estate.templates.contains_key("audit-tenants"));
}

/// The templates that a stack set carries, by what they are for.
fn carried(made: &Made) -> Vec<(Value, Value)> {
    let template = template(made, "audit-tenants");
    let sets = template["Resources"].as_object().expect("resources").values();
    let sets = sets.filter(|it| it["Type"] == "AWS::CloudFormation::StackSet");
    let one = |set: &Value| {
        let properties = &set["Properties"];
        let body = properties["TemplateBody"].as_str().expect("a template");
        (properties.clone(), serde_json::from_str(body).expect("JSON"))
    };
    sets.map(one).collect()
}

/// Each account of a tenant has in each region what any other place has, from the day on which it is
/// in its unit, and the recorder writes to the archive where the archive lets it.
#[test]
fn every_account_of_a_tenant_is_recorded() {
    let made = made("account-audit.yaml", "");
    let sets = carried(&made);
    let mut regions: Vec<(String, bool)> = Vec::new();
    for (set, inner) in &sets {
        assert_eq!(set["PermissionModel"], "SERVICE_MANAGED");
        assert_eq!(set["AutoDeployment"]["Enabled"], true);
        let group = &set["StackInstancesGroup"][0];
        let units = &group["DeploymentTargets"]["OrganizationalUnitIds"];
        assert_eq!(*units, serde_json::json!([{"Ref": "OwnUnitId"}]));
        let all = inner["Resources"].as_object().expect("resources").values();
        let count = |kind: &str| all.clone().filter(|it| it["Type"] == kind).count();
        assert_eq!(count("AWS::Config::ConfigurationRecorder"), 1);
        assert_eq!(count("AWS::Config::DeliveryChannel"), 1);
        assert_eq!(count("AWS::Config::ConfigRule"), 14);
        assert_eq!(count("AWS::AccessAnalyzer::Analyzer"), 1);
        let bucket = &inner["Resources"]["DeliveryChannel"]["Properties"]["S3BucketName"];
        let archive = template(&made, "audit-archive");
        assert_eq!(*bucket, archive["Resources"]["Records"]["Properties"]["BucketName"]);
        let role = &inner["Resources"]["ConfigRolePolicy"]["Properties"]["PolicyDocument"];
        let writes = text(&role["Statement"][0]["Resource"][0]);
        assert!(writes.ends_with("/AWSLogs/<AWS::AccountId>/Config/*"), "{writes}");
        let recorder = &inner["Resources"]["Recorder"]["Properties"]["RecordingGroup"];
        let global = recorder["IncludeGlobalResourceTypes"].as_bool().expect("said");
        let named = group["Regions"].as_array().expect("regions").iter();
        regions.extend(named.map(|region| (text(region), global)));
    }
    regions.sort();
    let all = [("eu-central-1".to_owned(), false), ("eu-west-1".to_owned(), true)];
    assert_eq!(regions, all, "once in each, and what is global once");
    let stack = made.estate.stacks.iter().find(|s| s.key == "audit-tenants").expect("a stack");
    assert_eq!(stack.account, "111111111111");
    for before in ["audit-archive", "organization"] {
        assert!(stack.depends_on.contains(&before.to_owned()), "{:?}", stack.depends_on);
    }
    // Terraform's are of the same units in the same regions.
    let rendered = made.render();
    let module = rendered.template_text(Engine::Terraform, "audit-tenants").expect("it is there");
    let module: Value = serde_json::from_str(module).expect("JSON");
    let instances = module["resource"]["aws_cloudformation_stack_set_instance"].as_object();
    let mut theirs: Vec<String> =
        instances.expect("some").values().map(|it| it["region"].to_string()).collect();
    theirs.sort();
    assert_eq!(theirs, ["\"eu-central-1\"", "\"eu-west-1\""], "{instances:?}");
}

/// One tenant more with an account of its own, and every template stays as it was, to the byte.
#[test]
fn a_new_account_changes_no_template() {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("account-audit.yaml")).expect("a blueprint");
    let lock = std::fs::read_to_string(folder.join("account-audit.lock.json")).ok();
    let more = format!("{text}  - {{ id: acme, tier: own, email: aws+acme@notary.example }}\n");
    let files = |text: &str| {
        let outcome = synth_text("a.yaml", text.as_bytes(), lock.as_deref(), &folder, options());
        let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
        let rendered = made.render();
        let shapes = made.estate.templates.keys();
        let both = shapes.flat_map(|shape| {
            [Engine::CloudFormation, Engine::Terraform].map(|engine| {
                let text = rendered.template_text(engine, shape).expect("it is there");
                (shape.clone(), engine.id(), text.to_owned())
            })
        });
        (both.collect::<Vec<_>>(), made.spec.tenants.len())
    };
    let ((before, few), (after, many)) = (files(&text), files(&more));
    assert_eq!((few + 1, before.len()), (many, after.len()));
    assert_eq!(before, after);
    assert!(before.iter().any(|(shape, ..)| shape == "audit-tenants"));
    for (shape, _, text) in before.iter().filter(|(shape, ..)| shape.starts_with("audit")) {
        assert!(!text.contains("hooli"), "{shape}");
    }
}
