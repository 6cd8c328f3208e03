//! What the component backup promises: whatever holds data carries the tags by which its tier's plan
//! finds it, and copies are kept as long as AWS lets them.

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_blueprint, synth_text};

fn made(name: &str, block: &str) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = text.replacen("\ntiers:\n", &format!("\ncomponents: {{ {block} }}\ntiers:\n"), 1);
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

/// Tables of pools and of tenants, and clusters, in every way that data is parted.
#[test]
fn what_holds_data_is_copied() {
    let mut seen = 0;
    for name in ["hybrid.yaml", "application-sql.yaml", "application-tables.yaml"] {
        let made = made(name, "backup: {}");
        let plans = template(&made, "backup");
        for stack in &made.estate.stacks {
            let template = template(&made, &stack.shape);
            for (id, resource) in template["Resources"].as_object().expect("resources") {
                let kind = resource["Type"].as_str().expect("a type");
                if !["AWS::DynamoDB::Table", "AWS::RDS::DBCluster"].contains(&kind) {
                    continue;
                }
                let tags = resource["Properties"]["Tags"].as_array().expect("tags");
                let has = |key: &str, value: &str| {
                    tags.iter().any(|tag| tag["Key"] == key && tag["Value"] == value)
                };
                let tier = stack.tier.as_ref().expect("data belongs to a tier");
                let selected =
                    plans["Resources"].as_object().expect("plans").values().any(|plan| {
                        let wanted =
                            &plan["Properties"]["BackupSelection"]["Conditions"]["StringEquals"];
                        wanted.as_array().is_some_and(|wanted| {
                            wanted.iter().all(|one| {
                                let key = one["ConditionKey"].as_str().expect("a key");
                                let key = key.trim_start_matches("aws:ResourceTag/");
                                has(key, one["ConditionValue"].as_str().expect("a value"))
                            })
                        })
                    });
                assert!(selected, "{name} {} {id}: no plan finds tier {tier}", stack.key);
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "{seen} things hold data");
}

/// A copy that moves to cold storage stays there as long as AWS wants.
#[test]
fn lifecycles_are_legal() {
    let made = made("vpc-none.yaml", "backup: { weekly: 100, monthly: 365, cold_after: 10 }");
    let template = template(&made, "backup");
    let rules = template["Resources"]["SiloPlan"]["Properties"]["BackupPlan"]["BackupPlanRule"]
        .as_array()
        .expect("rules")
        .clone();
    assert_eq!(rules.len(), 3);
    for rule in rules {
        let of = |key: &str| rule["Lifecycle"][key].as_u64();
        let (cold, kept) = (of("MoveToColdStorageAfterDays"), of("DeleteAfterDays"));
        assert!(cold.is_none_or(|cold| cold + 90 <= kept.expect("it ends")), "{rule}");
    }
}

/// AWS takes 2 to 50 characters for the name of a vault.
#[test]
fn the_name_of_a_vault_is_legal() {
    let long = "naming: \"{{name}}-{{environment}}-with-a-name-that-is-much-longer-than-usual-{{tenant}}\"\n";
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("component-backup.yaml")).expect("it is there");
    let text = text.replacen("components:\n", &format!("{long}components:\n"), 1);
    let outcome = synth_text("b.yaml", text.as_bytes(), None, &folder, options());
    let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
    for stack in made.estate.stacks.iter().filter(|stack| stack.shape == "backup") {
        let template = &made.estate.templates["backup"];
        let at = template.param_index("VaultName").expect("a name of its own");
        let name = &stack.values[at];
        assert!((2..=50).contains(&name.len()), "{name}");
    }
}

fn module(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::Terraform, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

fn golden() -> Made {
    synth_blueprint("component-backup.yaml", options()).made.expect("it is sound")
}

/// Every copy of the tier goes to the other vault, and those of other tiers stay here.
#[test]
fn copies_leave_the_region() {
    let made = golden();
    let (cfn, tf) = (template(&made, "backup"), module(&made, "backup"));
    let rules =
        |id: &str| cfn["Resources"][id]["Properties"]["BackupPlan"]["BackupPlanRule"].clone();
    let gold = rules("GoldPlan");
    assert_eq!(gold.as_array().map(Vec::len), Some(3));
    for rule in gold.as_array().expect("rules") {
        let copy = &rule["CopyActions"][0];
        let to = copy["DestinationBackupVaultArn"].to_string();
        assert!(to.contains(":eu-central-1:444444444444:"), "{to}");
        assert_eq!(copy["Lifecycle"]["DeleteAfterDays"], 365);
    }
    for rule in tf["resource"]["aws_backup_plan"]["gold_plan"]["rule"].as_array().expect("rules") {
        let copy = &rule["copy_action"][0];
        let to = copy["destination_vault_arn"].as_str().expect("an ARN");
        assert!(to.contains(":eu-central-1:444444444444:"), "{to}");
        assert_eq!(copy["lifecycle"][0]["delete_after"], 365);
    }
    assert!(rules("SiloPlan")[0]["CopyActions"].is_null());
}

/// Nobody has said so, so it can be undone.
#[test]
fn a_lock_is_for_good_only_if_it_is_said() {
    let made = golden();
    let (cfn, tf) = (template(&made, "backup"), module(&made, "backup"));
    let lock = &cfn["Resources"]["Vault"]["Properties"]["LockConfiguration"];
    assert_eq!(*lock, serde_json::json!({"MinRetentionDays": 7, "MaxRetentionDays": 400}));
    let lock = &tf["resource"]["aws_backup_vault_lock_configuration"]["vault_lock"];
    assert_eq!(lock["min_retention_days"], 7);
    assert!(lock["changeable_for_days"].is_null());
    let open = self::made("vpc-none.yaml", "backup: {}");
    let open = template(&open, "backup");
    assert!(open["Resources"]["Vault"]["Properties"]["LockConfiguration"].is_null());
    let shut = self::made("vpc-none.yaml", "backup: { lock: { changeable_for_days: 3 } }");
    let shut = template(&shut, "backup");
    let lock = &shut["Resources"]["Vault"]["Properties"]["LockConfiguration"];
    assert_eq!(lock["ChangeableForDays"], 3);
}

/// What copies brings nothing back, and what brings back copies nothing; with both engines.
#[test]
fn who_copies_brings_nothing_back() {
    let made = golden();
    let (cfn, tf) = (template(&made, "backup"), module(&made, "backup"));
    let managed = |id: &str| {
        let properties = &cfn["Resources"][id]["Properties"];
        let trust = properties["AssumeRolePolicyDocument"].to_string();
        assert!(trust.contains("aws:SourceAccount"), "{id}: {trust}");
        let attached = &tf["resource"]["aws_iam_role_policy_attachment"];
        let attached = attached.as_object().expect("some").values();
        let role = format!("${{aws_iam_role.{}.id}}", tenantry::name::snake(id));
        let attached = attached.filter(|it| it["role"] == role.as_str());
        let attached: Vec<String> = attached.map(|it| it["policy_arn"].to_string()).collect();
        (properties["ManagedPolicyArns"].to_string(), attached.join(" "))
    };
    for (id, does, never) in
        [("BackupRole", "ForBackup", "ForRestores"), ("RestoreRole", "ForRestores", "ForBackup")]
    {
        let (ours, theirs) = managed(id);
        for policies in [ours, theirs] {
            assert!(policies.contains(does) && !policies.contains(never), "{id}: {policies}");
        }
    }
}

/// What is tested is of the tier and of no other.
#[test]
fn what_is_brought_back_on_trial_is_of_the_tier() {
    let made = golden();
    let cfn = template(&made, "backup");
    let plan = &cfn["Resources"]["GoldRestoreTest"]["Properties"];
    let name = plan["RestoreTestingPlanName"].as_str().expect("a name");
    assert!(name.len() <= 50 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    let vaults = &plan["RecoveryPointSelection"]["IncludeVaults"];
    assert_eq!(vaults[0]["Fn::GetAtt"], serde_json::json!(["Vault", "BackupVaultArn"]));
    for (id, kind) in [("GoldRestoreTestClusters", "Aurora"), ("GoldRestoreTestTables", "DynamoDB")]
    {
        let selection = &cfn["Resources"][id]["Properties"];
        assert_eq!(selection["ProtectedResourceType"], kind);
        assert_eq!(selection["IamRoleArn"]["Fn::GetAtt"][0], "RestoreRole");
        let tags = selection["ProtectedResourceConditions"]["StringEquals"].to_string();
        assert!(tags.contains("ResourceTag/Tier") && tags.contains("gold"), "{tags}");
    }
    assert!(cfn["Resources"]["SiloRestoreTest"].is_null(), "a tier that did not ask");
}
