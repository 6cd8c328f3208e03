//! Every resource of a template against AWS's own schema of its type.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use crate::check::resolve::Scope;
use crate::check::{keyword, rule};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::Site;

static FACTS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../schemas/cloudformation.json"))
        .expect("schemas/cloudformation.json is written by schemas/refresh.py and held by a test")
});

static VALIDATORS: LazyLock<BTreeMap<&str, OnceLock<Validator>>> = LazyLock::new(|| {
    let types = FACTS["types"].as_object().into_iter().flatten();
    types.map(|(kind, _)| (kind.as_str(), OnceLock::new())).collect()
});

/// The types that have a schema.
pub fn types() -> impl Iterator<Item = &'static str> {
    VALIDATORS.keys().copied()
}

/// The types that CloudFormation does not have in a region, of those that have a schema.
pub fn absent(region: &str) -> impl Iterator<Item = &'static str> {
    FACTS["absent"][region].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The attributes of a type.
pub fn attributes(kind: &str) -> impl Iterator<Item = &'static str> {
    FACTS["types"][kind]["attributes"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Whether AWS can put tags on a type.
pub fn taggable(kind: &str) -> bool {
    FACTS["types"][kind]["tagging"]["taggable"] == true
}

/// The properties of a type of which a change makes a new thing: paths with dots.
pub fn create_only(kind: &str) -> impl Iterator<Item = String> {
    pointers(kind, "createOnlyProperties")
}

/// The properties of a type of which some changes make a new thing.
pub fn conditionally_create_only(kind: &str) -> impl Iterator<Item = String> {
    pointers(kind, "conditionalCreateOnlyProperties")
}

fn pointers(kind: &str, list: &str) -> impl Iterator<Item = String> {
    let all = FACTS["types"][kind][list].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(|pointer| {
        let words = pointer.split('/').skip(1).filter(|word| !matches!(*word, "properties" | "*"));
        words.collect::<Vec<_>>().join(".")
    })
}

fn validator(kind: &str) -> Option<&'static Validator> {
    let (kind, cell) = VALIDATORS.get_key_value(kind)?;
    Some(cell.get_or_init(|| {
        let options = jsonschema::options()
            .with_draft(Draft::Draft7)
            .with_pattern_options(PatternOptions::fancy_regex());
        keyword::teach(options).build(&FACTS["types"][*kind]).expect("a test builds every schema")
    }))
}

/// Checks a template, with the values that a stack gives its parameters.
pub fn check(path: &str, text: &str, values: &[(&str, String)], sink: &mut Sink) {
    let template: Value = serde_json::from_str(text).expect("the engine writes JSON");
    let scope = Scope { template: &template, values };
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let mut complain = |message: String| {
            sink.push(
                rule::CLOUDFORMATION.at(Site::File(0), format!("{path}, {id} ({kind}): {message}")),
            );
        };
        let Some(validator) = validator(kind) else {
            sink.push(
                rule::UNKNOWN_TYPE.at(Site::File(0), format!("{path}, {id}: {kind} has no schema")),
            );
            continue;
        };
        for after in resource["DependsOn"].as_array().into_iter().flatten() {
            if template["Resources"].get(after.as_str().unwrap_or_default()).is_none() {
                complain(format!("depends on {after}, which is not there"));
            }
        }
        let empty = Value::Object(serde_json::Map::new());
        let properties = match scope.resolve(resource.get("Properties").unwrap_or(&empty)) {
            Ok(properties) => properties,
            Err(dangling) => {
                complain(dangling.0);
                continue;
            }
        };
        for name in read_only(kind).filter(|name| properties.get(name).is_some()) {
            complain(format!("{name} can only be read"));
        }
        validator
            .iter_errors(&properties)
            .filter(|e| !is_a_number_as_text(e))
            .for_each(|e| complain(describe(&e, kind)));
    }
    for (name, output) in template["Outputs"].as_object().into_iter().flatten() {
        if let Err(dangling) = scope.resolve(&output["Value"]) {
            let message = format!("{path}, output {name}: {}", dangling.0);
            sink.push(rule::CLOUDFORMATION.at(Site::File(0), message));
        }
    }
}

/// Properties that only AWS sets. What can be given when it is made is not among them.
fn read_only(kind: &str) -> impl Iterator<Item = &'static str> {
    let list = |key: &str| {
        let items = FACTS["types"][kind][key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).filter_map(|p| p.strip_prefix("/properties/"))
    };
    let given: Vec<&str> = list("createOnlyProperties").collect();
    list("readOnlyProperties").filter(move |name| !name.contains('/') && !given.contains(name))
}

/// CloudFormation takes "65010" where a number is wanted, which is how a parameter gives one.
fn is_a_number_as_text(error: &ValidationError<'_>) -> bool {
    let ValidationErrorKind::Type { kind } = error.kind() else { return false };
    let wanted = match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(_) => return false,
    };
    let text = error.instance().as_str().unwrap_or_default();
    match wanted.as_str() {
        "integer" => text.parse::<i64>().is_ok(),
        "number" => text.parse::<f64>().is_ok(),
        "boolean" => matches!(text, "true" | "false"),
        _ => false,
    }
}

fn describe(error: &ValidationError<'_>, kind: &str) -> String {
    let place = error.instance_path().to_string();
    let place = if place.is_empty() { "properties".to_owned() } else { place };
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        let known = FACTS["types"][kind]["properties"].as_object().into_iter().flatten();
        let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
        let near = unexpected.first().and_then(|name| nearest(name, known));
        let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        return format!("{place}: no property {}{hint}", unexpected.join(", "));
    }
    format!("{place}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_builds() {
        for kind in types() {
            assert!(validator(kind).is_some(), "{kind}");
        }
    }

    fn complaints(resources: &str) -> Vec<String> {
        let mut sink = Sink::default();
        let text = format!(
            "{{\"Parameters\": {{\"Asn\": {{\"Type\": \"String\"}}}}, \"Resources\": {{{resources}}}}}"
        );
        check(
            "t.json",
            &text,
            &[("Asn", "65010".to_owned()), ("Word", "abc".to_owned())],
            &mut sink,
        );
        sink.as_slice().iter().map(|d| format!("{}: {}", d.rule.id, d.message)).collect()
    }

    /// Each seeded fault is refused, and the same resource without it is not.
    #[test]
    fn seeded_faults_are_found() {
        let sound = [
            r#""V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}"#,
            r#""C": {"Type": "AWS::EC2::CustomerGateway", "Properties": {"Type": "ipsec.1", "IpAddress": "198.51.100.7", "BgpAsn": {"Ref": "Asn"}}}"#,
            r#""L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 90}}"#,
        ];
        for resource in sound {
            assert_eq!(complaints(resource), Vec::<String>::new(), "{resource}");
        }
        let faults = [
            (
                "misspelt property",
                r#""V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlok": "10.0.0.0/16", "CidrBlock": "10.0.0.0/16"}}"#,
                "did you mean CidrBlock?",
            ),
            (
                "missing property",
                r#""S": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}}"#,
                "GroupDescription",
            ),
            (
                "wrong enum",
                r#""L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 91}}"#,
                "91",
            ),
            (
                "bad pattern",
                r#""L": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "a b"}}"#,
                "a b",
            ),
            (
                "wrong type",
                r#""C": {"Type": "AWS::EC2::CustomerGateway", "Properties": {"Type": "ipsec.1", "IpAddress": "198.51.100.7", "BgpAsn": {"Ref": "Word"}}}"#,
                "abc",
            ),
            ("neither of two", r#""V": {"Type": "AWS::EC2::VPC", "Properties": {}}"#, "CidrBlock"),
            (
                "both of two",
                r#""I": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"IpProtocol": "-1", "GroupId": "sg-1", "CidrIp": "10.0.0.0/8", "SourceSecurityGroupId": "sg-2"}}"#,
                "exactly one",
            ),
            (
                "read-only",
                r#""V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "VpcId": "vpc-1"}}"#,
                "only be read",
            ),
            (
                "dangling reference",
                r#""I": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Nobody"}, "CidrBlock": "10.0.0.0/24"}}"#,
                "Nobody",
            ),
            (
                "unknown attribute",
                r#""V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": {"Fn::GetAtt": ["V", "Nothing"]}}}"#,
                "no attribute Nothing",
            ),
            ("unknown type", r#""X": {"Type": "AWS::EC2::Nothing"}"#, "schema/unknown-type"),
            (
                "unknown wait",
                r#""V": {"Type": "AWS::EC2::VPC", "DependsOn": ["Nobody"], "Properties": {"CidrBlock": "10.0.0.0/16"}}"#,
                "Nobody",
            ),
        ];
        for (what, resource, expect) in faults {
            let found = complaints(resource);
            assert!(found.iter().any(|m| m.contains(expect)), "{what}: {found:?}");
        }
    }
}
