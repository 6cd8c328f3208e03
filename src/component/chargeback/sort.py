"""Makes a line of each measurement on its way to the lake, and says which month it is of."""
import base64


def sort(record):
    one = read(base64.b64decode(record["data"]))
    if one is None:
        # It is kept as it came, below another prefix.
        failed = {"recordId": record["recordId"], "result": "ProcessingFailed"}
        return failed | {"data": record["data"]}
    month = one.pop("month")
    line = json.dumps(one, sort_keys=True) + "\n"
    return {
        "recordId": record["recordId"],
        "result": "Ok",
        "data": base64.b64encode(line.encode()).decode(),
        "metadata": {"partitionKeys": {"month": month}},
    }


def handler(event, context):
    return {"records": [sort(record) for record in event["records"]]}
