"""Answering for somebody, at the door or on the phone: all questions on one page, then a code; nothing stays
behind.

The answers can't be read back here: once sent, they belong to the respondent.
"""

import secrets
import time
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import absolute
from accounts.models import Contact, Receipt
from core.errors import DomainError
from core.languages import offered_languages
from feedback.contacts.forms import HearBackForm
from feedback.contacts.services.hearing_back import leave_address
from feedback.models import Promise
from feedback.private.views.choices import address_form, carrier_context
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.answering.views.answering import block
from surveys.builder.services.readiness import own_name
from surveys.models import Channel, Survey
from surveys.paper.forms import WhoAnswersForm
from surveys.paper.services.paper_entry import record_participation
from surveys.questionnaire.document import Document, Question
from surveys.questionnaire.published import PublishedVersion, published_version
from surveys.questionnaire.question_types import AnswerError, type_of
from surveys.states import ChannelKind, SurveyState

COOKIE, SHOWN_SECONDS = "helped", 900
HELPED_SALT = "nabij.helping"
BY_HAND = (ChannelKind.DOOR, ChannelKind.PHONE)


def _find(request: HttpRequest, pk: int) -> Survey:
    """A survey, open or not, in whose areas this colleague is a coordinator. Raises Http404 if it is not visible."""
    survey = get_object_or_404(
        Survey.objects.visible_to(request.user).select_related("current").defer("current__document"),  # type: ignore[arg-type]
        pk=pk,
    )
    require(request, Role.COORDINATOR, *survey.areas.all())
    return survey


@staff(Role.COORDINATOR)
@require_safe
def helping(request: HttpRequest, pk: int) -> HttpResponse:
    survey = _find(request, pk)
    context = {
        "survey": survey,
        "is_open": survey.state == SurveyState.OPEN,
        "channels": survey.channels.filter(kind__in=BY_HAND),
        "today": survey.responses.filter(
            helped_by=request.user, day=timezone.localdate(), channel__kind__in=BY_HAND
        ).count(),
        "may_add": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/helping.html", context)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def helping_fill(request: HttpRequest, pk: int, channel_pk: int) -> HttpResponse:
    survey = _find(request, pk)
    channel = get_object_or_404(survey.channels.filter(kind__in=BY_HAND), pk=channel_pk)
    if survey.state != SurveyState.OPEN or survey.current is None:
        return redirect("survey_helping", pk=pk)
    frozen = published_version(survey.current.pk, survey.current.digest)
    language = request.POST.get("language") or request.GET.get("language", "")
    if language not in (languages := offered_languages(frozen.document.languages)):
        language = languages[0]
    asks_area = channel.area_id is None and len(frozen.document.areas) > 1
    who = WhoAnswersForm(
        request.POST if request.method == "POST" else None,
        areas=survey.areas.order_by("name") if asks_area else [],
    )
    errors: dict[str, AnswerError] = {}
    trouble = ""
    if request.method == "POST":
        values, errors = read_all(request, frozen.document)
        if not errors and not any(value is not None for value in values.values()):
            trouble = _("Nothing is filled in yet.")
        elif not errors:
            try:
                return _keep(request, survey, channel, language, who, values)
            except DomainError as error:
                trouble = str(error)
    answer = _page(request, survey, channel, frozen, language, who, errors, trouble)
    # Nobody who was helped before leaves anything on this device.
    answer.delete_cookie(COOKIE, path=reverse("survey_helped", args=[pk, channel.pk]))
    # Neither does a page with errors, when somebody presses "back" afterwards.
    answer["Cache-Control"] = "no-store"
    return answer


def read_all(request: HttpRequest, document: Document) -> tuple[dict[str, Any], dict[str, AnswerError]]:
    """All answers of a page with all questions, and the errors by question id."""
    values: dict[str, Any] = {}
    errors: dict[str, AnswerError] = {}
    for layer in document.layers:
        for asked in layer.asked:
            try:
                values[asked.id] = type_of(asked).clean(asked, request.POST)
            except AnswerError as error:
                errors[asked.id] = error
    return values, errors


def _keep(
    request: HttpRequest,
    survey: Survey,
    channel: Channel,
    language: str,
    who: WhoAnswersForm,
    values: dict[str, Any],
) -> HttpResponse:
    """Raises NotAnswerable."""
    area = who.chosen("area")
    submit_key = request.POST.get("submit_key", "")[:64]
    begun = record_participation(
        channel=channel,
        submit_key=submit_key if len(submit_key) >= 16 else secrets.token_urlsafe(24),
        language=language,
        respondent=who.chosen("as"),
        area=survey.areas.filter(pk=area).first() if area else None,
        values=values,
        minutes=_minutes(request),
        by=request.user,  # type: ignore[arg-type]
    )
    goal = redirect("survey_helped", pk=survey.pk, channel_pk=channel.pk)
    # The code is stored nowhere else; on this device until the next person is helped, for 15 minutes at most.
    goal.set_signed_cookie(
        COOKIE,
        f"{begun.response.receipt_id} {begun.code}",
        salt=_salt(request),
        max_age=SHOWN_SECONDS,
        path=goal["Location"],
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return goal


def _minutes(request: HttpRequest) -> float:
    try:
        since: float = signing.loads(request.POST.get("since", ""), salt=HELPED_SALT)
    except signing.BadSignature:
        return 0
    return max(0, time.time() - since) / 60


def _page(
    request: HttpRequest,
    survey: Survey,
    channel: Channel,
    frozen: PublishedVersion,
    language: str,
    who: WhoAnswersForm,
    errors: dict[str, AnswerError],
    trouble: str,
) -> HttpResponse:
    document = frozen.document
    sent = request.POST if request.method == "POST" else None
    with translation.override(language):
        layers = [
            {
                "layer": layer,
                "blocks": [block(asked, sent=sent, error=errors.get(asked.id)) for asked in layer.asked],
                "is_open": any(_given(asked, sent) or asked.id in errors for asked in layer.asked),
            }
            for layer in document.layers
            if layer.asked
        ]
    context = {
        "survey": survey,
        "channel": channel,
        "layers": layers,
        "who": who,
        "language": language,
        "languages": [(code, own_name(code)) for code in offered_languages(document.languages)],
        "errors": errors,
        "trouble": trouble,
        "submit_key": request.POST.get("submit_key") or secrets.token_urlsafe(24),
        "since": request.POST.get("since") or signing.dumps(time.time(), salt=HELPED_SALT),
        "digest": survey.current.digest[:12],  # type: ignore[union-attr]
    }
    status = 422 if errors or trouble else 200
    return render(request, "surveys/desk/helping_fill.html", context, status=status)


def _given(asked: Question, sent: Any) -> bool:
    """Whether something was filled in, so that its layer is shown unfolded when the page comes back."""
    return bool(sent and sent.get(type_of(asked).field(asked)))


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def helped(request: HttpRequest, pk: int, channel_pk: int) -> HttpResponse:
    """Shows their code, to hand over, and optionally takes an address to hear back."""
    survey = _find(request, pk)
    channel = get_object_or_404(survey.channels.filter(kind__in=BY_HAND), pk=channel_pk)
    receipt, code = _just_helped(request)
    form = address_form(request, receipt) if receipt else HearBackForm()
    sent_to: Contact | None = None
    if receipt is not None and form.is_valid():
        try:
            sent_to = leave_address(
                receipt=receipt,
                **form.address,
                is_16_or_older=form.cleaned_data["is_16_or_older"],
                consent_sentence=form.consent_sentence,
            )
        except DomainError as error:
            form.add_error(form.address_field, str(error))
    promise = Promise.objects.only("due_on").filter(subject=survey.subject).first()
    context = {
        "survey": survey,
        "channel": channel,
        "receipt": receipt,
        "code": code,
        "form": form,
        "sent_to": sent_to,
        "before": promise.due_on if promise else None,
        "address": absolute("/v/").partition("://")[2].rstrip("/"),
    }
    context |= carrier_context(request, receipt) if receipt else {}
    status = 422 if form.is_bound and not sent_to and receipt else 200
    answer = render(request, "surveys/desk/helped.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _salt(request: HttpRequest) -> str:
    """Bound to this colleague: the next user of the device can't open the cookie."""
    return f"{HELPED_SALT}.{request.user.pk}"


def _just_helped(request: HttpRequest) -> tuple[Receipt | None, str]:
    """The person just helped on this device; (None, "") after 15 minutes."""
    try:
        pk, code = request.get_signed_cookie(COOKIE, salt=_salt(request), max_age=SHOWN_SECONDS).split(" ")
    except (KeyError, ValueError, signing.BadSignature):
        return None, ""
    return Receipt.objects.filter(pk=pk).first(), code
