//! What is counted, as complaints: each quota that is passed, once, with the place where it is passed
//! most. What somebody said that AWS has granted stops; a default warns, as only AWS knows what it has
//! granted since. What no source confirms, and what AWS raises by itself, is for `tenantry quotas` to show.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::quota::Use;
use crate::check::rule;
use crate::diag::{Diagnostic, Rule, Sink};
use crate::name::nearest;
use crate::plan::Plan;
use crate::source::Site;
use crate::spec::quota::Place;
use crate::spec::{self, Quotas, Spec};

/// More is used than AWS grants everybody.
static DEFAULT: Rule = rule::USED_UP.warning();

/// Complains of each quota that is passed.
pub fn judge(uses: &[Use], quotas: &Quotas, sink: &mut Sink) {
    let mut passed: BTreeMap<(&str, bool), Vec<&Use>> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.is_over()) {
        passed.entry((one.quota, one.given)).or_default().push(one);
    }
    for ((id, given), places) in passed {
        // Places stand in order, and of two that are passed alike the first is named.
        let worst = places.iter().rev().max_by_key(|one| one.used - one.limit.unwrap_or(0));
        let worst = worst.expect("it is passed somewhere");
        let rule = if given { &rule::QUOTA } else { &DEFAULT };
        let site = quotas.said_at(id, &worst.account, &worst.region).key();
        sink.push(rule.at(site, message(worst, places.len() - 1)));
    }
}

fn message(worst: &Use, others: usize) -> String {
    let row = worst.row();
    let limit = worst.limit.unwrap_or(0);
    let who = if worst.given {
        format!("{limit} are granted")
    } else {
        format!("AWS grants {limit} unless it was asked for more")
    };
    let code = row.code.map_or(String::new(), |code| format!(" ({code})"));
    let more = match others {
        0 => String::new(),
        1 => ", and in one more place".to_owned(),
        others => format!(", and in {others} more places"),
    };
    format!("`{}`{code} in {}: {} are used, and {who}{more}", worst.quota, worst.place, worst.used)
}

/// Complains of what is said to be used in accounts and regions that the estate does not have: it would be
/// read and never counted, so a wrong digit would hide what is there. A listing of what is granted may
/// hold more than is asked.
pub fn places(spec: &Spec, plan: &Plan, sink: &mut Sink) {
    let named = [Some(&spec.hub_account), spec.log_archive_account.as_ref()];
    let managed = spec.organization.as_ref().map(|managed| &managed.account);
    let accounts: BTreeSet<&str> = (named.into_iter().chain([managed]).flatten())
        .chain(&spec.workload_accounts)
        .chain([&spec.deploy.account])
        .chain(plan.tenants.values().map(|tenant| &tenant.account))
        .map(String::as_str)
        .collect();
    let used = spec.quotas.places().iter().filter(|(_, local)| !local.used.is_empty());
    for (place, _) in used {
        let (what, near) = if !accounts.contains(place.account.as_str()) {
            let near = nearest(&place.account, accounts.iter().copied());
            ("no account of the estate is", near)
        } else if let Some(region) = place.region.as_deref().filter(|it| !is_known(spec, it)) {
            let near = nearest(region, spec.regions.iter().map(String::as_str));
            ("none of its regions is", near)
        } else {
            continue;
        };
        sink.push(complaint(place, what, near));
    }
}

/// A region of the estate, or where AWS keeps what it counts for all regions.
fn is_known(spec: &Spec, region: &str) -> bool {
    spec.regions.iter().any(|own| own == region) || region == spec.partition.global_region()
}

fn complaint(place: &Place, what: &str, near: Option<&str>) -> Diagnostic {
    let site = Site::at(["places", &place.to_string()]).key();
    let complaint =
        spec::rule::PLACE.at(site, format!("something is used in {place}, but {what} that"));
    match near {
        Some(near) => complaint.help(format!("did you mean `{near}`?")),
        None => complaint.help("remove it"),
    }
}
