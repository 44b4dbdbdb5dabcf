"""Mails about the holder's own offer, rendered from its state at sending: an honest “not now”, a break they
asked for, or the end."""

from functools import partial

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import absolute
from accounts.models import Contact
from feedback.delivery.services.outbox import queue_message
from feedback.models import Message, build_key, parse_key
from feedback.registries import MessageRenderer, renders
from feedback.states import MessagePurpose
from initiatives.matching.emails import Contents, render_joining_mail
from initiatives.models import Offer
from initiatives.states import OfferState
from neighbourhoods.models import Municipality

CLOSED_KIND, NOT_NOW_KIND, PAUSE_KIND = "closed", "not-now", "break"


def notify_about_offer(offer: Offer, kind: str, *, round: str = "") -> None:
    """Queue a mail if the holder has a confirmed address; others are called, and read it on their private page."""
    if Contact.objects.reachable().filter(receipt=offer.receipt_id).exclude(email="").exists():
        queue_message(
            purpose=MessagePurpose.OFFER,
            dedupe_key=build_key("offer", offer.pk, kind, round),
            language=offer.receipt.language,
            receipt=offer.receipt,
        )


@renders(MessagePurpose.OFFER)
def render_offer_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """A renderer per message, or the reason not to send it: it is no longer true."""
    keys = {message.pk: parse_key(message.dedupe_key) for message in messages}
    offers = Offer.objects.select_related("owner", "area").in_bulk([key.pk for key in keys.values()])
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        _kind, pk, (what, round) = keys[message.pk]
        offer = offers.get(pk)
        if offer is None or not _is_still_true(offer, what, round):
            said[message.pk] = "this is no longer how it stands"
            continue
        with override(message.language):
            contents = _CONTENTS_BY_KIND[what](offer)
        said[message.pk] = partial(render_joining_mail, contents, language=message.language)
    return said


def _is_still_true(offer: Offer, what: str, round: str) -> bool:
    """Whether the message is still true; for a pause also the same day and reason."""
    if what == CLOSED_KIND:
        return offer.state == OfferState.CLOSED and not offer.withdrawn_from
    is_same_day = offer.paused_until is not None and offer.paused_until.isoformat() == round
    return offer.state == OfferState.PAUSED and is_same_day and offer.pause_asked == (what == PAUSE_KIND)


def _closed_contents(offer: Offer) -> Contents:
    return _contents(
        offer,
        _("Your offer in %(area)s ends here") % {"area": offer.area.name},
        _("Thank you for what you offered. It ends here, because:"),
        offer.closed_reason,
    )


def _not_now_contents(offer: Offer) -> Contents:
    return _contents(
        offer,
        _("Your offer in %(area)s: not now") % {"area": offer.area.name},
        _("Thank you for what you offered. We have nothing that suits you now, and say so honestly."),
        _("On %(day)s we look again, and ask whether you still want to.") % {"day": _day(offer)},
    )


def _break(offer: Offer) -> Contents:
    return _contents(
        offer,
        _("Your break until %(day)s") % {"day": _day(offer)},
        _("It is noted: we leave you alone until %(day)s. Thank you for telling us.") % {"day": _day(offer)},
        _("Then we ask whether you feel like going on. Sooner, or later? Change it on your own page."),
    )


def _day(offer: Offer) -> str:
    return date_format(offer.paused_until, "j F") if offer.paused_until else ""


_CONTENTS_BY_KIND = {CLOSED_KIND: _closed_contents, NOT_NOW_KIND: _not_now_contents, PAUSE_KIND: _break}


def _contents(offer: Offer, subject: str, lead: str, line: str) -> Contents:
    return Contents(
        subject=subject,
        lead=lead,
        lines=(line,),
        button=_("To your own page, with your code"),
        url=absolute(reverse("private_code")),
        signed_as=capfirst(offer.owner.title),
        municipality=Municipality.current().name,
    )
