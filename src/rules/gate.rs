//! What can stop a change, where somebody asked that it is stopped. None of these is a mistake: each
//! says what would happen, to whom, and which line says so.

use crate::diag::Rule;

/// Something is replaced.
pub static REPLACE: Rule = REPLACED.gate();

/// The same, where nobody asked to stop it.
pub static REPLACE_SEEN: Rule = REPLACED.warning();

const REPLACED: Rule = Rule::error(
    "change/replace",
    "Nothing is replaced.",
    "What is replaced is made anew and the old one is deleted: addresses, names and connections change, \
     and what it held is not carried over. Asked for with `diff --fail-on replace`. Source: \
     https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html.",
    "undo the line, or review the change and deploy it without this gate",
);

/// Data is lost, or what would bring it back.
pub static DATA_LOSS: Rule = LOST.gate();

/// The same, where nobody asked to stop it.
pub static DATA_LOSS_SEEN: Rule = LOST.warning();

const LOST: Rule = Rule::error(
    "change/data-loss",
    "No data is lost.",
    "Something that holds data is deleted or replaced, is kept for a shorter time, or loses what protects \
     it. Asked for with `diff --fail-on data-loss`. Source: \
     https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html.",
    "undo the line, or copy the data first and deploy without this gate",
);

/// Somebody else is touched.
pub static OTHERS: Rule = Rule::error(
    "change/others",
    "Nobody is touched but the tenants that were named.",
    "A change that is meant for one tenant must not reach another, nor what tenants share. Asked for with \
     `diff --only-tenants`.",
    "undo the line, or name the tenant in --only-tenants, too",
)
.gate();

/// Somebody is reached who was not before.
pub static ISOLATION: Rule = Rule::error(
    "change/isolation",
    "Nobody is reached who was not reached before, and no statement is broken that held.",
    "Both sides are proved on what is rendered (docs/proof.md). Asked for with `diff --fail-on isolation`; \
     `tenantry prove` and `tenantry explain TENANT TENANT` show the path.",
    "undo the line, or say in the blueprint that it must be reached",
)
.gate();

/// A quota is passed that was not passed before.
pub static QUOTA: Rule = Rule::error(
    "change/quota",
    "No quota is passed that was not passed before.",
    "AWS refuses what is above it, in the middle of a deployment. Asked for with `diff --fail-on quota`; \
     `tenantry quotas` has the numbers. Source: \
     https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html.",
    "ask AWS for more first (`tenantry quotas BLUEPRINT --request commands`)",
)
.gate();
