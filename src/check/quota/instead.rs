//! What helps where AWS grants no more of a quota, however it is asked.

use super::count::Count;
use super::rows::ROWS;
use crate::aws::quota::{PEERINGS, Quota};
use crate::spec::quota::Scope;

/// What to do in place of asking for more of a quota.
pub fn instead(row: &Quota<'_>) -> &'static str {
    match Scope::of(row) {
        _ if row.is_of_organization() => "another organization",
        _ if row.id == PEERINGS => "a transit gateway (`network.hub.connect`), or another region",
        Scope::Account => "another account",
        Scope::Region => "another region or account",
        Scope::Thing if is_of_one(row.id) => "less of it in one thing",
        Scope::Thing => "fewer tenants in one place",
    }
}

/// Whether it is measured of one thing, whoever else there is.
fn is_of_one(id: &str) -> bool {
    let row = ROWS.iter().find(|row| row.id == id);
    row.is_some_and(|row| {
        matches!(row.count, Count::Own(..) | Count::Template(_) | Count::Measured(_))
    })
}
