"""What fills a house that is measured."""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

DAYS = 20
HEAPS = 12


def house() -> None:
    """A municipality with two open surveys and nobody's answers: `linde` with four questions, `forty` with 40."""
    from django.utils import timezone

    from neighbourhoods.models import Municipality
    from scenarios.demo.people import make_people
    from scenarios.demo.places import make_places, make_themes
    from scenarios.demo.surveys import DATA_PROCESSING, make_open_survey, sign_as_backer
    from scenarios.demo.trajectory import make_trajectory
    from surveys.builder.services.keeping import save_default_notes
    from surveys.builder.services.proposals import confirm_all
    from surveys.builder.services.publish import add_channel, publish_survey
    from surveys.builder.services.start import start_survey
    from surveys.library import LIBRARY
    from surveys.opening.services.running import open_survey
    from surveys.states import ChannelKind

    Municipality.objects.create(pk=1, name="Gemeente Waterdam", phone="14 099", languages=["nl", "en"])
    areas = make_places()
    make_themes()
    people = make_people(areas)
    for one in people.values():  # a server out of debug refuses the accounts of the demo
        one.email = f"{one.email.partition('@')[0]}@bench.example"
        one.set_unusable_password()
        one.save()
    save_default_notes(notes=DATA_PROCESSING, by=people["administrator"])
    trajectory = make_trajectory(areas, people)
    make_open_survey(areas, people, trajectory)
    example = LIBRARY["first-sounding"]
    first, *_others = example.layers
    many = replace(
        first,
        title={"nl": "Meer", "en": "More"},
        questions=tuple(
            replace(first.questions[n % 4], key=f"q{n}", asks_needs=False)
            for n in range(40 - len(first.questions))
        ),
    )
    survey = start_survey(
        plan=replace(example, layers=(first, many)), areas=[areas["De Linde"]], languages=["nl", "en"],
        by=people["editor"],
    )  # fmt: skip
    today = timezone.localdate()
    survey.promise_before, survey.erase_on = today + timedelta(days=60), today + timedelta(days=200)
    survey.save()
    confirm_all(survey=survey, by=people["editor"])
    publish_survey(survey=survey, by=people["editor"])
    survey.refresh_from_db()
    add_channel(
        survey=survey, kind=ChannelKind.LINK, name="40", code="forty", area_id=areas["De Linde"].pk,
        by=people["editor"],
    )  # fmt: skip
    sign_as_backer(survey, by=people["editor"], backer=people["backer"])
    open_survey(survey=survey, by=people["editor"])


def bare() -> None:
    """The rows that the bare app reads and writes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_page (code, title, body) VALUES ('bench', 'A page', '{}')")


def survey_of_linde() -> Any:
    from surveys.models import Survey

    return Survey.objects.select_related("current").get(channels__code="linde")


def signed_in(user: Any) -> dict[str, str]:
    """The cookies of a colleague, in a house where jobs run: else every page asks again whether they do."""
    from django.test import Client

    from feedback.delivery.services.guards import heartbeat

    heartbeat("jobs")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {name: cookie.value for name, cookie in client.cookies.items()}


def answers(people: int, addresses: int = 0) -> None:
    """So many neighbours answer by the door that residents use; so many leave an address, most confirm it."""
    from django.utils import timezone

    from scenarios.demo.people import Neighbours

    first_day = timezone.localdate() - timedelta(days=DAYS)
    Neighbours(survey_of_linde(), first_day=first_day, days=DAYS).answer(people, addresses=addresses)


# table -> columns that hold an id (replaced in each copy), columns with another unique text
COPIED = {
    "accounts_receipt": (["id"], ["code_hash"]),
    "surveys_response": (["id", "receipt_id"], ["submit_key"]),
    "feedback_contribution": (["id", "receipt_id"], []),
    "feedback_answerowed": (["receipt_id", "contribution_id"], []),
}


RESULTS_READ = ("accounts_receipt", "surveys_response")


def grow_answers(wanted: int) -> None:
    """Only what results read: without what was said and what is owed a million takes half a minute."""
    grow(wanted, tables=RESULTS_READ)


def grow(wanted: int, place: int = 1, tables: Collection[str] = tuple(COPIED)) -> None:
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
        for table in tables:
            ids, texts = COPIED[table]
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


def owe(wanted: int) -> None:
    """Let at least so many answers be owed: for weeks or only just, some late, a quarter by a second colleague."""
    from django.db.models import F
    from django.utils import timezone

    from accounts.models import User
    from feedback.models import AnswerOwed
    from surveys.models import Response

    grow(math.ceil(wanted * Response.objects.count() / AnswerOwed.objects.waiting().count()))
    today, in_heaps = timezone.localdate(), AnswerOwed.objects.annotate(heap=F("pk") % HEAPS)
    for heap in range(HEAPS):
        in_heaps.filter(heap=heap).update(
            since=today - timedelta(days=4 * heap), due_on=today + timedelta(days=45 - 5 * heap)
        )
    in_heaps.filter(heap__lt=HEAPS // 4).update(owner=User.objects.get(email__startswith="coordinator@"))


def city(neighbourhoods: int) -> None:
    from bench import city as made_up

    made_up.build(neighbourhoods)


def offers(wanted: int, looked_for: int) -> None:
    """So many offers of a year and a half in every state, so many roles of which a third has somebody, and matches.

    Two colleagues look after them; some are late, some were answered since yesterday.
    """
    from random import Random

    from django.utils import timezone

    from accounts.models import Receipt, User
    from initiatives.models import ExpectationCard, Initiative, Match, Offer, VolunteerRole
    from initiatives.states import MOMENTS, Involvement, Skill
    from neighbourhoods.models import Area, Theme

    chance, now = Random(7), timezone.now()
    today = timezone.localdate(now)
    rows = {row: {"nl": "Er is niets.", "en": "There is none."} for row in ExpectationCard.ROWS}
    card = ExpectationCard.objects.create(name="bench", invites_in=Area.root(), shown_on=today, **rows)
    areas, themes = list(Area.objects.leaves()), list(Theme.objects.in_use())
    owners = [User.objects.get(email__startswith=f"{role}@") for role in ("coordinator", "editor")]
    initiatives = Initiative.objects.bulk_create(
        Initiative(
            name={"nl": f"Samen {n}", "en": f"Together {n}"},
            theme=themes[n % len(themes)],
            area=areas[n % len(areas)],
        )
        for n in range(looked_for // 2)
    )
    roles = VolunteerRole.objects.bulk_create(
        VolunteerRole(
            initiative=initiatives[n % len(initiatives)],
            name={"nl": f"Taak {n}", "en": f"Task {n}"},
            card=card,
            state="open",
        )
        for n in range(looked_for)
    )
    receipts = Receipt.objects.bulk_create(
        [Receipt(purpose="offer", code_hash=f"bench-{n}", language="nl") for n in range(wanted)],
        batch_size=1000,
    )
    made = []
    for n, receipt in enumerate(receipts):
        state = chance.choices(("new", "contacted", "active", "closed"), (1, 2, 5, 2))[0]
        offered = today - timedelta(days=chance.randrange(0, 540))
        closed = state == "closed"
        made.append(
            Offer(
                receipt=receipt,
                area=areas[n % len(areas)],
                theme=chance.choice([None, *themes]),
                card=card,
                way=chance.choice(Involvement.values),
                skills=sorted(chance.sample(Skill.values, 2)),
                moments=sorted(chance.sample(MOMENTS, 4)),
                offered_on=offered,
                contacted_on=None if state == "new" else offered + timedelta(days=chance.randrange(0, 5)),
                state=state,
                owner=owners[n % 2],
                next_action="" if closed else "Bellen",
                next_action_on=None if closed else today + timedelta(days=chance.randrange(-5, 40)),
                closed_reason="Klaar." if closed else "",
                closed_on=offered if closed else None,
            )
        )
    Offer.objects.bulk_create(made, batch_size=1000)
    Match.objects.bulk_create(
        Match(
            offer=offer,
            role=roles[n % len(roles)],
            state="introduced" if n % 2 and n % len(roles) < len(roles) // 3 else "proposed",
            answer_before=today + timedelta(days=7),
            step="answer",
            step_on=today + timedelta(days=7),
            introduced_at=now if n % 2 and n % len(roles) < len(roles) // 3 else None,
            volunteer_yes_at=now - timedelta(hours=n),
            card=card,
            initiative_yes_at=now - timedelta(hours=n) if n % 2 else None,
        )
        for n, offer in enumerate(made[: 6 * len(roles)])
    )
