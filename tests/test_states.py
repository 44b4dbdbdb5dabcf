"""Whatever is in a state goes where its table lets it and nowhere else: every model, from every state to every one."""

import ast
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from accounts.models import User
from core.errors import InvalidTransition
from core.state_model import StateModel
from feedback.models import AnswerOwed, Approval, FollowUp, Incoming, LetterBatch, Message
from feedback.states import (
    IN_HAND_STATES,
    UNSETTLED_STATES,
    ApprovalState,
    BatchState,
    FollowUpState,
    IncomingState,
    Owed,
)
from initiatives.models import Challenge, Initiative, Match, Need, Offer, VolunteerRole
from initiatives.states import (
    CHALLENGE_DECISIONS,
    STANDING_MATCHES,
    Decline,
    InitiativeState,
    MatchState,
    MatchStep,
    NeedState,
    OfferState,
    Side,
)
from neighbourhoods.models import Area, Backing, Import, Trajectory, TrajectoryStep
from neighbourhoods.states import BackingState, FileState, ImportKind, StepState
from surveys.models import (
    AddressList,
    Channel,
    Export,
    LetterRun,
    Mailing,
    PaperRun,
    Question,
    Statement,
    Survey,
)
from surveys.states import ChannelKind, ExportForm, LetterState, StatementState, SurveyState
from tests.feedback.factories import make_contribution, make_debt, make_follow_up, make_incoming, make_message
from tests.house import sources
from tests.initiatives.factories import (
    make_challenge,
    make_idea,
    make_match,
    make_need,
    make_offer,
    make_role,
)
from tests.people import make_backing, make_municipality
from tests.surveys.polls import make_survey

LATER = datetime(2099, 12, 31, 12, tzinfo=UTC)  # later than the row is made
THAT_DAY = LATER.date()
WORDS = {"nl": "Daarom.", "en": "Because."}


def all_but(*states: str) -> set[str]:
    return set(type(states[0])) - set(states)


# What the constraints of a model ask: each field has this value in these states, and is empty in others.
GOES_WITH = {
    AnswerOwed: {"settled_at": (LATER, all_but(Owed.OPEN)), "reason": ("Moot.", {Owed.WAIVED})},
    Approval: {
        "decided_at": (LATER, all_but(ApprovalState.ASKED)),
        "remark": ("A day is missing.", {ApprovalState.SENT_BACK}),
    },
    Backing: {"decided_at": (LATER, all_but(BackingState.REQUESTED))},
    Challenge: {
        "decided_on": (THAT_DAY, CHALLENGE_DECISIONS),
        "decided_by": ("the council", CHALLENGE_DECISIONS),
        "decision": (WORDS, CHALLENGE_DECISIONS),
    },
    Export: {},
    FollowUp: {
        "hold_until": (LATER, all_but(FollowUpState.DRAFT)),
        "released_at": (LATER, all_but(FollowUpState.DRAFT, FollowUpState.HOLD)),
    },
    Import: {
        "decided_at": (LATER, {FileState.APPLIED, FileState.REFUSED, FileState.DROPPED, FileState.UNDONE}),
        "content": (b"a file", {FileState.READING, FileState.PREVIEWED, FileState.WRITING}),
    },
    Incoming: {
        "settled_at": (LATER, all_but(IncomingState.WAITING)),
        "text": ("And when?", {IncomingState.WAITING}),
        "masked_text": ("And when?", {IncomingState.WAITING}),
        "subject": ("Your answer", {IncomingState.WAITING}),
        "from_address": ("resident@example.nl", {IncomingState.WAITING}),
    },
    Initiative: {"public_on": (THAT_DAY, all_but(InitiativeState.IDEA))},
    LetterBatch: {
        "posted_on": (THAT_DAY, {BatchState.POSTED}),
        "taken_at": (LATER, {BatchState.TAKEN, BatchState.POSTED, BatchState.LOST}),
    },
    LetterRun: {"destroyed_on": (THAT_DAY, {LetterState.DESTROYED})},
    Mailing: {},
    Match: {
        "introduced_at": (LATER, {MatchState.INTRODUCED, MatchState.ACTIVE, MatchState.ENDED}),
        "ended_on": (THAT_DAY, {MatchState.ENDED}),
        "declined_by": (Side.VOLUNTEER, {MatchState.DECLINED}),
        "declined_because": (Decline.TIME, {MatchState.DECLINED}),
        "step": (MatchStep.HOW, STANDING_MATCHES),
        "step_on": (THAT_DAY, STANDING_MATCHES),
    },
    Message: {
        "settled_at": (LATER, all_but(*UNSETTLED_STATES)),
        "lease_token": (UUID(int=1), IN_HAND_STATES),
        "lease_until": (LATER, IN_HAND_STATES),
    },
    Need: {"reason": (WORDS, {NeedState.NOT_TAKEN_UP})},
    Offer: {
        "paused_until": (THAT_DAY, {OfferState.PAUSED}),
        "closed_on": (THAT_DAY, {OfferState.CLOSED}),
        "closed_reason": ("Moved house.", {OfferState.CLOSED}),
    },
    PaperRun: {"destroyed_on": (THAT_DAY, {LetterState.DESTROYED})},
    Statement: {"decided_on": (THAT_DAY, all_but(StatementState.WAITING))},
    Survey: {
        "opened_at": (LATER, all_but(SurveyState.DRAFT, SurveyState.PUBLISHED)),
        "closed_at": (LATER, {SurveyState.CLOSED}),
    },
    TrajectoryStep: {"done_on": (THAT_DAY, {StepState.DONE}), "reason": ("Not here.", {StepState.SKIPPED})},
    VolunteerRole: {},
}
# Most initiatives come in a list of what runs; what a resident begins starts as an idea.
BEGINS = {Initiative: {InitiativeState.IDEA}}
# Letters are looked at before they are made; forms on paper, which share their table, are made at once.
NEVER = {PaperRun: {LetterState.LOOKED_AT}}


def below(model: type[StateModel]) -> list[type[StateModel]]:
    """Every model of this sort that has rows."""
    return [one for sub in model.__subclasses__() for one in [sub, *below(sub)] if not one._meta.abstract]


MODELS = below(StateModel)


def goes_with(model: type[StateModel], state: str) -> dict:
    empty = {
        name: None if model._meta.get_field(name).null else model._meta.get_field(name).get_default()
        for name in GOES_WITH[model]
    }
    return empty | {name: value for name, (value, states) in GOES_WITH[model].items() if state in states}


@dataclass
class Here:
    """Where the rows are made."""

    area: Area
    editor: User
    backer: User

    @cached_property
    def survey(self) -> Survey:
        make_municipality()
        return make_survey(areas=[self.area], owner=self.editor)

    @cached_property
    def way(self) -> Channel:
        return Channel.objects.create(survey=self.survey, kind=ChannelKind.PAPER, name="x", code="x")


def approval(here: Here) -> Approval:
    answer = make_follow_up(owner=here.editor)
    return Approval.objects.create(follow_up=answer, digest=answer.digest, asked_of=here.editor)


def mailing(here: Here) -> Mailing:
    addresses = AddressList.objects.create(channel=here.way, origin="the library")
    return Mailing.objects.create(list=addresses, round=0, leaves_at=LATER)


def match(here: Here) -> Match:
    offer = make_offer(here.area)
    return make_match(offer, volunteer_yes_at=LATER, initiative_yes_at=LATER, card=offer.card)


def paper_run(here: Here) -> PaperRun:
    form = {"version": here.survey.current, "language": "nl", "first_number": 1, "forms": 1, "checked": 0}
    return PaperRun.objects.create(channel=here.way, **form)


def statement(here: Here) -> Statement:
    question = Question.objects.filter(layer__survey=here.survey).first()
    return Statement.objects.create(question=question, contribution=make_contribution())


def step(here: Here) -> TrajectoryStep:
    trajectory = Trajectory.objects.create(title="Green", owner=here.editor)
    return TrajectoryStep.objects.create(trajectory=trajectory, number=0)


MAKE = {
    AnswerOwed: lambda here: make_debt(),
    Approval: approval,
    Backing: lambda here: make_backing(area=here.area, backer=here.backer, by=here.editor),
    Challenge: lambda here: make_challenge(here.area),
    Export: lambda here: Export.objects.create(
        survey=here.survey, form=ExportForm.CSV, reason="x", until=LATER
    ),
    FollowUp: lambda here: make_follow_up(),
    Import: lambda here: Import.objects.create(kind=ImportKind.BORDERS, file_name="x"),
    Incoming: lambda here: make_incoming(),
    Initiative: lambda here: make_idea(here.area),
    LetterBatch: lambda here: LetterBatch.objects.create(),
    LetterRun: lambda here: LetterRun.objects.create(channel=here.way),
    Mailing: mailing,
    Match: match,
    Message: lambda here: make_message(),
    Need: lambda here: make_need(),
    Offer: lambda here: make_offer(here.area),
    PaperRun: paper_run,
    Statement: statement,
    Survey: lambda here: here.survey,
    TrajectoryStep: step,
    VolunteerRole: lambda here: make_role(area=here.area),
}


def stored(row: StateModel) -> dict:
    return type(row).objects.values().get(pk=row.pk)


def test_every_model_with_a_table_stands_here():
    assert set(MODELS) == set(GOES_WITH) == set(MAKE)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_state_is_in_the_table_and_can_be_come_to(model):
    field = model._meta.get_field("state")
    assert set(model.TRANSITIONS) == {value for value, _name in field.choices}
    reached, ahead = set(), BEGINS.get(model, {field.get_default()})
    while ahead:
        reached |= ahead
        ahead = {to for state in ahead for to in model.TRANSITIONS[state]} - reached
    assert reached == set(model.TRANSITIONS) - NEVER.get(model, set())


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_move_of_the_table_and_no_other(model, area, editor, backer):
    row = MAKE[model](Here(area, editor, backer))
    for state, to in product(model.TRANSITIONS, repeat=2):
        model.objects.filter(pk=row.pk).update(state=state, **goes_with(model, state))
        before, fields = stored(row), goes_with(model, to)
        if to in model.TRANSITIONS[state]:
            assert row.move(to, **fields) is True, (state, to)
            assert stored(row)["state"] == to, (state, to)
            continue
        if model.TOO_LATE:
            with pytest.raises(InvalidTransition, match=str(model.TOO_LATE)):
                row.move(to, **fields)
        else:
            assert row.move(to, **fields) is False, (state, to)
        assert stored(row) == before, (state, to)


# A withdrawal or a bounce that is taken back returns to the state stored with it, and a form on paper has code of
# its own: it has no table, because its entries are deleted on the way.
SET_BY_HAND = {"put_back", "take_back_bounce"}
WITHOUT_A_TABLE = Path("surveys/paper/services/paper_entry.py")


def updates_of_state(tree: ast.AST) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    updates = [call for call in calls if getattr(call.func, "attr", "") == "update"]
    return [call for call in updates if "state" in [keyword.arg for keyword in call.keywords]]


def test_only_a_move_changes_a_state():
    wrong = []
    for path, code in sources(".py").items():
        tree = ast.parse(code)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        by_hand = [call for one in functions if one.name in SET_BY_HAND for call in updates_of_state(one)]
        if path != WITHOUT_A_TABLE:
            wrong += [f"{path}:{call.lineno}" for call in updates_of_state(tree) if call not in by_hand]
    assert not wrong
