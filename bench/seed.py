"""Fills a house that is measured: `python -m bench.seed <deed> [number ...]`, see DEEDS at the end."""

import json
import math
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import django

from bench.phones import taps

DAYS = 20
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def house() -> None:
    """A municipality with two open surveys and nobody's answers: `linde` with four questions, `forty` with 40."""
    from django.utils import timezone

    from config.demo.people import make_people
    from config.demo.places import make_places, make_themes
    from config.demo.surveys import back, make_open_survey
    from neighbourhoods.models import Municipality
    from surveys.library.first_sounding import PLAN
    from surveys.services.publish import add_channel, publish
    from surveys.services.running import open_survey
    from surveys.services.start import start_survey
    from surveys.states import ChannelKind

    Municipality.objects.create(pk=1, name="Gemeente Waterdam", phone="14 099", languages=["nl", "en"])
    areas = make_places()
    make_themes()
    people = make_people(areas)
    make_open_survey(areas, people)
    first, *_others = PLAN.layers
    many = replace(
        first,
        title={"nl": "Meer", "en": "More"},
        questions=tuple(
            replace(first.questions[n % 4], key=f"q{n}", asks_needs=False)
            for n in range(40 - len(first.questions))
        ),
    )
    survey = start_survey(
        plan=replace(PLAN, layers=(first, many)), areas=[areas["De Linde"]], languages=["nl", "en"],
        by=people["editor"],
    )  # fmt: skip
    today = timezone.localdate()
    survey.promise_before, survey.erase_on = today + timedelta(days=60), today + timedelta(days=200)
    survey.save()
    publish(survey=survey, by=people["editor"])
    survey.refresh_from_db()
    add_channel(
        survey=survey, kind=ChannelKind.LINK, name="40", code="forty", area_id=areas["De Linde"].pk,
        by=people["editor"],
    )  # fmt: skip
    back(survey, by=people["editor"], backer=people["backer"])
    open_survey(survey=survey, by=people["editor"])


def bare() -> None:
    """The rows that the bare app reads and writes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_page (code, title, body) VALUES ('bench', 'A page', '{}')")


def survey_of_linde() -> Any:
    from surveys.models import Survey

    return Survey.objects.select_related("current").get(channels__code="linde")


def answers(people: int, addresses: int = 0) -> None:
    """So many neighbours answer by the door that residents use; so many leave an address, most confirm it."""
    from django.utils import timezone

    from config.demo.neighbours import Neighbours

    first_day = timezone.localdate() - timedelta(days=DAYS)
    Neighbours(survey_of_linde(), first_day=first_day, days=DAYS).answer(people, addresses=addresses)


# table -> columns that hold an id (replaced in each copy), columns with another unique text
COPIED = {
    "accounts_receipt": (["id"], ["code_hash"]),
    "surveys_response": (["id", "receipt_id"], ["submit_key"]),
    "feedback_contribution": (["id", "receipt_id"], []),
    "feedback_answerowed": (["receipt_id", "contribution_id"], []),
}


def grow(wanted: int, place: int = 1) -> None:
    """Copy everybody's answers, in the database, until there are at least `wanted`; counters grow along.

    `place` is where in an id the number of the copy is put; another one for a copy of copies.
    """
    from django.apps import apps
    from django.db import connection, transaction
    from django.db.models import F

    from surveys.models import DayCount, Response, Tally

    times = math.ceil(wanted / Response.objects.count())
    on_postgres = connection.vendor == "postgresql"
    number = "lpad(to_hex(k.n), 8, '0')" if on_postgres else "printf('%%08x', k.n)"

    def copied(column: str, *, is_id: bool) -> str:
        text = f"replace({column}::text, '-', '')" if is_id and on_postgres else column
        made = f"substr({text}, 1, {place - 1}) || {number} || substr({text}, {place + 8})"
        return f"({made})::uuid" if is_id and on_postgres else made

    models = {model._meta.db_table: model for model in apps.get_models()}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (ids, texts) in COPIED.items():
            columns = [
                field.column
                for field in models[table]._meta.concrete_fields
                if not (field.primary_key and field.get_internal_type() == "BigAutoField")
            ]
            values = [
                copied(name, is_id=name in ids) if name in ids or name in texts else name for name in columns
            ]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %s) "
                f"SELECT {', '.join(values)} FROM {table} CROSS JOIN k",
                [times - 1],
            )
        for model in (Tally, DayCount):
            model.objects.update(n=F("n") * times)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def desk() -> None:
    """Prints the cookies of an editor who is signed in, and where the results of `linde` stand."""
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(
        User.objects.get(email__startswith="editor@"), backend="django.contrib.auth.backends.ModelBackend"
    )
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    print(json.dumps({"cookies": cookies, "url": reverse("survey_results", args=[survey_of_linde().pk])}))


def queries() -> None:
    """Prints how many queries an answer page and an answer cost at most, with 4 and with 40 questions.

    Transaction statements are not counted. The first walk warms what a process keeps.
    """
    walk("linde"), walk("forty")
    print(json.dumps({poll: walk(poll) for poll in ("linde", "forty")}))


def walk(poll: str) -> dict[str, int]:
    """Answer everything in the first layer, and in the next when it has only buttons."""
    from django.test import Client

    phone = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": "nl"})
    url = phone.post(f"/p/{poll}/begin/", {"submit_key": secrets.token_urlsafe(24)}).url
    most = {"questions": 0, "get": 0, "post": 0}
    while "/q/" in url:
        with counting() as asked:
            page = phone.get(url).content.decode()
        most["get"] = max(most["get"], len(asked))
        name, value = taps(page)[0]
        with counting() as asked:
            url = phone.post(url, {name: value}).url
        most["post"] = max(most["post"], len(asked))
        most["questions"] += 1
        if "/thanks/" in url and poll == "forty" and most["questions"] < 40:
            layer = re.findall(r'name="layer" value="(\d+)"', phone.get(url).content.decode())[0]
            url = phone.post(f"/p/{poll}/layer/", {"layer": layer}).url
    return most


@contextmanager
def counting() -> Iterator[list[str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield asked
    asked += [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTION)]


DEEDS = {
    "house": house, "bare": bare, "answers": answers, "grow": grow, "desk": desk, "queries": queries,
}  # fmt: skip


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    deed, *numbers = words
    DEEDS[deed](*map(int, numbers))


if __name__ == "__main__":
    main(sys.argv[1:])
