"""Pages for trajectories: their steps, plans and talk-backs, and the rules of participation."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Event
from core.actions import domain_errors_in, form_status
from core.errors import DomainError
from core.files import pdf_response
from core.forms import atomic_on_post
from core.i18n import pick
from neighbourhoods import rules
from neighbourhoods.access import public, require, staff
from neighbourhoods.advice import services as rule_services
from neighbourhoods.models import Municipality, ParticipationPlan, ParticipationRules, TalkBack, Trajectory
from neighbourhoods.registries import trajectory_parts
from neighbourhoods.settings.views import require_municipality, settings_tabs
from neighbourhoods.states import Role, Step
from neighbourhoods.trajectories import services
from neighbourhoods.trajectories.documents import MissingGlyphs, as_pdf
from neighbourhoods.trajectories.forms.participation import SECTION_FORMS, TERM_LABELS, SectionForm
from neighbourhoods.trajectories.forms.trajectories import (
    PlanForm,
    ReopenForm,
    StepForm,
    TalkBackForm,
    TrajectoryForm,
)
from neighbourhoods.wording import THRESHOLD_LABELS

# --- participation -----------------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_safe
def participation(request: HttpRequest) -> HttpResponse:
    require_municipality(request)
    own = ParticipationRules.uncached()
    sections = [
        {
            "slug": slug,
            "title": form.title,
            "about": form.about,
            "is_own": form.is_own(own),
            "lines": _lines(slug, own),
        }
        for slug, form in SECTION_FORMS.items()
    ]
    return render(
        request,
        "neighbourhoods/participation.html",
        {"tabs": settings_tabs(request, "participation"), "sections": sections},
    )


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def participation_section(request: HttpRequest, section: str) -> HttpResponse:
    require_municipality(request)
    made = _form(section)
    with atomic_on_post(request):
        data = request.POST if request.method == "POST" else None
        own = ParticipationRules.uncached() if data is None else rule_services.lock_rules()
        form = made(data, own=own, languages=Municipality.current().languages)
        if form.is_valid() and not form.has_conflicts():
            rule_services.change_rules(section=form.title, changes=form.changes(), by=request.user, held=own)
            messages.success(request, _("Saved."))
            return redirect("participation")
    context = {"form": form, "section": section, "tabs": settings_tabs(request, "participation")}
    return render(request, "neighbourhoods/participation_section.html", context, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_POST
def participation_default(request: HttpRequest, section: str) -> HttpResponse:
    require_municipality(request)
    form = _form(section)
    rule_services.reset_rules(section=form.title, fields=form.fields_of, by=request.user)
    messages.success(request, _("Back to the default."))
    return redirect("participation")


def _form(section: str) -> type[SectionForm]:
    if section not in SECTION_FORMS:
        raise Http404
    return SECTION_FORMS[section]


def _lines(section: str, own: ParticipationRules) -> list[dict[str, Any]]:
    """The effective values of a section, as pairs of name and value; without names it is a list."""
    language = get_language() or ""
    match section:
        case "ladder":
            return [{"name": own.level(each), "value": own.plain_level(each)} for each in rules.LADDER]
        case "roles":
            return [{"value": own.role(each)} for each in rules.GOVERNMENT_ROLES]
        case "grounds":
            return [{"value": pick(texts, language)} for texts in own.waiver_grounds().values()]
        case "report":
            return [{"value": pick(texts, language)} for texts in own.sections().values()]
        case "answers":
            first = _("Every answer is read by a second colleague") if own.second_reader else ""
            return [
                {"name": _("A second reader"), "value": first or _("who writes decides whether to ask one")},
                {"name": _("When colleagues can be reached"), "value": pick(own.desk_hours, language)},
            ]
        case "terms":
            return [{"name": label, "value": own.days(term)} for term, label in TERM_LABELS.items()]
        case "advice":
            return [
                {"name": THRESHOLD_LABELS[name], "value": value}
                for name, value in asdict(own.limits()).items()
            ]
    return [
        {"name": _("First day"), "value": own.silent_from},
        {"name": _("Last day"), "value": own.silent_until},
    ]


# --- trajectories ------------------------------------------------------------------------------


TRAJECTORIES_SHOWN = 100


@staff(Role.VIEWER)
@require_safe
def trajectories(request: HttpRequest) -> HttpResponse:
    """Running ones first, then closed ones, each with its current step."""
    found = Trajectory.objects.visible_to(request.user).select_related("owner")
    found = found.prefetch_related("areas", "steps").order_by(F("closed_on").desc(nulls_first=True), "-id")
    rows = list(found[:TRAJECTORIES_SHOWN])
    return render(
        request,
        "neighbourhoods/trajectories.html",
        {
            "trajectories": [{"one": one, "at": _next_step(one), "late": _late(one)} for one in rows],
            "may_start": request.desk.has(Role.EDITOR),
        },
    )


def _next_step(trajectory: Trajectory):
    return next((step for step in trajectory.steps.all() if step.is_open), None)


def _late(trajectory: Trajectory) -> int:
    return sum(step.is_late() for step in trajectory.steps.all()) if trajectory.closed_on is None else 0


def _find(request: HttpRequest, pk: int, *, to_change: bool = False) -> Trajectory:
    found = Trajectory.objects.visible_to(request.user).select_related("owner", "plan")
    trajectory = get_object_or_404(found.prefetch_related("areas", "talk_backs"), pk=pk)
    if to_change:
        require(request, Role.EDITOR, *trajectory.areas.all())
    return trajectory


@staff(Role.VIEWER)
@require_safe
def trajectory(request: HttpRequest, pk: int) -> HttpResponse:
    one = _find(request, pk)
    backs = [(talk_back, services.support_of(talk_back)) for talk_back in one.talk_backs.all()]
    may = request.desk.can(Role.EDITOR, one.areas.all())
    context = {
        "trajectory": one,
        "steps": services.steps_of(one),
        "talk_backs": backs,
        "log": Event.objects.about(one).select_related("actor")[:30],
        "may": one.closed_on is None and may,
        "may_open_again": may,
    }
    return render(request, "neighbourhoods/trajectory.html", context)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def trajectory_new(request: HttpRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TrajectoryForm(data, user=request.user, begin_in=request.GET.get("area", "")[:80])
    if form.is_valid():
        return redirect(services.start_trajectory(by=request.user, **form.cleaned_data))
    return render(request, "neighbourhoods/trajectory_form.html", {"form": form}, status=form_status(form))


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def trajectory_change(request: HttpRequest, pk: int) -> HttpResponse:
    one = _find(request, pk, to_change=True)
    data = request.POST if request.method == "POST" else None
    form = TrajectoryForm(data, user=request.user, trajectory=one)
    if form.is_valid():
        with domain_errors_in(form):
            services.change_trajectory(trajectory=one, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(one)
    context = {"form": form, "trajectory": one}
    return render(request, "neighbourhoods/trajectory_form.html", context, status=form_status(form))


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def trajectory_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers still owed, with ways to give them; the button to close appears when there are none."""
    one = _find(request, pk, to_change=True)
    refusal = ""
    if request.method == "POST":
        try:
            services.close_trajectory(trajectory=one, by=request.user)
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, _("This trajectory is closed."))
            return redirect(one)
    return _closing_page(request, one, refusal=refusal)


@staff(Role.EDITOR)
@require_POST
def trajectory_open_again(request: HttpRequest, pk: int) -> HttpResponse:
    one = _find(request, pk, to_change=True)
    form = ReopenForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form):
            services.reopen_trajectory(trajectory=one, why=form.texts("why"), by=request.user)
            messages.success(request, _("It goes on, and your reason stands beside it."))
            return redirect(one)
    return _closing_page(request, one, form=form)


def _closing_page(
    request: HttpRequest, one: Trajectory, *, refusal: str = "", form: ReopenForm | None = None
) -> HttpResponse:
    context = {
        "trajectory": one,
        "refusal": refusal,
        "owing": services.answers_owed_in(one),
        "first": services.closing_blockers_in(one),
        "to_do": [shown for shown in services.steps_of(one) if shown.row.is_open],
        "form": form or ReopenForm(),
    }
    status = 422 if refusal or (form is not None and form.is_bound) else 200
    return render(request, "neighbourhoods/trajectory_close.html", context, status=status)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def trajectory_step(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One step: owner, due date and state, and what must come first."""
    one = _find(request, pk, to_change=True)
    step = get_object_or_404(one.steps.select_related("owner", "trajectory__plan"), number=number)
    areas = [area.pk for area in one.areas.all()]
    form = StepForm(request.POST if request.method == "POST" else None, step=step, areas=areas)
    if form.is_valid():
        asked = form.cleaned_data
        with domain_errors_in(form, "to"):
            services.change_step(step=step, by=request.user, **asked)
            messages.success(request, _("Saved."))
            return redirect(f"{one.get_absolute_url()}#step-{number}")
    shown = next(found for found in services.steps_of(one) if found.row.number == number)
    context = {"trajectory": one, "shown": shown, "form": form}
    return render(request, "neighbourhoods/trajectory_step.html", context, status=form_status(form))


# --- the plan ---------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Saved in any order and incomplete; only publishing requires that it is complete."""
    one = _find(request, pk, to_change=True)
    with atomic_on_post(request):
        data = request.POST if request.method == "POST" else None
        plan = one.plan if data is None else services.lock_plan(one)
        form = PlanForm(data, plan=plan, advised=services.advised_levels(one))
        if form.is_valid() and not form.has_conflicts():
            why = form.texts("why_changed")
            with domain_errors_in(form):
                services.save_plan(plan=plan, fields=form.plan_fields, why=why, by=request.user)
                messages.success(request, _("Saved."))
                return redirect("plan_read", pk=pk)
    context = {"form": form, "trajectory": one}
    return render(request, "neighbourhoods/plan_form.html", context, status=form.status)


@staff(Role.VIEWER)
@require_safe
def plan_read(request: HttpRequest, pk: int) -> HttpResponse:
    """A preview of the plan for residents, with what is missing and the button to publish it."""
    one = _find(request, pk)
    languages = services.plan_languages()
    context = {
        "trajectory": one,
        "plan": one.plan,
        "lacking": services.field_labels(one.plan, one.plan.lacking(languages[0])),
        "untranslated": [
            get_language_info(code)["name_translated"] for code in languages[1:] if one.plan.lacking(code)
        ],
        "sections": services.sections_of(one.plan),
        "strays": services.areas_off_advice(one.plan),
        "may": one.closed_on is None and request.desk.can(Role.EDITOR, one.areas.all()),
    }
    return render(request, "neighbourhoods/plan_read.html", context)


@staff(Role.EDITOR)
@require_POST
def plan_publish(request: HttpRequest, pk: int) -> HttpResponse:
    one = _find(request, pk, to_change=True)
    try:
        services.publish_plan(plan=one.plan, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Published. Residents can read this plan."))
    return redirect("plan_read", pk=pk)


@public
@require_safe
def public_plan(request: HttpRequest, pk: int) -> HttpResponse:
    published = ParticipationPlan.objects.published().select_related("trajectory")
    found = get_object_or_404(published, trajectory__id=pk)
    backs = [(talk_back, services.support_of(talk_back)) for talk_back in found.trajectory.talk_backs.all()]
    context = {
        "plan": found,
        "trajectory": found.trajectory,
        "areas": found.trajectory.areas.all(),
        "sections": services.sections_of(found),
        "talk_backs": backs,
        "owner": found.trajectory.owner.title,
    }
    return render(request, "neighbourhoods/plan.html", context)


@public
@require_safe
def plan_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as a PDF; redirects to the page if no font has its characters."""
    published = ParticipationPlan.objects.published().select_related("trajectory__owner")
    found = get_object_or_404(published, trajectory__id=pk)
    try:
        content = as_pdf(services.plan_document(found))
    except MissingGlyphs:
        messages.info(request, _("We can't make a document in these letters. Print this page instead."))
        return redirect(found)
    return pdf_response(f"plan-{pk}", content)


# --- talking back -----------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def talk_back_new(request: HttpRequest, pk: int) -> HttpResponse:
    return _talk_back_page(request, _find(request, pk, to_change=True), TalkBack())


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def talk_back(request: HttpRequest, pk: int, talk_back: int) -> HttpResponse:
    one = _find(request, pk, to_change=True)
    return _talk_back_page(request, one, get_object_or_404(one.talk_backs.all(), pk=talk_back))


def _talk_back_page(request: HttpRequest, one: Trajectory, talk_back: TalkBack) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    rounds = [found for part in trajectory_parts for found in part.reaction_rounds(one)]
    form = TalkBackForm(data, talk_back=talk_back, rounds=rounds)
    if form.is_valid():
        with domain_errors_in(form):
            services.record_talk_back(trajectory=one, talk_back=form.fill(), by=request.user)
            messages.success(request, _("Saved."))
            return redirect(f"{one.get_absolute_url()}#step-{Step.TALK_BACK}")
    context = {"form": form, "trajectory": one, "talk_back": talk_back}
    return render(request, "neighbourhoods/talk_back.html", context, status=form_status(form))
