//! Every rule by its id, for `tenantry explain` and the manual. To add a rule, write it beside the
//! code that holds it and add its line here.

pub mod gate; // what stops a change, where somebody asked for it

use std::fmt::Write as _;

use crate::diag::Rule;
use crate::{blueprint, check, plan, prove, spec};

/// Every rule, in the order of the pipeline.
pub static RULES: &[&Rule] = &[
    &blueprint::rule::ENCODING,
    &blueprint::rule::SYNTAX,
    &blueprint::rule::EMPTY,
    &blueprint::rule::SEVERAL_DOCUMENTS,
    &blueprint::rule::BUDGET,
    &blueprint::rule::DUPLICATE_KEY,
    &blueprint::rule::UNKNOWN_KEY,
    &blueprint::rule::MISSING_KEY,
    &blueprint::rule::WRONG_TYPE,
    &blueprint::rule::WRONG_VALUE,
    &blueprint::rule::TENANT_FILE,
    &blueprint::rule::TENANT_TABLE,
    &blueprint::rule::PRICE_REGION,
    &blueprint::rule::PRICE_MISSING,
    &spec::rule::NOT_A_CIDR,
    &spec::rule::HOST_BITS,
    &spec::rule::BLOCKED,
    &spec::rule::UNUSUAL,
    &spec::rule::POOL_OVERLAP,
    &spec::rule::RESERVED_OUTSIDE,
    &spec::rule::SUBNET_TOO_SMALL,
    &spec::rule::CELL_SIZE,
    &spec::rule::REGION,
    &spec::rule::ZONES,
    &spec::rule::SINGLE_ZONE,
    &spec::rule::ORGANIZATION,
    &spec::rule::EMAIL,
    &spec::rule::TASK_SIZE,
    &spec::rule::SERVICE,
    &spec::rule::VARIABLE,
    &spec::rule::SCALE,
    &spec::rule::INSTANCE_TYPE,
    &spec::rule::CERTIFICATE,
    &spec::rule::FEDERATION,
    &spec::rule::COMPONENT,
    &spec::rule::DATA,
    &spec::rule::GATEWAY_IP,
    &spec::rule::VPN_UNUSED,
    &spec::rule::ACL_RULES,
    &spec::rule::TIER,
    &spec::rule::TIER_SETTING,
    &spec::rule::TENANT_ID,
    &spec::rule::TENANT_UNKNOWN,
    &spec::rule::TENANT_TWICE,
    &spec::rule::TENANT_CASE,
    &spec::rule::TENANT_REGION,
    &spec::rule::TENANT_VPN,
    &spec::rule::TENANT_SETTING,
    &spec::rule::HOST,
    &spec::rule::OVERRIDE,
    &spec::rule::TENANT_NAME,
    &spec::rule::STATEMENT,
    &spec::rule::TENANT_ATTRIBUTE,
    &spec::rule::NAME,
    &spec::rule::NAME_COLLISION,
    &spec::rule::TEMPLATE,
    &spec::rule::TAG,
    &spec::rule::TAG_RESERVED,
    &spec::rule::TAG_REQUIRED,
    &spec::rule::PLACE,
    &spec::rule::LISTING,
    &plan::rule::POOL_FULL,
    &plan::rule::OUTSIDE_POOLS,
    &plan::rule::ACCOUNT,
    &plan::rule::HOME,
    &plan::rule::ACCOUNT_EMAIL,
    &plan::rule::ACCOUNT_SHARED,
    &plan::rule::LISTING,
    &plan::rule::LISTING_SWAPPED,
    &plan::rule::ISOLATION,
    &plan::rule::CELL_FULL,
    &plan::rule::REGION_FULL,
    &plan::rule::ACCOUNTS_FULL,
    &plan::rule::CELL_SHORT,
    &plan::rule::ZONE_SLOTS,
    &plan::rule::MOVED,
    &plan::rule::LOCK_CHANGES,
    &plan::rule::LOCK_LOST,
    &plan::rule::LOCK_SYNTAX,
    &plan::rule::LOCK_CONFLICT,
    &plan::rule::LOCK_VERSION,
    &plan::rule::LOCK_ESTATE,
    &plan::rule::LOCK_OWNERS,
    &plan::rule::LOCK_ENTRY,
    &plan::rule::SERVICE_SLOTS,
    &check::rule::REGION_TYPE,
    &check::rule::CLOUDFORMATION,
    &check::rule::TERRAFORM,
    &check::rule::UNKNOWN_TYPE,
    &check::rule::TEMPLATE_LIMIT,
    &check::rule::TEMPLATE_UPLOAD,
    &check::rule::QUOTA,
    &gate::REPLACE,
    &gate::DATA_LOSS,
    &gate::OTHERS,
    &gate::QUOTA,
    &gate::ISOLATION,
    &prove::rule::REACHABLE,
    &prove::rule::STATEMENT,
    &prove::rule::UNREAD,
];

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

/// A rule as a page of the manual.
pub fn page(rule: &Rule) -> String {
    let (level, why, fix) = (rule.level.word(), rule.why, rule.fix);
    format!("{} ({level})\n\n{}\n\nWhy: {why}\n\nWhat to do: {fix}.\n", rule.id, rule.summary)
}

/// The manual of all rules, as it stands in `docs/rules.md`.
pub fn manual() -> String {
    let mut out = String::from(
        "# Rules\n\nEverything that tenantry can complain of. `tenantry explain RULE` prints one.\n",
    );
    for rule in RULES {
        let (level, why, fix) = (rule.level.word(), rule.why, rule.fix);
        let _ = write!(
            out,
            "\n## `{}`\n\n*{level}*: {}\n\n{why}\n\nWhat to do: {fix}.\n",
            rule.id, rule.summary
        );
    }
    out
}
