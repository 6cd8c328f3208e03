"""The function that says whose user it is, without AWS: parameters of its own stand in."""
import importlib.util
import pathlib
import sys
import types
import unittest

sys.dont_write_bytecode = True
sys.modules.setdefault("boto3", types.SimpleNamespace(client=None))
ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("tenant", ROOT / "src/component/identity/tenant.py")
tenant = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tenant)


class Missing(Exception):
    pass


class Parameters:
    """As Systems Manager."""

    exceptions = types.SimpleNamespace(ParameterNotFound=Missing)

    def __init__(self, **clients):
        self.values = {f"/a/p/cell/c/client/{client}": of for client, of in clients.items()}
        self.asked = []

    def get_parameter(self, Name):
        self.asked.append(Name)
        if Name not in self.values:
            raise Missing(Name)
        return {"Parameter": {"Value": self.values[Name]}}


class Broken:
    exceptions = types.SimpleNamespace(ParameterNotFound=Missing)

    def get_parameter(self, Name):
        raise OSError("no answer")


SHARED = {"CLIENTS": "/a/p/cell/c/client/"}


def event(client, **attributes):
    return {
        "userName": "u",
        "callerContext": {"clientId": client},
        "request": {"userAttributes": {name.replace("__", ":"): v for name, v in attributes.items()}},
        "response": {},
    }


def claims(done):
    details = done["response"]["claimsAndScopeOverrideDetails"]
    both = [details[kind] for kind in ("idTokenGeneration", "accessTokenGeneration")]
    return [one["claimsToAddOrOverride"] for one in both]


class Shared(unittest.TestCase):
    def test_both_tokens_say_the_tenant(self):
        done = tenant.handle(event("one", custom__tenant="a"), SHARED, Parameters(one="a"))
        self.assertEqual(claims(done), [{"tenant": "a"}, {"tenant": "a"}])

    def test_nobody_signs_in_to_the_application_of_another(self):
        with self.assertRaises(tenant.Refused):
            tenant.handle(event("two", custom__tenant="a"), SHARED, Parameters(one="a", two="b"))

    def test_who_has_no_tenant_is_refused(self):
        for attributes in ({}, {"custom__tenant": ""}, {"tenant": "a"}):
            with self.assertRaises(tenant.Refused):
                tenant.handle(event("one", **attributes), SHARED, Parameters(one="a"))

    def test_an_application_of_nobody_lets_nobody_in(self):
        for attributes in ({}, {"custom__tenant": "a"}):
            with self.assertRaises(tenant.Refused):
                tenant.handle(event("three", **attributes), SHARED, Parameters(one="a"))

    def test_without_an_answer_nobody_is_let_in(self):
        with self.assertRaises(OSError):
            tenant.handle(event("one", custom__tenant="a"), SHARED, Broken())

    def test_who_is_refused_learns_of_nobody(self):
        with self.assertRaises(tenant.Refused) as refused:
            tenant.handle(event("two", custom__tenant="a"), SHARED, Parameters(two="globex"))
        self.assertNotIn("globex", str(refused.exception))


class Own(unittest.TestCase):
    def test_what_a_provider_says_changes_nothing(self):
        said = event("one", custom__tenant="b", tenant="b", identities='[{"providerName":"sso"}]')
        done = tenant.handle(said, {"TENANT": "a"}, Broken())
        self.assertEqual(claims(done), [{"tenant": "a"}, {"tenant": "a"}])


if __name__ == "__main__":
    unittest.main()
