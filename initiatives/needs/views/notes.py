"""Talks: noted at the table, with a code that stays there; read back by colleagues."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actions import domain_errors_in
from core.errors import DomainError
from core.rows import is_id
from initiatives.initiatives.services.beginning import set_invitation_card
from initiatives.matching.views.shown_once import code_entry_address, code_from_cookie, set_code_cookie
from initiatives.models import ExpectationCard, Note, Offer
from initiatives.needs.forms import NoteForm
from initiatives.needs.services.notes import AnotherTalk, create_note
from initiatives.offers.forms.offer_care import InviteForm
from initiatives.offers.forms.offers import NotedOfferForm
from initiatives.offers.services.offers import make_offer
from initiatives.states import Skill
from neighbourhoods.access import find_area, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role

_PAGE_SIZE = 50


@staff(Role.COORDINATOR)
@require_safe
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    """Notes of an area, newest first, with what became of each."""
    area = find_area(request, slug, to=Role.COORDINATOR)
    found = (
        Note.objects.visible_to(request.user)  # type: ignore[arg-type]
        .filter(area__in=Area.objects.inside([area.pk]).values("pk"))
        .select_related("area", "theme", "place", "key_person", "noted_by")
        .prefetch_related("receipt__contributions", "receipt__owed")
        .order_by("-pk")
    )
    if is_id(before := request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    page = list(found[: _PAGE_SIZE + 1])
    context = {
        "area": area,
        "notes": [_shown(note) for note in page[:_PAGE_SIZE]],
        "next_url": f"?before={page[_PAGE_SIZE - 1].pk}" if len(page) > _PAGE_SIZE else "",
        "may_note": not area.is_ended,
    }
    return render(request, "initiatives/notes.html", context)


def _shown(note: Note) -> dict[str, Any]:
    """Without withdrawn words; the words are masked, as everywhere on the desk."""
    said = [one for one in note.receipt.contributions.all() if one.withdrawn_on is None]
    return {"note": note, "said": said, "skills": Skill.labels_of(note.skills) if said else []}


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def note_new(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.COORDINATOR)
    if area.is_ended:
        raise Http404
    form = NoteForm(request.POST if request.method == "POST" else None, area=area)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            note, code = create_note(
                area=area,
                talk_note=form.talk_note,
                language=asked["language"],
                sent_key=asked["sent_key"],
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            form.add_error("wish", str(error))
            if isinstance(error, AnotherTalk):
                form.renew_sent_key()
        else:
            response = redirect("note_code", pk=note.pk)
            return set_code_cookie(request, response, code)
    context = {"area": area, "form": form}
    return render(request, "initiatives/note_form.html", context, status=422 if form.errors else 200)


@staff(Role.COORDINATOR)
@require_safe
def note_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to leave on the table, on screen or on paper."""
    mine = Note.objects.visible_to(request.user)  # type: ignore[arg-type]
    note = get_object_or_404(mine.select_related("area", "receipt"), pk=pk)
    code = code_from_cookie(request)
    owed = note.receipt.owed.order_by("due_on").first()
    context = {
        "note": note,
        "code": code,
        "address": code_entry_address(),
        "before": owed.due_on if owed else None,
    }
    response = render(request, "initiatives/note_code.html", context)
    response["Cache-Control"] = "no-store"
    return response


# On the desk: noting an offer made in a talk, and choosing the card above the open invitation.


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_note(request: HttpRequest) -> HttpResponse:
    """Note an offer after a talk: what they offer, what was read to them, and their consent."""
    areas = Area.objects.where(request.user, least=Power.COORDINATOR).existing().order_by("name")  # type: ignore[arg-type]
    here = areas.filter(slug=request.GET.get("area", "").replace("\0", "")).first()
    form = NotedOfferForm(
        request.POST if request.method == "POST" else None,
        areas=areas,
        cards=ExpectationCard.objects.newest(),
        initial={"area": here.pk if here else None},
    )
    if form.is_valid():
        asked = form.cleaned_data
        with domain_errors_in(form):
            offer, code = make_offer(
                hands=form.details,
                card=asked["card"],
                area=asked["area"],
                theme=asked["theme"],
                owner=request.user,  # type: ignore[arg-type]
                language=asked["language"],
                email=asked["email"],
                phone=asked["phone"],
                consent=form.consent_sentence,
                submit_key=asked["submit_key"],
                by=request.user,  # type: ignore[arg-type]
            )
            response = redirect("offer_code", pk=offer.pk)
            return set_code_cookie(request, response, code)
    context = {"form": form, "cards": form.fields["card"].queryset}
    return render(request, "initiatives/offer_note.html", context, status=422 if form.is_bound else 200)


@staff(Role.COORDINATOR)
@require_safe
def offer_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to give them, on screen or on paper."""
    mine = Offer.objects.visible_to(request.user)  # type: ignore[arg-type]
    offer = get_object_or_404(mine.select_related("area", "receipt"), pk=pk)
    code = code_from_cookie(request)
    context = {
        "offer": offer,
        "code": code,
        "address": code_entry_address(),
    }
    response = render(request, "initiatives/offer_code.html", context)
    response["Cache-Control"] = "no-store"
    return response


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def hands_invitation(request: HttpRequest) -> HttpResponse:
    """Choose the card per area: without one nobody there is invited to join in."""
    areas = Area.objects.where(request.user, least=Power.EDITOR).existing().order_by("kind", "name")  # type: ignore[arg-type]
    cards = ExpectationCard.objects.newest()
    form = InviteForm(request.POST if request.method == "POST" else None, areas=areas, cards=cards)
    if form.is_valid():
        with domain_errors_in(form, "card"):
            set_invitation_card(
                area=form.cleaned_data["area"], card=form.cleaned_data["card"], by=request.user
            )  # type: ignore[arg-type]
            messages.success(request, _("Kept."))
            return redirect("hands_invitation")
    standing = cards.filter(invites_in__in=areas).select_related("invites_in").order_by("invites_in__name")
    context = {"form": form, "standing": standing, "cards": cards.exists()}
    return render(request, "initiatives/hands_invitation.html", context, status=422 if form.is_bound else 200)
