//! The SQL of the reports. Athena runs it, and so does any engine that reads the standard: it takes
//! nothing that only one of them has. A measurement that came twice counts once.

use serde_json::{Value, json};

use crate::blueprint::shape::component::Chargeback;
use crate::spec::Spec;
use crate::spec::text::Own;

/// The table that reports ask.
pub const TABLE: &str = "usage_events";

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its name, which is that of its file.
    pub name: &'static str,
    /// What it answers.
    pub about: &'static str,
    /// Its SQL.
    pub sql: String,
}

/// The SQL of all of them.
static SOURCE: Own = Own::new(include_str!("report.sql.hbs"));

/// The year and the quarter of a month.
const QUARTER: &str = "\
SUBSTR(month, 1, 4) || CASE
      WHEN SUBSTR(month, 6, 2) <= '03' THEN '-Q1'
      WHEN SUBSTR(month, 6, 2) <= '06' THEN '-Q2'
      WHEN SUBSTR(month, 6, 2) <= '09' THEN '-Q3'
      ELSE '-Q4'
    END";

/// Every report.
pub fn all(chargeback: &Chargeback, spec: &Spec) -> [Report; 2] {
    let prices = prices(chargeback, spec);
    let write = |name: &'static str, about: &'static str, period: &str| {
        let context = json!({
            "about": about,
            "estate": spec.estate(),
            "period": period,
            "prices": prices,
            "priced": !prices.is_empty(),
            "table": TABLE,
        });
        Report { name, about, sql: SOURCE.render(&context) }
    };
    [
        write("monthly", "What each tenant used in each month", "month"),
        write("quarterly", "What each tenant used in each quarter", QUARTER),
    ]
}

/// The price of each meter in each tier that has one. Names and prices were judged: they hold nothing
/// that ends a literal.
fn prices(chargeback: &Chargeback, spec: &Spec) -> Vec<Value> {
    let mut out = Vec::new();
    for (name, meter) in &chargeback.meters {
        for tier in spec.tiers.keys() {
            if let Some(price) = meter.prices.get(tier).or(meter.price.as_ref()) {
                out.push(json!({"meter": name, "tier": tier, "price": price}));
            }
        }
    }
    out
}
