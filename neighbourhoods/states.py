"""Choices and state transitions: roles, levels, kinds of areas, backing, imports and trajectories."""

from datetime import date
from enum import IntEnum
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    DISTRICT = "district", _("district")
    NEIGHBOURHOOD = "neighbourhood", _("neighbourhood")


class Role(models.TextChoices):
    """A role applies in an area and everything inside it."""

    VIEWER = "viewer", _("viewer")
    BACKER = "backer", _("backer (alderman or team lead)")
    COORDINATOR = "coordinator", _("coordinator")
    EDITOR = "editor", _("editor (civil servant)")
    ADMINISTRATOR = "administrator", _("administrator")


ROLE_DESCRIPTIONS: dict[Role, Any] = {
    Role.VIEWER: _(
        "Sees areas, surveys, results and who waits. Changes nothing, and reads no words of residents."
    ),
    Role.BACKER: _("Sees the same, and signs what they are asked by name to stand behind."),
    Role.COORDINATOR: _(
        "Also reads what people wrote, gets in touch with who offers a hand, and notes talks."
    ),
    Role.EDITOR: _("Also makes surveys, and writes and sends what residents hear back."),
    Role.ADMINISTRATOR: _("Also invites colleagues, imports areas and figures, and changes the settings."),
}


class Power(IntEnum):
    """The rank of a role. Backing is a separate power that no other role implies."""

    VIEWER = 1
    BACKER = 1
    COORDINATOR = 2
    EDITOR = 3
    ADMINISTRATOR = 4


def power(role: str) -> Power:
    return Power[role.upper()]


class Influence(models.TextChoices):
    """The participation ladder (Dutch: participatieladder); the municipality can change the names."""

    INFORM = "inform", _("you are told")
    CONSULT = "consult", _("you are asked")
    ADVISE = "advise", _("your advice weighs in")
    COPRODUCE = "coproduce", _("we make it together")
    DECIDE = "decide", _("you decide with us")


class BackingState(models.TextChoices):
    REQUESTED = "requested", _("asked")
    SIGNED = "signed", _("backed")
    DECLINED = "declined", _("not backed")
    WITHDRAWN = "withdrawn", _("withdrawn")


# state -> the states it may go to
BACKING_TRANSITIONS: dict[str, frozenset[str]] = {
    BackingState.REQUESTED: frozenset({BackingState.SIGNED, BackingState.DECLINED, BackingState.WITHDRAWN}),
    BackingState.SIGNED: frozenset({BackingState.WITHDRAWN}),
    BackingState.DECLINED: frozenset(),
    BackingState.WITHDRAWN: frozenset(),
}


class ImportKind(models.TextChoices):
    BORDERS = "borders", _("borders")
    FIGURES = "figures", _("figures")
    POSTCODES = "postcodes", _("postcodes")


class FileState(models.TextChoices):
    """The state of an imported file."""

    READING = "reading", _("being read")
    PREVIEWED = "previewed", _("waiting for a decision")
    WRITING = "writing", _("being written")
    APPLIED = "applied", _("carried out")
    REFUSED = "refused", _("can't be read")
    DROPPED = "dropped", _("dropped")
    UNDONE = "undone", _("undone")


# A job reads and writes; a person decides in between. Changed choices lead to reading again.
FILE_TRANSITIONS: dict[str, frozenset[str]] = {
    FileState.READING: frozenset({FileState.PREVIEWED, FileState.REFUSED, FileState.DROPPED}),
    FileState.PREVIEWED: frozenset({FileState.READING, FileState.WRITING, FileState.DROPPED}),
    FileState.WRITING: frozenset({FileState.APPLIED, FileState.PREVIEWED, FileState.REFUSED}),
    FileState.APPLIED: frozenset({FileState.UNDONE}),
    FileState.REFUSED: frozenset(),
    FileState.DROPPED: frozenset(),
    FileState.UNDONE: frozenset(),
}


class Nature(models.TextChoices):
    """What kind of number a figure is, which determines how it is aggregated."""

    COUNT = "count", _("a count")
    PERCENTAGE = "percentage", _("a percentage")
    AVERAGE = "average", _("an average")
    ESTIMATE = "estimate", _("a modelled estimate")


SCORE_NATURES = frozenset({Nature.AVERAGE, Nature.ESTIMATE})
"""Natures that are a score when there is no unit."""


class Gap(models.TextChoices):
    """Why there is no figure. CBS uses “.” and empty, -99997, -99995, -99991."""

    MISSING = "missing", _("not in the file")
    SECRET = "secret", _("kept secret, too few people")
    LATER = "later", _("not there yet")
    ENDED = "ended", _("no longer published")


class PartyKind(models.TextChoices):
    RESIDENTS = "residents", _("residents together")
    ORGANISATION = "organisation", _("organisation")
    ENTREPRENEUR = "entrepreneur", _("entrepreneur")
    MUNICIPALITY = "municipality", _("municipality")


class PlaceKind(models.TextChoices):
    MEETING = "meeting", _("to meet")
    GREEN = "green", _("green and play")
    SPORT = "sport", _("sport")
    SCHOOL = "school", _("school and childcare")
    CARE = "care", _("care and help")
    FAITH = "faith", _("faith")
    SHOP = "shop", _("shop or café")
    OTHER = "other", _("something else")


class KeyPersonKind(models.TextChoices):
    """How a key person knows the neighbourhood. Kinds without a key person are reported as missing."""

    RESIDENT = "resident", _("lives here")
    SCHOOL = "school", _("school and childcare")
    CARE = "care", _("care and help")
    HOUSING = "housing", _("housing: caretaker, corporation")
    ASSOCIATION = "club", _("club, sport or association")
    FAITH = "faith", _("faith")
    SHOP = "shop", _("shop or café")
    STREET = "street", _("the street: police, green, cleaning")
    OTHER = "other", _("something else")


class GovernmentRole(models.TextChoices):
    """The role of the municipality in an initiative (Dutch: overheidsparticipatietrap, Rob, 2012)."""

    REGULATE = "regulate", _("regulate")
    DIRECT = "direct", _("direct")
    STIMULATE = "stimulate", _("encourage")
    FACILITATE = "facilitate", _("make possible")
    LET_GO = "let_go", _("let go")


class Phase(models.TextChoices):
    """The policy phase of a trajectory (Wet versterking participatie op decentraal niveau)."""

    PREPARATION = "preparation", _("preparing a decision")
    EXECUTION = "execution", _("carrying it out")
    EVALUATION = "evaluation", _("looking back")


class Step(models.IntegerChoices):
    """The steps of a trajectory, from mandate to look back."""

    MANDATE = 0, _("mandate and owner")
    DESK_PROFILE = 1, _("what the figures say")
    INVENTORY = 2, _("who and what is there already")
    PROMISE = 3, _("the plan, and what we promise")
    POLL = 4, _("the survey, layer 1")
    DEEPENING = 5, _("going deeper per theme")
    TALK_BACK = 6, _("talking back with residents")
    APPROACH = 7, _("choosing the approach")
    FEEDBACK = 8, _("everybody hears what happened")
    START = 9, _("matching and starting")
    REPORT = 10, _("the final report")
    EVALUATION = 11, _("looking back after 6 to 12 months")


# Step -> the step that must be done first. These required steps and the mandate can't be skipped.
REQUIRED_STEPS: dict[Step, Step] = {
    Step.POLL: Step.PROMISE,
    Step.APPROACH: Step.TALK_BACK,
    Step.REPORT: Step.FEEDBACK,
}
UNSKIPPABLE_STEPS = frozenset({Step.MANDATE, *REQUIRED_STEPS.values()})


class Reopening(NamedTuple):
    """When and why a closed object was reopened; `why` per language. `why` is empty if an owed answer did it."""

    on: date
    why: dict[str, str]

    @classmethod
    def last_of(cls, entries: list[dict[str, Any]]) -> "Reopening | None":
        """The newest entry of a column with [{on, why}]; None if it is empty."""
        return cls(date.fromisoformat(entries[-1]["on"]), entries[-1]["why"]) if entries else None

    def as_json(self) -> dict[str, Any]:
        return {"on": self.on.isoformat(), "why": self.why}


class StepState(models.TextChoices):
    TODO = "todo", _("to do")
    DOING = "doing", _("under way")
    DONE = "done", _("done")
    SKIPPED = "skipped", _("left out")


STEP_TRANSITIONS: dict[str, frozenset[str]] = {
    StepState.TODO: frozenset({StepState.DOING, StepState.DONE, StepState.SKIPPED}),
    StepState.DOING: frozenset({StepState.TODO, StepState.DONE, StepState.SKIPPED}),
    StepState.DONE: frozenset({StepState.DOING}),
    StepState.SKIPPED: frozenset({StepState.TODO}),
}


class TalkBackKind(models.TextChoices):
    MEETING = "meeting", _("a meeting")
    ROUND = "round", _("a short reaction round")
