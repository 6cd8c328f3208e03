//! `deploy.sh`, run with a stand-in for `aws` that writes down what it was asked.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tenantry::synth::Made;

use crate::apart::{CONNECTS, GLOBEX, HUB, WORKLOAD, line, lines, made};
use crate::support::told;

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

/// Few requests for peerings may wait at once: with Terraform the hub's side of each is applied right after what
/// asked, be it cut or not, and everything is applied once.
#[test]
fn no_request_for_a_peering_waits_long() {
    let stage = Stage::new(&made("peering", HUB, false));
    let manifest = stage.folder.path().join("out/manifest.json");
    let text = fs::read_to_string(&manifest).expect("it is there");
    let globex = text.lines().find(|line| line.starts_with("{\"key\":\"tenant-globex\""));
    let part = globex.expect("a stack").replace("\"tenant-globex\"", "\"tenant-globex.part-2\"");
    let hooli = "{\"key\":\"tenant-hooli\"";
    fs::write(&manifest, text.replace(hooli, &format!("{part}\n{hooli}"))).expect("it is ours");
    let keys = |arguments: &[&str]| -> Vec<String> {
        let (code, told, notes) = stage.run("terraform", arguments, &[]);
        assert_eq!(code, 0, "{notes}");
        let keys = told.lines().filter(|line| !line.contains(' '));
        keys.map(str::to_owned).collect()
    };
    let all = keys(&[]);
    let at = |key: &str| all.iter().position(|one| one == key).expect("it is applied");
    for (asked, by) in
        [("tenant-globex.part-2", "spoke-tenant-globex"), ("tenant-hooli", "spoke-tenant-hooli")]
    {
        assert_eq!(at(by), at(asked) + 1, "{all:?}");
    }
    assert!(at("tenant-globex") < at("tenant-globex.part-2"), "{all:?}");
    let once: BTreeSet<&String> = all.iter().collect();
    assert_eq!(once.len(), all.len(), "{all:?}");
    // Those that wait for their account are not applied.
    let listed = fs::read_to_string(&manifest).expect("it is there");
    let pending = listed.matches("\"pending\":true").count();
    assert_eq!(all.len() + pending, listed.matches("{\"key\":").count(), "{all:?}");
    assert_eq!(keys(&["--stack", "spoke-tenant-hooli"]), ["spoke-tenant-hooli"]);
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
