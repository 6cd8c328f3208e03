//! Listings that are wrong, and that only look it: each complaint stands where it is meant, and says what to do.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use crate::listing::{ACCOUNT, VPCS, granted, quickstart, quotas, run};
use crate::support::{snapshot, tenantry, told};

/// What is wrong with a listing is told with its place, and nothing is counted.
#[test]
fn listings_that_are_wrong_are_refused() {
    let own = || granted("vpc", VPCS, 40.0, "eu-west-1", ACCOUNT);
    let vpcs = json!({"Vpcs": []}).to_string();
    let more = json!({"Quotas": [own()], "NextToken": "more"}).to_string();
    let nobody = granted("vpc", VPCS, 40.0, "eu-west-1", "333333333334");
    let cases: [(&str, String, &[&str]); 12] = [
        ("not-json", "Quotas: []\n".to_owned(), &["--granted", "f"]),
        ("not-an-object", "[]\n".to_owned(), &["--granted", "f"]),
        ("not-quotas", vpcs.clone(), &["--granted", "f"]),
        ("a-part", more, &["--granted", "f"]),
        ("another-place", quotas(&[own()]), &["--granted", "333333333333/us-east-1=f"]),
        ("another-account", quotas(&[nobody]), &["--granted", "f"]),
        ("no-place", quotas(&[granted("vpc", VPCS, 5.0, "eu-west-1", "")]), &["--granted", "f"]),
        (
            "no-number",
            quotas(&[granted("vpc", VPCS, -1.0, "eu-west-1", ACCOUNT)]),
            &["--granted", "f"],
        ),
        ("unknown-listing", "{\"Exports\": []}\n".to_owned(), &["--existing", "333333333333=f"]),
        ("no-region", vpcs.clone(), &["--existing", "333333333333=f"]),
        (
            "twice",
            vpcs.clone(),
            &["--existing", "333333333333/eu-west-1=f", "--existing", "333333333333/eu-west-1=f"],
        ),
        (
            "truncated",
            json!({"Roles": [], "IsTruncated": true, "Marker": "x"}).to_string(),
            &["--existing", "333333333333=f"],
        ),
    ];
    let mut out = String::new();
    for (what, text, arguments) in cases {
        let (code, data, said) = run(&quickstart(), &[("f", text)], arguments);
        assert_eq!((code, data.as_str()), (1, ""), "{what}: {said}");
        let _ = writeln!(out, "== {what}\n{said}");
    }
    let (code, _, said) = run(&quickstart(), &[("f", vpcs)], &["--existing", "f"]);
    assert!(code == 1 && said.contains("write 111111111111/eu-west-1=FILE"), "{said}");
    snapshot("whole", "listings-refused", &out);
}

/// What was listed of others, by the quota, or what is wrong with it.
fn others(listings: &[(&str, Value)], id: &str) -> Result<u64, String> {
    let names: Vec<String> = (0..listings.len()).map(|n| format!("{n}.json")).collect();
    let texts = listings.iter().map(|(_, json)| json.to_string());
    let files: Vec<(&str, String)> = names.iter().map(String::as_str).zip(texts).collect();
    let places = listings.iter().zip(&names).map(|((place, _), name)| format!("{place}={name}"));
    let places: Vec<String> = places.collect();
    let mut arguments = vec!["--keep"];
    arguments.extend(places.iter().flat_map(|place| ["--existing", place]));
    let (code, out, said) = run(&quickstart(), &files, &arguments);
    let count = || out.lines().find_map(|line| line.trim().strip_prefix(&format!("{id}: ")));
    if code == 0 { Ok(count().expect(id).parse().expect("a number")) } else { Err(said) }
}

/// What AWS counts by account is the same from each region, and counts once.
#[test]
fn what_is_of_the_account_counts_once() {
    let roles = |count: usize| json!({ "Roles": (0..count).map(|n| json!({ "RoleName": n.to_string() })).collect::<Vec<_>>() });
    let of = |listings: &[(&str, Value)]| others(listings, "iam.roles-per-account");
    let (here, there) = ("333333333333/eu-west-1", "333333333333/us-west-1");
    assert_eq!(of(&[(here, roles(400))]), Ok(400));
    assert_eq!(of(&[(here, roles(400)), (there, roles(400))]), Ok(400), "a loop over regions");
    assert_eq!(of(&[(ACCOUNT, roles(400)), (here, roles(400))]), Ok(400));
    for other in [(there, roles(399)), (ACCOUNT, roles(1))] {
        let said = of(&[(here, roles(400)), other]).expect_err("one of them is not whole");
        assert!(said.contains("listed twice for 333333333333, each time something else"), "{said}");
        assert!(said.contains("list it once, for the account"), "{said}");
    }
    assert!(of(&[(here, roles(4)), (here, roles(4))]).is_err(), "twice the same words");
    // What AWS counts in each region is of it.
    let vpcs = |listings: &[(&str, Value)]| others(listings, "vpc.vpcs-per-region");
    let vpc = json!({ "Vpcs": [{ "VpcId": "vpc-1" }] });
    assert_eq!(vpcs(&[(here, vpc.clone()), ("333333333333/us-east-1", vpc)]), Ok(1));
}

/// How each command tells that there is more, and what to do then.
#[test]
fn a_part_is_known_by_what_its_command_says() {
    let acls = |count: usize| -> Vec<Value> {
        (0..count).map(|n| json!({ "Name": n.to_string() })).collect()
    };
    let web = |count: usize| {
        let listing = json!({ "WebACLs": acls(count), "NextMarker": "n" });
        others(&[("333333333333/eu-west-1", listing)], "wafv2.web-acls-per-region")
    };
    // AWS WAF always tells how to go on; nothing more is there behind a page that is not full.
    for count in [0, 1, 99, 101, 250] {
        assert!(
            web(count).is_ok() || web(count).expect_err("none").contains("is not there"),
            "{count}"
        );
    }
    for count in [100, 200] {
        assert!(web(count).expect_err("it may go on").contains("--next-marker"), "{count}");
    }
    let cut = |listing: Value| {
        others(&[("333333333333/eu-west-1", listing)], "any").expect_err("it is cut")
    };
    for (listing, help) in [
        (
            json!({ "Buckets": [{ "Name": "a" }], "ContinuationToken": "n" }),
            "without --no-paginate",
        ),
        (json!({ "WorkGroups": [{ "Name": "a" }], "NextToken": "n" }), "--next-token"),
        (json!({ "DeliveryStreamNames": ["a"], "HasMoreDeliveryStreams": true }), "--limit 10000"),
        (json!({ "TableNames": ["a"], "LastEvaluatedTableName": "a" }), "without --no-paginate"),
        (json!({ "TargetGroups": [], "NextMarker": "a" }), "without --no-paginate"),
        (json!({ "Roles": [], "NextToken": "a" }), "without --no-paginate"),
    ] {
        let said = cut(listing);
        assert!(said.contains("only a part of what there is") && said.contains(help), "{said}");
    }
}

/// Each complaint names the listing that it is of, with what to do, and one run has them all.
#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let vpcs = |of: Value| json!({ "Vpcs": of }).to_string();
    let none = || vpcs(json!([]));
    let here = "333333333333/eu-west-1=f";
    let nobody = granted("vpc", VPCS, 5.0, "eu-west-1", "999999999999");
    let atlantis = granted("vpc", VPCS, 5.0, "eu-west-9", ACCOUNT);
    let twice = [10.0, 20.0].map(|count| granted("vpc", VPCS, count, "eu-west-1", ACCOUNT));
    let roles = json!({ "Roles": [{ "RoleName": "a" }] }).to_string();
    let members = json!({ "Accounts": [{ "Id": "900000000000", "Email": "a@b.example" }] });
    let cases: [(&str, String, &[&str]); 11] = [
        ("nobody's", none(), &["--existing", "999999999999/eu-west-1=f"]),
        ("no-region-of-ours", none(), &["--existing", "333333333333/atlantis=f"]),
        ("nobody's-grant", quotas(&[nobody]), &["--granted", "f"]),
        ("granted-elsewhere", quotas(&[atlantis]), &["--granted", "f"]),
        ("granted-twice", quotas(&twice), &["--granted", "f"]),
        ("of-the-other-kind", roles, &["--granted", "f"]),
        ("of-the-one-kind", quotas(&[]), &["--existing", here]),
        ("strangers", vpcs(json!([{ "VpcId": "vpc-1" }, null, "x"])), &["--existing", here]),
        ("of-another-service", json!({ "applications": [{}] }).to_string(), &["--existing", here]),
        ("not-there", none(), &["--existing", "333333333333/eu-west-1=g", "--granted", "h"]),
        ("of-a-member", members.to_string(), &["--existing", "333333333333=f"]),
    ];
    let managed = quickstart().replace("accounts:", "accounts:\n  management: \"111111111111\"");
    let mut out = String::new();
    for (what, text, arguments) in cases {
        let (code, data, said) = run(&managed, &[("f", text)], arguments);
        assert_eq!((code, data.as_str()), (1, ""), "{what}: {said}");
        let _ = writeln!(out, "== {what}\n{said}");
    }
    snapshot("whole", "listings-misplaced", &out);
    // Beside what is wrong with the blueprint.
    let typo = quickstart().replace("accounts:", "acounts:");
    let (code, _, said) =
        run(&typo, &[("f", "{".to_owned())], &["--existing", here, "--granted", "g"]);
    assert_eq!(code, 1);
    for word in ["`acounts`", "this is not JSON", "there is no such file"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// A place that is none is told by the option that names it.
#[test]
fn options_name_places() {
    let (files, here) = ([("f", json!({ "Vpcs": [] }).to_string())], "111111111111/eu-west-1=FILE");
    for (option, value) in [
        ("--existing", "333333333333/=f"),
        ("--granted", "333333333333/=f"),
        ("--granted", "33333333333/eu-west-1=f"),
        ("--existing", "33333333333/eu-west-1=f"),
        ("--existing", "f"),
    ] {
        let (code, _, said) = run(&quickstart(), &files, &[option, value]);
        assert!(code == 1 && said.contains(here), "{option} {value}: {said}");
    }
    // A name of a file may have that sign in it.
    let named = [("a=b", quotas(&[]))];
    assert_eq!(run(&quickstart(), &named, &["--granted", "a=b"]).0, 0);
    // All that is wrong with what is wished, too.
    let wished = ["--request", "commands", "--tenants", "busines=3", "--tenants", "teem=4"];
    let (code, _, said) = run(&quickstart(), &[], &wished);
    assert!(code == 1 && said.contains("\"busines\"") && said.contains("\"teem\""), "{said}");
}

/// Shells of Windows begin a file with a mark, or write it as UTF-16; what is neither is told.
#[test]
fn whatever_a_shell_wrote_is_read() {
    let text = json!({ "Vpcs": [{ "VpcId": "vpc-1" }] }).to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("it can be written");
    };
    put("b.yaml", quickstart().as_bytes());
    let of = |bytes: Vec<u8>| {
        put("f", &bytes);
        let place = format!("{ACCOUNT}/eu-west-1=f");
        told(&tenantry(folder.path(), &["quotas", "b.yaml", "--keep", "--existing", &place]))
    };
    let wide = |of: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(of).collect()
    };
    let mark = format!("\u{feff}{text}").into_bytes();
    for bytes in [text.clone().into_bytes(), mark, wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
        let (code, kept, said) = of(bytes);
        assert!(code == 0 && kept.contains("vpc.vpcs-per-region: 1"), "{kept}{said}");
    }
    let latin = [b"{\"Vpcs\": [{\"VpcId\": \"".as_slice(), &[0xe9], b"\"}]}"].concat();
    let mut odd = wide(u16::to_le_bytes);
    odd.pop();
    for bytes in [latin, odd] {
        let (code, _, said) = of(bytes);
        assert!(code == 1 && said.contains("error[quota/listing]: this is not UTF-8"), "{said}");
        assert!(said.contains("Out-File -Encoding utf8"), "{said}");
    }
}
