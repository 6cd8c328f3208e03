//! Budgets as Terraform has them: flat where CloudFormation nests, and each notification with its
//! e-mail addresses.

use crate::engine::terraform::{Mode, expression};
use crate::json::Json;
use crate::template::Template;
use crate::value::Value;

fn field<'a>(fields: &'a [(&'static str, Value)], name: &str) -> Option<&'a Value> {
    fields.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
}

/// What the budget is about and how much it allows.
pub fn limits(fields: &[(&'static str, Value)], template: &Template, mode: Mode, out: &mut Json) {
    let names = [("BudgetName", "name"), ("BudgetType", "budget_type"), ("TimeUnit", "time_unit")];
    for (from, to) in names {
        out.put(to, expression(field(fields, from).expect("it is there"), template, mode));
    }
    if let Some(Value::Block(limit)) = field(fields, "BudgetLimit") {
        if let Some(Value::Int(amount)) = field(limit, "Amount") {
            // The provider keeps the number as text.
            out.put("limit_amount", Json::text(amount.to_string()));
        }
        out.put(
            "limit_unit",
            expression(field(limit, "Unit").expect("it is there"), template, mode),
        );
    }
    if let Some(Value::Map(filters)) = field(fields, "CostFilters") {
        let filter = |(name, values): &(String, Value)| {
            let values = expression(values, template, mode);
            Json::object([("name", Json::text(name)), ("values", values)])
        };
        out.put("cost_filter", Json::List(filters.iter().map(filter).collect()));
    }
}

/// When somebody is told, and who.
pub fn notifications(list: &[Value], template: &Template, mode: Mode) -> Json {
    let one = |item: &Value| {
        let Value::Block(item) = item else { unreachable!("a notification is a block") };
        let Some(Value::Block(when)) = field(item, "Notification") else {
            unreachable!("it says when")
        };
        let names = [
            ("ComparisonOperator", "comparison_operator"),
            ("NotificationType", "notification_type"),
            ("Threshold", "threshold"),
            ("ThresholdType", "threshold_type"),
        ];
        let mut out = Json::Object(Vec::new());
        for (from, to) in names {
            out.put(to, expression(field(when, from).expect("it is there"), template, mode));
        }
        let Some(Value::List(subscribers)) = field(item, "Subscribers") else {
            unreachable!("it says whom")
        };
        let address = |subscriber: &Value| {
            let Value::Block(fields) = subscriber else { unreachable!("a subscriber is a block") };
            expression(field(fields, "Address").expect("it is there"), template, mode)
        };
        let addresses = subscribers.iter().map(address).collect();
        out.put("subscriber_email_addresses", Json::List(addresses));
        out
    };
    Json::List(list.iter().map(one).collect())
}
