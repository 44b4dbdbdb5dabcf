"""The ways in: short addresses, their QR codes, and a poster ready to print."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import absolute
from neighbourhoods.access import require, staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from surveys.forms.channel import ChannelForm
from surveys.models import Channel, Survey
from surveys.qr import qr_png, qr_svg
from surveys.services.freeze import parsed
from surveys.services.publish import add_channel
from surveys.views.desk import find_survey
from surveys.walk import length


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk)
    may_add = request.desk.can(Role.EDITOR, survey.areas.all())  # type: ignore[attr-defined]
    form = ChannelForm(request.POST if request.method == "POST" else None, survey=survey)
    if request.method == "POST":
        require(request, Role.EDITOR, *survey.areas.all())
        if form.is_valid():
            data = form.cleaned_data
            add_channel(
                survey=survey,
                kind=data["kind"],
                name=data["name"],
                code=data["code"],
                area_id=data["area"].pk if data["area"] else None,
                invited=data["invited"],
                by=request.user,
            )
            messages.success(request, _("Added."))
            return redirect("survey_channels", pk=pk)
    context = {
        "survey": survey,
        "form": form if may_add else None,
        "channels": [(channel, address_of(channel)) for channel in survey.channels.select_related("area")],
    }
    return render(request, "surveys/desk/channels.html", context, status=422 if form.is_bound else 200)


@staff(Role.VIEWER)
@require_safe
def qr(request: HttpRequest, pk: int, channel_pk: int, kind: str) -> HttpResponse:
    survey = get_object_or_404(Survey.objects.visible_to(request.user), pk=pk)
    channel = get_object_or_404(survey.channels.all(), pk=channel_pk)
    if kind not in ("svg", "png"):
        raise Http404
    # With the slash at the end, so that a phone needs no second round trip.
    address = f"{address_of(channel)}/"
    content, mime = (qr_svg(address), "image/svg+xml") if kind == "svg" else (qr_png(address), "image/png")
    response = HttpResponse(content, content_type=mime)
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{channel.code}.{kind}"'
    return response


@staff(Role.VIEWER)
@require_safe
def poster(request: HttpRequest, pk: int, channel_pk: int) -> HttpResponse:
    """An A5 to print. Its short address carries the channel, so it needs no code."""
    survey = find_survey(request, pk)
    channel = get_object_or_404(survey.channels.all(), pk=channel_pk)
    document = parsed(survey)
    context = {
        "survey": survey,
        "channel": channel,
        "host": absolute("").partition("://")[2],
        "first": length(document.first_layer.asked) if document else None,
        "phone": Municipality.current().phone,
        "others": [get_language_info(code) for code in survey.languages[1:]],
    }
    return render(request, "surveys/desk/poster.html", context)


def address_of(channel: Channel) -> str:
    """As it stands on paper."""
    return absolute(reverse("start", args=[channel.code])).rstrip("/")
