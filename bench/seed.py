"""Fills a house that is measured: `python -m bench.seed house | bare | responses N | contacts N`."""

import os
import sys
from datetime import timedelta
from random import Random
from uuid import UUID

import django

BATCH = 2_000


def house() -> None:
    """The demo municipality, with nobody's answers in it."""
    from django.core.management import call_command

    call_command("demo", "--if-empty", "--without-answers", stdout=open(os.devnull, "w"))  # noqa: SIM115


def bare() -> None:
    """The rows that the bare app reads and writes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_page (code, title, body) VALUES ('bench', 'A page', '{}')")


def responses(wanted: int) -> int:
    """Bring the open survey to `wanted` counted responses, straight in the tables, tallies included."""
    from accounts.models import Receipt
    from surveys.counting import tally
    from surveys.models import Response, Survey
    from surveys.published import published

    survey = Survey.objects.filter(state="open").select_related("current").get()
    frozen = published(survey.current_id, survey.current.digest)
    layer, chance = frozen.document.first_layer, Random(wanted)  # noqa: S311  figures for measuring
    channel, areas = survey.channels.first(), list(survey.areas.all())
    have = Response.objects.filter(survey=survey).count()
    made = []
    for number in range(have, wanted):
        answers = {q.id: chance.choice(q.option_ids) if q.options else None for q in layer.asked}
        receipt = Receipt(
            id=UUID(int=chance.getrandbits(128), version=4),
            purpose="participation",
            code_hash=f"{number:064x}",
            language="nl",
        )
        keys = sorted([q, o] for q, o in tally(frozen.document, answers, answers, [layer.id]))
        area = chance.choice(areas)
        day = survey.opened_at.date() + timedelta(days=chance.randrange(20))
        made.append(
            Response(
                survey=survey,
                version=survey.current,
                receipt=receipt,
                channel=channel,
                area=area,
                language="nl",
                submit_key=f"{number:064x}",
                day=day,
                answers=answers,
                shown=dict.fromkeys(answers, True),
                layers_shown=[layer.id],
                layers_done=[layer.id],
                counted=[[frozen.epoch, area.pk, channel.pk, "resident", False, day.isoformat()], keys],
            )  # fmt: skip
        )
        if len(made) == BATCH:
            _keep(made)
            made = []
    _keep(made)
    return wanted


def _keep(made: list) -> None:
    """Rows in bulk, and the counters they stand for."""
    from collections import Counter

    from django.db import transaction
    from django.db.models import F

    from accounts.models import Receipt
    from surveys.models import DayCount, Response, Tally

    if not made:
        return
    with transaction.atomic():
        Receipt.objects.bulk_create(response.receipt for response in made)
        Response.objects.bulk_create(made)
        counts: Counter = Counter()
        days: Counter = Counter()
        for response in made:
            (epoch, area, channel, respondent, suspect, day), keys = response.counted
            days[day, channel, area] += 1
            counts.update((epoch, q, o, area, channel, respondent, suspect) for q, o in keys)
        survey = made[0].survey
        for (epoch, question, option, area, channel, respondent, suspect), n in sorted(counts.items()):
            Tally.objects.get_or_create(
                survey=survey, epoch=epoch, question=question, option=option, area_id=area,
                channel_id=channel, respondent=respondent, suspect=suspect,
            )[0]  # fmt: skip
            Tally.objects.filter(
                survey=survey, epoch=epoch, question=question, option=option, area=area, channel=channel,
                respondent=respondent, suspect=suspect,
            ).update(n=F("n") + n)  # fmt: skip
        for (day, channel, area), n in sorted(days.items()):
            DayCount.objects.get_or_create(survey=survey, day=day, channel_id=channel, area_id=area)
            DayCount.objects.filter(survey=survey, day=day, channel=channel, area=area).update(n=F("n") + n)


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    deed, *rest = words
    {"house": house, "bare": bare, "responses": lambda: print(responses(int(rest[0])))}[deed]()


if __name__ == "__main__":
    main(sys.argv[1:])
