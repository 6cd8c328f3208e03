//! What the component identity promises: a user is of one tenant whatever anybody else says, a
//! provider vouches for its own tenant only, what a token leads to is the tenant's data and nothing
//! else, no secret is in any file, and a new tenant touches nobody.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::container::python;
use crate::support::{options, root, synth_text};

const FILE: &str = "component-identity.yaml";

fn blueprint() -> String {
    std::fs::read_to_string(root().join("blueprints").join(FILE)).expect("a blueprint")
}

fn made(text: &str) -> Made {
    let folder = root().join("blueprints");
    let outcome = synth_text(FILE, text.as_bytes(), None, &folder, options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

/// The blueprint with some text in place of another.
fn with(from: &str, to: &str) -> Made {
    let text = blueprint();
    assert!(text.contains(from), "{from} is there");
    made(&text.replacen(from, to, 1))
}

fn template(made: &Made, engine: Engine, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(engine, shape).unwrap_or_else(|| panic!("{shape} is there"));
    serde_json::from_str(text).expect("JSON")
}

/// The properties of all resources of a type, in all templates, with the shape.
fn all(made: &Made, kind: &str) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for shape in made.estate.templates.keys() {
        let template = template(made, Engine::CloudFormation, shape);
        for resource in template["Resources"].as_object().expect("resources").values() {
            if resource["Type"] == kind {
                out.push((shape.clone(), resource["Properties"].clone()));
            }
        }
    }
    assert!(!out.is_empty(), "there is no {kind}");
    out
}

fn saml(shape: &str) -> bool {
    matches!(shape.rsplit_once('.'), Some((_, "saml" | "oidc")))
}

#[test]
fn nobody_changes_whose_he_is() {
    let made = made(&blueprint());
    let mut told = 0;
    for (shape, pool) in all(&made, "AWS::Cognito::UserPool") {
        for attribute in pool["Schema"].as_array().expect("a schema") {
            if attribute["Name"] == "tenant" {
                assert_eq!(attribute["Mutable"], false, "{shape}");
                told += 1;
            }
        }
    }
    assert_eq!(told, 1, "only where many are in one pool");
    for (shape, client) in all(&made, "AWS::Cognito::UserPoolClient") {
        // An empty list, or none, would be every attribute.
        let written = client["WriteAttributes"].as_array().expect("a list");
        assert!(!written.is_empty(), "{shape}");
        assert!(written.iter().all(|name| !name.as_str().expect("text").starts_with("custom:")));
    }
    let client = template(&made, Engine::CloudFormation, "identity-basic");
    let read = &client["Resources"]["Client"]["Properties"]["ReadAttributes"];
    assert!(read.as_array().expect("a list").contains(&"custom:tenant".into()));
}

/// A provider that could say the tenant could say another's.
#[test]
fn a_provider_vouches_for_its_own_tenant_only() {
    let oidc = "oidc: { issuer: \"https://login.initech.example\", client_id: door, secret_name: door/initech }";
    let text = "saml: { metadata_url: \"https://login.initech.example/saml/metadata\" }";
    for made in [made(&blueprint()), with(text, oidc)] {
        for (shape, provider) in all(&made, "AWS::Cognito::UserPoolIdentityProvider") {
            assert!(saml(&shape), "{shape}: what tenants share has no provider");
            for attribute in provider["AttributeMapping"].as_object().expect("a mapping").keys() {
                assert!(
                    ["email", "username"].contains(&attribute.as_str()),
                    "{shape}: {attribute}"
                );
            }
            // It is in a pool of users that stands in the same stack.
            assert_eq!(provider["UserPoolId"]["Ref"], "UserPool", "{shape}");
            let own = template(&made, Engine::CloudFormation, &shape);
            let function = &own["Resources"]["TokenFunction"]["Properties"];
            let variables = &function["Environment"]["Variables"];
            assert_eq!(variables["TENANT"]["Ref"], "Tenant", "the tenant is said by us");
            assert!(variables.get("CLIENTS").is_none());
            // Nobody comes in past the provider.
            let client = &own["Resources"]["Client"]["Properties"];
            assert_eq!(client["SupportedIdentityProviders"], serde_json::json!(["sso"]));
            let flows = client["ExplicitAuthFlows"].to_string();
            assert!(!flows.contains("SRP") && !flows.contains("PASSWORD"), "{flows}");
        }
    }
}

/// The tokens of every pool whose application works for many say the tenant, and the pool calls
/// what says so.
#[test]
fn every_token_of_a_pool_says_the_tenant() {
    let made = made(&blueprint());
    for shape in ["users-basic", "identity-basic.saml"] {
        let resources = &template(&made, Engine::CloudFormation, shape)["Resources"];
        let config =
            &resources["UserPool"]["Properties"]["LambdaConfig"]["PreTokenGenerationConfig"];
        assert_eq!(config["LambdaVersion"], "V2_0", "access tokens, too");
        assert_eq!(config["LambdaArn"]["Fn::GetAtt"][0], "TokenFunction");
        let permission = &resources["TokenPermission"]["Properties"];
        assert_eq!(permission["SourceArn"]["Fn::GetAtt"][0], "UserPool", "no other pool calls it");
        assert_eq!(permission["SourceAccount"]["Ref"], "AWS::AccountId");
    }
    let shared = template(&made, Engine::CloudFormation, "users-basic");
    let policy = shared["Resources"]["TokenRolePolicy"].to_string();
    assert!(policy.contains("/client/*\"") && !policy.contains("\"*\""), "{policy}");
}

/// What the session may do is what the application itself may do for the tenant.
#[test]
fn a_session_reaches_what_the_application_does_for_the_tenant() {
    let names = |statement: &Value| {
        let mut statement = statement.clone();
        let resources = statement["Resource"].as_array_mut().map(|all| all.len());
        statement["Resource"] = resources.into();
        statement
    };
    let made = made(&blueprint());
    let cell = template(&made, Engine::CloudFormation, "cell-basic");
    let of = |template: &Value, id: &str| {
        template["Resources"][id]["Properties"]["PolicyDocument"]["Statement"].clone()
    };
    let app = of(&cell, "DataRolePolicy");
    for shape in ["identity-basic", "identity-basic.saml"] {
        let own = template(&made, Engine::CloudFormation, shape);
        let user = of(&own, "UserRolePolicy");
        assert_eq!(user.as_array().expect("statements").len(), 1);
        assert_eq!(names(&user[0]), names(&app[0]), "{shape}");
        let table = user[0]["Resource"][0].to_string();
        assert!(table.contains("\"Pool\"") && table.contains("-orders"), "{table}");
    }
}

#[test]
fn a_token_becomes_the_tag_that_policies_ask_for() {
    let made = made(&blueprint());
    let cell = template(&made, Engine::CloudFormation, "cell-basic").to_string();
    for (shape, tag) in all(&made, "AWS::Cognito::IdentityPoolPrincipalTag") {
        let tags = tag["PrincipalTags"].as_object().expect("tags");
        assert_eq!(tags.iter().collect::<Vec<_>>(), [(&"TenantId".to_owned(), &"tenant".into())]);
        assert!(cell.contains("${aws:PrincipalTag/TenantId}"), "policies ask for it");
        assert_eq!(tag["UseDefaults"], false, "{shape}");
        let own = template(&made, Engine::CloudFormation, &shape);
        let trust = &own["Resources"]["UserRole"]["Properties"]["AssumeRolePolicyDocument"];
        let [statement] = trust["Statement"].as_array().expect("a list").as_slice() else {
            panic!("{shape}: one way in")
        };
        let condition = &statement["Condition"];
        let equal = &condition["StringEquals"];
        assert_eq!(equal["cognito-identity.amazonaws.com:aud"]["Ref"], "IdentityPool", "{shape}");
        assert_eq!(equal["aws:RequestTag/TenantId"]["Ref"], "Tenant", "{shape}: no other tenant");
        let amr = &condition["ForAnyValue:StringLike"]["cognito-identity.amazonaws.com:amr"];
        assert_eq!(amr, "authenticated", "{shape}");
        assert_eq!(condition["ForAllValues:StringEquals"]["aws:TagKeys"][0], "TenantId");
    }
    for (shape, pool) in all(&made, "AWS::Cognito::IdentityPool") {
        assert_eq!(pool["AllowUnauthenticatedIdentities"], false, "{shape}");
        assert_eq!(pool["AllowClassicFlow"], false, "{shape}");
        let users = &pool["CognitoIdentityProviders"][0];
        assert_eq!(users["ServerSideTokenCheck"], true, "{shape}");
        assert_eq!(users["ClientId"]["Ref"], "Client", "{shape}: tokens of its own application");
    }
}

#[test]
fn pools_of_users_are_closed_and_kept() {
    let made = made(&blueprint());
    for (shape, pool) in all(&made, "AWS::Cognito::UserPool") {
        assert_eq!(pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], true, "{shape}");
        assert_eq!(pool["DeletionProtection"], "ACTIVE", "{shape}");
        let wanted = if shape.starts_with("identity-silo") { "OPTIONAL" } else { "ON" };
        assert_eq!(pool["MfaConfiguration"], wanted, "{shape}");
        let own = template(&made, Engine::CloudFormation, &shape);
        assert_eq!(own["Resources"]["UserPool"]["DeletionPolicy"], "Retain", "{shape}");
        let module = template(&made, Engine::Terraform, &shape);
        let pool = &module["resource"]["aws_cognito_user_pool"]["user_pool"];
        assert_eq!(pool["lifecycle"][0]["prevent_destroy"], true, "{shape}");
    }
    for (shape, client) in all(&made, "AWS::Cognito::UserPoolClient") {
        // There is no page without an address to come back to.
        if client["AllowedOAuthFlowsUserPoolClient"] == true {
            assert_eq!(client["AllowedOAuthFlows"], serde_json::json!(["code"]), "{shape}");
        } else {
            assert!(client.get("AllowedOAuthFlows").is_none(), "{shape}");
        }
        assert_eq!(client["PreventUserExistenceErrors"], "ENABLED", "{shape}");
        assert_eq!(client["EnableTokenRevocation"], true, "{shape}");
        assert_eq!(client["GenerateSecret"], false, "{shape}");
        let scopes = client["AllowedOAuthScopes"].to_string();
        assert!(!scopes.contains("signin.user.admin"), "{shape}: {scopes}");
    }
}

/// Not in a template, not in a module, and so not in a state: only its name.
#[test]
fn no_secret_is_in_any_file() {
    let text = "saml: { metadata_url: \"https://login.initech.example/saml/metadata\" }";
    let oidc = "oidc: { issuer: \"https://login.initech.example\", client_id: door, secret_name: door/initech }";
    let made = with(text, oidc);
    let own = template(&made, Engine::CloudFormation, "identity-basic.oidc");
    let secret = &own["Resources"]["Idp"]["Properties"]["ProviderDetails"]["client_secret"];
    let parts = &secret["Fn::Join"][1];
    assert_eq!(parts[0], "{{resolve:secretsmanager:");
    assert_eq!(parts[1]["Ref"], "SecretName");
    let module = template(&made, Engine::Terraform, "identity-basic.oidc");
    let resources = &module["resource"];
    assert!(resources.get("aws_cognito_identity_provider").is_none(), "its state would hold it");
    assert!(module["data"].get("aws_secretsmanager_secret_version").is_none());
    let body = resources["aws_cloudformation_stack"]["idp"]["template_body"].as_str();
    let body: Value = serde_json::from_str(body.expect("a template")).expect("JSON");
    let carried = &body["Resources"]["Provider"];
    assert_eq!(carried["Type"], "AWS::Cognito::UserPoolIdentityProvider");
    let secret = &carried["Properties"]["ProviderDetails"]["client_secret"];
    assert_eq!(secret, "{{resolve:secretsmanager:${var.secret_name}}}");
    let client = &resources["aws_cognito_user_pool_client"]["client"];
    assert_eq!(client["depends_on"][0], "aws_cloudformation_stack.idp");
}

/// What is written for each stack, but for the manifest and scripts, which list them.
fn files(made: &Made) -> BTreeMap<String, String> {
    let rendered = made.render();
    let stacks = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
    let mut out: BTreeMap<String, String> = stacks.map(|f| (f.path, f.text)).collect();
    for shape in made.estate.templates.keys() {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("rendered");
        out.insert(shape.clone(), text.to_owned());
    }
    out
}

#[test]
fn a_new_tenant_touches_nobody() {
    let before = files(&made(&blueprint()));
    let more = "  - { id: aaa, tier: basic }\n  - { id: bbb, tier: basic, federation: { saml: { metadata_url: \"https://b.example/m\" } } }\n";
    let after = files(&made(&(blueprint() + more)));
    assert!(before.iter().all(|(path, text)| after.get(path) == Some(text)));
    let new: Vec<&String> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert!(!new.is_empty() && new.iter().all(|path| path.contains("aaa") || path.contains("bbb")));
}

#[test]
fn an_empty_block_has_users_and_no_page() {
    let text = blueprint();
    let (head, tail) = text.split_once("  identity:\n").expect("the block");
    let tail = tail.split_once("\ntiers:").expect("tiers").1;
    let text = format!("{head}  identity: {{}}\ntiers:{tail}");
    let (text, _) = text.split_once("  - { id: initech").expect("who signs in elsewhere");
    let made = made(text);
    let client = template(&made, Engine::CloudFormation, "identity-basic");
    let client = &client["Resources"]["Client"]["Properties"];
    assert_eq!(client["AllowedOAuthFlowsUserPoolClient"], false);
    // No flow in which a password is sent.
    let flows = serde_json::json!(["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]);
    assert_eq!(client["ExplicitAuthFlows"], flows);
    let users = template(&made, Engine::CloudFormation, "users-basic");
    assert!(users["Resources"].get("SignInDomain").is_none());
}

#[test]
fn each_tenant_can_have_its_own_users() {
    let made = with("  identity:\n    callbacks", "  identity:\n    users: tenant\n    callbacks");
    assert!(!made.estate.templates.contains_key("users-basic"));
    let own = template(&made, Engine::CloudFormation, "identity-basic.own");
    assert!(own["Resources"].get("UserPool").is_some());
    let without = with("    callbacks", "    credentials: false\n    callbacks");
    let shared = template(&without, Engine::CloudFormation, "identity-basic");
    assert!(shared["Resources"].get("IdentityPool").is_none());
    assert!(shared["Resources"].get("UserRole").is_none());
}

/// A domain below Cognito's own belongs to whoever asks first, all over the region.
#[test]
fn domains_are_legal_and_nobody_elses() {
    let long = "x".repeat(63);
    // What a tier says stands in place of what the estate says, and this one has no page.
    let text = blueprint().replace("    components: { identity: { mfa: optional } }\n", "");
    let more = format!(
        "  - {{ id: drawsome, tier: silo }}\n  - {{ id: {long}, tier: silo }}\n  - {{ id: {long}, tier: silo }}\n"
    )
    .replacen(&format!("id: {long}"), &format!("id: {}y", "x".repeat(62)), 1);
    let estate = made(&(text.clone() + &more));
    let elsewhere = made(&(text + &more).replace("333333333333", "555555555555"));
    let domains = |made: &Made| {
        let mut out = BTreeMap::new();
        for stack in &made.estate.stacks {
            let template = &made.estate.templates[&stack.shape];
            let at = template.params.iter().position(|p| p.name == "Domain");
            out.extend(at.map(|at| (stack.key.clone(), stack.values[at].clone())));
        }
        out
    };
    let (here, there) = (domains(&estate), domains(&elsewhere));
    assert_eq!(here.len(), 6);
    for (key, domain) in &here {
        assert!(domain.len() <= 63 && !domain.ends_with('-'), "{key}: {domain}");
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(domain.chars().all(sound), "{key}: {domain}");
        for word in ["aws", "amazon", "cognito"] {
            assert!(!domain.contains(word), "{key}: {domain}");
        }
        assert_eq!(here.values().filter(|other| *other == domain).count(), 1, "{domain}");
        assert_ne!(&there[key], domain, "another account has another one");
    }
}

/// With a domain of one's own, in the account of the pools.
#[test]
fn a_domain_of_ones_own_has_its_certificate() {
    let arn = "arn:aws:acm:us-east-1:333333333333:certificate/0aa1b2c3-0000-1111-2222-333344445555";
    let domain =
        format!("    domain: {{ suffix: auth.example.com, certificate: \"{arn}\" }}\n    logouts");
    let made = with("    logouts", &domain);
    for (shape, domain) in all(&made, "AWS::Cognito::UserPoolDomain") {
        if !shape.starts_with("identity-silo") {
            let certificate = &domain["CustomDomainConfig"]["CertificateArn"];
            assert_eq!(certificate["Ref"], "SignInCertificateArn", "{shape}");
        }
    }
    let stack = made.estate.stacks.iter().find(|s| s.key == "identity-initech").expect("a stack");
    for value in [arn, "initech.auth.example.com"] {
        assert!(stack.values.iter().any(|one| one == value), "{:?}", stack.values);
    }
}

/// An account of a tenant has users of its own, and whoever deploys there may make them.
#[test]
fn accounts_of_tenants_have_users_too() {
    let folder = root().join("blueprints");
    let name = "account-peering.yaml";
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = text.replacen("\ntiers:\n", "\ncomponents: { identity: {} }\ntiers:\n", 1);
    let lock = std::fs::read_to_string(folder.join("account-peering.lock.json")).ok();
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    let made = outcome.made.expect("it is sound");
    let accounts = made.estate.stacks.iter().filter(|s| s.key.starts_with("identity-"));
    for stack in accounts {
        let main = made.estate.stacks.iter().find(|s| Some(&s.key) == stack.depends_on.first());
        assert_eq!(stack.account, main.expect("its own stack").account, "{}", stack.key);
    }
    assert!(
        template(&made, Engine::CloudFormation, "organization")
            .to_string()
            .contains("cognito-idp:*")
    );
}

/// A pool takes no more tenants than its pool of users has applications for.
#[test]
fn a_pool_is_bounded_by_its_users() {
    let more = "  - { id: aaa, tier: basic }\n";
    let quota = "quotas: { cognito.app-clients-per-user-pool: 2 }\ntiers:\n";
    let text = (blueprint() + more).replacen("tiers:\n", quota, 1);
    assert_eq!(made(&text).plan.cells.len(), 2);
    assert_eq!(made(&(blueprint() + more)).plan.cells.len(), 1);
}

#[test]
fn the_function_is_tested() {
    let test = root().join("tests/python/test_tenant.py");
    let Some(done) = python(&[test.to_str().expect("a path")]) else { return };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(include_str!("../../src/component/identity/tenant.py").len() < 4096);
}

/// In every blueprint: no access keys, no users of IAM, and what runs code has a role.
#[test]
fn what_runs_has_a_role_and_no_key() {
    let mut seen = 0;
    for name in crate::support::blueprints() {
        let made = crate::support::synth_blueprint(&name, options()).made.expect("it is sound");
        for shape in made.estate.templates.keys() {
            let template = template(&made, Engine::CloudFormation, shape);
            for (id, resource) in template["Resources"].as_object().expect("resources") {
                let kind = resource["Type"].as_str().expect("a type");
                let properties = &resource["Properties"];
                assert!(!["AWS::IAM::AccessKey", "AWS::IAM::User"].contains(&kind), "{name} {id}");
                let role = match kind {
                    "AWS::Lambda::Function" => &properties["Role"],
                    "AWS::ECS::TaskDefinition" => &properties["TaskRoleArn"],
                    "AWS::EC2::LaunchTemplate" => {
                        &properties["LaunchTemplateData"]["IamInstanceProfile"]
                    }
                    _ => continue,
                };
                assert!(!role.is_null(), "{name} {shape} {id} has no role");
                seen += 1;
            }
        }
    }
    assert!(seen > 9, "there is something that runs");
}

/// Cognito is given the roles of users, so whoever deploys must be allowed to pass them on to it.
#[test]
fn a_pipeline_may_deploy_it() {
    let made = with("components:\n", "components:\n  delivery: {}\n");
    let deploys = template(&made, Engine::CloudFormation, "delivery").to_string();
    assert!(deploys.contains("cognito-identity.amazonaws.com"), "{deploys}");
}
