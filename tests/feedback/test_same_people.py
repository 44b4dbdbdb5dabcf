"""A row and the answer it opens name the same people: on the board, the first page, an inbox, and in a reminder."""

from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from config.views import due_from
from feedback import registries
from feedback.answers.services import release
from feedback.answers.services.promises import answers_due
from feedback.answers.services.release import fan_out_released
from feedback.models import FollowUp, Topic
from feedback.private import services as private
from feedback.registries import Audience
from feedback.states import Owed
from neighbourhoods.models import Area
from neighbourhoods.states import AreaKind, Role
from tests.feedback.factories import (
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.people import make_area, make_municipality, make_root, make_user, signed_in

SOURCES = ("survey:1", "survey:2")
WORDS = ("title", "decided", "why", "next_step", "signed_as")


def known(user) -> list[Audience]:
    return [Audience(source, {"nl": source}, ["nl"]) for source in SOURCES]


@pytest.fixture
def polls(monkeypatch):
    monkeypatch.setattr(registries.audiences, "_entries", {"test": known})


def lines(client, **asked) -> list:
    page = client.get(reverse("waiting"), asked)
    assert page.status_code == 200
    return page.context["lines"]


def opened(client, url: str) -> int:
    """How many people the page behind an answer link says it is for."""
    return client.get(url).context["reach"].readers


def handed_out(client, url: str) -> int:
    """Begin the answer, release it, and count on how many pages it came. Nothing of it stays."""
    with transaction.atomic():
        client.post(reverse("followup_new"), parse_qs(urlsplit(url).query))
        follow_up = FollowUp.objects.latest("pk")
        for part in WORDS:
            setattr(follow_up, part, {"nl": "Dit gaat door.", "en": "This goes ahead."})
        follow_up.outcome = "adopted"
        follow_up.save()
        with override_settings(HOLD_SECONDS=0):
            release.schedule_release(follow_up=follow_up, by=follow_up.owner)
        release.end_holds()
        fan_out_released()
        items = follow_up.items.filter(cancelled=False).count()
        transaction.set_rollback(True)
    return items


# --- stories -----------------------------------------------------------------------------------


@pytest.fixture
def rest(district, area, next_area, editor, polls) -> list:
    """“All other answers” in a district and in two neighbourhoods in it: 2, 3 and 4 people."""
    topics = [make_topic("rest", source="survey:1", area=place) for place in (district, area, next_area)]
    for topic, people in zip(topics, (2, 3, 4), strict=True):
        for _ in range(people):
            make_debt(topic, owner=editor, due=-9, waited=30)
    return topics


def test_a_row_of_a_district_answers_who_waits_there_and_nobody_further(rest, district, administrator):
    client = signed_in(administrator)
    row = next(line for line in lines(client) if line["row"].key == rest[0].pk)
    assert row["row"].people == row["reached"] == 2
    assert opened(client, row["answer_url"]) == handed_out(client, row["answer_url"]) == 2


def test_a_ticked_box_counts_the_people_the_answer_is_for(rest, district, area, editor, administrator):
    make_debt(make_topic("option:1", source="survey:1", area=area), owner=editor, due=-9, waited=30)
    client = signed_in(administrator)
    row = next(line for line in lines(client) if line["row"].key == rest[0].pk)
    labels = boxes(client, row["answer_url"])
    assert labels["rest"].endswith(f"({row['row'].people})")
    assert labels["option:1"].endswith("(0)")  # said elsewhere: still there to choose
    everywhere = boxes(client, reverse("followup_new") + "?source=survey:1")
    assert (everywhere["rest"][-3:], everywhere["option:1"][-3:]) == ("(9)", "(1)")


def boxes(client, url: str) -> dict[str, str]:
    """What stands beside each box of “What they said”."""
    return dict(row for _name, rows in client.get(url).context["form"].fields["key"].choices for row in rows)


def test_a_survey_in_a_district_with_all_in_it_answers_those(rest, district, administrator):
    client = signed_in(administrator)
    (inside,) = lines(client, by="survey", inside=district.pk)
    (alone,) = lines(client, by="survey", area=district.pk)
    assert (inside["row"].people, opened(client, inside["answer_url"])) == (9, 9)
    assert (alone["row"].people, opened(client, alone["answer_url"])) == (2, 2)


def test_a_row_of_an_area_opens_a_board_of_as_many(rest, administrator):
    client = signed_in(administrator)
    for line in lines(client, by="area"):
        assert sum(one["row"].people for one in lines(client, **query(line["url"]))) == line["row"].people


def query(url: str) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}


def test_who_hears_from_another_answer_already_is_told_apart(rest, area, editor, administrator):
    release.schedule_release(
        follow_up=make_follow_up(source="survey:1", areas=[area], owner=editor), by=editor
    )
    client = signed_in(administrator)
    (row,) = lines(client, by="survey")
    assert (row["row"].people, row["reached"], opened(client, row["answer_url"])) == (9, 6, 6)
    assert "bereikt er 6" in client.get(reverse("waiting"), {"by": "survey"}).content.decode()
    assert all(line["answer_url"] == "" for line in lines(client) if line["row"].key == rest[1].pk)


def test_what_a_colleague_looks_after_is_answered_apart(area, editor, administrator, polls):
    topic, other = make_topic(source="survey:1", area=area), make_user(Role.EDITOR, area)
    for owner in (editor, editor, other):
        make_debt(topic, owner=owner, due=-1, waited=30)
    client = signed_in(editor)
    (row,) = lines(client, owner=editor.pk)
    assert row["row"].people == opened(client, row["answer_url"]) == 2
    (due,) = due_from(editor)
    page = client.get(due.url)
    assert due.people == page.context["row"].people == opened(client, page.context["answer_url"]) == 2
    inbox = client.get(reverse("owner", args=[editor.pk])).context["parts"][0]["lines"][0]
    assert inbox["line"].people == inbox["reached"] == 2


def test_a_reminder_counts_who_stands_on_the_board_it_opens(area, editor, polls):
    for number, due in enumerate((-2, -2, 3)):
        make_debt(
            make_topic(f"option:{number}", source="survey:1", area=area), owner=editor, due=due, waited=9
        )
    client = signed_in(editor)
    for one in answers_due(today(), today(7)):
        (row,) = lines(client, **query(one.url))
        assert row["row"].people == one.people
        assert row["reached"] == opened(client, row["answer_url"]) == 3


# --- whatever the world --------------------------------------------------------------------------

PLACES = ("town", "district", "one", "two")
debts = st.tuples(
    st.sampled_from(range(4)),  # where
    st.sampled_from(SOURCES),
    st.sampled_from(("option:1", "option:2", "rest")),
    st.integers(0, 4),  # who
    st.sampled_from((0, 1)),  # who looks after it
    st.sampled_from((Owed.OPEN, Owed.OPEN, Owed.OPEN, Owed.SENT, Owed.WAIVED, Owed.PUBLISHED)),
    st.integers(0, 1),  # how often it came back
)


def a_world(said, gone) -> tuple[dict[str, Area], list]:
    make_municipality()
    town = make_root()
    district = make_area("East", parent=town, kind=AreaKind.DISTRICT)
    places = {"town": town, "district": district, **{n: make_area(n, parent=district) for n in PLACES[2:]}}
    owners = [make_user(Role.EDITOR), make_user(Role.EDITOR, places["one"])]
    people = [make_receipt() for _ in range(5)]
    for receipt in people[:2]:
        make_contact(receipt)
    for slot, (where, source, key, who, owner, state, again) in enumerate(said):
        topic = Topic.objects.filter(
            source=source, key=key, area=places[PLACES[where]]
        ).first() or make_topic(key, source=source, area=places[PLACES[where]])
        one = make_contribution(topic, receipt=people[who], slot=str(slot))
        make_debt(contribution=one, owner=owners[owner], state=state, reopened=again)
    for source in SOURCES:
        make_promise(source, owner=owners[0])
    for who, how in gone.items():
        how(receipt=people[who])
    return places, owners


@pytest.mark.django_db
@given(
    said=st.lists(debts, min_size=1, max_size=9),
    gone=st.dictionaries(
        st.integers(0, 4), st.sampled_from((private.withdraw_receipt, private.erase)), max_size=1
    ),
    busy=st.sampled_from((None, "district", "one")),
    reader=st.sampled_from((0, 1)),
)
@example(  # the same thing said in a district and in a neighbourhood in it
    said=[(1, SOURCES[0], "rest", 0, 0, Owed.OPEN, 0), (2, SOURCES[0], "rest", 1, 0, Owed.OPEN, 0)],
    gone={},
    busy=None,
    reader=0,
)
def test_a_row_its_page_and_what_goes_out_are_the_same_people(said, gone, busy, reader):
    with transaction.atomic(), mock.patch.object(registries.audiences, "_entries", {"test": known}):
        cache.clear()
        places, owners = a_world(said, gone)
        if busy:
            on_its_way = make_follow_up(source=SOURCES[0], areas=[places[busy]], owner=owners[0])
            if release.audience.debts(on_its_way).exists():
                release.schedule_release(follow_up=on_its_way, by=owners[0])
        client = signed_in(owners[reader])
        narrowed = (
            {}, {"source": SOURCES[0]}, {"area": places["district"].pk}, {"inside": places["district"].pk},
            {"owner": owners[1].pk},
        )  # fmt: skip
        for group in ("topic", "survey"):
            for asked in narrowed:
                for line in lines(client, by=group, **asked):
                    assert_same_people(client, line, is_all=not busy and reader == 0)
        transaction.set_rollback(True)


def assert_same_people(client, line, *, is_all: bool) -> None:
    """Where nothing is on its way and the reader writes everywhere, the row says how many; else what it reaches."""
    if is_all:
        assert line["row"].people == line["reached"]
    if line["answer_url"]:
        assert line["reached"] == opened(client, line["answer_url"])
        assert line["reached"] == handed_out(client, line["answer_url"])
