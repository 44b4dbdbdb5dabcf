"""The outcome page of a survey: a snapshot with words beside it; and publishing that page.

Reads snapshots only: every number here went through surveys/publication/.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.i18n import Texts, pick
from neighbourhoods.models import Area
from surveys.builder.services.retired_questions import RetiredQuestion, retired_questions
from surveys.models import Publication, Snapshot, Survey
from surveys.publication import OPEN_GROUP, SnapshotTables
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.published import published_version
from surveys.questionnaire.question_types import type_of
from surveys.results.services.results import FEW_PEOPLE
from surveys.states import SEEN_BY_RESIDENTS, Respondent


@dataclass(frozen=True)
class OutcomeAnswer:
    """One answer as a bar. `n` is None if hidden; `percent` is None if it would suggest more than is known.
    `of` is the whole that the bar is part of: those who answered or, if that is not shown, who saw the
    question.
    """

    id: str
    label: Texts
    n: int | None
    percent: int | None
    of: int


@dataclass(frozen=True)
class OutcomeGroup:
    """The answers of one neighbourhood or kind of respondent, in the same order as those of everybody."""

    id: str
    name: str
    numbers: tuple[int | None, ...]

    @property
    def is_hidden(self) -> bool:
        return all(n is None for n in self.numbers)


@dataclass(frozen=True)
class Division:
    """One question by neighbourhood ("area") or by kind of respondent ("kind")."""

    by: str
    parts: tuple[OutcomeGroup, ...]

    @property
    def shown(self) -> tuple[OutcomeGroup, ...]:
        return tuple(part for part in self.parts if not part.is_hidden)

    @property
    def hidden(self) -> tuple[OutcomeGroup, ...]:
        return tuple(part for part in self.parts if part.is_hidden)


@dataclass(frozen=True)
class QuestionOutcome:
    """The outcome of one question. `on` is the date of its numbers. `is_of_seen`: bars are relative to those
    who saw the question, because the number who answered is not shown.
    """

    question: Question
    on: date | None
    shown: int
    answered: int | None
    is_of_seen: bool
    answers: tuple[OutcomeAnswer, ...]
    divisions: tuple[Division, ...]

    @property
    def most(self) -> int:
        return max((answer.n or 0 for answer in self.answers), default=0)

    @property
    def is_few(self) -> bool:
        return (self.answered or self.shown) < FEW_PEOPLE

    @property
    def has_hidden(self) -> bool:
        return any(answer.n is None for answer in self.answers)

    @property
    def sentence(self) -> str:
        if self.question.shape is Shape.VIEWS:
            return _("What people say of it, statement by statement.")
        first = [answer for answer in self.answers if answer.n == self.most]
        names = [f"“{pick(answer.label, get_language() or '')}”" for answer in first]
        if len(names) > 2:
            return _("No answer stands out.")
        if self.has_hidden and self.question.shape is Shape.MANY:
            shown = {"answer": _(" and ").join(names), "n": self.most}
            return (
                _(
                    "Of what can be shown, most often given: %(answer)s, by about %(n)d "
                    "people. What is marked “too few” may have been given more often."
                )
                % shown
            )
        if len(names) == 2:
            both = {"one": names[0], "other": names[1], "n": self.most}
            return _("%(one)s and %(other)s were said equally often: by about %(n)d people each.") % both
        said = {"answer": names[0], "n": self.most, "of": self.answered}
        if self.question.asks_needs and self.answered:
            return _("Most asked for: %(answer)s. About %(n)d of the %(of)d who answered.") % said
        if self.question.asks_needs:
            return _("Most asked for: %(answer)s. About %(n)d people.") % said
        if self.answered:
            return _("Said most often: %(answer)s. About %(n)d of the %(of)d who answered.") % said
        return _("Said most often: %(answer)s. About %(n)d people.") % said


@dataclass(frozen=True)
class LayerOutcome:
    """A layer with how many finished it (None: too few), and its closed questions: with None if nothing is shown."""

    layer: Layer
    people: int | None
    questions: tuple[tuple[Question, QuestionOutcome | None], ...]


@dataclass(frozen=True)
class OpenOrInvitedOutcome:
    """Open or invited respondents, never combined in one percentage."""

    key: str
    people: int | None
    on: date | None
    layers: tuple[LayerOutcome, ...]
    retired_questions: tuple[tuple[Layer, QuestionOutcome, RetiredQuestion], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.key == OPEN_GROUP


@dataclass(frozen=True)
class SurveyOutcome:
    """Everything public about a survey, in one snapshot."""

    survey: Survey
    document: Document
    snapshot: Snapshot | None
    ways: tuple[OpenOrInvitedOutcome, ...]

    @property
    def people(self) -> int:
        return self.snapshot.rounded_responses if self.snapshot else 0

    def question_outcomes(self) -> Iterator[tuple[OpenOrInvitedOutcome, Layer, QuestionOutcome]]:
        for way in self.ways:
            for layer in way.layers:
                for _question, told in layer.questions:
                    if told:
                        yield way, layer.layer, told
            for gone_from, told, _gone in way.retired_questions:
                yield way, gone_from, told


def read_outcome(survey: Survey, snapshot: Snapshot | None = None) -> SurveyOutcome:
    """The outcome in a snapshot, by default the last one; in five queries at most."""
    assert survey.current is not None
    document = published_version(survey.current.pk, survey.current.digest).document
    snapshot = snapshot or survey.snapshots.first()
    if snapshot is None:
        return SurveyOutcome(survey, document, None, ())
    names = _names(survey, document) if snapshot.public_parts else {}
    gone = retired_questions(survey, document)
    ways = tuple(
        _channel_group_outcome(key, tables, snapshot.public_parts.get(key, {}), document, names, gone)
        for key, tables in SnapshotTables(tables=snapshot.tables).ways().items()
        if tables.get("responses")
    )
    return SurveyOutcome(survey, document, snapshot, ways)


def _names(survey: Survey, document: Document) -> dict[str, dict[str, str]]:
    areas = Area.objects.filter(pk__in=[int(pk) for pk in document.areas if pk.isdigit()])
    inside = {str(area.pk): area.name for area in areas}
    return {
        "area": {str(survey.area_id): _("did not say where"), **inside},
        "kind": {kind.value: str(kind.label) for kind in Respondent},
    }


def _channel_group_outcome(
    key: str,
    tables: Mapping[str, Any],
    parts: Mapping[str, Any],
    document: Document,
    names: Mapping[str, Any],
    gone: Mapping[str, RetiredQuestion],
) -> OpenOrInvitedOutcome:
    found = _by_question(tables.get("questions", {}))
    divided = {question: rows for question, rows in parts.items() if question in found}
    layers = []
    for layer in document.layers:
        questions = tuple(
            (
                question,
                _told(question, found[question.id], divided.get(question.id, {}), names)
                if question.id in found
                else None,
            )
            for question in layer.asked
            if question.shape is not Shape.TEXT
        )
        if questions:
            layers.append(LayerOutcome(layer, tables.get("layers", {}).get(layer.id), questions))
    no_longer = tuple(
        (document.layer_of(id), _told(one.question, found[id], divided.get(id, {}), names), one)
        for id, one in gone.items()
        if id in found
    )
    return OpenOrInvitedOutcome(
        key, tables.get("responses"), _day(tables.get("on")), tuple(layers), no_longer
    )


def _by_question(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Combines the statements of a question ("9:12") into one table. Without a total: others answered each of
    them.
    """
    found: dict[str, Any] = {}
    for key, table in tables.items():
        question, _colon, statement = key.partition(":")
        if not statement:
            found[question] = table
            continue
        before = found.get(question, {"on": "", "shown": 0, "options": {}, "seen_by": {}, "answered_by": {}})
        found[question] = {
            "on": max(before["on"], table["on"]),
            "shown": max(before["shown"], table["shown"]),
            "answered": None,
            "options": {**before["options"], **table["options"]},
            "seen_by": {**before["seen_by"], **dict.fromkeys(table["options"], table["shown"])},
            "answered_by": {**before["answered_by"], **dict.fromkeys(table["options"], table["answered"])},
        }
    return found


def _told(
    question: Question, table: Mapping[str, Any], parts: Mapping[str, Any], names: Mapping[str, Any]
) -> QuestionOutcome:
    answered, numbers = table["answered"], table["options"]
    answered_by = table.get("answered_by", dict.fromkeys(numbers, answered))
    is_of_seen = None in answered_by.values()
    whole = table.get("seen_by", dict.fromkeys(numbers, table["shown"])) if is_of_seen else answered_by
    options = [
        option
        for option in type_of(question).result_options(question)
        if option.id in numbers and not (option.retired and numbers[option.id] is None)
    ]
    answers = tuple(
        OutcomeAnswer(option.id, option.label, n, _percent(n, answered), whole[option.id])
        for option in options
        for n in [numbers[option.id]]
    )
    divisions = (
        Division(
            by,
            tuple(
                OutcomeGroup(
                    part,
                    names.get(by, {}).get(part, part),
                    tuple(row.get(option.id) for option in options),
                )
                for part, row in rows.items()
            ),
        )
        for by, rows in parts.items()
    )
    return QuestionOutcome(
        question=question,
        on=_day(table.get("on")),
        shown=table["shown"],
        answered=answered,
        is_of_seen=is_of_seen,
        answers=answers,
        divisions=tuple(division for division in divisions if division.shown),
    )


def _percent(n: int | None, answered: int | None) -> int | None:
    if n is None or not answered or answered < FEW_PEOPLE:
        return None
    return min(round(100 * n / answered), 100)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def outcome_rows(outcome: SurveyOutcome) -> Iterator[list[Any]]:
    """The published tables, one number per row, for a file. An empty number is hidden."""
    language = get_language() or ""
    for way, _layer, told in outcome.question_outcomes():
        who = _("came by themselves") if way.is_open else _("were invited")
        asked = pick(told.question.text, language)
        day = told.on.isoformat() if told.on else ""
        labels = [pick(answer.label, language) for answer in told.answers]
        for label, answer in zip(labels, told.answers, strict=True):
            yield [who, asked, label, _("everybody"), answer.n, told.answered, told.shown, day]
        for division in told.divisions:
            for part in division.parts:
                for label, n in zip(labels, part.numbers, strict=True):
                    yield [who, asked, label, part.name, n, None, None, day]


def outcome_heading() -> list[str]:
    return [
        _("Who"),
        _("Question"),
        _("Answer"),
        _("Among"),
        _("People, rounded to 5"),
        _("Answered"),
        _("Saw it"),
        _("As of"),
    ]


# --- publishing the page --------------------------------------------------------------------------


class NothingToPublish(DomainError):
    """No table is published yet."""


@transaction.atomic
def publish_page(*, survey: Survey, words: dict[str, str], by: User) -> Publication:
    """Publish the outcome: as a page, as a file and as open data. Called again, it replaces the words.

    Raises NothingToPublish if there is no table yet.
    """
    snapshot = survey.snapshots.only("tables").first()
    if survey.state not in SEEN_BY_RESIDENTS or not snapshot or not snapshot.rounded_responses:
        raise NothingToPublish(
            _("There is nothing to publish yet: the first tables come within a day after ten answers.")
        )
    kept = {language: text.strip() for language, text in words.items() if text.strip()}
    page, is_new = Publication.objects.get_or_create(
        survey=survey, defaults={"words": kept, "published_by": by}
    )
    if not is_new and page.words == kept:
        return page
    if not is_new:
        page.words, page.changed_at = kept, timezone.now()
        page.save(update_fields=["words", "changed_at"])
    Event.log("publish outcome", survey, by=by)
    return page


@transaction.atomic
def unpublish_page(*, survey: Survey, by: User) -> None:
    """Withdraw the outcome page. Files that were downloaded are not recalled."""
    gone, _per_model = Publication.objects.filter(survey=survey).delete()
    if gone:
        Event.log("take back outcome", survey, by=by)
