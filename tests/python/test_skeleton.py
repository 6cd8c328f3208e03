"""The skeleton of a small service, with a queue and parameters of its own in place of AWS."""
import base64
import importlib.util
import json
import os
import pathlib
import sys
import types
import unittest

sys.dont_write_bytecode = True
sys.modules.setdefault("boto3", types.SimpleNamespace(client=None))
ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("skeleton", ROOT / "src/component/microservice/skeleton.py")
skeleton = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(skeleton)
os.environ.update(KEYS="/acme/prod/cell/c/key/", QUEUE="q", SERVICE="invoices")


class Parameters:
    def __init__(self):
        self.asked = []

    def get_parameter(self, Name):
        self.asked.append(Name)
        return {"Parameter": {"Value": {"/acme/prod/cell/c/key/k1": "globex"}[Name]}}


class Queue:
    def __init__(self):
        self.sent = []

    def send_message(self, **message):
        self.sent.append(message)
        return {"MessageId": f"m{len(self.sent)}"}


def request(body, key="k1", **more):
    return {"requestContext": {"identity": {"apiKeyId": key}}, "body": body, **more}


class Accept(unittest.TestCase):
    def setUp(self):
        skeleton.KEYS.clear()
        self.parameters, self.queue = Parameters(), Queue()

    def accept(self, event):
        return skeleton.accept(event, self.parameters, self.queue)

    def test_the_tenant_is_that_of_the_key_whatever_the_client_says(self):
        event = request('{"tenant": "initech"}', headers={"x-tenant": "initech"})
        self.assertEqual(self.accept(event)["statusCode"], 202)
        message = self.queue.sent[0]
        self.assertEqual(message["MessageAttributes"]["tenant"]["StringValue"], "globex")
        self.assertEqual(message["MessageBody"], '{"tenant": "initech"}')

    def test_a_key_is_looked_up_once(self):
        for _ in range(3):
            self.accept(request("x"))
        self.assertEqual(len(self.parameters.asked), 1)

    def test_a_key_that_nobody_knows_gets_nowhere(self):
        with self.assertRaises(KeyError):
            self.accept(request("x", key="k2"))
        self.assertEqual(self.queue.sent, [])

    def test_bodies(self):
        self.assertEqual(self.accept(request(None))["statusCode"], 400)
        coded = base64.b64encode(b"hello").decode()
        self.accept(request(coded, isBase64Encoded=True))
        self.assertEqual(self.queue.sent[0]["MessageBody"], "hello")


class Work(unittest.TestCase):
    def test_one_that_fails_does_not_hold_up_the_others(self):
        def record(n, attributes):
            return {"messageId": f"m{n}", "body": "b", "messageAttributes": attributes}

        tenant = {"tenant": {"stringValue": "globex"}}
        done = skeleton.handler({"Records": [record(1, tenant), record(2, {}), record(3, tenant)]}, None)
        self.assertEqual(done, {"batchItemFailures": [{"itemIdentifier": "m2"}]})


if __name__ == "__main__":
    unittest.main()
