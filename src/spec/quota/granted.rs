//! What AWS says that it has granted → numbers by place and quota. Quotas are matched by their code;
//! the place is the one that stands in the ARN of each, which must be the one that was named.
//! Source: <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>.

use serde::Deserialize;

use super::listing::Listing;
use super::{Place, Quotas};
use crate::aws::quota;
use crate::diag::Sink;
use crate::source::{FileId, Sources};
use crate::spec::rule;

/// The answer of `aws service-quotas list-service-quotas`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    quotas: Vec<Entry>,
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

/// Grants what a listing says, in the place that was named or else in that of each ARN. How many
/// quotas of the table were in it; `None` if anything is wrong, and the sink says what.
pub fn read(
    sources: &Sources,
    file: FileId,
    place: Option<&Place>,
    quotas: &mut Quotas,
    sink: &mut Sink,
) -> Option<usize> {
    let before = sink.errors();
    let listing = Listing::read(sources, file, sink)?;
    let Ok(answer) = serde_json::from_value::<Answer>(listing.json.clone()) else {
        let message =
            "this is not what `aws service-quotas list-service-quotas --output json` prints";
        sink.push(rule::LISTING.at(listing.place("Quotas"), message));
        return None;
    };
    listing.is_whole(sink);
    let mut found = Vec::new();
    for entry in &answer.quotas {
        let Some(row) = quota::all().iter().find(|row| row.code == Some(&entry.quota_code)) else {
            continue;
        };
        // What AWS granted one resource is not granted to others.
        let single = entry.quota_applied_at_level.as_deref() == Some("RESOURCE");
        let Some(value) = entry.value.filter(|_| !single) else { continue };
        let at = listing.place(&entry.quota_code);
        if !(0.0..=f64::from(u32::MAX)).contains(&value) {
            sink.push(rule::LISTING.at(at, format!("{value} is no number of `{}`", row.id)));
            continue;
        }
        match (of_arn(&entry.quota_arn), place) {
            (Some(own), Some(named)) if !agrees(&own, named) => {
                let message = format!("`{}` is granted in {own}, not in {named}", row.id);
                let help = "name the place that the listing is of";
                sink.push(rule::LISTING.at(at, message).help(help));
            }
            (None, None) => {
                let message = format!("nothing says in which account `{}` is so", row.id);
                let help = "name the place: --granted 111111111111/eu-west-1=FILE";
                sink.push(rule::LISTING.at(at, message).help(help));
            }
            (own, named) => {
                let place = own.or_else(|| named.cloned()).expect("one of them is there");
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it was compared; a part of a thing is none"
                )]
                found.push((place, row.id, value as u32));
            }
        }
    }
    if sink.errors() > before {
        return None;
    }
    let all = found.len();
    for (place, id, count) in found {
        quotas.grant(place, id, count);
    }
    Some(all)
}

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
