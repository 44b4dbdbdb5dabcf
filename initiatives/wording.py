"""Words of matching: the reasons for and against a suggestion, as chips for colleagues and as a sentence for
the volunteer.

Reasons are stored as values (`as_values`) and put into words in the language of the reader.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from initiatives.matching import MAX_POINTS_PER_TOPIC, TOPIC_BY_REASON, Detail, FitTopic, Reason, ReasonCode
from initiatives.states import ClearanceKind, Day, DayPart, Decline, Language, Skill

DescribeDetail = Callable[[Detail], str]

SKILL_PHRASES: Mapping[str, str | Promise] = {
    Skill.HANDY: pgettext_lazy("who helps", "is handy"),
    Skill.CARE: pgettext_lazy("who helps", "has attention for people"),
    Skill.COOK: pgettext_lazy("who helps", "can cook"),
    Skill.ORGANISE: pgettext_lazy("who helps", "can organise"),
    Skill.CONNECT: pgettext_lazy("who helps", "talks easily with people"),
    Skill.LANGUAGE: pgettext_lazy("who helps", "is good with language and forms"),
    Skill.DIGITAL: pgettext_lazy("who helps", "is good with computers and phones"),
    Skill.CREATIVE: pgettext_lazy("who helps", "is creative or musical"),
    Skill.SPORT: pgettext_lazy("who helps", "likes sport and games"),
    Skill.GREEN: pgettext_lazy("who helps", "likes plants and animals"),
    Skill.DRIVE: pgettext_lazy("who helps", "can drive"),
    Skill.TRADE: pgettext_lazy("who helps", "has the profession for it"),
    Skill.SPACE: pgettext_lazy("who helps", "has a place or things to lend"),
}
SKILL_PHRASES_FOR_VOLUNTEER: Mapping[str, str | Promise] = {
    Skill.HANDY: pgettext_lazy("because you ...", "are handy"),
    Skill.CARE: pgettext_lazy("because you ...", "have attention for people"),
    Skill.COOK: pgettext_lazy("because you ...", "like to cook"),
    Skill.ORGANISE: pgettext_lazy("because you ...", "like to organise"),
    Skill.CONNECT: pgettext_lazy("because you ...", "talk easily with people"),
    Skill.LANGUAGE: pgettext_lazy("because you ...", "are good with language and forms"),
    Skill.DIGITAL: pgettext_lazy("because you ...", "are good with computers and phones"),
    Skill.CREATIVE: pgettext_lazy("because you ...", "are creative or musical"),
    Skill.SPORT: pgettext_lazy("because you ...", "like sport and games"),
    Skill.GREEN: pgettext_lazy("because you ...", "like plants and animals"),
    Skill.DRIVE: pgettext_lazy("because you ...", "can drive"),
    Skill.TRADE: pgettext_lazy("because you ...", "have the profession for it"),
    Skill.SPACE: pgettext_lazy("because you ...", "have a place or things to lend"),
}
DAY_PART_PHRASES: Mapping[str, str | Promise] = {
    DayPart.MORNING: gettext_lazy("%(day)s morning"),
    DayPart.AFTERNOON: gettext_lazy("%(day)s afternoon"),
    DayPart.MEAL: gettext_lazy("%(day)s at mealtime"),
    DayPart.EVENING: gettext_lazy("%(day)s evening"),
}
TOPIC_NAMES: Mapping[FitTopic, str | Promise] = {
    FitTopic.SKILLS: gettext_lazy("Skills and interest"),
    FitTopic.AVAILABILITY: gettext_lazy("Time"),
    FitTopic.DISTANCE: gettext_lazy("Distance"),
    FitTopic.ACCESS: gettext_lazy("Language and company"),
    FitTopic.WISH: gettext_lazy("What they wished"),
}
_QUIET_MARKS = frozenset(
    {ReasonCode.NO_LANGUAGE_ASKED, ReasonCode.EITHER, ReasonCode.SAME_TOWN, ReasonCode.ONCE}
)
"""Counted in the score and named in its sum, but not shown as a chip: they tell a reader nothing."""
UNKNOWN_REASONS = frozenset(
    {
        ReasonCode.SKILLS_UNKNOWN,
        ReasonCode.TIMES_UNKNOWN,
        ReasonCode.PLACE_UNKNOWN,
        ReasonCode.LANGUAGE_UNKNOWN,
    }
)
MAX_REASONS_IN_TEXT = 3
"""Number of reasons told to the volunteer: as many as people remember."""


@dataclass(frozen=True)
class Chip:
    """Inputs of components/chip.html."""

    text: str
    kind: str = ""
    sign: str = ""


@dataclass(frozen=True)
class ScoreLine:
    """One topic of the score: its name, the points given, the maximum, and the reasons."""

    name: str
    points: int
    most: int
    said: str


# --- stored values ----------------------------------------------------------------------------


def offer_name(number: int, what: str) -> str:
    return _("Offer %(number)s: %(what)s") % {"number": number, "what": what}


# --- for colleagues ---------------------------------------------------------------------------


def describe_reason(reason: Reason) -> str:
    return MARK_TEXTS[reason.mark](reason.detail)


def chip(reason: Reason) -> Chip:
    if reason.mark in UNKNOWN_REASONS or not reason.points:
        return Chip(describe_reason(reason), "not")
    if reason.mark not in TOPIC_BY_REASON:
        return Chip(describe_reason(reason), "adjust", "+" if reason.points > 0 else "−")
    return Chip(describe_reason(reason))


def chips(reasons: Iterable[Reason]) -> list[Chip]:
    """Chips in order: what fits, then what is unknown, then adjustments."""
    found = [
        chip(one)
        for one in reasons
        if one.mark not in _QUIET_MARKS and not (one.mark == ReasonCode.OFTEN and one.points < 3)
    ]
    return sorted(found, key=lambda one: ("", "not", "adjust").index(one.kind))


def sums(reasons: Iterable[Reason]) -> list[ScoreLine]:
    """The score per topic: all five, also those that give no points."""
    told: dict[FitTopic, list[Reason]] = {topic: [] for topic in FitTopic}
    for one in reasons:
        if topic := TOPIC_BY_REASON.get(one.mark):
            told[topic].append(one)
    return [
        ScoreLine(
            str(TOPIC_NAMES[topic]),
            sum(one.points for one in of),
            MAX_POINTS_PER_TOPIC[topic],
            ", ".join(describe_reason(one) for one in of),
        )
        for topic, of in told.items()
    ]


def _format_day(iso: str | int) -> str:
    """“1 June”; with the year when it is not the current year."""
    value = date.fromisoformat(str(iso))
    return formats.date_format(value, "j F" if value.year == timezone.localdate().year else "j F Y")


def join_words(words: Sequence[str]) -> str:
    """“a, b and c”."""
    if len(words) < 2:
        return "".join(words)
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}


def describe_moments(parts: Iterable[str | int]) -> str:
    """“Thursday afternoon and Saturday”: a day with several parts is named without them."""
    per_day: dict[Day, list[str]] = {}
    for part in map(str, parts):
        per_day.setdefault(Day(int(part[0])), []).append(part[1])
    return join_words(
        [
            str(DAY_PART_PHRASES[of[0]]) % {"day": day.label} if len(of) == 1 else str(day.label)
            for day, of in sorted(per_day.items())
        ]
    )


def _skills(detail: Detail) -> str:
    return join_words([str(SKILL_PHRASES[skill]) for skill in map(str, detail) if skill in SKILL_PHRASES])


def _languages(detail: Detail) -> str:
    return join_words([str(Language(code).label) for code in map(str, detail) if code in Language.values])


def _clearance(detail: Detail) -> str:
    return (
        _("no valid VOG on %(day)s") % {"day": _format_day(detail[1])}
        if detail[0] == ClearanceKind.VOG
        else ""
    )


def _busy(detail: Detail) -> str:
    busy = int(detail[0])
    if not busy:
        return _("was asked for something else and has not answered yet")
    return ngettext("does %(n)d thing already", "does %(n)d things already", busy) % {"n": busy}


def _clash(detail: Detail) -> str:
    return _("times clash: only %(moments)s") % {"moments": describe_moments(detail)}


def _decline_text(detail: Detail) -> str:
    why = str(detail[0])
    because = str(Decline(why).label) if why in Decline.values else why
    return _("said no to this before: %(why)s") % {"why": because}


def _paused(detail: Detail) -> str:
    if not detail:
        return _("has a break")
    return _("has a break until %(day)s") % {"day": _format_day(detail[0])}


def _waits(detail: Detail) -> str:
    days = int(detail[0])
    return ngettext("waits %(days)d day", "waits %(days)d days already", days) % {"days": days}


def _week(detail: Detail) -> str:
    people = int(detail[0])
    if people == 1:
        return _("somebody was asked for this already this week")
    return _("%(n)d people were asked for this already this week") % {"n": people}


def _load(detail: Detail) -> str:
    busy = int(detail[0])
    return ngettext("does something already", "does %(n)d things already", busy) % {"n": busy}


def _skills_unknown(detail: Detail) -> str:
    return _("asks for nothing in particular") if "role" in detail else _("ask what they can do")


def _times_unknown(detail: Detail) -> str:
    return _("when it is, is not known yet") if "role" in detail else _("ask when they can")


def _is(text: str | Promise) -> DescribeDetail:
    return lambda detail: str(text)


MARK_TEXTS: Mapping[ReasonCode, DescribeDetail] = {
    ReasonCode.NO_CONSENT: _is(gettext_lazy("did not agree to this")),
    ReasonCode.UNREACHABLE: _is(gettext_lazy("did not say yet that the address is theirs")),
    ReasonCode.TOO_YOUNG: _is(gettext_lazy("did not say to be 18, and that is needed here")),
    ReasonCode.NO_CLEARANCE: _clearance,
    ReasonCode.NO_ROOM: _is(gettext_lazy("no place left")),
    ReasonCode.BUSY: _busy,
    ReasonCode.CLASH: _clash,
    ReasonCode.ENDS_BEFORE: lambda detail: _("offers this until %(day)s") % {"day": _format_day(detail[0])},
    ReasonCode.SAID_NO: _decline_text,
    ReasonCode.TOO_FAR: _is(gettext_lazy("found something as near as this too far")),
    ReasonCode.OTHER_MOMENTS: lambda detail: (
        _("cannot come on %(moments)s, they said before") % {"moments": describe_moments(detail)}
    ),
    ReasonCode.TOO_MUCH: lambda detail: (
        _("found it too much for now (ask again from %(day)s)") % {"day": _format_day(detail[0])}
    ),
    ReasonCode.PAUSED: _paused,
    ReasonCode.ALREADY: _is(gettext_lazy("was proposed already")),
    ReasonCode.SKILLS: _skills,
    ReasonCode.SKILLS_UNKNOWN: _skills_unknown,
    ReasonCode.INTEREST: _is(gettext_lazy("wants to do something about this")),
    ReasonCode.FREE: lambda detail: _("%(moments)s free") % {"moments": describe_moments(detail)},
    ReasonCode.TIMES_UNKNOWN: _times_unknown,
    ReasonCode.OFTEN: _is(gettext_lazy("wants to help more often")),
    ReasonCode.ONCE: _is(gettext_lazy("it is for once")),
    ReasonCode.SAME_AREA: _is(gettext_lazy("same neighbourhood")),
    ReasonCode.NEAR: _is(gettext_lazy("a neighbourhood nearby")),
    ReasonCode.SAME_TOWN: _is(gettext_lazy("elsewhere in the municipality")),
    ReasonCode.PLACE_UNKNOWN: _is(gettext_lazy("how far it is, is not known")),
    ReasonCode.SPEAKS: lambda detail: _("speaks %(languages)s, needed there") % {"languages": _languages(detail)},
    ReasonCode.NO_LANGUAGE_ASKED: _is(gettext_lazy("no other language is needed")),
    ReasonCode.LANGUAGE_UNKNOWN: _is(gettext_lazy("ask which languages they speak")),
    ReasonCode.TOGETHER: _is(gettext_lazy("rather together, and that can be")),
    ReasonCode.ALONE: _is(gettext_lazy("rather alone, and that can be")),
    ReasonCode.EITHER: _is(gettext_lazy("together or alone: no wish told")),
    ReasonCode.WISHED_ROLE: _is(gettext_lazy("chose this themselves")),
    ReasonCode.WISHED_THEME: _is(gettext_lazy("named this themselves in the survey")),
    ReasonCode.WAITS: _waits,
    ReasonCode.NOBODY_YET: _is(gettext_lazy("nobody does this yet")),
    ReasonCode.LOAD: _load,
    ReasonCode.PROPOSED_THIS_WEEK: _week,
}  # fmt: skip


# --- for the volunteer ------------------------------------------------------------------------


def _you_skills(detail: Detail) -> str:
    return join_words(
        [
            str(SKILL_PHRASES_FOR_VOLUNTEER[skill])
            for skill in map(str, detail)
            if skill in SKILL_PHRASES_FOR_VOLUNTEER
        ]
    )


REASON_TEXTS_FOR_VOLUNTEER: Mapping[ReasonCode, DescribeDetail] = {
    ReasonCode.WISHED_ROLE: _is(pgettext_lazy("because you ...", "chose this yourself")),
    ReasonCode.WISHED_THEME: _is(pgettext_lazy("because you ...", "named this yourself")),
    ReasonCode.FREE: lambda detail: (
        pgettext("because you ...", "are free on %(moments)s") % {"moments": describe_moments(detail)}
    ),
    ReasonCode.SKILLS: _you_skills,
    ReasonCode.SPEAKS: lambda detail: (
        pgettext("because you ...", "speak %(languages)s") % {"languages": _languages(detail)}
    ),
    ReasonCode.SAME_AREA: _is(pgettext_lazy("because you ...", "live in the same neighbourhood")),
    ReasonCode.NEAR: _is(pgettext_lazy("because you ...", "live nearby")),
    ReasonCode.INTEREST: _is(pgettext_lazy("because you ...", "want to do something about this")),
    ReasonCode.OFTEN: _is(pgettext_lazy("because you ...", "want to help more often")),
}
"""What a volunteer is told about themselves, most telling first. Waiting time, load and unknowns are for
colleagues only."""


def volunteer_reason_text(reasons: Iterable[Reason]) -> str:
    """“We think this suits you, because you are free on Thursday and like to cook.”"""
    by_mark = {one.mark: one for one in reasons if one.points > 0}
    why = [say(by_mark[mark].detail) for mark, say in REASON_TEXTS_FOR_VOLUNTEER.items() if mark in by_mark][
        :MAX_REASONS_IN_TEXT
    ]
    if not why:
        return _("We think this may suit you.")
    return _("We think this suits you, because you %(why)s.") % {"why": join_words(why)}
