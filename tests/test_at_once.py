"""Two people in the same second, in every order: nothing doubled, nothing lost, and nobody sees a deadlock."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Receipt, User
from feedback.models import AnswerOwed, Contribution, FollowUp, NamedDebt, Promise
from feedback.services import fan_out, listen, personal, promises, reactions, release, settle
from feedback.services.reckoning import reckon
from feedback.states import FollowUpState, Owed
from initiatives.models import Initiative
from initiatives.services import inventory
from neighbourhoods.errors import DomainError
from neighbourhoods.models import Area, Backing, ParticipationPlan, TalkBack, Trajectory
from neighbourhoods.services import advice, memberships, trajectories
from neighbourhoods.states import BackingState, Phase, Role
from surveys.models import Response, Survey
from surveys.services import answer, draft, participation, publish, running
from surveys.services.keeping import keep
from surveys.services.recount import recount
from surveys.states import VersionKind
from tests.at_once import Deed, every_meeting
from tests.feedback import journey
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
from tests.people import make_theme, make_user
from tests.surveys.drafts import NOTES, back
from tests.surveys.polls import make_survey

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]

_number = count(9_000)
BOTH_WAYS = pytest.mark.parametrize("turned", [False, True], ids=["first", "second"])
REFUSALS = (DomainError, Receipt.DoesNotExist, Response.DoesNotExist)


def let_meet(
    make: Callable[[], tuple[Deed, Deed]], check: Callable[[], Any], *, turned: bool = False
) -> None:
    """Every order; whoever is refused is told so in a sentence, never by an error of the database."""
    for met in every_meeting(lambda: make()[::-1] if turned else make()):
        for error in met.errors.values():
            assert isinstance(error, REFUSALS), f"After statement {met.pause}: {error!r}"
        check()


WAIVED = {"is_waived": True, "waiver_ground": "no-room", "waiver_why": {"nl": "De wet laat geen keuze."}}


def begin(area: Area, by: User) -> Trajectory:
    return trajectories.start_trajectory(
        title=f"Square {next(_number)}", areas=[area], phase=Phase.PREPARATION, owner=by, by=by
    )


class Answer:
    """A draft to three people who wait, one of whom left an address."""

    def __init__(self, area, editor) -> None:
        self.area, self.editor = area, editor
        self.source = f"survey:{next(_number)}"
        self.topic = make_topic("option:1", source=self.source, area=area)
        self.debts = [make_debt(self.topic, receipt=make_receipt(), owner=editor) for _ in range(3)]
        make_contact(self.debts[1].receipt)
        self.follow_up = self.another()

    def another(self) -> FollowUp:
        return make_follow_up(source=self.source, owner=self.editor, areas=[self.area])

    def press(self, follow_up: FollowUp | None = None) -> FollowUp:
        return release.press_release(follow_up=follow_up or self.follow_up, by=self.editor)

    def stop(self) -> FollowUp:
        return release.stop(follow_up=self.follow_up, by=self.editor)

    def end_hold(self) -> None:
        later = timezone.now() + timedelta(hours=1)
        release.end_holds(now=later)
        fan_out.fan_out_released(now=later)

    def erase(self) -> None:
        personal.erase(receipt=self.debts[1].receipt)

    def check(self) -> None:
        self.follow_up.refresh_from_db()
        named = NamedDebt.objects.filter(follow_up=self.follow_up).count()
        if self.follow_up.state == FollowUpState.DRAFT:
            assert (named, self.follow_up.addressed, self.follow_up.erased) == (0, 0, 0)
            assert not self.follow_up.items.exists()
        assert reckon(self.follow_up).is_equal


@pytest.fixture
def meeting(area, editor):
    """What two people do to one answer, by name; checked after every meeting."""

    def meet_by(one: str, other: str, *, on_hold: bool = False, turned: bool = False) -> None:
        worlds: list[Answer] = []

        def make() -> tuple[Deed, Deed]:
            worlds.append(world := Answer(area, editor))
            if on_hold:
                world.press()
            return getattr(world, one), getattr(world, other)

        let_meet(make, lambda: worlds[-1].check(), turned=turned)

    return meet_by


def test_two_press_release(meeting):
    meeting("press", "press")


@BOTH_WAYS
def test_a_reader_erases_while_release_is_pressed(meeting, turned):
    meeting("press", "erase", turned=turned)


@BOTH_WAYS
def test_a_reader_erases_while_it_is_stopped(meeting, turned):
    meeting("stop", "erase", on_hold=True, turned=turned)


@BOTH_WAYS
def test_stopped_in_the_second_the_hold_ends(meeting, turned):
    meeting("stop", "end_hold", on_hold=True, turned=turned)


def test_two_answers_to_the_same_people(area, editor):
    worlds: list[Answer] = []

    def make() -> tuple[Deed, Deed]:
        worlds.append(world := Answer(area, editor))
        other = world.another()
        return world.press, lambda: world.press(other)

    let_meet(make, lambda: named_once(worlds[-1]))


def named_once(world: Answer) -> None:
    assert NamedDebt.objects.filter(owed__in=world.debts).count() == len(world.debts)


# --- reading ----------------------------------------------------------------------------------


@pytest.fixture
def reading(area, editor):
    """Somebody reads a text and gives it two themes, while its writer or a colleague does something else."""
    themes = [make_theme(), make_theme()]

    def meet_by(make_other: Callable[[Contribution, Promise], Deed], *, turned: bool) -> None:
        said: list[Contribution] = []

        def make() -> tuple[Deed, Deed]:
            promise = make_promise(f"survey:{next(_number)}", owner=editor)
            text = make_contribution(
                make_topic("question:9", source=promise.subject, area=area), text="Meer bankjes"
            )
            make_debt(contribution=text, owner=editor)
            make_contact(text.receipt)
            said.append(text)
            return (
                lambda: listen.listen(contribution=text, seen=0, reading="clear", themes=themes, by=editor),
                make_other(text, promise),
            )

        def check() -> None:
            debts = AnswerOwed.objects.filter(contribution=said[-1].pk)
            promise = Promise.objects.get(subject=said[-1].topic.source)
            assert not debts.exclude(due_on=promise.due_on).exists()
            there = Contribution.objects.filter(pk=said[-1].pk).exists()
            assert debts.count() == (2 if there else 0)

        let_meet(make, check, turned=turned)

    return meet_by


@BOTH_WAYS
def test_the_writer_erases_while_the_text_is_read(reading, turned):
    reading(lambda text, promise: lambda: personal.erase(receipt=text.receipt), turned=turned)


@BOTH_WAYS
def test_the_promise_moves_while_a_text_is_split(reading, editor, turned):
    reading(lambda text, promise: lambda: move(promise, editor), turned=turned)


def move(promise: Promise, by: User) -> None:
    promises.move_promise(promise=promise, due_on=today(60), reason={"nl": "x"}, by=by, seen=promise.due_on)


# --- reacting ---------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [False, True], ids=["no", "yes"])
def test_a_reader_reacts_twice_at_once(area, editor, other):
    items: list[Any] = []

    def make() -> tuple[Deed, Deed]:
        topic = make_topic("option:1", source=f"survey:{next(_number)}", area=area)
        item = journey.answer(make_debt(topic, owner=editor), source=topic.source, owner=editor)
        items.append(item)
        return (
            lambda: reactions.react(item=item, answers_me=False, reason="Wanneer?"),
            lambda: reactions.react(item=item, answers_me=other, reason="" if other else "Hoe laat?"),
        )

    def check() -> None:
        owed = AnswerOwed.objects.filter(receipt=items[-1].receipt)
        assert owed.count() <= 2 and owed.filter(reopened__gt=1).count() == 0
        answers_me = items[-1].reaction.answers_me
        assert owed.filter(state=Owed.OPEN).exists() is not answers_me

    let_meet(make, check)


@BOTH_WAYS
def test_a_reader_withdraws_while_they_react(area, editor, turned):
    items: list[Any] = []

    def make() -> tuple[Deed, Deed]:
        topic = make_topic("option:1", source=f"survey:{next(_number)}", area=area)
        item = journey.answer(make_debt(topic, owner=editor), source=topic.source, owner=editor)
        items.append(item)
        return (
            lambda: reactions.react(item=item, answers_me=False, reason="Wanneer?"),
            lambda: personal.withdraw(receipt=item.receipt),
        )

    def check() -> None:
        assert not AnswerOwed.objects.filter(receipt=items[-1].receipt).exclude(state=Owed.WITHDRAWN).exists()

    let_meet(make, check, turned=turned)


# --- what is known of a neighbourhood, and decided there --------------------------------------


@BOTH_WAYS
def test_a_plan_is_published_while_a_colleague_saves_it(area, editor, turned):
    made: list[Trajectory] = []

    def make() -> tuple[Deed, Deed]:
        made.append(begun := begin(area, editor))
        theirs = ParticipationPlan.objects.get(trajectory=begun)
        ParticipationPlan.objects.filter(pk=theirs.pk).update(**WAIVED)
        mine = ParticipationPlan.objects.get(trajectory=begun)
        return (
            lambda: trajectories.save_plan(plan=theirs, fields=WAIVED, why={}, by=editor),
            lambda: trajectories.publish_plan(plan=mine, by=editor),
        )

    def check() -> None:
        plan = ParticipationPlan.objects.get(trajectory=made[-1])
        assert plan.is_published and plan.waiver_why == WAIVED["waiver_why"]

    let_meet(make, check, turned=turned)


def test_two_taps_note_decide_and_count_once(area, editor):
    """Each in one world: an initiative, a meeting, an approach."""
    theme = make_theme("meeting")
    begun: list[Trajectory] = []
    fields = {"area": area, "theme": theme, "party": None, "since": None, "url": "", "description": {}}

    def deed(name: str, trajectory: Trajectory) -> Deed:
        meeting = TalkBack(kind="meeting", on=timezone.localdate(), present=30, support_yes=20)
        advised = advice.advice_for(area).approach

        def tap() -> None:
            inventory.save_initiative(by=editor, name={"nl": name}, **fields)

        def both() -> None:
            trajectories.record_talk_back(trajectory=trajectory, talk_back=meeting, by=editor)
            advice.decide(area=area, trajectory=trajectory, chosen=advised, seen=advised, by=editor)
            tap()

        return both

    def make() -> tuple[Deed, Deed]:
        begun.append(begin(area, editor))
        return deed(f"Soup {len(begun)}", begun[-1]), deed(f"Soup {len(begun)}", begun[-1])

    def check() -> None:
        assert begun[-1].talk_backs.count() == begun[-1].approach_decisions.count() == 1
        assert Initiative.objects.filter(name={"nl": f"Soup {len(begun)}"}).count() == 1

    let_meet(make, check)


# --- answering while the desk does something else --------------------------------------------


def about_to_finish(survey: Survey) -> tuple[Response, Deed]:
    """A resident who has one question to go."""
    channel = survey.channels.get()
    begun = participation.begin(
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
        make_other: Callable[[Survey], Deed], *, turned: bool, is_refused: bool = True, versions: int = 1
    ) -> None:
        answered: list[tuple[Survey, Response]] = []

        def make() -> tuple[Deed, Deed]:
            survey = make_survey(areas=[area], owner=make_user(Role.EDITOR, area), questions=2)
            response, finish = about_to_finish(survey)
            answered.append((survey, response))
            return finish, make_other(survey)

        def check() -> None:
            survey, response = answered[-1]
            assert recount(survey) == []
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
    finishing(lambda survey: lambda: running.close(survey=survey, by=editor), turned=turned)


@BOTH_WAYS
def test_the_promise_moves(finishing, editor, turned):
    def make_other(survey: Survey) -> Deed:
        promise = Promise.objects.get(subject=survey.subject)
        return lambda: move(promise, editor)

    finishing(make_other, turned=turned)


@BOTH_WAYS
def test_the_owner_leaves(finishing, area, administrator, turned):
    def make_other(survey: Survey) -> Deed:
        to = make_user(Role.EDITOR, area)

        def leave() -> None:
            settle.hand_over_everything(owner=survey.owner, to=to, by=administrator)
            memberships.deactivate(user=survey.owner, by=administrator)

        return leave

    finishing(make_other, turned=turned)


@BOTH_WAYS
def test_debts_are_handed_to_somebody_who_leaves(area, editor, administrator, turned):
    def make() -> tuple[Deed, Deed]:
        to, debt = make_user(Role.EDITOR, area), make_debt(make_topic(area=area), owner=editor)
        mine = AnswerOwed.objects.filter(pk=debt.pk)
        return (
            lambda: settle.hand_over(owed=mine, to=to, by=editor),
            lambda: memberships.deactivate(user=to, by=administrator),
        )

    let_meet(make, nobody_waits_for_who_left, turned=turned)


def nobody_waits_for_who_left() -> None:
    assert not AnswerOwed.objects.waiting().filter(owner__is_active=False).exists()


# --- publishing -------------------------------------------------------------------------------


@pytest.fixture
def nothing_lacks(monkeypatch):
    """What is still missing is read, never written, and told elsewhere."""
    monkeypatch.setattr(publish, "lacks", lambda survey, on: [])


def reword(survey: Survey, by: User) -> None:
    first = survey.layers.get(is_first=True).questions.earliest("order")
    words = draft.QuestionWords(texts={"text": "Wat komt eerst?"}, fields={})
    draft.change_question(question=first, language="nl", filled_in=words, by=by)


def again(survey: Survey, kind: str, by: User) -> Deed:
    seen = Survey.objects.get(pk=survey.pk).revision
    return lambda: publish.publish_again(survey=survey, kind=kind, seen=seen, by=by)


def test_two_publish_the_same_draft(area, editor, nothing_lacks):
    drafts: list[Survey] = []

    def make() -> tuple[Deed, Deed]:
        survey = make_survey(areas=[area], owner=editor, questions=1)
        Survey.objects.filter(pk=survey.pk).update(state="draft", current=None, opened_at=None)
        survey.versions.all().delete()
        survey.channels.all().delete()
        Promise.objects.all().delete()
        keep(survey=survey, fields=NOTES, by=editor)
        drafts.append(survey)
        return (lambda: publish.publish(survey=survey, by=editor),) * 2

    def check() -> None:
        survey = Survey.objects.get(pk=drafts[-1].pk)
        assert (survey.state, survey.current) == ("published", survey.versions.get())
        assert survey.channels.count() == Promise.objects.count() == 1

    let_meet(make, check)


def test_two_publish_the_same_changes(area, editor, nothing_lacks):
    running_ones: list[Survey] = []

    def make() -> tuple[Deed, Deed]:
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

    def make() -> tuple[Deed, Deed]:
        survey = make_survey(areas=[area], owner=editor, questions=1)
        reword(survey, editor)
        closing.append(survey)
        return lambda: running.close(survey=survey, by=editor), again(survey, VersionKind.MEANING, editor)

    def check() -> None:
        survey = Survey.objects.get(pk=closing[-1].pk)
        assert (survey.state, survey.coming, survey.current.number) == ("closed", None, 1)

    let_meet(make, check, turned=turned)


@pytest.mark.parametrize("kind", [VersionKind.COSMETIC, VersionKind.MEANING])
@BOTH_WAYS
def test_changes_are_published(finishing, editor, nothing_lacks, kind, turned):
    def make_other(survey: Survey) -> Deed:
        reword(survey, editor)
        return again(survey, kind, editor)

    finishing(make_other, turned=turned, is_refused=False, versions=2)


@BOTH_WAYS
def test_another_version_goes_live(finishing, editor, backer, nothing_lacks, turned):
    def make_other(survey: Survey) -> Deed:
        reword(survey, editor)
        again(survey, VersionKind.MEANING, editor)()
        back(survey, backer=backer, by=editor)
        return lambda: running.go_live(survey=survey, by=editor)

    finishing(make_other, turned=turned, is_refused=False, versions=2)


# --- asking a backer --------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["ask", "take_back"])
@BOTH_WAYS
def test_a_backer_is_asked(area, editor, backer, other, turned):
    surveys: list[Survey] = []

    def make() -> tuple[Deed, Deed]:
        survey = make_survey(areas=[area], owner=editor, questions=2)
        Survey.objects.filter(pk=survey.pk).update(state="published", opened_at=None)
        survey.refresh_from_db()
        surveys.append(survey)

        def ask() -> Backing:
            return running.ask_backer(
                survey=survey, backer=backer, statement={"nl": "Ja."}, until=today(80), by=editor
            )

        return ask, ask if other == "ask" else lambda: publish.take_back(survey=survey, by=editor)

    def check() -> None:
        survey = surveys[-1]
        survey.refresh_from_db()
        asked = Backing.objects.filter(subject=survey.current.subject, state=BackingState.REQUESTED)
        assert asked.count() == (1 if survey.state == "published" else 0)

    let_meet(make, check, turned=turned)
