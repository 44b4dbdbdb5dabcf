"""One resident's answers, page by page: read, store, and count them when a layer is done.

The functions that the views call are one transaction each, lock the response, and are idempotent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import get_or_gone
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import Contribution
from feedback.states import ContributionKind
from neighbourhoods.models import Area, Theme
from surveys.models import DayCount, Response, Statement, Tally
from surveys.questionnaire.conditions import Context, is_answer
from surveys.questionnaire.counting import difference, tally
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.published import Published, published
from surveys.questionnaire.question_types import AnswerError, Statements, Views, WrittenAnswer, type_of
from surveys.questionnaire.walk import Walk
from surveys.states import ANSWERABLE, StatementState, Suspicion


class NotAnswerable(DomainError):
    """The survey is closed, or the answers were withdrawn."""


def walk_of(response: Response, document: Document) -> Walk:
    """The walk of this respondent through the version they began with."""
    unknown = response.area_id == response.survey.area_id and len(document.areas) > 1
    context = Context(
        area=None if unknown else str(response.area_id),
        respondent=response.respondent,
        around=_around(response) if published_of(response).asks_for_area else frozenset(),
    )
    return Walk(document, response.answers, context, frozenset(response.layers_done))


def published_of(response: Response) -> Published:
    return published(response.version_id, response.version.digest)


def page_after(response: Response, frozen: Published, layer: Layer) -> tuple[Question, ...]:
    """The page to show next in this layer; empty if all of it was passed."""
    walk = walk_of(response, frozen.document)
    return next(
        (page for page in walk.pages(layer) if any(not walk.passed(question) for question in page)),
        (),
    )


def live_in(response: Response, frozen: Published, area: str) -> bool:
    """Set where they live from an answer ("" for elsewhere); returns whether it changed. Only areas of the
    survey count.
    """
    response.area_was_asked = True
    found = int(area) if area in frozen.document.areas else response.survey.area_id
    moved = found != response.area_id
    response.area_id = found
    return moved


def locked(pk: UUID) -> Response:
    return answerable(get_or_gone(Response.objects.with_survey().select_for_update(of=("self",)), pk=pk))


def answerable(response: Response) -> Response:
    """Raises NotAnswerable if the survey is closed or the answers were withdrawn."""
    if response.survey.state not in ANSWERABLE:
        raise NotAnswerable(_("This survey is closed."))
    if response.withdrawn_on:
        raise NotAnswerable(_("You withdrew your answer. Put it back first."))
    return response


def _around(response: Response) -> frozenset[str]:
    parents = Area.objects.filter(pk=response.area_id).values_list("parent_id", "parent__parent_id")
    return frozenset(str(pk) for row in parents for pk in row if pk)


class IncompletePage(Exception):
    """The input can't be saved as it is: `errors` by question id, or a kind `nudge`."""

    def __init__(self, errors: Mapping[str, AnswerError], *, nudge: bool = False) -> None:
        self.errors, self.nudge = errors, nudge


def read_page(page: tuple[Question, ...], data: QueryDict) -> dict[str, Any]:
    """The cleaned answers of a page by question id; None for a skipped question. Raises IncompletePage."""
    if data.get("go") == "skip":
        return {asked.id: None for asked in page}
    values: dict[str, Any] = {}
    errors: dict[str, AnswerError] = {}
    for asked in page:
        try:
            values[asked.id] = type_of(asked).clean(asked, data)
        except AnswerError as error:
            errors[asked.id] = error
    if errors:
        raise IncompletePage(errors)
    if "nudged" not in data and _is_empty(page, values):
        raise IncompletePage({}, nudge=True)
    return values


def _is_empty(page: tuple[Question, ...], values: Mapping[str, Any]) -> bool:
    """Nothing chosen on a page with choices: the page asks once whether that is intended."""
    return all(value is None for value in values.values()) and any(
        question.shape not in (Shape.TEXT, Shape.VIEWS) for question in page
    )


LEAST_QUESTIONS = 3
"""The pace of one or two taps says nothing."""


def is_too_fast(*, seconds: float, questions: int, least: float) -> bool:
    """Whether `questions` were passed in less than `least` seconds each.

    Random tapping takes about a second per page, reading takes several (our own estimate; a setting).
    """
    return questions >= LEAST_QUESTIONS and seconds < least * questions


# epoch, question, option, area, channel, respondent, suspect
TallyRowKey = tuple[int, str, str, int, int, str, bool]

_TALLY = "survey_id, epoch, question, option, area_id, channel_id, respondent, suspect"
_DAY = "survey_id, day, channel_id, area_id, suspect"


def tally_row_keys(response: Response, *, epoch: int, keys: list[list[str]]) -> dict[TallyRowKey, int]:
    """The full counter keys of a response, each once."""
    return {
        (
            epoch,
            question,
            option,
            response.area_id,
            response.channel_id,
            response.respondent,
            response.is_suspect,
        ): 1
        for question, option in keys
    }


def booked(response: Response) -> dict[TallyRowKey, int]:
    """The counter keys that were counted for it before, from `counted`."""
    if not response.counted:
        return {}
    (epoch, area, channel, respondent, suspect, _day), keys = response.counted
    return {(epoch, question, option, area, channel, respondent, suspect): 1 for question, option in keys}


def count(response: Response, *, epoch: int, keys: list[list[str]]) -> None:
    """Book the difference between what was counted for this response and `keys`.

    Changes `response.counted`; the caller, who holds the lock on the row, must save it.
    """
    now = tally_row_keys(response, epoch=epoch, keys=keys)
    changes = difference(booked(response), now)
    if changes:
        _add(Tally, _TALLY, [((response.survey_id, *line), n) for line, n in changes])
    before = {_day_of(response): 1} if response.counted else {}
    today = (_stored(response.day), response.channel_id, response.area_id, response.is_suspect)
    after = {today: 1} if keys else {}
    if days := difference(before, after):
        _add(DayCount, _DAY, [((response.survey_id, *day), n) for day, n in days])
    under = [
        epoch,
        response.area_id,
        response.channel_id,
        response.respondent,
        response.is_suspect,
        response.day.isoformat(),
    ]
    response.counted = [under, keys] if keys else []


def _day_of(response: Response) -> tuple[Any, int, int, bool]:
    _epoch, area, channel, _respondent, suspect, day = response.counted[0]
    return _stored(date.fromisoformat(day)), channel, area, suspect


def _stored(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


# Table and column names are our own; every value is a parameter.
def _add(model: type[Model], key: str, rows: list[tuple[tuple, int]]) -> None:
    """Add 1 or -1 to each counter, inserting missing ones. `rows` must be sorted."""
    table = model._meta.db_table
    more = [row for row, n in rows if n > 0]
    less = [row for row, n in rows if n < 0]
    with connection.cursor() as cursor:
        if less and connection.features.has_select_for_update:
            # Two statements follow, so lock all rows first, in the common sort order.
            every = _values([row for row, _n in rows])
            cursor.execute(
                f"SELECT 1 FROM {table} WHERE ({key}) IN ({every}) ORDER BY {key} FOR UPDATE",  # noqa: S608
                [value for row, _n in rows for value in row],
            )
        if more:
            cursor.execute(
                f"INSERT INTO {table} ({key}, n) {_values([(*row, 1) for row in more])} "
                f"ON CONFLICT ({key}) DO UPDATE SET n = {table}.n + excluded.n",
                [value for row in more for value in (*row, 1)],
            )
        if less:
            cursor.execute(
                f"UPDATE {table} SET n = n - 1 WHERE ({key}) IN ({_values(less)})",  # noqa: S608
                [value for row in less for value in row],
            )


def _values(rows: list[tuple]) -> str:
    return "VALUES " + ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))


REST = "rest"
# Upper bounds in minutes; the last bucket is open. Buckets, since an exact time would point at a moment.
DURATION_BUCKETS = (1, 2, 5, 15)


def booking_of(response: Response, today: date | None) -> ContributionRecorder:
    return ContributionRecorder(
        receipt=response.receipt_id,
        source=response.survey.subject,
        area=response.area_id,
        language=response.language,
        day=today or timezone.localdate(),
    )


def store_answer(response: Response, question: Question, value: Any, booking: ContributionRecorder) -> None:
    """Store one answer. Words become a contribution; the response holds its id."""
    before = response.answers.get(question.id)
    match question.shape:
        case Shape.TEXT:
            value = _keep_words(question, before, value, booking)
        case Shape.VIEWS:
            value = _keep_views(response, question, before or {}, value, booking)
    response.answers[question.id] = value
    response.shown[question.id] = True


def _keep_words(
    question: Question, before: Any, words: WrittenAnswer | None, booking: ContributionRecorder
) -> Any:
    if not words:
        if is_answer(before):
            booking.drop_words(slot=question.id)
        return None
    theme = words.theme if words.theme and Theme.objects.filter(slug=words.theme).exists() else ""
    subject = _text_subject(question, theme)
    kept = booking.keep_words(
        slot=question.id, subject=subject, text=words.text, is_new=not is_answer(before), spot=words.spot
    )
    # Store only that they are 16 or older, not their age, and only because the place requires it.
    more = {"theme": theme} if theme else {}
    return {"text": str(kept), **more, **({"is_16": True} if words.spot else {})}


def _keep_views(
    response: Response,
    question: Question,
    before: Mapping[str, Any],
    given: Views | None,
    booking: ContributionRecorder,
) -> Any:
    """Add views to those on other statements; `more` is set as long as others are to come."""
    kept = {key: value for key, value in before.items() if key != "more"} | dict(given.views if given else {})
    if given and given.own is not None:
        kept |= _keep_statement(question, kept.pop("text", None), given.own, booking)
    if given and not given.is_done and not _is_done(response, question):
        kind = type_of(question)
        assert isinstance(kind, Statements)
        put = kind.put_to(question, kept, str(response.pk))
        if question.settings.get("own", True) or any(not each.view for each in put):
            kept["more"] = True
    return kept or None


def _keep_statement(
    question: Question, before: str | None, words: str, booking: ContributionRecorder
) -> dict[str, str]:
    """Someone's own statement waits for a reader, again if its words change."""
    if not words:
        if before:
            booking.drop_words(slot=question.id)
        return {}
    old = Contribution.objects.filter(pk=before).values_list("text", flat=True).first() if before else None
    subject = _text_subject(question, "")
    kept = booking.keep_words(slot=question.id, subject=subject, text=words, is_new=not before)
    if old is None:
        Statement.objects.get_or_create(contribution_id=kept, defaults={"question_id": int(question.id)})
    elif old != words:
        Statement.objects.filter(contribution=kept).update(
            state=StatementState.WAITING, decided_by=None, decided_on=None
        )
    return {"text": str(kept)}


def _is_done(response: Response, question: Question) -> bool:
    layer = published_of(response).document.layer_of(question)
    return layer.id in response.layers_done


def end_layer(
    response: Response, frozen: Published, layer: Layer, booking: ContributionRecorder, minutes: float | None
) -> None:
    """The layer is done: answers off its path are removed."""
    walk = walk_of(response, frozen.document)
    for question_id in walk.off_path(layer):
        if is_answer(response.answers.pop(question_id, None)):
            booking.drop_words(slot=question_id)
        response.shown.pop(question_id, None)
    if layer.id not in response.layers_done:
        is_alone = response.helped_by_id is None and not response.suspect_reason
        if (
            minutes is not None
            and is_alone
            and is_too_fast(
                seconds=60 * minutes, questions=len(walk.path(layer)), least=settings.SECONDS_A_QUESTION
            )
        ):
            response.is_suspect, response.suspect_reason = True, Suspicion.FAST
        response.layers_done = [*response.layers_done, layer.id]
        if minutes is not None:
            bucket = next((str(bound) for bound in DURATION_BUCKETS if minutes <= bound), "more")
            response.durations[layer.id] = bucket


def book(response: Response, frozen: Published, booking: ContributionRecorder) -> None:
    """Count finished layers, and record the debts for them."""
    if not response.layers_done:
        return
    is_first = not response.counted
    keys = tally(frozen.document, response.answers, response.shown, response.layers_done)
    things = _things_said(response, frozen.document)
    # Create topics before counters, as for words; otherwise two first respondents in a neighbourhood
    # deadlock.
    booking.topics([thing.subject for thing in things])
    count(response, epoch=frozen.epoch, keys=sorted([question, option] for question, option in keys))
    booking.record(things, is_first=is_first)


def _things_said(response: Response, document: Document) -> list[NewContribution]:
    """Everything said in finished layers: each need chosen, each text, and all other answers as one."""
    things, rest = [], False
    for layer in document.layers:
        if layer.id not in response.layers_done:
            continue
        for question in layer.questions:
            value = response.answers.get(question.id)
            if not is_answer(value):
                continue
            if question.shape is Shape.TEXT:
                subject = _text_subject(question, value.get("theme", ""))
                things.append(NewContribution(question.id, ContributionKind.TEXT, subject))
            elif question.shape is Shape.VIEWS:
                if "text" in value:
                    subject = _text_subject(question, "")
                    things.append(NewContribution(question.id, ContributionKind.TEXT, subject))
                rest = rest or len(value) > ("text" in value)
            elif question.asks_needs and (chosen := _needs(question, value)):
                things += chosen
            else:
                rest = True
    if rest or not things:
        # Somebody who skipped everything also took part, and hears the outcome. It is named after the survey,
        # because “the other questions” means nothing to a reader months later.
        things.append(NewContribution(REST, ContributionKind.REST, Subject(key=REST, title=document.title)))
    return things


def is_booked_with_others(question: Question, value: Any) -> bool:
    """Whether an answer is neither a chosen need nor a text: those are booked together."""
    if not is_answer(value) or question.shape is Shape.TEXT:
        return False
    if question.shape is Shape.VIEWS:
        return len(value) > ("text" in value)
    return not (question.asks_needs and _needs(question, value))


def _needs(question: Question, value: Any) -> list[NewContribution]:
    ids = [value] if isinstance(value, str) else [option for option, yes in value.items() if yes is True]
    options = [option for id in ids if (option := question.option(id)) and not option.dont_know]
    return [
        NewContribution(
            slot=f"{question.id}:{option.id}",
            kind=ContributionKind.CHOICE,
            subject=Subject(
                key=f"option:{option.id}",
                title=option.label,
                question=question.text,
                theme=int(option.theme or question.theme or 0) or None,
            ),
        )
        for option in options
    ]


def _text_subject(question: Question, theme: str) -> Subject:
    """A text is about the theme its writer chose, else about the question it answers."""
    if theme and (given := Theme.objects.filter(slug=theme).first()):
        return Subject(key=f"theme:{theme}", title=given.name, question=question.text, theme=given.pk)
    return Subject(
        key=f"question:{question.id}",
        title=question.text,
        question=question.text,
        theme=int(question.theme or 0) or None,
    )


class OffPath(Exception):
    """The question is not on this respondent's path, or not yet."""

    def __init__(self, response: Response) -> None:
        self.response = response


@dataclass(frozen=True)
class Saved:
    """Result of saving a page: `following` is the next page, empty if the layer is finished."""

    response: Response
    layer: Layer
    following: tuple[Question, ...]
    was_done: bool


@transaction.atomic
def save_page(
    *,
    under_way: Mapping[UUID, float],
    code: str,
    question_id: str,
    read: Callable[[tuple[Question, ...]], Mapping[str, Any]],
    today: date | None = None,
) -> Saved:
    """Save the answers of one page and go on.

    `under_way` maps the participations on this phone to the minutes since their layer was begun; the one that
    came in through channel `code` is used. `read` cleans the input for the questions of the page: by question
    id the value of its type (an option id, WrittenAnswer, Views, or None for skipped). It may raise to refuse
    the input.

    If no page follows, the layer is counted, with its contributions and debts, in this same transaction.
    Raises Response.DoesNotExist, NotAnswerable, and OffPath for a question that is not on their path.
    """
    response = answerable(Response.objects.under_way(under_way, code, lock=True))
    frozen = published_of(response)
    walk = walk_of(response, frozen.document)
    place = walk.place(question_id)
    if place is None or not walk.may_visit(question_id):
        raise OffPath(response)
    page = next(page for page in walk.pages(place.layer) if place.question in page)
    layer, was_done = place.layer, place.layer.id in response.layers_done
    booking = booking_of(response, today)
    told = None
    for id, value in read(page).items():
        asked = frozen.document.question(id)
        store_answer(response, asked, value, booking)
        told = type_of(asked).area_told(asked, value) if told is None else told
    moved = told is not None and live_in(response, frozen, told)
    if moved:
        booking = booking_of(response, today)
    following = page_after(response, frozen, layer)
    for question in following:
        response.shown[question.id] = True
    changed = ["answers", "shown"]
    if not following or was_done:
        end_layer(response, frozen, layer, booking, under_way[response.pk])
        book(response, frozen, booking)
        changed += ["counted", "layers_done", "durations", "is_suspect", "suspect_reason"]
    elif moved:
        book(response, frozen, booking)
        changed.append("counted")
    if told is not None:
        changed += ["area", "area_was_asked"]
    response.save(update_fields=changed)
    return Saved(response, layer, following, was_done)


@transaction.atomic
def enter_layer(*, response_id: UUID, layer_id: str) -> tuple[Response, tuple[Question, ...]]:
    """Record that a deeper layer was shown to the resident, and find its first page. Raises NotAnswerable."""
    response = locked(response_id)
    frozen = published_of(response)
    layer = frozen.document.layer(layer_id)
    if not walk_of(response, frozen.document).may_enter(layer):
        raise NotAnswerable(_("These questions are not for you now."))
    page = page_after(response, frozen, layer) or next(
        iter(walk_of(response, frozen.document).pages(layer)), ()
    )
    if layer.id not in response.layers_shown:
        response.layers_shown = [*response.layers_shown, layer.id]
    for question in page:
        response.shown[question.id] = True
    response.save(update_fields=["shown", "layers_shown"])
    return response, page


@transaction.atomic
def tell_area(*, response_id: UUID, area: Area | None, today: date | None = None) -> Response:
    """Set where the resident lives, or that they'd rather not say. Moves counters and debts along."""
    response = locked(response_id)
    if area is not None and not response.survey.areas.filter(pk=area.pk).exists():
        raise DomainError(_("This survey is not held in that neighbourhood."))
    response.area_id = area.pk if area else response.survey.area_id
    response.area_was_asked = True
    frozen = published_of(response)
    book(response, frozen, booking_of(response, today))
    response.save(update_fields=["area", "area_was_asked", "counted"])
    return response
