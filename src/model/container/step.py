"""Adds or removes one task of a service when one of its alarms rings.

STEPS says for each alarm, by what follows PREFIX in its name, which way it goes and how far.
An alarm acts only when its state changes, so after each step it is set back: if the CPU is still
too high or too low a minute later, it rings again.
"""
import json
import os

import boto3


def next_count(desired, step, bound):
    """How many tasks shall run: one more or one less, but never past the bound."""
    if step > 0:
        return max(desired, min(desired + step, bound))
    return min(desired, max(desired + step, bound))


def handle(event, ecs, cloudwatch, steps, prefix):
    """What was decided, for the log."""
    name = event["alarmData"]["alarmName"]
    step, bound = steps[name[len(prefix):]]
    metric = event["alarmData"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    cluster = metric["dimensions"]["ClusterName"]
    service = metric["dimensions"]["ServiceName"]
    found = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
    desired = found["desiredCount"]
    count = next_count(desired, step, bound)
    # While the last step is under way, the CPU says nothing of what comes of it.
    settled = found["runningCount"] == desired
    if settled and count != desired:
        ecs.update_service(cluster=cluster, service=service, desiredCount=count)
    if count != desired:
        cloudwatch.set_alarm_state(
            AlarmName=name, StateValue="INSUFFICIENT_DATA", StateReason="One step was taken"
        )
    done = {"service": service, "from": desired, "to": count if settled else desired}
    return done


def handler(event, context):
    steps = json.loads(os.environ["STEPS"])
    clients = boto3.client("ecs"), boto3.client("cloudwatch")
    done = handle(event, *clients, steps, os.environ["PREFIX"])
    print(json.dumps(done))
    return done
