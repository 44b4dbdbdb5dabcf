"""One resident's answers, page by page: save, enter a layer, say where they live.

Every function here is one transaction that locks the response. All are idempotent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from neighbourhoods.models import Area
from surveys.answering.services.booking import book, booking_of, end_layer, store_answer
from surveys.answering.services.participation import (
    NotAnswerable,
    answerable,
    live_in,
    locked,
    page_after,
    published_of,
    walk_of,
)
from surveys.models import Response
from surveys.questionnaire.document import Layer, Question
from surveys.questionnaire.question_types import type_of


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
