"""Changing a running survey: the changes in words, publishing them, and comparing two versions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.builder.changes import changes, is_meaning
from surveys.builder.forms.again import RepublishForm
from surveys.builder.services.draft import ChangedMeanwhile
from surveys.builder.services.freeze import readable
from surveys.builder.services.publish import publish_again, unpublished
from surveys.builder.services.readiness import lacks
from surveys.builder.views.desk import find_survey
from surveys.models import Survey
from surveys.questionnaire.document import parse
from surveys.states import VersionKind
from surveys.wording import describe_changes


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def republish(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the changes since the running version, and asks whether they are spelling or meaning."""
    survey = find_survey(request, pk, to_change=True)
    if survey.current is None or not survey.has_changes or survey.coming:
        return redirect("survey_opening", pk=pk)
    found, draft = unpublished(survey), readable(survey)
    must_be_meaning = is_meaning(found)
    form = RepublishForm(
        request.POST if request.method == "POST" else None,
        revision=survey.revision,
        must_be_meaning=must_be_meaning,
        was_open=survey.opened_at is not None,
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        kind = form.cleaned_data["kind"]
        try:
            publish_again(survey=survey, kind=kind, seen=form.cleaned_data["seen"], by=request.user)
        except ChangedMeanwhile as error:
            # The changes shown on this page are what the next submit agrees to.
            form.data = {"kind": kind, "seen": survey.revision}
            form.add_error(None, str(error))
            status = 409
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, DONE[kind if survey.opened_at else "before"]())
            return redirect("survey_opening", pk=pk)
    before = parse(survey.current.document)
    context = {
        "survey": survey,
        "form": form,
        "stops": lacks(survey),
        "must_be_meaning": must_be_meaning,
        "changes": describe_changes(found, before, draft, _names(survey)) if draft else [],
    }
    return render(request, "surveys/desk/again.html", context, status=status)


DONE = {
    VersionKind.COSMETIC: lambda: _("Published. Residents read it from now on."),
    VersionKind.MEANING: lambda: _("Frozen as a new version. Now ask somebody to stand behind it."),
    "before": lambda: _("Published anew."),
}


@staff(Role.VIEWER)
@require_safe
def compare_versions(request: HttpRequest, pk: int, number: int, other: int) -> HttpResponse:
    survey = get_object_or_404(Survey.objects.visible_to(request.user).prefetch_related("areas"), pk=pk)
    old, new = (get_object_or_404(survey.versions.all(), number=one) for one in sorted((number, other)))
    before, after = parse(old.document), parse(new.document)
    context = {
        "survey": survey,
        "old": old,
        "new": new,
        "changes": describe_changes(changes(before, after), before, after, _names(survey)),
        "versions": survey.versions.defer("document"),
    }
    return render(request, "surveys/desk/compare.html", context)


def _names(survey: Survey) -> dict[str, str]:
    return {str(area.pk): area.name for area in survey.areas.all()}
