"""The log only grows: no line of it can be changed, whoever asks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.models import Event
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from tests.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(municipality) -> Event:
    return Event.log("opened", Municipality.current(), by=make_user())


@pytest.mark.parametrize("field", ["verb", "kind", "key", "note", "facts", "at"])
def test_the_database_refuses_to_change_a_line(event, field):
    before = getattr(event, field)
    other = {"at": timezone.now() - timedelta(days=9), "facts": {"version": 2}}.get(field, "another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**{field: other})
    event.refresh_from_db()
    assert getattr(event, field) == before


def test_who_leaves_is_taken_out_and_the_deed_stays(event):
    event.actor.delete()
    event.refresh_from_db()
    assert (event.actor, event.verb) == (None, "opened")


def test_facts_are_told_in_the_language_and_on_the_clock_of_who_reads(event):
    until = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)
    Event.log(
        "pressed release", event.actor, by=None, note="Open.", role=Role.EDITOR, until=until,
        next_on=date(2027, 1, 2), readers=12,
    )  # fmt: skip
    line = Event.objects.first()
    assert line.details == (
        "volgende stap: 2 januari 2027 · lezers: 12 · rol: beleidsmedewerker · tot: 2 juli 2026 00:30:05 · Open."
    )
    assert line.thing.startswith("collega ")
    with translation.override("en"):
        assert line.details == (
            "next step: 2 January 2027 · readers: 12 · role: editor (civil servant) · "
            "until: 2 July 2026 00:30:05 · Open."
        )


def test_a_fact_without_a_name_is_refused(event):
    with pytest.raises(ValueError, match="Give colour a name"):
        Event.log("opened", event.actor, by=None, colour="green")
