"""The function that reads the registry, without AWS: a table of its own stands in."""
import importlib.util
import json
import pathlib
import sys
import types
import unittest

sys.dont_write_bytecode = True
sys.modules.setdefault("boto3", types.SimpleNamespace(client=None))
ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("read", ROOT / "src/component/catalogue/read.py")
read = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(read)


class Table:
    """As DynamoDB: items in the order of their keys, a page at a time."""

    def __init__(self, ids):
        self.items = [{"tenant": {"S": one}, "tier": {"S": "gold"}} for one in sorted(ids)]

    def get_item(self, TableName, Key):
        assert TableName == "t"
        return {"Item": item for item in self.items if item["tenant"] == Key["tenant"]}

    def scan(self, TableName, Limit, ExclusiveStartKey=None):
        after = ExclusiveStartKey["tenant"]["S"] if ExclusiveStartKey else ""
        rest = [item for item in self.items if item["tenant"]["S"] > after]
        page = {"Items": rest[:Limit]}
        if len(rest) > Limit:
            page["LastEvaluatedKey"] = {"tenant": page["Items"][-1]["tenant"]}
        return page


def ask(table, tenant=None, token=None):
    event = {"pathParameters": {"tenant": tenant} if tenant else None}
    event["queryStringParameters"] = {"next": token} if token is not None else None
    done = read.handle(event, "t", table)
    return done["statusCode"], json.loads(done["body"])


class Read(unittest.TestCase):
    def test_one_tenant(self):
        table = Table(["a", "b"])
        self.assertEqual(ask(table, "b"), (200, {"tenant": "b", "tier": "gold"}))
        self.assertEqual(ask(table, "c")[0], 404)

    def test_all_pages_give_every_tenant_once(self):
        ids = [f"tenant-{n:04}" for n in range(2 * read.PAGE + 7)]
        seen, token = [], None
        while True:
            status, body = ask(Table(ids), token=token)
            self.assertEqual(status, 200)
            seen += [one["tenant"] for one in body["tenants"]]
            token = body.get("next")
            if token is None:
                break
        self.assertEqual(seen, ids)

    def test_a_token_that_is_not_ours_is_refused(self):
        for token in ["", "%%%", "gAAA", "x"]:
            self.assertEqual(ask(Table(["a"]), token=token)[0], 400, token)


if __name__ == "__main__":
    unittest.main()
