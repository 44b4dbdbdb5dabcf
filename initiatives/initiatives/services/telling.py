"""Content of the page of an initiative: updates, meetings, a picture. A colleague's is public at once; the
beginner's once a colleague read it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accounts.links import absolute
from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts, pick
from core.paper import PrintContent, PrintTexts, poster_pdf, street_on_paper
from core.rows import refresh_or_gone
from feedback.screening import mask_label
from feedback.words import masked_texts, may_be_danger
from initiatives.initiatives.pictures import CantBeDrawn, redraw
from initiatives.initiatives.services.running import bring_forward
from initiatives.matching.services import match_days
from initiatives.matching.services.roles import lock_as_beginner, lock_initiative
from initiatives.models import Initiative, Meeting, Picture, Update
from initiatives.states import InitiativeState
from neighbourhoods.models import Municipality

MOST_UNREAD = 10
"""Maximum of unread items of the beginner, per kind."""
MAX_MEETING_AHEAD = timedelta(days=731)
"""Meetings are at most two years ahead; far dates also break calendars."""
READ_IT = N_("Read what they wrote for the page")


# --- updates ----------------------------------------------------------------------------------


@transaction.atomic
def write_update(*, initiative: Initiative, text: Texts, by: User) -> Update:
    _has_words(text)
    update = Update.objects.create(initiative=initiative, text=dict(text), by=by, read_by=by)
    Event.log("wrote update", initiative, by=by)
    return update


@transaction.atomic
def change_update(*, update: Update, text: Texts, by: User) -> Update:
    """Change an update, or publish a resident's after reading it. Contact details of a resident are masked; a
    colleague may add their own afterwards."""
    _has_words(text)
    was_unread = update.is_unread
    text = masked_texts(text) if was_unread else text
    if not Update.objects.filter(pk=update.pk).update(text=dict(text), read_by=by):
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Event.log("showed update" if was_unread else "changed update", update.initiative, by=by)
    refresh_or_gone(update)
    return update


@transaction.atomic
def remove_update(*, update: Update, by: User) -> None:
    Event.log("removed update", update.initiative, by=by)
    update.delete()


@transaction.atomic
def send_update(*, initiative: Initiative, text: str, language: str, now: datetime | None = None) -> Update:
    """By the beginner, from the private page. Idempotent while unread."""
    held = _takes_more(initiative, of_beginner=True)
    _has_words({language: text})
    words = {language: text.strip()}
    if there := Update.objects.unread().filter(initiative=initiative, text=words).first():
        return there
    _not_too_many(Update.objects.unread().filter(initiative=initiative).count())
    update = Update.objects.create(initiative=initiative, text=words, on=timezone.localdate(now))
    bring_forward(held, READ_IT, now=now, today=may_be_danger(text))
    return update


def _has_words(text: Texts) -> None:
    if not any(words.strip() for words in text.values()):
        raise DomainError(_("Write a few words first."))


def _takes_more(initiative: Initiative, *, of_beginner: bool = False) -> Initiative:
    """Lock the initiative, so that concurrent submits are serialised. Raises DomainError if it has ended."""
    held = lock_as_beginner(initiative) if of_beginner else lock_initiative(initiative)
    _not_over(held)
    return held


def _not_over(held: Initiative) -> None:
    if held.state == InitiativeState.ENDED:
        raise DomainError(_("This has ended. Nothing is added to it any more."))


def _not_too_many(there: int) -> None:
    if there >= MOST_UNREAD:
        raise DomainError(
            _("We still have to read what you sent before. Then there is room for something new.")
        )


# --- meetings ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeetingDetails:
    starts_at: datetime
    minutes: int
    where: str
    about: Texts

    def check(self, now: datetime | None = None) -> None:
        if not self.where.strip():
            raise DomainError(_("Write where it is: a name that neighbours know."))
        moment = now or timezone.now()
        if self.starts_at < moment:
            raise DomainError(_("This moment is past. Choose one that is still to come."))
        if self.starts_at > moment + MAX_MEETING_AHEAD:
            raise DomainError(_("Choose a moment within two years."))
        if not 0 < self.minutes <= 24 * 60:
            raise DomainError(_("Choose how long it takes."))


@transaction.atomic
def add_meeting(*, initiative: Initiative, when: MeetingDetails, by: User) -> Meeting:
    when.check()
    _not_over(match_days.lock_initiative(initiative))
    meeting = _add(initiative, when, is_read=True)
    Event.log("added meeting", initiative, by=by)
    match_days.notify_meeting_changes(initiative=initiative)
    return meeting


@transaction.atomic
def send_meeting(*, initiative: Initiative, when: MeetingDetails, now: datetime | None = None) -> Meeting:
    """By the beginner, from the private page. Idempotent per time and place."""
    when.check(now)
    held = _takes_more(initiative, of_beginner=True)
    meetings = Meeting.objects.filter(initiative=initiative)
    if there := meetings.filter(
        starts_at=when.starts_at, where=when.where.strip(), cancelled_on=None
    ).first():
        return there
    _not_too_many(meetings.filter(is_read=False, cancelled_on=None).count())
    meeting = _add(initiative, when, is_read=False)
    bring_forward(held, READ_IT, now=now, today=may_be_danger(when.where, *when.about.values()))
    return meeting


def _add(initiative: Initiative, when: MeetingDetails, *, is_read: bool) -> Meeting:
    return Meeting.objects.create(
        initiative=initiative,
        starts_at=when.starts_at,
        minutes=when.minutes,
        where=when.where.strip(),
        about=dict(when.about),
        is_read=is_read,
    )


def _mask_details(when: MeetingDetails) -> MeetingDetails:
    return replace(when, where=mask_label(when.where), about=masked_texts(when.about))


@transaction.atomic
def change_meeting(*, meeting: Meeting, when: MeetingDetails, by: User) -> Meeting:
    """Change time or place. Calendar feeds update, and volunteers introduced to it are told. A resident's
    meeting counts as read."""
    when.check()
    moment = timezone.now()
    match_days.lock_initiative(meeting.initiative)
    held = Meeting.objects.select_for_update(no_key=True).filter(pk=meeting.pk, cancelled_on=None).first()
    if held is None:
        raise InvalidTransition(_("This meeting was called off. Add a new one."))
    if not held.is_read:
        when = _mask_details(when)
    was, awaited = held.when, match_days.is_awaited(held, moment)
    held.starts_at, held.minutes, held.where = when.starts_at, when.minutes, when.where.strip()
    held.about, held.is_read, held.changed = dict(when.about), True, held.changed + 1
    moves = held.when != was
    if moves:
        held.earlier = [*held.earlier, (was.starts_at.isoformat(), was.minutes, was.where)]
        held.moved = len(held.earlier)
    held.save()
    Event.log("changed meeting", meeting.initiative, by=by)
    refresh_or_gone(meeting)
    if moves and awaited:
        match_days.notify_initiative(meeting, now=moment)
    match_days.notify_meeting_changes(initiative=meeting.initiative, now=moment)
    return meeting


@transaction.atomic
def show_meeting(*, meeting: Meeting, by: User) -> None:
    """Publish a resident's meeting after reading it, masked."""
    match_days.lock_initiative(meeting.initiative)
    shown = {"is_read": True, "where": meeting.where_as_read, "about": meeting.about_as_read}
    if Meeting.objects.filter(pk=meeting.pk, is_read=False).update(**shown):
        Event.log("showed meeting", meeting.initiative, by=by)
        match_days.notify_meeting_changes(initiative=meeting.initiative)


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, by: User | None, now: datetime | None = None) -> None:
    """Cancel a meeting: it stays in calendars as cancelled, and volunteers introduced to it hear what comes
    instead. Idempotent. `by` is None for the beginner."""
    moment = now or timezone.now()
    match_days.lock_initiative(meeting.initiative)
    awaited = match_days.is_awaited(meeting, moment)
    off = Meeting.objects.filter(pk=meeting.pk, cancelled_on=None)
    if not off.update(cancelled_on=timezone.localdate(moment), changed=F("changed") + 1):
        return
    if by:
        Event.log("called off meeting", meeting.initiative, by=by)
    refresh_or_gone(meeting)
    if awaited:
        match_days.notify_initiative(meeting, now=moment)
    match_days.notify_meeting_changes(initiative=meeting.initiative, now=moment)


def meetings_for_feed(initiative: Initiative, *, now: datetime | None = None) -> list[Meeting]:
    """For a calendar feed: meetings to come, and those of the last month, also cancelled ones."""
    since = (now or timezone.now()) - timedelta(days=31)
    return list(initiative.meetings.shown().filter(starts_at__gte=since))


# --- the picture ------------------------------------------------------------------------------


@transaction.atomic
def set_picture(
    *, initiative: Initiative, sent: bytes, alt: Texts, by: User | None, now: datetime | None = None
) -> Picture:
    """Re-encode and replace the picture. `by` is None for the beginner. Raises DomainError without
    alternative text or for an unreadable file."""
    if not any(words.strip() for words in alt.values()):
        raise DomainError(_("Write what can be seen on it, for who can't see it."))
    try:
        drawn = redraw(sent)
    except CantBeDrawn as refused:
        raise DomainError(
            _("This picture is too large. Up to 10 MB works.")
            if refused.is_too_large
            else _("We can't open this picture. Choose a photo (JPEG, PNG or WebP).")
        ) from refused
    held = _takes_more(initiative, of_beginner=True) if by is None else None
    told = masked_texts(alt) if by is None else alt
    picture, _made = Picture.objects.update_or_create(
        initiative=initiative,
        defaults={
            "jpeg": drawn.jpeg,
            "digest": drawn.digest,
            "width": drawn.width,
            "height": drawn.height,
            "alt": {code: words.strip() for code, words in told.items() if words.strip()},
            "is_read": by is not None,
        },
    )
    if held:
        bring_forward(held, READ_IT, now=now, today=may_be_danger(*alt.values()))
    else:
        Event.log("set picture", initiative, by=by)
    return picture


@transaction.atomic
def show_picture(*, initiative: Initiative, seen: str, by: User) -> None:
    """Publish the picture. `seen` is the digest of the one that was looked at: raises InvalidTransition if it
    was replaced."""
    found = Picture.objects.filter(initiative=initiative, digest=seen)
    if found.filter(is_read=False).update(is_read=True):
        Event.log("showed picture", initiative, by=by)
    elif not found.exists():
        raise InvalidTransition(_("Another picture was sent meanwhile. Look at that one first."))


@transaction.atomic
def remove_picture(*, initiative: Initiative, by: User | None) -> None:
    gone, _per_model = Picture.objects.filter(initiative=initiative).delete()
    if gone and by:
        Event.log("removed picture", initiative, by=by)


# The poster of an initiative: what it is, why, when it meets, and a QR code of its page.


POSTER_WIDTH_MM, POSTER_BLEED_MM = 148, 3
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
            promise=_next_meeting_text(initiative),
            we_answer=_("You are welcome, also just to look."),
            qr_alt=_("QR code of the address beside it"),
            lines=_lines(initiative, main),
        )
    sheet = PrintContent(words, address, address.partition("://")[2].rstrip("/"))
    return poster_pdf(
        sheet, width=POSTER_WIDTH_MM, bleed=POSTER_BLEED_MM if bleed else 0, street=street_on_paper()
    )


def _next_meeting_text(initiative: Initiative) -> str:
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
