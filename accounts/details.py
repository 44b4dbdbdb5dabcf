"""What a line of the log tells beside its verb: kept as facts, said in the language and on the clock of its reader."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from django.db.models import Choices
from django.utils import formats, timezone, translation
from django.utils.translation import gettext, pgettext_lazy

Fact = str | int | date | datetime | None

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.+)?")

# What the log is about, by the name of its model.
THINGS = {
    "approach": pgettext_lazy("log", "proven approach"),
    "approachdecision": pgettext_lazy("log", "choice of an approach"),
    "area": pgettext_lazy("log", "area"),
    "areaimport": pgettext_lazy("log", "map file"),
    "backing": pgettext_lazy("log", "request to a backer"),
    "challenge": pgettext_lazy("log", "request to take over a task"),
    "contact": pgettext_lazy("log", "address of a resident"),
    "contribution": pgettext_lazy("log", "text of a resident"),
    "expectationcard": pgettext_lazy("log", "expectation card"),
    "followup": pgettext_lazy("log", "answer"),
    "import": pgettext_lazy("log", "import"),
    "incoming": pgettext_lazy("log", "mail that came in"),
    "indicator": pgettext_lazy("log", "what is measured"),
    "initiative": pgettext_lazy("log", "initiative"),
    "invitation": pgettext_lazy("log", "invitation"),
    "keyperson": pgettext_lazy("log", "key person"),
    "libraryitem": pgettext_lazy("log", "thing in the library"),
    "membership": pgettext_lazy("log", "role"),
    "message": pgettext_lazy("log", "message"),
    "municipality": pgettext_lazy("log", "municipality"),
    "need": pgettext_lazy("log", "need"),
    "note": pgettext_lazy("log", "note from a talk"),
    "offer": pgettext_lazy("log", "offer"),
    "outbox": pgettext_lazy("log", "outbox"),
    "participationrules": pgettext_lazy("log", "how we work with residents"),
    "party": pgettext_lazy("log", "party"),
    "place": pgettext_lazy("log", "place"),
    "promise": pgettext_lazy("log", "promise"),
    "receipt": pgettext_lazy("log", "page of a resident"),
    "suppression": pgettext_lazy("log", "address without mail"),
    "survey": pgettext_lazy("log", "survey"),
    "tableimport": pgettext_lazy("log", "file"),
    "task": pgettext_lazy("log", "line of a plan"),
    "theme": pgettext_lazy("log", "theme"),
    "topic": pgettext_lazy("log", "topic"),
    "trajectory": pgettext_lazy("log", "trajectory"),
    "user": pgettext_lazy("log", "colleague"),
    "volunteerrole": pgettext_lazy("log", "volunteer role"),
}

# Verbs that no call of Event.log names as they are.
VERBS = (
    pgettext_lazy("log", "added"),
    pgettext_lazy("log", "began the monthly mail"),
    pgettext_lazy("log", "changed"),
    pgettext_lazy("log", "destroy_forms"),
    pgettext_lazy("log", "destroy_letters"),
    pgettext_lazy("log", "download_forms"),
    pgettext_lazy("log", "download_letters"),
    pgettext_lazy("log", "erased"),
    pgettext_lazy("log", "make_letters"),
    pgettext_lazy("log", "put_back"),
    pgettext_lazy("log", "recorded automatic"),
    pgettext_lazy("log", "recorded bounced"),
    pgettext_lazy("log", "recorded complaint"),
    pgettext_lazy("log", "recorded delayed"),
    pgettext_lazy("log", "recorded delivered"),
    pgettext_lazy("log", "recorded returned"),
    pgettext_lazy("log", "renewed_code"),
    pgettext_lazy("log", "stopped the monthly mail"),
    pgettext_lazy("log", "withdrew"),
)

# What a fact is called.
NAMES = {
    "answered": pgettext_lazy("log", "it answered them"),
    "area": pgettext_lazy("log", "area"),
    "before": pgettext_lazy("log", "before"),
    "changed": pgettext_lazy("log", "changed"),
    "code": pgettext_lazy("log", "code"),
    "colleague": pgettext_lazy("log", "to colleague"),
    "did": pgettext_lazy("log", "done"),
    "digest": pgettext_lazy("log", "fingerprint"),
    "erased": pgettext_lazy("log", "erased"),
    "example": pgettext_lazy("log", "example"),
    "fields": pgettext_lazy("log", "fields"),
    "found": pgettext_lazy("log", "found"),
    "handed_to": pgettext_lazy("log", "handed over to"),
    "item": pgettext_lazy("log", "thing in the library"),
    "layer": pgettext_lazy("log", "layer"),
    "left": pgettext_lazy("log", "left out"),
    "need": pgettext_lazy("log", "need"),
    "new": pgettext_lazy("log", "new"),
    "next_on": pgettext_lazy("log", "next step"),
    "now": pgettext_lazy("log", "now"),
    "number": pgettext_lazy("log", "number"),
    "side": pgettext_lazy("log", "side"),
    "on": pgettext_lazy("log", "on"),
    "part": pgettext_lazy("log", "part"),
    "people": pgettext_lazy("log", "people"),
    "percent": pgettext_lazy("log", "percent"),
    "question": pgettext_lazy("log", "question"),
    "questions": pgettext_lazy("log", "questions"),
    "readers": pgettext_lazy("log", "readers"),
    "reason": pgettext_lazy("log", "reason"),
    "role": pgettext_lazy("log", "role"),
    "state": pgettext_lazy("log", "state"),
    "step": pgettext_lazy("log", "step"),
    "unsubscribed": pgettext_lazy("log", "unsubscribed"),
    "until": pgettext_lazy("log", "until"),
    "version": pgettext_lazy("log", "version"),
    "way": pgettext_lazy("log", "way in"),
    "what": pgettext_lazy("log", "what"),
}


def kept(facts: Mapping[str, Fact]) -> dict[str, str | int]:
    """As JSON: days and moments in ISO form, choices by the English of their label."""
    if unknown := facts.keys() - NAMES.keys():
        raise ValueError(f"Give {', '.join(sorted(unknown))} a name in {__name__}.")
    return {name: _kept(value) for name, value in facts.items() if value is not None}


def _kept(value: str | int | date | datetime) -> str | int:
    if isinstance(value, Choices):
        with translation.override("en"):
            return str(value.label)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def told(facts: Mapping[str, str | int]) -> Iterator[str]:
    """“readers: 12”, “until: 24 November 2026 14:32:00”. In the order of NAMES: PostgreSQL keeps no order of keys."""
    for name in NAMES:
        if name in facts:
            yield f"{NAMES[name]}: {_told(facts[name])}"


def _told(value: str | int) -> str:
    if not isinstance(value, str) or not value:
        return str(value)
    if not _DAY.fullmatch(value):
        return gettext(value)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return formats.date_format(moment, "j F Y")
    return formats.date_format(timezone.localtime(moment), "j F Y H:i:s")
