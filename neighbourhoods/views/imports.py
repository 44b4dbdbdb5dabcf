"""A file with borders: uploaded, looked at, carried out or dropped."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from neighbourhoods import geojson, maps
from neighbourhoods.access import staff
from neighbourhoods.errors import DomainError
from neighbourhoods.forms.areas import ImportForm
from neighbourhoods.models import AreaImport
from neighbourhoods.services import imports as services
from neighbourhoods.states import Role
from neighbourhoods.views.settings import require_municipality

SHOWN = 200  # rows of a kind; the sums count all


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def areas_import(request: HttpRequest) -> HttpResponse:
    require_municipality(request)
    posted = request.method == "POST"
    form = ImportForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        too_large=bool(request.META.get("nabij.upload_too_large")),
    )
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = services.preview_import(
                content=file.read(geojson.MAX_BYTES + 1),
                file_name=file.name,
                year=form.cleaned_data["year"],
                source=form.cleaned_data["source"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            return redirect("areas_import_preview", pk=kept.pk)
    return render(request, "neighbourhoods/areas_import.html", {"form": form})


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def areas_import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be new, changed, unchanged and wrong; the button carries it out, all or nothing."""
    require_municipality(request)
    kept = get_object_or_404(AreaImport.objects.waiting().filter(created_by=request.user), pk=pk)
    if request.method == "POST":
        try:
            if "drop" in request.POST:
                services.drop_import(area_import=kept, by=request.user)
                messages.success(request, _("Dropped. Nothing was changed."))
                return redirect("areas_import")
            plan = services.carry_out(area_import=kept, by=request.user, seen=request.POST.get("seen", ""))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("areas_import_preview", pk=pk)
        written = len(plan.new) + len(plan.changed)
        messages.success(
            request,
            ngettext("%(count)s area is written.", "%(count)s areas are written.", written)
            % {"count": written},
        )
        return redirect("areas")
    plan = services.plan_import(kept.content, year=kept.year)
    return render(request, "neighbourhoods/areas_import_preview.html", {"kept": kept} | _show(plan))


def _show(plan: services.Plan) -> dict:
    rows = [*plan.new, *plan.changed, *plan.unchanged]
    groups = [
        {"title": _("New"), "rows": plan.new[:SHOWN], "count": len(plan.new)},
        {"title": _("Changed"), "rows": plan.changed[:SHOWN], "count": len(plan.changed)},
        {"title": _("Unchanged"), "rows": plan.unchanged[:SHOWN], "count": len(plan.unchanged)},
    ]
    return {
        "plan": plan,
        "wrong": plan.wrong[:SHOWN],
        "groups": [group for group in groups if group["count"]],
        "shown": SHOWN,
        "map": maps.draw(
            (
                maps.Place(str(one.number), one.name, one.geometry, one.box)
                for one in (row.found for row in rows)
            ),
            letter=maps.SMALL_LETTER,
        ),
    }
