#!/usr/bin/env python3
"""Recomputes randomly drawn figures from an exported log, apart from chitra's own code, and compares them with what the server answers.

Knows three things: the log (`chitra export`), the profile's data (config/NAME.toml, units.csv), and the definitions of docs/indicators.md.
Every numerator and denominator of every answer must be equal; ratios are compared as exact fractions. Standard library of Python 3.11.

  recompute.py --log log.ndjson --server http://127.0.0.1:8080 --key KEY [--profile config/vietnam.toml] [--questions 1200] [--seed 1]
"""

import argparse
import bisect
import collections
import csv
import datetime
import fractions
import hashlib
import http.client
import json
import pathlib
import random
import sys
import tomllib
import urllib.parse
import zoneinfo

# What is asked, more often what is asked most.
INDICATORS = ["adoption"] * 3 + ["settlement"] * 2 + ["first_attempts"] * 2 + ["movers", "unclaimed"]
OPEN = ("instructed", "accepted")
# Definitions that can be cited, by the figure that they are part of.
CITABLE = {"adoption": ("A1", "A2", "A3", "C1"), "first_attempts": ("A5", "S1", "S3", "S7"), "unclaimed": ("S6",)}
STATES = ("instructed", "accepted", "settled", "rejected", "returned", "failed", "cancelled")


class Profile:
    """The parts of a profile that figures depend on."""

    def __init__(self, path):
        with open(path, "rb") as file:
            profile = tomllib.load(file)
        self.cashless = {channel["code"]: channel["cashless"] for channel in profile["channels"]}
        self.group = {kind["code"]: kind["group"] for kind in profile["benefit_types"]}
        self.zone = zoneinfo.ZoneInfo(profile["calendar"]["time_zone"])
        self.exponent = profile["money"]["exponent"]
        self.ageing_days = profile["figures"]["ageing_days"]
        self.timeliness_days = profile["figures"]["timeliness_days"]
        self.levels = [level["code"] for level in profile["levels"]]
        self.parent, self.level, self.valid = {}, {}, {}
        self.successors, self.predecessors = collections.defaultdict(list), collections.defaultdict(list)
        with open(path.with_suffix("") / "units.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self.parent[row["unit_key"]] = row["parent_key"] or None
                self.level[row["unit_key"]] = row["level"]
                self.valid[row["unit_key"]] = (row["valid_from"] or "0000", row["valid_to"] or "9999")
        with open(path.with_suffix("") / "successions.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self.successors[row["predecessor_key"]].append((row["successor_key"], row["effective_on"]))
                self.predecessors[row["successor_key"]].append(row["predecessor_key"])

    def path(self, unit):
        """The unit and all above it."""
        while unit:
            yield unit
            unit = self.parent.get(unit)

    def places(self, unit, basis, day):
        """The units that a unit's territory is told by."""
        if basis == "as_paid":
            return {unit}
        if basis == "current":
            return self.rolled(unit, day.isoformat())
        return self.historical(unit, basis.removeprefix("historical_"))

    def rolled(self, unit, day):
        since, until = self.valid[unit]
        if since <= day <= until:
            return {unit}
        return set().union(*(self.rolled(later, day) for later, on in self.successors[unit] if on <= day))

    def historical(self, unit, level):
        own = self.above(unit, level)
        if own:
            return self.last_of_level(own, level)
        return set().union(*(self.historical(earlier, level) for earlier in self.predecessors[unit]))

    def last_of_level(self, unit, level):
        later = [next_ for next_, _ in self.successors[unit] if self.level[next_] == level]
        return set().union(*(self.last_of_level(next_, level) for next_ in later)) if later else {unit}

    def above(self, unit, level):
        """The unit of a level that holds a unit."""
        return next((key for key in self.path(unit) if self.level[key] == level), None)


class Attempt:
    """One way that a payment was tried."""

    def __init__(self, number, channel, agent, bank, due_on):
        self.number, self.channel, self.agent, self.bank, self.due_on = number, channel, agent, bank, due_on
        self.state, self.held, self.settled_on, self.outcome, self.late = "instructed", False, None, None, False


class Payment:
    """A payment after some of its events."""

    def __init__(self, data):
        self.beneficiary, self.benefit_type, self.cycle = data["beneficiary_id"], data["benefit_type"], data["cycle"]
        self.minor, self.unit, self.urban = data["amount"]["minor"], data["unit_key"], data["urban"]
        self.months, self.sex, self.birth_decade = data["benefit_months"], "unknown", "unknown"
        self.payee, self.collected_by = data.get("payee", "self"), None
        self.attempts = {data["attempt"]: Attempt(data["attempt"], data["channel"], data["agent"], data.get("bank"), data["due_on"])}
        self.standing, self.called_off, self.contradicted = data["attempt"], False, False

    @property
    def stands_on(self):
        return self.attempts[self.standing]

    def waits(self):
        return self.stands_on.held or self.contradicted

    def apply(self, kind, data):
        attempt = self.attempts.get(data.get("attempt"))
        handler = getattr(self, "on_" + kind.removeprefix("Payment"), None)
        if handler is None:
            raise SystemExit(f"recompute: the log holds {kind}, of which this check knows nothing")
        handler(attempt, data)
        self.promote()

    def end(self, attempt, state):
        attempt.state = state
        if state not in OPEN:
            attempt.held = False

    def refuse(self, attempt, kind, reason):
        attempt.outcome = (kind, reason["class"], reason["system"], reason["code"])

    def on_Accepted(self, attempt, _data):
        attempt.state = "accepted"

    def on_Settled(self, attempt, data):
        self.end(attempt, "settled")
        attempt.settled_on = data["settled_on"]
        self.collected_by = data.get("collected_by")

    def on_SettledLate(self, attempt, data):
        attempt.settled_on, attempt.late = data["settled_on"], True
        stopped = self.attempts.get(data.get("stopped_attempt"))
        if stopped is not None and stopped.state in OPEN:
            stopped.held = True
        self.called_off = self.called_off and not data.get("reinstated", False)

    def on_Rejected(self, attempt, data):
        self.end(attempt, "rejected")
        self.refuse(attempt, "rejected", data["reason"])

    def on_Returned(self, attempt, data):
        attempt.late = False
        if not self.called_off:
            self.end(attempt, "returned")
        self.refuse(attempt, "returned", data["reason"])

    def on_Failed(self, attempt, data):
        self.end(attempt, "failed")
        attempt.outcome = ("failed", "unclaimed" if data["cause"] == "unclaimed" else None, "chitra", data["cause"])

    def on_Held(self, attempt, _data):
        attempt.held = True

    def on_Released(self, attempt, _data):
        attempt.held = False

    def on_Reissued(self, _attempt, data):
        number = data["new_attempt"]
        self.attempts[number] = Attempt(number, data["to_channel"], data["agent"], data.get("bank"), data["due_on"])
        self.standing, self.payee, self.collected_by = number, data.get("payee", "self"), None

    def on_Cancelled(self, attempt, _data):
        self.end(attempt, "cancelled")
        self.called_off = True

    def on_Recalled(self, attempt, _data):
        self.end(attempt, "cancelled")

    def on_Contradicted(self, _attempt, _data):
        self.contradicted = True

    def on_ContradictionResolved(self, _attempt, _data):
        self.contradicted = False

    def on_Corrected(self, _attempt, data):
        correction = data["correction"]
        what, new = correction["what"], correction["new"]
        if what == "amount":
            self.minor = new["minor"]
        elif what == "unit":
            self.unit, self.urban = new, correction["new_urban"]
        elif what == "due_on":
            self.stands_on.due_on = new
        elif what == "benefit_months":
            self.months = new

    def promote(self):
        """Where the attempt stood on came to nothing, late money of another is what pays."""
        standing = self.stands_on
        if standing.state in OPEN or standing.state == "settled" or self.called_off:
            return
        for attempt in self.attempts.values():
            if attempt.late:
                attempt.state, attempt.late, self.standing = "settled", False, attempt.number
                attempt.outcome = None
                return


class Log:
    """The exported log."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.events = [json.loads(line) for line in file]
        expected = range(1, len(self.events) + 1)
        if any(event["position"] != place for event, place in zip(self.events, expected)):
            raise SystemExit("recompute: positions of the export have gaps")

    def payments_at(self, position):
        """All payments after the events up to a position."""
        payments, cohorts = {}, {}
        for event in self.events[:position]:
            if event["event_type"] == "BeneficiaryRegistered":
                cohorts[event["data"]["beneficiary_id"]] = event["data"].get("cohort", {})
            if event["stream"].startswith("payment-"):
                if event["event_type"] == "PaymentInstructed":
                    payments[event["stream"]] = Payment(event["data"])
                else:
                    payments[event["stream"]].apply(event["event_type"], event["data"])
        for payment in payments.values():
            known = cohorts.get(payment.beneficiary, {})
            payment.sex, payment.birth_decade = known.get("sex") or "unknown", str(known.get("birth_decade") or "unknown")
        return list(payments.values())

    def moment(self, index):
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=self.events[index]["recorded_at_us"])

    def day(self, index, zone):
        return self.moment(index).astimezone(zone).date()

    def last_position_by_day(self, day, zone):
        """How many events were recorded up to the end of a day. Recording never goes back in time."""
        return bisect.bisect_right(range(len(self.events)), day, key=lambda index: self.day(index, zone))


    def last_position_by(self, moment):
        """How many events were recorded at or before an instant."""
        return bisect.bisect_right(range(len(self.events)), moment, key=self.moment)


class Question:
    """What is asked: filters, groups and the state of the log."""

    def __init__(self, indicator, filters, group_by, as_of, extra):
        self.indicator, self.filters, self.group_by, self.as_of, self.extra = indicator, filters, group_by, as_of, extra

    def target(self):
        asked = {**self.filters, **self.as_of, **self.extra}
        if self.group_by:
            asked["group_by"] = ",".join(self.group_by)
        return f"/v1/{self.indicator.replace('_', '-')}?{urllib.parse.urlencode(asked)}"


class Recomputed:
    """Figures from payments, by the published definitions, as of a day."""

    def __init__(self, profile, payments, day):
        self.profile, self.payments, self.day, self.known = profile, payments, day, {}

    def places(self, question, unit):
        asked = (unit, question.extra.get("unit_basis", "as_paid"))
        if asked not in self.known:
            self.known[asked] = sorted(self.profile.places(*asked, self.day))
        return self.known[asked]

    def part(self, question, unit):
        """How many of a unit's places are in the unit asked, and how many there are."""
        places = self.places(question, unit)
        asked = question.filters.get("unit")
        return sum(asked is None or asked in self.profile.path(place) for place in places), len(places)

    def in_units(self, question, unit):
        inside, places = self.part(question, unit)
        grouped = any(dimension.startswith("unit") for dimension in question.group_by)
        if "unit" not in question.filters:
            return True
        return inside > 0 if grouped else inside == places > 0

    def unit_group(self, question, unit, dimension):
        inside, places = self.part(question, unit)
        level = dimension.removeprefix("unit_level:")
        groups = {place if dimension == "unit" else self.profile.above(place, level) for place in self.places(question, unit)}
        return groups.pop() if inside == places > 0 and len(groups) == 1 else "not_attributable"

    def inside(self, question, payment, attempt):
        """Whether a payment, by one of its attempts, is in the scope asked."""
        f = question.filters
        return (
            self.in_units(question, payment.unit)
            and f.get("benefit_type", payment.benefit_type) == payment.benefit_type
            and f.get("benefit_group", self.profile.group[payment.benefit_type]) == self.profile.group[payment.benefit_type]
            and f.get("cycle", payment.cycle) == payment.cycle
            and f.get("cycle_from", payment.cycle) <= payment.cycle <= f.get("cycle_to", payment.cycle)
            and f.get("sex", payment.sex) == payment.sex
            and f.get("birth_decade", payment.birth_decade) == payment.birth_decade
            and f.get("benefit_month", payment.months[0]) in payment.months
            and f.get("channel", attempt.channel) == attempt.channel
            and f.get("agent", attempt.agent) == attempt.agent
            and f.get("bank", attempt.bank) == attempt.bank
            and f.get("urban", str(payment.urban).lower()) == str(payment.urban).lower()
        )

    def keys(self, question, payment, attempt):
        """The groups of a payment, by one of its attempts: one for each benefit month, where those are told apart."""
        months = [month for month in payment.months if question.filters.get("benefit_month", month) == month]
        found = [self.key(question, payment, attempt, month) for month in (months if "benefit_month" in question.group_by else [None])]
        return [key for key in found if key is not None]

    def key(self, question, payment, attempt, month=None):
        """The group of a payment, by one of its attempts; nothing where a dimension gives it none."""
        found = []
        for dimension in question.group_by:
            if dimension.startswith("unit"):
                value = self.unit_group(question, payment.unit, dimension)
                if value is None:
                    return None
            elif dimension == "benefit_month":
                value = month
            elif dimension == "benefit_group":
                value = self.profile.group[payment.benefit_type]
            elif dimension == "urban":
                value = str(payment.urban).lower()
            elif dimension in ("channel", "agent", "bank"):
                value = getattr(attempt, dimension) or ""
            else:
                value = getattr(payment, dimension)
            found.append(value)
        return tuple(found)

    def scope(self, question, every_attempt=False):
        """(group, payment, attempt) of all that is in scope."""
        for payment in self.payments:
            for attempt in payment.attempts.values() if every_attempt else (payment.stands_on,):
                if self.inside(question, payment, attempt):
                    for key in self.keys(question, payment, attempt):
                        yield key, payment, attempt

    def adoption(self, question):
        people, found = collections.defaultdict(set), collections.defaultdict(collections.Counter)
        for key, payment, attempt in self.scope(question):
            sums = found[key]
            sums["instructed"] += 1
            sums["final"] += attempt.state not in OPEN
            if attempt.state == "settled":
                cashless = self.profile.cashless[attempt.channel]
                people[key, payment.beneficiary].add(cashless)
                for name, share in (("payments", 1), ("amount", payment.minor)):
                    sums[name] += share
                    sums[name, "cashless"] += share * cashless
        for (key, _person), ways in people.items():
            found[key]["mixed" if len(ways) == 2 else "cashless" if True in ways else "cash"] += 1
        answer = {}
        for key, s in found.items():
            numerator = s["cashless"] + (s["mixed"] if question.extra.get("mixed_as_cashless") == "true" else 0)
            answer[key] = {
                "A1": (numerator, s["cashless"] + s["cash"] + s["mixed"]),
                "A1 standings": (s["cashless"], s["cash"], s["mixed"]),
                "A2": (s["amount", "cashless"], s["amount"]),
                "A3": (s["payments", "cashless"], s["payments"]),
                "C1": (s["final"], s["instructed"]),
            }
        return answer

    def settlement(self, question):
        today = datetime.date.fromisoformat(question.extra["today"])
        found, lags = collections.defaultdict(collections.Counter), collections.defaultdict(list)
        for key, payment, attempt in self.scope(question):
            s = found[key]
            s["all"] += 1
            s["all", "minor"] += payment.minor
            s["state", attempt.state] += 1
            s["state", attempt.state, "minor"] += payment.minor
            s["held"] += payment.waits()
            if attempt.state in OPEN:
                s["age", self.bucket((today - datetime.date.fromisoformat(attempt.due_on)).days)] += 1
            if attempt.state == "settled":
                settled = datetime.date.fromisoformat(attempt.settled_on)
                lags[key].append((settled - datetime.date.fromisoformat(attempt.due_on)).days)
                year, month = map(int, payment.cycle.split("-"))
                for day in self.profile.timeliness_days:
                    s["by", day] += settled <= datetime.date(year, month, day)
        for key, payment, attempt in self.scope(question, every_attempt=True):
            s = found[key]
            s["attempts"] += 1
            if attempt.outcome:
                s["kind", attempt.outcome[0]] += 1
                s["reason", attempt.outcome] += 1
        answer = {}
        for key, s in found.items():
            all_but_cancelled = s["all"] - s["state", "cancelled"]
            settled_once = s["state", "settled"] + s["kind", "returned"]
            values = sorted(lags[key])
            figures = {
                "instructed": (s["all"], s["all", "minor"]),
                "funnel": tuple((s["state", state], s["state", state, "minor"]) for state in STATES),
                "held": s["held"],
                "S2": ((s["kind", "rejected"], s["attempts"]), (s["kind", "failed"], s["attempts"]), (s["kind", "returned"], settled_once)),
                "S2 reasons": {name[1]: count for name, count in s.items() if name[0] == "reason"},
                "S4": tuple((s["by", day], all_but_cancelled) for day in self.profile.timeliness_days),
                "S4 days": (self.rank(values, 1, 2), self.rank(values, 9, 10)),
                "S5": tuple(s["age", bucket] for bucket in range(-1, len(self.profile.ageing_days) + 1)),
                "C1": (s["all"] - s["state", "instructed"] - s["state", "accepted"], s["all"]),
            }
            answer[key] = figures
        return answer

    def bucket(self, days):
        return -1 if days < 0 else bisect.bisect_left(self.profile.ageing_days, days)

    @staticmethod
    def rank(values, numerator, denominator):
        """The smallest value that this part of all do not exceed."""
        return values[-(-len(values) * numerator // denominator) - 1] if values else None

    def first_attempts(self, question):
        people, found = collections.defaultdict(set), collections.defaultdict(collections.Counter)
        for payment in self.payments:
            first, stands_on = payment.attempts[1], payment.stands_on
            if stands_on.state == "cancelled" or not self.inside(question, payment, first):
                continue
            for key in self.keys(question, payment, first):
                s, cashless = found[key], self.profile.cashless[first.channel]
                people[key, payment.beneficiary].add(cashless)
                s["ordered"] += 1
                s["ordered", "minor"] += payment.minor
                s["cashless"] += cashless
                s["cashless", "minor"] += payment.minor * cashless
                if cashless and stands_on.state == "settled":
                    s["success"] += stands_on is first
                    s["fell_back"] += not self.profile.cashless[stands_on.channel]
        for key, payment, attempt in self.scope(question):
            if attempt.state == "settled":
                found[key]["live"] += 1
                found[key]["others"] += (payment.collected_by or payment.payee) in ("authorised", "guardian")
        for (key, _person), ways in people.items():
            found[key]["people", "mixed" if len(ways) == 2 else "cashless" if True in ways else "cash"] += 1
        answer = {}
        for key, s in found.items():
            standings = tuple(s["people", name] for name in ("cashless", "cash", "mixed"))
            mixed = standings[2] if question.extra.get("mixed_as_cashless") == "true" else 0
            answer[key] = {
                "A5": (standings[0] + mixed, sum(standings)),
                "A5 standings": standings,
                "ordered": (s["cashless"], s["ordered"]),
                "ordered amount": (s["cashless", "minor"], s["ordered", "minor"]),
                "S1": (s["success"], s["cashless"]),
                "S3": (s["fell_back"], s["cashless"]),
                "S7": (s["others"], s["live"]),
            }
        return answer

    def movers(self, question):
        """A person stands in the unit of the later cycle, else of the earlier; of several, in the last by its key."""
        ways, units = collections.defaultdict(set), collections.defaultdict(set)
        for cycle in (question.extra["before"], question.filters["cycle"]):
            at = Question(question.indicator, {**question.filters, "cycle": cycle}, question.group_by, {}, question.extra)
            for key, payment, attempt in self.scope(at):
                if attempt.state == "settled":
                    ways[payment.beneficiary, cycle].add(self.profile.cashless[attempt.channel])
                    units[payment.beneficiary, cycle].add(key)
        found = collections.defaultdict(collections.Counter)
        cycles = (question.extra["before"], question.filters["cycle"])
        for person in {person for person, _cycle in ways}:
            standings = tuple(self.standing(ways.get((person, cycle), set())) for cycle in cycles)
            later, earlier = (units.get((person, cycle)) for cycle in reversed(cycles))
            found[max(later or earlier)][standings] += 1
        answer = {}
        for key, cells in found.items():
            both = sum(count for pair, count in cells.items() if "none" not in pair)
            answer[key] = {"people": dict(cells), "A7": (cells["cash", "cashless"], both), "A7 back": (cells["cashless", "cash"], both)}
        return answer

    @staticmethod
    def standing(ways):
        return "none" if not ways else "mixed" if len(ways) == 2 else "cashless" if True in ways else "cash"

    def unclaimed(self, question):
        found = collections.defaultdict(collections.Counter)
        for key, payment, attempt in self.scope(question, every_attempt=True):
            if not self.profile.cashless[attempt.channel]:
                s = found[key]
                unclaimed = attempt.outcome is not None and attempt.outcome[:2] == ("failed", "unclaimed")
                s["all"] += 1
                s["all", "minor"] += payment.minor
                s["part"] += unclaimed
                s["part", "minor"] += payment.minor * unclaimed
        return {key: {"S6": (s["part"], s["all"]), "S6 amount": (s["part", "minor"], s["all", "minor"])} for key, s in found.items()}


class Served:
    """What the server answers, in the shape of Recomputed."""

    def __init__(self, profile, server, key):
        self.profile, self.key = profile, key
        address = urllib.parse.urlsplit(server)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)

    def answer(self, method, target, body, headers):
        """The server's answer. While this check computes, a server may close the connection that it thinks idle: asked again, by a new one."""
        for is_last in (False, True):
            try:
                self.connection.request(method, target, body, headers)
                return self.connection.getresponse()
            except (ConnectionError, http.client.BadStatusLine):
                self.connection.close()
                if is_last:
                    raise

    def ask(self, question):
        response = self.answer("GET", question.target(), None, {"Authorization": f"Bearer {self.key}", "Accept": "application/json"})
        body = response.read().decode()
        if response.status != 200:
            raise SystemExit(f"recompute: {question.target()} was answered with {response.status}: {body[:500]}")
        return json.loads(body)

    def only_audited(self, after, until):
        """Whether all events between two positions are of the audit."""
        response = self.answer("GET", f"/v1/events?after={after}&limit=1000", None, {"Authorization": f"Bearer {self.key}", "Accept": "application/json"})
        events = json.loads(response.read())["events"]
        streams = [event["stream"] for event in events if event["position"] <= until]
        return len(streams) == until - after > 0 and all(stream.startswith("audit-") for stream in streams)

    def cite(self, question, definition, number):
        """Cites the question's figure; the answer to it."""
        body = {"definition": definition, "title": "recomputed", **question.filters, **question.as_of, **question.extra}
        if question.group_by:
            body["group_by"] = ",".join(question.group_by)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": f"recompute-{number}"}
        response = self.answer("POST", "/v1/figures", json.dumps(body), headers)
        text = response.read().decode()
        if response.status == 422 and json.loads(text)["code"] == "figure-empty":
            return None
        if response.status != 201:
            raise SystemExit(f"recompute: the citation of {question.target()} was answered with {response.status}: {text[:500]}")
        return json.loads(text)

    def minor(self, text):
        whole, _, part = text.partition(".")
        return int(whole + part.ljust(self.profile.exponent, "0"))

    def share(self, share, money=False):
        read = self.minor if money else int
        numerator, denominator = read(share["numerator"]), read(share["denominator"])
        self.check_ratio(share["ratio"], numerator, denominator)
        return numerator, denominator

    @staticmethod
    def check_ratio(ratio, numerator, denominator):
        """Six digits, half up, of the exact fraction."""
        if denominator == 0:
            expected = None
        else:
            millionths = fractions.Fraction(numerator, denominator) * 1_000_000 + fractions.Fraction(1, 2)
            expected = f"{millionths.__floor__() // 1_000_000}.{millionths.__floor__() % 1_000_000:06}"
        if ratio != expected:
            raise SystemExit(f"recompute: {numerator} of {denominator} was printed as {ratio}, not {expected}")

    def groups(self, question, answer):
        names = ["unit" if name.startswith("unit") else name for name in question.group_by]
        for group in answer["groups"]:
            yield tuple(group["group"][name] for name in names), group

    def adoption(self, question, answer):
        return {
            key: {
                "A1": self.share(g["people"]),
                "A1 standings": (g["people"]["cashless"], g["people"]["cash"], g["people"]["mixed"]),
                "A2": self.share(g["amount"], money=True),
                "A3": self.share(g["payments"]),
                "C1": self.share(g["completeness"]),
            }
            for key, g in self.groups(question, answer)
        }

    def settlement(self, question, answer):
        found = {}
        for key, g in self.groups(question, answer):
            total = lambda part: (part["payments"], self.minor(part["amount"]))
            found[key] = {
                "instructed": total(g["instructed"]),
                "funnel": tuple(total(g["funnel"][state]) for state in STATES),
                "held": g["held"]["payments"],
                "S2": tuple(self.share(g["rates"][kind]) for kind in ("rejected", "failed", "returned")),
                "S2 reasons": {(r["kind"], r["class"], r["system"], r["code"]): r["attempts"] for r in g["reasons"]},
                "S4": tuple(self.share(by["settled"]) for by in g["timeliness"]["settled_by_day"]),
                "S4 days": (g["timeliness"]["days_median"], g["timeliness"]["days_p90"]),
                "S5": tuple(age["payments"] for age in g["ageing"]),
                "C1": self.share(g["completeness"]),
            }
        return found

    def first_attempts(self, question, answer):
        return {
            key: {
                "A5": self.share(g["people"]),
                "A5 standings": (g["people"]["cashless"], g["people"]["cash"], g["people"]["mixed"]),
                "ordered": self.share(g["payments"]),
                "ordered amount": self.share(g["amount"], money=True),
                "S1": self.share(g["success"]),
                "S3": self.share(g["fell_back"]),
                "S7": self.share(g["through_others"]),
            }
            for key, g in self.groups(question, answer)
        }

    def movers(self, question, answer):
        return {
            key: {
                "people": {(cell["before"], cell["now"]): cell["people"] for cell in g["people"] if cell["people"]},
                "A7": self.share(g["to_cashless"]),
                "A7 back": self.share(g["to_cash"]),
            }
            for key, g in self.groups(question, answer)
        }

    def unclaimed(self, question, answer):
        return {
            key: {"S6": self.share(g["attempts"]), "S6 amount": self.share(g["amount"], money=True)}
            for key, g in self.groups(question, answer)
        }


def draw(random_, profile, payments, as_of, indicator, day):
    """A question of one or more filters and groups, about what the log holds."""
    one = random_.choice(payments)
    attempt = random_.choice(list(one.attempts.values()))
    offers = {
        "unit": random_.choice(list(profile.path(one.unit))),
        "cycle": one.cycle,
        "benefit_type": one.benefit_type,
        "benefit_group": profile.group[one.benefit_type],
        "channel": attempt.channel,
        "agent": attempt.agent,
        "bank": attempt.bank,
        "urban": str(one.urban).lower(),
    }
    names = [name for name in offers if offers[name] is not None]
    filters = {name: offers[name] for name in random_.sample(names, random_.randint(0, 3))}
    if "benefit_type" in filters:
        filters.pop("benefit_group", None)
    units = ["unit"] + [f"unit_level:{level}" for level in profile.levels]
    dimensions = [random_.choice(units), random_.choice(["benefit_type", "benefit_group"]), "cycle", "channel", "agent", "bank", "urban"]
    group_by = random_.sample(dimensions, random_.choice([0, 0, 1, 1, 1, 2, 3]))
    extra = {}
    if indicator in ("adoption", "settlement", "first_attempts") and random_.random() < 0.4:
        group_by = of_cohorts(random_, payments, one, filters, group_by)
    if indicator in ("adoption", "first_attempts"):
        extra["mixed_as_cashless"] = random_.choice(["true", "false"])
    if indicator == "settlement":
        year, month = map(int, one.cycle.split("-"))
        extra["today"] = (datetime.date(year, month, 1) + datetime.timedelta(days=random_.randint(0, 60))).isoformat()
    if indicator == "movers":
        cycles = sorted({payment.cycle for payment in payments})
        extra["before"], filters["cycle"] = sorted(random_.sample(cycles, 2)) if len(cycles) > 1 else ("2000-01", cycles[0])
        group_by = random_.choice([[], [random_.choice(units)]])
    basis = random_.choice(["as_paid"] * 4 + ["current", "historical_district"])
    if basis != "as_paid":
        extra["unit_basis"] = basis
        places = sorted(profile.places(one.unit, basis, day))
        if "unit" in filters:
            filters["unit"] = random_.choice(list(profile.path(random_.choice(places)))) if places else filters.pop("unit")
        if not places:
            filters.pop("unit", None)
    return Question(indicator, filters, group_by, as_of, extra)


def of_cohorts(random_, payments, one, filters, group_by):
    """The question about people of a sex or decade of birth, or about a benefit month; of one cycle, or of several."""
    offers = {"sex": one.sex, "birth_decade": one.birth_decade, "benefit_month": random_.choice(one.months)}
    names = random_.sample(list(offers), random_.randint(1, 3))
    by = [name for name in names if random_.random() < 0.5]
    filters.update({name: offers[name] for name in names if name not in by})
    group_by = random_.sample(group_by + by, len(group_by) + len(by))
    cycles = sorted({payment.cycle for payment in payments})[-24:]
    if one.cycle in cycles and ("benefit_month" in names or "cycle" in group_by) and random_.random() < 0.5:
        filters.pop("cycle", None)
        filters["cycle_from"], filters["cycle_to"] = cycles[0], cycles[-1]
    else:
        filters["cycle"] = one.cycle
    return group_by


def states(random_, log, profile, how_many):
    """States of the log to ask about: now, positions, business days and instants."""
    yield {}, len(log.events), datetime.datetime.now(profile.zone).date()
    first = next(event["position"] for event in log.events if event["event_type"] == "PaymentInstructed")
    for number in range(how_many - 1):
        position = random_.randint(first, len(log.events))
        if number % 3 == 0:
            yield {"as_of_position": position}, position, log.day(position - 1, profile.zone)
        elif number % 3 == 1:
            moment = log.moment(position - 1) + datetime.timedelta(seconds=random_.choice([0, 1, 3600, 86400]))
            zone = random_.choice([profile.zone, datetime.timezone.utc])
            yield {"as_of": moment.astimezone(zone).isoformat()}, log.last_position_by(moment), moment.astimezone(profile.zone).date()
        else:
            day = log.day(position - 1, profile.zone)
            yield {"as_of_day": day.isoformat()}, log.last_position_by_day(day, profile.zone), day


def same_citation(cited, definition, question, position, ours):
    """Whether the digest is that of the digits recomputed here, in the canonical form of docs/indicators.md."""
    asked = {**question.filters, "mixed_as_cashless": question.extra.get("mixed_as_cashless", "false")}
    if "unit_basis" in question.extra:
        asked["unit_basis"] = question.extra["unit_basis"]
    if question.group_by:
        asked["group_by"] = ",".join(question.group_by)
    keys = [tuple(group["key"]) for group in cited["groups"]]
    digits = [{"key": list(key), "numerator": share[0], "denominator": share[1]} for key in keys for share in [ours.get(key, {}).get(definition, (0, 0))]]
    form = {"definition": definition, "asked": dict(sorted(asked.items())), "position": position, "groups": digits}
    canonical = json.dumps(form, separators=(",", ":"), ensure_ascii=False)
    return set(ours) <= set(keys) and hashlib.sha256(canonical.encode()).hexdigest() == cited["digest"]


def empty(figures):
    """Whether nothing is counted: such a group may be left out of an answer, or stand alone in it."""
    flat = lambda value: [v for part in value for v in flat(part)] if isinstance(value, (tuple, list)) else list(value.values()) if isinstance(value, dict) else [value]
    return not any(flat(list(figures.values())))


def main():
    parser = argparse.ArgumentParser(description="Recompute figures from an exported log and compare them with the server's.")
    parser.add_argument("--log", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--profile", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "config/vietnam.toml")
    parser.add_argument("--questions", type=int, default=1200)
    parser.add_argument("--states", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    profile, log, random_ = Profile(options.profile), Log(options.log), random.Random(options.seed)
    served = Served(profile, options.server, options.key)
    asked, figures, wrong = collections.Counter(), 0, 0
    for as_of, position, day in states(random_, log, profile, options.states):
        payments = log.payments_at(position)
        recomputed = Recomputed(profile, payments, day)
        for _ in range(-(-options.questions // options.states)):
            indicator = random_.choice(INDICATORS)
            question = draw(random_, profile, payments, as_of, indicator, day)
            answer = served.ask(question)
            moved = answer["as_of_position"] != position
            # While it is asked, the server notes who asks: that moves the state of now, and no figure.
            if moved and not (not as_of and served.only_audited(position, answer["as_of_position"])):
                raise SystemExit(f"recompute: {question.target()} is of position {answer['as_of_position']}, not {position}")
            theirs = {k: f for k, f in getattr(served, indicator)(question, answer).items() if not empty(f)}
            ours = {k: f for k, f in getattr(recomputed, indicator)(question).items() if not empty(f)}
            asked[indicator] += 1
            figures += sum(len(group) for group in ours.values())
            # A citation is an event of its own: it would move the state of now.
            if as_of and indicator in CITABLE and asked[indicator] % 5 == 0:
                definition = random_.choice(CITABLE[indicator])
                cited = served.cite(question, definition, sum(asked.values()))
                if cited is not None:
                    asked["citation"] += 1
                    if not same_citation(cited, definition, question, position, ours):
                        wrong += 1
                        print(f"{question.target()}\n  the citation of {definition} has other digits: {cited}", file=sys.stderr)
            for key in sorted(set(ours) | set(theirs)):
                if ours.get(key) != theirs.get(key):
                    wrong += 1
                    print(f"{question.target()}\n  group {key}\n  served     {theirs.get(key)}\n  recomputed {ours.get(key)}", file=sys.stderr)
            if wrong > 10:
                raise SystemExit("recompute: too many differences; stopping")
    if wrong:
        raise SystemExit(f"recompute: {wrong} groups differ")
    print(f"recompute: {sum(asked.values())} questions ({', '.join(f'{count} {name}' for name, count in sorted(asked.items()))}) "
          f"at {options.states} states of a log of {len(log.events)} events: {figures} figures, all equal")


main()
