"""Statements and suspect responses: a colleague decides what counts and what is shown."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import Event, User
from core.errors import InvalidTransition
from surveys.answering.services.answer import update_counters
from surveys.models import Channel, Response, Statement, Survey
from surveys.states import StatementState, Suspicion

# Suspect responses: a colleague decides whether they count. Nothing is dropped, and everybody is answered.


_DECIDE_BATCH_SIZE = 200
"""Responses per transaction, so that residents who answer meanwhile hardly wait."""


@dataclass(frozen=True)
class Suspects:
    """Finished responses of one day and channel, flagged for one reason: `out` are excluded, `counted` count."""

    reason: str
    day: date
    channel: Channel
    out: int
    counted: int

    @property
    def why(self) -> str:
        return str(Suspicion(self.reason).label)


def suspects(survey: Survey) -> list[Suspects]:
    """Flagged responses grouped by reason, day and channel, newest day first. Contains no identities or answers."""
    flagged = survey.responses.exclude(suspect_reason="").exclude(layers_done=[]).filter(withdrawn_on=None)
    found: Counter[tuple[date, str, int, bool]] = Counter(
        flagged.values_list("day", "suspect_reason", "channel", "is_suspect")
    )
    channels = survey.channels.in_bulk()
    groups = sorted({key[:3] for key in found}, key=lambda key: (-key[0].toordinal(), key[1:]))
    return [
        Suspects(
            reason=reason,
            day=day,
            channel=channels[channel],
            out=found[day, reason, channel, True],
            counted=found[day, reason, channel, False],
        )
        for day, reason, channel in groups
    ]


def decide_suspects(
    *, survey: Survey, reason: str, day: date, channel: Channel, counts: bool, by: User
) -> int:
    """Let a group count, or exclude it. Returns how many changed. Idempotent."""
    group = survey.responses.filter(suspect_reason=reason, day=day, channel=channel, is_suspect=counts)
    pks = list(group.order_by("pk").values_list("pk", flat=True))
    changed = sum(
        _decide(pks[first : first + _DECIDE_BATCH_SIZE], is_suspect=not counts)
        for first in range(0, len(pks), _DECIDE_BATCH_SIZE)
    )
    what, way = Suspicion(reason), channel.name
    if changed and counts:
        Event.log("let_count", survey, by=by, number=changed, what=what, way=way)
    elif changed:
        Event.log("kept_out", survey, by=by, number=changed, what=what, way=way)
    return changed


@transaction.atomic
def _decide(pks: list, *, is_suspect: bool) -> int:
    responses = Response.objects.select_for_update().filter(pk__in=pks).exclude(is_suspect=is_suspect)
    found = list(responses.order_by("pk"))
    for response in found:
        response.is_suspect = is_suspect
        if response.counted:
            (epoch, *_where), keys = response.counted
            update_counters(response, epoch=epoch, keys=keys)
        response.save(update_fields=["is_suspect", "counted"])
    return len(found)


# A colleague reads statements of neighbours, and lets them through or refuses them.


@transaction.atomic
def decide_statements(*, survey: Survey, statements: Iterable[int], through: bool, by: User) -> int:
    """Returns how many were decided. Skips those that a colleague decided the same way meanwhile, or that are
    gone.

    Limited to what this user may read: deciding requires reading.
    """
    state = StatementState.THROUGH if through else StatementState.REFUSED
    found = Statement.objects.filter(pk__in=statements, question__layer__survey=survey).decidable_by(by)
    done = 0
    for statement in found.filter(contribution__withdrawn_on=None).order_by("pk"):
        try:
            statement.move(state, decided_by=by, decided_on=timezone.localdate())
        except InvalidTransition:
            continue
        done += 1
    if done and through:
        Event.log("let statements through", survey, by=by, number=done)
    elif done:
        Event.log("kept statements back", survey, by=by, number=done)
    return done
