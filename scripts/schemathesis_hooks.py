"""What scripts/schemathesis tells schemathesis beside the document: who asks, ids and codes that are there, a bank's signature, what may be answered 503.

The generator alone would hardly ever name a payment that exists. Three times in four, an id, a code or a day of a request is put in place of the generated one, out of
what the script found in the log and of what answers named since. The rest goes out as it was generated. Which role asks goes in turn: those that the document allows, and
every eighth time one that it does not.
"""
import atexit
import base64
import collections
import copy
import hashlib
import hmac
import itertools
import json
import os
import random
import re
import threading
import time

import hypothesis.internal.lambda_sources
import schemathesis
from requests.auth import AuthBase

# To describe a lambda in a message that nobody reads, hypothesis parses its source, deep in recursion, and that is where CPython 3.11 fails with a SystemError.
hypothesis.internal.lambda_sources.lambda_description = lambda function: "lambda"

with open(os.environ["CHITRA_SCHEMATHESIS"]) as file:
    SETTINGS = json.load(file)
KEYS = SETTINGS["keys"]
CHANCE = random.Random(SETTINGS["seed"])
# Newest first: what was made last is not yet erased, closed or removed.
KNOWN = collections.defaultdict(lambda: collections.deque(maxlen=40))
for name, values in SETTINGS["known"].items():
    KNOWN[name].extend(values)
OF_PATH = {
    "approvals": "approval_id", "beneficiaries": "beneficiary_id", "desks": "desk_id", "figures": "figure_id", "imports": "import_id", "inbox": "message",
    "lists": "list_id", "payments": "payment_id", "reconciliation": "message", "recoveries": "recovery_id", "targets": "target_id", "webhooks": "webhook_id",
}
SAME = {"payments": "payment_id", "from_lists": "list_id", "list": "list_id", "benefit_months": "cycle", "months": "cycle", "duplicate_of": "beneficiary_id",
        "authorised_ref": "authorisation_ref", "under": "unit", "after": "position", "inbox_id": "message"}
DAYS = re.compile(r"^(date|from|to|on|.*_on|.*_before|.*_from|.*_date|by_date|deadline|.*_day)$")
MONTHS = re.compile(r"^(.*cycle.*|.*month|before)$")
FOUND = re.compile(rb'"([a-z_]+_id|[a-z_]+_ref|payment_reference|revision|next_cursor)":"?([^",}\s]{1,80})"?')
LOCK = threading.Lock()
TURN = itertools.count()
ANSWERS = collections.Counter()


def known(name):
    """A value of that name that means something to the server, or None."""
    values = KNOWN.get(SAME.get(name, name))
    if values:
        return CHANCE.choice(list(values))
    if MONTHS.match(name):
        return CHANCE.choice(SETTINGS["months"])
    if DAYS.match(name):
        return CHANCE.choice(SETTINGS["days"])
    return None


def put(name, value):
    """The value, or one that is there in place of it."""
    if isinstance(value, list):
        return [put(name, one) for one in value]
    if isinstance(value, dict):
        return {key: put(key, one) for key, one in value.items()}
    if value is None or isinstance(value, bool) or CHANCE.random() < 0.25:
        return value
    other = known(name)
    if other is None or isinstance(value, int) != isinstance(other, int):
        return value
    return other


def fresh(name):
    return f"asked-{name}-{CHANCE.randrange(10**9)}"


def nearly(examples, generated):
    """Half of the time a body that makes sense, with one field or none as it was generated."""
    if not examples or CHANCE.random() < 0.5:
        return generated
    body = copy.deepcopy(CHANCE.choice(examples))
    body = {key: put(key, one) for key, one in body.items()}
    for name in ("payment_reference", "beneficiary_ref", "code", "receipt", "message_id", "title"):
        if name in body and CHANCE.random() < 0.5:
            body[name] = fresh(name)
    if generated and CHANCE.random() < 0.5:
        name = CHANCE.choice(sorted(generated))
        body[name] = generated[name]
    return body


def thin_out(case):
    """Half of the time what must be asked and two more at most: of ten parameters one is always wrong, and nothing else is heard of."""
    if CHANCE.random() < 0.5:
        return
    needed = {one["name"] for one in case.operation.definition.raw.get("parameters", []) if one.get("required")}
    others = [name for name in case.query if name not in needed]
    CHANCE.shuffle(others)
    for name in others[CHANCE.randrange(3):]:
        del case.query[name]


def settle_headers(headers):
    """A key that was used, and a revision that never was, would be all that is told of most requests."""
    if headers and "Idempotency-Key" in headers and CHANCE.random() < 0.85:
        headers["Idempotency-Key"] = fresh("key")
    if headers and "If-Match" in headers and CHANCE.random() < 0.75:
        del headers["If-Match"]


class Caller(AuthBase):
    """Puts the role's key into the request; a bank's message is signed over the bytes that go out (Standard Webhooks)."""

    def __init__(self, role, signed):
        self.role, self.signed = role, signed

    def __call__(self, request):
        request.headers.pop("Authorization", None)
        if self.signed:
            body = request.body or b""
            body = body.encode() if isinstance(body, str) else body
            now = str(int(time.time()))
            identity = hashlib.sha256(body).hexdigest()[:32]
            secret = base64.b64decode(SETTINGS["bank_secret"])
            made = hmac.new(secret, f"{identity}.{now}.".encode() + body, hashlib.sha256).digest()
            request.headers.update({"webhook-id": identity, "webhook-timestamp": now, "webhook-signature": "v1," + base64.b64encode(made).decode()})
        elif self.role:
            request.headers["Authorization"] = f"Bearer {KEYS[self.role]}"
        return request


def role_of(case):
    allowed = sorted(case.operation.definition.raw.get("x-chitra-roles", {}))
    if not allowed:
        return None
    turn = next(TURN)
    others = sorted(set(KEYS) - set(allowed))
    if turn % 8 == 7 and others:
        return others[turn // 8 % len(others)]
    return allowed[turn % len(allowed)]


@schemathesis.hook
def before_call(context, case, kwargs):
    with LOCK:
        path = case.operation.path
        noun = path.split("/")[2] if path.count("/") > 1 else ""
        for name in list(case.path_parameters or {}):
            real = {"bank": "registered_bank", "key": "spare_key"}.get(name, OF_PATH.get(noun) if name == "id" else name)
            # What is to go is taken seldom where it is, or soon nothing would be left to ask of.
            keep = 0.9 if path.endswith(("/erase", "/remove", "/rotate-secret", "/revoke")) else 0.25
            if CHANCE.random() >= keep:
                other = known(real)
                if other is not None:
                    case.path_parameters[name] = other
        if isinstance(case.query, dict):
            thin_out(case)
            for name in list(case.query):
                # Tables differ by it, and nothing else does.
                if name not in ("format", "kind", "status"):
                    case.query[name] = put(name, case.query[name])
                if name in ("min_position", "after", "as_of_position") and isinstance(case.query[name], int) and CHANCE.random() < 0.5:
                    case.query[name] = case.query[name] % 3000
        if isinstance(case.body, dict):
            case.body = nearly(SETTINGS["bodies"].get(case.operation.label), put("", case.body))
        elif isinstance(case.body, bytes) and case.media_type == "text/csv" and CHANCE.random() < 0.5:
            case.body = CHANCE.choice(SETTINGS["files"]).encode()
        settle_headers(case.headers)
        kwargs["auth"] = Caller(role_of(case), path.startswith("/v1/bank-callbacks/") and CHANCE.random() < 0.9)


@schemathesis.hook
def after_call(context, case, response):
    with LOCK:
        ANSWERS[case.operation.label, response.status_code] += 1
        if response.status_code < 300 and (response.content or b"")[:1] == b"{":
            for name, value in FOUND.findall(response.content[:20_000]):
                name, value = name.decode(), value.decode(errors="replace")
                name = {"inbox_id": "message", "next_cursor": "cursor"}.get(name, name)
                if name in ("request_id", "revision", "key") or value == "null" or value in KNOWN[name]:
                    continue
                KNOWN[name].append(value)


@atexit.register
def tell():
    with open(SETTINGS["answers"], "w") as file:
        json.dump([[label, status, count] for (label, status), count in sorted(ANSWERS.items())], file)


@schemathesis.check
def no_server_error(context, response, case):
    """Nothing may answer 5xx, but 503 where the document says so, with the time to ask again."""
    if response.status_code < 500:
        return
    told = response.status_code == 503 and "503" in case.operation.definition.raw["responses"]
    if not told or (case.operation.path != "/readyz" and "retry-after" not in response.headers):
        raise AssertionError(f"answered {response.status_code}")
