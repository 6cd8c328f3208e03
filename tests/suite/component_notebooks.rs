//! What notebooks of the component analytics promise: they have no way out, nobody has another person's,
//! and whoever acts for a tenant does so under his own name.

use serde_json::Value;

use crate::component_analytics::{ALL, made, module, template};
use crate::policy::{Context, allowed, flat, list, statements};

/// Notebooks have no way out, and what they keep is encrypted with a key that nobody has in hand; with
/// both engines.
#[test]
fn notebooks_reach_the_lake_and_nothing_else() {
    let made = made(ALL, "");
    let template = template(&made);
    let resources = template["Resources"].as_object().expect("resources");
    let domain = &resources["Notebooks"]["Properties"];
    assert_eq!(domain["AppNetworkAccessType"], "VpcOnly");
    assert_eq!(domain["AuthMode"], "IAM");
    assert_eq!(domain["KmsKeyId"]["Ref"], "NotebookKey");
    assert_eq!(domain["VpcId"]["Ref"], "NotebookVpc");
    assert_eq!(domain["SubnetIds"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        domain["DefaultUserSettings"]["SharingSettings"]["NotebookOutputOption"],
        "Disabled"
    );
    let module = module(&made);
    let theirs = &module["resource"]["aws_sagemaker_domain"]["notebooks"];
    assert_eq!(theirs["app_network_access_type"], "VpcOnly");
    assert_eq!(theirs["auth_mode"], "IAM");
    assert_eq!(theirs["kms_key_id"], "${aws_kms_key.notebook_key.id}");
    let settings = &theirs["default_user_settings"][0];
    assert_eq!(settings["sharing_settings"][0]["notebook_output_option"], "Disabled");
    assert_eq!(settings["execution_role"], "${aws_iam_role.notebook_role.arn}");
    // No route leaves the network: there is no gateway, no peering and no route but that to S3.
    let of = |kind: &str| -> Vec<&Value> {
        resources.values().filter(|it| it["Type"] == kind).collect()
    };
    for kind in ["InternetGateway", "NatGateway", "VPCPeeringConnection", "Route"] {
        assert_eq!(of(&format!("AWS::EC2::{kind}")).len(), 0, "{kind}");
    }
    let mut doors = 0;
    for endpoint in of("AWS::EC2::VPCEndpoint") {
        let properties = &endpoint["Properties"];
        if properties["VpcId"]["Ref"] != "NotebookVpc" {
            continue;
        }
        doors += 1;
        let all = properties["PolicyDocument"]["Statement"].as_array().expect("statements");
        for statement in all {
            let bound = &statement["Condition"]["StringEquals"]["aws:PrincipalAccount"];
            assert_eq!(bound["Ref"], "AWS::AccountId", "{statement}");
            if properties["VpcEndpointType"] == "Gateway" {
                let resources = list(&statement["Resource"]);
                let ours = |one: &String| {
                    one.starts_with("<Lake.Arn>") || one.starts_with("<Results.Arn>")
                };
                assert!(resources.iter().all(ours), "{resources:?}");
                let writes = list(&statement["Action"]).iter().any(|a| a.contains("Put"));
                assert!(!writes || resources == ["<Results.Arn>/tenant=*"], "{resources:?}");
            }
        }
    }
    assert_eq!(doors, 6, "S3, and what notebooks are made of");
    for vpc in ["Vpc", "NotebookVpc"] {
        let log = &resources[&format!("{vpc}FlowLog")]["Properties"];
        assert_eq!((&log["ResourceId"]["Ref"], &log["TrafficType"]), (&vpc.into(), &"ALL".into()));
    }
    // The group that AWS made in each VPC is told, so that the deployment takes its rules away.
    let told: Vec<String> = template["Outputs"]
        .as_object()
        .expect("outputs")
        .values()
        .map(|it| flat(&it["Value"]))
        .collect();
    for vpc in ["Vpc", "NotebookVpc"] {
        assert!(told.contains(&format!("<{vpc}.DefaultSecurityGroup>")), "{vpc}: {told:?}");
    }
    let key = &resources["NotebookKey"];
    assert_eq!(key["DeletionPolicy"], "Retain");
    for statement in key["Properties"]["KeyPolicy"]["Statement"].as_array().expect("statements") {
        let actions = list(&statement["Action"]);
        let uses = |a: &String| {
            ["Decrypt", "Encrypt", "Generate", "CreateGrant"].iter().any(|u| a.contains(u))
        };
        assert!(!actions.iter().any(uses) || statement["Condition"].is_object(), "{statement}");
        assert!(!actions.contains(&"kms:*".to_owned()));
    }
}

/// Who is in a notebook opens and closes what is his and nothing of another person, and his name goes
/// with him when he acts for a tenant.
#[test]
fn a_person_has_his_own_notebooks_only() {
    let template = template(&made(ALL, ""));
    let own = statements(&template, "NotebookRole");
    let at = |rest: &str| {
        format!("arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:{rest}")
    };
    let (ada, bob) = (at("user-profile/<Notebooks>/ada"), at("user-profile/<Notebooks>/bob"));
    let may = |action: &str, resource: &str, owner: &str, sharing: &str| {
        let context = Context::from([
            ("sagemaker:UserProfileName", "ada"),
            ("sagemaker:OwnerUserProfileArn", owner),
            ("sagemaker:SpaceSharingType", sharing),
        ]);
        allowed(&own, action, resource, &context)
    };
    let (space, app) = (at("space/<Notebooks>/x"), at("app/<Notebooks>/x/JupyterLab/default"));
    for (action, resource) in [
        ("sagemaker:CreateSpace", &space),
        ("sagemaker:DeleteSpace", &space),
        ("sagemaker:CreateApp", &app),
        ("sagemaker:DeleteApp", &app),
    ] {
        assert!(may(action, resource, &ada, "Private"), "{action}");
        assert!(!may(action, resource, &bob, "Private"), "{action} of another person");
        assert!(!may(action, resource, &ada, "Shared"), "{action} of what is shared");
        let elsewhere = resource.replace("<Notebooks>", "d-other");
        assert!(!may(action, &elsewhere, &ada, "Private"), "{action} in another domain");
    }
    assert!(may("sagemaker:CreatePresignedDomainUrl", &ada, "", ""));
    assert!(!may("sagemaker:CreatePresignedDomainUrl", &bob, "", ""));
    for action in ["sagemaker:CreateTrainingJob", "sagemaker:UpdateDomain", "iam:PassRole"] {
        assert!(!own.iter().any(|it| list(&it["Action"]).iter().any(|a| a == action)), "{action}");
    }
    let resources = &template["Resources"];
    let identity = &resources["Notebooks"]["Properties"]["DomainSettings"];
    assert_eq!(identity["ExecutionRoleIdentityConfig"], "USER_PROFILE_NAME");
    for role in ["NotebookRole", "TenantRole"] {
        let trust = &resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
        assert!(list(&trust["Action"]).contains(&"sts:SetSourceIdentity".to_owned()), "{role}");
    }
    assert_eq!(resources["AdaNotebooks"]["Properties"]["UserProfileName"], "ada");
}
