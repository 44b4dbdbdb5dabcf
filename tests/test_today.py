"""The first page of the desk: what I owe, late first, and only the ways I may go."""

import pytest
from django.urls import reverse

from config.views import due_from, first_steps
from neighbourhoods.access import Desk
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_topic
from tests.markup import squeezed
from tests.people import make_area, make_municipality, make_root, make_user, signed_in
from tests.surveys.drafts import make_draft
from tests.surveys.polls import make_survey


@pytest.fixture
def editor(db):
    make_municipality(name="Gemeente Waterdam", languages=["nl", "en"])
    return make_user(Role.EDITOR)


def desk_of(user) -> str:
    return squeezed(signed_in(user).get(reverse("desk")).content.decode())


def test_late_stands_first_and_next_month_waits(editor):
    late, soon, later = (make_topic(title=title) for title in ("the stairs", "the bus", "the park"))
    make_debt(soon, owner=editor, due=3)
    make_debt(late, owner=editor, due=-5)
    make_debt(later, owner=editor, due=40)
    assert [(due.title, due.is_late) for due in due_from(editor)] == [
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
    assert "1 persoon wacht langer dan wij beloofden." in page


def test_several_late_answers_stand_in_one_list_with_their_place(editor):
    for key, place in (("rest", "Harbour"), ("option:3", "Mill")):
        make_debt(make_topic(key, area=make_area(place), title="a bench"), owner=editor, due=-5)
    page = desk_of(editor)
    assert page.count("Schrijf wat u weet") == 1
    assert (
        "Alle andere antwoorden</a>”, Harbour: 1 persoon" in page and "a bench</a>”, Mill: 1 persoon" in page
    )


def test_desk_names_the_day_itself(editor):
    make_debt(make_topic(title="the bus"), owner=editor, due=0)
    assert "Vandaag verwacht 1 persoon in" in desk_of(editor)


def test_ways_follow_the_role(db, editor):
    backer = make_user(Role.BACKER)
    assert reverse("backings") in desk_of(backer)
    assert reverse("backings") not in desk_of(editor)
    assert reverse("settings") not in desk_of(editor)


# --- an empty installation ----------------------------------------------------------------------


@pytest.fixture
def administrator(db):
    make_municipality(name="Gemeente Waterdam", email="")
    make_root()
    return make_user(Role.ADMINISTRATOR)


def done(user) -> list[bool]:
    return [step.done for step in first_steps(Desk(user))]


def test_an_empty_installation_names_its_first_steps_in_order(administrator):
    assert done(administrator) == [False] * 8
    page = desk_of(administrator).partition("nabij-steps")[2]
    urls = [step.url for step in first_steps(Desk(administrator))]
    assert sorted(urls, key=lambda url: page.index(f'"{url}"')) == urls
    assert signed_in(administrator).get(urls[2]).status_code == 200


def test_a_step_is_ticked_and_all_are_gone_once_a_survey_is_open(administrator):
    make_municipality(email="nabij@waterdam.example")
    area, editor = make_area("Harbour"), make_user(Role.EDITOR)
    make_draft(areas=[area], by=editor)
    assert done(administrator) == [True, True, False, False, True, False, True, False]
    assert first_steps(Desk(editor)) == []
    make_survey(areas=[area], owner=editor)
    assert first_steps(Desk(administrator)) == []
