//! How many of each thing AWS allows, and how many are used already by what tenantry did not make: for
//! all accounts, or for one account, or for one account in one region. What is nearest counts.

pub mod listing; // what AWS prints, as text → numbers with their places
pub mod existing; // `aws ec2 describe-vpcs` and the like → use
pub mod granted; // `aws service-quotas list-service-quotas` → grants
pub mod learn; // all that is listed, besides what a blueprint says

use std::collections::BTreeMap;

use crate::aws::Partition;
use crate::aws::quota::{self, Quota};
use crate::blueprint::Blueprint;
use crate::diag::{Diagnostic, Sink};
use crate::name::nearest;
use crate::source::Site;
use crate::spec::rule;

/// An account, or an account in a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account.
    pub account: String,
    /// The region; every region, if there is none.
    pub region: Option<String>,
}

impl Place {
    /// A place as it is written: `111111111111`, or `111111111111/eu-west-1`.
    pub fn parse(text: &str) -> Option<Place> {
        let (account, region) = match text.split_once('/') {
            Some((account, region)) => (account, Some(region)),
            None => (text, None),
        };
        let sound = account.len() == 12
            && account.chars().all(|c| c.is_ascii_digit())
            && region.is_none_or(|region| !region.is_empty());
        let region = region.map(str::to_owned);
        sound.then(|| Place { account: account.to_owned(), region })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.region {
            Some(region) => write!(f, "{}/{region}", self.account),
            None => f.write_str(&self.account),
        }
    }
}

/// What is so in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// How many AWS has granted, by quota.
    pub granted: BTreeMap<String, u32>,
    /// How many are used by what tenantry did not make, by quota.
    pub used: BTreeMap<String, u32>,
}

/// What AWS has granted beyond the defaults, and what is used already.
#[derive(Clone, Debug, Default)]
pub struct Quotas {
    everywhere: BTreeMap<String, u32>,
    places: BTreeMap<Place, Local>,
    /// Where listings say it: how many are granted, and anything of a place that the blueprint says nothing
    /// of.
    granted: BTreeMap<(Place, String), Site>,
    listed: BTreeMap<Place, Site>,
}

impl Quotas {
    /// What a blueprint says.
    pub fn new(blueprint: &Blueprint) -> Self {
        let local = |text: &String| {
            let written = &blueprint.places[text];
            let (granted, used) = (written.quotas.0.clone(), written.used.0.clone());
            Some((Place::parse(text)?, Local { granted, used }))
        };
        let places = blueprint.places.keys().filter_map(local).collect();
        Quotas { everywhere: blueprint.quotas.0.clone(), places, ..Quotas::default() }
    }

    /// Quotas that stop nothing, for a look at what would be if they did not.
    #[must_use]
    pub fn lifted() -> Self {
        let all = quota::all().iter().map(|quota| (quota.id.to_owned(), u32::MAX));
        Quotas { everywhere: all.collect(), ..Quotas::default() }
    }

    /// Whether the blueprint says how many there are everywhere.
    pub fn is_given(&self, id: &str) -> bool {
        self.everywhere.contains_key(id)
    }

    /// How many AWS allows everywhere of a quota that has a default.
    pub fn of(&self, id: &str) -> u32 {
        self.granted(id).expect("what bounds a cell has a default")
    }

    /// How many AWS has granted everywhere: what the blueprint says, or the default, if AWS publishes
    /// one.
    pub fn granted(&self, id: &str) -> Option<u32> {
        let default = || quota::get(id).and_then(|quota| quota.default);
        self.everywhere.get(id).copied().or_else(default)
    }

    /// How many somebody said that AWS has granted in an account and region: of the quota itself, or else
    /// more of the one that AWS raises it with.
    pub fn given_in(&self, id: &str, account: &str, region: &str) -> Option<u32> {
        let tied = || {
            let quota = quota::get(id)?;
            let with = self.said_in(quota.tied_to?, account, region);
            with.filter(|count| quota.default_in(region).is_none_or(|default| *count > default))
        };
        self.said_in(id, account, region).or_else(tied)
    }

    /// How many somebody said that AWS has granted of the quota itself.
    pub fn said_in(&self, id: &str, account: &str, region: &str) -> Option<u32> {
        let near = |region: Option<&str>| self.local(account, region)?.granted.get(id).copied();
        let wide = || near(None).or_else(|| self.everywhere.get(id).copied());
        near(Some(region)).or_else(wide)
    }

    /// Where it is said how many AWS has granted in an account and region, of the quota itself or of the
    /// one that AWS raises it with; `None` if nobody says so.
    pub fn said_at(&self, id: &str, account: &str, region: &str) -> Option<Site> {
        let tied = || quota::get(id).and_then(|quota| quota.tied_to);
        let site = |id: &str| self.site(id, account, region);
        site(id).or_else(|| site(tied()?))
    }

    fn site(&self, id: &str, account: &str, region: &str) -> Option<Site> {
        let near = [Some(region.to_owned()), None].into_iter().find_map(|region| {
            let place = Place { account: account.to_owned(), region };
            self.places.get(&place)?.granted.contains_key(id).then_some(place)
        });
        match near {
            Some(place) => {
                let written = Site::at(["places", &place.to_string(), "quotas", id]);
                Some(self.granted.get(&(place, id.to_owned())).cloned().unwrap_or(written))
            }
            None => self.everywhere.contains_key(id).then(|| Site::at(["quotas", id])),
        }
    }

    /// How many AWS allows in an account and region: what somebody said, or the default there, if AWS
    /// publishes one.
    pub fn granted_in(&self, id: &str, account: &str, region: &str) -> Option<u32> {
        let default = || quota::get(id).and_then(|quota| quota.default_in(region));
        self.given_in(id, account, region).or_else(default)
    }

    /// The same of a quota that has a default.
    pub fn of_in(&self, id: &str, account: &str, region: &str) -> u32 {
        self.granted_in(id, account, region).expect("what bounds a place has a default")
    }

    /// How many are used in an account and region by what tenantry did not make. What AWS counts by
    /// account is the same in every region.
    pub fn used_in(&self, id: &str, account: &str, region: &str) -> u32 {
        self.told_in(id, account, region).unwrap_or(0)
    }

    /// The same; `None` if nobody said how many.
    pub fn told_in(&self, id: &str, account: &str, region: &str) -> Option<u32> {
        let scope = quota::get(id).map(Scope::of);
        let region = (scope == Some(Scope::Region)).then_some(region);
        self.local(account, region).and_then(|local| local.used.get(id)).copied()
    }

    fn local(&self, account: &str, region: Option<&str>) -> Option<&Local> {
        if self.places.is_empty() {
            return None;
        }
        let region = region.map(str::to_owned);
        self.places.get(&Place { account: account.to_owned(), region })
    }

    /// Says how many AWS has granted in a place, in place of what was said before.
    pub fn grant(&mut self, place: Place, id: &str, count: u32) {
        self.places.entry(place).or_default().granted.insert(id.to_owned(), count);
    }

    /// The same, with the place in a listing that says so.
    pub fn grant_at(&mut self, place: Place, id: &str, count: u32, at: Site) {
        self.list(&place, &at);
        self.granted.insert((place.clone(), id.to_owned()), at);
        self.grant(place, id, count);
    }

    /// Says how many are used in a place, in place of what was said before, and where a listing says so.
    pub fn take_at(&mut self, place: Place, id: &str, count: u32, at: &Site) {
        self.list(&place, at);
        self.places.entry(place).or_default().used.insert(id.to_owned(), count);
    }

    fn list(&mut self, place: &Place, at: &Site) {
        if !self.places.contains_key(place) {
            self.listed.insert(place.clone(), at.clone());
        }
    }

    /// Where a listing speaks of a place that the blueprint does not speak of.
    pub fn listed_at(&self, place: &Place) -> Option<&Site> {
        self.listed.get(place)
    }

    /// What is said of single places.
    pub fn places(&self) -> &BTreeMap<Place, Local> {
        &self.places
    }
}

/// What has so many of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An account, or the organization, which its management account stands for.
    Account,
    /// An account in a region.
    Region,
    /// A thing in an account and region: a VPC, a load balancer.
    Thing,
}

impl Scope {
    /// That of a quota.
    pub fn of(quota: &Quota<'_>) -> Scope {
        match quota.scope {
            "per-account" | "per-organization" => Scope::Account,
            // What is counted by zone is said of the fullest zone of a region.
            "per-region" | "per-az" => Scope::Region,
            // AWS says of some that they are counted in each region, whatever their scope is called.
            _ if quota.id.ends_with("-per-region") => Scope::Region,
            _ => Scope::Thing,
        }
    }
}

/// Judges what a blueprint says of single places.
pub fn check(blueprint: &Blueprint, sink: &mut Sink) {
    for (text, local) in &blueprint.places {
        let site = Site::at(["places", text]);
        let Some(place) = Place::parse(text) else {
            let message = format!("{text:?} is neither an account nor an account in a region");
            let help = "write \"111111111111\", or \"111111111111/eu-west-1\"";
            sink.push(rule::PLACE.at(site.key(), message).help(help));
            continue;
        };
        let is_ours = |region: &String| is_region(blueprint.partition, &blueprint.regions, region);
        if !place.region.as_ref().is_none_or(is_ours) {
            let complaint = strange(&place, site.key(), &blueprint.regions, "remove it");
            sink.push(complaint.against(["regions"]));
            continue;
        }
        let said = [("quotas", &local.quotas, granted as Judge), ("used", &local.used, used)];
        for (key, counts, judge) in said {
            for id in counts.0.keys() {
                let site = site.child(key).child(id.as_str()).key();
                judge(id, &place, &site, sink);
                if let Some((message, manages)) =
                    elsewhere(id, &place, blueprint.accounts.management.as_deref())
                {
                    let help = format!("write it under \"{manages}\"");
                    sink.push(rule::PLACE.at(site.clone(), message).help(help));
                }
            }
        }
    }
}

/// What judges where something is said of a quota.
type Judge = fn(&str, &Place, &Site, &mut Sink);

/// What is granted an account for all regions at once is said of the account.
fn granted(id: &str, place: &Place, site: &Site, sink: &mut Sink) {
    if place.region.is_some() && quota::get(id).is_some_and(Quota::is_wide) {
        let message =
            format!("AWS grants `{id}` to the whole account, and {place} is one region of it");
        let help = format!("write it under \"{}\"", place.account);
        sink.push(rule::PLACE.at(site.clone(), message).help(help));
    }
}

/// What is used is said where AWS counts it.
fn used(id: &str, place: &Place, site: &Site, sink: &mut Sink) {
    let scope = quota::get(id).map(Scope::of);
    let (message, help) = match (scope, &place.region) {
        (Some(Scope::Region), None) => (
            format!("AWS counts `{id}` in each region, and {place} names none"),
            format!("write it under \"{place}/<region>\""),
        ),
        (Some(Scope::Account), Some(_)) => (
            format!("AWS counts `{id}` for the whole account, and {place} is one region of it"),
            format!("write it under \"{}\"", place.account),
        ),
        (Some(Scope::Thing), _) => (
            format!("`{id}` is a quota of single things, and what tenantry makes is its own"),
            "remove it".to_owned(),
        ),
        _ => return,
    };
    sink.push(rule::PLACE.at(site.clone(), message).help(help));
}

/// What AWS counts for an organization is said of its management account: what is wrong, and which that is.
fn elsewhere<'a>(id: &str, place: &Place, manages: Option<&'a str>) -> Option<(String, &'a str)> {
    let is_of_all = quota::get(id).is_some_and(|row| row.scope == "per-organization");
    let manages = manages.filter(|account| is_of_all && *account != place.account)?;
    let message =
        format!("AWS counts `{id}` for the organization, and {} does not manage it", place.account);
    Some((message, manages))
}

/// Whether an estate has a region, or AWS keeps there what it counts for all regions.
fn is_region(partition: Partition, regions: &[String], region: &str) -> bool {
    regions.iter().any(|own| own == region) || region == partition.global_region()
}

/// A place in a region that the estate does not have.
fn strange(place: &Place, at: Site, regions: &[String], otherwise: &str) -> Diagnostic {
    let region = place.region.as_deref().unwrap_or_default();
    let message = format!("{region:?} is not one of the estate's regions");
    let near = nearest(region, regions.iter().map(String::as_str));
    let help = near.map_or(otherwise.to_owned(), |near| format!("did you mean `{near}`?"));
    rule::PLACE.at(at, message).help(help)
}
