"""The channels of a survey: how many came by each, and closing one."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import Event, User
from surveys.models import AccessCode, AddressList, Channel, DayCount, Invitation, LetterRun, Survey
from surveys.paper.services.paper import address_of
from surveys.paper.ways import RUN_NEXT, WAYS, ChannelAdvice
from surveys.states import ChannelKind


@dataclass(frozen=True)
class WayIn:
    """`used` of `out` codes or links were used; `out` is None if the channel has none."""

    channel: Channel
    way: ChannelAdvice
    address: str
    people: int
    out: int | None = None
    used: int = 0
    run: LetterRun | None = None
    addresses: AddressList | None = None

    @property
    def next_step(self) -> str | Promise:
        if self.channel.closed_on:
            return ""
        return RUN_NEXT.get(self.run.state, self.way.next_step) if self.run else self.way.next_step

    @property
    def is_shared(self) -> bool:
        return self.channel.kind in (ChannelKind.LINK, ChannelKind.PARTNER) and not self.channel.closed_on

    @property
    def is_printed(self) -> bool:
        return not self.channel.invited and self.channel.kind not in (ChannelKind.PHONE, ChannelKind.DOOR)


def ways_in(survey: Survey) -> list[WayIn]:
    """Open channels first. A fixed number of queries, however many codes are out."""
    channels = survey.channels.select_related("area", "run", "addresses").order_by("closed_on", "pk")
    people = dict(DayCount.objects.filter(survey=survey).order_by().values_list("channel").annotate(Sum("n")))
    codes = codes_out(survey)
    return sorted(
        (
            WayIn(
                channel,
                WAYS[channel.kind],
                address_of(channel),
                people.get(channel.pk, 0),
                out=codes.get(channel.pk, (None, 0))[0],
                used=codes.get(channel.pk, (None, 0))[1],
                run=getattr(channel, "run", None),
                addresses=getattr(channel, "addresses", None),
            )
            for channel in channels
        ),
        key=lambda one: one.channel.closed_on is not None,
    )


def codes_out(survey: Survey) -> dict[int, tuple[int | None, int]]:
    """Channel -> how many codes or links went out, and how many of them were used."""
    letters = AccessCode.objects.filter(channel__survey=survey).values_list("channel")
    mails = Invitation.objects.filter(list__channel__survey=survey).values_list("list__channel")
    counts = {"out": Count("pk"), "used": Count("pk", filter=Q(spent=True))}
    rows = letters.order_by().annotate(**counts).union(mails.order_by().annotate(**counts), all=True)
    return {pk: (out, used) for pk, out, used in rows}


@transaction.atomic
def close_way(*, channel: Channel, by: User) -> None:
    """Nobody new comes in here; people who began may finish. Idempotent."""
    if Channel.objects.filter(pk=channel.pk, closed_on=None).update(closed_on=timezone.localdate()):
        Event.log("close_way", channel.survey, by=by, code=channel.code, way=ChannelKind(channel.kind))


@transaction.atomic
def open_way(*, channel: Channel, by: User) -> None:
    if Channel.objects.filter(pk=channel.pk, closed_on__isnull=False).update(closed_on=None):
        Event.log("open_way", channel.survey, by=by, code=channel.code, way=ChannelKind(channel.kind))
