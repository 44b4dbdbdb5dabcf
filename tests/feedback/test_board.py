"""The board “Who is waiting”: who stands on it, in which order, and that nobody falls off it."""

from collections.abc import Iterable
from operator import attrgetter
from random import Random
from typing import Any

import pytest
from django.urls import reverse

from feedback.answers.services import board
from feedback.models import AnswerOwed
from feedback.states import Owed, Reading
from tests.feedback.factories import (
    make_contribution,
    make_debt,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.markup import squeezed
from tests.people import make_membership, make_user, signed_in

# --- counting ---------------------------------------------------------------------------------


def test_a_person_counts_once_per_row(area, editor):
    topic, receipt = make_topic(area=area), make_receipt()
    for slot in "ab":
        make_debt(contribution=make_contribution(topic, receipt=receipt, slot=slot), owner=editor)
    make_debt(topic, owner=editor)
    rows, _more = board.board_rows(AnswerOwed.objects.all())
    assert [row.people for row in rows] == [2]


@pytest.mark.parametrize("group", board.GROUP_COLUMNS)
def test_every_group_counts_everybody(group, area, editor):
    topics = [make_topic(area=area), make_topic(area=area)]
    for due in (-20, -1, 0, 9):
        make_debt(topics[due % 2], owner=editor, due=due, waited=30)
    rows, _more = board.board_rows(AnswerOwed.objects.all(), group)
    assert sum(row.people for row in rows) == 4
    assert sum(row.late for row in rows) == 2
    assert max(row.longest for row in rows) == 30


@pytest.mark.parametrize("group", board.GROUP_COLUMNS)
@pytest.mark.parametrize("seed", range(4))
def test_the_board_equals_a_recount(group, seed, area, next_area, editor, viewer):
    """Whatever is owed to whom: several debts of one person in a row are one person, late if one of them is."""
    chance = Random(seed)
    topics = [
        make_topic(area=place, source=source) for place in (area, next_area) for source in ("a:1", "a:2")
    ]
    receipts = [make_receipt() for _person in range(6)]
    for slot in range(30):
        said = make_contribution(chance.choice(topics), receipt=chance.choice(receipts), slot=str(slot))
        make_debt(
            contribution=said, owner=chance.choice([editor, viewer]), due=chance.randint(-3, 3),
            waited=chance.randint(0, 9), state=chance.choice([Owed.OPEN, Owed.OPEN, Owed.SENT, Owed.WAIVED]),
        )  # fmt: skip
    everything = list(AnswerOwed.objects.select_related("topic"))
    waiting = [debt for debt in everything if debt.state == Owed.OPEN]
    column = {"topic": "topic_id", "survey": "topic.source", "owner": "owner_id", "area": "topic.area_id"}[
        group
    ]
    heaps: dict[Any, list[AnswerOwed]] = {}
    for debt in waiting:
        heaps.setdefault(attrgetter(column)(debt), []).append(debt)

    rows, _more = board.board_rows(AnswerOwed.objects.all(), group)
    assert {row.key: (row.people, row.late, row.due_on, row.owners) for row in rows} == {
        key: (people(heap), late(heap), min(debt.due_on for debt in heap), len({d.owner_id for d in heap}))
        for key, heap in heaps.items()
    }
    figures = board.board_figures(AnswerOwed.objects.all())
    sent = sum(debt.state == Owed.SENT for debt in everything)
    assert (figures.people, figures.late) == (people(waiting), late(waiting))
    assert figures.longest == max((today() - debt.since).days for debt in waiting)
    assert (figures.told, figures.page_only, figures.waived) == (
        sent,
        0,
        len(everything) - len(waiting) - sent,
    )
    assert figures.of == len(everything)


def people(debts: Iterable[AnswerOwed]) -> int:
    return len({debt.receipt_id for debt in debts})


def late(debts: Iterable[AnswerOwed]) -> int:
    return people(debt for debt in debts if debt.due_on < today())


def test_late_comes_first_then_what_was_promised_first(area):
    for name, due in (("soon", 3), ("later", 40), ("late", -2), ("very late", -30)):
        make_debt(make_topic(area=area, title=name), due=due)
    rows, _more = board.board_rows(AnswerOwed.objects.all())
    assert [row.days_left for row in rows] == [-30, -2, 3, 40]


def test_today_is_not_late_yet(area):
    make_debt(make_topic(area=area), due=0)
    row = board.board_rows(AnswerOwed.objects.all())[0][0]
    assert (row.late, row.days_left) == (0, 0)


def test_pages_by_key_show_every_row_once(area, editor, monkeypatch):
    monkeypatch.setattr(board, "BOARD_PAGE_SIZE", 3)
    for number in range(8):
        make_debt(make_topic(area=area), owner=editor, due=number // 2)
    seen, after, more = [], None, True
    while more:
        rows, more = board.board_rows(AnswerOwed.objects.all(), after=after)
        seen += [row.key for row in rows]
        after = (rows[-1].due_on, str(rows[-1].key))
    assert len(seen) == len(set(seen)) == 8


def test_strip_puts_late_people_past_the_promise(area):
    topic = make_topic(area=area)
    make_debt(topic, due=-3, waited=33)
    make_debt(topic, due=15, waited=15)
    row = board.board_rows(AnswerOwed.objects.all())[0][0]
    assert sorted(days > row.promised for days, _people in row.strip) == [False, True]


def test_figures_and_share(area):
    for state in (Owed.PUBLISHED, Owed.SENT, Owed.WITHDRAWN, Owed.WAIVED):
        make_debt(state=state)
    make_debt(due=-5, waited=40)
    found = board.board_figures(AnswerOwed.objects.all())
    assert (found.people, found.late, found.longest, found.share_told) == (1, 1, 40, 25)
    assert (found.told, found.page_only, found.waived, found.of) == (1, 1, 1, 4)


def test_many_debts_take_few_queries(area, editor, django_assert_max_num_queries):
    topics = [make_topic(area=area) for _number in range(5)]
    first = make_debt(topics[0], owner=editor)
    receipts = [make_receipt() for _number in range(300)]
    AnswerOwed.objects.bulk_create(
        AnswerOwed(
            receipt=receipt, contribution=make_contribution(topics[number % 5], receipt=receipt),
            topic=topics[number % 5], owner=editor, since=today(-number % 40), due_on=first.due_on,
        )
        for number, receipt in enumerate(receipts)
    )  # fmt: skip
    with django_assert_max_num_queries(2):
        rows, _more = board.board_rows(AnswerOwed.objects.all())
    assert sum(row.people for row in rows) == 301


# --- the page ---------------------------------------------------------------------------------


def test_board_asks_for_the_sign_in(client, db):
    assert client.get(reverse("waiting")).status_code == 302


def test_board_shows_rows_with_figures_and_a_voice(area, editor):
    topic = make_topic("question:9", area=area, title="Trap bij de kade")
    said = make_contribution(
        topic, text="Ik kom er niet langs. Bel 06 12345678.",
        masked_text="Ik kom er niet langs. Bel ▇▇▇.", reading=Reading.CLEAR,
    )  # fmt: skip
    make_debt(contribution=said, owner=editor, due=-21, waited=57)
    page = signed_in(editor).get(reverse("waiting")).content.decode()
    assert "Trap bij de kade" in page and "3 weken te laat" in page and "57 dagen" in page
    assert "Ik kom er niet langs. Bel ▇▇▇." in page and "12345678" not in page


def test_a_viewer_reads_no_words_of_residents(area, other_area, editor, viewer):
    topic = make_topic("question:9", area=area, title="Trap bij de kade")
    said = make_contribution(topic, text="Ik kom er niet langs.", reading=Reading.CLEAR)
    make_debt(contribution=said, owner=editor)
    make_membership(viewer, "editor", other_area)  # a large role elsewhere changes nothing here
    for url in (reverse("waiting"), reverse("topic", args=[topic.pk])):
        assert "Ik kom er niet langs." in signed_in(editor).get(url).content.decode()
        page = signed_in(viewer).get(url).content.decode()
        assert "Trap bij de kade" in page and "Ik kom er niet langs." not in page


@pytest.mark.parametrize("reading", [Reading.UNREAD, Reading.SENSITIVE])
def test_board_repeats_nothing_that_was_not_read_and_clear(reading, area, editor):
    said = make_contribution(make_topic(area=area), text="Een geheim.", reading=reading)
    make_debt(contribution=said, owner=editor)
    assert "geheim" not in signed_in(editor).get(reverse("waiting")).content.decode()


def test_board_hides_other_areas_but_not_what_i_owe(area, other_area, viewer):
    make_debt(make_topic(area=other_area, title="Ver weg"))
    make_debt(make_topic(area=other_area, title="Van mij"), owner=viewer)
    page = signed_in(viewer).get(reverse("waiting")).content.decode()
    assert "Ver weg" not in page and "Van mij" in page


@pytest.mark.parametrize("name", ["source", "area", "owner"])
def test_a_filter_says_whom_it_leaves_out_and_how_many_are_late(name, area, next_area, editor):
    user = make_user("editor", next_area.parent)
    make_debt(make_topic(area=next_area, source="survey:2"), due=-4, owner=editor)
    shown = make_debt(make_topic(area=area), owner=user)
    value = {"source": shown.topic.source, "area": area.pk, "owner": user.pk}[name]
    page = squeezed(signed_in(user).get(reverse("waiting"), {name: value}).content.decode())
    assert "1 wachtende staat er niet bij" in page and "1 van hen langer dan beloofd" in page
    assert '<div class="late"><b class="num">1</b>' in page  # the figure on top still counts them


def test_everyone_answered_lights_the_street(area, editor):
    make_debt(make_topic(area=area), state=Owed.SENT)
    page = signed_in(editor).get(reverse("waiting")).content.decode()
    assert "Iedereen heeft antwoord." in page and "nabij-street" in page


@pytest.mark.parametrize("group", board.GROUP_COLUMNS)
def test_board_by_group_takes_a_bounded_number_of_queries(group, area, editor, django_assert_max_num_queries):
    make_promise(owner=editor)
    for number in range(12):
        make_debt(make_topic(area=area), owner=editor, due=number)
    client = signed_in(editor)
    client.get(reverse("waiting"))
    with django_assert_max_num_queries(16):
        assert client.get(reverse("waiting"), {"by": group}).status_code == 200


@pytest.mark.parametrize("after", ["", "x", "2026-13-40~1", "2026-05-01~", "2026-05-01~abc", "~"])
def test_a_mangled_address_shows_the_first_page(after, area, editor):
    make_debt(make_topic(area=area, title="Hier"), owner=editor)
    assert "Hier" in signed_in(editor).get(reverse("waiting"), {"after": after}).content.decode()


def test_an_unknown_arrangement_is_not_there(area, editor):
    assert signed_in(editor).get(reverse("waiting"), {"by": "colour"}).status_code == 404


def test_next_page_goes_on_where_this_one_ends(area, editor, monkeypatch):
    monkeypatch.setattr(board, "BOARD_PAGE_SIZE", 2)
    for number in range(3):
        make_debt(make_topic(area=area, title=f"Onderwerp {number}"), owner=editor, due=number)
    client = signed_in(editor)
    first = client.get(reverse("waiting"))
    second = client.get(first.context["next_url"]).content.decode()
    assert "Onderwerp 2" in second and "Onderwerp 0" not in second


@pytest.mark.parametrize(("role", "writes"), [("viewer", False), ("coordinator", False), ("editor", True)])
def test_only_who_may_write_an_answer_is_led_there(role, writes, request, area, editor):
    colleague = request.getfixturevalue(role)
    topic = make_debt(make_topic(area=area), owner=editor).topic
    for page in (reverse("waiting"), reverse("topic", args=[topic.pk])):
        assert (reverse("followup_new") in signed_in(colleague).get(page).content.decode()) is writes
