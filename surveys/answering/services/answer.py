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
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import get_or_gone
from feedback.contributions.services.contributions import ContributionRecorder, NewContribution, Subject
from feedback.models import Contribution
from feedback.states import ContributionKind
from neighbourhoods.models import Area, Theme
from surveys.models import DayCount, Response, Statement, Tally
from surveys.models.builder import SUBJECT
from surveys.questionnaire.counting import answered_questions, difference, is_answer, tally
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.published import PublishedVersion, published_version
from surveys.questionnaire.question_types import Statements, StatementViews, WrittenAnswer, home_area, type_of
from surveys.questionnaire.walk import Context, Walk
from surveys.states import ANSWERABLE_STATES, StatementState, Suspicion


class NotAnswerable(DomainError):
    """The survey is closed, or the answers were withdrawn."""


def walk_of(response: Response, document: Document) -> Walk:
    """The walk of this respondent through the version they began with."""
    unknown = response.area_id == response.survey.area_id and len(document.areas) > 1
    context = Context(
        area=None if unknown else str(response.area_id),
        respondent=response.respondent,
        around=_parent_area_ids(response) if published_version_of(response).asks_for_area else frozenset(),
    )
    return Walk(document, response.answers, context, frozenset(response.layers_done))


def published_version_of(response: Response) -> PublishedVersion:
    return published_version(response.version_id, response.version.digest)


def page_after(response: Response, frozen: PublishedVersion, layer: Layer) -> tuple[Question, ...]:
    """The page to show next in this layer; empty if all of it was passed."""
    return walk_of(response, frozen.document).next_page(layer)


def set_home_area(response: Response, frozen: PublishedVersion, area: str) -> bool:
    """Set where they live from an answer ("" for elsewhere); returns whether it changed. Only areas of the
    survey count.
    """
    response.area_was_asked = True
    found = int(area) if area in frozen.document.areas else response.survey.area_id
    moved = found != response.area_id
    response.area_id = found
    return moved


def lock_response(pk: UUID) -> Response:
    return answerable(get_or_gone(Response.objects.with_survey().select_for_update(of=("self",)), pk=pk))


def answerable(response: Response) -> Response:
    """Raises NotAnswerable if the survey is closed or the answers were withdrawn."""
    if response.survey.state not in ANSWERABLE_STATES:
        raise NotAnswerable(_("This survey is closed."))
    if response.withdrawn_on:
        raise NotAnswerable(_("You withdrew your answer. Put it back first."))
    return response


def _parent_area_ids(response: Response) -> frozenset[str]:
    parents = Area.objects.filter(pk=response.area_id).values_list("parent_id", "parent__parent_id")
    return frozenset(str(pk) for row in parents for pk in row if pk)


LEAST_QUESTIONS = 3
"""The pace of one or two taps says nothing."""


def is_too_fast(*, seconds: float, questions: int, least: float) -> bool:
    """Whether `questions` were passed in less than `least` seconds each.

    Random tapping takes about a second per page, reading takes several (our own estimate; a setting).
    """
    return questions >= LEAST_QUESTIONS and seconds < least * questions


# epoch, question, option, area, channel, respondent, suspect
TallyRowKey = tuple[int, str, str, int, int, str, bool]


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


def counted_keys(response: Response) -> dict[TallyRowKey, int]:
    """The counter keys that were counted for it before, from `counted`."""
    if not response.counted:
        return {}
    (epoch, area, channel, respondent, suspect, _day), keys = response.counted
    return {(epoch, question, option, area, channel, respondent, suspect): 1 for question, option in keys}


def update_counters(response: Response, *, epoch: int, keys: list[list[str]]) -> None:
    """Book the difference between what was counted for this response and `keys`.

    Changes `response.counted`; the caller, who holds the lock on the row, must save it.
    """
    now = tally_row_keys(response, epoch=epoch, keys=keys)
    changes = difference(counted_keys(response), now)
    if changes:
        Tally.objects.add([((response.survey_id, *line), n) for line, n in changes])
    before = {_day_of(response): 1} if response.counted else {}
    today = (_stored(response.day), response.channel_id, response.area_id, response.is_suspect)
    after = {today: 1} if keys else {}
    if days := difference(before, after):
        DayCount.objects.add([((response.survey_id, *day), n) for day, n in days])
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


REST_SLOT = "rest"
# Upper bounds in minutes; the last bucket is open. Buckets, since an exact time would point at a moment.
DURATION_BUCKETS = (1, 2, 5, 15)


def contribution_recorder(response: Response, today: date | None) -> ContributionRecorder:
    return ContributionRecorder(
        receipt=response.receipt_id,
        source=SUBJECT.format(response.survey_id),
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
            booking.delete_text(slot=question.id)
        return None
    theme = words.theme if words.theme and Theme.objects.filter(slug=words.theme).exists() else ""
    subject = _text_subject(question, theme)
    kept = booking.store_text(
        slot=question.id, subject=subject, text=words.text, is_new=not is_answer(before), spot=words.spot
    )
    # Store only that they are 16 or older, not their age, and only because the place requires it.
    more = {"theme": theme} if theme else {}
    return {"text": str(kept), **more, **({"is_16": True} if words.spot else {})}


def _keep_views(
    response: Response,
    question: Question,
    before: Mapping[str, Any],
    given: StatementViews | None,
    booking: ContributionRecorder,
) -> Any:
    """Add views to those on other statements; `more` is set as long as others are to come."""
    kept = {key: value for key, value in before.items() if key != "more"} | dict(given.views if given else {})
    if given and given.own is not None:
        kept |= _keep_statement(question, kept.pop("text", None), given.own, booking)
    if given and not given.is_done and not _is_done(response, question):
        kind = type_of(question)
        assert isinstance(kind, Statements)
        put = kind.statements_for_person(question, kept, str(response.pk))
        if question.settings.get("own", True) or any(not each.view for each in put):
            kept["more"] = True
    return kept or None


def _keep_statement(
    question: Question, before: str | None, words: str, booking: ContributionRecorder
) -> dict[str, str]:
    """Someone's own statement waits for a reader, again if its words change."""
    if not words:
        if before:
            booking.delete_text(slot=question.id)
        return {}
    old = Contribution.objects.filter(pk=before).values_list("text", flat=True).first() if before else None
    subject = _text_subject(question, "")
    kept = booking.store_text(slot=question.id, subject=subject, text=words, is_new=not before)
    if old is None:
        Statement.objects.get_or_create(contribution_id=kept, defaults={"question_id": int(question.id)})
    elif old != words:
        Statement.objects.filter(contribution=kept).move(
            StatementState.WAITING, decided_by=None, decided_on=None
        )
    return {"text": str(kept)}


def _is_done(response: Response, question: Question) -> bool:
    layer = published_version_of(response).document.layer_of(question)
    return layer.id in response.layers_done


def end_layer(
    response: Response,
    frozen: PublishedVersion,
    layer: Layer,
    booking: ContributionRecorder,
    minutes: float | None,
) -> None:
    """The layer is done: answers off its path are removed."""
    walk = walk_of(response, frozen.document)
    for question_id in walk.answers_off_path(layer):
        if is_answer(response.answers.pop(question_id, None)):
            booking.delete_text(slot=question_id)
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


def count_finished_layers(
    response: Response, frozen: PublishedVersion, booking: ContributionRecorder
) -> None:
    """Count finished layers, and record the debts for them."""
    if not response.layers_done:
        return
    is_first = not response.counted
    keys = tally(frozen.document, response.answers, response.shown, response.layers_done)
    things = _things_said(response, frozen.document)
    # Create topics before counters, as for words; otherwise two first respondents in a neighbourhood
    # deadlock.
    booking.topics([thing.subject for thing in things])
    update_counters(
        response, epoch=frozen.epoch, keys=sorted([question, option] for question, option in keys)
    )
    booking.record(things, is_first=is_first)


def _things_said(response: Response, document: Document) -> list[NewContribution]:
    """Everything said in finished layers: each need chosen, each text, and all other answers as one."""
    things, rest = [], False
    for question, value in answered_questions(document, response.answers, response.layers_done):
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
        # A respondent who skipped every question is also owed the outcome. The contribution has the title of the
        # survey, because “the other questions” is unclear months later.
        things.append(
            NewContribution(REST_SLOT, ContributionKind.REST, Subject(key=REST_SLOT, title=document.title))
        )
    return things


def is_counted_together(question: Question, value: Any) -> bool:
    """Whether an answer is neither a chosen need nor a text: those are booked together."""
    if not is_answer(value) or question.shape is Shape.TEXT:
        return False
    if question.shape is Shape.VIEWS:
        return len(value) > ("text" in value)
    return not (question.asks_needs and _needs(question, value))


def _needs(question: Question, value: Any) -> list[NewContribution]:
    ids = [value] if isinstance(value, str) else [option for option, yes in value.items() if yes is True]
    by_id = {option.id: option for option in question.options if not option.dont_know}
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
        for id in ids
        if (option := by_id.get(id))
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
class SavedPage:
    """Where to go after saving a page: to the next question, to where they live, or to thanks.

    The layer is finished if no page is `following`; who reviews a finished layer goes on through it.
    """

    response: Response
    next_page: tuple[Question, ...]
    next_question: Question | None
    asks_where: bool


@transaction.atomic
def save_page(
    *,
    under_way: Mapping[UUID, float],
    code: str,
    question_id: str,
    read: Callable[[tuple[Question, ...]], Mapping[str, Any]],
    today: date | None = None,
) -> SavedPage:
    """Save the answers of one page and go on.

    `under_way` maps the participations on this phone to the minutes since their layer was begun; the one that
    came in through channel `code` is used. `read` cleans the input for the questions of the page: by question
    id the value of its type (an option id, WrittenAnswer, Views, or None for skipped). It may raise to refuse
    the input.

    If no page follows, the layer is counted, with its contributions and debts, in this same transaction.
    Raises Response.DoesNotExist, NotAnswerable, and OffPath for a question that is not on their path.
    """
    response = answerable(Response.objects.under_way(under_way, code, lock=True))
    frozen = published_version_of(response)
    walk = walk_of(response, frozen.document)
    found = walk.page_with(question_id)
    if found is None:
        raise OffPath(response)
    place, page = found
    layer, was_done = place.layer, place.layer.id in response.layers_done
    booking = contribution_recorder(response, today)
    values = read(page)
    for asked in page:
        if asked.id in values:
            store_answer(response, asked, values[asked.id], booking)
    told = home_area(page, values)
    moved = told is not None and set_home_area(response, frozen, told)
    if moved:
        booking = contribution_recorder(response, today)
    following = page_after(response, frozen, layer)
    for question in following:
        response.shown[question.id] = True
    changed = ["answers", "shown"]
    if not following or was_done:
        end_layer(response, frozen, layer, booking, under_way[response.pk])
        count_finished_layers(response, frozen, booking)
        changed += ["counted", "layers_done", "durations", "is_suspect", "suspect_reason"]
    elif moved:
        count_finished_layers(response, frozen, booking)
        changed.append("counted")
    if told is not None:
        changed += ["area", "area_was_asked"]
    response.save(update_fields=changed)
    if following or not was_done:
        asks_where = not following and layer is frozen.document.first_layer and _asks_where(response, frozen)
        return SavedPage(response, following, next(iter(following), None), asks_where)
    here = walk_of(response, frozen.document).place(question_id)
    return SavedPage(response, following, here.next if here else None, asks_where=False)


def _asks_where(response: Response, frozen: PublishedVersion) -> bool:
    is_unknown = response.channel.area_id is None and not response.area_was_asked
    return is_unknown and len(frozen.document.areas) > 1


@transaction.atomic
def enter_layer(*, response_id: UUID, layer_id: str) -> tuple[Response, tuple[Question, ...]]:
    """Record that a deeper layer was shown to the resident, and find its first page. Raises NotAnswerable."""
    response = lock_response(response_id)
    frozen = published_version_of(response)
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
def save_home_area(*, response_id: UUID, area: Area | None, today: date | None = None) -> Response:
    """Set where the resident lives, or that they'd rather not say. Moves counters and debts along."""
    response = lock_response(response_id)
    if area is not None and not response.survey.areas.filter(pk=area.pk).exists():
        raise DomainError(_("This survey is not held in that neighbourhood."))
    response.area_id = area.pk if area else response.survey.area_id
    response.area_was_asked = True
    frozen = published_version_of(response)
    count_finished_layers(response, frozen, contribution_recorder(response, today))
    response.save(update_fields=["area", "area_was_asked", "counted"])
    return response
