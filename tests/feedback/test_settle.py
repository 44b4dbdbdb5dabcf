"""What colleagues do by hand: hand over, answer in person, waive, and move a promise."""

import pytest
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.answers.services import promises, replies
from feedback.answers.services.board import answers_owed
from feedback.contributions.services import closing
from feedback.models import AnswerOwed, FollowUp, Promise
from feedback.private import services as private
from feedback.states import OWED_TRANSITIONS, Owed
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_follow_up, make_promise, make_topic, today
from tests.feedback.journey import answer
from tests.people import make_user, signed_in

ALL = AnswerOwed.objects.all


@pytest.fixture
def colleague(area):
    return make_user(Role.EDITOR, area, title="the colleague")


@pytest.fixture
def debt(area, editor):
    return make_debt(make_topic(area=area), owner=editor)


# --- services: which state goes where ----------------------------------------------------------


@pytest.mark.parametrize("state", Owed)
def test_only_what_waits_is_settled(state, area, editor):
    debt = make_debt(make_topic(area=area), owner=editor, state=state)
    for goal, settle_it in (
        (Owed.PUBLISHED, lambda: closing.answer_in_person(owed=ALL(), note="Called.", by=editor)),
        (Owed.WAIVED, lambda: closing.waive(owed=ALL(), reason="Asked twice.", by=editor)),
    ):
        AnswerOwed.objects.filter(pk=debt.pk).update(
            state=state, settled_at=debt.settled_at, reason=debt.reason
        )
        if state == Owed.OPEN:
            assert goal in OWED_TRANSITIONS[state] and settle_it() == 1
        else:
            with pytest.raises(InvalidTransition):
                settle_it()


@pytest.mark.parametrize("words", ["", "   "])
def test_nothing_is_settled_without_words(words, debt, editor):
    for action, name in ((closing.waive, "reason"), (closing.answer_in_person, "note")):
        with pytest.raises(DomainError):
            action(owed=ALL(), by=editor, **{name: words})
    debt.refresh_from_db()
    assert debt.state == Owed.OPEN


def test_handing_over_keeps_the_date_and_leaves_a_line(debt, editor, colleague):
    due = debt.due_on
    assert closing.hand_over_debts(owed=ALL(), to=colleague, by=editor) == 1
    debt.refresh_from_db()
    assert (debt.owner, debt.due_on) == (colleague, due)
    assert Event.objects.about(debt.topic).get().verb == "handed over"


def test_handing_over_to_somebody_elsewhere_is_refused(debt, editor, stranger):
    with pytest.raises(DomainError, match="stranger"):
        closing.hand_over_debts(owed=ALL(), to=stranger, by=editor)


def test_handing_over_what_was_answered_meanwhile_says_so(debt, editor, colleague):
    debt.move(Owed.PUBLISHED)
    with pytest.raises(InvalidTransition):
        closing.hand_over_debts(owed=ALL(), to=colleague, by=editor)


def test_who_owes_answers_has_duties_until_they_are_handed_over(debt, editor, colleague):
    make_promise(owner=editor)
    make_follow_up(owner=editor)
    assert [duty.count for duty in answers_owed(editor)] == [1, 1]
    assert closing.hand_over_all_work(owner=editor, to=colleague, by=editor) == 1
    assert answers_owed(editor) == []
    assert FollowUp.objects.get().owner == Promise.objects.get().owner == colleague


def test_moving_a_promise_moves_who_waits_and_keeps_the_first_date(debt, editor):
    promise = make_promise(owner=editor)
    reopened = make_debt(debt.topic, due=3, reopened=1)
    moved = promises.move_promise(
        promise=promise, due_on=today(60), reason={"nl": "De raad stelt uit."}, by=editor, seen=promise.due_on
    )
    debt.refresh_from_db()
    reopened.refresh_from_db()
    assert moved == 1 and debt.due_on == today(60) == promise.due_on
    assert promise.first_due_on == today(30) and reopened.due_on == today(3)


@pytest.mark.parametrize(
    ("due", "reason"), [(0, {"nl": "x"}), (-1, {"nl": "x"}), (30, {"nl": "x"}), (60, {}), (60, {"nl": " "})]
)
def test_a_promise_moves_forward_and_with_a_reason(due, reason, editor):
    promise = make_promise(owner=editor)
    with pytest.raises(DomainError):
        promises.move_promise(
            promise=promise, due_on=today(due), reason=reason, by=editor, seen=promise.due_on
        )


def test_two_who_move_a_promise_are_told_of_each_other(editor):
    promise = make_promise(owner=editor)
    seen = promise.due_on
    move = {"promise": promise, "reason": {"nl": "De raad stelt uit."}, "by": editor, "seen": seen}
    promises.move_promise(due_on=today(60), **move)
    with pytest.raises(InvalidTransition):
        promises.move_promise(due_on=today(70), **move)


# --- pages ------------------------------------------------------------------------------------

ACTIONS = {
    "topic_in_person": {"note": "Gebeld: de trap komt in mei."},
    "topic_waive": {"reason": "Dubbel gesteld."},
    "topic_hand_over": {},
}


@pytest.fixture(params=ACTIONS)
def action(request, debt, colleague):
    """(url, data) of an action for everybody who waits for one topic."""
    data = {"who": "all", "to": str(colleague.pk)} | ACTIONS[request.param]
    return reverse(request.param, args=[debt.topic_id]), data


def test_get_does_nothing(action, editor):
    assert signed_in(editor).get(action[0]).status_code == 405


def test_a_stranger_finds_nothing(action, stranger):
    assert signed_in(stranger).post(*action).status_code == 404


def test_a_viewer_may_not(action, viewer):
    assert signed_in(viewer).post(*action).status_code == 403


def test_an_editor_of_another_area_may_not_though_seeing_it(action, debt, other_area):
    user = make_user(Role.EDITOR, other_area)
    make_user_see = make_debt(debt.topic, owner=user, state=Owed.SENT)
    assert make_user_see.owner == user
    assert signed_in(user).post(*action).status_code == 403


def test_happy_and_then_twice(action, debt, editor, colleague):
    client = signed_in(editor)
    assert client.post(*action).status_code == 302
    debt.refresh_from_db()
    assert debt.state != Owed.OPEN or debt.owner == colleague
    again = client.post(*action)
    assert again.status_code in (422, 403)  # nothing waits any more, or nothing of theirs


@pytest.mark.parametrize(
    "data",
    [{}, {"who": "ticked"}, {"who": "ticked", "debt": "999"}, {"who": "all"}, {"who": "x", "note": "y"}],
)
def test_what_lacks_is_said_and_nothing_happens(data, debt, editor):
    url = reverse("topic_in_person", args=[debt.topic_id])
    response = signed_in(editor).post(url, data)
    assert response.status_code == 422 and "nabij-error-summary" in response.content.decode()
    debt.refresh_from_db()
    assert debt.state == Owed.OPEN


def test_only_the_ticked_are_settled_and_what_was_typed_stays(debt, editor):
    other = make_debt(debt.topic, owner=editor)
    url = reverse("topic_in_person", args=[debt.topic_id])
    client = signed_in(editor)
    page = client.post(url, {"who": "ticked", "debt": debt.pk, "note": ""}).content.decode()
    assert f'value="{debt.pk}" checked' in page
    client.post(url, {"who": "ticked", "debt": debt.pk, "note": "Gebeld."})
    assert list(AnswerOwed.objects.waiting()) == [other]


def test_debts_of_another_topic_cannot_be_ticked(debt, editor):
    other = make_debt(make_topic(area=debt.topic.area), owner=editor)
    url = reverse("topic_in_person", args=[debt.topic_id])
    signed_in(editor).post(url, {"who": "ticked", "debt": other.pk, "note": "Gebeld."})
    assert AnswerOwed.objects.waiting().count() == 2


def test_topic_page_has_a_bounded_number_of_queries(debt, editor, django_assert_max_num_queries):
    for number in range(8):
        make_debt(debt.topic, owner=editor, due=number)
    client = signed_in(editor)
    url = reverse("topic", args=[debt.topic_id])
    client.get(url)
    with django_assert_max_num_queries(20):
        assert client.get(url).status_code == 200


def test_owner_page_and_handing_over_everything(debt, editor, colleague, administrator):
    url = reverse("owner_hand_over", args=[editor.pk])
    assert signed_in(colleague).post(url, {"to": colleague.pk}).status_code == 403
    assert "Kies wie het overneemt" in signed_in(administrator).post(url, {}).content.decode()
    assert signed_in(administrator).post(url, {"to": colleague.pk}).status_code == 302
    debt.refresh_from_db()
    assert debt.owner == colleague


def test_owner_without_debts_here_is_not_found(area, editor, stranger):
    assert signed_in(editor).get(reverse("owner", args=[stranger.pk])).status_code == 404
    assert signed_in(editor).get(reverse("owner", args=[editor.pk])).status_code == 200


def test_promise_page_moves_the_date(debt, editor):
    promise = make_promise(owner=editor)
    client = signed_in(editor)
    url = reverse("promise_move", args=[promise.pk])
    data = {
        "seen": promise.due_on.isoformat(),
        "due_on": today(50).isoformat(),
        "reason_nl": "De raad stelt uit.",
        "reason_en": "The council puts it off.",
    }
    assert client.post(url, data | {"reason_en": ""}).status_code == 422
    assert client.post(url, data).status_code == 302
    page = client.get(reverse("promise", args=[promise.pk])).content.decode()
    assert "De raad stelt uit." in page
    # The date on the first screen is not the date any more.
    assert (
        "Een collega verzette deze datum" in client.post(url, data | {"due_on": today(55)}).content.decode()
    )


def test_promise_of_elsewhere_is_not_found(debt, editor, stranger, viewer):
    promise = make_promise(owner=editor)
    url = reverse("promise_move", args=[promise.pk])
    assert signed_in(stranger).post(url, {}).status_code == 404
    assert signed_in(viewer).post(url, {}).status_code == 403


# --- somebody left, and an answer of theirs comes back --------------------------------------------


@pytest.fixture
def promise_of_colleague(area, editor, colleague):
    """The editor answered and left; the colleague holds the promise now."""
    promise = make_promise(owner=colleague)
    return make_debt(make_topic(source=promise.subject, area=area), owner=editor)


def test_a_no_to_an_answer_of_somebody_who_left_waits_for_the_holder_of_the_promise(
    promise_of_colleague, editor, colleague
):
    item = answer(promise_of_colleague, owner=editor)
    editor.lock_out()
    replies.react(item=item, answers_me=False, reason="Wanneer dan?")
    assert set(ALL().values_list("state", "owner")) == {(Owed.OPEN, colleague.pk)}


def test_so_does_what_is_put_back(promise_of_colleague, editor, colleague):
    private.withdraw_receipt(receipt=promise_of_colleague.receipt)
    editor.memberships.all().delete()
    private.undo_withdrawal(receipt=promise_of_colleague.receipt)
    assert set(ALL().values_list("state", "owner")) == {(Owed.OPEN, colleague.pk)}


def test_who_still_works_there_keeps_it(promise_of_colleague, editor):
    replies.react(item=answer(promise_of_colleague, owner=editor), answers_me=False)
    assert set(ALL().values_list("state", "owner")) == {(Owed.OPEN, editor.pk)}
