//! Measures of one resource, and of a template.

use serde_json::Value;

use super::address::{number, tasks};
use super::holding::{Amount, It, length};
use crate::aws::prefix;

/// How long a policy of a kind is.
pub(super) fn policy(it: &It<'_>, kind: &str) -> Amount {
    if it.properties["Type"] == kind {
        length(&it.properties["Content"], it.template)
    } else {
        0.into()
    }
}

/// The widgets in the JSON text of a dashboard: each has its properties.
pub(super) fn widgets(body: &Value) -> u64 {
    let text = body.to_string();
    text.matches(r#"\"properties\":"#).count() as u64
}

pub(super) fn many(list: &Value) -> u64 {
    list.as_array().map_or(0, |items| items.len() as u64)
}

pub(super) fn section(json: &Value, name: &str) -> u64 {
    json[name].as_object().map_or(0, |entries| entries.len() as u64)
}

/// The inline policies that stand inside of a role.
pub(super) fn inline_policies(it: &It<'_>) -> Amount {
    let inside = it.properties["Policies"].as_array().into_iter().flatten();
    let mut amount = Amount::default();
    for policy in inside {
        let one = length(&policy["PolicyDocument"], it.template);
        amount.base += one.base;
        amount.params.extend(one.params);
    }
    amount
}

/// The rules of a group, in the direction and family that has more of them.
pub(super) fn group_rules(it: &It<'_>) -> Amount {
    let resources = it.json["Resources"].as_object();
    let of = |kind: &str, inline: &str| {
        let beside = resources.into_iter().flatten().map(|(_, resource)| resource);
        let beside = beside.filter(|resource| {
            let group = &resource["Properties"]["GroupId"];
            let named = group["Ref"].as_str().or_else(|| group["Fn::GetAtt"][0].as_str());
            resource["Type"] == kind && named == Some(it.id)
        });
        let inside = it.properties[inline].as_array().into_iter().flatten();
        let all = inside.chain(beside.map(|resource| &resource["Properties"]));
        let rules = all.map(|rule| families(rule, it.json));
        rules.fold([0, 0], |[four, six], [more, still]| [four + more, six + still])
    };
    let inward = of("AWS::EC2::SecurityGroupIngress", "SecurityGroupIngress");
    let outward = of("AWS::EC2::SecurityGroupEgress", "SecurityGroupEgress");
    inward.into_iter().chain(outward).max().unwrap_or(0).into()
}

/// How many rules of IPv4, and of IPv6, a rule counts for: what names a group or a prefix list counts
/// in both.
fn families(rule: &Value, json: &Value) -> [u64; 2] {
    let lists = ["SourcePrefixListId", "DestinationPrefixListId"].map(|key| &rule[key]);
    match lists.into_iter().find(|list| !list.is_null()) {
        Some(list) => [entries(list, json); 2],
        None if !rule["CidrIp"].is_null() => [1, 0],
        None if !rule["CidrIpv6"].is_null() => [0, 1],
        None => [1, 1],
    }
}

/// How many entries of a table or a group a prefix list takes up: as many as it may ever have. What
/// another made may be one of AWS's own, and as heavy as those.
pub(super) fn entries(list: &Value, json: &Value) -> u64 {
    let named = list["Ref"].as_str().or_else(|| list["Fn::GetAtt"][0].as_str());
    let most = named.and_then(|id| json["Resources"][id]["Properties"]["MaxEntries"].as_u64());
    most.unwrap_or(prefix::HEAVIEST)
}

/// The rules of a network ACL, in the direction that has more of them.
pub(super) fn acl_rules(it: &It<'_>) -> Amount {
    let rules = it.json["Resources"].as_object().into_iter().flatten().filter(|(_, resource)| {
        resource["Type"] == "AWS::EC2::NetworkAclEntry"
            && resource["Properties"]["NetworkAclId"]["Ref"] == it.id
    });
    let out = |(_, resource): &(&String, &Value)| resource["Properties"]["Egress"] == true;
    let (outward, inward): (Vec<_>, Vec<_>) = rules.partition(out);
    (outward.len().max(inward.len()) as u64).into()
}

/// The values that all selectors of a trail compare with.
pub(super) fn selector_values(it: &It<'_>) -> Amount {
    let selectors = it.properties["AdvancedEventSelectors"].as_array().into_iter().flatten();
    let fields = selectors.flat_map(|it| it["FieldSelectors"].as_array().into_iter().flatten());
    let lists = fields.flat_map(|field| field.as_object().into_iter().flatten());
    lists.map(|(_, list)| many(list)).sum::<u64>().into()
}

/// The wildcards in the conditions of a rule.
pub(super) fn wildcards(it: &It<'_>) -> Amount {
    let text = it.properties["Conditions"].to_string();
    (text.matches(['*', '?']).count() as u64).into()
}

/// The most instances of a cluster: those of the groups that give it its capacity.
pub(super) fn hosts(it: &It<'_>) -> Amount {
    let local = |value: &Value| {
        let named = value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str());
        named.map(|id| &it.json["Resources"][id]["Properties"])
    };
    let providers = it.properties["CapacityProviders"].as_array().into_iter().flatten();
    let groups = providers.filter_map(|provider| {
        local(&local(provider)?["AutoScalingGroupProvider"]["AutoScalingGroupArn"])
    });
    groups.map(|group| number(&group["MaxSize"])).sum::<u64>().into()
}

/// The most tasks of a service.
pub(super) fn most_tasks(it: &It<'_>) -> Amount {
    tasks(it.id, it.json).into()
}
