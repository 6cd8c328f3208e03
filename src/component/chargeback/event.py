"""What an event of the stream is, as schemas/usage-event.schema.json says it."""
import json
import re

SOURCE = re.compile(r"(usage|lifecycle)\.([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})")
TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)
ID = re.compile(r"[A-Za-z0-9._:/-]{1,128}")
METER = re.compile(r"[a-z][a-z0-9.-]{0,62}")
MOST = 10**12


def fits(pattern, value):
    return pattern.fullmatch(value) if isinstance(value, str) else None


def whole(value):
    """A number without a fraction, as JSON has it: 3 and 3.0, but not true."""
    return type(value) is int or type(value) is float and value.is_integer()


def read(data):
    """The measurement that a record holds, or None if it is not one.

    Tenant and tier come from the source of the event, which IAM lets nobody choose.
    """
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("detail"), dict):
        return None
    detail = event["detail"]
    source, time = fits(SOURCE, event.get("source")), fits(TIME, event.get("time"))
    sound = (
        source
        and time
        and event.get("detail-type") in ("usage", "lifecycle")
        and set(detail) <= {"id", "meter", "quantity", "resource"}
        and fits(ID, detail.get("id"))
        and fits(METER, detail.get("meter"))
        and whole(detail.get("quantity"))
        and 1 <= detail["quantity"] <= MOST
        and isinstance(detail.get("resource", ""), str)
        and len(detail.get("resource", "")) <= 2048
    )
    if not sound:
        return None
    return {
        "tenant": source[3],
        "tier": source[2],
        "kind": source[1],
        "month": time[0][:7],
        "time": time[0],
        "meter": detail["meter"],
        "id": detail["id"],
        "quantity": int(detail["quantity"]),
    }


