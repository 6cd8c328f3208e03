//! How large a template may be.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::rule;
use crate::diag::Sink;
use crate::engine::cloudformation::{DIRECT_BYTES, MOST_RESOURCES, MOST_VALUES};
use crate::source::Site;

/// The largest template that goes through S3, in bytes.
const UPLOADED_BYTES: usize = 1_000_000;

/// The most entries of a section.
const SECTIONS: [(&str, usize); 3] =
    [("Resources", MOST_RESOURCES), ("Parameters", MOST_VALUES), ("Outputs", MOST_VALUES)];

/// Checks the size of a template; what is complained of stands at `site`. What could be cut is cut by
/// now: what is too large is one unit, or was deployed whole and stays so.
pub fn check(path: &str, text: &str, site: &Site, sink: &mut Sink) {
    let template: Value = serde_json::from_str(text).expect("the engine writes JSON");
    for (section, most) in SECTIONS {
        let count = template[section].as_object().map_or(0, serde_json::Map::len);
        if count > most {
            let message = format!(
                "{path} has {count} {}, AWS allows {most}{}",
                section.to_lowercase(),
                most_frequent(&template[section])
            );
            sink.push(rule::TEMPLATE_LIMIT.at(site.clone(), message));
        }
    }
    if text.len() > UPLOADED_BYTES {
        let message = format!("{path} has {} bytes, AWS allows {UPLOADED_BYTES}", text.len());
        sink.push(rule::TEMPLATE_LIMIT.at(site.clone(), message));
    } else if text.len() > DIRECT_BYTES {
        let message = format!("{path} has {} bytes, more than {DIRECT_BYTES}", text.len());
        sink.push(rule::TEMPLATE_UPLOAD.at(site.clone(), message));
    }
}

/// The type that a section of resources has most of.
fn most_frequent(section: &Value) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in section.as_object().into_iter().flat_map(|entries| entries.values()) {
        if let Some(kind) = entry["Type"].as_str().filter(|kind| kind.starts_with("AWS::")) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(String::new(), |(kind, count)| format!("; {count} of them are {kind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_at_the_limit_passes_and_one_more_does_not() {
        let of = |resources: usize, bytes: usize| {
            let all: Vec<String> = (0..resources).map(|i| format!("\"R{i}\":{{}}")).collect();
            let text = format!("{{\"Resources\":{{{}}}}}", all.join(","));
            let text = format!("{text}{}", " ".repeat(bytes.saturating_sub(text.len())));
            let mut sink = Sink::default();
            check("t.json", &text, &Site::File(0), &mut sink);
            sink.as_slice().iter().map(|d| d.rule.id).collect::<Vec<_>>()
        };
        assert_eq!(of(500, 0), Vec::<&str>::new());
        assert_eq!(of(501, 0), ["limit/template"]);
        assert_eq!(of(1, DIRECT_BYTES), Vec::<&str>::new());
        assert_eq!(of(1, DIRECT_BYTES + 1), ["limit/upload"]);
        assert_eq!(of(1, UPLOADED_BYTES + 1), ["limit/template"]);
    }
}
