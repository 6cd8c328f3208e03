"""Tests of src/model/container/step.py, with clients that only remember what they were asked."""
import importlib.util
import sys
import types
import unittest
from pathlib import Path

CODE = Path(__file__).resolve().parents[2] / "src/model/container/step.py"

sys.dont_write_bytecode = True
sys.modules["boto3"] = types.ModuleType("boto3")
spec = importlib.util.spec_from_file_location("step", CODE)
step = importlib.util.module_from_spec(spec)
spec.loader.exec_module(step)


class Client:
    def __init__(self, desired, running):
        self.service = {"desiredCount": desired, "runningCount": running}
        self.asked = []

    def describe_services(self, cluster, services):
        assert (cluster, services) == ("c", ["s"])
        return {"services": [self.service]}

    def update_service(self, **asked):
        self.asked.append(asked)

    def set_alarm_state(self, **asked):
        self.asked.append(asked["AlarmName"])


STEPS = {"web-high-alarm": [1, 4], "web-low-alarm": [-1, 2]}


def ring(tail, desired, running=None):
    client = Client(desired, desired if running is None else running)
    metric = {"dimensions": {"ClusterName": "c", "ServiceName": "s"}}
    event = {
        "alarmData": {
            "alarmName": "acme-prod-a-" + tail,
            "configuration": {"metrics": [{"metricStat": {"metric": metric}}]},
        }
    }
    step.handle(event, client, client, STEPS, "acme-prod-a-")
    return client.asked


def update(count):
    return {"cluster": "c", "service": "s", "desiredCount": count}


class Steps(unittest.TestCase):
    def test_one_more_and_the_alarm_is_set_back(self):
        self.assertEqual(ring("web-high-alarm", 2), [update(3), "acme-prod-a-web-high-alarm"])

    def test_one_less(self):
        self.assertEqual(ring("web-low-alarm", 4), [update(3), "acme-prod-a-web-low-alarm"])

    def test_never_past_the_bounds(self):
        self.assertEqual(ring("web-high-alarm", 4), [])
        self.assertEqual(ring("web-low-alarm", 2), [])

    def test_what_stands_past_a_bound_is_left_there(self):
        self.assertEqual(ring("web-high-alarm", 9), [])
        self.assertEqual(ring("web-low-alarm", 1), [])

    def test_no_second_step_while_the_first_is_under_way(self):
        self.assertEqual(ring("web-high-alarm", 3, 2), ["acme-prod-a-web-high-alarm"])

    def test_an_alarm_of_somebody_else_is_refused(self):
        with self.assertRaises(KeyError):
            ring("other-high-alarm", 2)


if __name__ == "__main__":
    unittest.main()
