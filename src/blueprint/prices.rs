//! The price file as written: what AWS asks for what is there, by region, each with the page that says
//! so. Prices are kept as whole millionths, so that sums are exact.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::aws::Partition;
use crate::aws::driver::DRIVERS;
use crate::blueprint::complain::Judged;
use crate::blueprint::schema::Checker;
use crate::blueprint::{rule, yaml};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::{FileId, Key, Kind, Node, Site, Source, Sources};

/// What AWS asks, by region.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Tenantry prices")]
pub struct Prices {
    /// The version of this format; always 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The day on which the pages said so, for example 2026-11-25.
    #[schemars(extend("pattern" = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", "x-says" = "a day as 2026-11-25"))]
    pub as_of: String,
    /// The currency of all prices.
    #[schemars(extend("pattern" = "^[A-Z]{3}$", "x-says" = "three upper-case letters, for example USD"))]
    pub currency: String,
    /// How many hours a month has.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 672, max = 744), extend("default" = 730))]
    pub hours_per_month: Option<u32>,
    /// The prices, by what costs.
    pub prices: Listed,
}

/// The prices by what costs; the keys are those of `aws::driver`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Listed(pub BTreeMap<String, Price>);

/// What one thing costs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The page that says so.
    #[schemars(extend("pattern" = "^https://[!-~]+$", "x-says" = "the address of a page: https://…"))]
    pub source: String,
    /// The price by region: of an hour, or of a month where AWS bills by the month.
    #[schemars(
        extend("minProperties" = 1, "additionalProperties" = {"type": "number", "minimum": 0, "maximum": 1_000_000})
    )]
    pub regions: BTreeMap<String, f64>,
}

impl JsonSchema for Listed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Listed".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let price = generator.subschema_for::<Price>();
        let rows: serde_json::Map<String, serde_json::Value> =
            DRIVERS.iter().map(|driver| (driver.id.to_owned(), json!(price))).collect();
        schemars::json_schema!({
            "description": "The prices, by what costs. Instances are `instance.<type>`.",
            "type": "object",
            "additionalProperties": false,
            "properties": rows,
            "patternProperties": { "^instance\\.[a-z][a-z0-9-]*\\.[a-z0-9-]+$": price }
        })
    }
}

static CHECKER: LazyLock<Checker> =
    LazyLock::new(|| Checker::new(schemars::schema_for!(Prices).to_value()));

/// The schema as it stands in `schemas/prices.schema.json`.
pub fn schema_text() -> String {
    serde_json::to_string_pretty(&CHECKER.schema).expect("a schema is plain JSON") + "\n"
}

impl Prices {
    /// How many hours a month has.
    pub fn hours(&self) -> u32 {
        self.hours_per_month.unwrap_or(730)
    }

    /// The price of something in a region, in millionths.
    pub fn of(&self, driver: &str, region: &str) -> Option<u64> {
        let price = *self.prices.0.get(driver)?.regions.get(region)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the schema bounds it: from nothing to a million"
        )]
        let millionths = (price * 1e6).round() as u64;
        Some(millionths)
    }
}

/// What a price file is, for whom it is empty.
const BEGIN: &str =
    "write the prices that AWS asks, by what costs and by region, as docs/prices.yaml does";

/// Reads a price file. `None` if anything in it is wrong; the reasons are in the sink.
pub fn read(name: &str, bytes: &[u8], sources: &mut Sources, sink: &mut Sink) -> Option<Prices> {
    let before = sink.errors();
    let file = sources.add(Source::new(name, String::from_utf8_lossy(bytes)));
    if std::str::from_utf8(bytes).is_err() {
        sink.push(rule::ENCODING.at(Site::File(file), "the prices are not UTF-8"));
        return None;
    }
    yaml::parse(sources, file, BEGIN, sink);
    let root = sources.get(file).root.clone()?;
    // What breaks the schema does not hide the rest, so that is looked at as it is written.
    regions(&root, file, sink);
    day(&root, file, sink);
    let judged = Judged { file, name: "the price file", checker: &CHECKER };
    let tree = judged.judge(root, sources, sink)?.tree;
    let prices = serde_json::from_value(tree.to_json()).ok()?;
    (sink.errors() == before).then_some(prices)
}

/// Complains of every region that is none.
fn regions(root: &Node, file: FileId, sink: &mut Sink) {
    let base = Site::Value(file, vec!["prices".into()]);
    for (driver, price) in root.get("prices").into_iter().flat_map(Node::entries) {
        let site = base.child(driver.text.as_str()).child("regions");
        let regions = price.get("regions").into_iter().flat_map(Node::entries);
        for (Key { text: region, .. }, _) in
            regions.filter(|(key, _)| Partition::of(&key.text).is_none())
        {
            let message = format!("{region:?} is not a region of AWS");
            let all = [Partition::Aws, Partition::UsGov, Partition::China];
            let near = nearest(region, all.into_iter().flat_map(Partition::regions));
            let complaint = rule::PRICE_REGION.at(site.child(region.as_str()).key(), message);
            sink.push(match near {
                Some(near) => complaint.help(format!("did you mean `{near}`?")),
                None => complaint,
            });
        }
    }
}

/// Complains of a day that its month does not have; one that is not written as a day breaks the schema.
fn day(root: &Node, file: FileId, sink: &mut Sink) {
    let Some(Kind::Text(text)) = root.get("as_of").map(|node| &node.kind) else { return };
    let parts: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month @ 1..=12, day] = parts[..] else { return };
    let last = days(year, month);
    if (last + 1..=31).contains(&day) {
        let message = format!("`as_of` cannot be {text:?}: that month ends with its day {last}");
        let site = Site::Value(file, vec!["as_of".into()]);
        sink.push(
            rule::WRONG_VALUE.at(site, message).help("write the day on which the pages said so"),
        );
    }
}

/// How many days a month of the Gregorian calendar has, which is that of ISO 8601.
fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
