"""Writing a survey: layers, questions and options, as long as it is a draft.

What was once published is retired, not deleted: answers and exports keep knowing it. Ids are never used again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from initiatives.models import ExpectationCard
from neighbourhoods.errors import DomainError, InvalidTransition
from neighbourhoods.models import Area, Theme
from surveys.models import Layer, Option, Question, Survey
from surveys.question_types import TYPES
from surveys.services.start import around
from surveys.states import SurveyState

Row = TypeVar("Row", Layer, Question, Option)


@dataclass(frozen=True)
class OptionWords:
    """What was filled in for one answer, in one language."""

    label: str
    hint: str = ""
    theme_id: int | None = None
    dont_know: bool = False


@dataclass(frozen=True)
class QuestionWords:
    """What was filled in for one question, in one language, and which button was pressed beside an answer.

    `new_options` are labels to add; `move` is an option's id and the steps it goes down, `take_out` an id.
    """

    texts: Mapping[str, str]
    fields: Mapping[str, Any]
    options: Mapping[int, OptionWords] = field(default_factory=dict)
    new_options: Sequence[str] = ()
    move: tuple[int, int] | None = None
    take_out: int | None = None


# --- the survey itself ------------------------------------------------------------------------


@transaction.atomic
def change_survey(
    *,
    survey: Survey,
    language: str,
    texts: Mapping[str, str],
    areas: list[Area],
    languages: list[str],
    owner: User,
    influence: str,
    promise_before: date | None,
    erase_on: date | None,
    by: User,
) -> Survey:
    """Texts in one language, and what holds for all."""
    survey = _draft(survey)
    survey.languages = languages
    for name, words in texts.items():
        survey.say(name, language, words, main=languages[0])
    survey.area = around(areas)
    survey.areas.set(areas)
    survey.owner, survey.influence = owner, influence
    survey.promise_before, survey.erase_on = promise_before, erase_on
    survey.save()
    Event.log("change", survey, by=by, note="settings")
    return survey


@transaction.atomic
def change_card(*, survey: Survey, language: str, rows: Mapping[str, str], by: User) -> ExpectationCard:
    """What somebody who joins in may expect. The marks of stale rows stand with the survey, as “card.money.en”."""
    survey = _draft(survey)
    card = survey.card or ExpectationCard(name=str(survey)[:80])
    for row, words in rows.items():
        before = getattr(card, row).get(language, "")
        setattr(card, row, getattr(card, row) | {language: words.strip()})
        _mark_card(survey, row, language, changed=words.strip() != before)
    card.save()
    survey.card = card
    _touch(survey, by, "card", fields=["card", "stale"])
    return card


def _mark_card(survey: Survey, row: str, language: str, *, changed: bool) -> None:
    stale = set(survey.stale) - {f"card.{row}.{language}"}
    if changed and language == survey.languages[0]:
        stale |= {f"card.{row}.{other}" for other in survey.languages[1:]}
    survey.stale = sorted(stale)


# --- layers -----------------------------------------------------------------------------------


@transaction.atomic
def add_layer(*, survey: Survey, by: User) -> Layer:
    """A deeper layer at the end, or the first one when there is none."""
    survey = _draft(survey)
    layers = survey.layers.filter(retired=False)
    layer = Layer.objects.create(
        survey=survey, order=_next(survey.layers.all()), is_first=not layers.filter(is_first=True).exists()
    )
    _touch(survey, by, f"layer {layer.pk} added")
    return layer


@transaction.atomic
def change_layer(
    *,
    layer: Layer,
    language: str,
    title: str,
    theme: Theme | None,
    one_page: bool,
    condition: Any,
    by: User,
) -> Layer:
    survey = _draft(layer.survey)
    layer.say("title", language, title, main=survey.languages[0])
    layer.theme, layer.one_page = theme, one_page
    layer.condition = None if layer.is_first else condition
    layer.save()
    _touch(survey, by, f"layer {layer.pk}")
    return layer


@transaction.atomic
def retire_layer(*, layer: Layer, by: User) -> None:
    """Take a layer out, with its questions. The first can't go: everybody begins with it."""
    survey = _draft(layer.survey)
    if layer.is_first:
        raise DomainError(_("Layer 1 is for everybody and stays. Take its questions out instead."))
    layer.retired = True
    layer.save(update_fields=["retired"])
    _touch(survey, by, f"layer {layer.pk} taken out")


@transaction.atomic
def put_back_layer(*, layer: Layer, by: User) -> None:
    survey = _draft(layer.survey)
    layer.retired, layer.order = False, _next(survey.layers.all())
    layer.save(update_fields=["retired", "order"])
    _touch(survey, by, f"layer {layer.pk} put back")


@transaction.atomic
def move_layer(*, layer: Layer, steps: int, by: User) -> None:
    """Up (-1) or down (1) among the deeper layers; the first stays first."""
    survey = _draft(layer.survey)
    if not layer.is_first:
        _move(list(survey.layers.filter(retired=False, is_first=False)), layer, steps, start=1)
    _touch(survey, by, f"layer {layer.pk} moved")


# --- questions --------------------------------------------------------------------------------


@transaction.atomic
def add_question(*, layer: Layer, type: str, by: User) -> Question:
    """An empty question at the end of the layer, with the options its type begins with."""
    survey = _draft(layer.survey)
    question = Question.objects.create(
        layer=layer, type=type, order=_next(layer.questions.all()), theme=layer.theme
    )
    for order, label in enumerate(TYPES[type].starting_options()):
        said = {code: words for code, words in label.items() if code in survey.languages}
        Option.objects.create(question=question, order=order, label=said)
    _touch(survey, by, f"question {question.pk} added")
    return question


@transaction.atomic
def change_question(*, question: Question, language: str, filled_in: QuestionWords, by: User) -> Question:
    """Keep what was filled in for a question and its options, in one language. Empty new options are left out."""
    survey = _draft(question.layer.survey)
    main = survey.languages[0]
    fields = dict(filled_in.fields)
    if question.type_locked:
        fields.pop("type", None)
    for name, value in fields.items():
        setattr(question, name, value)
    for name, words in filled_in.texts.items():
        question.say(name, language, words, main=main)
    question.save()
    for option in question.options.filter(pk__in=filled_in.options, retired=False):
        _change_option(option, language, filled_in.options[option.pk], main)
    if TYPES[question.type].has_options:
        order = _next(question.options.all())
        for place, label in enumerate(filled_in.new_options):
            Option.objects.create(question=question, order=order + place, label={language: label})
    _press(question, filled_in)
    _touch(survey, by, f"question {question.pk}")
    return question


def _press(question: Question, filled_in: QuestionWords) -> None:
    options = list(question.options.filter(retired=False))
    for option in options:
        if filled_in.move and option.pk == filled_in.move[0]:
            _move(options, option, filled_in.move[1])
            return
        if option.pk == filled_in.take_out:
            option.retired = True
            option.save(update_fields=["retired"])
            return


def _change_option(option: Option, language: str, words: OptionWords, main: str) -> None:
    option.say("label", language, words.label, main=main)
    option.say("hint", language, words.hint, main=main)
    option.theme_id, option.dont_know = words.theme_id, words.dont_know
    option.save()


@transaction.atomic
def retire_question(*, question: Question, by: User) -> None:
    survey = _draft(question.layer.survey)
    question.retired = True
    question.save(update_fields=["retired"])
    _touch(survey, by, f"question {question.pk} taken out")


@transaction.atomic
def put_back_question(*, question: Question, by: User) -> None:
    survey = _draft(question.layer.survey)
    question.retired, question.order = False, _next(question.layer.questions.all())
    question.save(update_fields=["retired", "order"])
    _touch(survey, by, f"question {question.pk} put back")


@transaction.atomic
def move_question(*, question: Question, steps: int, by: User) -> None:
    """Up or down within the layer; beyond its ends into the layer before or after."""
    survey = _draft(question.layer.survey)
    rows = list(question.layer.questions.filter(retired=False))
    place = rows.index(question) + steps
    if 0 <= place < len(rows):
        _move(rows, question, steps)
    else:
        _into_next_layer(survey, question, steps)
    _touch(survey, by, f"question {question.pk} moved")


def _into_next_layer(survey: Survey, question: Question, steps: int) -> None:
    layers = list(survey.layers.filter(retired=False).order_by("-is_first", "order", "id"))
    place = layers.index(question.layer) + (1 if steps > 0 else -1)
    if not 0 <= place < len(layers):
        return
    layer = layers[place]
    orders = [other.order for other in layer.questions.all()]
    if steps > 0:
        layer.questions.update(order=models.F("order") + 1)
        question.order = 0
    else:
        question.order = max(orders, default=-1) + 1
    question.layer = layer
    question.save(update_fields=["layer", "order"])


# --- what all of them need --------------------------------------------------------------------


def _draft(survey: Survey) -> Survey:
    """The survey, locked, so that two colleagues write one after the other. Only a draft can be written."""
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    if survey.state != SurveyState.DRAFT:
        raise InvalidTransition(_("This survey is published. Take it back first, if nobody answered yet."))
    return survey


def _touch(survey: Survey, by: User, note: str, fields: Iterable[str] = ()) -> None:
    survey.changed_at = timezone.now()
    survey.save(update_fields=["changed_at", *fields])
    Event.log("change", survey, by=by, note=note)


def _next(rows: models.QuerySet[Any]) -> int:
    last = rows.aggregate(last=models.Max("order"))["last"]
    return 0 if last is None else last + 1


def _move(rows: list[Row], row: Row, steps: int, start: int = 0) -> None:
    """Change the place of `row` among `rows` and number them anew, for two may have the same number."""
    place = rows.index(row)
    rows.insert(max(0, min(len(rows) - 1, place + steps)), rows.pop(place))
    for order, each in enumerate(rows, start=start):
        each.order = order
        each.save(update_fields=["order"])
