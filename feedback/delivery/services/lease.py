"""Database leases (mutual exclusion): a name, a holder and an end. The lease of a dead holder expires."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from feedback.models import Lease

FAN_OUT = "fan-out"
"""The lease of a process that creates messages for many readers."""


def acquire_lease(name: str, holder: str, *, seconds: float, now: datetime | None = None) -> bool:
    """Take a lease that is free, expired, or already one's own (which renews it). Returns whether it is held."""
    moment = now or timezone.now()
    until = moment + timedelta(seconds=seconds)
    free = Q(until__lte=moment) | Q(holder=holder)
    if Lease.objects.filter(free, name=name).update(holder=holder, until=until):
        return True
    # Either the lease never existed, or somebody else holds it.
    lease, made = Lease.objects.get_or_create(name=name, defaults={"holder": holder, "until": until})
    return made or lease.holder == holder


def release_lease(name: str, holder: str, *, now: datetime | None = None) -> None:
    Lease.objects.filter(name=name, holder=holder).update(holder="", until=now or timezone.now())


def is_taken(name: str, *, now: datetime | None = None) -> bool:
    return Lease.objects.filter(name=name, until__gt=now or timezone.now()).exists()
