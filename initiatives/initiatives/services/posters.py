"""The poster of an initiative: what it is, why, when it meets, and a QR code of its page."""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import pick
from core.paper import PrintContent, PrintTexts, poster_pdf, street_on_paper
from initiatives.models import Initiative, Meeting
from neighbourhoods.models import Municipality

WIDTH, BLEED = 148, 3
"""Width of A5 and bleed, in mm."""


def address_of(initiative: Initiative) -> str:
    """The URL of its public page."""
    return absolute(reverse("initiative_public", args=[initiative.area.slug, initiative.pk]))


def render_initiative_poster(initiative: Initiative, *, bleed: bool = False) -> bytes:
    """A PDF in the main language of the municipality. Raises CantBeSet if the text does not fit."""
    municipality = Municipality.current()
    main = (municipality.languages or ["nl"])[0]
    address = address_of(initiative)
    with translation.override(main):
        words = PrintTexts(
            language=main,
            rtl=bool(get_language_info(main)["bidi"]),
            sender=f"{initiative.area.name} · {municipality.name}",
            title=pick(initiative.name, main),
            lead=pick(initiative.goal, main) or pick(initiative.description, main),
            go_to=_("Point your camera here, or go to"),
            your_code="",
            promise=_when(initiative),
            we_answer=_("You are welcome, also just to look."),
            qr_alt=_("QR code of the address beside it"),
            lines=_lines(initiative, main),
        )
    sheet = PrintContent(words, address, address.partition("://")[2].rstrip("/"))
    return poster_pdf(sheet, width=WIDTH, bleed=BLEED if bleed else 0, street=street_on_paper())


def _when(initiative: Initiative) -> str:
    following: Meeting | None = initiative.meetings.shown().to_come().first()
    if following is None:
        return _("When we meet stands on the page.")
    begins = timezone.localtime(following.starts_at)
    return _("%(day)s at %(time)s, %(where)s") % {
        "day": date_format(begins, "l j F").capitalize(),
        "time": date_format(begins, "H.i"),
        "where": following.where,
    }


def _lines(initiative: Initiative, main: str) -> list[str]:
    looked_for = [pick(role.name, main) for role in initiative.roles.open()]
    return (
        [_("We look for somebody for: %(roles)s.") % {"roles": ", ".join(looked_for)}] if looked_for else []
    )
