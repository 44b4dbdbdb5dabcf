"""Editing a survey: layers, questions and options, also while it runs. Residents read versions, never the
draft.

Published rows are retired, not deleted: answers and exports keep referring to them. Ids are never reused.

`seen` is the revision of the survey on the page where the action was chosen. If a colleague edited in
between, the action raises ChangedMeanwhile, and nothing is overwritten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Theme, Trajectory
from surveys.builder.services import proposals
from surveys.builder.services.start import smallest_common_area
from surveys.models import Layer, Option, Question, Survey
from surveys.questionnaire.question_types import QUESTION_TYPES, StartingOption
from surveys.states import SurveyState


class ChangedMeanwhile(DomainError):
    """A colleague edited after this was read. Read again before deciding."""

    def __init__(self) -> None:
        super().__init__(_("A colleague changed this survey in the meantime. This is how it is now."))


DraftRow = TypeVar("DraftRow", Layer, Question, Option)


@dataclass(frozen=True)
class OptionWords:
    """Input for one answer, in one language."""

    label: str
    hint: str = ""
    theme_id: int | None = None
    dont_know: bool = False
    counts_as: str = ""
    then: str = ""


@dataclass(frozen=True)
class QuestionWords:
    """Input for one question, in one language, and the button pressed beside an answer.

    `new_options` are labels to add; `move` is an option id and the number of steps down, `removed_option` and
    `put_back` an id. `seen` are the option ids in the order the page showed, if that matters for the move.
    `confirmed` are proposed texts that somebody confirmed.
    """

    texts: Mapping[str, str]
    fields: Mapping[str, Any]
    options: Mapping[int, OptionWords] = field(default_factory=dict)
    new_options: Sequence[str] = ()
    move: tuple[int, int] | None = None
    seen: Sequence[int] | None = None
    removed_option: int | None = None
    put_back: int | None = None
    confirmed: Sequence[str] = ()


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
    influence_why: str,
    promise_before: date | None,
    erase_on: date | None,
    trajectory: Trajectory | None = None,
    without_contact: bool = False,
    confirmed: Iterable[str] = (),
    by: User,
    seen: int | None = None,
) -> Survey:
    """Set texts in one language, and settings for all. Once it has opened, its days and neighbourhoods are
    promises.

    `confirmed` are proposed texts that somebody confirmed. Raises DomainError if it breaks such a promise.
    """
    survey = _draft(survey, seen)
    if survey.opened_at and _breaks_a_promise(survey, areas, promise_before, erase_on):
        raise DomainError(
            _(
                "Residents were told these days and neighbourhoods. Move the promise where it stands, with a reason."
            )
        )
    survey.languages = languages
    for name, words in texts.items():
        survey.say(name, language, words, main=languages[0])
    survey.area = smallest_common_area(areas)
    survey.areas.set(areas)
    if influence != survey.influence:
        survey.confirm(["influence"])
    survey.owner, survey.influence, survey.influence_why = owner, influence, influence_why
    survey.trajectory, survey.without_contact = trajectory, without_contact
    survey.promise_before, survey.erase_on = promise_before, erase_on
    taken = survey.confirm(confirmed)
    survey.changed_at, survey.revision = timezone.now(), survey.revision + 1
    survey.save()
    Event.log("change", survey, by=by, part=N_("settings"))
    proposals.log_confirmed(survey, taken, by=by)
    return survey


def _breaks_a_promise(
    survey: Survey, areas: list[Area], promise_before: date | None, erase_on: date | None
) -> bool:
    asked = set(survey.areas.values_list("pk", flat=True))
    return (promise_before, erase_on, {area.pk for area in areas}) != (
        survey.promise_before,
        survey.erase_on,
        asked,
    )


@transaction.atomic
def change_card(
    *,
    survey: Survey,
    language: str,
    rows: Mapping[str, str],
    confirmed: Iterable[str] = (),
    by: User,
    seen: int | None = None,
) -> ExpectationCard:
    """Set what somebody who joins in may expect. Stale marks of its rows are on the survey, as
    “card.money.en”.

    A card that was shown stays as it is for those who joined in on it: the draft continues with a copy.
    """
    survey = _draft(survey, seen)
    card = survey.card or ExpectationCard(name=str(survey)[:80])
    if card.shown_on:
        card = ExpectationCard(name=card.name, **{row: getattr(card, row) for row in card.ROWS})
    for row, words in rows.items():
        before = getattr(card, row).get(language, "")
        setattr(card, row, getattr(card, row) | {language: words.strip()})
        _mark_card(survey, row, language, changed=words.strip() != before)
    taken = survey.confirm(proposals.card_mark(row) for row in confirmed)
    card.save()
    survey.card = card
    _touch(survey, by, fields=["card", "stale", "proposed"], part=N_("expectation card"))
    proposals.log_confirmed(survey, taken, by=by)
    return card


def _mark_card(survey: Survey, row: str, language: str, *, changed: bool) -> None:
    stale = set(survey.stale) - {f"card.{row}.{language}"}
    if changed and language == survey.languages[0]:
        stale |= {f"card.{row}.{other}" for other in survey.languages[1:]}
        survey.confirm([proposals.card_mark(row)])
    survey.stale = sorted(stale)


# --- layers -----------------------------------------------------------------------------------


@transaction.atomic
def add_layer(*, survey: Survey, by: User) -> Layer:
    """A deeper layer at the end, or the first layer if there is none."""
    survey = _draft(survey)
    layers = survey.layers.filter(retired=False)
    layer = Layer.objects.create(
        survey=survey, order=_next(survey.layers.all()), is_first=not layers.filter(is_first=True).exists()
    )
    _touch(survey, by, layer=layer.pk, did=N_("added"))
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
    seen: int | None = None,
) -> Layer:
    survey = _draft(layer.survey, seen)
    layer.say("title", language, title, main=survey.languages[0])
    layer.theme, layer.one_page = theme, one_page
    layer.condition = None if layer.is_first else condition
    layer.save()
    _touch(survey, by, layer=layer.pk)
    return layer


@transaction.atomic
def retire_layer(*, layer: Layer, by: User) -> None:
    """Retire a layer with its questions. Raises DomainError for the first layer: everybody begins with it."""
    survey = _draft(layer.survey)
    if layer.is_first:
        raise DomainError(_("Layer 1 is for everybody and stays. Take its questions out instead."))
    layer.retired = True
    layer.save(update_fields=["retired"])
    _touch(survey, by, layer=layer.pk, did=N_("taken out"))


@transaction.atomic
def put_back_layer(*, layer: Layer, by: User) -> None:
    """Puts it back at its old place, so that nobody has to move it."""
    survey = _draft(layer.survey)
    layer.retired = False
    layer.save(update_fields=["retired"])
    _touch(survey, by, layer=layer.pk, did=N_("put back"))


@transaction.atomic
def move_layer(*, layer: Layer, steps: int, by: User) -> None:
    """Up (-1) or down (1) among the deeper layers; the first layer stays first."""
    survey = _draft(layer.survey)
    if not layer.is_first:
        rows = _deeper(survey)
        _place_row(rows, layer, rows.index(layer) + steps, start=1)
    _touch(survey, by, layer=layer.pk, did=N_("moved"))


@transaction.atomic
def place_layer(*, layer: Layer, place: int, seen: Sequence[int], by: User) -> None:
    """Move it to where it was dropped among the deeper layers, whose order on the page was `seen`."""
    survey = _draft(layer.survey)
    rows = _deeper(survey)
    _check_order(rows, seen)
    if layer in rows:
        _place_row(rows, layer, place, start=1)
    _touch(survey, by, layer=layer.pk, did=N_("moved"))


def _deeper(survey: Survey) -> list[Layer]:
    return list(survey.layers.filter(retired=False, is_first=False))


# --- questions --------------------------------------------------------------------------------


@transaction.atomic
def add_question(*, layer: Layer, type: str, by: User) -> Question:
    survey = _draft(layer.survey)
    question = Question.objects.create(
        layer=layer, type=type, order=_next(layer.questions.all()), theme=layer.theme
    )
    _begin_with(question, QUESTION_TYPES[type].starting_options({}), survey.languages)
    _touch(survey, by, question=question.pk, did=N_("added"))
    return question


@transaction.atomic
def change_question(
    *, question: Question, language: str, filled_in: QuestionWords, by: User, seen: int | None = None
) -> bool:
    """Save the input for a question and its options, in one language. Empty new options are ignored.

    Returns False if an option was dragged in an order that has changed meanwhile: words are saved, nothing is
    moved.
    """
    survey = _draft(question.layer.survey, seen)
    main = survey.languages[0]
    fields = dict(filled_in.fields)
    if question.type_locked:
        fields.pop("type", None)
    before = QUESTION_TYPES[question.type].starting_options(question.settings)
    for name, value in fields.items():
        setattr(question, name, value)
    for name, words in filled_in.texts.items():
        question.say(name, language, words, main=main)
    taken = question.confirm(filled_in.confirmed)
    question.save()
    for option in question.options.filter(pk__in=filled_in.options, retired=False):
        _change_option(option, language, filled_in.options[option.pk], main)
    if QUESTION_TYPES[question.type].has_options:
        order = _next(question.options.all())
        for place, label in enumerate(filled_in.new_options):
            Option.objects.create(question=question, order=order + place, label={language: label})
    _start_anew(question, before, survey.languages)
    done = _press(question, filled_in)
    _touch(survey, by, question=question.pk)
    proposals.log_confirmed(survey, taken, by=by, question=question.pk)
    return done


def _begin_with(question: Question, starts: Sequence[StartingOption], languages: Sequence[str]) -> None:
    for order, start in enumerate(starts):
        said = {code: words for code, words in start.label.items() if code in languages}
        Option.objects.create(question=question, order=order, label=said, counts_as=start.counts_as)


def _start_anew(question: Question, before: Sequence[StartingOption], languages: Sequence[str]) -> None:
    """A changed subject gets the initial options of that subject, unless somebody wrote options of their own."""
    now = QUESTION_TYPES[question.type].starting_options(question.settings)
    options = question.options.filter(retired=False)
    untouched = [
        {code: words for code, words in start.label.items() if code in languages} for start in before
    ]
    if now != before and not question.type_locked and [option.label for option in options] == untouched:
        options.update(retired=True)
        _begin_with(question, now, languages)


def _press(question: Question, filled_in: QuestionWords) -> bool:
    if filled_in.put_back:
        question.options.filter(pk=filled_in.put_back, retired=True).update(retired=False)
    options = list(question.options.filter(retired=False))
    if filled_in.seen is not None and filled_in.seen != [option.pk for option in options]:
        return False
    for option in options:
        if filled_in.move and option.pk == filled_in.move[0]:
            _place_row(options, option, options.index(option) + filled_in.move[1])
        elif option.pk == filled_in.removed_option:
            option.retired = True
            option.save(update_fields=["retired"])
    return True


def _change_option(option: Option, language: str, words: OptionWords, main: str) -> None:
    option.say("label", language, words.label, main=main)
    option.say("hint", language, words.hint, main=main)
    option.theme_id, option.dont_know, option.counts_as = words.theme_id, words.dont_know, words.counts_as
    option.then = words.then
    option.save()


@transaction.atomic
def retire_question(*, question: Question, by: User) -> None:
    survey = _draft(question.layer.survey)
    question.retired = True
    question.save(update_fields=["retired"])
    _touch(survey, by, question=question.pk, did=N_("taken out"))


@transaction.atomic
def put_back_question(*, question: Question, by: User) -> None:
    survey = _draft(question.layer.survey)
    question.retired = False
    question.save(update_fields=["retired"])
    _touch(survey, by, question=question.pk, did=N_("put back"))


@transaction.atomic
def move_question(*, question: Question, steps: int, by: User) -> None:
    """Up or down within the layer; beyond its ends into the adjacent layer."""
    survey = _draft(question.layer.survey)
    layer, rows = question.layer, _questions_in_use(question.layer)
    place = rows.index(question) + steps
    if not 0 <= place < len(rows):
        layers = list(survey.layers.filter(retired=False).order_by("-is_first", "order", "id"))
        beyond = layers.index(layer) + (1 if steps > 0 else -1)
        if 0 <= beyond < len(layers):
            layer = layers[beyond]
            rows = _questions_in_use(layer)
            place = 0 if steps > 0 else len(rows)
    _put_question(question, layer, rows, place)
    _touch(survey, by, question=question.pk, did=N_("moved"))


@transaction.atomic
def place_question(*, question: Question, layer: Layer, place: int, seen: Sequence[int], by: User) -> None:
    """Move it to where it was dropped in this layer, whose order on the page was `seen`."""
    survey = _draft(question.layer.survey)
    rows = _questions_in_use(layer)
    _check_order(rows, seen)
    _put_question(question, layer, rows, place)
    _touch(survey, by, question=question.pk, did=N_("moved"))


def _questions_in_use(layer: Layer) -> list[Question]:
    return list(layer.questions.filter(retired=False))


def _put_question(question: Question, layer: Layer, rows: list[Question], place: int) -> None:
    question.layer = layer
    question.save(update_fields=["layer"])
    _place_row(rows, question, place)


# --- helpers ----------------------------------------------------------------------------------


def _draft(survey: Survey, seen: int | None = None) -> Survey:
    """Locks the survey, so that colleagues edit one after the other.

    Raises InvalidTransition if it is closed, ChangedMeanwhile if its revision is not `seen`.
    """
    survey = get_or_gone(Survey.objects.select_for_update(), pk=survey.pk)
    if survey.state == SurveyState.CLOSED:
        raise InvalidTransition(_("This survey is closed: its questions can't be changed any more."))
    if seen is not None and seen != survey.revision:
        raise ChangedMeanwhile
    return survey


def _touch(survey: Survey, by: User, *, fields: Iterable[str] = (), **facts: Any) -> None:
    survey.changed_at, survey.revision = timezone.now(), survey.revision + 1
    survey.save(update_fields=["changed_at", "revision", *fields])
    Event.log("change", survey, by=by, **facts)


def _next(rows: models.QuerySet[Any]) -> int:
    last = rows.aggregate(last=models.Max("order"))["last"]
    return 0 if last is None else last + 1


def _place_row(rows: list[DraftRow], row: DraftRow, place: int, start: int = 0) -> None:
    """Put `row` at this place among `rows` and renumber them, because two may have the same number."""
    rows = [each for each in rows if each != row]
    rows.insert(max(0, min(len(rows), place)), row)
    for order, each in enumerate(rows, start=start):
        each.order = order
        each.save(update_fields=["order"])


def _check_order(rows: Sequence[DraftRow], seen: Sequence[int]) -> None:
    if [row.pk for row in rows] != list(seen):
        raise InvalidTransition(
            _("The order was changed in the meantime. This is how it is now: move it again if you want to.")
        )
