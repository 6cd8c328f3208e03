//! What rules say of protocols and ports, in numbers. Types of ICMP are not told apart: a rule for
//! one lets all of them through.

use serde_json::Value;

use crate::prove::network::ingest::words;
use crate::prove::network::traffic::{TCP, Traffic, UDP};

/// ICMP and `ICMPv6`. Source: <https://www.iana.org/assignments/protocol-numbers>.
const ICMP: u8 = 1;
const ICMP_SIX: u8 = 58;

/// What a rule of a security group is about.
pub fn of_rule(rule: &Value) -> Traffic {
    of(&rule["IpProtocol"], &rule["FromPort"], &rule["ToPort"], true)
}

/// What a rule of a network ACL is about. One that denies and cannot be read denies nothing, nor does
/// one for ICMP, of which it may mean one type.
pub fn of_entry(entry: &Value) -> Traffic {
    let range = &entry["PortRange"];
    let allow = entry["RuleAction"].as_str() != Some("deny");
    of(&entry["Protocol"], &range["From"], &range["To"], allow)
}

fn of(protocol: &Value, from: &Value, to: &Value, otherwise_all: bool) -> Traffic {
    let otherwise = || if otherwise_all { Traffic::all() } else { Traffic::NONE };
    let Some(name) = words(protocol) else { return otherwise() };
    let number = match name.to_ascii_lowercase().as_str() {
        "-1" | "all" => return Traffic::all(),
        "tcp" => TCP,
        "udp" => UDP,
        "icmp" => ICMP,
        "icmpv6" => ICMP_SIX,
        other => match other.parse() {
            Ok(number) => number,
            Err(_) => return otherwise(),
        },
    };
    if number != TCP && number != UDP {
        let of_a_type = !otherwise_all && (number == ICMP || number == ICMP_SIX);
        return if of_a_type { Traffic::NONE } else { Traffic::protocol(number) };
    }
    let port = |value: &Value, open: u16| match value {
        Value::Null => otherwise_all.then_some(open),
        other => match words(other)?.parse::<i32>().ok()? {
            -1 => Some(open),
            port => u16::try_from(port).ok(),
        },
    };
    match (port(from, 0), port(to, u16::MAX)) {
        (Some(from), Some(to)) => Traffic::ports(number, from, to),
        _ if otherwise_all => Traffic::protocol(number),
        _ => Traffic::NONE,
    }
}
