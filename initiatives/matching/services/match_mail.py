"""Mails about matches, rendered from the state at sending. Only the introduction tells who is who."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import absolute
from core.i18n import pick
from feedback.delivery.emails import RenderedMail
from feedback.models import Message, parse_key
from feedback.registries import MessageRenderer, renders
from feedback.states import MessagePurpose
from initiatives.matching.emails import Contents, render_joining_mail
from initiatives.matching.services import told
from initiatives.matching.services.match_contents import (
    INITIATIVE_CONTENTS,
    VOLUNTEER_CONTENTS,
    cancelled_for_initiative,
    match_url,
    meeting_change_contents,
    moment,
    moment_of,
    when_and_where,
)
from initiatives.models import Match, Meeting
from initiatives.states import TOGETHER_MATCHES, InitiativeState, MatchState, Side
from neighbourhoods.models import Municipality

# The states in which a mail of this kind is still true.
_TRUE_IN_STATES = {
    "proposed": {MatchState.PROPOSED},
    "asked": {MatchState.PROPOSED},
    "again": {MatchState.PROPOSED},
    "waitlisted": {MatchState.WAITLISTED},
    "place": {MatchState.WAITLISTED},
    "no_place": {MatchState.EXPIRED},
    "introduced": TOGETHER_MATCHES,
    "first": TOGETHER_MATCHES,
    "when": TOGETHER_MATCHES,
    "after_2": TOGETHER_MATCHES,
    "after_30": TOGETHER_MATCHES,
    "over": {MatchState.ENDED, MatchState.EXPIRED, MatchState.DECLINED},
    "off": {MatchState.ENDED, MatchState.EXPIRED, MatchState.DECLINED},
}
SKIPPED_PAST_MEETING = "their first time is behind them"
SKIPPED_MOVED_MEETING = "it is another time by now, and that is told by itself"
_SKIPPED_ALREADY_KNOWN = "they know it as it is"


@renders(MessagePurpose.MATCH)
def render_match_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """A renderer per message, or the reason not to send it. Runs under the lock of the contact, before SMTP DATA."""
    of_meetings = [one for one in messages if parse_key(one.dedupe_key).kind == "meeting"]
    of_matches = [one for one in messages if parse_key(one.dedupe_key).kind == "match"]
    return _render_match_mails(of_matches) | {one.pk: _meeting_renderer(one) for one in of_meetings}


def _render_match_mails(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    keys = {message.pk: told.parse_match_key(message.dedupe_key) for message in messages}
    matches = Match.objects.select_related(
        "offer__receipt", "offer__area", "offer__owner", "role__initiative__receipt", "role__initiative__owner",
        "role__card", "meeting",
    ).in_bulk([key.match for key in keys.values()])  # fmt: skip
    said: dict[int, MessageRenderer | str] = {}
    for message in messages:
        key = keys[message.pk]
        match = matches.get(key.match)
        if match is None or match.round != key.round:
            said[message.pk] = "it was proposed anew, or is gone"
        elif match.state not in _TRUE_IN_STATES[key.kind]:
            said[message.pk] = "this is no longer how it stands"
        else:
            said[message.pk] = _match_renderer(match, key, message)
    return said


def _match_renderer(match: Match, key: told.MatchMessageKey, message: Message) -> MessageRenderer | str:
    """Read the first meeting here, once: it may move while the mail is rendered."""
    now = told.current_meeting(match)
    knew = None
    if key.kind in ("introduced", "first"):
        tells = told.meeting_of_code(key.code)
        if key.kind == "first" and (tells is None or not told.is_same_revision(tells, now)):
            return SKIPPED_MOVED_MEETING
        if key.kind == "first" and now and now.when.starts_at <= timezone.now():
            return SKIPPED_PAST_MEETING
        now = now if told.is_same_revision(tells, now) else None
    elif key.kind == "when":
        if key.code != (now.code if now else key.code if told.is_cancellation_code(key.code) else ""):
            return SKIPPED_MOVED_MEETING
        is_known, knew = told.last_told_of_match(message, now)
        if is_known and told.is_same_revision(knew, now):
            return _SKIPPED_ALREADY_KNOWN
        knew = knew if is_known else told.cancelled_meeting(key.code)
    return partial(_write, match, key, message, now, knew)


def _meeting_renderer(message: Message) -> MessageRenderer | str:
    """For the beginner or owner, about a meeting to which a volunteer was introduced."""
    meetings = Meeting.objects.select_related("initiative__owner", "initiative__area")
    meeting = meetings.filter(pk=parse_key(message.dedupe_key).pk).first()
    if meeting is None or meeting.initiative.state == InitiativeState.ENDED:
        return "this is no longer how it stands"
    if message.dedupe_key != told.build_meeting_key(meeting):
        return SKIPPED_MOVED_MEETING
    is_known, knew = told.last_told_of_meeting(message, meeting)
    if (
        is_known
        and not meeting.cancelled_on
        and told.is_same_revision(knew, told.MeetingRevision(meeting, meeting.moved))
    ):
        return _SKIPPED_ALREADY_KNOWN
    return partial(_write_of_meeting, told.MeetingRevision(meeting, meeting.moved), message)


def _write(
    match: Match,
    key: told.MatchMessageKey,
    message: Message,
    now: told.MeetingRevision | None,
    knew: told.MeetingRevision | None,
    unsubscribe_url: str,
) -> RenderedMail:
    """Render one mail apart, so that an error affects no other mail."""
    with override(message.language):
        contents = _contents(match, key, message, now, knew)
    return render_joining_mail(contents, unsubscribe_url, language=message.language)


def _contents(
    match: Match,
    key: told.MatchMessageKey,
    message: Message,
    now: told.MeetingRevision | None,
    knew: told.MeetingRevision | None,
) -> Contents:
    """In the active language. The volunteer reads about the initiative, the initiative about the volunteer."""
    language = message.language
    initiative = match.role.initiative
    owner = match.offer.owner if key.side == Side.VOLUNTEER else initiative.owner
    name, role = pick(initiative.name, language), pick(match.role.name, language)
    url = (
        match_url(match, message.receipt)
        if message.receipt
        else absolute(reverse("role", args=[match.role_id]))
    )
    shared: dict[str, Any] = {
        "url": url,
        "municipality": Municipality.current().name,
        # No mail is signed by its own reader.
        "signed_as": owner.title if owner and message.user_id != owner.pk else "",
    }
    about = VOLUNTEER_CONTENTS if key.side == Side.VOLUNTEER else INITIATIVE_CONTENTS
    if key.kind == "off" and key.side == Side.INITIATIVE:
        return cancelled_for_initiative(match, role, shared, to_colleague=message.user is not None)
    if key.kind == "when":
        return meeting_change_contents(match, name, role, shared, now=now, knew=knew)
    if key.kind in ("introduced", "first"):
        shared["calendar"] = told.appointment(now, name, url) if now else b""
    elif key.kind in ("off", "over") and match.meeting and match.first_at and match.first_at > timezone.now():
        shared["cancelled"] = told.appointment(
            told.current_meeting(match, also_off=True), name, url, cancelled=True
        )
    written = about[key.kind](match, name, role, shared)
    return (
        replace(written, pairs=(*written.pairs, *when_and_where(now)))
        if key.kind in ("introduced", "first")
        else written
    )


def _write_of_meeting(one: told.MeetingRevision, message: Message, unsubscribe_url: str) -> RenderedMail:
    with override(message.language):
        contents = _contents_of_meeting(one, message)
    return render_joining_mail(contents, unsubscribe_url, language=message.language)


def _contents_of_meeting(one: told.MeetingRevision, message: Message) -> Contents:
    """For the beginner or owner. The volunteers get a mail of their own."""
    initiative, language = one.meeting.initiative, message.language
    name = pick(initiative.name, language)
    desk = absolute(reverse("initiative", args=[initiative.pk]))
    is_off = one.meeting.cancelled_on is not None
    was = one.meeting.plan_after_moves(one.moved - 1) if one.moved and not is_off else None
    before = f"{moment_of(was)}, {was.where}" if was else ""
    coming = Meeting.objects.shown().to_come().filter(initiative=initiative).first() if is_off else None
    instead = told.MeetingRevision(coming, coming.moved) if coming else None
    about = {"name": name}
    return Contents(
        subject=_("Called off: a meeting") if is_off else _("Another time: a meeting"),
        lead=_("A meeting of %(name)s is called off.") % about
        if is_off
        else _("A meeting of %(name)s has changed. This is how it is now.") % about,
        pairs=tuple(
            (label, value)
            for label, value in (
                (_("It was") if is_off else _("When"), moment(one)),
                (_("Where"), one.when.where),
                (_("It was"), before),
                (_("What comes next"), moment(instead) if instead else ""),
            )
            if value
        ),
        button=_("To the desk") if message.user else _("To your own page, with your code"),
        url=desk if message.user else absolute(reverse("private_code")),
        after=(_("The volunteers who were coming for the first time are told as well."),),
        signed_as=initiative.owner.title if initiative.owner and message.receipt_id else "",
        municipality=Municipality.current().name,
        calendar=b"" if is_off else told.appointment(one, name, desk if message.user else ""),
        cancelled=told.appointment(one, name, "", cancelled=True) if is_off else b"",
    )
