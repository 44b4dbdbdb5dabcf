"""Beginning an initiative: a resident with three questions, without an account; a colleague at the desk."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.codes import normalise_private_code
from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core import limits
from core.errors import DomainError
from core.keyed import code_hash
from feedback.contributions.services.contributions import names_danger
from feedback.private.views.leaving import leave
from initiatives.initiatives.forms.begin import BeginForm, IdeaAddressForm, IdeaForm
from initiatives.initiatives.services import library
from initiatives.initiatives.services.beginning import begin_at_desk, begin_light, similar
from initiatives.matching.services.owners import why_nobody
from initiatives.matching.views.shown_once import carried, carry, where_to_type_it
from initiatives.models import Initiative
from neighbourhoods.access import public, resident, staff
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party
from neighbourhoods.states import Power, Role

IDEAS = limits.Limit("ideas", each=10, together=300, pressed=2, most=1500)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def begin_here(request: HttpRequest, slug: str) -> HttpResponse:
    """Three questions, why first. Similar initiatives are shown before anything is stored."""
    area = get_object_or_404(Area.objects.existing().select_related("parent__parent"), slug=slug)
    form = IdeaForm(request.POST if request.method == "POST" else None)
    there: list[Initiative] = []
    if form.is_valid():
        there = similar(theme=form.cleaned_data["theme"], area=area)
        if not there or request.POST.get("mine") == "else":
            response = _begun(request, form, area)
            if response is not None:
                return response
            there = []
    context = {
        "area": area,
        "form": form,
        "there": there,
        "nobody": "" if form.is_bound else why_nobody(area),
        "days": ParticipationRules.current().days("light_route"),
    }
    return render(request, "initiatives/begin.html", context, status=422 if form.errors else 200)


def _begun(request: HttpRequest, form: IdeaForm, area: Area) -> HttpResponse | None:
    """Store the idea and redirect to the code; or None, with the error on the form."""
    if limits.is_spent(request, IDEAS):
        form.add_error(None, _("Many ideas came from this connection. Try again in an hour, or call us."))
        return None
    try:
        _initiative, code = begin_light(
            idea=form.idea,
            theme=form.cleaned_data["theme"],
            area=area,
            language=get_language() or "nl",
            sent_key=form.cleaned_data["sent_key"],
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    limits.spend(request, IDEAS)
    response = redirect("begun", slug=area.slug)
    return carry(request, response, code)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def begun(request: HttpRequest, slug: str) -> HttpResponse:
    """Thanks: the code, the day of the answer, and a form to leave an address. The code in the cookie of this
    device identifies the beginner, so that they need not type it."""
    area = get_object_or_404(Area, slug=slug)
    code = carried(request)
    found = normalise_private_code(code) if code else None
    receipt = (
        Receipt.objects.filter(purpose=ReceiptPurpose.INITIATIVE, code_hash=code_hash(found)).first()
        if found
        else None
    )
    initiative = (
        Initiative.objects.filter(receipt=receipt).select_related("owner").first() if receipt else None
    )
    if request.method == "POST" and (receipt is None or initiative is None):
        return redirect("private_code")
    form = IdeaAddressForm(request.POST if request.method == "POST" else None)
    if receipt and form.is_bound and form.is_valid() and leave(request, receipt, form):
        return redirect("begun", slug=slug)
    token = sign_link(receipt, LinkPurpose.PAGE) if receipt else ""
    owed = receipt.owed.order_by("due_on").first() if receipt else None
    context = {
        "area": area,
        "code": code if initiative else "",
        "initiative": initiative,
        "before": owed.due_on if owed else None,
        "private_link": reverse("private_page", args=[token]) if token else "",
        "contact": Contact.objects.filter(receipt=receipt).first() if receipt else None,
        "form": form,
        "danger_text": Municipality.current().danger_text if receipt and names_danger(receipt) else None,
    }
    return render(request, "initiatives/begun.html", context, status=422 if form.is_bound else 200)


# --- at the desk ------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_begin(request: HttpRequest) -> HttpResponse:
    mine = (
        Area.objects.where(request.user, least=Power.COORDINATOR).existing().select_related("parent__parent")
    )
    here = mine.filter(slug=request.GET.get("area", "")[:140].replace("\0", "")).first()
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        areas=mine,
        parties=Party.objects.visible_to(request.user).active(),
        here=here,
    )
    there: list[Initiative] = []
    if form.is_valid():
        there = similar(theme=form.cleaned_data["theme"], area=form.cleaned_data["area"])
        if not there or request.POST.get("mine") == "else":
            response = _begun_at_desk(request, form)
            if response is not None:
                return response
            there = []
    context = {"form": form, "there": there, "approach": _approach(request)}
    return render(request, "initiatives/begin_desk.html", context, status=422 if form.errors else 200)


def _approach(request: HttpRequest) -> library.Entry | None:
    """The approach chosen in the library, if it is not hidden."""
    slug = request.GET.get("approach", "")[:60]
    found = library.find_approach(slug) if slug else None
    return found if found and found.hidden_on is None else None


def _begun_at_desk(request: HttpRequest, form: BeginForm) -> HttpResponse | None:
    asked = form.cleaned_data
    kept: dict[str, Any] = {
        name: asked[name]
        for name in ("theme", "area", "next_action", "on", "sent_key", "with_page", "language")
    }
    try:
        initiative, code = begin_at_desk(begun=form.begun, by=request.user, **kept)
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    if approach := _approach(request):
        library.choose_approach(initiative=initiative, slug=approach.slug, by=request.user)
    if not code:
        return redirect("initiative", pk=initiative.pk)
    response = redirect("initiative_code", pk=initiative.pk)
    return carry(request, response, code)


@staff(Role.COORDINATOR)
@require_safe
def initiative_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to pass on, on screen or on paper."""
    mine = Initiative.objects.where_works(request.user).select_related("area", "receipt", "theme")
    initiative = get_object_or_404(mine, pk=pk)
    context = {
        "initiative": initiative,
        "code": carried(request),
        "address": where_to_type_it(),
    }
    response = render(request, "initiatives/code.html", context)
    response["Cache-Control"] = "no-store"
    return response
