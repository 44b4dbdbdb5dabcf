"""Challenging the municipality, for residents: what it is, the request, and what was decided on those of others."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact
from core import limits
from core.errors import DomainError
from core.ids import is_id
from feedback.private.services.ways_in import receipt_of
from feedback.private.views.leaving import leave
from initiatives.challenges import services
from initiatives.challenges.forms import AskerAddressForm, AskForm
from initiatives.matching.views.shown_once import carried, carry
from initiatives.models import Challenge
from neighbourhoods.access import public, resident
from neighbourhoods.models import Area, ParticipationRules

BOTH = ["GET", "HEAD", "POST"]
PAGE, NEAR = 30, 5

REQUESTS = limits.Limit("challenges", each=5, together=100, pressed=1, most=300)


@public
@require_safe
def challenge_about(request: HttpRequest, slug: str) -> HttpResponse:
    """In plain words: what it is, what we ask, before when there is a decision."""
    area = get_object_or_404(Area.objects.existing().select_related("parent__parent"), slug=slug)
    published = Challenge.objects.published().filter(area__in=Area.objects.inside([area.pk]))
    context = {
        "area": area,
        "owner": services.who_decides(area),
        "published": published.select_related("area").order_by("-published_on", "-pk")[:NEAR],
        "questions": len(AskForm().visible_fields()),
        **_term(),
    }
    return render(request, "initiatives/challenge_about.html", context)


def _term() -> dict[str, Any]:
    days = ParticipationRules.current().days("right_to_challenge")
    return {"days": days, "weeks": days // 7 if days % 7 == 0 else 0}


@public
@require_http_methods(BOTH)
def challenge_ask(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.existing().select_related("parent__parent"), slug=slug)
    form = AskForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid() and limits.is_spent(request, REQUESTS):
        form.add_error(
            None, _("This was asked for too often from here. Try again in an hour; keep this page.")
        )
        status = 429
    elif form.is_bound and form.is_valid():
        try:
            challenge, code = services.submit_challenge(
                area=area,
                asked=form.asked,
                language=get_language() or "nl",
                submit_key=f"{form.cleaned_data['key']} {request.META.get('CSRF_COOKIE', '')}",
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            limits.spend(request, REQUESTS)
            return carry(request, redirect("challenge_asked", pk=challenge.pk), code)
    if form.errors and status == 200:
        status = 422
    context = {"area": area, "form": form, "owner": services.who_decides(area), **_term()}
    response = render(request, "initiatives/challenge_ask.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@resident
@require_http_methods(BOTH)
def challenge_asked(request: HttpRequest, pk: int) -> HttpResponse:
    """Thanks: before when, the code, and for who wants it an address to be reached at."""
    code = carried(request)
    receipt = receipt_of(code) if code else None
    challenge = Challenge.objects.filter(pk=pk, receipt=receipt).select_related("area", "owner").first()
    if receipt is None or challenge is None:
        return redirect("private_code")
    form = AskerAddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and leave(request, receipt, form):
        return redirect("challenge_asked", pk=pk)
    context = {
        "challenge": challenge,
        "code": code,
        "private_link": reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)]),
        "contact": Contact.objects.filter(receipt=receipt).first(),
        "form": form,
    }
    return render(request, "initiatives/challenge_asked.html", context, status=422 if form.is_bound else 200)


# --- what everybody reads -----------------------------------------------------------------------


@public
@require_safe
def challenges_public(request: HttpRequest) -> HttpResponse:
    """All requests that are public, the newest first, with what was decided on each."""
    found = Challenge.objects.published().select_related("area", "theme").order_by("-pk")
    if is_id(before := request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    page = list(found[: PAGE + 1])
    root = Area.objects.filter(parent=None).first()
    context = {
        "challenges": page[:PAGE],
        "next_url": f"?before={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "first_url": "?" if before else "",
        "root": root,
    }
    return render(request, "initiatives/challenges_public.html", context)


@public
@require_safe
def challenge_public(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, and the decision with its reasons."""
    found = Challenge.objects.published().select_related("area", "theme", "party", "initiative", "owner")
    challenge = get_object_or_404(found, pk=pk)
    return render(request, "initiatives/challenge_public.html", {"challenge": challenge})
