"""Texts of a survey on letters, posters and flyers: in its main language, and shortened in the others."""

from dataclasses import dataclass
from functools import lru_cache

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core.i18n import pick
from core.languages import offered_languages
from core.paper import Other, PrintContent, PrintTexts
from neighbourhoods.models import Municipality, ParticipationRules
from neighbourhoods.states import BackingState
from surveys.answering.access_codes import format_access_code
from surveys.answering.services.beginning import upcoming_promise_date
from surveys.models import AccessCode, AddressList, Channel, DayCount, Invitation, LetterRun, Survey
from surveys.paper.ways import CHANNEL_ADVICE, RUN_NEXT, ChannelAdvice
from surveys.printing.sheets import PrintedLetter, can_be_set, letters_pdf
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import published_version
from surveys.questionnaire.walk import length
from surveys.states import ChannelKind

SAMPLE_CODE = "0000AAAA"
"""Code on the sample letter; no real letter ever has it."""


def address_of(channel: Channel) -> str:
    """The address to type or link, without a trailing slash."""
    return absolute(reverse("start", args=[channel.code])).rstrip("/")


def printed_start_url(channel: Channel) -> str:
    """The address without `https://`, as people read it."""
    return address_of(channel).partition("://")[2]


def url_with_code(channel: Channel, code: str) -> str:
    return absolute(reverse("start_with_code", args=[channel.code, code]))


def sheet_for_letters(channel: Channel, *, window: str, reminder: bool = False) -> PrintContent:
    """The content of the letters of a run; `reminder` for people who got one already."""
    survey = channel.survey
    document = _document(survey)
    main, *rest = offered_languages(document.languages)
    with translation.override(main):
        lines = [
            _(
                "The code works once. You need not give a name. In this system the code can't be connected to "
                "your address."
            ),
            *_backed(survey),
            *_phone_lines(),
        ]  # fmt: skip
        above = (
            _("A reminder. Did you answer already? Thank you; then there is nothing left to do.")
            if reminder
            else ""
        )
        words = _words(survey, main, lines, above=above)
    others = tuple(_other(document, language, with_code=True) for language in rest)
    sheet = PrintContent(words, f"{address_of(channel)}/", printed_start_url(channel), [], window)
    return _with_those_that_fit(sheet, others)


def sheet_for_poster(channel: Channel) -> PrintContent:
    survey = channel.survey
    document = _document(survey)
    main, *rest = offered_languages(document.languages)
    with translation.override(main):
        words = _words(survey, main, [_("You need not give a name."), *_phone_lines()])
    others = tuple(_other(document, language, with_code=False) for language in rest)
    return _with_those_that_fit(
        PrintContent(words, f"{address_of(channel)}/", printed_start_url(channel)), others
    )


def sample_letter(channel: Channel, to: list[str], *, window: str, reminder: bool = False) -> bytes:
    """A sample to check before hundreds are made. Raises CantBeSet."""
    sheet = sheet_for_letters(channel, window=window, reminder=reminder)
    return letters_pdf(sheet, [new_printed_letter(channel, to, SAMPLE_CODE)])


def new_printed_letter(channel: Channel, to: list[str], code: str) -> PrintedLetter:
    """`to` is name (optional), street and town; without a name it is addressed to the residents."""
    name, *place = to
    with translation.override(offered_languages(_document(channel.survey).languages)[0]):
        lines = [name or _("To the residents of this address"), *place]
    return PrintedLetter(lines, format_access_code(code), url_with_code(channel, code))


def languages_without_font(sheet: PrintContent, survey: Survey) -> list[str]:
    """Languages of the survey for which no font is installed."""
    there = {other.language for other in sheet.others}
    return [
        _native_language_name(language)
        for language in offered_languages(survey.languages)[1:]
        if language not in there
    ]


def _native_language_name(language: str) -> str:
    try:
        return str(get_language_info(language)["name_local"]).capitalize()
    except KeyError:
        return language


def _document(survey: Survey) -> Document:
    """The published version, which residents read, never a later draft."""
    assert survey.current, "A way in exists from the first publication on."
    return published_version(survey.current.pk, survey.current.digest).document


def _words(survey: Survey, main: str, lines: list[str], *, above: str = "") -> PrintTexts:
    before = upcoming_promise_date(survey)
    day = date_format(before, "j F") if before else ""
    return PrintTexts(
        language=main,
        rtl=is_rtl(main),
        sender=Municipality.current().name,
        title=pick(_document(survey).title, main),
        lead=_short_lead(_document(survey), main),
        go_to=_("Point your camera here, or go to"),
        your_code=_("Your code"),
        promise=_("Before %(day)s you hear what we do with it. Also when something can't be done.")
        % {"day": day}
        if day
        else "",
        we_answer=_("You say it, we answer."),
        qr_alt=_("QR code of the address beside it"),
        lines=lines,
        above=above,
    )


def _short_lead(document: Document, main: str) -> str:
    first = length(document.first_layer.asked)
    if first.seconds < 60:
        n = first.questions
        return ngettext("One question. Not even a minute.", "%(n)s questions. Not even a minute.", n) % {
            "n": n
        }
    return pick(document.lead, main)


def _phone_lines() -> list[str]:
    phone = Municipality.current().phone
    return [_("Rather by phone or on paper? Call %(phone)s.") % {"phone": phone}] if phone else []


def _backed(survey: Survey) -> list[str]:
    """The backer by role; nobody is named before elections."""
    backing = survey.current.backing if survey.current else None
    rules = ParticipationRules.current()
    if backing is None or backing.state != BackingState.SIGNED or not backing.backer_title:
        return []
    if rules.is_silent(timezone.localdate()):
        return []
    name = backing.backer_title
    return [f"{name[:1].upper()}{name[1:]} {_('backs this.')}"]


def _other(document: Document, language: str, *, with_code: bool) -> Other:
    """Title and first sentence; and the instructions, in languages into which they are translated."""
    said = [document.title.get(language, ""), document.lead.get(language, "")]
    if with_code and language in ("nl", "en"):
        with translation.override(language):
            said.append(_("Go to the address above and type your code."))
    name = _native_language_name(language)
    if not with_code and language == "en":
        name = "Also in English"
    return Other(language, is_rtl(language), name, " ".join(filter(None, said)))


def is_rtl(language: str) -> bool:
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:
        return False


def _with_those_that_fit(sheet: PrintContent, others: tuple[Other, ...]) -> PrintContent:
    there = [other for other in others if _can_be_set(other)]
    return PrintContent(sheet.words, sheet.url, sheet.address, there, sheet.window)


@lru_cache(maxsize=100)
def _can_be_set(other: Other) -> bool:
    plain = PrintTexts("nl", False, "x", "x", "x", "x", "x", "x", "x", "x", [])
    return can_be_set(PrintContent(plain, "https://nabij.invalid/", "nabij.invalid"), other)


# The channels of a survey: how many came by each, and closing one.


@dataclass(frozen=True)
class ChannelStatus:
    """`used` of `out` codes or links were used; `out` is None if the channel has none."""

    channel: Channel
    way: ChannelAdvice
    address: str
    people: int
    out: int | None = None
    used: int = 0
    run: LetterRun | None = None
    addresses: AddressList | None = None

    @property
    def next_step(self) -> str | Promise:
        if self.channel.closed_on:
            return ""
        return RUN_NEXT.get(self.run.state, self.way.next_step) if self.run else self.way.next_step

    @property
    def is_shared(self) -> bool:
        return self.channel.kind in (ChannelKind.LINK, ChannelKind.PARTNER) and not self.channel.closed_on

    @property
    def is_printed(self) -> bool:
        return not self.channel.invited and self.channel.kind not in (ChannelKind.PHONE, ChannelKind.DOOR)


def channel_statuses(survey: Survey) -> list[ChannelStatus]:
    """Open channels first. A fixed number of queries, however many codes are out."""
    channels = survey.channels.select_related("area", "run", "addresses").order_by("closed_on", "pk")
    people = dict(DayCount.objects.filter(survey=survey).order_by().values_list("channel").annotate(Sum("n")))
    codes = code_counts(survey)
    return sorted(
        (
            ChannelStatus(
                channel,
                CHANNEL_ADVICE[channel.kind],
                address_of(channel),
                people.get(channel.pk, 0),
                out=codes.get(channel.pk, (None, 0))[0],
                used=codes.get(channel.pk, (None, 0))[1],
                run=getattr(channel, "run", None),
                addresses=getattr(channel, "addresses", None),
            )
            for channel in channels
        ),
        key=lambda one: one.channel.closed_on is not None,
    )


def code_counts(survey: Survey) -> dict[int, tuple[int | None, int]]:
    """Channel -> how many codes or links went out, and how many of them were used."""
    letters = AccessCode.objects.filter(channel__survey=survey).values_list("channel")
    mails = Invitation.objects.filter(list__channel__survey=survey).values_list("list__channel")
    counts = {"out": Count("pk"), "used": Count("pk", filter=Q(spent=True))}
    rows = letters.order_by().annotate(**counts).union(mails.order_by().annotate(**counts), all=True)
    return {pk: (out, used) for pk, out, used in rows}


@transaction.atomic
def close_channel(*, channel: Channel, by: User) -> None:
    """Nobody new comes in here; people who began may finish. Idempotent."""
    if Channel.objects.filter(pk=channel.pk, closed_on=None).update(closed_on=timezone.localdate()):
        Event.log("close_way", channel.survey, by=by, code=channel.code, way=ChannelKind(channel.kind))


@transaction.atomic
def reopen_channel(*, channel: Channel, by: User) -> None:
    if Channel.objects.filter(pk=channel.pk, closed_on__isnull=False).update(closed_on=None):
        Event.log("open_way", channel.survey, by=by, code=channel.code, way=ChannelKind(channel.kind))
