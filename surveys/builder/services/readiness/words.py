"""Texts of a draft: what is missing, in which language, and what is not in plain language."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from neighbourhoods.advice.plain_language import LintFinding as Lint
from neighbourhoods.advice.plain_language import plain_language
from neighbourhoods.wording import PLAIN_LANGUAGE_REMARKS
from surveys.builder.lints import LintCode as LintCode
from surveys.builder.services.readiness.remark import PublishBlocker, RemarkPlace
from surveys.models import Question, Survey

LINTS: Mapping[str, str | Promise] = {
    **PLAIN_LANGUAGE_REMARKS,
    LintCode.TWO_IN_ONE: gettext_lazy(
        "Two questions in one: people answer one of them, and you don't know which. Split them."
    ),
    LintCode.AGREE: gettext_lazy(
        "“%(found)s”: many people say yes to whatever is put to them. Rather ask how often or how much."
    ),
    LintCode.LEADING: gettext_lazy(
        "“%(found)s” says what you hope to hear: people give you that, or stop trusting you. Ask it evenly."
    ),
    LintCode.SENSITIVE: gettext_lazy(
        "Sensitive: this is about %(found)s. People stop here, or wonder why you must know. "
        "Is it needed? Then let the skip button say “I'd rather not say”."
    ),
    LintCode.GUESS: gettext_lazy(
        "“I don't know” is missing: people guess then, and you take it for knowledge."
    ),
    LintCode.NO_USE: gettext_lazy(
        "“%(found)s” does not say what happens with the answer: people think that nothing does. "
        "Name what you decide with it."
    ),
    LintCode.DOUBLE_NEGATIVE: gettext_lazy(
        "“%(found)s” says no twice: people lose track of what their yes means, and some say the opposite of what "
        "they think. Ask it without a no."
    ),
    LintCode.LONG_ANSWER: gettext_lazy(
        "A long answer (%(found)s words): on a phone people read its first line and choose another. Cut it to what "
        "makes it differ."
    ),
    LintCode.TWO_ANSWERS: gettext_lazy(
        "“%(found)s” holds two answers: who means one of them has nothing to choose, or says more than they mean. "
        "Make two answers of it, or ask the second thing by itself."
    ),
    LintCode.LEADING_ANSWER: gettext_lazy(
        "“%(found)s” makes one answer nicer or worse than the others: people choose what sounds right, not what they "
        "think. Say it as evenly as the rest."
    ),
    LintCode.SAME_ANSWER: gettext_lazy(
        "“%(found)s” and “%(better)s” mean the same: people who mean this part over two answers, and both look "
        "smaller than they are. Keep one."
    ),
    LintCode.OVERLAP: gettext_lazy(
        "“%(found)s” and “%(better)s” overlap: who fits both picks either, and the numbers mean nothing there. Let "
        "the one begin where the other ends."
    ),
}


def translated_language_name(code: str) -> str:
    """A language's name in the reader's language."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def own_name(code: str) -> str:
    """A language's name in that language."""
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


def missing_text_remarks(
    place: RemarkPlace,
    row: object,
    names: Mapping[str, str | Promise],
    languages: Iterable[str],
    stale: Collection[str] | None = None,
) -> Iterator[PublishBlocker]:
    """Texts that are missing: entirely, in one of the languages, or with an outdated translation."""
    for field, name in names.items():
        if not any(words.strip() for words in getattr(row, field).values()):
            yield place.lack(_("%(what)s is missing.") % {"what": name}, field)
        else:
            yield from translations_of(place, row, {field: name}, languages, stale)


def translations_of(
    place: RemarkPlace,
    row: object,
    names: Mapping[str, str | Promise],
    languages: Iterable[str],
    stale: Collection[str] | None = None,
) -> Iterator[PublishBlocker]:
    for field, name in names.items():
        texts = getattr(row, field)
        if not any(words.strip() for words in texts.values()):
            continue
        for language in languages:
            said = {"what": name, "language": translated_language_name(language)}
            if not texts.get(language, "").strip():
                yield place.lack(_("%(what)s is missing in %(language)s.") % said, field, language)
            elif f"{field}.{language}" in (getattr(row, "stale", ()) if stale is None else stale):
                yield place.warn(
                    "stale",
                    _(
                        "%(what)s changed after it was translated to %(language)s: readers of that language "
                        "answer another question."
                    )
                    % said,
                    field,
                    language,
                    about=repr(sorted(texts.items())),
                )


def proposals_of(
    place: RemarkPlace, row: object, names: Mapping[str, str | Promise], proposed: Collection[str]
) -> Iterator[PublishBlocker]:
    """Proposals: texts from an example, a copy or a file that nobody confirmed yet."""
    for field, name in names.items():
        if field in proposed and getattr(row, field):
            said = _("%(what)s: this is a proposal. Change it, or say that it is right.") % {"what": name}
            yield place.lack(said, f"confirm_{field}")


def plain_of(place: RemarkPlace, row: Survey | Question, names: Iterable[str]) -> Iterator[PublishBlocker]:
    for name in names:
        for language, text in getattr(row, name).items():
            for lint in plain_language(text, language):
                yield of_lint(place, lint, name, language, text)


def of_lint(place: RemarkPlace, lint: Lint, field: str, language: str, text: str) -> PublishBlocker:
    said = str(LINTS[lint.code]) % {"found": lint.found, "better": lint.better}
    return place.warn(f"{lint.code}.{lint.found}"[:30], said, field, language, about=text)
