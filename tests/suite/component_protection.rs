//! What the component protection promises: whoever must read something can use its key and nobody
//! else can, no VPC resolves what is blocked, one firewall serves all tenants, and a new tenant
//! touches nobody.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

/// A blueprint of the repository, as it is or with a block of components for the estate.
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
    assert_eq!(outcome.sink.errors(), 0, "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

/// The templates of CloudFormation, by shape.
fn templates(made: &Made) -> BTreeMap<String, Value> {
    let rendered = made.render();
    let one = |shape: &String| {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
        (shape.clone(), serde_json::from_str(text).expect("JSON"))
    };
    made.estate.templates.keys().map(one).collect()
}

fn module(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::Terraform, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().expect("resources").iter()
}

fn kind(resource: &Value) -> &str {
    resource["Type"].as_str().expect("a type")
}

/// The key of a resource, where its type has it.
fn key(resource: &Value) -> Option<&Value> {
    let properties = &resource["Properties"];
    let key = match kind(resource) {
        "AWS::Logs::LogGroup" | "AWS::SecretsManager::Secret" => &properties["KmsKeyId"],
        "AWS::SQS::Queue" | "AWS::SNS::Topic" => &properties["KmsMasterKeyId"],
        "AWS::DynamoDB::Table" => &properties["SSESpecification"]["KMSMasterKeyId"],
        "AWS::EC2::LaunchTemplate" => {
            &properties["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"]["KmsKeyId"]
        }
        _ => return None,
    };
    Some(key)
}

/// The statements of every key of an estate, with the shape.
fn policies(made: &Made) -> Vec<(String, Vec<Value>)> {
    let mut out = Vec::new();
    for (shape, template) in templates(made) {
        for (_, resource) in resources(&template).filter(|(_, r)| kind(r) == "AWS::KMS::Key") {
            let statements = &resource["Properties"]["KeyPolicy"]["Statement"];
            out.push((shape.clone(), statements.as_array().expect("statements").clone()));
        }
    }
    out
}

fn sid<'a>(statements: &'a [Value], sid: &str) -> Option<&'a Value> {
    statements.iter().find(|statement| statement["Sid"] == sid)
}

const ALL: [&str; 4] =
    ["hybrid.yaml", "application-tables.yaml", "container-ec2.yaml", "component-microservice.yaml"];

/// Whatever holds data has the key that is its own or that of those who share it.
#[test]
fn what_holds_data_has_a_key() {
    let mut seen = BTreeSet::new();
    for name in ALL {
        let made = made(name, "protection: {}, monitoring: {}");
        for (shape, template) in templates(&made) {
            for (id, resource) in resources(&template) {
                let Some(key) = key(resource) else { continue };
                seen.insert(kind(resource).to_owned());
                let own = key["Fn::GetAtt"][0] == "DataKey";
                let shared = key["Ref"] == "DataKeyArn";
                assert!(own || shared, "{name} {shape} {id}: {key}");
                // A queue has one kind of encryption, never both.
                assert!(resource["Properties"]["SqsManagedSseEnabled"].is_null());
            }
        }
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

/// With `tenant`, what is a tenant's has a key in the tenant's own stack; with the others there is
/// none in it. In an account of its own there is one in any case.
#[test]
fn whose_key_it_is_is_said() {
    for (keys, own) in [("tenant", true), ("tier", false), ("estate", false)] {
        let made = made("container.yaml", &format!("protection: {{ keys: {keys} }}"));
        for (shape, template) in templates(&made) {
            let there = template["Resources"]["DataKey"].is_object();
            if shape.starts_with("tenant-") {
                assert_eq!(there, own, "{keys} {shape}");
            }
        }
        let tier = made.estate.templates.keys().any(|s| s.starts_with("protection-key-tier-"));
        assert_eq!(tier, keys != "estate", "{keys}");
    }
    let made = made("hybrid.yaml", "protection: { keys: estate }");
    let apart = |shape: &str| {
        let stack = made.estate.stacks.iter().find(|s| s.shape == shape).expect("a stack");
        stack.tenant.is_some() && stack.account != "333333333333"
    };
    let shapes = templates(&made);
    let apart: Vec<_> =
        shapes.iter().filter(|(s, _)| s.starts_with("tenant-") && apart(s)).collect();
    assert!(!apart.is_empty());
    assert!(apart.iter().all(|(_, template)| template["Resources"]["DataKey"].is_object()));
}

/// Nobody holds a key in hand: every statement that encrypts or decrypts is for a service, or through
/// one; and everybody is bound to this account.
#[test]
fn a_key_is_used_through_services_only() {
    for name in ALL {
        let made = made(name, "protection: {}, monitoring: {}");
        let all = policies(&made);
        assert!(all.len() >= 2, "{name}");
        for (shape, statements) in all {
            for statement in &statements {
                let actions = statement["Action"].to_string();
                let bound = statement["Condition"].to_string();
                let uses = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
                let uses = uses.iter().any(|action| actions.contains(action));
                let service = statement["Principal"]["Service"].is_null();
                let scaling = bound.contains("AWSServiceRoleForAutoScaling");
                if uses && service && !scaling {
                    assert!(bound.contains("kms:ViaService"), "{name} {shape}: {statement}");
                }
                if actions.contains("kms:CreateGrant") {
                    assert!(bound.contains("kms:GrantIsForAWSResource"), "{shape}: {statement}");
                }
                if statement["Principal"]["AWS"] == "*" {
                    assert!(bound.contains("kms:CallerAccount"), "{shape}: {statement}");
                }
                assert!(!actions.contains("kms:*"), "{shape}: {statement}");
            }
            // The account can always manage it, or nobody ever could.
            let manages = sid(&statements, "AccountManages").expect("a statement");
            assert!(manages["Action"].to_string().contains("kms:PutKeyPolicy"));
        }
    }
}

/// A role, or a session, that carries the name of another tenant cannot use a tenant's key.
#[test]
fn another_tenant_cannot_use_the_key_of_a_tenant() {
    let mut seen = 0;
    for name in ["hybrid.yaml", "container.yaml", "application-tables.yaml"] {
        let made = made(name, "protection: {}");
        for (shape, statements) in policies(&made) {
            let condition =
                &sid(&statements, "RolesUseThroughServices").expect("roles")["Condition"];
            let equal = &condition["StringEquals"];
            assert!(equal["aws:PrincipalTag/Estate"].is_string(), "{shape}");
            assert!(equal["aws:PrincipalTag/Environment"].is_string(), "{shape}");
            let own = &condition["StringEqualsIfExists"]["aws:PrincipalTag/Tenant"];
            if shape.starts_with("tenant-") {
                assert_eq!(own["Ref"], "Tenant", "{shape}");
                seen += 1;
            } else {
                assert!(own.is_null(), "{shape} is shared");
            }
            let tier = equal["aws:PrincipalTag/Tier"].is_string();
            assert_eq!(tier, shape != "protection-key-estate", "{shape}");
        }
    }
    assert!(seen >= 3);
}

/// Who writes without a role of the estate is let by name: `CloudWatch` Logs for its log groups,
/// alarms for topics, Auto Scaling for volumes.
#[test]
fn services_can_use_the_keys_of_what_they_write_to() {
    for name in ALL {
        let made = made(name, "protection: {}, monitoring: {}");
        let templates = templates(&made);
        let statements: BTreeMap<String, Vec<Value>> = policies(&made).into_iter().collect();
        for (shape, template) in &templates {
            for (id, resource) in resources(template) {
                let Some(key) = key(resource) else { continue };
                let of = if key["Ref"].is_null() { shape.clone() } else { shared(&made, shape) };
                let statements = &statements[&of];
                let wanted = match kind(resource) {
                    "AWS::Logs::LogGroup" => "LogsOfTheEstate",
                    "AWS::SNS::Topic" => "AlarmsOfThisAccount",
                    "AWS::EC2::LaunchTemplate" => "InstancesStart",
                    _ => "RolesUseThroughServices",
                };
                assert!(sid(statements, wanted).is_some(), "{name} {shape} {id}: {of}");
            }
        }
        let logs = statements.values().filter_map(|all| sid(all, "LogsOfTheEstate"));
        for statement in logs {
            let group = &statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"];
            assert!(group.to_string().contains(":log-group:"), "{name}: {group}");
        }
    }
}

/// The shape of the key that the stacks of a shape read.
fn shared(made: &Made, shape: &str) -> String {
    let stack = made.estate.stacks.iter().find(|s| s.shape == shape).expect("a stack");
    let template = &made.estate.templates[shape];
    let at = template.param_index("DataKeyArn").expect("it reads a key");
    let word = stack.values[at].rsplit('/').next().expect("a path").to_owned();
    let key = format!("protection-key-{word}");
    // What it reads is there before it, in the same account and region.
    let there = made.estate.stacks.iter().find(|other| {
        other.shape == key && other.account == stack.account && other.region == stack.region
    });
    let there = there.unwrap_or_else(|| panic!("{} reads {key}", stack.key));
    assert!(stack.depends_on.contains(&there.key), "{}", stack.key);
    key
}

/// A cluster takes the key only where that is said, as AWS never changes that of one that is there;
/// and without the component nothing has one.
#[test]
fn what_a_key_would_break_is_left_alone() {
    for (databases, there) in [("", false), ("databases: true", true)] {
        let made = made("application-sql.yaml", &format!("protection: {{ {databases} }}"));
        let mut clusters = 0;
        for (_, template) in templates(&made) {
            for (_, resource) in resources(&template) {
                if kind(resource) == "AWS::RDS::DBCluster" {
                    assert_eq!(resource["Properties"]["KmsKeyId"].is_null(), !there);
                    clusters += 1;
                }
            }
        }
        assert!(clusters > 0);
    }
    let made = made("component-delivery.yaml", "");
    assert!(!templates(&made).values().any(|t| t.to_string().contains("DataKey")));
}

/// Keys are turned, kept, and known by a name; both engines say the same of who uses them.
#[test]
fn keys_turn_and_are_kept() {
    let made = made("component-protection.yaml", "");
    let mut seen = 0;
    for (shape, template) in templates(&made) {
        let key = &template["Resources"]["DataKey"];
        if key.is_null() {
            continue;
        }
        assert_eq!(key["Properties"]["EnableKeyRotation"], true, "{shape}");
        assert_eq!(key["DeletionPolicy"], "Retain", "{shape}");
        assert_eq!(key["UpdateReplacePolicy"], "Retain", "{shape}");
        let alias = &template["Resources"]["DataKeyAlias"]["Properties"]["AliasName"];
        assert!(alias.to_string().contains("alias/"), "{shape}");
        let module = module(&made, &shape);
        let key = &module["resource"]["aws_kms_key"]["data_key"];
        assert_eq!(key["lifecycle"][0]["prevent_destroy"], true, "{shape}");
        assert!(key["policy"].to_string().contains("aws:PrincipalTag/Estate"), "{shape}");
        seen += 1;
    }
    assert_eq!(seen, 4, "of a tenant, of two tiers, of the estate");
}

/// Every VPC has the rules of its tier, and somebody can see what it asked.
#[test]
fn no_vpc_resolves_what_is_blocked() {
    let block = "protection: { dns: { block: [exfil.example] } }, monitoring: {}";
    let mut seen = 0;
    for name in ["hybrid.yaml", "subnet-transit-gateway.yaml", "container.yaml", "application.yaml"]
    {
        let made = made(name, block);
        for (shape, template) in templates(&made) {
            for (id, _) in resources(&template).filter(|(_, r)| kind(r) == "AWS::EC2::VPC") {
                let of = |kind_is: &str, property: &str| {
                    resources(&template).any(|(_, r)| {
                        kind(r) == kind_is && r["Properties"][property]["Ref"] == id.as_str()
                    })
                };
                let rules = of("AWS::Route53Resolver::FirewallRuleGroupAssociation", "VpcId");
                let log = "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation";
                assert!(rules && of(log, "ResourceId"), "{name} {shape} {id}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen} VPCs");
}

/// A walled garden: what is blocked first, then AWS and what is allowed, then nothing.
#[test]
fn behind_what_is_allowed_there_is_nothing() {
    let made = made("component-protection.yaml", "");
    let template = &templates(&made)["protection"];
    let resources = &template["Resources"];
    let rules = &resources["TierSiloDnsRules"]["Properties"]["FirewallRules"];
    let rules = rules.as_array().expect("rules").iter();
    let said: Vec<(i64, String, String)> = rules
        .map(|rule| {
            let list = rule["FirewallDomainListId"]["Ref"].as_str().expect("a list");
            let domains = resources[list]["Properties"]["Domains"].to_string();
            let action = rule["Action"].as_str().expect("an action").to_owned();
            (rule["Priority"].as_i64().expect("a number"), action, domains)
        })
        .collect();
    assert!(said.is_sorted_by_key(|(priority, ..)| *priority));
    let actions: Vec<&str> = said.iter().map(|(_, action, _)| action.as_str()).collect();
    assert_eq!(actions, ["BLOCK", "ALLOW", "ALLOW", "BLOCK"]);
    assert!(said[0].2.contains("old.acme.example") && said[2].2.contains("acme.example"));
    assert_eq!(said[3].2, r#"["*"]"#);
    // Terraform has the same rules, each by itself.
    let module = module(&made, "protection");
    let own = module["resource"]["aws_route53_resolver_firewall_rule"].as_object().expect("rules");
    let own: Vec<_> = own.iter().filter(|(id, _)| id.starts_with("tier_silo_")).collect();
    assert_eq!(own.len(), said.len());
}

/// One set of rules for all tenants of a cell, which counts each apart; a pool has that of its
/// interface.
#[test]
fn one_firewall_counts_tenants_apart() {
    let made = made("component-protection.yaml", "");
    let cell = &templates(&made)["cell-starter"]["Resources"];
    let rules = &cell["WebAcl"]["Properties"]["Rules"];
    let limits: Vec<(&str, i64)> = rules
        .as_array()
        .expect("rules")
        .iter()
        .filter_map(|rule| {
            let rate = &rule["Statement"]["RateBasedStatement"];
            let keys = rate["CustomKeys"].to_string();
            let limit = rate["Limit"].as_i64()?;
            assert!(keys.contains("\"host\""), "{keys}");
            Some((rule["Name"].as_str().expect("a name"), limit))
        })
        .collect();
    assert_eq!(limits, [("RateByTenantAndAddress", 1000), ("RateByTenant", 50_000)]);
    assert_eq!(cell["WebAclAssociation"]["Properties"]["ResourceArn"]["Ref"], "LoadBalancer");
    let off = made_off();
    assert!(templates(&off)["cell-starter"]["Resources"]["WebAcl"].is_null());
}

fn made_off() -> Made {
    let name = "component-protection.yaml";
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = text.replace("{ rate: 1000, tenant_rate: 50000 }", "{ enabled: false }");
    synth_text(name, text.as_bytes(), None, &folder, options()).made.expect("it is sound")
}

/// Each place looks for intruders and flaws; what has a resource in one engine only is a step in the
/// other.
#[test]
fn every_place_looks_for_intruders() {
    let made = made("component-protection.yaml", "");
    let template = &templates(&made)["protection"];
    let kinds: BTreeSet<&str> = resources(template).map(|(_, r)| kind(r)).collect();
    for wanted in
        ["AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub", "AWS::SecurityHub::Standard"]
    {
        assert!(kinds.contains(wanted), "{wanted}");
    }
    assert!(module(&made, "protection")["resource"]["aws_inspector2_enabler"].is_object());
    let steps: Vec<&str> =
        made.estate.templates["protection"].steps().iter().map(|step| step.id()).collect();
    assert_eq!(steps, ["enable-inspector"]);
    let off = "protection: { guardduty: false, security_hub: false, inspector: false, dns: { log: false } }";
    let off = self::made("vpc-none.yaml", off);
    assert!(!off.estate.templates.contains_key("protection"));
}

/// Who deploys to the account of a tenant makes its key, and cannot use it.
#[test]
fn the_deployer_of_a_tenants_account_may_make_its_key() {
    let made = made("hybrid.yaml", "protection: {}");
    let text = templates(&made)["organization"].to_string();
    assert!(text.contains("kms:CreateKey") && text.contains("route53resolver:*Firewall*"));
    assert!(!text.contains("kms:Decrypt") && !text.contains("kms:GenerateDataKey"));
}

/// Hardware for keys is made on request: by Terraform, and by a step where CloudFormation cannot.
#[test]
fn hardware_for_keys_is_made_on_request() {
    let block = "protection: { hsm: { subnets: [subnet-0a1b2c3d, subnet-0f1e2d3c] } }";
    let made = made("vpc-none.yaml", block);
    let steps = made.estate.templates["protection-hsm"].steps();
    assert_eq!(steps.iter().map(|step| step.id()).collect::<Vec<_>>(), ["make-hsm-cluster"]);
    let template = &templates(&made)["protection-hsm"];
    assert_eq!(template["Outputs"]["HsmSubnetIds"]["Value"], "subnet-0a1b2c3d subnet-0f1e2d3c");
    let cluster =
        &module(&made, "protection-hsm")["resource"]["aws_cloudhsm_v2_cluster"]["hsm_cluster"];
    assert_eq!(cluster["subnet_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(cluster["mode"], "FIPS");
    assert_eq!(cluster["lifecycle"][0]["prevent_destroy"], true, "what it holds is nowhere else");
    let without = self::made("vpc-none.yaml", "protection: {}");
    assert!(!without.estate.templates.contains_key("protection-hsm"));
}

/// Ten more tenants are ten more stacks, and the same templates.
#[test]
fn a_new_tenant_changes_no_template() {
    let name = "component-protection.yaml";
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let more: String = (0..10)
        .map(|n| {
            let tier = if n % 2 == 0 { "starter" } else { "silo" };
            format!("  - {{ id: more{n}, tier: {tier} }}\n")
        })
        .collect();
    let text = format!("{text}{more}");
    let lock = std::fs::read_to_string(folder.join(name.replace(".yaml", ".lock.json"))).ok();
    let after = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    let after = after.made.expect("it is sound");
    let before = made(name, "");
    assert_eq!(after.estate.stacks.len(), before.estate.stacks.len() + 10);
    assert_eq!(templates(&after), templates(&before));
}
