"""A whole participation at once, entered by a colleague for somebody else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts.models import User
from neighbourhoods.models import Area
from surveys.answering.services.answer import (
    book,
    booking_of,
    end_layer,
    live_in,
    locked,
    page_after,
    published_of,
    store_answer,
    walk_of,
)
from surveys.answering.services.beginning import BegunParticipation, OnPaper, begin_participation
from surveys.models import Channel
from surveys.questionnaire.question_types import Views, type_of


@transaction.atomic
def answer_for(
    *,
    channel: Channel,
    submit_key: str,
    language: str,
    respondent: str,
    area: Area | None,
    values: Mapping[str, Any],
    minutes: float | None,
    by: User,
    paper: OnPaper | None = None,
) -> BegunParticipation:
    """Enter a whole participation at once, for somebody at the door or on the phone, or read from a form on
    `paper`; in the latter case the time it took is unknown.

    `values` holds cleaned answers by question id, for all layers; answers off this respondent's path are
    dropped. Deeper layers count if something in them was answered. Idempotent per submit key, through
    begin_participation.
    """
    begun = begin_participation(
        channel=channel,
        submit_key=submit_key,
        language=language,
        respondent=respondent,
        helped_by=by,
        paper=paper,
    )
    response = locked(begun.response.pk)
    if response.layers_done:
        return BegunParticipation(response, begun.code)
    frozen = published_of(response)
    if area is not None and str(area.pk) in frozen.document.areas:
        response.area_id = area.pk
    response.area_was_asked = True
    given = {id: value for id, value in values.items() if value is not None}
    for layer in frozen.document.layers:
        is_first = layer is frozen.document.first_layer
        if not is_first and not any(question.id in given for question in layer.asked):
            continue
        if not walk_of(response, frozen.document).may_enter(layer):
            continue
        booking = booking_of(response, None)
        while page := page_after(response, frozen, layer):
            for question in page:
                value = given.get(question.id)
                # Nobody comes back to this page for more statements.
                value = replace(value, is_done=True) if isinstance(value, Views) else value
                store_answer(response, question, value, booking)
                told = type_of(question).area_told(question, value)
                if told is not None and live_in(response, frozen, told):
                    booking = booking_of(response, None)
        if not is_first:
            response.layers_shown = [*response.layers_shown, layer.id]
        end_layer(response, frozen, layer, booking, minutes)
    book(response, frozen, booking_of(response, None))
    response.save()
    return BegunParticipation(response, begun.code)
