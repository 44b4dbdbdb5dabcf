"""The library of proven approaches."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from initiatives.approaches import APPROACHES, Evidence
from neighbourhoods.access import staff
from neighbourhoods.states import Role


@staff(Role.VIEWER)
@require_safe
def approaches(request: HttpRequest) -> HttpResponse:
    """All of them, to read."""
    evidence = {
        Evidence.STUDY: _("A study was read about it."),
        Evidence.PRACTICE: _("Told from practice."),
        Evidence.JUDGEMENT: _("Our own judgement, not verified."),
    }
    context = {"approaches": [(one, evidence[one.evidence]) for one in APPROACHES]}
    return render(request, "initiatives/approaches.html", context)
