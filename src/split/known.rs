//! What is known of a resource before it is there, as it says so itself: a part that needs such a value
//! of another says it, too, and nothing has to be told. It waits for the other part all the same.
//!
//! The weighing and the wiring of parts both ask here, so what is not told is not weighed as told. An
//! estate that was deployed when such a value was still told takes this as any other change: the part
//! with the resource stops telling first, and who read it asks no more in the template that follows.

use crate::template::Entry;
use crate::value::Value;

/// A value that is what a property says.
struct Row {
    /// CloudFormation's type.
    kind: &'static str,
    /// The attribute; `None` for what a reference means.
    attribute: Option<&'static str>,
    /// The property that it is.
    property: &'static str,
}

/// Every row. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>.
static ROWS: [Row; 1] =
    [Row { kind: "AWS::DynamoDB::Table", attribute: None, property: "TableName" }];

/// A value of a resource, if it is known: as it is said elsewhere, with texts, parameters of the
/// template and what the deployment knows.
pub fn value(entry: &Entry, attribute: Option<&str>) -> Option<Value> {
    let fits = |row: &&Row| entry.cfn == Some(row.kind) && attribute == row.attribute;
    let row = ROWS.iter().find(fits)?;
    entry.body.get(row.property).filter(|value| is_plain(value)).cloned()
}

/// Whether a value is the same wherever it is said.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Param(_) | Value::Pseudo(_) => true,
        Value::Join(parts) => parts.iter().all(is_plain),
        _ => false,
    }
}
