"""What the mails about a match say, per kind, in the active language. Only the introduction tells who is who."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.links import LinkPurpose, absolute, sign_link
from accounts.models import Contact, Receipt
from core.i18n import pick
from initiatives.matching.emails import Contents
from initiatives.matching.pairs import from_values
from initiatives.matching.services import told
from initiatives.models import Match
from initiatives.models.initiatives import MeetingPlan
from initiatives.states import MatchState, Side
from initiatives.wording import volunteer_reason_text
from neighbourhoods.models import Municipality, ParticipationRules


def match_url(match: Match, receipt: Receipt) -> str:
    return absolute(reverse("match", args=[sign_link(receipt, LinkPurpose.MATCH, str(match.pk))]))


def when_and_where(one: told.MeetingRevision | None) -> tuple[tuple[str, str], ...]:
    return ((_("First time"), moment(one)), (_("Where"), one.when.where)) if one else ()


def moment(one: told.MeetingRevision) -> str:
    return moment_of(one.when)


def moment_of(when: MeetingPlan) -> str:
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


def _volunteer_proposal(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("Would this suit you?"),
        lead=volunteer_reason_text(from_values(match.reasons)),
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


def _proposal_reminder(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
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
            told.next_place_text(match),
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
        after=(told.shared_contact_text(match, Side.VOLUNTEER),),
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


def meeting_change_contents(
    match: Match,
    name: str,
    role: str,
    shared: dict[str, Any],
    *,
    now: told.MeetingRevision | None,
    knew: told.MeetingRevision | None,
) -> Contents:
    """The mail about a first meeting that was planned, moved or cancelled. `knew`: what they were told before."""
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
        pairs=((_("What you would do"), role), *when_and_where(now), *was, *reach_initiative(match)),
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
    before = told.waiting_list_position(match) - 1
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
        after=told.after_cancellation_text(match.offer),
        **shared,
    )


def _after_2(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("How was it?"),
        lead=(
            _("You began at %(name)s. How was it?")
            if told.did_meet(match)
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
            if told.did_meet(match)
            else _("A month ago you were to get to know %(name)s. How is it going?")
        )
        % {"name": name},
        button=_("Tell us how it is"),
        after=(_("Stopping is always possible, on the same page."),),
        **shared,
    )


def _match_ended(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    thanks = pick(match.role.initiative.thanks, get_language() or "")
    took_part = match.state == MatchState.ENDED
    return Contents(
        subject=_("What we asked you for has ended"),
        lead=_("%(name)s has ended. Thank you for taking part.") % {"name": name}
        if took_part
        else _("%(name)s has ended, so nobody is looked for there any more.") % {"name": name},
        lines=(thanks,) if thanks and took_part else (),
        button=_("See how it stands"),
        after=told.after_cancellation_text(match.offer),
        **shared,
    )


def _cancelled_for_volunteer(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
    return Contents(
        subject=_("It does not go on"),
        lead=_("It does not go on with %(role)s at %(name)s.") % {"role": role, "name": name},
        button=_("See how it stands"),
        after=told.after_cancellation_text(match.offer),
        **shared,
    )


def cancelled_for_initiative(
    match: Match, role: str, shared: dict[str, Any], *, to_colleague: bool
) -> Contents:
    """For the beginner, or the owner."""
    return Contents(
        subject=_("It does not go on"),
        lead=_("The volunteer for %(role)s does not go on.") % {"role": role},
        button=_("See how it stands"),
        after=(told.replacement_text(match.role, to_colleague=to_colleague),),
        **shared,
    )


VOLUNTEER_CONTENTS = {
    "off": _cancelled_for_volunteer,
    "over": _match_ended,
    "proposed": _volunteer_proposal,
    "again": _proposal_reminder,
    "waitlisted": _waitlisted,
    "place": _place,
    "no_place": _no_place,
    "introduced": _introduced,
    "first": _first,
    "after_2": _after_2,
    "after_30": _after_30,
}


def _initiative_request(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
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


def _request_reminder(match: Match, name: str, role: str, shared: dict[str, Any]) -> Contents:
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
        after=(told.shared_contact_text(match, Side.INITIATIVE),),
        **shared,
    )


INITIATIVE_CONTENTS = {"asked": _initiative_request, "again": _request_reminder, "introduced": _introduced_to}
