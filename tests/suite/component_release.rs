//! What the component delivery promises of what runs: a new version that fails goes back, nobody who
//! brings one reaches another pool, and an instance starts from an image that was tested.

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

const POOL: &str = "isolation: application\n    network: { cell_prefix: 22 }\n    \
    data: { engine: dynamodb, partition: item, tables: { orders: {} } }\n    \
    throttle: { rate: 50, burst: 100 }\n    pool: { tenants: 50 }";

const APP: &str = "app: { instances: { types: [t4g.small], min: 2, max: 4 }, \
    user_data: \"#!/bin/bash\\necho {{cell}}\" }";

const OWN: &str = "app: { instances: { types: [t4g.small], min: 2, max: 4, \
    image_parameter: /images/own } }";

const TASKS: &str = "service: { image: \"example.com/app:1\", port: 8080, cpu: 256, memory: 512, \
    health_check: /, scale: { min: 1, max: 2 } }";

/// An estate with a pool of what runs, in an environment.
fn made_in(environment: &str, runs: &str, delivery: &str, tenants: &str) -> Made {
    let text = format!(
        "version: 1\nquotas: {{ ec2.elastic-ips-per-region: 50, vpc.vpcs-per-region: 50, vpc.internet-gateways-per-region: 50, vpc.nat-gateways-per-az: 50 }}\nname: acme\nenvironment: {environment}\nregions: [eu-west-1, us-east-1]\n\
         accounts: {{ workload: \"333333333333\" }}\nnetwork: {{ pools: [{{ cidr: 10.0.0.0/8 }}] }}\n\
         components: {{ {delivery} }}\ntiers:\n  gold:\n    {POOL}\n    {runs}\n\
         tenants: [{tenants}]\n"
    );
    let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

fn made(runs: &str, delivery: &str) -> Made {
    made_in("prod", runs, delivery, "{ id: a, tier: gold }")
}

fn template(made: &Made, engine: Engine, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(engine, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

fn shape(made: &Made, prefix: &str) -> String {
    let mut shapes = made.estate.templates.keys();
    shapes.find(|shape| shape.starts_with(prefix)).expect("it is there").clone()
}

fn cloudformation(made: &Made, prefix: &str) -> Value {
    template(made, Engine::CloudFormation, &shape(made, prefix))["Resources"].clone()
}

fn statements(resources: &Value, id: &str) -> Vec<Value> {
    let statements = &resources[id]["Properties"]["PolicyDocument"]["Statement"];
    statements.as_array().expect("statements").clone()
}

const RELEASES: &str = "delivery: { applications: {} }";
const IMAGES: &str = "delivery: { images: { packages: [nginx], tests: [\"nginx -t\"] } }";

/// A pipeline by itself changes nothing of what runs.
#[test]
fn a_pipeline_alone_touches_no_instance() {
    let (without, with) = (made(APP, ""), made(APP, "delivery: {}"));
    assert_eq!(cloudformation(&without, "cell-gold"), cloudformation(&with, "cell-gold"));
}

#[test]
fn a_version_that_fails_goes_back() {
    let made = made(APP, RELEASES);
    let resources = cloudformation(&made, "release-gold");
    let group = &resources["ApplicationGroup"]["Properties"];
    assert_eq!(group["DeploymentConfigName"], "CodeDeployDefault.OneAtATime");
    assert_eq!(group["DeploymentStyle"]["DeploymentOption"], "WITH_TRAFFIC_CONTROL");
    let back = group["AutoRollbackConfiguration"].to_string();
    assert!(back.contains("DEPLOYMENT_FAILURE") && back.contains("DEPLOYMENT_STOP_ON_ALARM"));
    assert_eq!(group["AlarmConfiguration"]["Alarms"][0]["Name"]["Ref"], "ReleaseAlarm");
    let terraform = template(&made, Engine::Terraform, &shape(&made, "release-gold"));
    let group = &terraform["resource"]["aws_codedeploy_deployment_group"]["application_group"];
    let alarm = "${aws_cloudwatch_metric_alarm.release_alarm.id}";
    assert_eq!(group["alarm_configuration"][0]["alarms"][0], alarm);
    assert_eq!(group["auto_rollback_configuration"][0]["enabled"], true);
}

/// What the alarm watches is the interface that the pool really has.
#[test]
fn the_alarm_watches_the_interface_of_the_pool() {
    let made = made(APP, RELEASES);
    let named = cloudformation(&made, "cell-gold")["Api"]["Properties"]["Name"].to_string();
    assert_eq!(named, r#"{"Fn::Join":["",[{"Ref":"Name"},"-api"]]}"#);
    let alarm = cloudformation(&made, "release-gold")["ReleaseAlarm"]["Properties"].to_string();
    assert!(alarm.contains(r#"{"Fn::Join":["",[{"Ref":"Pool"},"-api"]]}"#), "{alarm}");
    let stack = |prefix: &str| {
        let stacks = &made.estate.stacks;
        stacks.iter().find(|stack| stack.key.starts_with(prefix)).expect("it is there")
    };
    let at = made.estate.templates["release-gold"].param_index("Pool").expect("a parameter");
    assert_eq!(stack("release-gold").values[at], stack("cell-gold").name);
}

/// With monitoring, somebody is told that a version went back.
#[test]
fn somebody_is_told_that_a_version_failed() {
    let made = made(APP, "monitoring: {}, delivery: { applications: {} }");
    let alarm = &cloudformation(&made, "release-gold")["ReleaseAlarm"]["Properties"];
    assert_eq!(alarm["AlarmActions"].as_array().map(Vec::len), Some(1), "{alarm}");
    let stack = made.estate.stacks.iter().find(|stack| stack.shape == "release-gold");
    assert_eq!(stack.and_then(|stack| stack.tier.as_deref()), Some("gold"), "it is in its ring");
}

/// Whoever brings versions changes the instances of one pool only, and may look at the rest.
#[test]
fn who_brings_versions_changes_one_pool() {
    let resources = cloudformation(&made(APP, RELEASES), "release-gold");
    let trust = resources["ReleaseRole"]["Properties"]["AssumeRolePolicyDocument"].to_string();
    assert!(trust.contains("codedeploy.amazonaws.com") && trust.contains("aws:SourceAccount"));
    for statement in statements(&resources, "ReleaseRolePolicy") {
        let actions = statement["Action"].to_string();
        let all = statement["Resource"] == serde_json::json!(["*"]);
        let looks = |action: &str| action.contains(":Describe") || action.contains(":GetResources");
        let only_looks = actions.split(',').all(looks);
        assert_eq!(all, only_looks, "{statement}");
        let named = statement["Resource"].to_string();
        assert!(all || named.contains("GroupName"), "{named}");
    }
}

#[test]
fn instances_fetch_versions_of_their_tier_only() {
    let resources = cloudformation(&made(APP, RELEASES), "cell-gold");
    let [read] = statements(&resources, "FetchVersionsPolicy").try_into().expect("one statement");
    assert_eq!(read["Action"].to_string(), r#"["s3:GetObject","s3:GetObjectVersion"]"#);
    assert!(read["Resource"].to_string().contains(r#""/gold/*""#), "{read}");
}

/// The agent comes before what the blueprint says, and takes nothing away from it.
#[test]
fn instances_do_both_when_they_start() {
    let data = |delivery: &str| {
        let resources = cloudformation(&made(APP, delivery), "cell-gold");
        resources["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"].to_string()
    };
    assert!(data("").starts_with(r##"{"Fn::Base64":{"Fn::Join":["",["#!/bin/bash\necho "##));
    let both = data(RELEASES);
    let agent = both.find("/latest/install").expect("the agent");
    assert!(agent < both.find(r"#!/bin/bash\necho ").expect("what the blueprint says"));
    assert!(both.contains(r#"{"Ref":"Cell"}"#) && both.contains("multipart/mixed"));
}

#[test]
fn tasks_go_back_by_the_alarm_too() {
    let made = made(TASKS, RELEASES);
    let resources = cloudformation(&made, "cell-gold");
    let how = &resources["AppService"]["Properties"]["DeploymentConfiguration"];
    assert_eq!(how["DeploymentCircuitBreaker"]["Rollback"], true);
    assert_eq!(how["Alarms"]["AlarmNames"][0]["Ref"], "ReleaseAlarm");
    assert_eq!(how["Alarms"]["Rollback"], true);
    let terraform = template(&made, Engine::Terraform, &shape(&made, "cell-gold"));
    let service = &terraform["resource"]["aws_ecs_service"]["app_service"];
    assert_eq!(service["alarms"][0]["rollback"], true);
    assert!(!made.estate.templates.keys().any(|shape| shape.starts_with("release-")));
}

/// The image that is handed out in every region is the one that instances start from, and it is
/// there before them.
#[test]
fn instances_start_from_the_image_that_was_built() {
    let made = made(APP, IMAGES);
    let pool = cloudformation(&made, "cell-gold");
    let image = &pool["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["ImageId"];
    assert_eq!(image, "resolve:ssm:/imagebuilder/acme/prod/app");
    let images = cloudformation(&made, "images");
    let out = images["AppDistribution"]["Properties"]["Distributions"].as_array().expect("some");
    let regions: Vec<&str> = out.iter().filter_map(|one| one["Region"].as_str()).collect();
    assert_eq!(regions, ["eu-west-1", "us-east-1"]);
    for one in out {
        let parameter = &one["SsmParameterConfigurations"][0]["ParameterName"];
        assert_eq!(parameter, "/imagebuilder/acme/prod/app");
    }
    assert_eq!(images["AppImage"]["Type"], "AWS::ImageBuilder::Image");
    let cell = made.estate.stacks.iter().find(|stack| stack.key.starts_with("cell-"));
    assert!(cell.expect("a pool").depends_on.contains(&"images-eu-west-1".to_owned()));
}

#[test]
fn images_are_encrypted_and_tested() {
    let images = cloudformation(&made(APP, IMAGES), "images");
    let root = &images["AppRecipe"]["Properties"]["BlockDeviceMappings"][0]["Ebs"];
    assert_eq!(root["Encrypted"], true);
    let steps = images["AppComponent"]["Properties"]["Data"].as_str().expect("steps");
    let steps: Value = serde_json::from_str(steps).expect("JSON");
    let phases: Vec<&str> = steps["phases"]
        .as_array()
        .expect("phases")
        .iter()
        .filter_map(|phase| phase["name"].as_str())
        .collect();
    assert_eq!(phases, ["build", "validate", "test"]);
    assert_eq!(
        images["Infrastructure"]["Properties"]["InstanceMetadataOptions"]["HttpTokens"],
        "required"
    );
    for building in ["AppImage", "AppPipeline"] {
        let tests = &images[building]["Properties"]["ImageTestsConfiguration"];
        assert_eq!(tests["ImageTestsEnabled"], true);
    }
}

/// Parts of an image cannot be changed, so another content has another name, and the same the same.
#[test]
fn what_is_baked_names_the_recipe() {
    let name = |delivery: &str| {
        let images = cloudformation(&made(APP, delivery), "images");
        images["AppRecipe"]["Properties"]["Name"].to_string()
    };
    assert_eq!(name(IMAGES), name(IMAGES));
    assert_ne!(name(IMAGES), name("delivery: { images: {} }"));
    assert_ne!(
        name("delivery: { images: {}, applications: {} }"),
        name("delivery: { images: {} }")
    );
}

/// Whoever names an image keeps it.
#[test]
fn an_image_of_ones_own_stays() {
    let runs = format!("{OWN}\n  free:\n    {POOL}\n    {APP}");
    let tenants = "{ id: a, tier: gold }, { id: b, tier: free }";
    let made = made_in("prod", &runs, "delivery: { images: {} }", tenants);
    for (pool, parameter) in [("gold", "/images/own"), ("free", "/imagebuilder/acme/prod/app")] {
        let pool = cloudformation(&made, &format!("cell-{pool}"));
        let image = &pool["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["ImageId"];
        assert_eq!(*image, format!("resolve:ssm:{parameter}"));
    }
}

/// An environment is a blueprint: the same names, other values, and nobody reads those of another.
#[test]
fn each_environment_reads_its_own_settings() {
    let block = |level: &str| format!("delivery: {{ parameters: {{ LEVEL: {level} }} }}");
    for (environment, level) in [("test", "debug"), ("prod", "error")] {
        let tenants = "{ id: a, tier: gold }";
        let made = made_in(environment, APP, &block(level), tenants);
        let settings = cloudformation(&made, "settings").to_string();
        let path = format!("/acme/{environment}/settings/LEVEL");
        assert!(settings.contains(&format!(r#""Name":"{path}""#)), "{settings}");
        assert!(settings.contains(&format!(r#""Value":"{level}""#)), "{settings}");
        let pool = cloudformation(&made, "cell-gold");
        let [read] = statements(&pool, "SettingsPolicy").try_into().expect("one statement");
        let below = format!(":parameter/acme/{environment}/settings/*");
        assert!(read["Resource"].to_string().contains(&below), "{read}");
        assert!(!read["Action"].to_string().contains("Put"), "{read}");
    }
}

/// A new tenant changes no template.
#[test]
fn a_new_tenant_touches_nothing_of_it() {
    let block = "delivery: { applications: {}, images: {}, parameters: { A: b } }";
    let one = made_in("prod", APP, block, "{ id: a, tier: gold }");
    let two = made_in("prod", APP, block, "{ id: a, tier: gold }, { id: b, tier: gold }");
    for shape in one.estate.templates.keys() {
        for engine in [Engine::CloudFormation, Engine::Terraform] {
            assert_eq!(template(&one, engine, shape), template(&two, engine, shape), "{shape}");
        }
    }
}
