"""A thousand events of five tenants, from the stream to the reports, against a plain sum.

    chargeback.py <folder of the estate> <name of the stack>

Everything is asked of AWS_ENDPOINT_URL. Functions are those that the deployed template carries, run
here on what the stream gives: an emulator has nothing to run them in. It delivers neither events to a
stream nor a stream to a bucket, so events are put as EventBridge writes them, and lines are written as
Amazon Data Firehose writes them: in gzip, below the prefix that the function says.
"""
import base64
import collections
import gzip
import json
import pathlib
import random
import sys
import tempfile
import types
from datetime import datetime, timedelta, timezone

import boto3
import duckdb
import sqlglot

TENANTS = {f"t{n}": "small" if n < 3 else "large" for n in range(5)}
METERS = ("requests", "storage-gib-hours")
# In millionths, as the blueprint says them.
PRICES = {"small": {"requests": 500}, "large": {"requests": 400}}
EVENTS = 1000
LIMIT = 20000


def events(random):
    """A thousand measurements, and what they come to by a plain sum."""
    out, sums = [], collections.Counter()
    for n in range(EVENTS):
        tenant, meter = random.choice(list(TENANTS)), random.choice(METERS)
        month, quantity = random.choice(("2026-09", "2026-10", "2026-11")), random.randint(1, 999)
        sums[month, TENANTS[tenant], tenant, meter] += quantity
        detail = {"id": f"m-{n}", "meter": meter, "quantity": quantity}
        out.append({
            "version": "0",
            "id": f"00000000-0000-4000-8000-{n:012}",
            "detail-type": "usage",
            "source": f"usage.{TENANTS[tenant]}.{tenant}",
            "account": "333333333333",
            "time": f"{month}-{random.randint(1, 28):02}T12:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": detail,
        })
    return out, sums


def same(what, found, expected):
    if found != expected:
        odd = sorted(set(found.items()) ^ set(expected.items()))[:6]
        sys.exit(f"{what} differ from the plain sum: {odd}")
    print(f"{what}: {len(found)} numbers, equal to the plain sum ({sum(found.values())})")


def load(template, name):
    """A function as the template carries it."""
    function = template["Resources"][name]["Properties"]
    module = types.ModuleType(name)
    exec(function["Code"]["ZipFile"], module.__dict__)
    return module


def put(stream, batch):
    """As EventBridge does: the source is the key. Some come twice, as they may."""
    twice = batch + batch[::10]
    kinesis = boto3.client("kinesis")
    for at in range(0, len(twice), 400):
        part = [
            {"Data": json.dumps(one).encode(), "PartitionKey": one["source"]}
            for one in twice[at : at + 400]
        ]
        assert kinesis.put_records(StreamName=stream, Records=part)["FailedRecordCount"] == 0
    bad = {"Data": b"no event", "PartitionKey": "x"}
    kinesis.put_record(StreamName=stream, **bad)
    return len(twice) + 1


def get(stream):
    kinesis, out = boto3.client("kinesis"), []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        where = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while where:
            page = kinesis.get_records(ShardIterator=where)
            out += page["Records"]
            where = page["NextShardIterator"] if page["Records"] else None
    return out


def count(module, records, settings):
    """In batches, each of which comes once more, as after a failure."""
    aws = {name: boto3.client(name) for name in ("cloudwatch", "dynamodb", "sqs")}
    for at in range(0, len(records), 100):
        batch = {"Records": [
            {"kinesis": {"data": base64.b64encode(one["Data"]).decode(),
                         "sequenceNumber": one["SequenceNumber"]}}
            for one in records[at : at + 100]
        ]}
        for _ in range(2):
            done = module.handle(batch, aws, settings, 1_800_000_000)
            assert done == {"batchItemFailures": []}, done


def table(name):
    """The totals of the table, and who is marked."""
    totals, marked = {}, set()
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=name)
    for item in (item for page in pages for item in page["Items"]):
        kind, _, rest = item["item"]["S"].partition("#")
        month, _, meter = rest.partition("#")
        tenant = item["tenant"]["S"]
        if kind == "total":
            totals[month, item["tier"]["S"], tenant, meter] = int(item["quantity"]["N"])
        elif kind == "throttle":
            marked.add((month, tenant, meter))
    return totals, marked


def metrics(namespace):
    cloudwatch, now = boto3.client("cloudwatch"), datetime.now(timezone.utc)
    out = collections.Counter()
    for tenant, tier in TENANTS.items():
        dimensions = [{"Name": "Tenant", "Value": tenant}, {"Name": "Tier", "Value": tier}]
        for meter in METERS:
            points = cloudwatch.get_metric_statistics(
                Namespace=namespace, MetricName=meter, Dimensions=dimensions, Period=3600,
                StartTime=now - timedelta(hours=2), EndTime=now + timedelta(hours=2),
                Statistics=["Sum"],
            )["Datapoints"]
            out[tenant, meter] = int(sum(point["Sum"] for point in points))
    return out


def deliver(module, records, bucket):
    """As Firehose writes what the function gives back."""
    asked = [
        {"recordId": one["SequenceNumber"], "data": base64.b64encode(one["Data"]).decode()}
        for one in records
    ]
    lines, failed = collections.defaultdict(bytes), 0
    for one in module.handler({"records": asked}, None)["records"]:
        if one["result"] == "Ok":
            lines[one["metadata"]["partitionKeys"]["month"]] += base64.b64decode(one["data"])
        else:
            failed += 1
    s3 = boto3.client("s3")
    for month, text in lines.items():
        s3.put_object(Bucket=bucket, Key=f"usage/month={month}/part.gz", Body=gzip.compress(text))
    assert failed == 1, "what is no event goes another way"


def report(name, folder, bucket, scratch):
    """Runs the SQL of a report over the objects of the bucket; Athena's own parser is not here, so
    another that knows its dialect reads it first."""
    sql = (folder / "chargeback" / f"{name}.sql").read_text()
    assert len(sqlglot.parse(sql, read="athena")) == 1
    assert len(sqlglot.parse(sql, read="trino")) == 1
    s3 = boto3.client("s3")
    for one in s3.list_objects_v2(Bucket=bucket, Prefix="usage/")["Contents"]:
        path = scratch / one["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
    engine = duckdb.connect()
    columns = "id:'VARCHAR',kind:'VARCHAR',meter:'VARCHAR',quantity:'BIGINT',tenant:'VARCHAR',"
    columns += "tier:'VARCHAR',time:'VARCHAR'"
    engine.execute(
        f"CREATE VIEW usage_events AS SELECT * FROM read_json('{scratch}/usage/*/*.gz', "
        f"format='newline_delimited', columns={{{columns}}}, hive_partitioning=true, "
        "hive_types={'month': 'VARCHAR'})"
    )
    return engine.execute(sql).fetchall()


def main(folder, stack, scratch):
    template = json.loads((folder / "cloudformation/templates/chargeback.json").read_text())
    resources = boto3.client("cloudformation").list_stack_resources(StackName=stack)
    made = {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in resources["StackResourceSummaries"]
    }
    variables = template["Resources"]["CountFunction"]["Properties"]["Environment"]["Variables"]
    settings = {
        "limits": json.loads(variables["LIMITS"]),
        "namespace": variables["NAMESPACE"],
        "refused": made["Refused"],
        "table": made["Usage"],
    }
    batch, sums = events(random.Random(7))
    sent = put(made["Stream"], batch)
    records = get(made["Stream"])
    assert len(records) == sent, f"{len(records)} of {sent} came back"
    print(f"{EVENTS} events of {len(TENANTS)} tenants, {sent} records with those that come twice")

    count(load(template, "CountFunction"), records, settings)
    totals, marked = table(settings["table"])
    same("counters", totals, dict(sums))
    by_tenant = collections.Counter()
    for (_, _, tenant, meter), quantity in sums.items():
        by_tenant[tenant, meter] += quantity
    same("metrics", dict(metrics(settings["namespace"])), dict(by_tenant))
    over = {
        (month, tenant, meter)
        for (month, tier, tenant, meter), quantity in sums.items()
        if tier == "small" and meter == "requests" and quantity >= LIMIT
    }
    assert marked == over and over, (marked, over)
    print(f"throttled: {sorted(tenant for _, tenant, _ in over)}")
    refused = boto3.client("sqs").receive_message(QueueUrl=settings["refused"])["Messages"]
    assert refused[0]["Body"] == "no event", refused

    deliver(load(template, "SortFunction"), records, made["Lake"])
    rows = report("monthly", folder, made["Lake"], scratch)
    same("monthly report", {row[:4]: int(row[4]) for row in rows}, dict(sums))
    for month, tier, tenant, meter, quantity, _, amount in rows:
        price = {"requests": PRICES[tier]["requests"], "storage-gib-hours": 31}[meter]
        assert amount * 10**6 == int(quantity) * price, (tenant, meter, amount)
    quarters = collections.Counter()
    for (month, tier, tenant, meter), quantity in sums.items():
        quarter = "2026-Q3" if month == "2026-09" else "2026-Q4"
        quarters[quarter, tier, tenant, meter] += quantity
    rows = report("quarterly", folder, made["Lake"], scratch)
    same("quarterly report", {row[:4]: int(row[4]) for row in rows}, dict(quarters))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(scratch))
