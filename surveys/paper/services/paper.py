"""Texts of a survey on letters, posters and flyers: in its main language, and shortened in the others."""

from functools import lru_cache

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import pick
from core.languages import offered
from core.paper import Other, PrintContent, PrintTexts
from neighbourhoods.models import Municipality, ParticipationRules
from neighbourhoods.states import BackingState
from surveys.answering.access_codes import format_access_code
from surveys.answering.services.beginning import still_to_come
from surveys.models import Channel, Survey
from surveys.printing.printing import PrintedLetter, can_be_set, letters_pdf
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import published
from surveys.questionnaire.walk import length

SAMPLE = "0000AAAA"
"""Code on the sample letter; no real letter ever has it."""


def address_of(channel: Channel) -> str:
    """The address to type or link, without a trailing slash."""
    return absolute(reverse("start", args=[channel.code])).rstrip("/")


def on_paper(channel: Channel) -> str:
    """The address without `https://`, as people read it."""
    return address_of(channel).partition("://")[2]


def url_with_code(channel: Channel, code: str) -> str:
    return absolute(reverse("start_with_code", args=[channel.code, code]))


def sheet_for_letters(channel: Channel, *, window: str, reminder: bool = False) -> PrintContent:
    """The content of the letters of a run; `reminder` for people who got one already."""
    survey = channel.survey
    document = _document(survey)
    main, *rest = offered(document.languages)
    with translation.override(main):
        lines = [
            _(
                "The code works once. You need not give a name. In this system the code can't be connected to "
                "your address."
            ),
            *_backed(survey),
            *_by_phone(),
        ]  # fmt: skip
        above = (
            _("A reminder. Did you answer already? Thank you; then there is nothing left to do.")
            if reminder
            else ""
        )
        words = _words(survey, main, lines, above=above)
    others = tuple(_other(document, language, with_code=True) for language in rest)
    sheet = PrintContent(words, f"{address_of(channel)}/", on_paper(channel), [], window)
    return _with_those_that_fit(sheet, others)


def sheet_for_poster(channel: Channel) -> PrintContent:
    survey = channel.survey
    document = _document(survey)
    main, *rest = offered(document.languages)
    with translation.override(main):
        words = _words(survey, main, [_("You need not give a name."), *_by_phone()])
    others = tuple(_other(document, language, with_code=False) for language in rest)
    return _with_those_that_fit(PrintContent(words, f"{address_of(channel)}/", on_paper(channel)), others)


def sample_letter(channel: Channel, to: list[str], *, window: str, reminder: bool = False) -> bytes:
    """A sample to check before hundreds are made. Raises CantBeSet."""
    sheet = sheet_for_letters(channel, window=window, reminder=reminder)
    return letters_pdf(sheet, [letter_to(channel, to, SAMPLE)])


def letter_to(channel: Channel, to: list[str], code: str) -> PrintedLetter:
    """`to` is name (optional), street and town; without a name it is addressed to the residents."""
    name, *place = to
    with translation.override(offered(_document(channel.survey).languages)[0]):
        lines = [name or _("To the residents of this address"), *place]
    return PrintedLetter(lines, format_access_code(code), url_with_code(channel, code))


def not_set(sheet: PrintContent, survey: Survey) -> list[str]:
    """Languages of the survey for which no font is installed."""
    there = {other.language for other in sheet.others}
    return [
        _native_language_name(language) for language in offered(survey.languages)[1:] if language not in there
    ]


def _native_language_name(language: str) -> str:
    try:
        return str(get_language_info(language)["name_local"]).capitalize()
    except KeyError:
        return language


def _document(survey: Survey) -> Document:
    """The published version, which residents read, never a later draft."""
    assert survey.current, "A way in exists from the first publication on."
    return published(survey.current.pk, survey.current.digest).document


def _words(survey: Survey, main: str, lines: list[str], *, above: str = "") -> PrintTexts:
    before = still_to_come(survey)
    day = date_format(before, "j F") if before else ""
    return PrintTexts(
        language=main,
        rtl=is_rtl(main),
        sender=Municipality.current().name,
        title=pick(_document(survey).title, main),
        lead=_in_short(_document(survey), main),
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


def _in_short(document: Document, main: str) -> str:
    first = length(document.first_layer.asked)
    if first.seconds < 60:
        n = first.questions
        return ngettext("One question. Not even a minute.", "%(n)s questions. Not even a minute.", n) % {
            "n": n
        }
    return pick(document.lead, main)


def _by_phone() -> list[str]:
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
