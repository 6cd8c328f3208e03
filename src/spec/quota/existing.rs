//! What is there already, as the AWS command line lists it → how many of each quota are used by what
//! tenantry did not make. What it made is not counted a second time: it is known by its tags, by its
//! VPC, or where a listing shows neither, by its name. The shapes are those of botocore's service models
//! (<https://github.com/boto/botocore/tree/develop/botocore/data>).

pub mod kinds; // every listing that is known

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Place;
use super::listing::Listing;
use crate::diag::Sink;
use crate::source::{FileId, Sources};
use crate::spec::{Spec, rule};
use kinds::{KINDS, Kind};

/// The commands whose output is known, for people.
pub fn commands() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.command)
}

/// What is used, by place and quota.
pub type Used = BTreeMap<(Place, &'static str), u32>;

/// Counts what is listed, each listing of its place; `None` if anything is wrong with one, and the sink
/// says what. Several listings of one place are read together: what tenantry's VPCs hold is known by
/// the listing of VPCs.
pub fn read(
    sources: &Sources,
    files: &[(Place, FileId)],
    spec: &Spec,
    sink: &mut Sink,
) -> Option<Used> {
    let before = sink.errors();
    let mut listings: Vec<(&Place, Listing<'_>, &Kind)> = Vec::new();
    for (place, file) in files {
        let Some(listing) = Listing::read(sources, *file, sink) else { continue };
        listing.is_whole(sink);
        let Some(kind) = KINDS.iter().find(|kind| listing.json[kind.list].is_array()) else {
            let message = "this is the output of no command that is known here";
            let site = listing.place(listing.json.as_object()?.keys().next().map_or("", |k| k));
            let help = format!("known are {}", commands().collect::<Vec<_>>().join(", "));
            sink.push(rule::LISTING.at(site, message).help(help));
            continue;
        };
        if listings.iter().any(|(other, _, known)| *other == place && known.list == kind.list) {
            let message = format!("`{}` is listed twice for {place}", kind.command);
            sink.push(rule::LISTING.at(listing.place(kind.list), message).help("list it once"));
        }
        listings.push((place, listing, kind));
    }
    let own = Own::new(spec, &listings);
    let mut used = Used::new();
    for (place, listing, kind) in &listings {
        count(place, listing, kind, &own, &mut used, sink);
    }
    (sink.errors() == before).then_some(used)
}

fn count(
    place: &Place,
    listing: &Listing<'_>,
    kind: &Kind,
    own: &Own,
    used: &mut Used,
    sink: &mut Sink,
) {
    for (id, fits) in kind.counts {
        let account = super::Scope::of(crate::aws::quota::get(id).expect("a row of the table"));
        let whole = Place { region: None, ..place.clone() };
        let place = if account == super::Scope::Account { whole } else { place.clone() };
        if account != super::Scope::Account && place.region.is_none() {
            let message = format!("AWS counts `{id}` in each region, and {place} names none");
            let help = format!("name the region: --existing {place}/<region>=FILE");
            sink.push(rule::LISTING.at(listing.place(kind.list), message).help(help));
            continue;
        }
        let entries = listing.json[kind.list].as_array().into_iter().flatten();
        let others = entries.filter(|it| fits(it) && is_there(it) && is_of(it, &place));
        let others = others.filter(|it| !own.made(it, kind)).count();
        *used.entry((place, id)).or_default() += u32::try_from(others).unwrap_or(u32::MAX);
    }
}

/// Whether it is not on its way out.
fn is_there(entry: &Value) -> bool {
    let gone = |state: &Value| state.as_str().is_some_and(|it| it.eq_ignore_ascii_case("deleted"));
    !gone(&entry["State"])
}

/// Whether it is the account's own: what others share is listed, too, and counted with them.
fn is_of(entry: &Value, place: &Place) -> bool {
    entry["OwnerId"].as_str().is_none_or(|owner| owner == place.account)
}

/// What tenantry made.
struct Own {
    /// Key and value of the tags that are on all of it.
    tags: [(&'static str, String); 2],
    /// What the names of its things begin with.
    names: Vec<String>,
    /// Its VPCs.
    vpcs: BTreeSet<String>,
    /// The addresses of its accounts, and the accounts that the blueprint names: they are counted already.
    accounts: BTreeSet<String>,
}

impl Own {
    fn new(spec: &Spec, listings: &[(&Place, Listing<'_>, &Kind)]) -> Self {
        // A name that differs from stack to stack only behind some text begins with that text.
        let name = spec.naming.render(&spec.name, &spec.environment, "\u{0}");
        let begin = name.split('\u{0}').next().unwrap_or_default().to_owned();
        // What takes no hyphens has underscores in their place.
        let mut names = vec![
            format!("{}-", spec.estate()),
            format!("{}_", spec.estate().replace('-', "_")),
            format!("/{}/{}/", spec.name, spec.environment),
        ];
        // A beginning that others may have, too, would hide what is theirs.
        names.extend((begin.contains(&spec.name) && name != begin).then_some(begin));
        // The stacks of a stack set are named by it, and what they hold by them. Source:
        // <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceCatalogAdminFullAccess.html>.
        names.extend(names.clone().iter().map(|begin| format!("StackSet-{begin}")));
        let emails = spec.tenants.values().filter_map(|tenant| tenant.email.as_ref());
        let mut accounts: BTreeSet<String> = emails.map(|email| email.to_lowercase()).collect();
        accounts.extend(spec.named_accounts().into_iter().map(str::to_owned));
        let tags = [("Estate", spec.name.clone()), ("Environment", spec.environment.clone())];
        let mut own = Own { tags, names, vpcs: BTreeSet::new(), accounts };
        for (_, listing, _) in listings.iter().filter(|(.., kind)| kind.list == "Vpcs") {
            let vpcs = listing.json["Vpcs"].as_array().into_iter().flatten();
            let vpcs = vpcs.filter(|vpc| own.is_tagged(vpc));
            let ids: Vec<String> =
                vpcs.filter_map(|vpc| vpc["VpcId"].as_str().map(str::to_owned)).collect();
            own.vpcs.extend(ids);
        }
        own
    }

    fn made(&self, entry: &Value, kind: &Kind) -> bool {
        if kind.list == "Accounts" {
            let text = |key: &str| entry[key].as_str().unwrap_or_default();
            return self.accounts.contains(&text("Email").to_lowercase())
                || self.accounts.contains(text("Id"));
        }
        let name = entry.as_str().or_else(|| entry[kind.name].as_str()).unwrap_or_default();
        // An ARN ends in the name.
        let name = if name.starts_with("arn:") {
            name.rsplit([':', '/']).next().unwrap_or_default()
        } else {
            name
        };
        self.is_tagged(entry)
            || entry["VpcId"].as_str().is_some_and(|vpc| self.vpcs.contains(vpc))
            || self.names.iter().any(|begin| name.starts_with(begin.as_str()))
    }

    /// Whether it carries the tags that are on everything that tenantry makes.
    fn is_tagged(&self, entry: &Value) -> bool {
        let lists =
            ["Tags", "TagSet", "TagList"].into_iter().filter_map(|key| entry[key].as_array());
        let tags: Vec<&Value> = lists.flatten().collect();
        self.tags.iter().all(|(key, value)| {
            tags.iter().any(|tag| tag["Key"] == *key && tag["Value"] == value.as_str())
        })
    }
}
