"""One page of questions at a time: show it, save the answers, go on.

What the phone remembers meanwhile is a signed cookie per survey, reduced when they are done. While under way it
holds the response, the private code (so that it can be shown again) and when the layer was begun; afterwards only
"answered", so that the next person on the same phone is asked who they are.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.i18n import Texts
from feedback.models import Contribution
from neighbourhoods.access import resident
from neighbourhoods.models import Theme
from surveys.answering.services.answer import (
    NotAnswerable,
    OffPath,
    SavedPage,
    published_version_of,
    save_page,
    walk_of,
)
from surveys.models import Response
from surveys.questionnaire import question_types
from surveys.questionnaire.counting import is_answer
from surveys.questionnaire.document import Answers, Document, Question, Shape
from surveys.questionnaire.piping import fill_tokens
from surveys.questionnaire.question_types import AnswerError, SubmittedData
from surveys.questionnaire.question_types.base import IncompletePage, read_page
from surveys.questionnaire.walk import QuestionPosition, Walk
from surveys.states import ANSWERABLE_STATES

_PARTICIPATION_SALT = "nabij.under-way"
_WEEK_SECONDS = 7 * 86_400
_YEAR_SECONDS = 365 * 86_400
_ANSWERED = "answered"
_TICKET = "nabij.ticket"
_TICKET_COOKIE = "nabij-ticket"
_COOKIE = re.compile(r"nabij-(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class ParticipationCookie:
    response: UUID
    code: str
    since: int

    @property
    def minutes(self) -> float:
        """Minutes since this layer was begun."""
        return max(0, time.time() - self.since) / 60


def set_ticket_cookie(answer: HttpResponse, channel_code: str, ticket: str) -> None:
    """A code was spent but nothing has begun yet: this phone may still begin with it."""
    value = signing.dumps([channel_code, ticket], salt=_TICKET)
    _keep(answer, _TICKET_COOKIE, value, _WEEK_SECONDS)


def read_ticket_cookie(request: HttpRequest, channel_code: str) -> str:
    """The ticket that this phone holds for this channel, or ""."""
    try:
        code, held = signing.loads(request.COOKIES[_TICKET_COOKIE], salt=_TICKET, max_age=_WEEK_SECONDS)
    except (KeyError, ValueError, TypeError, signing.BadSignature):
        return ""
    return str(held) if code == channel_code else ""


def drop_ticket(answer: HttpResponse) -> None:
    answer.delete_cookie(_TICKET_COOKIE, path="/p/", samesite="Lax")


def read_participation_cookie(request: HttpRequest, survey_id: int | str) -> ParticipationCookie | None:
    """The participation on this phone, or None if there is none, it is over a week old or the cookie was forged."""
    try:
        response, code, since = signing.loads(
            request.COOKIES[f"nabij-{survey_id}"], salt=_PARTICIPATION_SALT, max_age=_WEEK_SECONDS
        )
        return ParticipationCookie(UUID(response), code, since)
    except (KeyError, ValueError, TypeError, signing.BadSignature):
        return None


def has_answered(request: HttpRequest, survey_id: int) -> bool:
    return request.COOKIES.get(f"nabij-{survey_id}") == _ANSWERED


def remember_response(answer: HttpResponse, survey_id: int, response: UUID, code: str) -> None:
    """A participation, or another layer of it, has begun."""
    value = signing.dumps([response.hex, code, int(time.time())], salt=_PARTICIPATION_SALT)
    _keep(answer, f"nabij-{survey_id}", value, _WEEK_SECONDS)


def forget_response(answer: HttpResponse, survey_id: int) -> None:
    """They are done: keep only that somebody answered here."""
    _keep(answer, f"nabij-{survey_id}", _ANSWERED, _YEAR_SECONDS)


def _keep(answer: HttpResponse, name: str, value: str, age: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=age,
        path="/p/",
        httponly=True,
        samesite="Lax",
        secure=settings.SITE_IS_SECURE,
    )


SKIP_LABELS = {
    "skip": lambda: _("Skip this question"),
    "dont_know": lambda: _("I don't know"),
    "rather_not": lambda: _("I'd rather not say"),
}


def participation_cookies(request: HttpRequest) -> dict[UUID, ParticipationCookie]:
    """All participations under way on this phone."""
    surveys = [found[1] for name in request.COOKIES if (found := _COOKIE.fullmatch(name))]
    ways_found = [read_participation_cookie(request, survey) for survey in surveys]
    return {way.response: way for way in ways_found if way}


def find_response(request: HttpRequest, code: str) -> tuple[Response | None, ParticipationCookie | None]:
    """The response under way on this phone through channel `code`, in one query."""
    under_way = participation_cookies(request)
    if not under_way:
        return None, None
    response = (
        Response.objects.with_survey()
        .select_related("receipt")
        .filter(channel__code__iexact=code, pk__in=list(under_way))
        .first()
    )
    return (response, under_way[response.pk]) if response else (None, None)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, code: str, question: str) -> HttpResponse:
    if request.method == "POST":
        return _answer(request, code, question)
    try:
        response = Response.objects.under_way(participation_cookies(request), code)
    except Response.DoesNotExist:
        return no_participation_page(request, code)
    if response.survey.state not in ANSWERABLE_STATES or response.withdrawn_on:
        return not_answerable_page(request, response)
    return _show(request, response, question)


def _show(
    request: HttpRequest, response: Response, question: str, trouble: IncompletePage | None = None
) -> HttpResponse:
    walk = walk_of(response, published_version_of(response).document)
    found = walk.page_with(question)
    return (
        _render(request, response, walk, *found, trouble) if found else redirect_to_current_question(response)
    )


def _answer(request: HttpRequest, code: str, question: str) -> HttpResponse:
    under_way = {pk: way.minutes for pk, way in participation_cookies(request).items()}
    try:
        saved = save_page(
            under_way=under_way,
            code=code,
            question_id=question,
            read=partial(read_page, data=request.POST),
        )
    except OffPath as off:
        return redirect_to_current_question(off.response)
    except (Response.DoesNotExist, NotAnswerable, IncompletePage) as refusal:
        response, _way = find_response(request, code)
        if response is None:
            return no_participation_page(request, code)
        if isinstance(refusal, IncompletePage):
            return _show(request, response, question, refusal)
        return not_answerable_page(request, response)
    return HttpResponseRedirect(_next_url(code, saved))


def _next_url(code: str, saved: SavedPage) -> str:
    if saved.next_question:
        return reverse("question", args=[code, saved.next_question.id])
    return reverse("where" if saved.asks_where else "thanks", args=[code])


def _render(
    request: HttpRequest,
    response: Response,
    walk: Walk,
    place: QuestionPosition,
    page: tuple[Question, ...],
    trouble: IncompletePage | None,
) -> HttpResponse:
    code = response.channel.code
    errors = trouble.errors if trouble else {}
    one_tap = len(page) == 1 and question_types.type_of(page[0]).is_one_tap(page[0].settings)
    first, last = walk.place(page[0].id) or place, walk.place(page[-1].id) or place
    blocks = [
        _block(request, response, _as_read(walk, asked), errors.get(asked.id), one_tap=one_tap)
        for asked in page
    ]
    context = {
        "survey": response.survey,
        "layer": place.layer,
        "blocks": blocks,
        "own_buttons": blocks[-1]["more"].get("own_buttons", False),
        "place": first,
        "last": last.next is None,
        "one_tap": one_tap,
        "back_url": _back(code, walk, first),
        "errors": errors,
        "nudge": trouble is not None and trouble.nudge,
        "skip_label": blocks[0]["more"].get("skip_label") or skip_label(page),
    }
    return render(request, "surveys/answer/question.html", context, status=422 if errors else 200)


def _as_read(walk: Walk, asked: Question) -> Question:
    return with_piped_answers(walk.document, asked, walk.before(asked)) if asked.piped else asked


def skip_label(page: tuple[Question, ...]) -> str:
    """The wording chosen by staff; the plain one if "I don't know" is among the options."""
    if len(page) > 1:
        return _("Skip these questions")
    always = question_types.type_of(page[0]).skip
    said_already = not always and any(option.dont_know for option in page[0].offered)
    return SKIP_LABELS["skip" if said_already else always or page[0].skip]()


def _block(
    request: HttpRequest, response: Response, asked: Question, error: AnswerError | None, *, one_tap: bool
) -> dict[str, Any]:
    sent = request.POST if request.method == "POST" else None
    stored = _stored(response, asked)
    is_untouched = sent is None and not stored and question_types.type_of(asked).same_for_all
    drawn = block(asked, stored=stored, sent=sent, error=error, person=str(response.pk))
    # Themes are not part of the version: the desk renames and retires them while it runs.
    themes = tuple((theme.slug, repr(theme.name)) for theme in drawn["themes"])
    key = (response.version.digest, asked.id, one_tap, themes)
    return {"same_for_all": key if is_untouched and not asked.piped else None, **drawn}


def block(
    asked: Question,
    *,
    stored: Any = None,
    sent: SubmittedData | None = None,
    error: AnswerError | None = None,
    person: str = "",
) -> dict[str, Any]:
    """Template context of a question, for the runner and the preview."""
    kind = question_types.type_of(asked)
    chosen = kind.chosen(asked, stored, sent)
    narrowed = error.choices if error else frozenset()
    return {
        "question": asked,
        "template": kind.template,
        "field": kind.field(asked),
        "most": kind.max_length,
        "options": [
            (option, option.id in chosen) for option in asked.offered if not narrowed or option.id in narrowed
        ],
        "error": str(error or ""),
        "themes": _themes(asked),
        "more": kind.context(asked, stored, sent, person),
    }


def _stored(response: Response, asked: Question) -> Any:
    """The stored value; words are fetched only if there are any."""
    value = response.answers.get(asked.id)
    if asked.shape not in (Shape.TEXT, Shape.VIEWS) or not value or "text" not in value:
        return value
    said = Contribution.objects.filter(receipt=response.receipt_id, slot=asked.id).first()
    return question_types.type_of(asked).with_words(value, said) if said else value


def _themes(asked: Question) -> list[Theme]:
    return list(Theme.objects.filter(retired_on=None)) if asked.settings.get("ask_theme") else []


def _back(code: str, walk: Walk, place: QuestionPosition) -> str:
    if place.previous is None:
        is_first = place.layer is walk.document.first_layer
        return reverse("start" if is_first else "thanks", args=[code])
    page = next(page for page in walk.pages(place.layer) if place.previous in page)
    return reverse("question", args=[code, page[0].id])


def redirect_to_current_question(response: Response) -> HttpResponse:
    """For a URL that is not (or no longer) on their path: redirect to where they were. Raises Http404."""
    document = published_version_of(response).document
    walk = walk_of(response, document)
    for layer_id in response.layers_shown:
        layer = document.layer(layer_id)
        if layer.id not in response.layers_done and (asked := walk.resume(layer)):
            return redirect("question", code=response.channel.code, question=asked.id)
    if response.layers_done:
        return redirect("thanks", code=response.channel.code)
    raise Http404


def no_participation_page(request: HttpRequest, code: str) -> HttpResponse:
    """No participation on this phone: say so, and show what was typed."""
    context = {"code": code, "typed": _typed_texts(request)}
    return render(
        request, "surveys/answer/lost.html", context, status=410 if request.method == "POST" else 404
    )


def not_answerable_page(request: HttpRequest, response: Response) -> HttpResponse:
    """Closed or withdrawn: say so, and show what was typed."""
    context = {
        "survey": response.survey,
        "channel": response.channel,
        "response": response,
        "title": published_version_of(response).document.title,
        "typed": _typed_texts(request),
    }
    return render(
        request, "surveys/answer/not_now.html", context, status=409 if request.method == "POST" else 200
    )


def _typed_texts(request: HttpRequest) -> list[str]:
    """Typed texts in a form that can't be saved, without option ids."""
    fields = {name: value.strip() for name, value in request.POST.items() if name.startswith("q")}
    return [value for name, value in fields.items() if value and not value.isdigit() and "-" not in name]


def with_piped_answers(document: Document, question: Question, answers: Answers) -> Question:
    """The question as shown to somebody who gave these answers, in each language of its texts."""
    text, hint = (_filled(document, texts, answers) for texts in question.tokens)
    return replace(question, text=text, hint=hint)


def _filled(document: Document, texts: Texts, answers: Answers) -> Texts:
    return {
        language: fill_tokens(words, partial(_words, document, answers, language))
        for language, words in texts.items()
    }


def _words(document: Document, answers: Answers, language: str, id: str) -> str:
    """A chosen answer in words; "" if skipped, “I don't know”, or not expressible."""
    value = answers.get(id)
    if not document.has_question(id) or not is_answer(value):
        return ""
    question = document.question(id)
    if isinstance(value, str):
        chosen = [value]
    elif isinstance(value, Mapping) and isinstance(number := value.get("n"), int):
        with translation.override(language):
            return number_format(number, use_l10n=True, force_grouping=True)
    else:
        chosen = [option for option, yes in dict(value or {}).items() if yes is True]
    options = [option for each in chosen if (option := question.option(each)) and not option.dont_know]
    return ", ".join(words for option in options if (words := option.label.get(language, "").strip()))
