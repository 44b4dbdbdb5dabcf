"""Writes the tables of docs/advice.md from the code."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from neighbourhoods import rules
from neighbourhoods.advice.advice import ADVICE_RULES, Degree, Rule
from neighbourhoods.rules import Thresholds
from neighbourhoods.wording import APPROACHES, MODIFIER_TEXTS, MOVE_TEXTS, PAID_HELP, THRESHOLD_LABELS

START, END = "<!-- From the code: python manage.py advice_table -->", "<!-- Until here. -->"


class Command(BaseCommand):
    help = "Writes the tables of docs/advice.md."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "advice.md"
        before, _start, rest = path.read_text().partition(START)
        path.write_text(f"{before}{START}\n\n{tables()}\n{END}{rest.partition(END)[2]}")
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {len(ADVICE_RULES)} rules")


def tables() -> str:
    with translation.override("en"):
        return "\n\n".join([_rules(), _thresholds(), _modifiers()]) + "\n"


def _rules() -> str:
    lines = ["| rule | when | approach | influence | our role | first moves |", "|---|---|---|---|---|---|"]
    for rule in ADVICE_RULES:
        cells = [
            str(rule.number),
            _conditions_text(rule),
            str(APPROACHES[rule.approach]),
            _span([rules.LADDER[level]["en"] for level in rule.levels]),
            _role(rule),
            "; ".join(str(MOVE_TEXTS[move]) for move in rule.moves),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _conditions_text(rule: Rule) -> str:
    if not rule.mandate:
        return "no mandate"
    if rule.reached is False:
        return "not reached, or energy unknown"
    return f"energy {_degrees(rule.energy)}, load {_degrees(rule.load)}"


def _degrees(degrees: frozenset[Degree]) -> str:
    return " or ".join(degree for degree in Degree if degree in degrees)


def _span(names: list[str]) -> str:
    return f"{names[0]} to {names[-1]}" if len(names) > 1 else "".join(names) or "-"


def _role(rule: Rule) -> str:
    names = " or ".join(rules.GOVERNMENT_ROLES[role]["en"] for role in rule.roles) or "-"
    return f"{names}, {PAID_HELP[rule.paid_help]}" if rule.paid_help else names


def _thresholds() -> str:
    lines = ["| threshold | where it begins |", "|---|---|"]
    lines += [f"| {THRESHOLD_LABELS[name]} | {value:g} |" for name, value in asdict(Thresholds()).items()]
    return "\n".join(lines)


def _modifiers() -> str:
    return "\n".join(f"* {words}" for words in MODIFIER_TEXTS.values())
