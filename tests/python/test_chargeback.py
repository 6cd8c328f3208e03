"""The functions of the component chargeback, without AWS: stand-ins answer as AWS does."""
import base64
import json
import pathlib
import sys
import types
import unittest

sys.dont_write_bytecode = True
sys.modules.setdefault("boto3", types.SimpleNamespace(client=None))
ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "src/component/chargeback"
NOW = 1_800_000_000


def load(*names):
    """A function as the template carries it: files one behind the other."""
    module = types.ModuleType(names[-1])
    exec("".join((HERE / f"{name}.py").read_text() for name in names), module.__dict__)
    return module


COUNT, SORT, WATCH = load("event", "count"), load("event", "sort"), load("watch")
CASES = json.loads((ROOT / "tests/python/usage-events.json").read_text())


class Canceled(Exception):
    def __init__(self, codes):
        super().__init__("canceled")
        self.response = {"CancellationReasons": [{"Code": code} for code in codes]}


class Table:
    """As DynamoDB: a transaction does all or nothing."""

    exceptions = types.SimpleNamespace(TransactionCanceledException=Canceled)

    def __init__(self):
        self.items, self.down = {}, 0

    def transact_write_items(self, TransactItems):
        assert len(TransactItems) <= 100
        if self.down:
            self.down -= 1
            raise RuntimeError("throttled")
        at = lambda key: (key["tenant"]["S"], key["item"]["S"])
        codes, writes = [], []
        for part in TransactItems:
            there = "Put" in part and at(part["Put"]["Item"]) in self.items
            codes.append("ConditionalCheckFailed" if there else "None")
            writes.append(at(part["Put"]["Item"] if "Put" in part else part["Update"]["Key"]))
        assert len(set(writes)) == len(writes), "no item twice in a transaction"
        if set(codes) != {"None"}:
            raise Canceled(codes)
        for part in TransactItems:
            if "Put" in part:
                self.items[at(part["Put"]["Item"])] = part["Put"]["Item"]
                continue
            values = part["Update"]["ExpressionAttributeValues"]
            item = self.items.setdefault(at(part["Update"]["Key"]), {})
            for name, value in (("quantity", ":q"), ("events", ":e")):
                total = int(item.get(name, {"N": "0"})["N"]) + int(values[value]["N"])
                item[name] = {"N": str(total)}

    def get_item(self, TableName, Key, ConsistentRead):
        return {"Item": self.items[Key["tenant"]["S"], Key["item"]["S"]]}

    def put_item(self, TableName, Item):
        self.items[Item["tenant"]["S"], Item["item"]["S"]] = Item

    def total(self, tenant, meter="requests", month="2026-11"):
        return int(self.items[tenant, f"total#{month}#{meter}"]["quantity"]["N"])


class Said:
    """Whatever is asked of it, it notes."""

    def __init__(self):
        self.said = []

    def put_metric_data(self, Namespace, MetricData):
        self.said += MetricData

    def send_message(self, QueueUrl, MessageBody):
        self.said.append(MessageBody)


def event(n, tenant="globex", quantity=1, **more):
    detail = {"id": f"id-{n}", "meter": "requests", "quantity": quantity} | more
    return {
        "source": f"usage.gold.{tenant}",
        "detail-type": "usage",
        "time": "2026-11-03T10:00:00Z",
        "detail": detail,
    }


def records(*bodies):
    texts = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    code = lambda text: base64.b64encode(text).decode()
    return {
        "Records": [
            {"kinesis": {"data": code(text), "sequenceNumber": str(n)}}
            for n, text in enumerate(texts)
        ]
    }


class Count(unittest.TestCase):
    def setUp(self):
        self.aws = {"dynamodb": Table(), "cloudwatch": Said(), "sqs": Said()}
        self.settings = {"table": "t", "refused": "q", "namespace": "n", "limits": {}}

    def count(self, *bodies):
        done = COUNT.handle(records(*bodies), self.aws, self.settings, NOW)
        return [one["itemIdentifier"] for one in done["batchItemFailures"]]

    def test_what_comes_twice_counts_once(self):
        batch = [event(n, quantity=n + 1) for n in range(120)]
        self.assertEqual(self.count(*batch, batch[3]), [])
        self.assertEqual(self.count(*batch[100:], event(500, quantity=7)), [])
        self.assertEqual(self.aws["dynamodb"].total("globex"), sum(range(1, 121)) + 7)
        told = sum(one["Value"] for one in self.aws["cloudwatch"].said)
        self.assertEqual(told, sum(range(1, 121)) + 7)

    def test_two_tenants_may_have_one_id(self):
        self.count(event(1), event(1, tenant="initech", quantity=5))
        table = self.aws["dynamodb"]
        self.assertEqual((table.total("globex"), table.total("initech")), (1, 5))

    def test_a_failure_comes_again_from_where_it_failed(self):
        batch = [event(n) for n in range(60)]
        self.aws["dynamodb"].down = 1
        self.assertEqual(self.count(*batch), ["0"])
        self.assertEqual(self.count(*batch[:50]), [])
        self.aws["dynamodb"].down = 1
        self.assertEqual(self.count(*batch[50:]), ["0"])
        self.assertEqual(self.count(*batch), [])
        self.assertEqual(self.aws["dynamodb"].total("globex"), 60)

    def test_what_is_no_event_holds_nothing_up(self):
        deep = b"[" * 100_000
        self.assertEqual(self.count(b"", b"\xff", deep, event(1), event(2, quantity=0)), [])
        self.assertEqual(len(self.aws["sqs"].said), 4)
        self.assertEqual(self.aws["dynamodb"].total("globex"), 1)

    def test_who_is_over_a_limit_is_marked_and_nobody_else(self):
        self.settings["limits"] = {"gold": {"requests": 10}}
        self.count(event(1, quantity=9), event(2, tenant="initech", quantity=9))
        marked = lambda: [key for key in self.aws["dynamodb"].items if "throttle" in key[1]]
        self.assertEqual(marked(), [])
        self.count(event(3, quantity=1))
        self.assertEqual(marked(), [("globex", "throttle#2026-11#requests")])
        self.assertEqual(self.aws["cloudwatch"].said[-1]["MetricName"], "over-limit")


class Schema(unittest.TestCase):
    def test_consumers_take_what_the_schema_takes(self):
        for case in CASES:
            one = COUNT.read(json.dumps(case["event"]))
            self.assertEqual(one is not None, case["fits"], case["about"])


class Sort(unittest.TestCase):
    def test_each_record_is_a_line_of_its_month_or_failed(self):
        code = lambda body: base64.b64encode(json.dumps(body).encode()).decode()
        asked = [{"recordId": "a", "data": code(event(1))}, {"recordId": "b", "data": code(1)}]
        good, bad = SORT.handler({"records": asked}, None)["records"]
        self.assertEqual((good["result"], good["recordId"]), ("Ok", "a"))
        self.assertEqual(good["metadata"]["partitionKeys"], {"month": "2026-11"})
        line = base64.b64decode(good["data"]).decode()
        self.assertTrue(line.endswith("\n"))
        self.assertEqual(json.loads(line)["tenant"], "globex")
        self.assertEqual((bad["result"], bad["data"]), ("ProcessingFailed", code(1)))


OWN = {"Tenant": "globex", "Tier": "gold", "Estate": "acme", "Environment": "prod"}
TASK = "arn:aws:ecs:eu-west-1:333333333333:task/c/0a1b"


class Tags:
    def __init__(self, tags):
        self.tags, self.put, self.asked, self.failed = tags, [], [], 0

    def describe_tags(self, Filters):
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def list_tags_for_resource(self, resourceArn):
        self.asked.append(resourceArn)
        return {"tags": [{"key": key, "value": value} for key, value in self.tags.items()]}

    def put_events(self, Entries):
        self.put += Entries
        return {"FailedEntryCount": self.failed}


def instance(state):
    detail = {"instance-id": "i-1", "state": state}
    arn = "arn:aws:ec2:eu-west-1:333333333333:instance/i-1"
    more = {"resources": [arn], "id": "e-1", "time": "2026-11-03T10:00:00Z"}
    return {"source": "aws.ec2", "detail": detail} | more


def task(state, group="service:globex"):
    cluster = "arn:aws:ecs:eu-west-1:333333333333:cluster/c"
    detail = {"lastStatus": state, "taskArn": TASK, "clusterArn": cluster, "group": group}
    return {"source": "aws.ecs", "detail": detail, "time": "2026-11-03T10:00:00Z", "id": "e-2"}


class Watch(unittest.TestCase):
    def watch(self, event, tags=OWN, failed=0):
        aws = Tags(tags)
        aws.failed = failed
        settings = {"bus": "b", "Estate": "acme", "Environment": "prod"}
        batch = {"Records": [{"messageId": "m", "body": json.dumps(event)}]}
        done = WATCH.handle(batch, {"ec2": aws, "ecs": aws, "events": aws}, settings)
        return aws, done["batchItemFailures"]

    def test_what_it_puts_is_an_event(self):
        for event, meter in [
            (instance("running"), "instance.running"),
            (instance("terminated"), "instance.terminated"),
            (task("STOPPED"), "task.stopped"),
        ]:
            aws, failed = self.watch(event)
            self.assertEqual(failed, [])
            [put] = aws.put
            made = {"source": put["Source"], "detail-type": put["DetailType"], "time": put["Time"]}
            one = COUNT.read(json.dumps(made | {"detail": json.loads(put["Detail"])}))
            self.assertEqual((one["tenant"], one["meter"]), ("globex", meter))

    def test_a_task_is_that_of_its_service(self):
        aws, _ = self.watch(task("RUNNING"))
        self.assertEqual(aws.asked, ["arn:aws:ecs:eu-west-1:333333333333:service/c/globex"])

    def test_what_is_nobody_s_is_left_out(self):
        for tags in [{}, OWN | {"Estate": "other"}, {"Tenant": "globex", "Tier": "gold"}]:
            aws, failed = self.watch(instance("running"), tags)
            self.assertEqual((aws.put, failed), ([], []))
        self.assertEqual(self.watch(task("RUNNING", "family:x"))[0].put, [])

    def test_what_the_bus_does_not_take_comes_again(self):
        self.assertEqual(self.watch(instance("running"), failed=1)[1], [{"itemIdentifier": "m"}])


if __name__ == "__main__":
    unittest.main()
