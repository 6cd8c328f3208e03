//! What a proof does not follow, or cannot read: it is refused, or open to everything, and never
//! passed over. Reads rendered folders that were changed by hand.

use serde_json::{Value, json};
use tenantry::prove::proof;
use tenantry::prove::read::Engine;

use crate::prove::rendered;
use crate::prove_mutants::Files;

/// What is done to each template, or module, of the tenants.
type Touch = fn(&mut Value);

/// What to do, by a name, and for which engine.
type Case = (&'static str, Engine, Touch);

use Engine::{CloudFormation as C, Terraform as T};

/// Changes every template of tenants; whether any was.
fn touch(files: &mut Files, engine: Engine, change: Touch) -> bool {
    let start = match engine {
        C => "cloudformation/templates/tenant-",
        T => "terraform/modules/tenant-",
    };
    let mut changed = false;
    for (_, text) in files.iter_mut().filter(|(path, _)| path.starts_with(start)) {
        let mut value: Value = serde_json::from_str(text).expect("JSON");
        let before = value.clone();
        change(&mut value);
        changed |= value != before;
        *text = value.to_string();
    }
    changed
}

fn add(template: &mut Value, kind: &str, properties: Value) {
    template["Resources"]["Added"]["Type"] = kind.into();
    template["Resources"]["Added"]["Properties"] = properties;
}

fn set(template: &mut Value, id: &str, name: &str, value: Value) {
    if template["Resources"].get(id).is_some() {
        template["Resources"][id]["Properties"][name] = value;
    }
}

fn block(module: &mut Value, kind: &str, body: Value) {
    module["resource"][kind]["added"] = body;
}

/// Sets an attribute of every resource of a type.
fn attribute(module: &mut Value, kind: &str, name: &str, value: &Value) {
    for body in module["resource"][kind].as_object_mut().into_iter().flatten().map(|(_, b)| b) {
        body[name] = value.clone();
    }
}

/// Something that cannot be read.
fn unread() -> Value {
    json!({"Fn::Select": [0, ["1"]]})
}

const REFUSED: &[Case] = &[
    ("a macro in properties, beside others", C, |t| {
        set(t, "SecurityGroup", "Fn::Transform", json!({"Name": "AWS::Include"}));
    }),
    ("a macro as a list of rules", C, |t| {
        set(t, "SecurityGroup", "SecurityGroupIngress", json!({"Fn::Transform": {"Name": "x"}}));
    }),
    ("a macro among the resources", C, |t| {
        t["Resources"]["Fn::Transform"] = json!({"Name": "AWS::Include"});
    }),
    ("a loop over resources", C, |t| t["Resources"]["Fn::ForEach::All"] = json!([])),
    ("a section that is not known", C, |t| t["Hooks"] = json!({})),
    ("a registered module", C, |t| add(t, "My::Org::Thing::MODULE", json!({}))),
    ("a type of somebody else", C, |t| add(t, "My::Org::Thing", json!({}))),
    ("a custom resource", C, |t| add(t, "Custom::Thing", json!({}))),
    ("a group of users", C, |t| add(t, "AWS::IAM::Group", json!({}))),
    ("users in a group", C, |t| add(t, "AWS::IAM::UserToGroupAddition", json!({}))),
    ("a type that nobody follows", C, |t| add(t, "AWS::EC2::VPCEndpointService", json!({}))),
    ("properties that are none", C, |t| add(t, "AWS::EC2::VPC", json!("x"))),
    ("a rule of some group", C, |t| {
        add(t, "AWS::EC2::SecurityGroupIngress", json!({"GroupId": unread(), "IpProtocol": "-1"}));
    }),
    ("a rule of a group that is elsewhere", C, |t| {
        add(t, "AWS::EC2::SecurityGroupIngress", json!({"GroupId": "sg-1", "IpProtocol": "-1"}));
    }),
    ("a rule of some network ACL", C, |t| {
        add(t, "AWS::EC2::NetworkAclEntry", json!({"NetworkAclId": unread(), "RuleNumber": 1}));
    }),
    ("a route of some table", C, |t| {
        let to = json!({"RouteTableId": unread(), "DestinationCidrBlock": "10.0.0.0/8"});
        add(t, "AWS::EC2::Route", to);
    }),
    ("a parameter that is a list", C, |t| {
        t["Parameters"]["Many"] = json!({"Type": "CommaDelimitedList", "Default": "a,b"});
    }),
    ("a resource that is made on a condition", C, |t| {
        t["Resources"]["SecurityGroup"]["Condition"] = "Some".into();
    }),
    ("a bucket that everybody may write to", C, |t| {
        add(t, "AWS::S3::Bucket", json!({"AccessControl": "PublicReadWrite"}));
    }),
    ("a bucket that is copied elsewhere", C, |t| {
        add(t, "AWS::S3::Bucket", json!({"ReplicationConfiguration": {"Role": "x"}}));
    }),
    ("a vault with a policy of its own", C, |t| {
        add(t, "AWS::Backup::BackupVault", json!({"AccessPolicy": {"Statement": []}}));
    }),
    ("a database made of somebody's snapshot", C, |t| {
        add(t, "AWS::RDS::DBCluster", json!({"SnapshotIdentifier": "globex-last"}));
    }),
    ("a table that streams elsewhere", C, |t| {
        let to = json!({"StreamArn": "arn:aws:kinesis:eu-west-1:999999999999:stream/x"});
        add(t, "AWS::DynamoDB::Table", json!({"KinesisStreamSpecification": to}));
    }),
    ("users of a group who get a role", C, |t| {
        add(t, "AWS::Cognito::UserPoolGroup", json!({"GroupName": "x", "RoleArn": "y"}));
    }),
    ("an interface that acts with a role", C, |t| {
        let how = json!({"Type": "AWS", "Credentials": "arn:aws:iam::333333333333:role/x"});
        add(t, "AWS::ApiGateway::Method", json!({"HttpMethod": "ANY", "Integration": how}));
    }),
    ("a disk that containers share", C, |t| {
        let disk = json!([{"Name": "x", "EFSVolumeConfiguration": {"FilesystemId": "fs-1"}}]);
        add(t, "AWS::ECS::TaskDefinition", json!({"Volumes": disk}));
    }),
    ("targets by their addresses", C, |t| {
        let targets = json!([{"Id": "10.0.0.5"}]);
        add(t, "AWS::ElasticLoadBalancingV2::TargetGroup", json!({"Targets": targets}));
    }),
    ("hosts by a pattern of another kind", C, |t| {
        let hosts = json!([{"Field": "host-header", "HostHeaderConfig": {"RegexValues": [".*"]}}]);
        add(t, "AWS::ElasticLoadBalancingV2::ListenerRule", json!({"Conditions": hosts}));
    }),
    ("a service in a subnet by AWS's id", C, |t| {
        let net = json!({"AwsvpcConfiguration": {"Subnets": ["subnet-0123456789abcdef0"]}});
        add(t, "AWS::ECS::Service", json!({"NetworkConfiguration": net}));
    }),
    ("a subnet in a VPC by AWS's id", C, |t| {
        let own = json!({"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.200.0.0/24"});
        add(t, "AWS::EC2::Subnet", own);
    }),
    ("a rule that hands on to who knows whom", C, |t| {
        let to = json!([{"Type": "forward", "TargetGroupArn": unread()}]);
        add(t, "AWS::ElasticLoadBalancingV2::ListenerRule", json!({"Actions": to}));
    }),
    ("a value that is told twice", C, |t| {
        let told = json!({"Type": "String", "Name": "/told/by/all", "Value": "x"});
        add(t, "AWS::SSM::Parameter", told);
    }),
    ("tables that are no list", C, |t| {
        add(t, "AWS::EC2::VPNGatewayRoutePropagation", json!({"RouteTableIds": unread()}));
    }),
    ("a module in a module", T, |m| m["module"] = json!({"more": {"source": "./more"}})),
    ("something imported", T, |m| m["import"] = json!([{"to": "aws_vpc.x", "id": "vpc-1"}])),
    ("resources in a list", T, |m| {
        let all = m["resource"].take();
        m["resource"] = json!([all]);
    }),
    ("a type of another provider", T, |m| block(m, "awscc_ec2_vpc", json!({}))),
    ("a type that nobody follows", T, |m| block(m, "aws_security_group_rule", json!({}))),
    ("a policy of a user", T, |m| block(m, "aws_iam_user_policy", json!({"user": "u"}))),
    ("a policy in a role", T, |m| {
        block(m, "aws_iam_role", json!({"inline_policy": [{"name": "x", "policy": "{}"}]}));
    }),
    ("a program", T, |m| {
        let program = json!([{"local-exec": {"command": "true"}}]);
        attribute(m, "aws_security_group", "provisioner", &program);
    }),
    ("a block that is made by a loop, in another", T, |m| {
        block(m, "aws_lb_listener_rule", json!({"condition": [{"dynamic": {"x": {}}}]}));
    }),
    ("resources of another account", T, |m| {
        attribute(m, "aws_security_group", "provider", &"aws.foreign".into());
    }),
    ("resources of another region", T, |m| {
        attribute(m, "aws_security_group", "region", &"eu-central-1".into());
    }),
    ("changes that are not deployed", T, |m| {
        let cycle = json!([{"ignore_changes": ["ingress"]}]);
        attribute(m, "aws_security_group", "lifecycle", &cycle);
    }),
    ("a module with an account of its own", T, |m| {
        m["provider"]["aws"] = json!({"region": "eu-west-1"});
    }),
    ("the account of somebody else", T, |m| {
        m["data"]["aws_caller_identity"]["current"] = json!({"provider": "aws.foreign"});
    }),
    ("data from a program", T, |m| {
        m["data"]["external"]["x"] = json!({"program": ["true"]});
    }),
    ("a provider of somebody else", T, |m| {
        m["terraform"]["required_providers"]["aws"]["source"] = "somebody/aws".into();
    }),
    ("routes in a table", T, |m| block(m, "aws_route_table", json!({"route": []}))),
    ("rules in a network ACL", T, |m| block(m, "aws_network_acl", json!({"ingress": []}))),
    ("subnets in a network ACL", T, |m| block(m, "aws_network_acl", json!({"subnet_ids": []}))),
    ("a route of the main table", T, |m| {
        let to = json!({
            "route_table_id": "${aws_security_group.security_group.vpc_id}",
            "destination_cidr_block": "10.0.0.0/8",
        });
        block(m, "aws_route", to);
    }),
];

/// What cannot be followed is a trouble, and nothing is proved.
#[test]
fn it_is_refused() {
    let sound = rendered("container.yaml");
    for (name, engine, change) in REFUSED {
        let mut files = sound.clone();
        assert!(touch(&mut files, *engine, *change), "{name}: something is changed");
        let proof = proof::prove(&files, *engine);
        assert!(proof.is_err(), "{name} for {}", engine.id());
    }
}

fn ingress(template: &mut Value, rules: Value) {
    set(template, "SecurityGroup", "SecurityGroupIngress", rules);
}

fn rule() -> Value {
    json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"})
}

fn inline(module: &mut Value, name: &str, value: Value) {
    let mut rule = json!({"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": []});
    rule[name] = value;
    attribute(module, "aws_security_group", "ingress", &json!([rule]));
}

const OPEN: &[Case] = &[
    ("rules in a list", C, |t| ingress(t, json!([rule()]))),
    ("one rule without a list", C, |t| ingress(t, rule())),
    ("rules that cannot be read", C, |t| ingress(t, unread())),
    ("a rule that cannot be read", C, |t| ingress(t, json!([unread()]))),
    ("a second source in a rule", C, |t| {
        let mut both = rule();
        both["SourceSecurityGroupId"] = json!({"Ref": "SecurityGroup"});
        ingress(t, json!([both]));
    }),
    ("one rule without a list", T, |m| {
        let one = json!({"protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]});
        attribute(m, "aws_security_group", "ingress", &one);
    }),
    ("rules that cannot be read", T, |m| {
        attribute(m, "aws_security_group", "ingress", &json!("${jsondecode(\"[]\")}"));
    }),
    ("blocks that cannot be read", T, |m| inline(m, "cidr_blocks", json!("${tolist([])}"))),
    ("groups that cannot be read", T, |m| inline(m, "security_groups", json!("${[]}"))),
];

/// What is no literal list is open to everything.
#[test]
fn it_is_open() {
    let sound = rendered("container.yaml");
    for (name, engine, change) in OPEN {
        let mut files = sound.clone();
        assert!(touch(&mut files, *engine, *change), "{name}: something is changed");
        let proof = proof::prove(&files, *engine).expect(name);
        assert!(!proof.reachable.is_empty(), "{name} for {}", engine.id());
    }
}

/// Entries that allow everything stand before the deny of neighbours, which has one property that
/// cannot be read: it denies nothing then.
#[test]
fn a_deny_that_cannot_be_read_denies_nothing() {
    let sound = rendered("subnet-peering.yaml");
    for broken in ["nothing", "RuleNumber", "CidrBlock", "Protocol", "Egress"] {
        let mut files = sound.clone();
        for (_, text) in files.iter_mut().filter(|(path, _)| path.contains("templates/tenant-")) {
            let mut template: Value = serde_json::from_str(text).expect("JSON");
            for (_, resource) in template["Resources"].as_object_mut().expect("resources") {
                let body = &mut resource["Properties"];
                if body["RuleAction"] == "deny" {
                    if broken != "nothing" {
                        body[broken] = unread();
                    }
                } else if body["RuleAction"] == "allow" {
                    // Behind it: only a deny that counts is before.
                    body["RuleNumber"] = 900.into();
                    body["Protocol"] = (-1).into();
                    body["CidrBlock"] = "0.0.0.0/0".into();
                }
            }
            *text = template.to_string();
        }
        let proof = proof::prove(&files, C).expect("it can be read");
        assert_eq!(proof.reachable.is_empty(), broken == "nothing", "{broken}");
    }
}

/// What Terraform is told of a stack as a whole.
#[test]
fn roots_that_lead_elsewhere_are_refused() {
    let sound = rendered("container.yaml");
    let breaks: &[(&str, Touch)] = &[
        ("tags of every thing", |root| {
            root["provider"]["aws"][0]["default_tags"] = json!([{"tags": {"Tenant": "globex"}}]);
        }),
        ("two accounts", |root| {
            root["provider"]["aws"][0]["allowed_account_ids"] = json!(["333333333333", "1"]);
        }),
        ("a module with other providers", |root| {
            root["module"]["stack"]["providers"] = json!({"aws": "aws.foreign"});
        }),
        ("modules in a loop", |root| root["module"]["stack"]["count"] = 2.into()),
        ("another provider", |root| root["provider"]["random"] = json!([{}])),
        ("a value that is read elsewhere", |root| {
            root["data"]["aws_ssm_parameter"]["vpc_id"]["provider"] = "aws.nobody".into();
        }),
    ];
    for (name, change) in breaks {
        let mut files = sound.clone();
        let root = files.get_mut("terraform/stacks/tenant-globex/main.tf.json").expect("a root");
        let mut json: Value = serde_json::from_str(root).expect("JSON");
        let before = json.clone();
        change(&mut json);
        assert_ne!(json, before, "{name}: something is changed");
        *root = json.to_string();
        assert!(proof::prove(&files, T).is_err(), "{name}");
    }
}

/// The same name twice in a mapping: both are Terraform's, and one would be passed over here.
#[test]
fn a_name_that_stands_twice_is_refused() {
    let sound = rendered("container.yaml");
    let starts =
        [(C, "cloudformation/templates/", "Resources"), (T, "terraform/modules/", "resource")];
    for (engine, start, name) in starts {
        let mut files = sound.clone();
        let (_, text) = files.iter_mut().find(|(path, _)| path.starts_with(start)).expect("one");
        *text = text.replacen('{', &format!("{{\"{name}\": {{}}, "), 1);
        assert!(proof::prove(&files, engine).is_err(), "for {}", engine.id());
    }
}
