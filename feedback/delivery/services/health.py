"""Health of sending, for the desk, monitoring and `manage.py outbox`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.states import DeliveryChannel
from feedback.delivery.services.guards import RELAY, SILENCE, TEXTS
from feedback.delivery.services.inbox import INBOX, TROUBLE
from feedback.models import Heartbeat, Message, OutboxEpoch
from feedback.states import MessageState

RELAY_LONG = timedelta(minutes=10)
"""How long mail may wait for an unreachable relay before a person has to look."""
_RECENTLY = timedelta(minutes=5)
INBOX_LONG = timedelta(minutes=30)


@dataclass(frozen=True)
class Health:
    jobs_seconds: int | None
    """Seconds since the last heartbeat of a job; None if there never was one."""
    hold: OutboxEpoch | None
    relay: str = ""
    """The error of the relay, if it delays mail for long."""
    relay_minutes: int = 0
    inbox: str = ""
    """The error of the mailbox, if it was not read for long."""
    texts: str = ""
    """The error of the SMS service, while texts wait for it."""

    @property
    def silent(self) -> bool:
        return self.jobs_seconds is None or self.jobs_seconds > SILENCE.total_seconds()

    @property
    def is_well(self) -> bool:
        return not (self.silent or self.hold or self.relay or self.inbox or self.texts)


def health(*, now: datetime | None = None) -> Health:
    """Two queries if all is well, because every page of the desk calls this."""
    now = now or timezone.now()
    beats = {
        beat.name: beat for beat in Heartbeat.objects.filter(name__in=["jobs", RELAY, INBOX, TROUBLE, TEXTS])
    }
    relay = beats.get(RELAY)
    waits = due_seconds(now) if relay and now - relay.at < _RECENTLY else 0
    resting_long = waits > RELAY_LONG.total_seconds()
    return Health(
        jobs_seconds=_since(beats.get("jobs"), now),
        hold=OutboxEpoch.objects.filter(quarantined_at__isnull=False).first(),
        relay=relay.note if relay and resting_long else "",
        relay_minutes=waits // 60,
        texts=_texts(beats.get(TEXTS), now),
        inbox=_inbox(beats.get(INBOX), beats.get(TROUBLE), now),
    )


def _texts(rested: Heartbeat | None, now: datetime) -> str:
    """Queries messages only while the service refuses us."""
    if rested is None or now - rested.at > _RECENTLY:
        return ""
    waits = Message.objects.due(now - RELAY_LONG, DeliveryChannel.TEXT).exists()
    return rested.note if waits else ""


def _since(beat: Heartbeat | None, now: datetime) -> int | None:
    return None if beat is None else max(0, int((now - beat.at).total_seconds()))


def _inbox(read: Heartbeat | None, trouble: Heartbeat | None, now: datetime) -> str:
    if not settings.INBOX_URL or trouble is None or now - trouble.at > 2 * _RECENTLY:
        return ""
    return trouble.note if read is None or trouble.at - read.at > INBOX_LONG else ""


def due_seconds(now: datetime) -> int:
    """Seconds that the longest due mail waits. Two index lookups, whatever the number."""
    pending = Message.objects.filter(state=MessageState.PENDING, next_attempt_at__lte=now).order_by(
        "next_attempt_at"
    )
    pending = pending.filter(carrier=DeliveryChannel.MAIL)  # texts wait for the morning, letters for printing
    found = [pending.filter(rank=rank).values_list("next_attempt_at", flat=True).first() for rank in (0, 1)]
    return max((int((now - at).total_seconds()) for at in found if at), default=0)
