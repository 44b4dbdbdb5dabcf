"""The first page of the desk: what I owe, late first, and only the ways I may go."""

import pytest
from django.urls import reverse

from config.today import due_from
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_topic
from tests.people import make_municipality, make_user, signed_in


@pytest.fixture
def editor(db):
    make_municipality(name="Gemeente Waterdam", languages=["nl", "en"])
    return make_user(Role.EDITOR)


def desk_of(user) -> str:
    return signed_in(user).get(reverse("desk")).content.decode()


def test_late_stands_first_and_next_month_waits(editor):
    late, soon, later = (make_topic(title=title) for title in ("the stairs", "the bus", "the park"))
    make_debt(soon, owner=editor, due=3)
    make_debt(late, owner=editor, due=-5)
    make_debt(later, owner=editor, due=40)
    assert [(due.title["nl"], due.is_late) for due in due_from(editor)] == [
        ("the stairs", True),
        ("the bus", False),
    ]


def test_what_a_colleague_owes_is_not_asked_of_me(editor):
    make_debt(make_topic(title="the bus"), owner=make_user(Role.EDITOR), due=-5)
    assert due_from(editor) == []


def test_desk_counts_people_once_and_says_when_one_is_late(editor):
    debt = make_debt(make_topic(title="the stairs"), owner=editor, due=-5)
    make_debt(make_topic(title="the bus"), owner=editor, due=3, receipt=debt.receipt)
    page = desk_of(editor)
    assert '<span class="n late">1</span>' in page
    assert "1 mens wacht langer dan wij beloofden." in page


def test_desk_names_the_day_itself(editor):
    make_debt(make_topic(title="the bus"), owner=editor, due=0)
    assert "Vandaag verwacht 1 mens antwoord" in desk_of(editor)


def test_ways_follow_the_role(db, editor):
    backer = make_user(Role.BACKER)
    assert reverse("backings") in desk_of(backer)
    assert reverse("backings") not in desk_of(editor)
    assert reverse("settings") not in desk_of(editor)
