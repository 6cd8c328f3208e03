//! What was rendered, read back: every thing that would be deployed, with its references resolved as
//! far as text allows, in CloudFormation's shape and words for both engines.
//!
//! - A reference to another thing is `@stack/id`; to an attribute, `@stack/id.Attribute`. Inside
//!   longer text (an ARN that is joined) the same stands in the text.
//! - An attribute that only names the thing itself (`GroupId` of a security group) is the reference.
//! - Values that stacks tell each other through Systems Manager are followed to where they come from.
//! - What cannot be resolved is `?{reason}`, alone or inside of longer text. It can be anything, and
//!   must be treated so.
//!
//! Nothing is kept: things are handed over one at a time, so memory does not grow with the estate.

pub mod json; // text → values
pub mod manifest; // which stacks there are
pub mod form; // values with places to fill
pub mod template; // a template or module, taken apart
pub mod cloudformation; // templates and parameter files
pub mod terraform; // modules and roots
pub mod names; // properties that are followed
pub mod known; // types that are followed, and types that need not be
pub mod place; // lines of JSON pointers
mod deployed; // stacks: values followed, things handed over

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

pub use deployed::{DEFAULT_GROUP, Deployed};

/// One thing that would be deployed.
#[derive(Clone, Debug)]
pub struct Thing<'a> {
    /// The stack, or root, by its key in the manifest.
    pub stack: &'a str,
    /// Its logical id, or its address in its module (`aws_subnet.public_1`).
    pub id: &'a str,
    /// Its type, always by CloudFormation's name.
    pub kind: &'a str,
    /// The shape of its stack: things of the same shape and id are alike but for values.
    pub shape: &'a str,
    /// The account that it is in. One that AWS has not made is `pending-<tenant>`.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// Whose it is: the tag `Tenant` of its own, else of its stack.
    pub tenant: Option<&'a str>,
    /// The tenant whose its stack is, by the manifest.
    pub home: Option<&'a str>,
    /// Its properties, in CloudFormation's shape, without its tags.
    pub properties: Value,
    /// Its tags. Those of its stack, which CloudFormation adds, are among them.
    pub tags: Vec<(String, String)>,
    /// The file that it stands in.
    pub file: &'a str,
    /// Where in the file, as a JSON pointer.
    pub place: &'a str,
}

impl Thing<'_> {
    /// What others call it: `@stack/id`.
    pub fn token(&self) -> String {
        format!("@{}/{}", self.stack, self.id)
    }

    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }
}

/// For which engine a folder is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// CloudFormation: templates and parameter files.
    CloudFormation,
    /// Terraform: modules and roots.
    Terraform,
}

impl Engine {
    /// As it stands in paths and in the manifest.
    pub fn id(self) -> &'static str {
        match self {
            Engine::CloudFormation => "cloudformation",
            Engine::Terraform => "terraform",
        }
    }
}

/// Something that could not be read, so that nothing is proved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub message: String,
}

/// The files of a rendered folder, by their path below it, with `/`.
pub trait Folder {
    /// The text of a file, if it is there.
    fn text(&self, path: &str) -> Option<Cow<'_, str>>;
    /// The paths of all files, sorted.
    fn paths(&self) -> Vec<String>;
}

impl Folder for BTreeMap<String, String> {
    fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        self.get(path).map(|text| Cow::Borrowed(text.as_str()))
    }

    fn paths(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

/// The items of a value that should be a list: none, one, or those of a list. Nothing, if it cannot be
/// told which items there are, as with text that stands for a list.
pub fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Null => Some(&[]),
        Value::Array(items) => Some(items),
        Value::Object(_) => Some(std::slice::from_ref(value)),
        _ => None,
    }
}

/// What names of services end in, partition by partition. Written a second time on purpose: the
/// checker shares no code with what it checks. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>.
fn url_suffix(partition: &str) -> &'static str {
    if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// A reference, taken apart: stack, id, and attribute if it is one.
pub fn token(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (stack, rest) = text.strip_prefix('@')?.split_once('/')?;
    // An attribute begins with a capital; the point in an address of Terraform's does not lead to one.
    let dot = rest
        .match_indices('.')
        .find(|(at, _)| rest[at + 1..].starts_with(|c: char| c.is_ascii_uppercase()));
    Some(match dot {
        Some((at, _)) => (stack, &rest[..at], Some(&rest[at + 1..])),
        None => (stack, rest, None),
    })
}

/// Whether a text holds something that could not be resolved, so that it can be anything.
pub fn unknown(text: &str) -> bool {
    text.contains("?{")
}
