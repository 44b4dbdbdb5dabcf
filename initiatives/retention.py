"""Retention jobs of initiatives (config/retention.toml). Each returns a count per kind of row erased."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from feedback.models import Contribution
from feedback.retention import erase_receipts
from initiatives.models import Challenge, Initiative, Note, Offer, Task
from initiatives.states import CHALLENGE_DECISIONS, ChallengeState, InitiativeState, OfferState
from neighbourhoods.registries import retention_jobs


@retention_jobs.register("offers")
def erase_closed_offers(now: datetime, days: int) -> dict[str, int]:
    """Erase offers closed more than `days` ago, with their address and private page."""
    before = timezone.localdate(now) - timedelta(days=days)
    closed = Offer.objects.filter(state=OfferState.CLOSED, closed_on__lt=before)
    return {N_("closed offers"): erase_receipts(closed.values_list("receipt", flat=True))}


@retention_jobs.register("notes")
def erase_old_notes(now: datetime, days: int) -> dict[str, int]:
    """Erase notes of talks noted more than `days` ago, with the words and the code left on the table."""
    old = Note.objects.filter(noted_on__lt=timezone.localdate(now) - timedelta(days=days))
    return {N_("notes of talks"): erase_receipts(old.values_list("receipt", flat=True))}


@retention_jobs.register("initiatives")
def erase_beginners(now: datetime, days: int) -> dict[str, int]:
    """Erase pages and addresses of people whose initiative ended or whose challenge was decided more than
    `days` ago. A withdrawn challenge counts from the day it was asked, and stays while its words can be put back."""
    before = timezone.localdate(now) - timedelta(days=days)
    begun = Initiative.objects.filter(receipt__isnull=False, state=InitiativeState.ENDED, state_on__lt=before)
    settled = Q(state__in=CHALLENGE_DECISIONS, decided_on__lt=before)
    kept = Contribution.objects.filter(withdrawn_on__isnull=False).values("receipt")
    withdrawn = Q(state=ChallengeState.WITHDRAWN, asked_on__lt=before) & ~Q(receipt__in=kept)
    asked = Challenge.objects.filter(settled | withdrawn, receipt__isnull=False)
    # A granted challenge may have become a running initiative; both then share one page.
    asked = asked.exclude(receipt__initiative__in=Initiative.objects.exclude(state=InitiativeState.ENDED))
    return {
        N_("pages of who began something"): erase_receipts(begun.values_list("receipt", flat=True))
        + erase_receipts(asked.values_list("receipt", flat=True)),
    }


@retention_jobs.register("tasks")
def erase_task_holders(now: datetime, days: int) -> dict[str, int]:
    """Erase pages made for a task once every task of that page was done, given back or obsolete more than
    `days` ago."""
    before = timezone.localdate(now) - timedelta(days=days)
    over = Q(initiative__state=InitiativeState.ENDED, initiative__state_on__lt=before)
    stands = Q(done_on=None) & ~over
    still = Task.objects.filter(stands | Q(done_on__gte=before), taken_by__isnull=False)
    pages = Receipt.objects.filter(purpose=ReceiptPurpose.TASK, created_on__lt=before)
    pages = pages.exclude(pk__in=still.values("taken_by"))
    return {N_("pages of who took on a task"): erase_receipts(pages.values_list("pk", flat=True))}
