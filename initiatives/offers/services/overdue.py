"""Daily job for offers: ends expired offers and pauses, and warns of clearances to renew.

`what_is_late` registers overdue items with feedback, which reminds their owners
(`feedback.answers.services.promises`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import absolute
from accounts.models import User
from core.errors import InvalidTransition
from feedback.delivery.services.outbox import queue_notice
from feedback.registries import daily_jobs, due
from initiatives.matching.services import overdue_items
from initiatives.matching.services.overdue_items import OverdueItem
from initiatives.models import Clearance, Offer
from initiatives.offers.services.offer_care import end_offer, end_pause
from initiatives.states import OfferState
from neighbourhoods.models import ParticipationRules


@daily_jobs.register("initiatives.offers")
def look_after_offers(now: datetime | None = None) -> str:
    """Run the daily job. Returns a summary."""
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    ended, back = end_what_ran_out(today), end_pauses(today)
    warned = warn_of_clearances(today, moment)
    return f"{ended} offers ended, {back} pauses ended, {warned} clearances to renew"


def end_what_ran_out(today: date) -> int:
    """End offers whose `until` is past. Returns how many."""
    count = 0
    past = Offer.objects.waiting().filter(until__lt=today).select_related("receipt")
    for offer in past:
        with transaction.atomic(), override(offer.receipt.language):
            try:
                end_offer(
                    offer,
                    _("It was offered until %(day)s, and that day is past.") % {"day": _said(offer.until)},
                )
            except InvalidTransition:  # a colleague was first
                continue
        count += 1
    return count


def end_pauses(today: date) -> int:
    """End pauses that are over; the offers are due today. Returns how many."""
    count = 0
    over = Offer.objects.filter(state=OfferState.PAUSED, paused_until__lte=today).select_related("owner")
    for offer in over:
        with transaction.atomic():
            try:
                end_pause(offer, today=today)
            except InvalidTransition:
                continue
        count += 1
    return count


def _said(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


# --- notices ----------------------------------------------------------------------------------


@due.register("initiatives")
def what_is_late(today: date, soon: date) -> Iterator[OverdueItem]:
    """Overdue items of initiatives without answers owed, which feedback reads itself.

    Steps are days apart, so they are told one day ahead, whatever `soon` is for promises.
    """
    tomorrow = today + timedelta(days=1)
    return (one for one in overdue_items.overdue_items(today, until=tomorrow) if one.kind.name != "answer")


def warn_of_clearances(today: date, now: datetime) -> int:
    """Warn owners once of clearances that expire within the warning term, unless a newer one was seen.
    Returns how many."""
    within = today + timedelta(days=ParticipationRules.current().days("clearance_warning"))
    due = (
        Clearance.objects.filter(warned_on=None, renew_before__lte=within)
        .exclude(offer__state=OfferState.CLOSED)
        .select_related("offer__owner", "offer__area")
    )
    newest = dict(Clearance.objects.newest_for([one.offer_id for one in due]))
    told: dict[User, list[Clearance]] = defaultdict(list)
    for one in due:
        if newest[one.offer_id] == one.seen_on:
            told[one.offer.owner].append(one)
    for owner, clearances in told.items():
        with transaction.atomic():
            with override(owner.language):
                lines = [
                    _("Offer %(number)d in %(area)s: before %(day)s")
                    % {
                        "number": one.offer_id,
                        "area": one.offer.area.name,
                        "day": _said(one.renew_before),
                    }
                    for one in clearances
                ]
                lead = _("These people have to show their certificate of conduct (VOG) anew.")
                text = "\n\n".join([lead, "\n".join(lines), absolute(reverse("hands")), _("Nabij, the desk")])
                subject = _("A certificate has to be renewed")
            key = f"hands:clearance:{owner.pk}:{today.isoformat()}"
            queue_notice(owner, key=key, subject=subject, text=text, now=now)
            Clearance.objects.filter(pk__in=[one.pk for one in clearances]).update(warned_on=today)
    return sum(map(len, told.values()))
