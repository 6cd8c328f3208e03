"""Counts what each tenant uses in a month, as it happens, and says who is over a limit.

The stream gives a record at least once; an item for each measurement makes it count once, in one
transaction with the counter. What is no measurement goes to a queue and holds nothing up.
"""
import base64
import os
import time

import boto3

# A transaction has at most 100 parts: an item for each measurement, and its counter.
CHUNK = 50
KEPT = 35 * 24 * 3600


def key_of(one):
    return f"seen#{one['month']}#{one['meter']}#{one['id']}"


def counter(one):
    return (one["tenant"], one["month"], one["meter"])


def key(tenant, item):
    return {"tenant": {"S": tenant}, "item": {"S": item}}


def seen(table, one, now):
    item = key(one["tenant"], key_of(one)) | {"expires": {"N": str(now + KEPT)}}
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(tenant)",
        }
    }


def add(table, of, all_of_it):
    tenant, month, meter = of
    quantity = sum(one["quantity"] for one in all_of_it)
    return {
        "Update": {
            "TableName": table,
            "Key": key(tenant, f"total#{month}#{meter}"),
            "UpdateExpression": "SET tier = :t ADD quantity :q, events :e",
            "ExpressionAttributeValues": {
                ":t": {"S": all_of_it[-1]["tier"]},
                ":q": {"N": str(quantity)},
                ":e": {"N": str(len(all_of_it))},
            },
        }
    }


def by_counter(chunk):
    out = {}
    for one in chunk:
        out.setdefault(counter(one), []).append(one)
    return out


def commit(aws, table, chunk, now):
    """Counts what was not counted before, and gives it back."""
    chunk = list({(one["tenant"], key_of(one)): one for one in reversed(chunk)}.values())[::-1]
    while chunk:
        parts = [seen(table, one, now) for one in chunk]
        parts += [add(table, of, all_of_it) for of, all_of_it in by_counter(chunk).items()]
        try:
            aws["dynamodb"].transact_write_items(TransactItems=parts)
            return chunk
        except aws["dynamodb"].exceptions.TransactionCanceledException as error:
            reasons = error.response["CancellationReasons"]
            codes = [reason.get("Code") for reason in reasons]
            fresh = [one for one, code in zip(chunk, codes) if code != "ConditionalCheckFailed"]
            if len(fresh) == len(chunk):
                raise
            chunk = fresh
    return []


def limit(aws, table, limits, chunk):
    """Marks the tenants that are over a limit of their tier; who they are, and by which meter."""
    over = []
    for (tenant, month, meter), all_of_it in by_counter(chunk).items():
        most = limits.get(all_of_it[-1]["tier"], {}).get(meter)
        if most is None:
            continue
        total = aws["dynamodb"].get_item(
            TableName=table, Key=key(tenant, f"total#{month}#{meter}"), ConsistentRead=True
        )["Item"]["quantity"]
        if int(total["N"]) >= most:
            mark = {"limit": {"N": str(most)}, "quantity": total}
            item = key(tenant, f"throttle#{month}#{meter}") | mark
            aws["dynamodb"].put_item(TableName=table, Item=item)
            over.append((tenant, meter))
    return over


def tell(aws, namespace, counted, over):
    """Metrics are for looking at: one that is lost stops nothing, and none counts twice."""
    data = []
    for (tenant, _, meter), all_of_it in by_counter(counted).items():
        dimensions = [
            {"Name": "Tenant", "Value": tenant},
            {"Name": "Tier", "Value": all_of_it[-1]["tier"]},
        ]
        value = sum(one["quantity"] for one in all_of_it)
        data.append({"MetricName": meter, "Dimensions": dimensions, "Value": value})
    for tenant, meter in over:
        dimensions = [{"Name": "Tenant", "Value": tenant}, {"Name": "Meter", "Value": meter}]
        data.append({"MetricName": "over-limit", "Dimensions": dimensions, "Value": 1})
    try:
        if data:
            aws["cloudwatch"].put_metric_data(Namespace=namespace, MetricData=data)
    except Exception as error:
        print(f"metrics are lost: {error}")


def handle(event, aws, settings, now):
    records = event["Records"]
    for at in range(0, len(records), CHUNK):
        part = records[at : at + CHUNK]
        try:
            chunk = []
            for record in part:
                data = base64.b64decode(record["kinesis"]["data"])
                one = read(data)
                if one is None:
                    body = data.decode("ascii", "backslashreplace")[:100_000] or "empty"
                    aws["sqs"].send_message(QueueUrl=settings["refused"], MessageBody=body)
                else:
                    chunk.append(one)
            counted = commit(aws, settings["table"], chunk, now)
            over = limit(aws, settings["table"], settings["limits"], chunk)
            tell(aws, settings["namespace"], counted, over)
        except Exception as error:
            # All before it is done; the stream comes again from here.
            print(f"it is tried again: {error}")
            first = part[0]["kinesis"]["sequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": first}]}
    return {"batchItemFailures": []}


def handler(event, context):
    aws = {name: boto3.client(name) for name in ("cloudwatch", "dynamodb", "sqs")}
    settings = {
        "limits": json.loads(os.environ["LIMITS"]),
        "namespace": os.environ["NAMESPACE"],
        "refused": os.environ["REFUSED"],
        "table": os.environ["TABLE"],
    }
    return handle(event, aws, settings, int(time.time()))
