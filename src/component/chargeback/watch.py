"""Says for which tenant something was launched, stopped or terminated: whose tags it has.

AWS's events do not say whose a resource is. Only tags of this estate count; what is nobody's is left
out. Events come through a queue, so one that cannot be told now is tried again.
"""
import json
import os

import boto3

MEANS = {"RUNNING": "running", "STOPPED": "stopped"}


def tags_of(event, aws):
    """The tags of what the event is about, the id of the event, its meter, and its resource."""
    detail = event["detail"]
    if event["source"] == "aws.ec2":
        instance = detail["instance-id"]
        only = [{"Name": "resource-id", "Values": [instance]}]
        tags = aws["ec2"].describe_tags(Filters=only)["Tags"]
        found = {tag["Key"]: tag["Value"] for tag in tags}
        return found, event["id"], f"instance.{detail['state']}", event["resources"][0]
    service = detail.get("group", "").removeprefix("service:")
    state = MEANS[detail["lastStatus"]]
    # A task says the same state several times; that it is in it counts once.
    name = f"{detail['taskArn'].rsplit('/', 1)[-1]}/{state}"
    if service == detail.get("group", ""):
        return {}, name, f"task.{state}", detail["taskArn"]
    arn = detail["clusterArn"].replace(":cluster/", ":service/") + "/" + service
    tags = aws["ecs"].list_tags_for_resource(resourceArn=arn)["tags"]
    found = {tag["key"]: tag["value"] for tag in tags}
    return found, name, f"task.{state}", detail["taskArn"]


def told(event, aws, settings):
    tags, name, meter, resource = tags_of(event, aws)
    own = all(tags.get(key) == settings[key] for key in ("Estate", "Environment"))
    if not own or not tags.get("Tenant") or not tags.get("Tier"):
        return None
    detail = {"id": name, "meter": meter, "quantity": 1, "resource": resource}
    return {
        "EventBusName": settings["bus"],
        "Source": f"lifecycle.{tags['Tier']}.{tags['Tenant']}",
        "DetailType": "lifecycle",
        "Detail": json.dumps(detail),
        "Time": event["time"],
    }


def handle(batch, aws, settings):
    failed = []
    for record in batch["Records"]:
        try:
            entry = told(json.loads(record["body"]), aws, settings)
            if entry and aws["events"].put_events(Entries=[entry])["FailedEntryCount"]:
                raise RuntimeError("the bus did not take it")
        except Exception as error:
            print(f"it is tried again: {error}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def handler(event, context):
    aws = {name: boto3.client(name) for name in ("ec2", "ecs", "events")}
    settings = {"bus": os.environ["BUS"]}
    settings |= {key: os.environ[key.upper()] for key in ("Estate", "Environment")}
    return handle(event, aws, settings)
