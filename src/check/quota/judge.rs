//! What is counted, as complaints: each quota that is passed, once, with the place where it is passed
//! most. What somebody said that AWS has granted stops, and so does what AWS never grants; a default that
//! it raises warns, as only AWS knows what it has granted since. What no source confirms, and what AWS
//! raises by itself, is for `tenantry quotas` to show.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::PENDING;
use crate::check::quota::instead::instead;
use crate::check::quota::{Counter, Use};
use crate::check::rule;
use crate::diag::{Diagnostic, Rule, Sink};
use crate::name::nearest;
use crate::plan::Lock;
use crate::source::Site;
use crate::spec::quota::Place;
use crate::spec::{self, Spec};
use crate::template::Estate;

/// More is used than AWS grants everybody.
static DEFAULT: Rule = rule::USED_UP.warning();

/// Complains of each quota that is passed in an estate that was counted.
pub fn judge(uses: &[Use], spec: &Spec, estate: &Estate, counter: &Counter, sink: &mut Sink) {
    let mut passed: BTreeMap<(&str, bool), Vec<&Use>> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.is_over()) {
        passed.entry((one.quota, one.given || one.is_beyond())).or_default().push(one);
    }
    for ((id, stops), places) in passed {
        // Places stand in order, and of two that are passed alike the first is named.
        let worst = places.iter().rev().max_by_key(|one| one.used - one.limit.unwrap_or(0));
        let worst = worst.expect("it is passed somewhere");
        let rule = if stops { &rule::QUOTA } else { &DEFAULT };
        let said = spec.quotas.said_at(id, &worst.account, &worst.region);
        let tier = || match counter.tier_of(estate, worst) {
            Some(tier) => Site::at(["tiers", tier]),
            None => Site::at(["tiers"]),
        };
        let complaint = rule.at(said.unwrap_or_else(tier).key(), message(worst, places.len() - 1));
        sink.push(match help(worst) {
            Some(help) => complaint.help(help),
            None => complaint,
        });
    }
}

fn message(worst: &Use, others: usize) -> String {
    let row = worst.row();
    let limit = worst.limit.unwrap_or(0);
    let who = match worst.most().filter(|_| worst.is_beyond()) {
        Some(most) => format!("AWS never grants more than {most}"),
        None if worst.given => format!("{limit} are granted"),
        None => format!("AWS grants {limit} unless it was asked for more"),
    };
    let code = row.code.map_or(String::new(), |code| format!(" ({code})"));
    let more = match others {
        0 => String::new(),
        1 => ", and in one more place".to_owned(),
        others => format!(", and in {others} more places"),
    };
    format!("`{}`{code} in {}: {} are used, and {who}{more}", worst.quota, worst.place, worst.used)
}

/// What helps, where it is something else than to ask AWS for more of the quota itself.
fn help(worst: &Use) -> Option<String> {
    let row = worst.row();
    if worst.is_beyond() {
        let instead = instead(row);
        return Some(format!(
            "no request raises it: {instead}, or another model (`tenantry compare`)"
        ));
    }
    let with = row.tied_to?;
    Some(format!(
        "AWS raises it with `{with}`, by as many: ask for more of that (`tenantry quotas BLUEPRINT --request \
         commands`) and write what it has granted into `quotas` or `places`, or use less"
    ))
}

/// Complains of what is said of accounts that the estate does not have: it would be read and never counted, so a
/// wrong digit would hide what is there or what is granted. While the lock does not know yet which accounts AWS has
/// made, something may be granted in them already, but not where one is all but written as one that is known.
pub fn places(spec: &Spec, lock: &Lock, sink: &mut Sink) {
    let mut accounts = accounts(spec, lock);
    let waits = accounts.remove(PENDING);
    for (place, local) in spec.quotas.places() {
        let used = !local.used.is_empty();
        let slip = || accounts.iter().any(|known| is_slip(&place.account, known));
        let said = used || (!local.granted.is_empty() && (!waits || slip()));
        if said && !accounts.contains(place.account.as_str()) {
            let near = nearest(&place.account, accounts.iter().copied());
            let how = if used { "used" } else { "granted" };
            sink.push(complaint(place, how, near, spec));
        }
    }
}

/// How many digits of an account may be wrong, so that it is taken for a slip: two that change places.
const SLIP: usize = 2;

/// Whether an account differs from one that is known as by a slip. Of accounts that AWS has made, no two do
/// but by chance.
fn is_slip(account: &str, known: &str) -> bool {
    account.bytes().zip(known.bytes()).filter(|(a, b)| a != b).count() <= SLIP
}

/// Every account that the blueprint names, or that the lock says something is in.
fn accounts<'a>(spec: &'a Spec, lock: &'a Lock) -> BTreeSet<&'a str> {
    let named = [Some(&spec.hub_account), spec.log_archive_account.as_ref()];
    (named.into_iter().chain([spec.management_account.as_ref()]).flatten())
        .chain(&spec.workload_accounts)
        .chain([&spec.deploy.account])
        .chain(lock.tenants.values().chain(lock.retired.values()).map(|tenant| &tenant.account))
        .chain(lock.cells.values().map(|cell| &cell.account))
        .map(String::as_str)
        .collect()
}

/// What is said of a place that is none, where a listing says it, or else the blueprint.
fn complaint(place: &Place, how: &str, near: Option<&str>, spec: &Spec) -> Diagnostic {
    let listed = spec.quotas.listed_at(place);
    let written = || Site::at(["places", &place.to_string()]).key();
    let message = format!("something is {how} in {place}, but no account of the estate is that");
    let complaint = spec::rule::PLACE.at(listed.cloned().unwrap_or_else(written), message);
    match (near, listed) {
        (Some(near), _) => complaint.help(format!("did you mean `{near}`?")),
        (None, Some(_)) => {
            complaint.help("name the account that the listing is of, or leave the listing out")
        }
        (None, None) => complaint.help("remove it"),
    }
}
