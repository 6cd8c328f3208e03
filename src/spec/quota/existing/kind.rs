//! What is known of a listing: what its entries are, which quotas they count for, and how its command tells
//! that there is more.

use serde_json::Value;

use crate::aws::quota;
use crate::spec::quota::Scope;

/// What an entry counts for: the quota, and whether it fits.
pub type Counts = (&'static str, fn(&Value) -> bool);

/// What the entries of a listing are.
#[derive(Clone, Copy)]
pub enum Entry {
    /// Texts: a name, or an ARN, which ends in it.
    Text,
    /// Objects that have an id under this key; whose they are is seen by their tags, or their VPC.
    Id(&'static str),
    /// Objects that have a name under this key.
    Name(&'static str),
}

/// How a command tells that there is more.
#[derive(Clone, Copy)]
pub enum Pages {
    /// It tells all at once.
    All,
    /// The AWS command line asks for page after page, unless it is told not to: then something stands
    /// under one of these keys.
    Itself(&'static [&'static str]),
    /// The AWS command line asks for one page. There is more where something stands under this key; what to
    /// do then.
    ByHand(&'static str, &'static str),
    /// The same, but something always stands under the key: the last page is the one that is not full. How
    /// many entries a full one has.
    Full(&'static str, usize, &'static str),
}

/// A kind of listing.
pub struct Kind {
    /// The key of its list.
    pub list: &'static str,
    /// What its entries are.
    pub entry: Entry,
    /// How it tells that there is more.
    pub pages: Pages,
    /// The command that prints it.
    pub command: &'static str,
    /// What each entry that fits counts for.
    pub counts: &'static [Counts],
}

impl Kind {
    /// Whether AWS lists the same from each region.
    pub fn is_of_account(&self) -> bool {
        let scope = |id: &str| quota::get(id).map(Scope::of);
        !self.counts.is_empty()
            && self.counts.iter().all(|(id, _)| scope(id) == Some(Scope::Account))
    }

    /// Where a listing says that it is only a part, and what to do then, where it is something else than to
    /// let the AWS command line ask for all pages.
    pub fn cut(&self, json: &Value) -> Option<(&'static str, Option<&'static str>)> {
        let says = |key: &str| {
            let said = &json[key];
            !(said.is_null() || *said == false || *said == "")
        };
        match self.pages {
            Pages::All => None,
            Pages::Itself(keys) => keys.iter().find(|key| says(key)).map(|key| (*key, None)),
            Pages::ByHand(key, help) => says(key).then_some((key, Some(help))),
            Pages::Full(key, full, help) => {
                let entries = json[self.list].as_array().map_or(0, Vec::len);
                let is_full = entries > 0 && entries.is_multiple_of(full);
                (says(key) && is_full).then_some((key, Some(help)))
            }
        }
    }

    /// What is wrong with an entry, if it is none of these.
    pub fn fault(&self, entry: &Value) -> Option<String> {
        match self.entry {
            Entry::Text => (!entry.is_string()).then(|| "it is no text".to_owned()),
            Entry::Id(key) | Entry::Name(key) => {
                (!entry[key].is_string()).then(|| format!("it has no `{key}`"))
            }
        }
    }

    /// The name of an entry, where it has one.
    pub fn name<'a>(&self, entry: &'a Value) -> &'a str {
        let name = match self.entry {
            Entry::Text => entry.as_str(),
            Entry::Id(_) => None,
            Entry::Name(key) => entry[key].as_str(),
        };
        let name = name.unwrap_or_default();
        // An ARN ends in the name.
        let last = || name.rsplit([':', '/']).next().unwrap_or_default();
        if name.starts_with("arn:") { last() } else { name }
    }
}

// Which key says that there is more, and whether the AWS command line follows it, is in `paginators-1.json`
// of each service of botocore. Whoever gives `--max-items` finds `NextToken`, whatever the service calls it
// (<https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html>).
pub(super) const NEXT: Pages = Pages::Itself(&["NextToken"]);
pub(super) const LOWER: Pages = Pages::Itself(&["nextToken", "NextToken"]);
pub(super) const MARKER: Pages = Pages::Itself(&["Marker", "IsTruncated", "NextToken"]);
pub(super) const NEXT_MARKER: Pages = Pages::Itself(&["NextMarker", "NextToken"]);
pub(super) const TABLE: Pages = Pages::Itself(&["LastEvaluatedTableName", "NextToken"]);
pub(super) const STREAMS: Pages = Pages::Itself(&["HasMoreStreams", "NextToken"]);
pub(super) const CONTINUED: Pages = Pages::Itself(&["ContinuationToken", "NextToken"]);

/// At most 10,000 are told at once, more than an account may have:
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html>.
pub(super) const DELIVERY: Pages = Pages::ByHand(
    "HasMoreDeliveryStreams",
    "the AWS command line asks for ten of them: run it again with --limit 10000",
);

/// At most 50 are told at once:
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListWorkGroups.html>.
pub(super) const WORK_GROUPS: Pages = Pages::ByHand(
    "NextToken",
    "the AWS command line asks for one page of them: ask for the others with --next-token, and give one list \
     `WorkGroups` with those of all pages, without `NextToken`",
);

/// At most 100 are told at once (<https://docs.aws.amazon.com/waf/latest/APIReference/API_ListWebACLs.html>), and
/// the marker is there on the last page, too (<https://github.com/boto/boto3/issues/3715>).
pub(super) const WEB_ACLS: Pages = Pages::Full(
    "NextMarker",
    100,
    "the AWS command line asks for one page of them, and a hundred may not be all: ask for the next with \
     --next-marker, and give one list `WebACLs` with those of all pages, without `NextMarker`",
);
