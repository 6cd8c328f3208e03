//! What is there already, as the AWS command line lists it → how many of each quota are used by what
//! tenantry did not make. What it made is not counted a second time: it is known by its tags, by its
//! VPC, or where a listing shows neither, by its name. The shapes are those of botocore's service models
//! (<https://github.com/boto/botocore/tree/develop/botocore/data>).

pub mod kind; // what is known of a listing
pub mod kinds; // every listing that is known

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::granted::{self, LEAVE_OUT};
use super::listing::Listing;
use super::{Place, Scope};
use crate::aws::quota;
use crate::diag::{Diagnostic, Sink};
use crate::source::{FileId, Site, Sources};
use crate::spec::{Spec, rule};
use kind::Kind;
use kinds::KINDS;

/// The commands whose output is known, for people.
pub fn commands() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.command)
}

/// What is used, by place and quota, and where the first of it is listed.
pub type Used = BTreeMap<(Place, &'static str), (u32, Site)>;

/// A listing of a kind that is known.
pub struct Listed<'a> {
    /// The place as it was named.
    named: &'a Place,
    /// The place that it is of: the account, where AWS lists the same from each region.
    place: Place,
    listing: Listing<'a>,
    kind: &'static Kind,
}

impl Listed<'_> {
    fn entries(&self) -> &[Value] {
        self.listing.json[self.kind.list].as_array().map_or(&[], Vec::as_slice)
    }

    fn at(&self) -> Site {
        self.listing.place(self.kind.list)
    }
}

/// The kind of a listing, if it is known.
pub fn kind_of(listing: &Listing<'_>) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| listing.json[kind.list].is_array())
}

/// Reads listings, each of its place; `None` if anything is wrong with one, and the sink says what.
pub fn read<'a>(
    sources: &'a Sources,
    files: &'a [(Place, FileId)],
    sink: &mut Sink,
) -> Option<Vec<Listed<'a>>> {
    let before = sink.errors();
    let mut out: Vec<Listed<'_>> = Vec::new();
    for (named, file) in files {
        let Some(listing) = Listing::read(sources, *file, sink) else { continue };
        let Some(kind) = kind_of(&listing) else {
            sink.push(unknown(&listing));
            continue;
        };
        if let Some((key, help)) = kind.cut(&listing.json) {
            listing.is_cut(key, help, sink);
        }
        let whole = Place { region: None, ..named.clone() };
        let place = if kind.is_of_account() { whole } else { named.clone() };
        let one = Listed { named, place, listing, kind };
        strangers(&one, sink);
        match out.iter().find(|other| other.place == one.place && other.kind.list == kind.list) {
            // A loop over regions lists the same of an account in each.
            Some(other) if other.named != one.named && other.entries() == one.entries() => {}
            Some(other) => sink.push(twice(&one, other)),
            None => out.push(one),
        }
    }
    (sink.errors() == before).then_some(out)
}

fn unknown(listing: &Listing<'_>) -> Diagnostic {
    let message = "this is the output of no command that is known here";
    let help = if granted::is_answer(&listing.json) {
        "what AWS has granted is given with --granted FILE".to_owned()
    } else {
        format!("known are {}", commands().collect::<Vec<_>>().join(", "))
    };
    rule::LISTING.at(listing.head(), message).help(help)
}

/// Complains of the first entry that is none that the command prints.
fn strangers(one: &Listed<'_>, sink: &mut Sink) {
    let faults = one.entries().iter().enumerate();
    let mut faults = faults.filter_map(|(n, entry)| Some((n, one.kind.fault(entry)?)));
    if let Some((n, why)) = faults.next() {
        let (list, command) = (one.kind.list, one.kind.command);
        let message =
            format!("entry {} of `{list}` is none that `aws {command}` prints: {why}", n + 1);
        let help = "give what the command prints, without --query";
        sink.push(rule::LISTING.at(one.at(), message).help(help));
    }
}

fn twice(one: &Listed<'_>, other: &Listed<'_>) -> Diagnostic {
    let command = one.kind.command;
    let (how, help) = if one.named == other.named {
        ("", "list it once")
    } else {
        (
            ", each time something else",
            "AWS tells all that the account has from each region: list it once, for the account",
        )
    };
    let message = format!("`aws {command}` is listed twice for {}{how}", one.place);
    let complaint = rule::LISTING.at(one.at(), message).help(help);
    complaint.note(other.at(), "it is listed here, too")
}

/// Counts what is listed; `None` if it is of a place that it cannot be of, and the sink says so. Several
/// listings of one place are read together: what tenantry's VPCs hold is known by the listing of VPCs.
pub fn count(listed: &[Listed<'_>], spec: &Spec, sink: &mut Sink) -> Option<Used> {
    let before = sink.errors();
    let own = Own::new(spec, listed);
    let mut used = Used::new();
    for one in listed {
        match &one.place.region {
            Some(region) if !super::is_region(spec.partition, &spec.regions, region) => {
                sink.push(super::strange(&one.place, one.at(), &spec.regions, LEAVE_OUT));
            }
            _ => add(one, spec, &own, &mut used, sink),
        }
    }
    (sink.errors() == before).then_some(used)
}

fn add(one: &Listed<'_>, spec: &Spec, own: &Own, used: &mut Used, sink: &mut Sink) {
    let place = &one.place;
    for (id, fits) in one.kind.counts {
        let row = quota::get(id).expect("a row of the table");
        if Scope::of(row) != Scope::Account && place.region.is_none() {
            let message = format!("AWS counts `{id}` in each region, and {place} names none");
            let help = format!("name the region: --existing {place}/<region>=FILE");
            sink.push(rule::LISTING.at(one.at(), message).help(help));
            continue;
        }
        if let Some((message, manages)) =
            super::elsewhere(id, place, spec.management_account.as_deref())
        {
            let help =
                format!("give the listing of the account that does: --existing {manages}=FILE");
            sink.push(rule::PLACE.at(one.at(), message).help(help));
            continue;
        }
        let others = one.entries().iter().filter(|it| fits(it) && is_there(it) && is_of(it, place));
        let others = others.filter(|it| !own.made(it, one.kind)).count();
        let (count, _) = used.entry((place.clone(), id)).or_insert_with(|| (0, one.at()));
        *count = count.saturating_add(u32::try_from(others).unwrap_or(u32::MAX));
    }
}

/// Whether it is not on its way out. A stack that was deleted is told to whoever asks for it by its id:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>.
fn is_there(entry: &Value) -> bool {
    let gone = |state: &Value| state.as_str().is_some_and(|it| it.eq_ignore_ascii_case("deleted"));
    !gone(&entry["State"]) && entry["StackStatus"] != "DELETE_COMPLETE"
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
    fn new(spec: &Spec, listed: &[Listed<'_>]) -> Self {
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
        for one in listed.iter().filter(|one| one.kind.list == "Vpcs") {
            let vpcs = one.entries().iter().filter(|vpc| own.is_tagged(vpc));
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
        let name = kind.name(entry);
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
