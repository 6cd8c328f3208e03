//! From what AWS, Terraform or a colleague says to the line of the blueprint. The errors have the
//! form of real ones, each with where it was reported; the names in them are those of a blueprint.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use tenantry::aws::quota;
use tenantry::synth::Outcome;
use tenantry::trace::Trace;
use tenantry::trace::clue::{Clue, clues};
use tenantry::trace::find::{Found, Sure, find};
use tenantry::trace::line::makes;
use tenantry::view::{explain, limit};

use crate::support::{options, root, snapshot, synth_blueprint, tenantry, told};

fn with<T>(name: &str, ask: impl Fn(&Trace<'_>, &Outcome) -> T) -> T {
    let outcome = synth_blueprint(name, options());
    let trace = Trace::new(&outcome.sources, outcome.made.as_ref().expect("it is sound"));
    ask(&trace, &outcome)
}

/// What is found first: stack and resource, and the text of the line that it comes from.
fn first(trace: &Trace<'_>, text: &str) -> (String, String, String) {
    let found: Found = find(trace, text);
    let hit = found.hits.first().unwrap_or_else(|| panic!("nothing is found in {text}"));
    let property = hit.block.map(|_| "CidrBlock");
    let origin = trace
        .origin(&hit.stacks[0], hit.resource.as_deref(), property)
        .expect("everything comes from somewhere");
    let source = trace.sources().get(origin.site.file());
    let line = source.line_around(trace.sources().locate(&origin.site).start);
    (
        hit.stacks[0].clone(),
        hit.resource.clone().unwrap_or_default(),
        source.text[line].trim().to_owned(),
    )
}

/// What was pasted, and the stack, resource and line that must be found first.
const ERRORS: [(&str, &str, &str, &str); 12] = [
    // https://github.com/radius-project/samples/issues/711, with the stack named by the command.
    (
        "full-prod-initech: AWS::EC2::EIP/NatAddress1: CREATE_FAILED – \"Resource handler returned message: \\\"The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400, Request ID: 6b8cf3d3-1afc-40de-91d7-4ac4c55bfc32)\\\" (RequestToken: 5f2495db-493f-e12b-ebf1-187d26148fde, HandlerErrorCode: GeneralServiceException)\"",
        "tenant-initech",
        "NatAddress1",
        "egress: { nat: single }",
    ),
    // https://github.com/aws-samples/aws-refarch-moodle/issues/42
    (
        "Embedded stack arn:aws:cloudformation:eu-west-1:333333333333:stack/full-prod-cell-team-eu-west-1-1/3ff97630-c822-11ed-bc0e-02905d19378a was not successfully created: The following resource(s) failed to create: [GatewayEndpointS3, NatAddress1].",
        "cell-team-eu-west-1-1",
        "GatewayEndpointS3",
        "endpoints: { gateway: [s3, dynamodb] }",
    ),
    // https://github.com/jenseickmeyer/todo-app-nodejs/issues/5
    (
        "An error occurred (ValidationError) when calling the CreateChangeSet operation: Stack:arn:aws:cloudformation:eu-west-1:333333333333:stack/full-prod-hooli/ae467fe0-5154-11ea-bd5e-12717722e021 is in ROLLBACK_COMPLETE state and can not be updated",
        "tenant-hooli",
        "",
        "- { id: hooli, tier: team, name: Hooli, cost_center: CC-12 }",
    ),
    // https://github.com/hashicorp-education/learn-terraform-provision-eks-cluster/issues/59
    (
        "Error: creating EC2 EIP: AddressLimitExceeded: The maximum number of addresses has been reached.\n\n  with module.stack.aws_eip.nat_address_1,\n│   on ../../modules/tenant-enterprise/main.tf.json line 420, in resource.aws_eip.nat_address_1:\n│ 420: \"nat_address_1\": {",
        "tenant-globex",
        "NatAddress1",
        "egress: { nat: single }",
    ),
    // https://toolninja.io/blog/cidr-block-overlaps-existing-subnet-vpc
    (
        "Error: creating EC2 Subnet: InvalidSubnet.Conflict: The CIDR '10.1.36.0/25' conflicts with another subnet.",
        "tenant-initech",
        "PrivateSubnet1",
        "\"initech\": {\"tier\":\"business\",\"region\":\"eu-west-1\",\"account\":\"333333333333\",\"block\":\"10.1.36.0/22\",\"slots\":4},",
    ),
    // https://github.com/aws/aws-parallelcluster/issues/1734: events of a stack, one a line.
    (
        "Stack Name: full-prod-umbrella\nCluster creation failed.  Failed events:\n  - AWS::ECS::Service AppService Resource creation cancelled",
        "tenant-umbrella",
        "AppService",
        "service: { image: \"333333333333.dkr.ecr.eu-west-1.amazonaws.com/app:1.4\", port: 8080, cpu: 512, memory: 1024,",
    ),
    // A name that CloudFormation made, in a message of IAM:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
    (
        "User: arn:aws:sts::333333333333:assumed-role/full-prod-umbrella-TaskRole-1MQ2X7B9V0ABC/4b1c is not authorized to perform: s3:GetObject because no identity-based policy allows the s3:GetObject action",
        "tenant-umbrella",
        "TaskRole",
        "starter: # containers for each tenant in a cluster that a cell of tenants shares",
    ),
    // A name that was chosen, in the ARN of a message of the same page.
    (
        "is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::full-prod-lake-333333333333-eu-west-1\"",
        "analytics-eu-west-1",
        "Lake",
        "analytics: { warehouse: {}, spark: {}, notebooks: { users: [ada-lovelace] } }",
    ),
    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
    (
        "An error occurred (ParameterNotFound) when calling the GetParameter operation: /full/prod/hub/transit-gateway-id",
        "hub-eu-west-1",
        "TransitGatewayIdParameter",
        "\"eu-west-1\": {\"block\":\"10.1.0.0/20\",\"slots\":4},",
    ),
    // Paths of what was written.
    (
        "out/full-prod/cloudformation/stacks/tenant-wonka.json: no such file",
        "tenant-wonka",
        "",
        "- { id: wonka, tier: free, name: Wonka Industries, cost_center: CC-21 }",
    ),
    // An address in a flow log: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html.
    (
        "2 333333333333 eni-1235b8ca123456789 10.1.66.12 203.0.113.5 20641 22 6 20 4249 1418530010 1418530070 REJECT OK",
        "tenant-hooli",
        "TenantSubnet1",
        "\"hooli\": {\"tier\":\"team\",\"region\":\"eu-west-1\",\"account\":\"333333333333\",\"cell\":\"team-eu-west-1-1\",\"block\":\"10.1.66.0/25\",\"slots\":4},",
    ),
    // What people call a tenant.
    (
        "Wonka Industries",
        "tenant-wonka",
        "",
        "- { id: wonka, tier: free, name: Wonka Industries, cost_center: CC-21 }",
    ),
];

#[test]
fn errors_lead_to_their_line() {
    with("full.yaml", |trace, _| {
        for (text, stack, resource, line) in ERRORS {
            let found = first(trace, text);
            assert_eq!(found, (stack.to_owned(), resource.to_owned(), line.to_owned()), "{text}");
        }
    });
}

/// A resource of a template that many stacks share is not said to be of one of them.
#[test]
fn what_is_not_said_is_not_guessed() {
    with("full.yaml", |trace, _| {
        let found = find(trace, "The following resource(s) failed to create: [NatAddress1].");
        assert!(found.hits.len() > 3, "{:?}", found.hits);
        assert!(found.hits.iter().all(|hit| hit.sure == Sure::Anywhere));
        // Words of a sentence are no tenants, tiers or resources.
        for nothing in ["a team is free to start", "Rate exceeded", "8.8.8.8.8", "eu-west-1"] {
            assert!(find(trace, nothing).is_empty(), "{nothing}: {:?}", find(trace, nothing));
        }
        let nat = "Error waiting for NAT Gateway (nat-0972a6db4a9aa1cbb) to become available";
        assert_eq!(find(trace, nat).foreign, ["nat-0972a6db4a9aa1cbb"]);
    });
}

/// A name as `CloudFormation` makes it where it may have so many characters: what its tail leaves is
/// halved, and what one half does not need is the other's. Seen in
/// <https://github.com/KensioSoftware/yulin/issues/1113>.
fn cut(stack: &str, id: &str, most: usize, tail: &str) -> String {
    let room = most - tail.len() - 2;
    let (first, second) = (room.div_ceil(2), room / 2);
    let first = if stack.len() + id.len() <= room { stack.len() } else { first.min(stack.len()) };
    let second = if stack.len() + id.len() <= room { id.len() } else { second.min(id.len()) };
    format!("{}-{}-{tail}", &stack[..first], &id[..second])
}

/// Every resource of an estate by a name that was made of it: among what is found is always the right
/// one, and where one thing is found, it is that and could be nothing else.
#[test]
fn names_that_were_made_lead_back() {
    with("full.yaml", |trace, _| {
        let mut truth: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        let estate = &trace.made().estate;
        for stack in &estate.stacks {
            for entry in &estate.templates[&stack.shape].entries {
                let balancer = ["aws_lb", "aws_lb_target_group"].contains(&entry.tf);
                let most = if balancer { 25 } else { 64 };
                let name = cut(&stack.name, &entry.id, most, "1MQ2X7B9V0ABC");
                let small =
                    cut(&stack.name, &entry.id, most.min(63), "1mq2x7b9v0abc").to_lowercase();
                for name in [name, small] {
                    truth.entry(name).or_default().insert((stack.key.clone(), entry.id.clone()));
                }
            }
        }
        let text: Vec<&str> = truth.keys().map(String::as_str).collect();
        let mut told: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        let (mut one, mut several) = (0, 0);
        for (clue, word) in clues(trace, &text.join("\n")) {
            let (stacks, id) = match clue {
                Clue::Name(stack, id) => {
                    one += 1;
                    assert_eq!(
                        truth[&word],
                        BTreeSet::from([(stack.clone(), id.clone())]),
                        "{word}"
                    );
                    (vec![stack], id)
                }
                Clue::OneOf(stacks, id) => {
                    several += 1;
                    (stacks, id)
                }
                other => panic!("{word} is no {other:?}"),
            };
            told.entry(word).or_default().extend(stacks.into_iter().map(|key| (key, id.clone())));
        }
        // A second name of the same thing is not told again.
        let all: BTreeSet<_> = told.values().flatten().collect();
        for (word, things) in &truth {
            let lost = things.iter().find(|thing| !all.contains(thing));
            assert!(lost.is_none(), "{word} is not found to be {lost:?}");
            if let Some(found) = told.get(word) {
                assert!(things.is_subset(found), "{word}: {things:?} {found:?}");
            }
        }
        assert!(one > 500 && several > 10, "{one} are certain, {several} are not");
    });
}

/// Every resource by the name that Terraform gives or begins, and by its address.
#[test]
fn names_of_terraform_lead_back() {
    with("full.yaml", |trace, _| {
        for (text, stack, resource) in [
            ("full-prod-umbrella-app-service", "tenant-umbrella", "AppService"),
            (
                "sg full-prod-initech-app-security-group-202603010812301234000000ff exists",
                "tenant-initech",
                "AppSecurityGroup",
            ),
            ("role/task-role-202603010812301234000000ff", "tenant-umbrella", "TaskRole"),
            (
                "module.x.module.stack.aws_eip.nat_address_1[\"a\"].id of full-prod-initech",
                "tenant-initech",
                "NatAddress1",
            ),
        ] {
            let hit = find(trace, text).hits.into_iter().next().expect("something is found");
            let found = (hit.stacks.as_slice(), hit.resource.as_deref());
            assert_eq!(found, ([stack.to_owned()].as_slice(), Some(resource)), "{text}");
            assert!(hit.sure <= Sure::Together, "{text}");
        }
    });
}

/// Names that several things could have are told apart by what else the text says, or all are shown.
#[test]
fn of_several_all_are_shown() {
    with("full.yaml", |trace, _| {
        let arn = |account: &str| {
            format!(
                "arn:aws:elasticloadbalancing:eu-west-1:{account}:loadbalancer/app/full--LoadB-1OYQ0Q5HSNAJW/50dc6c495c0c9188"
            )
        };
        let found = find(trace, &arn("333333333333"));
        assert!(found.hits.len() > 1, "{found:?}");
        assert!(found.hits.iter().all(|hit| hit.sure == Sure::OneOf), "{found:?}");
        let text = format!("full-prod-cell-starter-eu-west-1-1: {}", arn("333333333333"));
        let found = find(trace, &text);
        assert_eq!((found.hits.len(), found.hits[0].sure), (1, Sure::Together), "{found:?}");
        // No load balancer is in that account.
        assert!(find(trace, &arn("444444444444")).is_empty());
        let address = "full--LoadB-1OYQ0Q5HSNAJW-1234567890.eu-west-1.elb.amazonaws.com";
        assert_eq!(find(trace, address).hits.len(), find(trace, &arn("333333333333")).hits.len());
    });
}

/// What has the form of a name, but is none of this estate, is said to be none.
#[test]
fn strangers_are_named() {
    with("full.yaml", |trace, _| {
        for (text, name, why) in [
            (
                "arn:aws:cloudformation:eu-west-1:333333333333:stack/full-prod-nobody/ae467fe0-5154-11ea-bd5e-12717722e021",
                "full-prod-nobody",
                "no stack of this estate is called so",
            ),
            (
                "arn:aws:cloudformation:us-east-1:333333333333:stack/full-prod-hooli/ae467fe0-5154-11ea-bd5e-12717722e021",
                "full-prod-hooli",
                "the stack of that name is in 333333333333/eu-west-1",
            ),
            (
                "arn:aws:sts::444444444444:assumed-role/full-prod-umbrella-TaskRole-1MQ2X7B9V0ABC/x",
                "full-prod-umbrella-TaskRole-1MQ2X7B9V0ABC",
                "the stack of that name is in 333333333333/eu-west-1",
            ),
            (
                "other-prod-x-TaskRole-1MQ2X7B9V0ABC",
                "other-prod-x-TaskRole-1MQ2X7B9V0ABC",
                "CloudFormation made",
            ),
            ("with module.stack.aws_eip.nope,", "module.stack.aws_eip.nope", "no template here"),
            (
                "nope-202603010812301234000000ff",
                "nope-202603010812301234000000ff",
                "Terraform made",
            ),
            (
                "arn:aws:iam::333333333333:role/Admin",
                "arn:aws:iam::333333333333:role/Admin",
                "nothing of this estate",
            ),
        ] {
            let found = find(trace, text);
            assert!(found.is_empty(), "{found:?}");
            let [(stranger, told)] = found.strangers.as_slice() else { panic!("{found:?}") };
            assert!(stranger == name && told.starts_with(why), "{stranger}: {told}");
        }
    });
    let (code, _, notes) = told(&tenantry(folder().path(), &["explain", "aws_eip.nope"]));
    assert!(code == 1 && notes.contains("no template here has aws_eip.nope"), "{notes}");
}

/// Every line of a tenant, from both sides: the line makes stacks, and each comes from the line.
#[test]
fn lines_lead_to_what_they_make_and_back() {
    for name in ["full.yaml", "two-regions.json"] {
        with(name, |trace, outcome| {
            let made = trace.made();
            for tenant in made.spec.tenants.values() {
                let file = tenant.site.file();
                let at = outcome.sources.locate(&tenant.site).start;
                let line = outcome.sources.get(file).position(at).line;
                let makes = makes(trace, file, line);
                assert_eq!(makes.tenant.as_ref(), Some(&tenant.id), "{name}:{line}");
                let stacks: Vec<&String> = makes.groups.iter().flat_map(|g| &g.stacks).collect();
                let own =
                    made.estate.stacks.iter().filter(|s| s.tenant.as_ref() == Some(&tenant.id));
                let own: Vec<&String> = own.map(|stack| &stack.key).collect();
                assert_eq!(stacks, own);
                for key in own {
                    let chain = trace.chain(key, None, None);
                    assert!(chain.iter().any(|origin| origin.site == tenant.site), "{key}");
                }
            }
        });
    }
}

/// What a person sees.
#[test]
fn as_people_see_it() {
    let out = with("full.yaml", |trace, _| {
        let mut out = String::new();
        for what in [
            ERRORS[0].0,
            ERRORS[4].0,
            "initech",
            "NatGateway1",
            "10.1.0.0/16",
            "10.0.0.9",
            "192.0.2.1",
            "vpc-0a1b2c3d4e5f60718",
        ] {
            let shown = explain::text(&explain::report(trace, &find(trace, what)));
            let _ = writeln!(out, "$ tenantry explain {what:?}\n{shown}");
        }
        for line in [24, 49, 58, 75] {
            let place = format!("full.yaml:{line}");
            let shown = explain::made_by(trace, &makes(trace, 0, line), &place);
            let _ = writeln!(out, "$ tenantry explain {place}\n{shown}");
        }
        out
    });
    snapshot("explain", "full", &out);
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(root().join("blueprints/quickstart.yaml"), folder.path().join("a.yaml"))
        .expect("a copy");
    folder
}

/// Nothing that is meant, no blueprint, several of them, and one that is wrong.
#[test]
fn without_an_answer() {
    let folder = folder();
    let run = |arguments: &[&str]| told(&tenantry(folder.path(), arguments));
    assert_eq!(run(&["explain", "nobody-knows"]).0, 1);
    assert_eq!(run(&["explain", "a.yaml:999"]).0, 1);
    let (code, data, notes) = run(&["explain", "a.yaml:38"]);
    assert!(code == 0 && data.contains("tenant-initech"), "{data}{notes}");
    let text = fs::read_to_string(folder.path().join("a.yaml")).expect("it is there");
    let other = text.replace("environment: prod", "environment: test");
    fs::write(folder.path().join("test.yaml"), &other).expect("written");
    let (code, data, notes) = run(&["explain", "acme-test-initech"]);
    assert!(code == 0 && data.contains("test.yaml:38") && notes.is_empty(), "{data}{notes}");
    let (code, _, notes) = run(&["explain", "initech"]);
    assert!(code == 0 && notes.contains("also in test.yaml"), "{notes}");
    fs::remove_file(folder.path().join("a.yaml")).expect("it was there");
    fs::write(folder.path().join("test.yaml"), other.replace("zones: 3", "zones: 9"))
        .expect("written");
    assert_eq!(run(&["explain", "initech"]).0, 1);
    fs::remove_file(folder.path().join("test.yaml")).expect("it was there");
    let (code, _, notes) = run(&["explain", "initech"]);
    assert!(code == 1 && notes.contains("there is no blueprint here"), "{notes}");
}

/// For machines, everything that was found.
#[test]
fn for_machines() {
    let folder = folder();
    let arguments = ["explain", "NatGateway1", "--format", "json"];
    let (code, data, notes) = told(&tenantry(folder.path(), &arguments));
    assert_eq!(code, 0, "{notes}");
    let report: serde_json::Value = serde_json::from_str(&data).expect("JSON");
    assert_eq!((&report["version"], &report["quotas"]), (&2.into(), &serde_json::json!([])));
    let found = report["found"].as_array().expect("a list");
    assert!(found.len() > 1, "{data}");
    assert!(found.iter().all(|card| card["origins"][0]["text"].as_str().is_some()), "{data}");
}

/// Every error leads to rows of the table, by its code or by what it says, and names where it is documented.
#[test]
fn every_error_of_a_limit_leads_to_its_quota() {
    let failures = quota::failures();
    assert!(failures.len() > 60, "{}", failures.len());
    for failure in failures {
        assert!(failure.source.starts_with("https://"), "{}", failure.code);
        let known: Vec<&str> = failure.quotas().map(|row| row.id).collect();
        let whole = |id: &&str| id.ends_with('.') || quota::get(id).is_some();
        assert!(!known.is_empty() && failure.quotas.iter().all(whole), "{}", failure.code);
        let said = failure.text.unwrap_or(failure.code);
        let text = format!("CREATE_FAILED (Service: {}; Error: {said})", failure.service);
        let found = limit::meant(&text).quotas;
        assert!(known.iter().all(|id| found.contains(id)), "{text}: {found:?}");
    }
    // What several services have is narrowed by the one that is named.
    let narrow = limit::meant("Kms, Status Code: 400, LimitExceededException").quotas;
    assert!(!narrow.is_empty() && narrow.iter().all(|id| id.starts_with("kms.")), "{narrow:?}");
    assert_eq!(limit::meant("the limit of VPCs, or VpcLimitExceededX"), limit::Meant::default());
}

/// A quota by id and by error, without a blueprint and with one; near misses are suggested.
#[test]
fn a_quota_is_explained() {
    let folder = folder();
    let run = |arguments: &[&str]| told(&tenantry(folder.path(), arguments));
    let (code, data, notes) = run(&["explain", "vpc.vpcs-per-region", "--blueprint", "a.yaml"]);
    assert_eq!(code, 0, "{notes}");
    for part in [
        "vpc.vpcs-per-region: VPCs per Region",
        "default  5 per region; AWS raises it when asked",
        "code     L-F678F1CE",
        "counts   AWS::EC2::VPC",
        "the default VPC, if it still exists",
        "errors   VpcLimitExceeded",
        "source   https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html",
        "used     ",
        " of 5  ",
    ] {
        assert!(data.contains(part), "{part}: {data}");
    }
    let counted = run(&["quotas", "a.yaml", "--all", "--format", "json"]).1;
    let counted: serde_json::Value = serde_json::from_str(&counted).expect("JSON");
    let uses = counted["uses"].as_array().expect("a list");
    let one = uses.iter().find(|one| one["quota"] == "vpc.vpcs-per-region").expect("it is counted");
    let line = format!("used     {} of 5  {}", one["used"], one["place"].as_str().expect("text"));
    assert!(data.contains(&line), "{line}: {data}");
    let pasted = "CREATE_FAILED AWS::EC2::VPC \"The maximum number of VPCs has been reached. \
                  (Service: Ec2, Status Code: 400)\"";
    let (code, data, _) = run(&["explain", pasted]);
    assert!(code == 0 && data.contains("vpc.vpcs-per-region: VPCs per Region"), "{data}");
    let (code, _, notes) = run(&["explain", "vpc.vpc-per-region"]);
    assert!(code == 1 && notes.contains("did you mean vpc.vpcs-per-region?"), "{notes}");
    // What was not written to its end is offered before anything is told of blueprints.
    let (code, _, notes) = run(&["explain", "vpc.vpcs"]);
    assert!(code == 1 && notes.contains("did you mean vpc.vpcs-per-region?"), "{notes}");
    let (code, _, notes) = run(&["explain", "vpc.gateway-endpoints"]);
    let both = "one of vpc.gateway-endpoints-per-region, vpc.gateway-endpoints-per-vpc?";
    assert!(code == 1 && notes.contains(both), "{notes}");
    fs::remove_file(folder.path().join("a.yaml")).expect("it was there");
    let (code, data, _) = run(&["explain", "Client.AddressLimitExceeded"]);
    assert!(
        code == 0 && data.contains("ec2.elastic-ips-per-region: ") && !data.contains("used"),
        "{data}"
    );
    let (code, _, notes) = run(&["explain", "vpc.vpc-per-region"]);
    assert!(code == 1 && notes.contains("did you mean vpc.vpcs-per-region?"), "{notes}");
    let (code, data, _) = run(&["explain", "LimitExceededException"]);
    assert!(
        code == 0 && data.contains("one of these") && data.contains(" more (`--format json`"),
        "{data}"
    );
}
