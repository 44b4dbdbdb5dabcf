"""Mails about matches, rendered from the state at sending. Only the introduction tells who is who."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.links import LinkPurpose, absolute, sign_link
from accounts.models import Contact, Receipt
from core.i18n import pick
from feedback.delivery.emails import RenderedMail
from feedback.models import Message
from feedback.registries import MessageRenderer, renders
from feedback.states import MessagePurpose
from initiatives.matching.emails import Contents, render_joining_mail
from initiatives.matching.services import how_it_stands, told
from initiatives.models import Match, Meeting
from initiatives.models.initiative import WhenAndWhere
from initiatives.states import TOGETHER_MATCHES, InitiativeState, MatchState, Side
from initiatives.wording import from_values, to_volunteer
from neighbourhoods.models import Municipality, ParticipationRules

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
PAST = "their first time is behind them"
ANOTHER_TIME = "it is another time by now, and that is told by itself"
_ALREADY_KNOWN = "they know it as it is"


@renders(MessagePurpose.MATCH)
def render_match_messages(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    """A renderer per message, or the reason not to send it. Runs under the lock of the contact, before SMTP DATA."""
    of_meetings = [one for one in messages if one.dedupe_key.startswith("meeting:")]
    of_matches = [one for one in messages if one.dedupe_key.startswith("match:")]
    return _say_of_matches(of_matches) | {one.pk: _say_of_meeting(one) for one in of_meetings}


def _say_of_matches(messages: list[Message]) -> dict[int, MessageRenderer | str]:
    keys = {message.pk: told.key_of(message) for message in messages}
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
        elif match.state not in _TRUE_IN_STATES[key.what]:
            said[message.pk] = "this is no longer how it stands"
        else:
            said[message.pk] = _say_of_match(match, key, message)
    return said


def _say_of_match(match: Match, key: told.MatchMessageKey, message: Message) -> MessageRenderer | str:
    """Fixes what is told of the first meeting here: it may move while the mail is rendered."""
    now = told.now(match)
    knew = None
    if key.what in ("introduced", "first"):
        tells = told.of(key.code)
        if key.what == "first" and (tells is None or not told.is_same(tells, now)):
            return ANOTHER_TIME
        if key.what == "first" and now and now.when.starts_at <= timezone.now():
            return PAST
        now = now if told.is_same(tells, now) else None
    elif key.what == "when":
        if key.code != (now.code if now else key.code if told.is_off(key.code) else ""):
            return ANOTHER_TIME
        is_known, knew = told.last_told(message, now)
        if is_known and told.is_same(knew, now):
            return _ALREADY_KNOWN
        knew = knew if is_known else told.of_off(key.code)
    return partial(_write, match, key, message, now, knew)


def _say_of_meeting(message: Message) -> MessageRenderer | str:
    """For the beginner or owner, about a meeting to which a volunteer was introduced."""
    _meeting, pk, what = message.dedupe_key.split(":")
    meeting = Meeting.objects.select_related("initiative__owner", "initiative__area").filter(pk=pk).first()
    if meeting is None or meeting.initiative.state == InitiativeState.ENDED:
        return "this is no longer how it stands"
    if what != ("off" if meeting.cancelled_on else str(meeting.moved)):
        return ANOTHER_TIME
    is_known, knew = told.last_of_meeting(message, meeting)
    if (
        is_known
        and not meeting.cancelled_on
        and told.is_same(knew, told.MeetingRevision(meeting, meeting.moved))
    ):
        return _ALREADY_KNOWN
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
    about = _TO_VOLUNTEER if key.side == Side.VOLUNTEER else _TO_INITIATIVE
    if key.what == "off" and key.side == Side.INITIATIVE:
        return _off_there(match, role, shared, to_colleague=message.user is not None)
    if key.what == "when":
        return _when_it_is(match, name, role, shared, now=now, knew=knew)
    if key.what in ("introduced", "first"):
        shared["calendar"] = told.appointment(now, name, url) if now else b""
    elif key.what in ("off", "over") and match.meeting and match.first_at and match.first_at > timezone.now():
        shared["cancelled"] = told.appointment(told.now(match, also_off=True), name, url, cancelled=True)
    written = about[key.what](match, name, role, shared)
    return (
        replace(written, pairs=(*written.pairs, *_when(now)))
        if key.what in ("introduced", "first")
        else written
    )


def match_url(match: Match, receipt: Receipt) -> str:
    return absolute(reverse("match", args=[sign_link(receipt, LinkPurpose.MATCH, str(match.pk))]))


def _when(one: told.MeetingRevision | None) -> tuple[tuple[str, str], ...]:
    return ((_("First time"), moment(one)), (_("Where"), one.when.where)) if one else ()


def moment(one: told.MeetingRevision) -> str:
    return moment_of(one.when)


def moment_of(when: WhenAndWhere) -> str:
    """“dinsdag 12 mei, 10:00”, in the active language."""
    at = timezone.localtime(when.starts_at)
    return f"{_format_day(at.date())}, {date_format(at, 'TIME_FORMAT')}"


def _format_day(on: date | None) -> str:
    """“dinsdag 12 mei”, in the active language."""
    return date_format(on, _("l j F")) if on else ""


def _ask_to_answer(match: Match, sentence: str) -> tuple[str, ...]:
    """The sentence with its day; nothing once that day is past, for a mail may have waited."""
    return (sentence % {"day": _format_day(match.answer_before)},) if match.can_answer_in_time else ()


def contact_details(contact: Contact | None) -> tuple[tuple[str, str], ...]:
    """(label, value) of the contact details, for the other side of an introduction."""
    if contact is None:
        return ()
    found = ((_("Telephone"), contact.phone), (_("E-mail"), contact.email))
    return tuple((label, value) for label, value in found if value)


def reach_initiative(match: Match) -> tuple[tuple[str, str], ...]:
    """(label, value) of the contact details of an initiative: those of its beginner, else of the municipality."""
    initiative = match.role.initiative
    if initiative.receipt_id:
        return contact_details(Contact.objects.filter(receipt=initiative.receipt_id).first())
    municipality = Municipality.current()
    owner = initiative.owner
    found = (
        (_("Ask for"), owner.title if owner else ""),
        (_("Telephone"), municipality.phone),
        (_("E-mail"), municipality.email),
    )
    return tuple((label, value) for label, value in found if value)


# --- for the volunteer ------------------------------------------------------------------------


def _proposed(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("Would this suit you?"),
        lead=to_volunteer(from_values(match.reasons)),
        lines=(
            _(
                "Saying yes binds you to nothing yet. Only when you both say yes, you read how to reach each other."
            ),
        ),
        pairs=((_("Initiative"), name), (_("What you would do"), role)),
        button=_("Look, and say yes or no"),
        after=_ask_to_answer(match, _("Please tell us before %(day)s. No is a good answer as well.")),
        **shared,
    )


def _again(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("A reminder: would this suit you?"),
        lead=_("You have not said yet whether this suits you. You still can."),
        pairs=((_("Initiative"), name), (_("What you would do"), role)),
        button=_("Look, and say yes or no"),
        after=(_("After %(day)s we may ask somebody else.") % {"day": _format_day(match.answer_before)},),
        **shared,
    )


def _waitlisted(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("You are on the waiting list"),
        lead=_("You both said yes, and meanwhile all places were taken."),
        lines=(
            how_it_stands.next_place(match),
            _("We look for something else as well. You need not do anything for that."),
            _("You hear every %(days)d days where you stand.")
            % {"days": ParticipationRules.current().days("waiting_list")},
        ),
        pairs=((_("Initiative"), name), (_("What you would do"), role)),
        button=_("See how it stands"),
        **shared,
    )


def _introduced(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("You both said yes"),
        lead=_("You both said yes. This is how you reach each other."),
        pairs=(
            (_("Initiative"), name),
            (_("What you would do"), role),
            *reach_initiative(match),
        ),
        button=_("See it on your own page"),
        after=(how_it_stands.what_they_got(match, Side.VOLUNTEER),),
        **shared,
    )


def _first(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("Soon it is your first time"),
        lead=_("Soon it is your first time. Good that you are coming."),
        pairs=((_("What you would do"), role), *reach_initiative(match)),
        button=_("See it on your own page"),
        after=(_("Can you not come after all? Tell them, or us."),),
        **shared,
    )


def _when_it_is(
    match: Match,
    name: str,
    role: str,
    shared: dict[str, Any],
    *,
    now: told.MeetingRevision | None,
    knew: told.MeetingRevision | None,
) -> Contents:
    """The first meeting moved, was called off or is known at last: the difference with what they knew."""
    about = {"name": name}
    is_off = knew is not None and (now is None or now.meeting.pk != knew.meeting.pk)
    after: tuple[str, ...] = (_("Can you not come then? Tell them, or us."),)
    if now is None:
        subject = _("Called off: your first time")
        lead = _("Your first time at %(name)s is called off.") % about
        after = (
            _("You hear it as soon as there is another day. You can also call them: you have their number."),
        )
    elif knew is None:
        subject = _("The day of your first time")
        lead = _("There is a day for your first time at %(name)s.") % about
    else:
        subject = _("Another time: your first time")
        lead = (
            _("What you were coming to at %(name)s is called off. This comes instead.") % about
            if is_off
            else _("Your first time at %(name)s has changed. This is how it is now.") % about
        )
    was = ((_("It was"), f"{moment(knew)}, {knew.when.where}"),) if knew else ()
    return Contents(
        subject=subject,
        lead=lead,
        pairs=((_("What you would do"), role), *_when(now), *was, *reach_initiative(match)),
        button=_("See it on your own page"),
        after=after,
        calendar=told.appointment(now, name, shared["url"]) if now else b"",
        cancelled=told.appointment(knew, name, shared["url"], cancelled=True) if knew and is_off else b"",
        **shared,
    )


def _place(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    days = ParticipationRules.current().days
    ends = timezone.localdate(match.state_at) + timedelta(days=days("waiting_list_end"))
    again = min(match.step_on or ends, ends)
    before = how_it_stands.place_of(match) - 1
    stands = (
        ngettext("%(n)d person is before you.", "%(n)d people are before you.", before) % {"n": before}
        if before
        else _("You are the first: the next place is yours.")
    )
    return Contents(
        subject=_("Where you stand on the waiting list"),
        lead=_("You still stand on the waiting list of %(name)s.") % {"name": name} + " " + stands,
        lines=(_("We look for something else as well. You need not do anything for that."),),
        pairs=(
            (_("What you would do"), role),
            (_("You stand on the list since"), _format_day(timezone.localdate(match.state_at))),
        ),
        button=_("See how it stands"),
        after=(
            _("We write again on %(again)s at the latest. On %(ends)s the list ends, with an answer.")
            % {"again": _format_day(again), "ends": _format_day(ends)},
        ),
        **shared,
    )


def _no_place(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("No place came free"),
        lead=_("You waited for a place as %(role)s at %(name)s. None came free, so the list ends here.")
        % {"role": role, "name": name},
        lines=(_("Thank you for waiting. That you wanted to help is worth a lot to us."),),
        button=_("See how it stands"),
        after=how_it_stands.something_else(match.offer),
        **shared,
    )


def _after_2(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("How was it?"),
        lead=(
            _("You began at %(name)s. How was it?")
            if how_it_stands.did_meet(match)
            else _("You were to get to know %(name)s. How was it?")
        )
        % {"name": name},
        button=_("Tell us how it was"),
        after=(_("Was it not what you hoped for? Then we look for something else together."),),
        **shared,
    )


def _after_30(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("How is it going?"),
        lead=(
            _("You have been taking part in %(name)s for a month. How is it going?")
            if how_it_stands.did_meet(match)
            else _("A month ago you were to get to know %(name)s. How is it going?")
        )
        % {"name": name},
        button=_("Tell us how it is"),
        after=(_("Stopping is always possible, on the same page."),),
        **shared,
    )


def _over(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    thanks = pick(match.role.initiative.thanks, get_language() or "")
    took_part = match.state == MatchState.ENDED
    return Contents(
        subject=_("What we asked you for has ended"),
        lead=_("%(name)s has ended. Thank you for taking part.") % {"name": name}
        if took_part
        else _("%(name)s has ended, so nobody is looked for there any more.") % {"name": name},
        lines=(thanks,) if thanks and took_part else (),
        button=_("See how it stands"),
        after=how_it_stands.something_else(match.offer),
        **shared,
    )


def _off(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("It does not go on"),
        lead=_("It does not go on with %(role)s at %(name)s.") % {"role": role, "name": name},
        button=_("See how it stands"),
        after=how_it_stands.something_else(match.offer),
        **shared,
    )


def _off_there(match: Match, role: str, shared: dict[str, Any], *, to_colleague: bool) -> Contents:
    """For the beginner, or the owner."""
    return Contents(
        subject=_("It does not go on"),
        lead=_("The volunteer for %(role)s does not go on.") % {"role": role},
        button=_("See how it stands"),
        after=(how_it_stands.who_comes_instead(match.role, to_colleague=to_colleague),),
        **shared,
    )


_TO_VOLUNTEER = {
    "off": _off,
    "over": _over,
    "proposed": _proposed,
    "again": _again,
    "waitlisted": _waitlisted,
    "place": _place,
    "no_place": _no_place,
    "introduced": _introduced,
    "first": _first,
    "after_2": _after_2,
    "after_30": _after_30,
}


# --- for the initiative -----------------------------------------------------------------------


def _asked(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("Somebody wants to help"),
        lead=_("We found somebody for %(name)s.") % {"name": name},
        lines=(
            _(
                "Saying yes binds you to nothing yet. Only when you both say yes, you read how to reach each other."
            ),
        ),
        pairs=((_("What they would do"), role), (_("What they offer"), match.offer.what)),
        button=_("Look, and say yes or no"),
        after=_ask_to_answer(match, _("Please tell us before %(day)s.")),
        **shared,
    )


def _asked_again(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("A reminder: somebody wants to help"),
        lead=_("Somebody wants to help, and waits for your yes or no.")
        if match.volunteer_yes_at
        else _("You have not said yet whether this volunteer suits you. You still can."),
        pairs=((_("What they would do"), role), (_("What they offer"), match.offer.what)),
        button=_("Look, and say yes or no"),
        after=_ask_to_answer(match, _("Please tell us before %(day)s.")),
        **shared,
    )


def _introduced_to(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("You both said yes"),
        lead=_("You both said yes. This is how you reach each other."),
        pairs=(
            (_("What they would do"), role),
            *contact_details(Contact.objects.filter(receipt=match.offer.receipt_id).first()),
        ),
        button=_("See how it stands"),
        after=(how_it_stands.what_they_got(match, Side.INITIATIVE),),
        **shared,
    )


_TO_INITIATIVE = {"asked": _asked, "again": _asked_again, "introduced": _introduced_to}


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
    was = one.meeting.as_it_was(one.moved - 1) if one.moved and not is_off else None
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
