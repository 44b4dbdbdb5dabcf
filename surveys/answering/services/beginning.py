"""Registers which surveys somebody may answer, for feedback, which cannot import surveys."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import codes as private_codes
from accounts.links import LinkPurpose, open_link
from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import KeyedChoice, code_hash, keyed_hash, stored_hashes
from core.keyring import KeyUse
from core.languages import offered_languages
from core.limits import Limit
from feedback.models import Promise
from feedback.registries import Audience, audiences
from neighbourhoods.models import Area
from neighbourhoods.states import Power
from surveys.answering.access_codes import new_code, normalise_access_code
from surveys.answering.services.answer import NotAnswerable, page_after
from surveys.models import AccessCode, Channel, Invitation, Response, Survey, SurveyVersion
from surveys.questionnaire.published import published_version
from surveys.states import Replacement, Respondent, SurveyState


@audiences.register("surveys", order=10)
def audiences_of_surveys(user: User) -> list[Audience]:
    """Surveys that people answered, in areas where this user may write, newest first."""
    mine = Area.objects.where(user, least=Power.EDITOR)
    found = (
        Survey.objects.filter(areas__in=mine)
        .exclude(state__in=[SurveyState.DRAFT, SurveyState.PUBLISHED])
        .distinct()
        .order_by("-pk")
        .select_related("area")
        .prefetch_related("areas")
    )
    return [
        Audience(
            survey.subject,
            survey.title,
            offered_languages(survey.languages),
            [area.pk for area in survey.areas.all()],
            f"{survey.get_state_display()}, {survey.where}, {_day(survey.since)}",
        )
        for survey in found
    ]


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment), "j F Y")


# Beginning to answer: from a page that is open to all, or with the code of a letter or the link of a mail.
#
# Spending a code or link yields a ticket, with which one participation begins. Spending and beginning are separate
# transactions, and no row of one refers to a row of the other. The ticket connects the two. It is derived from the
# code and the page that was open, so that a second tap, or one after a crash, ends in the same participation; it is
# stored only in a signed cookie, until the participation has begun. To find out who answered, one would need the
# letter and that page. Somebody who examines every transaction of the database may still learn more than this
# application shows.


# Counts failures only. With 10,000 codes out, 5,000 guesses an hour from anywhere hit one in two and a half
# years.
WRONG_LETTER_CODES = Limit("wrong-letter-codes", each=20, together=1000, pressed=3, most=5000)


@dataclass(frozen=True)
class BegunParticipation:
    response: Response
    code: str


@dataclass(frozen=True)
class PaperParticipation:
    """The receipt whose code is on a form, and the version that was printed."""

    receipt: Receipt
    version: SurveyVersion


def begin_participation(
    *,
    channel: Channel,
    submit_key: str,
    language: str,
    respondent: str,
    suspicion: str = "",
    helped_by: User | None = None,
    paper: PaperParticipation | None = None,
    today: date | None = None,
) -> BegunParticipation:
    """Start a participation: a receipt with its private code, and an empty response. `suspicion`: see
    Suspicion.

    The code is derived from the submit key, so that a double tap on "begin" gives the same participation with
    the same code, although only its hash is stored. A form on `paper` has its code already. Raises
    NotAnswerable.
    """
    survey = channel.survey
    version = paper.version if paper else survey.current
    if survey.state != SurveyState.OPEN or version is None:
        raise NotAnswerable(_("This survey is not open now."))
    key = keyed_hash(submit_key, purpose="submit")
    frozen = published_version(version.pk, version.digest)
    first = frozen.document.first_layer
    for attempt in range(5):
        code = (
            ""
            if paper
            else private_codes.new_code(KeyedChoice(f"{submit_key}:{attempt}", purpose="participation-code"))
        )
        response = Response(
            survey=survey,
            version=version,
            channel=channel,
            area_id=channel.area_id or survey.area_id,
            respondent=respondent if respondent in Respondent.values else Respondent.RESIDENT,
            language=language,
            submit_key=key,
            is_suspect=bool(suspicion),
            suspect_reason=suspicion,
            helped_by=helped_by,
            day=today or timezone.localdate(),
            layers_shown=[first.id],
        )
        response.shown = {question.id: True for question in page_after(response, frozen, first)}
        try:
            with transaction.atomic():
                response.receipt = (
                    paper.receipt
                    if paper
                    else Receipt.objects.create(
                        purpose=ReceiptPurpose.PARTICIPATION,
                        code_hash=code_hash(code),
                        language=language,
                        without_contact=survey.without_contact,
                    )
                )
                response.save(force_insert=True)
        except IntegrityError:
            # The second of two taps, or a code that is taken already.
            earlier = Response.objects.filter(
                submit_key=key, receipt__in=Receipt.objects.with_code(code)
            ).first()
            if earlier is None:
                continue
            return BegunParticipation(earlier, code)
        return BegunParticipation(response, code)
    raise NotAnswerable(_("That did not work. Please press the button once more."))


class CodeRefused(DomainError):
    """No participation begins with this; the message says what to do."""


class UnknownCode(CodeRefused):
    """A code that does not exist, or that can't be one."""


def letter_hash(channel: Channel, code: str) -> str:
    """What is stored of a code. The hash depends on the run."""
    return letter_hashes(channel, code)[0]


def letter_hashes(channel: Channel, code: str) -> list[str]:
    return stored_hashes(f"{channel.pk}:{code}", KeyUse.CODES, purpose="letter-code")


@transaction.atomic
def spend_code(*, channel: Channel, typed: str, page: str) -> str:
    """Spend the code of a letter; returns the ticket. `page` is the random key of the page it was typed on.

    Raises CodeRefused. Nonexistent and malformed codes get the same message.
    """
    code = normalise_access_code(typed)
    found = AccessCode.objects.filter(pk__in=letter_hashes(channel, code), channel=channel) if code else None
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
    """The receipt of this link. Raises Receipt.DoesNotExist if it no longer opens anything here."""
    receipt, key = open_link(token, LinkPurpose.ANSWER)
    if key != channel.code or not Invitation.objects.filter(receipt=receipt, list__channel=channel).exists():
        raise Receipt.DoesNotExist
    return receipt


@transaction.atomic
def spend_invitation(*, receipt: Receipt, page: str) -> str:
    """Spend an invitation link: its holder gets no more reminders. Returns the ticket; raises CodeRefused."""
    refused = _(
        "Somebody began with this link already, and it works once. Was it you? Then go on where you were, on "
        "the same phone or with your private code."
    )
    found = Invitation.objects.filter(receipt=receipt)
    return _spend(found, f"mail:{receipt.pk}:{page}", refused)


def _spend(found: Any, secret: str, refused: str) -> str:
    ticket = keyed_hash(secret, purpose="ticket")
    if not found.spend(_hash_ticket(ticket)) and not _has_just_begun(ticket):
        raise CodeRefused(refused)
    return ticket


def _hash_ticket(ticket: str) -> str:
    return keyed_hash(ticket, purpose="tap")


def _has_just_begun(ticket: str) -> bool:
    """Whether this is the second of two taps. False once something was answered, since housemates hold the
    code too.
    """
    return Response.objects.filter(submit_key=_submit_key(ticket), answers={}).exists()


def _submit_key(ticket: str) -> str:
    return keyed_hash(ticket, purpose="submit")


def begin_with_ticket(
    *, channel: Channel, ticket: str, language: str, respondent: str, today: date | None = None
) -> BegunParticipation:
    """The one participation of this ticket; idempotent as long as nothing was answered in it.

    Raises CodeRefused if the ticket was used, NotAnswerable if the survey does not take answers now; in that
    case the ticket remains valid.
    """
    kind: Any = Invitation if channel.asks_link else AccessCode
    # In this order: beginning stores the response first, and clears the tap afterwards.
    is_spent_here = kind.objects.filter(tap=_hash_ticket(ticket)).exists()
    earlier = Response.objects.filter(submit_key=_submit_key(ticket)).only("answers").first()
    if (earlier and earlier.answers) or not (earlier or is_spent_here):
        # With neither, the code was replaced since: only the new code can begin.
        raise CodeRefused(used_code())
    begun = begin_participation(
        channel=channel, submit_key=ticket, language=language, respondent=respondent, today=today
    )
    kind.objects.begun(_hash_ticket(ticket))
    return begun


@transaction.atomic
def replace_code(*, channel: Channel, typed: str, reason: str, page: str, by: User) -> str:
    """A new code for the holder of a letter whose code somebody else used. The same page again gives the same
    code.

    What was answered with the old code stays and counts: nothing links a code to an answer, so it can't be
    removed. Therefore a letter gets a new code only once, and only if the old one can begin nothing any more;
    the page of the letters shows how many were replaced. Raises CodeRefused.
    """
    if channel.survey.state in (SurveyState.DRAFT, SurveyState.CLOSED) or channel.closed_on:
        raise CodeRefused(_("Nobody can begin with these letters any more."))
    code = normalise_access_code(typed)
    codes = AccessCode.objects.filter(channel=channel)
    old = codes.select_for_update().filter(pk__in=letter_hashes(channel, code)).first() if code else None
    if old is None:
        raise UnknownCode(unknown_code())
    if not old.spent:
        raise CodeRefused(_("This code was not used yet. They can begin with it now."))
    if old.replacement == Replacement.FRESH:
        raise CodeRefused(
            _("This code was given in place of another. Fill it in together on the phone instead.")
        )
    new = new_code(KeyedChoice(f"{channel.pk}:{code}:{page}", purpose="new-letter-code"))
    if old.replacement == Replacement.REPLACED:
        if codes.filter(pk__in=letter_hashes(channel, new), replacement=Replacement.FRESH).exists():
            return new
        raise CodeRefused(_("A new code was given for this one already. That one works, once."))
    codes.filter(pk=old.pk).update(replacement=Replacement.REPLACED, tap="")
    AccessCode.objects.create(channel=channel, pk=letter_hash(channel, new), replacement=Replacement.FRESH)
    Event.log("replace_code", channel.survey, by=by, note=reason, code=channel.code)
    return new


def promised_date(survey: Survey) -> date | None:
    """The date promised last: moving it changes the Promise, not the survey as published."""
    due = Promise.objects.filter(subject=survey.subject).values_list("due_on", flat=True).first()
    return due or survey.promise_before


def upcoming_promise_date(survey: Survey) -> date | None:
    """The promised date, or None once it is past: a sentence that promises it would be false."""
    day = promised_date(survey)
    return day if day and day >= timezone.localdate() else None
