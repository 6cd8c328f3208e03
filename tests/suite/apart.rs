//! Accounts of tenants and a hub in an account of its own: who reads what where, by which role, and
//! what waits. `deploy.sh` runs with a stand-in for `aws` that writes down what it was asked.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tenantry::engine::{Engine, Options};
use tenantry::name::snake;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text, told};

const HUB: &str = "222222222222";
const WORKLOAD: &str = "333333333333";
const GLOBEX: &str = "555555555555";

/// Two accounts of tenants, a VPC and a cell; AWS has made the account of globex, not of initech.
fn made(connect: &str, shared: &str, inline: bool) -> Made {
    let text = format!(
        "version: 1\nname: acme\nenvironment: prod\nregions: [eu-west-1]\n\
         accounts: {{ management: '111111111111', shared: '{shared}', workload: '{WORKLOAD}' }}\n\
         organization: {{ id: o-exampleorgid, root: r-ab12 }}\n\
         network: {{ pools: [{{ cidr: 10.0.0.0/8 }}], zones: 2, hub: {{ connect: {connect} }} }}\n\
         tiers:\n\
         \x20 gold: {{ isolation: account, network: {{ prefix: 21 }}, account: {{ budget: {{ monthly: 9, notify: [a@a.example] }} }} }}\n\
         \x20 business: {{ isolation: vpc, network: {{ prefix: 21 }} }}\n\
         \x20 team: {{ isolation: subnet, network: {{ prefix: 25, cell_prefix: 20 }} }}\n\
         tenants:\n\
         \x20 - {{ id: globex, tier: gold, email: aws+globex@acme.example }}\n\
         \x20 - {{ id: hooli, tier: business }}\n\
         \x20 - {{ id: initech, tier: gold, email: aws+initech@acme.example }}\n\
         \x20 - {{ id: soylent, tier: team }}\n"
    );
    let run = |lock: Option<&str>| {
        let options = Options { inline, ..options() };
        let outcome = synth_text("a.yaml", text.as_bytes(), lock, ".".as_ref(), options);
        outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
    };
    let first = run(None).lock;
    let line = first.lines().find(|line| line.starts_with("\"globex\"")).expect("it is there");
    let known = first.replace(line, &line.replace("000000000000", GLOBEX));
    assert_ne!(known, first, "the account was not known");
    run(Some(&known))
}

fn manifest(made: &Made) -> Value {
    let shared = made.render().shared();
    let manifest = shared.iter().find(|file| file.path == "manifest.json").expect("one");
    serde_json::from_str(&manifest.text).expect("JSON")
}

fn lines(made: &Made) -> Vec<Value> {
    manifest(made)["stacks"].as_array().expect("stacks").clone()
}

fn line(made: &Made, key: &str) -> Value {
    lines(made).into_iter().find(|line| line["key"] == key).expect(key)
}

/// The file of a stack below a folder of an engine.
fn file(made: &Made, key: &str, folder: &str) -> Value {
    let stack = made.estate.stacks.iter().find(|stack| stack.key == key).expect(key);
    let files = made.render().stack(stack);
    let file = files.iter().find(|file| file.path.starts_with(folder)).expect(folder);
    serde_json::from_str(&file.text).expect("JSON")
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it was rendered");
    serde_json::from_str(text).expect("JSON")
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

const CONNECTS: [(&str, &[&str]); 2] =
    [("transit-gateway", &["TransitGatewayId"]), ("peering", &["HubVpcId", "PeeringRoleArn"])];

/// What the hub's account tells is a plain parameter, in no file, and read by a role there.
#[test]
fn values_of_the_hub_are_read_in_its_account() {
    for (connect, foreign) in CONNECTS {
        let made = made(connect, HUB, false);
        let line = line(&made, "tenant-globex");
        let wanted: BTreeSet<String> = foreign.iter().map(ToString::to_string).collect();
        assert_eq!(keys(&line["foreign"]), wanted, "{connect}");
        assert_eq!(line["foreign_account"], HUB);
        assert_eq!(line["foreign_role"], "OrganizationAccountAccessRole");
        assert_eq!(line.get("foreign_external_id"), None);
        assert_eq!(
            (&line["account"], &line["role"]),
            (&json!(GLOBEX), &json!("acme-prod-deployer"))
        );
        assert_eq!(line["external_id"], format!("acme-prod-{GLOBEX}"));

        let parameters = &template(&made, line["shape"].as_str().expect("a shape"))["Parameters"];
        let given = file(&made, "tenant-globex", "cloudformation/").to_string();
        let root = file(&made, "tenant-globex", "terraform/");
        let sources = &root["data"]["aws_ssm_parameter"];
        for name in foreign {
            assert_eq!(parameters[name]["Type"], "String", "{connect} {name}");
            assert!(!given.contains(&format!("\"{name}=")), "{connect}: {given}");
            assert_eq!(sources[snake(name)]["provider"], "aws.foreign", "{connect} {name}");
            assert_eq!(sources[snake(name)]["name"], line["foreign"][name], "{connect} {name}");
        }
        let own = sources.as_object().expect("sources").iter();
        let own: Vec<_> =
            own.filter(|(name, _)| !wanted.iter().any(|w| snake(w) == **name)).collect();
        assert!(own.iter().all(|(_, source)| source.get("provider").is_none()), "{own:?}");

        let providers = root["provider"]["aws"].as_array().expect("providers");
        assert_eq!(providers.len(), 2, "{connect}");
        let role = |provider: &Value| provider["assume_role"][0].clone();
        assert_eq!(providers[0]["allowed_account_ids"], json!([GLOBEX]));
        assert_eq!(
            role(&providers[0])["role_arn"],
            format!("arn:aws:iam::{GLOBEX}:role/acme-prod-deployer")
        );
        assert_eq!(role(&providers[0])["external_id"], format!("acme-prod-{GLOBEX}"));
        assert_eq!(providers[1]["alias"], "foreign");
        assert_eq!(providers[1]["allowed_account_ids"], json!([HUB]));
        assert_eq!(
            role(&providers[1])["role_arn"],
            format!("arn:aws:iam::{HUB}:role/OrganizationAccountAccessRole")
        );
        assert_eq!(role(&providers[1]).get("external_id"), None);
    }
}

/// One stack in the account of the hub for each VPC and cell of another account, and no other.
#[test]
fn what_is_apart_has_a_spoke() {
    for (connect, _) in CONNECTS {
        let spokes = |made: &Made| -> Vec<(String, Value)> {
            let all = lines(made).into_iter().filter(|line| line["wave"] == 9);
            all.map(|line| (line["key"].as_str().expect("a key").to_owned(), line)).collect()
        };
        let apart = spokes(&made(connect, HUB, false));
        let names: Vec<&str> = apart.iter().map(|(key, _)| key.as_str()).collect();
        let all = [
            "spoke-cell-team-eu-west-1-1",
            "spoke-tenant-globex",
            "spoke-tenant-hooli",
            "spoke-tenant-initech",
        ];
        assert_eq!(names, all, "{connect}");
        for ((key, line), account) in apart.iter().zip([WORKLOAD, GLOBEX, WORKLOAD, "000000000000"])
        {
            assert_eq!(
                (&line["account"], &line["foreign_account"]),
                (&json!(HUB), &json!(account)),
                "{key}"
            );
            assert_eq!(keys(&line["foreign"]), BTreeSet::from(["LinkId".to_owned()]), "{key}");
            // The deployment is in the workload account, and enters the others.
            let role = (account != WORKLOAD).then(|| json!("acme-prod-deployer"));
            assert_eq!(line.get("foreign_role"), role.as_ref(), "{key}");
            let external = (account != WORKLOAD).then(|| json!(format!("acme-prod-{account}")));
            assert_eq!(line.get("foreign_external_id"), external.as_ref(), "{key}");
            // It reads what the stack of the VPC publishes, so it comes after that.
            let path = line["foreign"]["LinkId"].as_str().expect("a path");
            let stack = key.strip_prefix("spoke-").expect("a spoke");
            assert_eq!(path, format!("/acme/prod/{}/hub-link-id", stack.replacen('-', "/", 1)));
            let depends = line["depends_on"].as_array().expect("keys");
            assert!(depends.contains(&json!(stack)), "{key}: {depends:?}");
        }
        // A hub beside the workload has spokes for accounts of tenants only.
        let beside = spokes(&made(connect, WORKLOAD, false));
        let names: Vec<&str> = beside.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(names, ["spoke-tenant-globex", "spoke-tenant-initech"], "{connect}");
    }
}

/// The hub's side is in the account of the hub: nobody else's template touches its tables.
#[test]
fn the_tables_of_the_hub_are_changed_in_its_account() {
    for (connect, _) in CONNECTS {
        let made = made(connect, HUB, false);
        let mut sides = 0;
        for line in lines(&made) {
            let shape = line["shape"].as_str().expect("a shape");
            for (id, resource) in
                template(&made, shape)["Resources"].as_object().expect("resources")
            {
                let kind = resource["Type"].as_str().expect("a type");
                let table = &resource["Properties"]["RouteTableId"]["Ref"];
                let table = table.as_str().is_some_and(|name| name.starts_with("HubPrivate"));
                if kind.starts_with("AWS::EC2::TransitGatewayRouteTable") || table {
                    assert_eq!(line["account"], HUB, "{connect} {shape} {id}");
                    sides += u32::from(shape.starts_with("spoke"));
                }
            }
        }
        assert!(sides >= 4, "{connect}: the spokes do the hub's side");
    }
}

/// What waits says so, its spoke too, and nothing else; every line is one that the schema allows.
#[test]
fn the_manifest_says_what_waits() {
    let schema = fs::read_to_string(root().join("schemas/manifest.schema.json")).expect("a schema");
    let schema =
        jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("sound");
    for (connect, _) in CONNECTS {
        for inline in [false, true] {
            let made = made(connect, HUB, inline);
            let manifest = manifest(&made);
            let faults: Vec<String> =
                schema.iter_errors(&manifest).map(|e| e.to_string()).collect();
            assert_eq!(faults, Vec::<String>::new(), "{connect}");
            for line in lines(&made) {
                let waits = line.get("pending").is_some();
                let mentions =
                    line["account"] == "000000000000" || line["foreign_account"] == "000000000000";
                assert_eq!(waits, mentions, "{}", line["key"]);
                // The account itself is asked for: what waits is what lives in it.
                let inside = line["wave"].as_u64() >= Some(8);
                assert_eq!(waits, inside && line["tenant"] == "initech", "{}", line["key"]);
            }
        }
    }
}

/// An estate on disk, with a stand-in for `aws`.
struct Stage {
    folder: tempfile::TempDir,
}

/// Writes down by which keys it was called and how, and answers as AWS would.
const AWS: &str = r#"#!/bin/bash
printf '%s|%s\n' "${AWS_ACCESS_KEY_ID:-caller}" "$*" >>"$STAGE/log"
option() {
  local wanted=$1
  shift
  while [ $# -gt 0 ]; do
    [ "$1" != "$wanted" ] || { printf '%s' "$2"; return; }
    shift
  done
}
case "$1 $2" in
  'sts get-caller-identity') echo "${CALLER:-333333333333}" ;;
  'sts assume-role')
    role=$(option --role-arn "$@")
    [ "$role" != "${REFUSED:-}" ] || { echo AccessDenied >&2; exit 254; }
    printf '%s+%s\tsecret\ttoken\n' "$role" "$(option --external-id "$@")"
    ;;
  'ssm get-parameter') printf 'found:%s\n' "$(option --name "$@")" ;;
  'cloudformation deploy')
    overrides=$(option --parameter-overrides "$@")
    cp "${overrides#file://}" "$STAGE/$(option --stack-name "$@").overrides" 2>/dev/null || true
    ;;
  'cloudformation describe-stacks') echo "${GROUPS_TOLD:-sg-1}" ;;
  'ce update-cost-allocation-tags-status')
    [ -z "${BROKEN:-}" ] || { echo 'ThrottlingException' >&2; exit 254; }
    printf '%s\n' "${ANSWER:-}"
    ;;
esac
"#;

impl Stage {
    fn new(made: &Made) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let rendered = made.render();
        let mut files = rendered.shared();
        files.extend(rendered.stacks().iter().flat_map(|stack| rendered.stack(stack)));
        for file in files {
            write(&folder.path().join("out").join(&file.path), &file.text);
        }
        write(&folder.path().join("bin/aws"), AWS);
        // Terraform says where it was run, and with what.
        write(
            &folder.path().join("bin/terraform"),
            "#!/bin/bash\nprintf '%s\\n' \"$*\" >>\"$STAGE/log\"\n",
        );
        Stage { folder }
    }

    fn run(&self, engine: &str, arguments: &[&str], set: &[(&str, &str)]) -> (i32, String, String) {
        let _ = fs::remove_file(self.folder.path().join("log"));
        let path = format!("{}:/usr/bin:/bin", self.folder.path().join("bin").display());
        let out: Output = Command::new("bash")
            .arg(self.folder.path().join("out").join(engine).join("deploy.sh"))
            .args(arguments)
            .env_clear()
            .env("PATH", path)
            .env("STAGE", self.folder.path())
            .envs(set.iter().copied())
            .output()
            .expect("bash starts");
        told(&out)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The parameters that a stack was deployed with.
    fn overrides(&self, stack: &str) -> Vec<String> {
        let path = self.folder.path().join(format!("{stack}.overrides"));
        let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("{stack} was not deployed"));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{stack}: {e}: {text}"))
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
    fs::write(path, text).expect("it can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

fn deployer(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/acme-prod-deployer+acme-prod-{account}")
}

/// A run deploys what can be deployed, each stack by its role, and says what waits.
#[test]
fn deploy_enters_each_account_by_its_role() {
    for (connect, foreign) in CONNECTS {
        // With a file of parameters, and without one.
        let inline = connect == "peering";
        let made = made(connect, HUB, inline);
        let stage = Stage::new(&made);
        let (code, _, notes) = stage.run("cloudformation", &[], &[]);
        assert_eq!(code, 0, "{notes}");
        let log = stage.log();
        let told = notes.lines().find(|l| l.contains("stacks wait for accounts"));
        let waiting: Vec<&str> = told.expect("it says so").split(' ').collect();
        let by = |stack: &str| {
            let all = log.lines().filter(|l| l.contains("|cloudformation deploy"));
            let mut all = all.filter(|l| l.contains(&format!("--stack-name {stack} ")));
            all.next().and_then(|l| Some(l.split_once('|')?.0.to_owned()))
        };
        for line in lines(&made) {
            let (name, key) =
                (line["stack"].as_str().expect("a name"), line["key"].as_str().expect("a key"));
            let waits = line.get("pending").is_some();
            assert_eq!(waiting.contains(&key), waits, "{key}: {notes}");
            let wanted = match line["account"].as_str().expect("an account") {
                _ if waits => None,
                WORKLOAD => Some("caller".to_owned()),
                GLOBEX => Some(deployer(GLOBEX)),
                other => Some(format!("arn:aws:iam::{other}:role/OrganizationAccountAccessRole+")),
            };
            assert_eq!(by(name), wanted, "{key}");
        }
        let overrides = stage.overrides("acme-prod-globex");
        for name in foreign {
            let path = line(&made, "tenant-globex")["foreign"][name].clone();
            let path = path.as_str().expect("a path");
            assert!(overrides.contains(&format!("{name}=found:{path}")), "{overrides:?}");
            let read = format!(
                "arn:aws:iam::{HUB}:role/OrganizationAccountAccessRole+|ssm get-parameter --region eu-west-1 --name {path} "
            );
            assert!(log.contains(&read), "{log}");
        }
        assert_eq!(overrides.iter().any(|o| o.starts_with("Tenant=")), !inline, "{overrides:?}");
        // The spoke reads in the account of the tenant, and is deployed in that of the hub.
        let link = "LinkId=found:/acme/prod/tenant/globex/hub-link-id".to_owned();
        assert!(stage.overrides("acme-prod-spoke-tenant-globex").contains(&link));
        let read = format!("{}|ssm get-parameter", deployer(GLOBEX));
        assert!(log.contains(&read), "{log}");
    }
}

/// A tag that no bill has yet is tried again tomorrow; whatever else is wrong is no such thing, and the
/// run stops and says it. AWS answers the first with success.
#[test]
fn only_a_tag_that_no_bill_has_yet_waits() {
    let stage = Stage::new(&made("peering", HUB, false));
    let waits = "not in a bill yet";
    for engine in ["cloudformation", "terraform"] {
        let only = ["--stack", "organization"];
        let run = |name, value| stage.run(engine, &only, &[(name, value)]);
        let (code, _, notes) = run("ANSWER", "");
        assert!(code == 0 && !notes.contains(waits), "{engine}: {notes}");
        assert!(stage.log().contains("TagKey=Tenant,Status=Active"), "{engine}");
        let (code, _, notes) = run("ANSWER", "TagKeysNotFoundException\tTag keys not found");
        assert!(
            code == 0 && notes.contains(waits) && notes.contains("Tenant"),
            "{engine}: {notes}"
        );
        for (name, value, why) in [
            ("ANSWER", "AccessDeniedException\tlinked account", "linked account"),
            ("BROKEN", "yes", "ThrottlingException"),
        ] {
            let (code, _, notes) = run(name, value);
            assert!(code == 1 && !notes.contains(waits), "{engine}: {notes}");
            assert!(notes.contains(why) && notes.contains("cost allocation"), "{engine}: {notes}");
        }
    }
}

/// A tag of a tenant may be called as a field of the manifest is: it is no field.
#[test]
fn what_tags_say_is_not_taken_for_a_field() {
    let stage = Stage::new(&made("peering", HUB, false));
    let path = stage.folder.path().join("out/manifest.json");
    let text = fs::read_to_string(&path).expect("it is there");
    let foul = r#""tags":{"role":"thief","external_id":"x","tier":"gold","#;
    let odd = text.replace(r#""tags":{"#, foul);
    assert!(odd.matches(r#""thief""#).count() > 3);
    fs::write(&path, odd).expect("it can be written");
    let (code, _, notes) = stage.run("cloudformation", &[], &[]);
    assert_eq!(code, 0, "{notes}");
    let log = stage.log();
    assert!(!log.contains("role/thief"), "{log}");
    // What a tag says is still a tag of the stack.
    assert!(log.contains("--tags role=thief external_id=x tier=gold "), "{log}");
}

/// A stack may have several VPCs: the group that AWS made in each loses its rules.
#[test]
fn every_default_group_is_stripped() {
    let stage = Stage::new(&made("peering", HUB, false));
    let stripped = |groups: &str| {
        let only = ["--stack", "tenant-globex"];
        let (code, _, notes) = stage.run("cloudformation", &only, &[("GROUPS_TOLD", groups)]);
        assert_eq!(code, 0, "{notes}");
        let log = stage.log();
        let looked = log.lines().filter(|line| line.contains("|ec2 describe-security-group-rules"));
        let of = looked.filter_map(|line| Some(line.split_once("group-id,Values=")?.1.to_owned()));
        let of: BTreeSet<String> =
            of.filter_map(|rest| Some(rest.split(' ').next()?.to_owned())).collect();
        of.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(stripped("sg-1"), "sg-1");
    assert_eq!(stripped("sg-1\tsg-2"), "sg-1 sg-2");
}

/// Capabilities are those of the manifest, stack by stack.
#[test]
fn deploy_acknowledges_what_the_manifest_says() {
    let made = made("peering", HUB, false);
    let stage = Stage::new(&made);
    let path = stage.folder.path().join("out/manifest.json");
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(r#""capabilities":["CAPABILITY_IAM"]"#), "{text}");
    let named = text.replacen(r#"["CAPABILITY_IAM"]"#, r#"["CAPABILITY_NAMED_IAM"]"#, 1);
    fs::write(&path, &named).expect("it can be written");
    assert_eq!(stage.run("cloudformation", &[], &[]).0, 0);
    let log = stage.log();
    let manifest: Value = serde_json::from_str(&named).expect("JSON");
    for line in manifest["stacks"].as_array().expect("stacks") {
        let stack = format!("--stack-name {} ", line["stack"].as_str().expect("a name"));
        let Some(call) =
            log.lines().find(|l| l.contains("|cloudformation deploy") && l.contains(&stack))
        else {
            assert!(line.get("pending").is_some(), "{stack}");
            continue;
        };
        match line["capabilities"].as_array().expect("a list").as_slice() {
            [] => assert!(!call.contains("--capabilities"), "{call}"),
            [one, ..] => {
                let wanted = format!("--capabilities {} ", one.as_str().expect("text"));
                assert!(call.contains(&wanted), "{call}");
            }
        }
    }
}

/// Where a role is refused nothing goes on, least of all with the credentials of the caller.
#[test]
fn a_refused_role_stops_the_deployment() {
    let made = made("transit-gateway", HUB, false);
    let stage = Stage::new(&made);
    let role = format!("arn:aws:iam::{HUB}:role/OrganizationAccountAccessRole");
    let only = ["--stack", "tenant-globex"];
    let (code, _, notes) = stage.run("cloudformation", &only, &[("REFUSED", &role)]);
    assert_eq!(code, 1, "{notes}");
    assert!(notes.contains(HUB), "it says where: {notes}");
    let log = stage.log();
    assert!(!log.contains("ssm get-parameter") && !log.contains("cloudformation deploy"), "{log}");
    // In the account of the stack itself.
    let role = format!("arn:aws:iam::{GLOBEX}:role/acme-prod-deployer");
    let (code, _, notes) = stage.run("cloudformation", &only, &[("REFUSED", &role)]);
    assert_ne!(code, 0, "{notes}");
    assert!(!stage.log().contains("cloudformation deploy"), "{}", stage.log());
    // Credentials of another account are refused before anything is done.
    let (code, _, notes) = stage.run("cloudformation", &only, &[("CALLER", GLOBEX)]);
    assert_eq!(code, 1);
    assert!(
        notes.contains(&format!("the credentials are of account {GLOBEX}, not of {WORKLOAD}")),
        "{notes}"
    );
    assert_eq!(stage.log().lines().count(), 1, "{}", stage.log());
}

/// Both engines leave what waits alone, and say so when nothing else was asked for.
#[test]
fn what_waits_is_left_alone() {
    let stage = Stage::new(&made("transit-gateway", HUB, false));
    for engine in ["cloudformation", "terraform"] {
        let (code, _, notes) = stage.run(engine, &["--stack", "tenant-initech"], &[]);
        assert_eq!(code, 1, "{engine}: {notes}");
        assert!(notes.contains("wait for accounts") && notes.contains("tenant-initech"), "{notes}");
        assert_eq!(stage.log(), "", "{engine} did something");
        let (code, _, notes) = stage.run(engine, &["--wave", "8", "--dry-run"], &[]);
        assert_eq!(code, 0, "{engine}: {notes}");
        assert!(!stage.log().contains("tenant-initech"), "{engine}: {}", stage.log());
    }
    let (code, told, notes) = stage.run("terraform", &[], &[]);
    assert_eq!(code, 0, "{notes}");
    assert!(told.contains("tenant-globex") && notes.contains("tenant-initech"), "{told}{notes}");
    let log = stage.log();
    assert!(
        log.contains("stacks/tenant-globex apply ") && !log.contains("tenant-initech"),
        "{log}"
    );
}

/// A tier is deployed without the others, and what belongs to no tier without any.
#[test]
fn a_ring_is_a_tier() {
    let stage = Stage::new(&made("transit-gateway", HUB, false));
    let told = |arguments: &[&str]| {
        let (code, told, notes) = stage.run("terraform", arguments, &[]);
        assert_eq!(code, 0, "{arguments:?}: {notes}");
        told
    };
    let business = told(&["--tier", "business", "--dry-run"]);
    assert!(business.contains("tenant-hooli") && !business.contains("tenant-globex"), "{business}");
    let shared = told(&["--shared", "--dry-run"]);
    assert!(shared.contains("hub-eu-west-1") && !shared.contains("tenant-"), "{shared}");
    let both = told(&["--shared", "--tier", "business", "--dry-run"]);
    assert_eq!(both.lines().count(), business.lines().count() + shared.lines().count() - 1);
    // A tier without tenants has nothing to deploy; one that is not there is a mistake.
    let (code, _, notes) = stage.run("cloudformation", &["--tier", "busines"], &[]);
    assert_eq!((code, notes.contains("there is no tier busines")), (1, true), "{notes}");
    let (code, _, notes) = stage.run("terraform", &["--tier", "business", "--wave", "1"], &[]);
    assert_eq!((code, notes.contains("nothing to deploy")), (0, true), "{notes}");
}

/// The scripts are bash that `bash -n`, and shellcheck where it is there, have nothing against.
#[test]
fn the_scripts_are_sound() {
    let stage = Stage::new(&made("peering", HUB, false));
    for engine in ["cloudformation", "terraform"] {
        let script = stage.folder.path().join("out").join(engine).join("deploy.sh");
        let out = Command::new("bash").arg("-n").arg(&script).output().expect("bash starts");
        assert_eq!(told(&out), (0, String::new(), String::new()));
        if let Ok(out) = Command::new("shellcheck").arg(&script).output() {
            let (code, found, _) = told(&out);
            assert_eq!(code, 0, "{found}");
        }
    }
}
