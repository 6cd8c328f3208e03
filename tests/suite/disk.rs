//! Writing: atomic, idempotent, confined. Runs are killed at random moments, and what is there is
//! then the old or the new.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::support::{files, root, tenantry, told};

fn estate(folder: &Path) -> Vec<(String, String)> {
    files(&folder.join("out/acme-prod"))
}

fn blueprint(folder: &Path, owner: &str, tenants: usize) {
    let text = fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("it is there");
    let more: String = (0..tenants)
        .map(|i| format!("  - {{ id: t{i:04}, tier: business, cost_center: CC }}\n"))
        .collect();
    let text = text.replace("Owner: platform", &format!("Owner: {owner}"));
    fs::write(folder.join("b.yaml"), text + &more).expect("it can be written");
}

fn synth(folder: &Path) -> (i32, String, String) {
    told(&tenantry(folder, &["synth", "b.yaml"]))
}

#[test]
fn what_is_unchanged_keeps_its_time() {
    let folder = tempfile::tempdir().expect("a folder");
    blueprint(folder.path(), "one", 0);
    assert_eq!(synth(folder.path()).0, 0);
    let file = folder.path().join("out/acme-prod/cloudformation/templates/hub.json");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    fs::File::options()
        .append(true)
        .open(&file)
        .expect("it is there")
        .set_modified(long_ago)
        .expect("a time");
    assert_eq!(synth(folder.path()).0, 0);
    assert_eq!(fs::metadata(&file).expect("it is there").modified().expect("a time"), long_ago);
}

/// The code of functions lies in archives beside the modules that name them: they go with them.
#[test]
fn an_archive_goes_with_its_module() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(root().join("blueprints/component-microservice.yaml"));
    let text = text.expect("it is there");
    let archives = || {
        let all = files(&folder.path().join("out")).into_iter().map(|(path, _)| path);
        all.filter(|path| Path::new(path).extension().is_some_and(|it| it == "zip")).count()
    };
    for inline in [&["--inline"][..], &[]] {
        let synth = |text: &str| {
            fs::write(folder.path().join("b.yaml"), text).expect("written");
            let run = tenantry(folder.path(), &[&["synth", "b.yaml"], inline].concat());
            assert_eq!(told(&run).0, 0, "{run:?}");
        };
        synth(&text);
        assert!(archives() > 0, "no code lies in an archive");
        let (head, rest) = text.split_once("    components:").expect("it has components");
        let (_, tenants) = rest.split_once("tenants:").expect("it has tenants");
        synth(&format!("{head}tenants:{tenants}"));
        assert_eq!(archives(), 0);
    }
}

#[test]
fn what_is_damaged_is_mended_and_what_is_foreign_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    blueprint(folder.path(), "one", 0);
    assert_eq!(synth(folder.path()).0, 0);
    let before = estate(folder.path());
    let base = folder.path().join("out/acme-prod");
    fs::write(base.join("cloudformation/templates/hub.json"), "damaged").expect("written");
    fs::write(base.join("terraform/stacks/tenant-initech/terraform.tfstate"), "state")
        .expect("written");
    fs::write(base.join("notes.txt"), "mine").expect("written");
    assert_eq!(synth(folder.path()).0, 0);
    let mut after = estate(folder.path());
    after.retain(|(path, _)| !path.ends_with("tfstate") && path != "notes.txt");
    assert_eq!(after, before);
    // A tenant goes: its root goes, its state stays.
    let text = fs::read_to_string(folder.path().join("b.yaml")).expect("it is there");
    let text: String =
        text.lines().filter(|l| !l.contains("initech")).map(|l| format!("{l}\n")).collect();
    fs::write(folder.path().join("b.yaml"), text).expect("written");
    assert_eq!(synth(folder.path()).0, 0);
    assert!(!base.join("terraform/stacks/tenant-initech/main.tf.json").exists());
    assert!(base.join("terraform/stacks/tenant-initech/terraform.tfstate").exists());
    assert!(base.join("notes.txt").exists());
}

#[test]
fn a_file_of_somebody_else_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    blueprint(folder.path(), "one", 0);
    let base = folder.path().join("out/acme-prod/terraform");
    fs::create_dir_all(&base).expect("a folder");
    fs::write(base.join("deploy.sh"), "mine").expect("written");
    let (code, _, notes) = synth(folder.path());
    assert_eq!(code, 1);
    assert!(notes.contains("terraform/deploy.sh was not written by tenantry"), "{notes}");
    assert_eq!(estate(folder.path()), [("terraform/deploy.sh".to_owned(), "mine".to_owned())]);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = tempfile::tempdir().expect("a folder");
    blueprint(folder.path(), "one", 0);
    assert_eq!(synth(folder.path()).0, 0);
    let inside = folder.path().join("out/acme-prod/cloudformation/stacks");
    fs::remove_dir_all(&inside).expect("it was there");
    std::os::unix::fs::symlink(elsewhere.path(), &inside).expect("a link");
    let (code, _, notes) = synth(folder.path());
    assert_eq!(code, 1, "{notes}");
    assert_eq!(fs::read_dir(elsewhere.path()).expect("it is there").count(), 0);
}

/// A run is killed again and again at other moments. A reader that respects the journal, as
/// `deploy.sh` does, sees the old estate or the new one, and the next run makes the new one.
#[test]
fn a_kill_leaves_the_old_or_the_new() {
    const TENANTS: usize = 150;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    blueprint(path, "one", TENANTS);
    assert_eq!(synth(path).0, 0);
    let old = estate(path);
    blueprint(path, "two", TENANTS);
    let started = std::time::Instant::now();
    assert_eq!(synth(path).0, 0);
    let whole = started.elapsed();
    let new = estate(path);
    assert_ne!(old, new);
    let mut killed = 0;
    for round in 0..12 {
        let owner = if round % 2 == 0 { "one" } else { "two" };
        let before = estate(path);
        blueprint(path, owner, TENANTS);
        let mut child = Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .args(["synth", "b.yaml"])
            .current_dir(path)
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(whole.mul_f64(0.35 + 0.06 * f64::from(round)));
        let _ = child.kill();
        killed += usize::from(!child.wait().expect("it ends").success());
        let committed = path.join("out/.acme-prod.tenantry/journal").exists();
        let now = estate(path);
        assert!(
            committed || now == before || now == old || now == new,
            "round {round}: a mixture without a journal"
        );
        assert_eq!(synth(path).0, 0);
        assert_eq!(
            estate(path),
            if owner == "one" { old.clone() } else { new.clone() },
            "round {round}"
        );
    }
    assert!(killed > 0, "no run was killed in the middle");
}

/// While another run writes, the second one says so instead of mixing in.
#[test]
fn two_runs_do_not_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    blueprint(folder.path(), "one", 0);
    let work = folder.path().join("out/.acme-prod.tenantry");
    fs::create_dir_all(&work).expect("a folder");
    let held = fs::File::create(work.join("held")).expect("a file");
    held.lock().expect("a lock");
    let (code, _, notes) = synth(folder.path());
    assert_eq!(code, 1);
    assert!(notes.contains("another tenantry is writing here"), "{notes}");
    drop(held);
    assert_eq!(synth(folder.path()).0, 0);
}
