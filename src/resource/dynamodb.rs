//! Amazon DynamoDB: tables that grow with what is asked of them, are encrypted with a key of the
//! account, can be set back to any second of the last 35 days, and are not deleted by mistake.

use crate::resource::{Body, resource};
use crate::value::{Value, block};

/// A table. Its name is fixed: policies and items name it before it is there.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: Value,
    /// The attributes of its key, both text: the partition, and what is unique in it.
    pub key: (&'static str, Option<&'static str>),
}

resource!(Table, Some("AWS::DynamoDB::Table"), "aws_dynamodb_table", taggable: true, |self| {
    let names: Vec<&str> = std::iter::once(self.key.0).chain(self.key.1).collect();
    let attribute = |name: &&str| block([("AttributeName", (*name).into()), ("AttributeType", "S".into())]);
    let part = |(name, kind): (&&str, &str)| block([("AttributeName", (*name).into()), ("KeyType", kind.into())]);
    Body::new()
        .set("TableName", self.name)
        .set("BillingMode", "PAY_PER_REQUEST")
        .set("AttributeDefinitions", Value::List(names.iter().map(attribute).collect()))
        .set("KeySchema", Value::List(names.iter().zip(["HASH", "RANGE"]).map(part).collect()))
        .set("PointInTimeRecoverySpecification", block([("PointInTimeRecoveryEnabled", true.into())]))
        .set("SSESpecification", block([("SSEEnabled", true.into())]))
        .set("DeletionProtectionEnabled", true)
});

/// An item of a table. CloudFormation has no resource for it.
#[derive(Debug)]
pub struct TableItem {
    /// The name of the table.
    pub table: Value,
    /// The attribute of its key.
    pub key: &'static str,
    /// The item, as JSON in the form of `DynamoDB`.
    pub item: Value,
}

resource!(TableItem, None, "aws_dynamodb_table_item", taggable: false, |self| {
    Body::new().set("TableName", self.table).set("HashKey", self.key).set("Item", self.item)
});

/// A table whose items can go by themselves: after the second that their attribute `expires` says.
#[derive(Debug)]
pub struct ExpiringTable {
    /// The table.
    pub table: Table,
}

resource!(ExpiringTable, Some("AWS::DynamoDB::Table"), "aws_dynamodb_table", taggable: true, |self| {
    crate::resource::Resource::body(self.table).set("TimeToLiveSpecification", block([
        ("AttributeName", "expires".into()),
        ("Enabled", true.into()),
    ]))
});
