//! The stacks that a change touches, in the order in which they are deployed: as a list, for machines,
//! or as the matrix of a job. What is deleted comes last, what depends on others first.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::change::Report;
use crate::change::group::{Group, Kind, Touched};

/// How many jobs a matrix of GitHub Actions makes at most.
/// Source: <https://docs.github.com/en/actions/reference/limits>.
pub const JOBS: usize = 256;

/// A stack and what happens to it.
struct Row<'a> {
    kind: Kind,
    stack: &'a Touched,
}

/// Those that are deployed in deploy order, then those that go.
fn rows(report: &Report) -> Vec<Row<'_>> {
    let of = |group: &'_ Group| -> Vec<(Kind, usize)> {
        (0..group.stacks.len()).map(|at| (group.kind, at)).collect()
    };
    let mut all: Vec<Row<'_>> = Vec::new();
    for group in &report.groups {
        for (kind, at) in of(group) {
            all.push(Row { kind, stack: &group.stacks[at] });
        }
    }
    let gone = |row: &Row<'_>| row.kind == Kind::Delete;
    all.sort_by(|a, b| {
        gone(a).cmp(&gone(b)).then_with(|| {
            let order = a.stack.order.cmp(&b.stack.order);
            if gone(a) { order.reverse() } else { order }
        })
    });
    all
}

/// Their keys, one a line.
pub fn list(report: &Report) -> String {
    let mut out = String::new();
    for row in rows(report) {
        let _ = writeln!(out, "{}", row.stack.key);
    }
    out
}

/// For machines.
pub fn json(report: &Report) -> String {
    let stacks: Vec<Value> = rows(report).iter().map(one).collect();
    let all = json!({
        "version": 1, "base": report.base, "estate": report.estate, "stacks": stacks,
    });
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}

fn one(row: &Row<'_>) -> Value {
    json!({
        "stack": row.stack.key,
        "action": row.kind.word(),
        "wave": row.stack.wave,
        "tenant": row.stack.tenant,
        "account": row.stack.account,
        "region": row.stack.region,
    })
}

/// The matrix of a job, on one line: a job for each stack that is deployed, or, if that would be too
/// many, for as many stacks of one wave as it takes. Stacks of a job stand in `stacks`, with spaces. What
/// is deleted and what has no account yet is not in it.
pub fn matrix(report: &Report) -> String {
    let rows = rows(report);
    let deployed: Vec<&Row<'_>> =
        rows.iter().filter(|row| row.kind != Kind::Delete && !row.stack.pending).collect();
    let mut share = 1;
    let mut jobs = batches(&deployed, share);
    while jobs.len() > JOBS {
        share += 1;
        jobs = batches(&deployed, share);
    }
    let include: Vec<Value> = jobs
        .iter()
        .map(|job| {
            let keys: Vec<&str> = job.iter().map(|row| row.stack.key.as_str()).collect();
            json!({"wave": job[0].stack.wave, "stacks": keys.join(" ")})
        })
        .collect();
    json!({ "include": include }).to_string() + "\n"
}

/// Stacks of one wave, `share` at a time.
fn batches<'a>(rows: &[&'a Row<'a>], share: usize) -> Vec<Vec<&'a Row<'a>>> {
    let mut out: Vec<Vec<&Row<'_>>> = Vec::new();
    for row in rows.iter().copied() {
        match out.last_mut() {
            Some(job) if job.len() < share && job[0].stack.wave == row.stack.wave => job.push(row),
            _ => out.push(vec![row]),
        }
    }
    out
}
