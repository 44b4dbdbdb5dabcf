"""The start page of a survey: who asks, why, how long, what is promised, and one button."""

import secrets
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Receipt
from core import limits
from core.i18n import Texts, pick
from neighbourhoods.access import resident
from neighbourhoods.models import Municipality, ParticipationRules, TalkBack
from neighbourhoods.states import BackingState
from surveys.answering.access_codes import format_access_code, normalise_access_code
from surveys.answering.forms import LetterCodeForm
from surveys.answering.services import beginning
from surveys.answering.services.answer import NotAnswerable
from surveys.answering.services.beginning import BegunParticipation, begin_participation, promised_date
from surveys.answering.views import answering
from surveys.models import Channel, Survey
from surveys.publication.services import published_participation
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import PublishedVersion, published_version, running_version
from surveys.questionnaire.walk import length
from surveys.states import Respondent, SurveyState, Suspicion

TOO_MANY_CODES = gettext_lazy(
    "Too many codes that we don't know came from here. Try again in an hour, or call us."
)


def find_channel(code: str) -> Channel:
    """The channel with this short address. Raises Http404 if there is none, or its survey is a draft."""
    channel = (
        Channel.objects.select_related("survey", "survey__current", "survey__current__backing", "area")
        .defer("survey__current__document")
        .filter(code__iexact=code)
        .first()
    )
    if channel is None or channel.survey.state == SurveyState.DRAFT:
        raise Http404
    return channel


@resident
@require_safe
def start_page(request: HttpRequest, code: str, letter_code: str = "") -> HttpResponse:
    """Who asks, and one button. `letter_code` (from the QR code of a letter) is prefilled."""
    channel = find_channel(code)
    if closed := _not_open_page(request, channel):
        return closed
    if channel.asks_link:
        return render(request, "surveys/answer/by_mail_only.html", _not_open_context(channel))
    if channel.asks_code:
        return _page(request, channel, code_form=_code_form(request, channel, letter_code))
    if answering.has_answered(request, channel.survey_id) and "another" not in request.GET:
        return render(request, "surveys/answer/same_device.html", _not_open_context(channel))
    return _page(request, channel)


@resident
@require_safe
def by_mail(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The start page from a link in a mail. Opening it spends nothing, because mail scanners open links too."""
    channel = find_channel(code)
    if closed := _not_open_page(request, channel):
        return closed
    try:
        beginning.invitation_of(channel, token)
    except Receipt.DoesNotExist:
        return render(
            request,
            "surveys/answer/by_mail_only.html",
            _not_open_context(channel) | {"gone": True},
            status=410,
        )
    return _page(request, channel, token=token)


@resident
@require_POST
def begin_view(request: HttpRequest, code: str) -> HttpResponse:
    channel = find_channel(code)
    if _not_open_page(request, channel):
        return redirect("start", code=channel.code)
    page = request.POST.get("submit_key", "")[:64]
    if len(page) < 16 or (answering.has_answered(request, channel.survey_id) and not channel.asks_code):
        # A stale page: the person here now gets their own participation.
        page = secrets.token_urlsafe(24)
    if channel.asks_code:
        return _begin_with_letter(request, channel, page)
    if channel.asks_link:
        return _begin_with_mail(request, channel, page)
    # Codes and links are limited in number; other channels are watched for bursts.
    crowd = limits.record_start(request, channel.survey.subject)
    if crowd.is_too_many:
        return _wait(request, channel, page)
    suspicion = Suspicion.BURST if crowd.is_burst else ""
    try:
        begun = begin_participation(
            channel=channel, submit_key=page, suspicion=suspicion, **_as_whom(request)
        )
    except NotAnswerable:
        return redirect("start", code=channel.code)
    return _to_first_question(channel, begun)


def _begin_with_letter(request: HttpRequest, channel: Channel, page: str) -> HttpResponse:
    """Spend the code and begin with its ticket; or only begin, if it was spent on this phone before."""
    ticket = answering.read_ticket_cookie(request, channel.code)
    form = None
    if not ticket:
        form = LetterCodeForm(request.POST)
        if limits.is_limit_reached(request, beginning.WRONG_LETTER_CODES):
            form.add_error("code", TOO_MANY_CODES)
            return _page(request, channel, code_form=form, status=429)
        if not form.is_valid():
            return _page(request, channel, code_form=form, status=422)
        try:
            ticket = beginning.spend_code(channel=channel, typed=form.cleaned_data["code"], page=page)
        except beginning.CodeRefused as refusal:
            limits.record_attempt(request, beginning.WRONG_LETTER_CODES)
            form.add_error("code", str(refusal))
            return _page(request, channel, code_form=form, submit_key=page, status=422)
    try:
        begun = beginning.begin_with_ticket(channel=channel, ticket=ticket, **_as_whom(request))
    except beginning.CodeRefused as refusal:
        form = form or LetterCodeForm({"code": ""})
        form.add_error("code", str(refusal))
        answer = _page(request, channel, code_form=form, status=422)
        answering.drop_ticket(answer)
        return answer
    except NotAnswerable:
        answer = redirect("start", code=channel.code)
        answering.set_ticket_cookie(answer, channel.code, ticket)
        return answer
    answer = _to_first_question(channel, begun)
    answering.drop_ticket(answer)
    return answer


def _begin_with_mail(request: HttpRequest, channel: Channel, page: str) -> HttpResponse:
    token = request.POST.get("token", "")
    try:
        receipt = beginning.invitation_of(channel, token)
        ticket = beginning.spend_invitation(receipt=receipt, page=page)
        begun = beginning.begin_with_ticket(channel=channel, ticket=ticket, **_as_whom(request))
    except Receipt.DoesNotExist:
        return render(
            request,
            "surveys/answer/by_mail_only.html",
            _not_open_context(channel) | {"gone": True},
            status=410,
        )
    except beginning.CodeRefused as refusal:
        return _page(request, channel, token=token, refused=str(refusal), status=409)
    except NotAnswerable:
        return redirect("start", code=channel.code)
    return _to_first_question(channel, begun)


def _as_whom(request: HttpRequest) -> dict[str, str]:
    return {"language": get_language() or "nl", "respondent": _respondent(request.POST.get("as", ""))}


def _to_first_question(channel: Channel, begun: BegunParticipation) -> HttpResponse:
    survey = channel.survey
    document = published_version(survey.current_id, survey.current.digest).document
    question = next((q.id for q in document.first_layer.asked if q.id in begun.response.shown), None)
    goal = (
        redirect("question", code=channel.code, question=question)
        if question
        else redirect("thanks", code=channel.code)
    )
    answering.remember_response(goal, survey.pk, begun.response.pk, begun.code)
    return goal


def _code_form(request: HttpRequest, channel: Channel, code: str) -> LetterCodeForm | None:
    """None if the code was spent on this phone and nothing has begun with it yet."""
    if not code and answering.read_ticket_cookie(request, channel.code):
        return None
    return LetterCodeForm(
        initial={"code": format_access_code(normalise_access_code(code))}
        if normalise_access_code(code)
        else None
    )


def _not_open_page(request: HttpRequest, channel: Channel) -> HttpResponse | None:
    """The page for visitors who come too early or too late; None if answering can begin."""
    if channel.survey.state == SurveyState.OPEN and channel.closed_on is None:
        return None
    return render(request, "surveys/answer/not_now.html", _not_open_context(channel))


def _not_open_context(channel: Channel) -> dict[str, object]:
    """Context for visitors who can't begin here: the survey, and the channel that is open to everybody."""
    is_open = channel.survey.state == SurveyState.OPEN
    other = channel.survey.channels.open_to_all().exclude(pk=channel.pk).first() if is_open else None
    return {
        "survey": channel.survey, "channel": channel, "title": title_of(channel.survey), "other": other,
        "phone": Municipality.current().phone,
    }  # fmt: skip


def _page(
    request: HttpRequest,
    channel: Channel,
    *,
    code_form: LetterCodeForm | None = None,
    token: str = "",
    refused: str = "",
    submit_key: str = "",
    status: int = 200,
) -> HttpResponse:
    survey = channel.survey
    frozen = published_version(survey.current_id, survey.current.digest)
    context = {
        "survey": survey,
        "channel": channel,
        "document": frozen.document,
        "first": length(frozen.document.first_layer.asked),
        "people": published_participation(survey),
        "promised_before": promised_date(survey),
        "influence_words": _influence(frozen.document),
        "backers": _backers(survey, frozen),
        "silent_until": _silent_until(survey),
        "submit_key": submit_key or secrets.token_urlsafe(24),
        "respondent": _respondent(request.POST.get("as") or request.GET.get("as", "")),
        "put_back": TalkBack.objects.to_come().filter(source=survey.subject).first(),
        "under_way": answering.read_participation_cookie(request, survey.pk),
        "phone": Municipality.current().phone,
        "form": code_form,
        "token": token,
        "refused": refused,
    }
    return render(request, "surveys/answer/start.html", context, status=status)


def _wait(request: HttpRequest, channel: Channel, submit_key: str) -> HttpResponse:
    """Very many begin here at once: a school class, or a script. Nobody is refused; the page asks them to wait."""
    context = {
        "channel": channel,
        "survey": channel.survey,
        "title": title_of(channel.survey),
        "submit_key": submit_key,
        "respondent": _respondent(request.POST.get("as", "")),
        "seconds": limits.WINDOW_SECONDS,
    }
    answer = render(request, "surveys/answer/crowded.html", context, status=429)
    answer["Retry-After"] = str(limits.WINDOW_SECONDS)
    return answer


def _respondent(value: str) -> str:
    return value if value in Respondent.values else Respondent.RESIDENT


def title_of(survey: Survey) -> Texts:
    """The published title."""
    frozen = running_version(survey)
    return frozen.document.title if frozen else survey.title


def _influence(document: Document) -> str:
    """The level of influence as the municipality words it for residents, then what it means here."""
    step = ParticipationRules.current().plain_level(document.influence)
    return f"{step} {pick(document.influence_text, get_language() or '')}".strip()


def _silent_until(survey) -> date | None:
    """Before elections: the date until which this page names no politician."""
    rules = ParticipationRules.current()
    return rules.silent_until if _is_backed(survey) and rules.is_silent(timezone.localdate()) else None


def _is_backed(survey) -> bool:
    backing = survey.current.backing
    return bool(backing and backing.state == BackingState.SIGNED and backing.backer_title)


def _backers(survey, frozen: PublishedVersion) -> list[dict[str, object]]:
    """The backer and the owner of the survey, by role."""
    backing = survey.current.backing
    backers = []
    if _is_backed(survey) and not _silent_until(survey):
        backers.append({"name": backing.backer_title, "text": _("backs this.")})
    backers.append({"name": frozen.document.owner_role, "text": _("sees to it.")})
    return backers
