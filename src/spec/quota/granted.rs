//! What AWS says that it has granted → numbers by place and quota. Quotas are matched by their code;
//! the place is the one that stands in the ARN of each, which must be the one that was named. What AWS grants an
//! account for all regions at once is the account's, whichever region its ARN names: the one that keeps it.
//! Sources: <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>,
//! <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::listing::Listing;
use super::{Place, existing};
use crate::aws::quota;
use crate::diag::{Diagnostic, Sink};
use crate::source::{FileId, Site, Sources};
use crate::spec::{Spec, rule};

/// What `aws service-quotas` answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    /// To `list-service-quotas`.
    #[serde(rename_all = "PascalCase")]
    Listed { quotas: Vec<Entry> },
    /// To `get-service-quota`.
    #[serde(rename_all = "PascalCase")]
    One { quota: Entry },
}

impl Answer {
    fn entries(&self) -> &[Entry] {
        match self {
            Answer::Listed { quotas } => quotas,
            Answer::One { quota } => std::slice::from_ref(quota),
        }
    }
}

/// Whether it looks as if `aws service-quotas` had answered it.
pub fn is_answer(json: &Json) -> bool {
    json["Quotas"].is_array() || json["Quota"].is_object()
}

/// A quota as Service Quotas lists it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    quota_code: String,
    #[serde(default)]
    quota_arn: String,
    value: Option<f64>,
    #[serde(default)]
    quota_applied_at_level: Option<String>,
}

/// What is granted, by place and quota.
pub type Grants = BTreeMap<(Place, &'static str), Grant>;

/// How many are granted.
#[derive(Clone, Debug)]
pub struct Grant {
    /// How many.
    count: u32,
    /// The region of which it is said.
    region: Option<String>,
    /// Where it is said.
    at: Site,
}

/// Reads listings, each with the place that was named of it, if one was: what is granted there, or else in
/// the place of each ARN. `None` if anything is wrong, and the sink says what.
pub fn read(
    sources: &Sources,
    files: &[(Option<Place>, FileId)],
    sink: &mut Sink,
) -> Option<Grants> {
    let before = sink.errors();
    let mut grants = Grants::new();
    for (place, file) in files {
        let Some(listing) = Listing::read(sources, *file, sink) else { continue };
        let Ok(answer) = serde_json::from_value::<Answer>(listing.json.clone()) else {
            sink.push(other(&listing));
            continue;
        };
        if !listing.json["NextToken"].is_null() {
            listing.is_cut("NextToken", None, sink);
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in answer.entries() {
            let nth = seen.entry(&entry.quota_code).or_default();
            let at = listing.nth(&entry.quota_code, *nth);
            *nth += 1;
            if let Some((key, grant)) = grant(entry, place.as_ref(), at, sink) {
                add(&mut grants, key, grant, sink);
            }
        }
    }
    (sink.errors() == before).then_some(grants)
}

/// What is no listing of quotas.
fn other(listing: &Listing<'_>) -> Diagnostic {
    let message = "this is what neither `aws service-quotas list-service-quotas` nor `get-service-quota` prints";
    let complaint = rule::LISTING.at(listing.head(), message);
    match existing::kind_of(listing) {
        Some(kind) => complaint.help(format!(
            "`aws {}` prints it: give it with --existing ACCOUNT/REGION=FILE",
            kind.command
        )),
        None => complaint.help("give what one of them prints with --output json, without --query"),
    }
}

/// Where a quota of the table is granted, which, and how many; nothing of others, and of what is granted one
/// resource, which is not granted to others.
fn grant(
    entry: &Entry,
    named: Option<&Place>,
    at: Site,
    sink: &mut Sink,
) -> Option<((Place, &'static str), Grant)> {
    let row = quota::all().iter().find(|row| row.code == Some(&entry.quota_code))?;
    let single = entry.quota_applied_at_level.as_deref() == Some("RESOURCE");
    let value = entry.value.filter(|_| !single)?;
    let mut complain = |message: String, help: String| {
        sink.push(rule::LISTING.at(at.clone(), message).help(help));
        None
    };
    if !(0.0..=f64::from(u32::MAX)).contains(&value) {
        let help = format!("AWS prints a number from 0 to {} there: list it again", u32::MAX);
        return complain(format!("{value} is no number of `{}`", row.id), help);
    }
    let own = of_arn(&entry.quota_arn);
    let region = own.as_ref().and_then(|own| own.region.clone());
    let kept = |place: Place| if row.is_wide() { Place { region: None, ..place } } else { place };
    let place = match (own.map(kept), named) {
        (Some(own), Some(named)) if !agrees(&own, named) => {
            let message = format!("`{}` is granted in {own}, not in {named}", row.id);
            return complain(message, "name the place that the listing is of".to_owned());
        }
        (None, None) => {
            let message = format!("nothing says in which account `{}` is so", row.id);
            let help = "name the place: --granted 111111111111/eu-west-1=FILE".to_owned();
            return complain(message, help);
        }
        (Some(own), _) => own,
        (None, Some(named)) => kept(named.clone()),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was compared; a part of a thing is none"
    )]
    let count = value as u32;
    Some(((place, row.id), Grant { count, region, at }))
}

/// Adds what is granted, unless another number was said of the same. Where AWS says another in another region of
/// what is the account's, the least is certain.
fn add(grants: &mut Grants, key: (Place, &'static str), grant: Grant, sink: &mut Sink) {
    let Some(first) = grants.get_mut(&key) else {
        grants.insert(key, grant);
        return;
    };
    if first.count == grant.count {
        return;
    }
    if let (Some(one), Some(other)) = (&first.region, &grant.region)
        && one != other
    {
        if grant.count < first.count {
            *first = grant;
        }
        return;
    }
    let ((place, id), count) = (key, grant.count);
    let message = format!("`{id}` is granted in {place} twice, {} and {count}", first.count);
    let complaint = rule::LISTING.at(grant.at, message).help("keep the one that AWS shows today");
    sink.push(complaint.note(first.at.clone(), "it is granted here, too"));
}

/// Grants what was read, and complains of regions that the estate does not have. What is granted the organization
/// is its management account's: AWS lists it in every account.
pub fn apply(grants: Grants, spec: &mut Spec, sink: &mut Sink) {
    let mut strange: BTreeMap<Place, Site> = BTreeMap::new();
    for ((place, id), Grant { count, at, .. }) in grants {
        if super::elsewhere(id, &place, spec.management_account.as_deref()).is_some() {
            continue;
        }
        if place
            .region
            .as_ref()
            .is_none_or(|region| super::is_region(spec.partition, &spec.regions, region))
        {
            spec.quotas.grant_at(place, id, count, at);
        } else {
            strange.entry(place).or_insert(at);
        }
    }
    for (place, at) in strange {
        sink.push(super::strange(&place, at, &spec.regions, LEAVE_OUT));
    }
}

/// What to do with a listing of another region.
pub(super) const LEAVE_OUT: &str =
    "name the region that the listing is of, or leave the listing out";

/// The place in an ARN; global quotas have no region, defaults no account. Source:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html>.
fn of_arn(arn: &str) -> Option<Place> {
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (parts.next()?, parts.next()?);
    let place = Place::parse(account)?;
    Some(Place { region: Some(region.to_owned()).filter(|it| !it.is_empty()), ..place })
}

/// Whether a listing of a place can hold a quota of another: global ones are in that of every region.
fn agrees(own: &Place, named: &Place) -> bool {
    let either = own.region.is_none() || named.region.is_none();
    own.account == named.account && (either || own.region == named.region)
}
