//! AWS Cost Management: costs put together by what they are for.

use crate::resource::{Body, resource};
use crate::value::Value;

/// How what is shared is put to others.
#[derive(Clone, Debug)]
pub struct Split {
    /// The value whose cost is shared out.
    pub source: &'static str,
    /// The values that it is put to: at most 500. Source:
    /// <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CostCategorySplitChargeRule.html>.
    pub targets: Vec<String>,
    /// `PROPORTIONAL` or `EVEN`.
    pub method: &'static str,
}

/// Costs by the value of a tag.
#[derive(Debug)]
pub struct CostCategory {
    /// Its name: at most 50 characters.
    pub name: String,
    /// The tag.
    pub tag: &'static str,
    /// What costs without the tag are called.
    pub rest: &'static str,
    /// How these are put to the others, if they are.
    pub split: Option<Split>,
}

resource!(CostCategory, Some("AWS::CE::CostCategory"), "aws_ce_cost_category", taggable: true, |self| {
    let tag = serde_json::json!([{
        "Type": "INHERITED_VALUE",
        "InheritedValue": {"DimensionName": "TAG", "DimensionKey": self.tag}
    }]);
    let split = |split: Split| {
        let rule = serde_json::json!([{
            "Source": split.source, "Targets": split.targets, "Method": split.method
        }]);
        Value::from(rule.to_string())
    };
    Body::new()
        .set("Name", self.name)
        .set("RuleVersion", "CostCategoryExpression.v1")
        .set("DefaultValue", self.rest)
        .set("Rules", tag.to_string())
        .set_some("SplitChargeRules", self.split.map(split))
});
