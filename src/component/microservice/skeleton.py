"""One service of a pool: takes requests in, puts them on its queue, and works them off.

The skeleton to begin with: replace `process`, keep the rest. It says two things that hold for
every service of a pool: a message carries its tenant, and the tenant is never what a client says,
but whose key API Gateway has accepted.
"""
import base64
import json
import os

import boto3

KEYS = {}


def tenant_of(key, ssm):
    """The tenant of a key: what the parameter of the key says."""
    if key not in KEYS:
        path = os.environ["KEYS"] + key
        KEYS[key] = ssm.get_parameter(Name=path)["Parameter"]["Value"]
    return KEYS[key]


def accept(event, ssm, sqs):
    """A request becomes a message; the answer says which."""
    tenant = tenant_of(event["requestContext"]["identity"]["apiKeyId"], ssm)
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode("utf-8", "replace")
    if not body:
        return {"statusCode": 400, "body": json.dumps({"message": "there is no body"})}
    sent = sqs.send_message(
        QueueUrl=os.environ["QUEUE"],
        MessageBody=body,
        MessageAttributes={"tenant": {"DataType": "String", "StringValue": tenant}},
    )
    return {"statusCode": 202, "body": json.dumps({"message": sent["MessageId"]})}


def process(tenant, body):
    """What the service is for. What it raises is tried again, and ends in the dead-letter queue."""
    print(json.dumps({"service": os.environ["SERVICE"], "tenant": tenant, "bytes": len(body)}))


def work(event):
    """Each message for itself: one that fails does not hold up the others."""
    failed = []
    for record in event["Records"]:
        try:
            tenant = record["messageAttributes"]["tenant"]["stringValue"]
            process(tenant, record["body"])
        except Exception as why:
            print(json.dumps({"message": record["messageId"], "failed": repr(why)}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def handler(event, context):
    if "Records" in event:
        return work(event)
    return accept(event, boto3.client("ssm"), boto3.client("sqs"))
