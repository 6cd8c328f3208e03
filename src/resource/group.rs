//! Resource groups: everything of a tenant on one page of the console.

use crate::resource::{Body, resource};
use crate::value::{Value, map};

/// The resources that carry a tag.
#[derive(Debug)]
pub struct Group {
    /// Its name, unique in the account and region.
    pub name: Value,
    /// What it is.
    pub description: &'static str,
    /// The key of the tag.
    pub key: &'static str,
    /// The value of the tag.
    pub value: Value,
}

resource!(Group, Some("AWS::ResourceGroups::Group"), "aws_resourcegroups_group", taggable: true, |self| {
    let filter = map([("Key", Value::from(self.key)), ("Values", Value::List(vec![self.value]))]);
    let query = map([
        ("ResourceTypeFilters", Value::List(vec!["AWS::AllSupported".into()])),
        ("TagFilters", Value::List(vec![filter])),
    ]);
    Body::new().set("Name", self.name).set("Description", self.description).set(
        "ResourceQuery",
        map([("Type", Value::from("TAG_FILTERS_1_0")), ("Query", query)]),
    )
});
