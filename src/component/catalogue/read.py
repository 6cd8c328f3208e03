"""Answers what the registry of tenants says: GET /tenants and GET /tenants/{tenant}.

Who asks was checked before: the call is signed, and the policy of the API names the accounts.
Each request leaves a line in the log: who asked for what.
"""
import base64
import binascii
import json
import os

import boto3

PAGE = 100


def plain(item):
    """An item without the types of DynamoDB: all of it is text."""
    return {name: value["S"] for name, value in sorted(item.items())}


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body),
    }


def read_token(token):
    """Where the page before ended, or None if the token is not one of ours."""
    try:
        tenant = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        return None
    return tenant or None


def handle(event, table, client):
    tenant = (event.get("pathParameters") or {}).get("tenant")
    if tenant is not None:
        found = client.get_item(TableName=table, Key={"tenant": {"S": tenant}}).get("Item")
        if found is None:
            return answer(404, {"message": "there is no such tenant"})
        return answer(200, plain(found))
    more = {}
    token = (event.get("queryStringParameters") or {}).get("next")
    if token is not None:
        last = read_token(token)
        if last is None:
            return answer(400, {"message": "next is what a page before has given"})
        more["ExclusiveStartKey"] = {"tenant": {"S": last}}
    page = client.scan(TableName=table, Limit=PAGE, **more)
    body = {"tenants": [plain(item) for item in page["Items"]]}
    last = page.get("LastEvaluatedKey")
    if last:
        body["next"] = base64.urlsafe_b64encode(last["tenant"]["S"].encode()).decode()
    return answer(200, body)


def handler(event, context):
    done = handle(event, os.environ["TABLE"], boto3.client("dynamodb"))
    who = event.get("requestContext", {}).get("identity", {}).get("userArn")
    print(json.dumps({"who": who, "path": event.get("path"), "status": done["statusCode"]}))
    return done
