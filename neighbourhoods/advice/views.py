"""Pages on how to approach an area: the advice with its reasons, the means, and the decisions."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.actions import domain_errors_in
from neighbourhoods.access import Desk, find_area, staff
from neighbourhoods.advice import services
from neighbourhoods.advice.advice import ADVICE_RULES, Advice
from neighbourhoods.advice.forms import ApproachDecisionForm, ResourcesForm
from neighbourhoods.advice.services import area_sources
from neighbourhoods.models import ApproachDecision, Area
from neighbourhoods.states import AreaKind, Role
from neighbourhoods.wording import (
    APPROACH_OUTCOMES,
    ReasonChip,
    advice_texts,
    approach_name,
    degree_labels,
    plan_warning,
    stored_reason_chips,
)

_APPROACHES_SHOWN = 3  # proven approaches beside the advice


@staff(Role.VIEWER)
@require_safe
def area_advice(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug)
    return _page(request, area, services.advice_for(area))


@staff(Role.VIEWER)
@require_safe
def advices(request: HttpRequest) -> HttpResponse:
    """Every neighbourhood and district visible to the user, grouped by advised approach."""
    mine = Area.objects.visible_to(request.user).existing().exclude(kind=AreaKind.MUNICIPALITY)
    areas = {area.pk: area for area in mine.select_related("parent")}
    advised = services.advices(areas)
    chosen = dict(
        ApproachDecision.objects.filter(area__in=areas).order_by("pk").values_list("area", "chosen")
    )
    groups = [
        {
            "approach": rule.approach,
            "name": approach_name(rule.approach),
            "outcome": APPROACH_OUTCOMES[rule.approach],
            "rows": [
                _row(areas[pk], advice, chosen.get(pk))
                for pk, advice in advised.items()
                if advice.rule is rule
            ],
        }
        for rule in ADVICE_RULES
    ]
    return render(
        request, "neighbourhoods/advices.html", {"groups": [group for group in groups if group["rows"]]}
    )


def _row(area: Area, advice: Advice, chosen: str | None) -> dict[str, Any]:
    return {
        "area": area,
        "degrees": degree_labels(advice),
        "missing": len(advice.missing),
        "chosen": chosen,
        "chosen_name": approach_name(chosen or ""),
    }


@staff(Role.EDITOR)
@require_POST
def area_means(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.EDITOR)
    form = ResourcesForm(request.POST, means=None)
    if not form.is_valid():
        return _page(request, area, services.advice_for(area), means_form=form)
    services.set_resources(area=area, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("area_advice", slug=slug)


@staff(Role.EDITOR)
@require_POST
def area_decide_approach(request: HttpRequest, slug: str) -> HttpResponse:
    area = find_area(request, slug, to=Role.EDITOR)
    advice = services.advice_for(area)
    form = ApproachDecisionForm(request.POST, advice=advice)
    if form.is_valid():
        with domain_errors_in(form):
            services.decide_approach(area=area, by=request.user, **form.cleaned_data)
            messages.success(request, _("Decided. The advice of today is kept with it."))
            return redirect("area_advice", slug=slug)
    return _page(request, area, advice, decide_form=form)


def advice_context(
    desk: Desk, area: Area, advice: Advice, *, most: int | None = _APPROACHES_SHOWN
) -> dict[str, Any]:
    """Context of neighbourhoods/part/advice.html and part/fitting.html, with at most `most` fitting approaches."""
    told = advice_texts(advice)
    asked = [one for source in area_sources for one in source.intentions(area)]
    warned = [(one, found) for one in asked if (found := plan_warning(one.level, advice))]
    proven = [one for source in area_sources for one in source.approaches(advice)]
    return {
        "area": area,
        "told": told,
        "missing": list(zip(told.missing, _input_urls(desk, area, advice.missing), strict=True)),
        "warnings": [pair for pair in warned if not pair[0].why],
        "deviations": [pair for pair in warned if pair[0].why],
        "fitting": [one for one in proven if not one.against][:most],
        "nearly": [one for one in proven if one.against],
        "decision": ApproachDecision.objects.filter(area=area).first(),
    }


def _input_urls(desk: Desk, area: Area, missing: Iterable[str]) -> list[str]:
    """For each unknown input the URL where it can be filled in; "" if the user may not open it."""
    means, survey = f"{reverse('area_advice', args=[area.slug])}#means", reverse("survey_new")
    figures = reverse("import_new", args=["figures"])
    editor, noter = desk.can(Role.EDITOR, [area]), desk.can(Role.COORDINATOR, [area])
    ways = {
        **dict.fromkeys(("mandate", "budget", "hours"), means if editor else ""),
        **dict.fromkeys(("wanting", "few_asked", "reach", "urgency"), survey if editor else ""),
        **dict.fromkeys(("load", "residents", "cohesion"), figures if desk.runs_municipality else ""),
        "running": f"{reverse('initiative_new')}?area={area.slug}" if noter else "",
    }
    return [ways[key] for key in missing]


def _page(
    request: HttpRequest,
    area: Area,
    advice: Advice,
    *,
    means_form: ResourcesForm | None = None,
    decide_form: ApproachDecisionForm | None = None,
) -> HttpResponse:
    means = services.effective_resources(area)
    may_decide = request.desk.can(Role.EDITOR, [area])  # type: ignore[attr-defined]
    context = advice_context(request.desk, area, advice, most=None) | {  # type: ignore[attr-defined]
        "advice": advice,
        "means": means,
        "means_form": means_form or ResourcesForm(means=means),
        "decide_form": decide_form or ApproachDecisionForm(advice=advice),
        "may_decide": may_decide,
        "may_begin": may_decide and not area.is_ended,
        "decisions": [_decision_context(one) for one in area.approach_decisions.select_related("decided_by")],
    }
    refused = means_form or decide_form
    return render(request, "neighbourhoods/area_advice.html", context, status=422 if refused else 200)


def _decision_context(decision: ApproachDecision) -> dict[str, Any]:
    chips: list[ReasonChip] = stored_reason_chips(decision.advice.get("reasons", []))
    return {
        "decision": decision,
        "chosen": approach_name(decision.chosen),
        "advised": approach_name(decision.advised),
        "deviates": decision.chosen != decision.advised,
        "reasons": chips,
    }
