//! What looks for intruders and for flaws: Amazon `GuardDuty`, AWS Security Hub, Amazon Inspector.
//! Each is one for an account and region.

use crate::resource::{Body, resource};
use crate::value::{Pseudo, Value};

/// Looks for intruders in the records of the account: it says what it finds within a quarter of an
/// hour, and not after six hours only. Source:
/// <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_cloudwatch.html>.
#[derive(Debug)]
pub struct Detector;

resource!(Detector, Some("AWS::GuardDuty::Detector"), "aws_guardduty_detector", taggable: true, |self| {
    Body::new().set("Enable", true).set("FindingPublishingFrequency", "FIFTEEN_MINUTES")
});

/// Gathers what is found, once for each control however many standards ask for it. Source:
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html>.
#[derive(Debug)]
pub struct Hub;

resource!(Hub, Some("AWS::SecurityHub::Hub"), "aws_securityhub_account", taggable: false, |self| {
    Body::new()
        // Those that are switched on are said by name.
        .set("EnableDefaultStandards", false)
        .set("AutoEnableControls", true)
        .set("ControlFindingGenerator", "SECURITY_CONTROL")
});

/// Holds what is there against a standard.
#[derive(Debug)]
pub struct Standard {
    /// The ARN of the standard, which is another in each region.
    pub arn: Value,
}

/// AWS's own standard. Source:
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html>.
pub fn best_practices(partition: &str, region: &str) -> String {
    let standard = "aws-foundational-security-best-practices/v/1.0.0";
    format!("arn:{partition}:securityhub:{region}::standards/{standard}")
}

resource!(Standard, Some("AWS::SecurityHub::Standard"), "aws_securityhub_standards_subscription",
    taggable: false, |self| {
    Body::new().set("StandardsArn", self.arn)
});

/// Looks for known flaws in instances, images and functions. CloudFormation has no resource that
/// switches it on. Source:
/// <https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html>.
#[derive(Debug)]
pub struct Inspector;

resource!(Inspector, None, "aws_inspector2_enabler", taggable: false, |self| {
    Body::new()
        .set("AccountIds", vec![Value::from(Pseudo::Account)])
        .set("ResourceTypes", vec!["EC2", "ECR", "LAMBDA"])
});
