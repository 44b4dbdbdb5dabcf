"""Suspect responses: a colleague decides whether they count. Nothing is dropped, and everybody is answered."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import Event, User
from surveys.answering.services.answer import count
from surveys.models import Channel, Response, Survey
from surveys.states import Suspicion

_AT_A_TIME = 200
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
    """Flagged responses in groups, last day first. Never who, and never what they said."""
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
        _decide(pks[first : first + _AT_A_TIME], is_suspect=not counts)
        for first in range(0, len(pks), _AT_A_TIME)
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
            count(response, epoch=epoch, keys=keys)
        response.save(update_fields=["is_suspect", "counted"])
    return len(found)
