//! Judges must bite: each is shown something wrong, and letting it pass fails the run.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::inventory::compare::{Forms, compare};
use crate::lint;
use crate::replacement;
use crate::report::{Report, Verdict};
use crate::settings::Settings;
use crate::terraform::Terraform;

/// Shows every judge a seeded fault.
pub fn check(report: &Report, settings: &Settings, terraform: Option<&Terraform>, scratch: &Path) {
    let template = json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlok": "10.0.0.0/16"}}}});
    let template = write(scratch, "bad.json", &template.to_string());
    let regions = ["us-east-1".to_owned()];
    report.judge("cfn-lint bites", || {
        bitten(lint::cfn_lint_files(std::slice::from_ref(&template), &regions), "CidrBlok")
    });
    report.judge("aws validator bites", || {
        bitten(lint::validate_files(std::slice::from_ref(&template), settings), "CidrBlok")
    });
    let script = write(scratch, "bad.sh", "#!/usr/bin/env bash\nrm -r $1/x\n");
    report.judge("shellcheck bites", || bitten(lint::script_files(&[script]), "SC2086"));
    report.judge("terraform bites", || {
        let Some(terraform) = terraform else {
            return Verdict::Skipped("there is no terraform".into());
        };
        let module = json!({
            "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
            "resource": {"aws_vpc": {"main": {"cidr_blok": "10.0.0.0/16"}}}});
        let dir = scratch.join("bad-module");
        write(&dir, "main.tf.json", &module.to_string());
        bitten(terraform.validate(&dir).map(|()| 1).into(), "cidr_blok")
    });
    report.judge("comparison bites", comparison);
    report.judge("replacement bites", || Verdict::from(replacement::bites()));
}

/// A verdict that should have been a refusal, and one that names the fault.
fn bitten(verdict: Verdict, fault: &str) -> Verdict {
    match verdict {
        Verdict::Failed(why) if why.contains(fault) => Verdict::Passed(1),
        Verdict::Failed(why) => Verdict::Failed(format!("refused for another reason: {why}")),
        Verdict::Passed(_) => Verdict::Failed(format!("this judge does not bite: {fault} passed")),
        skipped @ Verdict::Skipped(_) => skipped,
    }
}

fn comparison() -> Verdict {
    let network = |zone: &str, routes: &[&str]| {
        let form = json!({"zone": zone, "routes": routes});
        Forms::from([("subnet a".to_owned(), vec![form])])
    };
    let one = network("eu-west-1a", &["0.0.0.0/0 by <nat>"]);
    let others =
        [network("eu-west-1b", &["0.0.0.0/0 by <nat>"]), network("eu-west-1a", &[]), Forms::new()];
    let missed = others.iter().filter(|other| compare(&one, other).1.len() != 1).count();
    match (missed, compare(&one, &one)) {
        (0, (1, same)) if same.is_empty() => Verdict::Passed(others.len()),
        _ => Verdict::Failed("a seeded difference between two networks was not seen".into()),
    }
}

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&path, text));
    written.expect("the temporary folder can be written");
    path
}
