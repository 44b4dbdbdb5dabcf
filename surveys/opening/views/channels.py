"""Channels: short addresses, use of each, what to print, send or paste, and closing one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import absolute
from core.files import pdf_response
from core.languages import offered_languages
from core.paper import TypesettingError, poster_pdf, qr_png, qr_svg, street_on_paper
from neighbourhoods.access import require, staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from surveys.builder.services.freeze import parse_draft
from surveys.builder.services.publish import add_channel
from surveys.builder.views.desk import find_published, find_survey
from surveys.invitations.services.post import explain_letter_error
from surveys.models import Channel, Survey
from surveys.opening.forms import ChannelForm
from surveys.opening.services.running import invitation_texts, snippet
from surveys.paper.services.paper import (
    address_of,
    channel_statuses,
    close_channel,
    reopen_channel,
    sheet_for_poster,
)
from surveys.questionnaire.published import running_version
from surveys.questionnaire.walk import length

# Posters have A proportions: width in mm.
POSTER_WIDTHS_MM = {"a6": 105, "a5": 148, "a4": 210, "a3": 297}
BLEED_MM = 3
"""Millimetres that the printer cuts off."""


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_published(request, pk)
    may_change = request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    form = ChannelForm(request.POST if request.method == "POST" else None, survey=survey)
    if request.method == "POST":
        require(request, Role.EDITOR, *survey.areas.all())
        if form.is_valid():
            data = form.cleaned_data
            channel = add_channel(
                survey=survey,
                kind=data["kind"],
                name=data["name"],
                code=data["code"],
                area_id=data["area"].pk if data["area"] else None,
                by=request.user,
            )
            messages.success(request, _("Added."))
            return redirect(f"{reverse('survey_channels', args=[pk])}#way-{channel.pk}")
    ways = channel_statuses(survey)
    context = {
        "survey": survey,
        "form": form if may_change else None,
        "may_change": may_change,
        "may_invite": may_change and survey.is_under_way,
        "ways": [
            (way, _texts(way.channel, survey) if way.is_shared else None) for way in ways
        ],
        "people": sum(way.people for way in ways),
        "sizes": POSTER_WIDTHS_MM,
    }  # fmt: skip
    return render(request, "surveys/desk/channels.html", context, status=422 if form.is_bound else 200)


def _texts(channel: Channel, survey: Survey) -> dict[str, str]:
    return {
        "message": invitation_texts(channel, survey),
        "link": snippet(channel, survey, button=False),
        "button": snippet(channel, survey, button=True),
    }


@staff(Role.EDITOR)
@require_POST
def channel_do(request: HttpRequest, pk: int, channel_pk: int, verb: str) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    channel = get_object_or_404(survey.channels.all(), pk=channel_pk)
    if verb == "close":
        close_channel(channel=channel, by=request.user)
        messages.success(request, _("Closed. Nobody new can come in this way; people who began may finish."))
    elif verb == "open":
        reopen_channel(channel=channel, by=request.user)
        messages.success(request, _("This way in is open again."))
    else:
        raise Http404
    return redirect(f"{reverse('survey_channels', args=[pk])}#way-{channel.pk}")


@staff(Role.VIEWER)
@require_safe
def qr(request: HttpRequest, pk: int, channel_pk: int, kind: str) -> HttpResponse:
    survey = get_object_or_404(Survey.objects.visible_to(request.user), pk=pk)
    channel = get_object_or_404(survey.channels.all(), pk=channel_pk)
    if kind not in ("svg", "png"):
        raise Http404
    # With the trailing slash, so that the phone is not redirected.
    address = f"{address_of(channel)}/"
    content, mime = (qr_svg(address), "image/svg+xml") if kind == "svg" else (qr_png(address), "image/png")
    response = HttpResponse(content, content_type=mime)
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{channel.code}.{kind}"'
    return response


@staff(Role.VIEWER)
@require_safe
def channel_poster(request: HttpRequest, pk: int, channel_pk: int) -> HttpResponse:
    """An A5 to print. Its short address identifies the channel, so it needs no code."""
    survey = find_survey(request, pk)
    channel = get_object_or_404(survey.channels.all(), pk=channel_pk)
    frozen = running_version(survey)
    document = frozen.document if frozen else parse_draft(survey)
    context = {
        "survey": survey,
        "channel": channel,
        "host": absolute("").partition("://")[2],
        "title": document.title if document else survey.title,
        "lead": document.lead if document else survey.lead,
        "first": length(document.first_layer.asked) if document else None,
        "phone": Municipality.current().phone,
        "others": [get_language_info(code) for code in offered_languages((document or survey).languages)[1:]],
    }
    return render(request, "surveys/desk/poster.html", context)


@staff(Role.VIEWER)
@require_safe
def poster_file(request: HttpRequest, pk: int, channel_pk: int, size: str) -> HttpResponse:
    """The poster as a tagged PDF, from an A6 flyer to an A3 poster; for a printer with bleed and crop marks."""
    survey = find_published(request, pk)
    channel = get_object_or_404(
        survey.channels.select_related("survey__current"), pk=channel_pk, invited=False
    )
    if size not in POSTER_WIDTHS_MM:
        raise Http404
    try:
        made = poster_pdf(
            sheet_for_poster(channel),
            width=POSTER_WIDTHS_MM[size],
            bleed=BLEED_MM if "bleed" in request.GET else 0,
            street=street_on_paper(),
        )
    except TypesettingError as error:
        messages.error(request, explain_letter_error(error))
        return redirect("survey_channels", pk=pk)
    return pdf_response(f"{channel.code}-{size}", made)
