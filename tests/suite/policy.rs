//! What a policy lets somebody do, decided as IAM decides it, over what was rendered. For tests of several
//! components: references in a policy are names, as in `<Lake.Arn>`.

use std::collections::BTreeMap;

use serde_json::Value;

/// A text in which references are names: `<Lake.Arn>`.
pub fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(one) => match one.iter().next().map(|(f, of)| (f.as_str(), of)).expect("one")
        {
            ("Fn::Join", parts) => parts[1].as_array().expect("parts").iter().map(flat).collect(),
            ("Fn::GetAtt", at) => format!("<{}.{}>", flat(&at[0]), flat(&at[1])),
            ("Ref", name) => format!("<{}>", flat(name)),
            (other, _) => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}

pub fn list(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(|| vec![flat(value)], |all| all.iter().map(flat).collect())
}

/// The statements of a role: what it may do.
pub fn statements(template: &Value, role: &str) -> Vec<Value> {
    let policies = template["Resources"].as_object().expect("resources").values();
    let of = policies.filter(|it| it["Properties"]["RoleName"]["Ref"] == role);
    let all = of.flat_map(|it| {
        it["Properties"]["PolicyDocument"]["Statement"].as_array().expect("statements").clone()
    });
    all.collect()
}

/// What is known of a request: keys of conditions, in the form in which policies write them.
pub type Context<'a> = BTreeMap<&'a str, &'a str>;

/// One place of a pattern.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Just(char),
    One,
    Any,
}

/// A pattern of IAM with its variables filled; `None` if a variable has no value. What is filled in
/// counts as wildcards, if it looks like some: nothing may depend on how AWS takes it.
fn pattern(text: &str, context: &Context) -> Option<Vec<Place>> {
    let wild = |c: char| match c {
        '*' => Place::Any,
        '?' => Place::One,
        other => Place::Just(other),
    };
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        out.extend(before.chars().map(wild));
        let (name, after) = behind.split_once('}').expect("a variable ends");
        match name {
            "*" | "?" | "$" => out.extend(name.chars().map(Place::Just)),
            key => out.extend(context.get(key)?.chars().map(wild)),
        }
        rest = after;
    }
    out.extend(rest.chars().map(wild));
    Some(out)
}

fn fits(pattern: &[Place], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((Place::Any, more)), _) => {
            (0..=text.len()).any(|skipped| fits(more, &text[skipped..]))
        }
        (Some((place, more)), Some((c, behind))) => {
            (*place == Place::One || *place == Place::Just(*c)) && fits(more, behind)
        }
        _ => false,
    }
}

pub fn like(wanted: &str, text: &str, context: &Context) -> bool {
    let text: Vec<char> = text.chars().collect();
    pattern(wanted, context).is_some_and(|pattern| fits(&pattern, &text))
}

/// Whether the conditions of a statement hold.
pub fn holds(condition: &Value, context: &Context) -> bool {
    condition.as_object().into_iter().flatten().all(|(operator, keys)| {
        keys.as_object().expect("keys").iter().all(|(key, wanted)| {
            let has = context.get(key.as_str());
            let any = |text: &str| list(wanted).iter().any(|one| like(one, text, context));
            match operator.as_str() {
                "Null" => (flat(wanted) == "true") == has.is_none(),
                "StringLike" | "StringEquals" | "ArnLike" => has.is_some_and(|text| any(text)),
                "StringNotLike" => !has.is_some_and(|text| any(text)),
                // True of nothing, too, as with AWS.
                "ForAllValues:StringEquals" => has.is_none_or(|text| {
                    text.split(',').all(|one| list(wanted).iter().any(|w| w == one))
                }),
                other => panic!("{other} is not known here"),
            }
        })
    })
}

pub fn allowed(statements: &[Value], action: &str, resource: &str, context: &Context) -> bool {
    statements.iter().any(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        list(&statement["Action"]).iter().any(|one| like(one, action, context))
            && list(&statement["Resource"]).iter().any(|one| like(one, resource, context))
            && holds(&statement["Condition"], context)
    })
}
