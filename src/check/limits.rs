//! How large a template may be.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.

use serde_json::Value;

use crate::check::rule;
use crate::diag::Sink;
use crate::engine::cloudformation::DIRECT_BYTES;
use crate::source::Site;

/// The largest template that goes through S3, in bytes.
const UPLOADED_BYTES: usize = 1_000_000;

/// The most entries of a section.
const SECTIONS: [(&str, usize); 3] = [("Resources", 500), ("Parameters", 200), ("Outputs", 200)];

/// Checks the size of a template.
pub fn check(path: &str, text: &str, sink: &mut Sink) {
    let template: Value = serde_json::from_str(text).expect("the engine writes JSON");
    for (section, most) in SECTIONS {
        let count = template[section].as_object().map_or(0, serde_json::Map::len);
        if count > most {
            let message =
                format!("{path} has {count} {}, AWS allows {most}", section.to_lowercase());
            sink.push(rule::TEMPLATE_LIMIT.at(Site::File(0), message));
        }
    }
    if text.len() > UPLOADED_BYTES {
        let message = format!("{path} has {} bytes, AWS allows {UPLOADED_BYTES}", text.len());
        sink.push(rule::TEMPLATE_LIMIT.at(Site::File(0), message));
    } else if text.len() > DIRECT_BYTES {
        let message = format!("{path} has {} bytes, more than {DIRECT_BYTES}", text.len());
        sink.push(rule::TEMPLATE_UPLOAD.at(Site::File(0), message));
    }
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
            check("t.json", &text, &mut sink);
            sink.as_slice().iter().map(|d| d.rule.id).collect::<Vec<_>>()
        };
        assert_eq!(of(500, 0), Vec::<&str>::new());
        assert_eq!(of(501, 0), ["limit/template"]);
        assert_eq!(of(1, DIRECT_BYTES), Vec::<&str>::new());
        assert_eq!(of(1, DIRECT_BYTES + 1), ["limit/upload"]);
        assert_eq!(of(1, UPLOADED_BYTES + 1), ["limit/template"]);
    }
}
