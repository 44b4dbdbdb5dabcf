"""Beginning with a letter or a mail: the code or link is spent, and yields a ticket; with that one answer begins.

Spending is a transaction of its own, and so is beginning: no row of one points at a row of the other. Between the
two stands the ticket. It follows from the code and the page that was open, so that a second tap, or one after a
crash, ends in the same participation; it is kept nowhere but in a signed cookie, and there only until it has begun.
Whoever wants to know who answered would need the letter and that page. A database whose every transaction is
examined may still say more than this application does.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.links import LinkPurpose, open_link
from accounts.models import Event, Receipt, User
from core.errors import DomainError
from core.keyed import KeyedChoice, keyed_hash
from core.limits import Limit
from surveys.answering.access_codes import new_code, normalise_access_code
from surveys.answering.services.participation import BegunParticipation, begin_participation
from surveys.models import AccessCode, Channel, Invitation, Response
from surveys.states import Replacement, SurveyState

# Failures only. With 10,000 codes out, 5,000 guesses an hour from anywhere hit one after two and a half years.
WRONG_LETTER_CODES = Limit("wrong-letter-codes", each=20, together=1000, pressed=3, most=5000)


class CodeRefused(DomainError):
    """No participation begins with this; the sentence says what to do."""


class UnknownCode(CodeRefused):
    """A code that nobody has, or that can't be one."""


def letter_hash(channel: Channel, code: str) -> str:
    """What is kept of a code. Another run's hash of the same code is another."""
    return keyed_hash(f"{channel.pk}:{code}", purpose="letter-code")


@transaction.atomic
def spend_code(*, channel: Channel, typed: str, page: str) -> str:
    """Spend the code of a letter; returns the ticket. `page` is the random key of the page it was typed on.

    Raises CodeRefused. A code nobody has and one that can't be a code get the same sentence.
    """
    code = normalise_access_code(typed)
    found = AccessCode.objects.filter(pk=letter_hash(channel, code), channel=channel) if code else None
    if found is None or not found.exists():
        raise UnknownCode(unknown_code())
    return _spend(found, f"letter:{channel.pk}:{code}:{page}", used_code())


def unknown_code() -> str:
    return _("We don't know this code. It has eight letters and figures; have another look at your letter.")


def used_code() -> str:
    return _(
        "This code was used already, and it works once. Was it you? Then go on with your private code. "
        "Was it not? Call us, and you get a new one."
    )


def invitation_of(channel: Channel, token: str) -> Receipt:
    """Whose link this is. Raises Receipt.DoesNotExist when it no longer opens anything here."""
    receipt, key = open_link(token, LinkPurpose.ANSWER)
    if key != channel.code or not Invitation.objects.filter(receipt=receipt, list__channel=channel).exists():
        raise Receipt.DoesNotExist
    return receipt


@transaction.atomic
def spend_invitation(*, receipt: Receipt, page: str) -> str:
    """The holder of a link in a mail begins: from now on they get no reminder. Returns the ticket."""
    refused = _(
        "Somebody began with this link already, and it works once. Was it you? Then go on where you were, on "
        "the same phone or with your private code."
    )
    found = Invitation.objects.filter(receipt=receipt)
    return _spend(found, f"mail:{receipt.pk}:{page}", refused)


def _spend(found: Any, secret: str, refused: str) -> str:
    ticket = keyed_hash(secret, purpose="ticket")
    if not found.spend(_tap(ticket)) and not _has_just_begun(ticket):
        raise CodeRefused(refused)
    return ticket


def _tap(ticket: str) -> str:
    return keyed_hash(ticket, purpose="tap")


def _has_just_begun(ticket: str) -> bool:
    """The second of two taps. Once something was answered no code or ticket opens it: housemates hold it too."""
    return Response.objects.filter(submit_key=_submit_key(ticket), answers={}).exists()


def _submit_key(ticket: str) -> str:
    return keyed_hash(ticket, purpose="submit")


def begin_with_ticket(
    *, channel: Channel, ticket: str, language: str, respondent: str, today: date | None = None
) -> BegunParticipation:
    """The one participation of this ticket; the same once more as long as nothing was answered in it.

    Raises CodeRefused when the ticket was used, NotAnswerable when the survey does not take answers now; then the
    ticket is still good.
    """
    kind: Any = Invitation if channel.asks_link else AccessCode
    # In this order: who begins keeps the response first, and then lets go of the tap.
    is_spent_here = kind.objects.filter(tap=_tap(ticket)).exists()
    earlier = Response.objects.filter(submit_key=_submit_key(ticket)).only("answers").first()
    if (earlier and earlier.answers) or not (earlier or is_spent_here):
        # With neither, the code was replaced since: who holds the new one begins, and nobody with the old one.
        raise CodeRefused(used_code())
    begun = begin_participation(
        channel=channel, submit_key=ticket, language=language, respondent=respondent, today=today
    )
    kind.objects.begun(_tap(ticket))
    return begun


@transaction.atomic
def replace_code(*, channel: Channel, typed: str, reason: str, page: str, by: User) -> str:
    """A new code for who holds a letter whose code somebody else used up. The same page once more gives the same one.

    What was answered with the old code stays and counts: nothing leads from a code to an answer, so nobody can take
    it out. Therefore a letter gets a new code once, only when the old one can begin nothing any more, and the page
    of the letters tells how many did.
    """
    if channel.survey.state in (SurveyState.DRAFT, SurveyState.CLOSED) or channel.closed_on:
        raise CodeRefused(_("Nobody can begin with these letters any more."))
    code = normalise_access_code(typed)
    codes = AccessCode.objects.filter(channel=channel)
    old = codes.select_for_update().filter(pk=letter_hash(channel, code)).first() if code else None
    if old is None:
        raise UnknownCode(unknown_code())
    if not old.spent:
        raise CodeRefused(_("This code was not used yet. They can begin with it now."))
    if old.replacement == Replacement.FRESH:
        raise CodeRefused(
            _("This code was given in place of another. Fill it in together on the phone instead.")
        )
    new = new_code(KeyedChoice(f"{channel.pk}:{code}:{page}", purpose="new-letter-code"))
    fresh = {"pk": letter_hash(channel, new), "replacement": Replacement.FRESH}
    if old.replacement == Replacement.REPLACED:
        if codes.filter(**fresh).exists():
            return new
        raise CodeRefused(_("A new code was given for this one already. That one works, once."))
    codes.filter(pk=old.pk).update(replacement=Replacement.REPLACED, tap="")
    AccessCode.objects.create(channel=channel, **fresh)
    Event.log("replace_code", channel.survey, by=by, note=reason, code=channel.code)
    return new
