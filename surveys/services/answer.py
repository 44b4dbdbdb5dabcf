"""One resident's answers: begin, save, finish a layer. The way of an answer down through the house.

Every function here is one transaction around a locked response. Saying the same twice changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.codes import new_code
from accounts.keyed import KeyedChoice, code_hash, keyed_hash
from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from feedback.services.contributions import Booking, Said, Subject
from feedback.states import ContributionKind
from neighbourhoods.errors import DomainError
from neighbourhoods.models import Area, Theme
from surveys.conditions import Context, is_answer
from surveys.counting import tally
from surveys.document import Document, Layer, Question, Shape
from surveys.models import Channel, Response
from surveys.published import Published, published
from surveys.services.tally import count
from surveys.states import ANSWERABLE, Respondent, SurveyState
from surveys.walk import Walk

REST = "rest"
OTHER_ANSWERS = {"nl": "de andere vragen", "en": gettext_noop("the other questions")}
# Upper bounds in minutes; the last bucket is open. A bucket, not a time: it must not point at a moment.
DURATION_BUCKETS = (1, 2, 5, 15)


class NotAnswerable(DomainError):
    """The survey is closed, or the answers were withdrawn."""


class OffPath(Exception):
    """The question is not on this respondent's path, or not yet."""

    def __init__(self, response: Response) -> None:
        self.response = response


@dataclass(frozen=True)
class Begun:
    response: Response
    code: str


def begin(
    *, channel: Channel, submit_key: str, language: str, respondent: str, today: date | None = None
) -> Begun:
    """Start a participation: a receipt with its private code, and an empty response.

    The code follows from the submit key, so that a double tap on "begin" ends in one and the same
    participation with the same code, although only its hash is kept.
    """
    survey = channel.survey
    version = survey.current
    if survey.state != SurveyState.OPEN or version is None:
        raise NotAnswerable(_("This survey is not open now."))
    key = keyed_hash(submit_key, purpose="submit")
    frozen = published(version.pk, version.digest)
    first = frozen.document.first_layer
    for attempt in range(5):
        code = new_code(KeyedChoice(f"{submit_key}:{attempt}", purpose="participation-code"))
        response = Response(
            survey=survey,
            version=version,
            channel=channel,
            area_id=channel.area_id or survey.area_id,
            respondent=respondent if respondent in Respondent.values else Respondent.RESIDENT,
            language=language,
            submit_key=key,
            day=today or timezone.localdate(),
            layers_shown=[first.id],
        )
        response.shown = {question.id: True for question in page_after(response, frozen, first)}
        try:
            with transaction.atomic():
                response.receipt = Receipt.objects.create(
                    purpose=ReceiptPurpose.PARTICIPATION, code_hash=code_hash(code), language=language
                )
                response.save(force_insert=True)
        except IntegrityError:
            # The second of two taps, or a code that somebody has already.
            earlier = Response.objects.filter(submit_key=key, receipt__code_hash=code_hash(code)).first()
            if earlier is None:
                continue
            return Begun(earlier, code)
        return Begun(response, code)
    raise NotAnswerable(_("That did not work. Please press the button once more."))


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
    """The page to show next in this layer; empty when everything in it was passed."""
    walk = walk_of(response, frozen.document)
    return next(
        (page for page in walk.pages(layer) if any(question.id not in response.answers for question in page)),
        (),
    )


@dataclass(frozen=True)
class Saved:
    """What saving a page led to: `following` is the next page, empty when the layer is finished."""

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
    """Keep the answers of one page and go on.

    `under_way` maps the participations of this phone to the minutes since their layer was begun; the one
    that came in through channel `code` is meant. `read` cleans what was sent for the questions of the page:
    by question id an option id, {"31": True}, Words, or None for skipped. It may raise to refuse them.

    When nothing follows, the layer is counted, with its contributions and debts, in this same transaction.
    Raises Response.DoesNotExist, NotAnswerable, and OffPath for a question that is not theirs to answer.
    """
    response = _locked(channel__code=code.lower(), pk__in=list(under_way))
    frozen = published_of(response)
    walk = walk_of(response, frozen.document)
    place = walk.place(question_id)
    if place is None or not walk.may_visit(question_id):
        raise OffPath(response)
    page = next(page for page in walk.pages(place.layer) if place.question in page)
    layer, was_done = place.layer, place.layer.id in response.layers_done
    booking = _booking(response, today)
    for id, value in read(page).items():
        _keep(response, frozen.document.question(id), value, booking)
    following = page_after(response, frozen, layer)
    for question in following:
        response.shown[question.id] = True
    if not following or was_done:
        _finish(response, frozen, layer, booking, under_way[response.pk])
    response.save(update_fields=["answers", "shown", "counted", "layers_done", "layers_shown", "durations"])
    return Saved(response, layer, following, was_done)


@transaction.atomic
def enter_layer(*, response_id: UUID, layer_id: str) -> tuple[Response, tuple[Question, ...]]:
    """Note that a deeper layer is put before the resident, and find its first page."""
    response = _locked(pk=response_id)
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
    """The resident says where they live, or that they'd rather not. Counters and debts move along."""
    response = _locked(pk=response_id)
    if area is not None and not response.survey.areas.filter(pk=area.pk).exists():
        raise DomainError(_("This survey is not held in that neighbourhood."))
    response.area_id = area.pk if area else response.survey.area_id
    response.area_was_asked = True
    frozen = published_of(response)
    _book(response, frozen, _booking(response, today))
    response.save(update_fields=["area", "area_was_asked", "counted"])
    return response


def _locked(**which: Any) -> Response:
    response = Response.objects.to_answer().select_for_update(of=("self",)).get(**which)
    if response.survey.state not in ANSWERABLE:
        raise NotAnswerable(_("This survey is closed."))
    if response.withdrawn_on:
        raise NotAnswerable(_("You withdrew your answer. Put it back first."))
    return response


def _booking(response: Response, today: date | None) -> Booking:
    return Booking(
        receipt=response.receipt_id,
        source=response.survey.subject,
        area=response.area_id,
        language=response.language,
        day=today or timezone.localdate(),
    )


def _keep(response: Response, question: Question, value: Any, booking: Booking) -> None:
    """Put one answer in its place. Words go to the one room for words; the response holds their id."""
    if question.shape is Shape.TEXT:
        if value:
            theme = value.theme if value.theme and Theme.objects.filter(slug=value.theme).exists() else ""
            subject = _text_subject(question, theme)
            is_new = not is_answer(response.answers.get(question.id))
            kept = booking.keep_words(slot=question.id, subject=subject, text=value.text, is_new=is_new)
            value = {"text": str(kept), "theme": theme} if theme else {"text": str(kept)}
        else:
            if is_answer(response.answers.get(question.id)):
                booking.drop_words(slot=question.id)
            value = None
    response.answers[question.id] = value
    response.shown[question.id] = True


def _finish(response: Response, frozen: Published, layer: Layer, booking: Booking, minutes: float) -> None:
    walk = walk_of(response, frozen.document)
    for question_id in walk.off_path(layer):
        if is_answer(response.answers.pop(question_id, None)):
            booking.drop_words(slot=question_id)
        response.shown.pop(question_id, None)
    if layer.id not in response.layers_done:
        response.layers_done = [*response.layers_done, layer.id]
        bucket = next((str(bound) for bound in DURATION_BUCKETS if minutes <= bound), "more")
        response.durations[layer.id] = bucket
    _book(response, frozen, booking)


def _book(response: Response, frozen: Published, booking: Booking) -> None:
    """Count what is finished, and owe for it."""
    if not response.layers_done:
        return
    is_first = not response.counted
    keys = tally(frozen.document, response.answers, response.shown, response.layers_done)
    things = said(response, frozen.document)
    # Topics before counters, as for words: two who are the first in a neighbourhood wait for each other else.
    booking.topics([thing.subject for thing in things])
    count(response, epoch=frozen.epoch, keys=sorted([question, option] for question, option in keys))
    booking.book(things, is_first=is_first)


def said(response: Response, document: Document) -> list[Said]:
    """Every thing said in finished layers: each need chosen, each text, and all other answers as one."""
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
                things.append(Said(question.id, ContributionKind.TEXT, subject))
            elif question.asks_needs and (chosen := _needs(question, value)):
                things += chosen
            else:
                rest = True
    if rest or not things:
        # Somebody who skipped everything took part as well, and hears what came of it.
        things.append(Said(REST, ContributionKind.REST, Subject(key=REST, title=OTHER_ANSWERS)))
    return things


def _needs(question: Question, value: Any) -> list[Said]:
    ids = [value] if isinstance(value, str) else [option for option, yes in value.items() if yes is True]
    options = [option for id in ids if (option := question.option(id)) and not option.dont_know]
    return [
        Said(
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
    """A text is about the theme its writer gave it, else about the question it answers."""
    if theme and (given := Theme.objects.filter(slug=theme).first()):
        return Subject(key=f"theme:{theme}", title=given.name, question=question.text, theme=given.pk)
    return Subject(
        key=f"question:{question.id}",
        title=question.text,
        question=question.text,
        theme=int(question.theme or 0) or None,
    )


def _around(response: Response) -> frozenset[str]:
    parents = Area.objects.filter(pk=response.area_id).values_list("parent_id", "parent__parent_id")
    return frozenset(str(pk) for row in parents for pk in row if pk)
