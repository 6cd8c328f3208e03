//! What counts as data, by type: its ARN, which actions are acts upon it, and where its policy stands.
//! Acts that only tell that a thing is there (`Describe…`, `List…`) are none.
//! Actions and ARNs are those of <https://docs.aws.amazon.com/service-authorization/latest/reference/>.

/// A type whose things are somebody's data, or lead to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// CloudFormation's name.
    pub name: &'static str,
    /// What people call it.
    pub word: &'static str,
    /// Its ARN after the partition; `{r}`, `{a}` and `{n}` are region, account and name.
    pub arn: &'static str,
    /// The property that names it.
    pub named: &'static str,
    /// What acts upon it, in small letters.
    pub actions: &'static [&'static str],
    /// Whether one that is shared is data of several tenants, or leads to it; where it is parted by the
    /// key of an item, the name of an object or the user that logs in, each may have its part.
    pub parted: bool,
    /// Condition keys that say which part is meant.
    pub keys: &'static [&'static str],
}

/// A document about a thing that stands beside it: the type, the property of the document, and that
/// which names the thing; empty where the document is a property of the thing itself.
#[derive(Debug)]
pub struct Beside {
    /// CloudFormation's name of the type.
    pub name: &'static str,
    /// Where the document is, as a pointer.
    pub document: &'static str,
    /// Which things it is for, as a pointer.
    pub about: &'static str,
}

const fn kind(
    name: &'static str,
    word: &'static str,
    arn: &'static str,
    named: &'static str,
    actions: &'static [&'static str],
) -> Kind {
    Kind { name, word, arn, named, actions, parted: false, keys: &[] }
}

/// Marks a type of which several tenants' data lie in one thing.
const fn parted(kind: &Kind, keys: &'static [&'static str]) -> Kind {
    let Kind { name, word, arn, named, actions, .. } = *kind;
    Kind { name, word, arn, named, actions, parted: true, keys }
}

/// All of them.
pub static KINDS: &[Kind] = &[
    parted(
        &kind(
            "AWS::DynamoDB::Table",
            "table",
            "dynamodb:{r}:{a}:table/{n}",
            "TableName",
            &[
                "dynamodb:getitem",
                "dynamodb:batchgetitem",
                "dynamodb:query",
                "dynamodb:scan",
                "dynamodb:putitem",
                "dynamodb:updateitem",
                "dynamodb:deleteitem",
                "dynamodb:conditioncheckitem",
                "dynamodb:batchwriteitem",
                "dynamodb:partiqlselect",
                "dynamodb:partiqlinsert",
                "dynamodb:partiqlupdate",
                "dynamodb:partiqldelete",
                "dynamodb:exporttabletopointintime",
                "dynamodb:deletetable",
                "dynamodb:updatetable",
                "dynamodb:createbackup",
                "dynamodb:restoretabletopointintime",
                "dynamodb:putresourcepolicy",
            ],
        ),
        &["dynamodb:leadingkeys"],
    ),
    parted(
        &kind(
            "AWS::S3::Bucket",
            "bucket",
            "s3:::{n}",
            "BucketName",
            &[
                "s3:getobject",
                "s3:getobjectversion",
                "s3:putobject",
                "s3:deleteobject",
                "s3:deleteobjectversion",
                "s3:putobjectacl",
                "s3:listbucket",
                "s3:listbucketversions",
                "s3:putbucketpolicy",
                "s3:deletebucketpolicy",
                "s3:putbucketacl",
                "s3:putreplicationconfiguration",
            ],
        ),
        &["s3:prefix"],
    ),
    parted(
        &kind(
            "AWS::RDS::DBCluster",
            "database cluster",
            "rds-db:{r}:{a}:dbuser:{n}",
            "DBClusterResourceId",
            &["rds-db:connect"],
        ),
        &[],
    ),
    parted(
        &kind(
            "AWS::Events::EventBus",
            "event bus",
            "events:{r}:{a}:event-bus/{n}",
            "Name",
            &["events:putevents"],
        ),
        &["events:source"],
    ),
    parted(
        &kind(
            "AWS::SQS::Queue",
            "queue",
            "sqs:{r}:{a}:{n}",
            "QueueName",
            &[
                "sqs:sendmessage",
                "sqs:receivemessage",
                "sqs:deletemessage",
                "sqs:purgequeue",
                "sqs:deletequeue",
                "sqs:setqueueattributes",
                "sqs:addpermission",
            ],
        ),
        &[],
    ),
    parted(
        &kind(
            "AWS::Kinesis::Stream",
            "stream",
            "kinesis:{r}:{a}:stream/{n}",
            "Name",
            &[
                "kinesis:getrecords",
                "kinesis:putrecord",
                "kinesis:putrecords",
                "kinesis:subscribetoshard",
                "kinesis:putresourcepolicy",
            ],
        ),
        &[],
    ),
    parted(
        &kind(
            "AWS::SecretsManager::Secret",
            "secret",
            "secretsmanager:{r}:{a}:secret:{n}-??????",
            "Name",
            &[
                "secretsmanager:getsecretvalue",
                "secretsmanager:batchgetsecretvalue",
                "secretsmanager:putsecretvalue",
                "secretsmanager:updatesecret",
                "secretsmanager:deletesecret",
                "secretsmanager:putresourcepolicy",
            ],
        ),
        &[],
    ),
    kind(
        "AWS::SSM::Parameter",
        "parameter",
        "ssm:{r}:{a}:parameter/{n}",
        "Name",
        &[
            "ssm:getparameter",
            "ssm:getparameters",
            "ssm:getparametersbypath",
            "ssm:getparameterhistory",
            "ssm:putparameter",
            "ssm:deleteparameter",
        ],
    ),
    kind(
        "AWS::Logs::LogGroup",
        "log group",
        "logs:{r}:{a}:log-group:{n}:*",
        "LogGroupName",
        &[
            "logs:getlogevents",
            "logs:filterlogevents",
            "logs:startquery",
            "logs:putlogevents",
            "logs:deleteloggroup",
            "logs:putsubscriptionfilter",
        ],
    ),
    kind(
        "AWS::KMS::Key",
        "key",
        "kms:{r}:{a}:key/{n}",
        "KeyId",
        &[
            "kms:decrypt",
            "kms:encrypt",
            "kms:generatedatakey",
            "kms:reencryptfrom",
            "kms:reencryptto",
            "kms:generatedatakeywithoutplaintext",
            "kms:creategrant",
            "kms:putkeypolicy",
        ],
    ),
    parted(
        &kind(
            "AWS::Lambda::Function",
            "function",
            "lambda:{r}:{a}:function:{n}",
            "FunctionName",
            &[
                "lambda:invokefunction",
                "lambda:invokefunctionurl",
                "lambda:updatefunctioncode",
                "lambda:updatefunctionconfiguration",
                "lambda:addpermission",
                "lambda:getfunction",
            ],
        ),
        &[],
    ),
    kind(
        "AWS::SNS::Topic",
        "topic",
        "sns:{r}:{a}:{n}",
        "TopicName",
        &["sns:publish", "sns:subscribe", "sns:addpermission", "sns:settopicattributes"],
    ),
    kind(
        "AWS::ECS::Service",
        "service",
        "ecs:{r}:{a}:service/*/{n}",
        "ServiceName",
        &["ecs:updateservice", "ecs:deleteservice"],
    ),
    kind(
        "AWS::ECR::Repository",
        "repository",
        "ecr:{r}:{a}:repository/{n}",
        "RepositoryName",
        &[
            "ecr:batchgetimage",
            "ecr:getdownloadurlforlayer",
            "ecr:putimage",
            "ecr:setrepositorypolicy",
        ],
    ),
    parted(
        &kind(
            "AWS::IAM::Role",
            "role",
            "iam::{a}:role/{n}",
            "RoleName",
            &[
                "sts:assumerole",
                "iam:passrole",
                "iam:updateassumerolepolicy",
                "iam:putrolepolicy",
                "iam:attachrolepolicy",
                "iam:deleterolepolicy",
                "iam:detachrolepolicy",
                "iam:putrolepermissionsboundary",
                "iam:tagrole",
                "iam:deleterolepermissionsboundary",
            ],
        ),
        &[],
    ),
];

/// Where policies of resources stand.
pub static BESIDE: &[Beside] = &[
    beside("AWS::S3::BucketPolicy", "/PolicyDocument", "/Bucket"),
    beside("AWS::SQS::QueuePolicy", "/PolicyDocument", "/Queues"),
    beside("AWS::SNS::TopicPolicy", "/PolicyDocument", "/Topics"),
    beside("AWS::SecretsManager::ResourcePolicy", "/ResourcePolicy", "/SecretId"),
    beside("AWS::Events::EventBusPolicy", "/Statement", "/EventBusName"),
    beside("AWS::Events::EventBus", "/Policy", ""),
    beside("AWS::KMS::Key", "/KeyPolicy", ""),
    beside("AWS::DynamoDB::Table", "/ResourcePolicy/PolicyDocument", ""),
    beside("AWS::ECR::Repository", "/RepositoryPolicyText", ""),
    beside("AWS::Kinesis::ResourcePolicy", "/ResourcePolicy", "/ResourceArn"),
    beside("AWS::Logs::ResourcePolicy", "/PolicyDocument", "/PolicyName"),
];

const fn beside(name: &'static str, document: &'static str, about: &'static str) -> Beside {
    Beside { name, document, about }
}

/// The row of a type.
pub fn of(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// The row that an ARN is of, by what comes after the partition: `logs:…`, `dynamodb:…`.
pub fn by_arn(arn: &str) -> Option<&'static Kind> {
    let rest = arn.strip_prefix("arn:")?.split_once(':')?.1;
    let service = rest.split(':').next()?;
    KINDS.iter().find(|kind| kind.arn.split(':').next() == Some(service))
}
