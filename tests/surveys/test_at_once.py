"""An answer, and a survey that is changed, published, closed or handed on in the same second."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from accounts.models import Contact, Receipt, User
from accounts.states import ReceiptPurpose
from feedback.answers.services import promises
from feedback.contributions.services import closing
from feedback.models import AnswerOwed, Promise
from neighbourhoods.colleagues import services as colleagues
from neighbourhoods.models import Backing
from neighbourhoods.states import BackingState, Role
from surveys.answering.services import answer, beginning
from surveys.builder.services import draft, publish
from surveys.builder.services.keeping import save_processing_record
from surveys.invitations.services import invitations
from surveys.models import AddressList, Response, Survey
from surveys.opening.services import running
from surveys.results.services.recount import recount_survey
from surveys.states import VersionKind
from tests.at_once import BOTH_WAYS, Action, let_meet
from tests.feedback.factories import (
    make_debt,
    make_topic,
    today,
)
from tests.people import make_user
from tests.surveys.drafts import NOTES, back, make_published
from tests.surveys.polls import make_survey

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]

_number = count(9_000)


def about_to_finish(survey: Survey) -> tuple[Response, Action]:
    """A resident who has one question to go."""
    channel = survey.channels.get()
    begun = beginning.begin_participation(
        channel=channel, submit_key=f"{next(_number):032d}", language="nl", respondent="resident"
    )

    def choose(question) -> Any:
        chosen = {str(question.pk): str(question.options.first().pk)}
        return answer.save_page(
            under_way={begun.response.pk: 1.0},
            code=channel.code,
            question_id=str(question.pk),
            read=lambda page: chosen,
        )

    *questions, last = survey.layers.get(is_first=True).questions.order_by("order")
    for question in questions:
        choose(question)
    return begun.response, lambda: choose(last)


@pytest.fixture
def finishing(area):
    """A resident finishes the first layer while the desk does something to the survey."""

    def meet_by(
        make_other: Callable[[Survey], Action], *, turned: bool, is_refused: bool = True, versions: int = 1
    ) -> None:
        answered: list[tuple[Survey, Response]] = []

        def make() -> tuple[Action, Action]:
            survey = make_survey(areas=[area], owner=make_user(Role.EDITOR, area), questions=2)
            response, finish = about_to_finish(survey)
            answered.append((survey, response))
            return finish, make_other(survey)

        def check() -> None:
            survey, response = answered[-1]
            assert recount_survey(survey) == []
            promise = Promise.objects.get(subject=survey.subject)
            owed = AnswerOwed.objects.filter(receipt=response.receipt_id)
            response.refresh_from_db()
            assert owed.exists() is bool(response.layers_done)
            assert response.layers_done or is_refused, "Their answers were lost."
            assert response.version_id == survey.current_id, "They stay on the version they began with."
            assert survey.versions.count() == versions
            assert not owed.exclude(due_on=promise.due_on, owner=promise.owner_id).exists()
            assert promise.owner.is_active

        let_meet(make, check, turned=turned)

    return meet_by


@BOTH_WAYS
def test_the_survey_closes(finishing, editor, turned):
    """Who pressed before it closed is counted and owed an answer; the last public table may be without them."""
    finishing(lambda survey: lambda: running.close_survey(survey=survey, by=editor), turned=turned)


@BOTH_WAYS
def test_the_promise_moves(finishing, editor, turned):
    def make_other(survey: Survey) -> Action:
        promise = Promise.objects.get(subject=survey.subject)
        return lambda: promises.move_promise(
            promise=promise, due_on=today(60), reason={"nl": "x"}, by=editor, seen=promise.due_on
        )

    finishing(make_other, turned=turned)


@BOTH_WAYS
def test_the_owner_leaves(finishing, area, administrator, turned):
    def make_other(survey: Survey) -> Action:
        to = make_user(Role.EDITOR, area)

        def leave() -> None:
            closing.hand_over_all_work(owner=survey.owner, to=to, by=administrator)
            colleagues.deactivate(user=survey.owner, by=administrator)

        return leave

    finishing(make_other, turned=turned)


@BOTH_WAYS
def test_debts_are_handed_to_somebody_who_leaves(area, editor, administrator, turned):
    def make() -> tuple[Action, Action]:
        to, debt = make_user(Role.EDITOR, area), make_debt(make_topic(area=area), owner=editor)
        mine = AnswerOwed.objects.filter(pk=debt.pk)
        return (
            lambda: closing.hand_over_debts(owed=mine, to=to, by=editor),
            lambda: colleagues.deactivate(user=to, by=administrator),
        )

    let_meet(make, nobody_waits_for_who_left, turned=turned)


def nobody_waits_for_who_left() -> None:
    assert not AnswerOwed.objects.waiting().filter(owner__is_active=False).exists()


# --- publishing -------------------------------------------------------------------------------


@pytest.fixture
def nothing_lacks(monkeypatch):
    """What is still missing is read, never written, and told elsewhere."""
    monkeypatch.setattr(publish, "publish_blockers", lambda survey, on: [])


def reword(survey: Survey, by: User) -> None:
    first = survey.layers.get(is_first=True).questions.earliest("order")
    words = draft.QuestionWords(texts={"text": "Wat komt eerst?"}, fields={})
    draft.change_question(question=first, language="nl", filled_in=words, by=by)


def again(survey: Survey, kind: str, by: User) -> Action:
    seen = Survey.objects.get(pk=survey.pk).revision
    return lambda: publish.publish_again(survey=survey, kind=kind, seen=seen, by=by)


def test_two_publish_the_same_draft(area, editor, nothing_lacks):
    drafts: list[Survey] = []

    def make() -> tuple[Action, Action]:
        survey = make_survey(areas=[area], owner=editor, questions=1)
        Survey.objects.filter(pk=survey.pk).update(state="draft", current=None, opened_at=None)
        survey.versions.all().delete()
        survey.channels.all().delete()
        Promise.objects.all().delete()
        save_processing_record(survey=survey, fields=NOTES, by=editor)
        drafts.append(survey)
        return (lambda: publish.publish_survey(survey=survey, by=editor),) * 2

    def check() -> None:
        survey = Survey.objects.get(pk=drafts[-1].pk)
        assert (survey.state, survey.current) == ("published", survey.versions.get())
        assert survey.channels.count() == Promise.objects.count() == 1

    let_meet(make, check)


def test_two_publish_the_same_changes(area, editor, nothing_lacks):
    running_ones: list[Survey] = []

    def make() -> tuple[Action, Action]:
        survey = make_survey(areas=[area], owner=editor, questions=1)
        reword(survey, editor)
        running_ones.append(survey)
        return (again(survey, VersionKind.MEANING, editor),) * 2

    def check() -> None:
        survey = Survey.objects.get(pk=running_ones[-1].pk)
        assert sorted(survey.versions.values_list("number", flat=True)) == [1, 2]
        assert survey.coming == survey.versions.first() != survey.current
        questions = survey.layers.get(is_first=True).questions
        assert (questions.count(), questions.filter(retired=True).count()) == (2, 1)

    let_meet(make, check)


@BOTH_WAYS
def test_it_closes_while_changes_are_published(area, editor, nothing_lacks, turned):
    closing: list[Survey] = []

    def make() -> tuple[Action, Action]:
        survey = make_survey(areas=[area], owner=editor, questions=1)
        reword(survey, editor)
        closing.append(survey)
        return lambda: running.close_survey(survey=survey, by=editor), again(
            survey, VersionKind.MEANING, editor
        )

    def check() -> None:
        survey = Survey.objects.get(pk=closing[-1].pk)
        assert (survey.state, survey.coming, survey.current.number) == ("closed", None, 1)

    let_meet(make, check, turned=turned)


@pytest.mark.parametrize("kind", [VersionKind.COSMETIC, VersionKind.MEANING])
@BOTH_WAYS
def test_changes_are_published(finishing, editor, nothing_lacks, kind, turned):
    def make_other(survey: Survey) -> Action:
        reword(survey, editor)
        return again(survey, kind, editor)

    finishing(make_other, turned=turned, is_refused=False, versions=2)


@BOTH_WAYS
def test_another_version_goes_live(finishing, editor, backer, nothing_lacks, turned):
    def make_other(survey: Survey) -> Action:
        reword(survey, editor)
        again(survey, VersionKind.MEANING, editor)()
        back(survey, backer=backer, by=editor)
        return lambda: running.make_version_current(survey=survey, by=editor)

    finishing(make_other, turned=turned, is_refused=False, versions=2)


# --- opening ----------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["take_back", "publish"])
@BOTH_WAYS
def test_it_opens_with_the_text_that_was_signed_or_not_at_all(
    area, editor, backer, nothing_lacks, other, turned
):
    opening: list[Survey] = []

    def make() -> tuple[Action, Action]:
        survey = make_published(areas=[area], by=editor)
        back(survey, backer=backer, by=editor)
        reword(survey, editor)
        opening.append(survey)
        mine = Survey.objects.get(pk=survey.pk)
        change = again(survey, VersionKind.MEANING, editor)
        return (
            lambda: running.open_survey(survey=mine, by=editor),
            change if other == "publish" else lambda: publish.return_to_draft(survey=survey, by=editor),
        )

    def check() -> None:
        survey = Survey.objects.get(pk=opening[-1].pk)
        assert survey.state != "open" or running.backing_of(survey.current)

    let_meet(make, check, turned=turned)


# --- asking a backer --------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["ask", "take_back"])
@BOTH_WAYS
def test_a_backer_is_asked(area, editor, backer, other, turned):
    surveys: list[Survey] = []

    def make() -> tuple[Action, Action]:
        survey = make_survey(areas=[area], owner=editor, questions=2)
        Survey.objects.filter(pk=survey.pk).update(state="published", opened_at=None)
        survey.refresh_from_db()
        surveys.append(survey)

        def ask() -> Backing:
            return running.ask_backer(
                survey=survey, backer=backer, statement={"nl": "Ja."}, until=today(80), by=editor
            )

        return ask, ask if other == "ask" else lambda: publish.return_to_draft(survey=survey, by=editor)

    def check() -> None:
        survey = surveys[-1]
        survey.refresh_from_db()
        asked = Backing.objects.filter(subject=survey.current.subject, state=BackingState.REQUESTED)
        assert asked.count() == (1 if survey.state == "published" else 0)

    let_meet(make, check, turned=turned)


# --- lists of addresses -----------------------------------------------------------------------


def make_list(survey: Survey) -> AddressList:
    return invitations.create_address_list(
        survey=survey, name="Panel", content=b"", pasted="a@example.nl", origin="uw aanmelding", basis="consent",
        area=None, by=survey.owner,
    )  # fmt: skip


def test_two_lists_with_the_same_address_are_taken(area, editor):
    surveys: list[Survey] = []

    def make() -> tuple[Action, Action]:
        survey = make_survey(areas=[area], owner=editor, questions=1)
        surveys.append(survey)
        one, other = make_list(survey), make_list(survey)
        return (
            lambda: invitations.create_invitations(addresses=one, by=editor),
            lambda: invitations.create_invitations(addresses=other, by=editor),
        )

    def check() -> None:
        invited = Contact.objects.filter(receipt__invitation__list__channel__survey=surveys[-1])
        assert invited.count() == 1

    let_meet(make, check)


@BOTH_WAYS
def test_a_list_is_destroyed_while_it_is_taken(area, editor, turned):
    def make() -> tuple[Action, Action]:
        found = make_list(make_survey(areas=[area], owner=editor, questions=1))
        again = AddressList.objects.get(pk=found.pk)
        return (
            lambda: invitations.destroy_address_list(addresses=found, by=editor),
            lambda: invitations.create_invitations(addresses=again, by=editor),
        )

    def check() -> None:
        assert not Contact.objects.exists()
        left = Receipt.objects.filter(purpose=ReceiptPurpose.INVITATION)
        assert not left.filter(invitation=None).exists(), "nothing would ever erase them"

    let_meet(make, check, turned=turned)
