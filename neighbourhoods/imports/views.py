"""Pages for imports of all kinds: uploading, previewing, carrying out or dropping, and undoing."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in, form_status
from core.errors import DomainError
from neighbourhoods.access import staff
from neighbourhoods.imports.forms.figures import FiguresChoicesForm, FiguresForm, PostcodesForm, RowsForm
from neighbourhoods.imports.forms.imports import BordersChoicesForm, BordersForm, FileForm, upload_form_kwargs
from neighbourhoods.imports.services import imports as services
from neighbourhoods.imports.services.import_kinds import IMPORTERS, PREVIEW_LINES_SHOWN
from neighbourhoods.models import Area, Import
from neighbourhoods.settings.views import require_municipality
from neighbourhoods.states import FileState, ImportKind, Role

_PAGE_SIZE = 50
_MAX_UNFOLDED_LINES = 20  # longer groups are folded


@dataclass(frozen=True)
class ImportPage:
    """What differs between the pages of the import kinds."""

    question: str | Promise
    form: type[FileForm]
    # Builds the form for choices after reading; its `options` are stored. None if there is nothing to choose.
    choices: Callable[[Import, object], forms.Form | None] = lambda one, posted: None
    template: str = ""  # of this kind, between the buttons and the lines


def _choose_borders(one: Import, posted: object) -> BordersChoicesForm | None:
    form = BordersChoicesForm(posted, report=one.report, chosen=one.options)
    return form if form.fields else None


PAGES: dict[str, ImportPage] = {
    ImportKind.BORDERS: ImportPage(
        gettext_lazy("Which file has the borders?"),
        BordersForm,
        _choose_borders,
        "neighbourhoods/import_borders.html",
    ),
    ImportKind.FIGURES: ImportPage(
        gettext_lazy("Which file has the figures?"),
        FiguresForm,
        FiguresChoicesForm.of,
        "neighbourhoods/import_landing.html",
    ),
    ImportKind.POSTCODES: ImportPage(
        gettext_lazy("Which file has the postcodes?"), PostcodesForm, choices=RowsForm.of
    ),
}
GROUP_TITLES = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "unmatched": "",
    "unchanged": gettext_lazy("Unchanged"),
}


@staff(Role.ADMINISTRATOR)
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """The imports, newest first, with those that can be undone."""
    require_municipality(request)
    found = Import.objects.visible_to(request.user).exclude(state__in=[FileState.DROPPED, FileState.REFUSED])
    kinds = [{"kind": key, "label": ImportKind(key).label} for key in PAGES]
    listed = found.select_related("created_by").defer("content", "undo")[:_PAGE_SIZE]
    return render(request, "neighbourhoods/imports.html", {"imports": listed, "kinds": kinds})


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest, kind: str) -> HttpResponse:
    require_municipality(request)
    if (page := PAGES.get(kind)) is None:
        raise Http404
    form = page.form(**upload_form_kwargs(request))
    if form.is_valid():
        file = form.cleaned_data["file"]
        with domain_errors_in(form, "file"):
            one = services.stage_import(
                kind=kind,
                content=file.read(services.MAX_IMPORT_BYTES + 1),
                file_name=file.name,
                options=form.options,
                by=request.user,
            )
            return redirect("import_one", pk=one.pk)
    context = {"form": form, "page": page}
    return render(request, "neighbourhoods/import_new.html", context, status=form_status(form))


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def import_one(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress or the preview; the button carries it out, all or nothing."""
    require_municipality(request)
    one = _load(request, pk)
    page = PAGES[one.kind]
    form = None
    if one.state == FileState.PREVIEWED:
        form = page.choices(one, request.POST if {"choose", "write"} & set(request.POST) else None)
    if request.method == "POST":
        try:
            if done := _handle_button(request, one, form):
                return done
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("import_one", pk=pk)
    context = {
        "one": one,
        "page": page,
        "form": form,
        "shown": PREVIEW_LINES_SHOWN,
        "sums": _group_counts(one),
        "is_idle": would_write_nothing(one),
        "lacks_town": _lacks_town(one),
        "groups": _groups(one, form),
    }
    wrong = form is not None and bool(form.errors)
    return render(request, "neighbourhoods/import_one.html", context, status=422 if wrong else 200)


def _handle_button(request: HttpRequest, one: Import, form: forms.Form | None) -> HttpResponse | None:
    """Handle the pressed button. None if the form must be shown again."""
    if "drop" in request.POST:
        services.drop_import(one=one, by=request.user)
        messages.success(request, _("Dropped. Nothing was changed."))
        return redirect("imports")
    if form is not None and not form.is_valid():
        return None
    if form is not None and ("choose" in request.POST or form.has_changed()):
        services.change_import_options(one=one, options=form.options, by=request.user)
        if "choose" not in request.POST:
            messages.info(request, _("You chose otherwise. Look once more at what that does."))
    else:
        services.apply_import(one=one, by=request.user, seen=request.POST.get("seen", ""))
    return redirect("import_one", pk=one.pk)


@staff(Role.ADMINISTRATOR)
@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    require_municipality(request)
    one = _load(request, pk)
    try:
        services.undo_import(one=one, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Undone. Everything is as it was before this file."))
    return redirect("import_one", pk=pk)


def _load(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(
        Import.objects.visible_to(request.user).select_related("created_by").defer("content", "undo"), pk=pk
    )


def would_write_nothing(one: Import) -> bool:
    """Whether it waits for a decision that would write nothing: all is known already, or nothing matches our areas."""
    if one.state != FileState.PREVIEWED or one.kind == ImportKind.BORDERS or one.report["asks"]:
        return False
    counts = one.report["counts"]
    return not (counts["new"] or counts["changed"] or counts["wrong"] or one.options.get("picks"))


def _lacks_town(one: Import) -> bool:
    """Whether its rows match nothing because there are no neighbourhoods yet."""
    if one.state != FileState.PREVIEWED or one.report["asks"] or one.kind == ImportKind.BORDERS:
        return False
    return bool(one.report["counts"]["unmatched"]) and not Area.objects.leaves().exists()


def _group_counts(one: Import) -> list[tuple[str, list[dict]]]:
    """The counts per group; rare groups only if they are not empty. If lines are about things in a place, places
    are counted separately.
    """
    labels = {
        "new": _("new"),
        "changed": _("changed"),
        "unchanged": _("unchanged"),
        "unmatched": IMPORTERS[one.kind].unmatched(one.report.get("counts", {}).get("unmatched", 0)),
        "wrong": _("wrong"),
    }
    counts = one.report.get("counts", {})
    sums = {
        key: {
            "count": counts.get(key, 0),
            "label": label,
            "is_late": key == "wrong" and bool(counts.get(key)),
        }
        for key, label in labels.items()
    }
    unmatched = sums.pop("unmatched")
    if (found := one.report.get("extra", {}).get("places")) is None:
        return [("", [*sums.values(), *([unmatched] if unmatched["count"] else [])])]
    left_out = counts.get("unmatched", 0) + sum(not area for area in one.options.get("picks", {}).values())
    places = [
        {"count": found, "label": _("of ours")},
        {"count": left_out, "label": _("not ours")},
    ]
    return [(capfirst(one.get_kind_display()), list(sums.values())), (_("Places in this file"), places)]


def _groups(one: Import, form: forms.Form | None) -> list[dict]:
    counts, lines = one.report.get("counts", {}), one.report.get("lines", {})
    if form is not None and getattr(form, "rows", None):
        counts = counts | {"unmatched": 0}  # the form shows them
    unmatched = capfirst(IMPORTERS[one.kind].unmatched(counts.get("unmatched", 0)))
    return [
        {
            "title": title or unmatched,
            "count": counts[key],
            "lines": lines[key],
            "is_short": counts[key] <= _MAX_UNFOLDED_LINES,
        }
        for key, title in GROUP_TITLES.items()
        if counts.get(key)
    ]
