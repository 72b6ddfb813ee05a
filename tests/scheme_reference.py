#!/usr/bin/env python3
"""What schemes pay, computed anew from the files alone.

usage: scheme_reference.py FOLDER < CASES

Each line of CASES is a JSON object: the scheme file, the programme, a cover, and events of one person in the order in
which they were claimed. For each line one JSON list is printed: what each event comes to in fen, or null if nothing is
paid. Written from docs/SCHEMES.md, with fractions and dictionaries, to disagree with the service where one is wrong.
"""

import json
import sys
import tomllib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path


def fen(value):
    return int(Fraction(str(value)) * 100)


def rounded(amount, rule):
    unit = Fraction(str(rule.get("to", "0.01"))) * 100
    whole, rest = divmod(amount / unit, 1)
    half = Fraction(1, 2)
    mode = rule.get("mode", "half_up")
    up = {
        "half_up": rest >= half,
        "down": False,
        "up": rest > 0,
        "half_even": rest > half or (rest == half and whole % 2 == 1),
    }[mode]
    return (whole + up) * unit


class Nothing(Exception):
    """Nothing is paid."""


class Person:
    """What was paid to one person by one programme in one term."""

    def __init__(self, programme, cover):
        self.programme = programme
        self.cover = cover
        self.first = date.fromisoformat(cover["from"])
        self.waits = cover["waiting_until"] and date.fromisoformat(cover["waiting_until"])
        self.total = 0
        self.paid = {}
        self.through_tiers = {}
        self.deducted = {}
        self.days = {}
        self.bonus = set()
        self.lumps = []
        self.condoled = []

    def claim(self, facts):
        counted = self.count(facts)
        for key, amount, notes in counted:
            self.paid[key] = self.paid.get(key, 0) + amount
            self.total += amount
            for name, more in notes.items():
                if name in ("through_tiers", "deducted", "days"):
                    sums = getattr(self, name)
                    sums[key] = sums.get(key, 0) + more
                elif name == "bonus":
                    self.bonus.add(key)
                elif name == "lump":
                    self.lumps.append((key, more))
                elif name == "condoled":
                    self.condoled.append((key, more))
        return sum(amount for _, amount, _ in counted)

    def count(self, facts):
        rule = self.programme.get("cover", {})
        day = self.day(facts)
        if day is None or not self.first <= day <= date.fromisoformat(self.cover["until"]):
            raise Nothing
        if rule.get("ends_after_payment") and self.lumps:
            raise Nothing
        counted = []
        for benefit in self.programme["benefit"]:
            if facts["kind"] not in benefit["events"] or not holds(benefit.get("when", {}), facts):
                continue
            try:
                amount, notes = self.benefit(benefit, facts, day)
                counted.append([benefit["key"], amount, notes])
            except Nothing:
                pass
        self.largest(counted)
        if sum(amount for _, amount, _ in counted) <= 0:
            raise Nothing
        return counted

    @staticmethod
    def day(facts):
        name = {"inpatient": "discharged", "disease": "diagnosed", "outpatient": "diagnosed"}
        text = facts.get(name.get(facts["kind"], "happened"))
        return date.fromisoformat(text) if text else None

    def benefit(self, benefit, facts, day):
        (shape, pays), = benefit["pays"].items()
        waiting = self.waits is not None and day <= self.waits
        if waiting and shape != "lump":
            raise Nothing
        amount, notes = getattr(self, shape)(benefit["key"], pays, facts, day, waiting)
        limits = []
        if benefit.get("within_personal_amount") and facts.get("personal_amount") is not None:
            limits.append(fen(facts["personal_amount"]))
        for cap in benefit.get("caps", []):
            had = 0 if cap["per"] == "stay" else self.paid.get(benefit["key"], 0)
            limits.append(max(0, fen(cap["amount"]) - had))
        if limits and min(limits) < amount:
            down = {**self.programme.get("rounding", {}), "mode": "down"}
            amount = rounded(min(limits), down)
        least = pays.get("minimum_on_death")
        if least is not None and died(facts):
            amount = max(amount, fen(least) - self.total)
        return amount, notes

    def tiers(self, key, pays, facts, _day, _waiting):
        base = borne(facts)
        if base is None:
            if not (died(facts) and "minimum_on_death" in pays):
                raise Nothing
            base = 0
        notes = {}
        if "deductible" in pays:
            rule = pays["deductible"]
            had = 0 if rule["per"] == "stay" else self.deducted.get(key, 0)
            off = min(base, max(0, fen(rule["amount"]) - had))
            base -= off
            notes["deducted"] = off
        start = self.through_tiers.get(key, 0) if pays.get("scope", "stay") == "period" else 0
        amount, lower = 0, 0
        for tier in pays["tiers"]:
            upper = fen(tier["up_to"]) if "up_to" in tier else None
            # The part of [start, start + base) that lies between the tier's ends.
            top = start + base if upper is None else min(start + base, upper)
            part = max(0, top - max(start, lower))
            rate = Fraction(str(tier["rate"]))
            if self.cover["first_or_broken"] and "first_or_broken_rate" in tier:
                rate = Fraction(str(tier["first_or_broken_rate"]))
            for exception in reversed(tier.get("except", [])):
                if holds(exception["when"], facts):
                    rate = Fraction(str(exception["rate"]))
            amount += rounded(part * rate, self.programme.get("rounding", {}))
            notes["through_tiers"] = notes.get("through_tiers", 0) + part
            lower = upper
        if "first_stay_bonus" in pays and facts["kind"] == "inpatient" and key not in self.bonus:
            amount += fen(pays["first_stay_bonus"])
            notes["bonus"] = True
        return amount, notes

    def daily(self, key, pays, facts, _day, _waiting):
        days = stay(facts)
        if days is None:
            raise Nothing
        days -= pays.get("from_day", 1) - 1
        if days <= 0:
            raise Nothing
        if "max_days" in pays:
            had = 0 if pays["max_days"]["per"] == "stay" else self.days.get(key, 0)
            days = min(days, max(0, pays["max_days"]["days"] - had))
        return days * fen(pays["amount"]) * self.cover["shares"], {"days": days}

    def lump(self, key, pays, facts, day, waiting):
        listed = pays.get("diseases", [])
        disease = None
        if listed or facts["kind"] in ("disease", "outpatient"):
            disease = next(
                (d for d in self.programme.get("disease", []) if d["code"] == facts.get("disease")), None
            )
            if disease is None or (listed and disease["code"] not in listed):
                raise Nothing
        code = disease["code"] if disease else ""
        often = pays.get("often", "once")
        before = [paid_for for of, paid_for in self.lumps if of == key]
        if often in ("once", "once_per_period") and before or often == "once_per_disease" and code in before:
            raise Nothing
        if often != "each_time" and code and (key, code) in self.condoled:
            raise Nothing
        if waiting:
            condolence = pays.get("condolence")
            if condolence is None or day < self.first + timedelta(days=condolence["from_day"] - 1):
                raise Nothing
            return fen(condolence["amount"]), {"condoled": code}
        amount = fen(disease["amount"] if disease and "amount" in disease else pays["amount"])
        share = Fraction(str(disease.get("share", 1) if disease else 1))
        shares = 1 if pays.get("whatever_shares") else self.cover["shares"]
        return rounded(amount * share, self.programme.get("rounding", {})) * shares, {"lump": code}

    def grades(self, _key, pays, facts, _day, _waiting):
        rate = next((row["rate"] for row in pays["table"] if row["grade"] == facts.get("grade")), None)
        if rate is None:
            raise Nothing
        amount = rounded(fen(pays["amount"]) * Fraction(str(rate)), self.programme.get("rounding", {}))
        return amount * self.cover["shares"], {}

    def largest(self, counted):
        for group in self.programme.get("only_largest_of", []):
            had = sum(self.paid.get(key, 0) for key in group)
            here = sorted((row for row in counted if row[0] in group), key=lambda row: -row[1])
            for row in here:
                full = row[1]
                row[1] = max(0, full - had)
                had = max(had, full)


def died(facts):
    return facts.get("died", False) or facts["kind"] == "death"


def borne(facts):
    if facts.get("self_borne") is not None:
        return fen(facts["self_borne"])
    if facts.get("total") is not None and facts.get("fund_paid") is not None:
        rest = fen(facts["total"]) - fen(facts["fund_paid"]) - fen(facts.get("subsidy") or 0)
        return max(0, rest)
    return None if facts.get("personal_amount") is None else fen(facts["personal_amount"])


def stay(facts):
    if facts.get("days") is not None:
        return facts["days"]
    none = 0 if facts.get("no_stay", False) else None
    if not facts.get("admitted") or not facts.get("discharged"):
        return none
    days = (date.fromisoformat(facts["discharged"]) - date.fromisoformat(facts["admitted"])).days
    return max(1, days) if days >= 0 else none


def holds(when, facts):
    known = {
        "insured": facts.get("insurance", "employee") != "uninsured",
        "out_of_town": facts.get("out_of_town", False),
        "relief": facts.get("relief", False),
        "operated": facts.get("operated", False),
        "died": died(facts),
        "for_relative": facts.get("relative", False),
        "has_unit": not facts.get("no_unit", False),
        "of_illness": facts.get("of_illness", False),
        "graded": facts.get("grade") is not None,
    }
    for name, asked in when.items():
        if name in known:
            fits = known[name] == asked
        elif name == "self_borne_over":
            fits = borne(facts) is not None and borne(facts) > fen(asked)
        elif name == "days_over":
            fits = stay(facts) is not None and stay(facts) > asked
        elif name == "diseases":
            fits = facts.get("disease") in asked
        else:
            raise ValueError(f"unknown circumstance {name}")
        if not fits:
            return False
    return True


def main():
    folder = Path(sys.argv[1])
    schemes = {path.name: tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")}
    for line in sys.stdin:
        case = json.loads(line)
        programmes = schemes[case["file"]]["programme"]
        programme = next(p for p in programmes if p["key"] == case["programme"])
        person, results = Person(programme, case["cover"]), []
        for facts in case["events"]:
            try:
                results.append(int(person.claim(facts)))
            except Nothing:
                results.append(None)
        print(json.dumps(results))


main()
