"""Talks: noted at the table, with a code that stays there; read back by colleagues."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.ids import is_id
from initiatives.matching.views.shown_once import carried, carry, where_to_type_it
from initiatives.models import Note
from initiatives.needs.forms import NoteForm
from initiatives.needs.services.notes import AnotherTalk, take_note
from initiatives.states import Skill
from neighbourhoods.access import find_area, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role

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
    return {"note": note, "said": said, "skills": Skill.said(note.skills) if said else []}


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
            note, code = take_note(
                area=area,
                told=form.told,
                language=asked["language"],
                sent_key=asked["sent_key"],
                by=request.user,  # type: ignore[arg-type]
            )
        except DomainError as error:
            form.add_error("wish", str(error))
            if isinstance(error, AnotherTalk):
                form.with_another_key()
        else:
            response = redirect("note_code", pk=note.pk)
            return carry(request, response, code)
    context = {"area": area, "form": form}
    return render(request, "initiatives/note_form.html", context, status=422 if form.errors else 200)


@staff(Role.COORDINATOR)
@require_safe
def note_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to leave on the table, on screen or on paper."""
    mine = Note.objects.visible_to(request.user)  # type: ignore[arg-type]
    note = get_object_or_404(mine.select_related("area", "receipt"), pk=pk)
    code = carried(request)
    owed = note.receipt.owed.order_by("due_on").first()
    context = {
        "note": note,
        "code": code,
        "address": where_to_type_it(),
        "before": owed.due_on if owed else None,
    }
    response = render(request, "initiatives/note_code.html", context)
    response["Cache-Control"] = "no-store"
    return response
