//! What was judged, how it went, and what nobody could judge. Several estates are judged at the
//! same time, so the lines of one are kept and printed together when it is done.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

/// What a judge has to say.
pub enum Verdict {
    /// How many things passed.
    Passed(usize),
    Failed(String),
    /// Why nothing was judged.
    Skipped(String),
}

impl From<Result<usize, String>> for Verdict {
    fn from(result: Result<usize, String>) -> Self {
        match result {
            Ok(count) => Self::Passed(count),
            Err(why) => Self::Failed(why),
        }
    }
}

/// The judgement of one estate. Several threads may report to it.
pub struct Report {
    pub name: String,
    required: bool,
    started: Instant,
    seconds: OnceLock<u64>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    lines: String,
    counts: BTreeMap<&'static str, usize>,
    failed: Vec<String>,
    skipped: Vec<String>,
}

/// Judge, and the word for what it counts, in the order of the summary.
const COUNTED: [(&str, &str); 12] = [
    ("cfn-lint", "templates linted"),
    ("cloudformation-validate", "templates validated"),
    ("scripts", "scripts checked"),
    ("terraform validate", "modules validated"),
    ("terraform apply", "roots applied"),
    ("cloudformation deploy", "stacks deployed"),
    ("terraform accounts", "roots applied in steps"),
    ("cloudformation accounts", "stacks deployed in steps"),
    ("usage", "events counted"),
    ("replacement", "attributes judged"),
    ("same resources", "resources compared"),
    ("declared", "of them by declaration"),
];

impl Report {
    pub fn new(name: &str, required: bool) -> Self {
        Self {
            name: name.to_owned(),
            required,
            started: Instant::now(),
            seconds: OnceLock::new(),
            inner: Mutex::default(),
        }
    }

    /// Runs a judge and records its verdict. True if it passed.
    pub fn judge<V: Into<Verdict>>(&self, judge: &'static str, ask: impl FnOnce() -> V) -> bool {
        let started = Instant::now();
        let verdict = ask().into();
        let seconds = started.elapsed().as_secs_f64();
        let passed = matches!(verdict, Verdict::Passed(_));
        match verdict {
            Verdict::Passed(count) => {
                self.line(&format!("  {judge:<24} ok      {count:>4}  {seconds:>6.1} s"));
                self.count(judge, count);
            }
            Verdict::Failed(why) => self.fail(judge, &why),
            Verdict::Skipped(why) if self.required => {
                self.fail(judge, &format!("cannot judge, and every judge is required: {why}"));
            }
            Verdict::Skipped(why) => {
                self.line(&format!("  SKIPPED {judge}: {why}"));
                self.inner().skipped.push(judge.to_owned());
            }
        }
        passed
    }

    pub fn count(&self, judge: &'static str, count: usize) {
        *self.inner().counts.entry(judge).or_default() += count;
    }

    pub fn fail(&self, judge: &str, why: &str) {
        let lines: Vec<String> = why.lines().map(|line| format!("\n    {line}")).collect();
        self.line(&format!("  {judge:<24} FAILED{}", lines.concat()));
        self.inner().failed.push(judge.to_owned());
    }

    /// Something that a reader must know, but that is no failure.
    pub fn note(&self, text: &str) {
        self.line(&format!("  NOTE {text}"));
    }

    /// Prints all that was said, and stops the clock.
    pub fn print(&self) {
        self.seconds.get_or_init(|| self.started.elapsed().as_secs());
        print!("\n{}\n{}", self.name, self.inner().lines);
    }

    fn line(&self, text: &str) {
        let mut inner = self.inner();
        inner.lines.push_str(text);
        inner.lines.push('\n');
    }

    pub fn passed(&self) -> bool {
        self.inner().failed.is_empty()
    }

    /// One line, for the end.
    pub fn summary(&self) -> String {
        let inner = self.inner();
        let (verdict, bad) = match inner.failed.as_slice() {
            [] => ("passed", String::new()),
            failed => ("FAILED", format!(" ({})", failed.join(", "))),
        };
        let seconds = self.seconds.get_or_init(|| self.started.elapsed().as_secs());
        let tally = tally(&inner.counts, &inner.skipped);
        format!("{:<28} {verdict}{bad}: {tally}", format!("{} ({seconds} s)", self.name))
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no judge panics while it reports")
    }
}

/// The counts of all reports together.
pub fn total(reports: &[Report]) -> String {
    let (mut counts, mut skipped) = (BTreeMap::new(), Vec::new());
    for report in reports {
        let inner = report.inner();
        for (judge, count) in &inner.counts {
            *counts.entry(*judge).or_default() += count;
        }
        skipped.extend(inner.skipped.iter().cloned());
    }
    skipped.sort();
    skipped.dedup();
    tally(&counts, &skipped)
}

fn tally(counts: &BTreeMap<&'static str, usize>, skipped: &[String]) -> String {
    let known = |(judge, word): &(&'static str, &str)| {
        counts.get(judge).filter(|count| **count > 0).map(|count| format!("{count} {word}"))
    };
    let mut parts: Vec<String> = COUNTED.iter().filter_map(known).collect();
    if !skipped.is_empty() {
        parts.push(format!("SKIPPED {}", skipped.join(", ")));
    }
    parts.join(", ")
}
