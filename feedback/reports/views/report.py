"""Final report and results put back, at the desk."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Event
from core.actions import domain_errors_in, form_status
from core.errors import DomainError, InvalidTransition
from core.files import odt_response, pdf_response
from core.forms import atomic_on_post
from core.revision import revision
from feedback.answers.forms import CallOffForm
from feedback.answers.services import reckoning, talking_back
from feedback.models import EnvironmentNotice, FinalReport, ThemeReaction
from feedback.reports.forms import CorrectionForm, FinishForm, NoticeForm, ReactionForm, ReportForm
from feedback.reports.services import reports as services
from feedback.reports.services.report_parts import talk_back_text
from feedback.reports.services.report_themes import subjects_of
from neighbourhoods.access import public, require, staff
from neighbourhoods.models import TalkBack, Trajectory
from neighbourhoods.states import Role, Step
from neighbourhoods.trajectories import services as trajectories
from neighbourhoods.trajectories.documents import MissingGlyphs, PrintableDocument, as_odt, as_pdf

# The final report of a trajectory: desk pages, public pages and documents; and the notice.


_FILE_FORMATS = ("pdf", "odt")


def _find(request: HttpRequest, pk: int, *, to_change: bool = False) -> Trajectory:
    found = Trajectory.objects.visible_to(request.user).select_related("owner", "plan")
    trajectory = get_object_or_404(found.prefetch_related("areas", "talk_backs"), pk=pk)
    if to_change:
        require(request, Role.EDITOR, *trajectory.areas.all())
    return trajectory


def _version(trajectory: Trajectory, version: int) -> FinalReport:
    report = get_object_or_404(trajectory.reports.all(), version=version)
    report.trajectory = trajectory
    return report


# --- on the desk ------------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Status of the report: themes that lack a reaction, how to give each, and the next step."""
    one = _find(request, pk)
    stands = services.report_readiness(one)
    versions = list(one.reports.order_by("-version").select_related("finished_by"))
    lacks = {subject.slug for subject in stands.lacking}
    context = {
        "trajectory": one,
        "stands": stands,
        "subjects": [(subject, subject.slug in lacks) for subject in stands.subjects],
        "versions": versions,
        "last": versions[0] if versions else None,
        "notice": EnvironmentNotice.objects.filter(trajectory=one).first(),
        "log": Event.objects.about(one).filter(verb__in=services.VERBS).select_related("actor")[:20],
        "may": request.desk.can(Role.EDITOR, one.areas.all()),
    }
    return render(request, "feedback/report.html", context)


@staff(Role.EDITOR)
@require_POST
def report_begin(request: HttpRequest, pk: int) -> HttpResponse:
    services.begin_report(trajectory=_find(request, pk, to_change=True), by=request.user)
    return redirect("report_write", pk=pk)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def report_write(request: HttpRequest, pk: int) -> HttpResponse:
    one = _find(request, pk, to_change=True)
    with atomic_on_post(request):
        data = request.POST if request.method == "POST" else None
        found = services.locked_report(one) if data is not None else services.draft_report(one)
        if found is None:
            messages.info(request, _("Nothing is being written. Begin the report, or make a correction."))
            return redirect("report", pk=pk)
        found.trajectory = one
        form = ReportForm(data, report=found)
        if form.is_valid() and not form.has_conflicts():
            services.save_report_draft(report=found, fields=form.draft_fields, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("report", pk=pk)
    context = {"trajectory": one, "report": found, "form": form}
    return render(request, "feedback/report_write.html", context, status=form.status)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def report_reaction(request: HttpRequest, pk: int, subject: str) -> HttpResponse:
    """Note what was decided on a theme that no answer to residents covers."""
    one = _find(request, pk, to_change=True)
    about = next((found for found in subjects_of(one) if found.slug == subject), None)
    if about is None:
        raise Http404
    noted = one.theme_reactions.filter(subject=subject).first() or ThemeReaction(subject=subject)
    areas = [area.pk for area in one.areas.all()]
    data = request.POST if request.method == "POST" else None
    form = ReactionForm(data, reaction=noted, areas=areas, user=request.user)
    if form.is_valid():
        asked = form.cleaned_data
        services.note_reaction(
            trajectory=one,
            subject=subject,
            outcome=asked["outcome"],
            decided=form.texts("decided"),
            why=form.texts("why"),
            owner=asked["owner"],
            decided_on=asked["on"],
            by=request.user,
        )
        messages.success(request, _("Kept. It stands in the report."))
        return redirect("report", pk=pk)
    context = {"trajectory": one, "subject": about, "form": form}
    return render(request, "feedback/report_reaction.html", context, status=form_status(form))


@staff(Role.VIEWER)
@require_safe
def report_read(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    one = _find(request, pk)
    found = _version(one, version)
    context = {"trajectory": one, "report": found, "shown": services.render_report(found)}
    return render(request, "feedback/report_read.html", context)


@staff(Role.VIEWER)
@require_safe
def report_file(request: HttpRequest, pk: int, version: int, form: str) -> HttpResponse:
    """Download as a document, also before publication, for the council's papers."""
    found = _version(_find(request, pk), version)
    instead = redirect("report_read", pk=pk, version=version)
    return _file(request, services.report_document(found), found.name, form, instead)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def report_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm with the content to be frozen in view: afterwards only a new version can change it."""
    one = _find(request, pk, to_change=True)
    found = services.draft_report(one)
    if found is None:
        messages.info(request, _("Nothing is being written. Begin the report, or make a correction."))
        return redirect("report", pk=pk)
    found.trajectory, status = one, 0
    form = FinishForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.finish_report(report=found, seen=form.cleaned_data["seen"], by=request.user)
        except InvalidTransition as error:
            form.add_error(None, str(error))
            status = 409
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Finished. Nothing in it changes any more. You can publish it now."))
            return redirect("report", pk=pk)
    context = {
        "trajectory": one,
        "report": found,
        "form": form,
        "shown": services.render_report(found),
        "stands": services.report_readiness(one),
        "seen": revision(services.build_all_languages(found)),
    }
    return render(request, "feedback/report_finish.html", context, status=status or form_status(form))


@staff(Role.EDITOR)
@require_POST
def report_publish(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    found = _version(_find(request, pk, to_change=True), version)
    try:
        services.publish_report(report=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Published. Everybody can read it."))
    return redirect("report", pk=pk)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def report_correct(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    found = _version(_find(request, pk, to_change=True), version)
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.correct(report=found, why=form.texts("why"), by=request.user)
        except InvalidTransition as error:
            form.add_error(None, str(error))
        else:
            return redirect("report_write", pk=pk)
    context = {"trajectory": found.trajectory, "report": found, "form": form}
    return render(request, "feedback/report_correct.html", context, status=form_status(form))


# --- for everybody ----------------------------------------------------------------------------


@public
@require_safe
def final_report(request: HttpRequest, pk: int) -> HttpResponse:
    found = _published(pk).order_by("-version").first()
    if found is None:
        raise Http404
    return _page(request, found)


@public
@require_safe
def final_report_version(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """One published version, unchanged even if corrected later."""
    return _page(request, get_object_or_404(_published(pk), version=version))


@public
@require_safe
def final_report_file(request: HttpRequest, pk: int, version: int, form: str) -> HttpResponse:
    found = get_object_or_404(_published(pk), version=version)
    return _file(request, services.report_document(found), found.name, form, redirect(found))


def _published(pk: int):
    found = FinalReport.objects.published().select_related("trajectory__plan", "trajectory__owner")
    return found.filter(trajectory__id=pk)


def _page(request: HttpRequest, found: FinalReport) -> HttpResponse:
    versions = list(
        _published(found.trajectory_id).order_by("-version").only("version", "trajectory", "published_at")
    )
    context = {
        "report": found,
        "trajectory": found.trajectory,
        "shown": services.render_report(found),
        "newer": versions[0] if versions[0].version > found.version else None,
        "older": [one for one in versions if one.version < found.version],
    }
    return render(request, "feedback/final_report.html", context)


def _file(
    request: HttpRequest, document: PrintableDocument, name: str, form: str, instead: HttpResponse
) -> HttpResponse:
    """PDF or ODT; redirects to the page, for printing, if no font has its characters."""
    if form not in _FILE_FORMATS:
        raise Http404
    if form == "odt":
        return odt_response(name, as_odt(document))
    try:
        return pdf_response(name, as_pdf(document))
    except MissingGlyphs:
        messages.info(request, _("We can't make a document in these letters. Print this page instead."))
        return instead


# --- the notice under the Omgevingswet --------------------------------------------------------


@staff(Role.EDITOR)
@require_POST
def environment_switch(request: HttpRequest, pk: int) -> HttpResponse:
    one, on = _find(request, pk, to_change=True), request.POST.get("on") == "1"
    try:
        services.switch_environment(trajectory=one, on=on, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("report", pk=pk)
    return redirect("environment_write", pk=pk) if on else redirect("report", pk=pk)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def environment_write(request: HttpRequest, pk: int) -> HttpResponse:
    one = _find(request, pk, to_change=True)
    notice = get_object_or_404(EnvironmentNotice, trajectory=one)
    with atomic_on_post(request):
        notice.trajectory = one
        data = request.POST if request.method == "POST" else None
        if data is not None:
            services.lock_notice(notice)
        form = NoticeForm(data, notice=notice)
        if form.is_valid() and not form.has_conflicts():
            with domain_errors_in(form):
                services.write_notice(
                    notice=notice,
                    fields=form.draft_fields,
                    publish="publish" in request.POST,
                    by=request.user,
                )
                messages.success(request, _("Saved."))
                return redirect("report", pk=pk)
    context = {"trajectory": one, "notice": notice, "form": form}
    return render(request, "feedback/environment_write.html", context, status=form.status)


@public
@require_safe
def environment_notice(request: HttpRequest, pk: int) -> HttpResponse:
    found = _public_notice(pk)
    sections = [(upper_first(name), texts) for name, texts in found.sections()]
    context = {"notice": found, "trajectory": found.trajectory, "sections": sections}
    return render(request, "feedback/environment_notice.html", context)


@public
@require_safe
def environment_notice_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    found = _public_notice(pk)
    return _file(request, services.notice_document(found), f"notice-{pk}", form, redirect(found))


def _public_notice(pk: int) -> EnvironmentNotice:
    found = EnvironmentNotice.objects.filter(published_at__isnull=False).select_related("trajectory__owner")
    return get_object_or_404(found, trajectory__id=pk)


# Talking back: invite residents, call it off, and the public page.


def _find_reaction_round(request: HttpRequest, pk: int, talk_back: int) -> TalkBack:
    one = get_object_or_404(Trajectory.objects.visible_to(request.user), pk=pk)
    require(request, Role.EDITOR, *one.areas.all())
    return get_object_or_404(
        TalkBack.objects.select_related("trajectory__owner"), pk=talk_back, trajectory=one
    )


def _steps(talk_back: TalkBack) -> str:
    return f"{talk_back.trajectory.get_absolute_url()}#step-{Step.TALK_BACK}"


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def talk_back_invite(request: HttpRequest, pk: int, talk_back: int) -> HttpResponse:
    """Preview of who is told and how, and the button; or what is missing."""
    one = _find_reaction_round(request, pk, talk_back)
    if one.invited_at:
        return redirect(one)
    lacks = ""
    try:
        if request.method == "POST":
            talking_back.invite_to_talk_back(talk_back=one, by=request.user)
            messages.success(request, _("Residents are asked. Everybody can read it now."))
            return redirect(_steps(one))
        talking_back.check_can_meet(one)
    except DomainError as error:
        lacks = str(error)
    invited = talking_back.count_invited(one)
    context = {
        "talk_back": one,
        "lacks": lacks,
        "invited": invited,
        "untranslated": [
            code for code in trajectories.plan_languages() if not one.asks.get(code, "").strip()
        ],
        "costs": reckoning.estimated_costs(texts=invited.by_text, letters=invited.by_letter),
        "when": talking_back.when_and_where(one, get_language() or "nl"),
        "results": talking_back.results_of(one),
    }
    status = 422 if lacks and request.method == "POST" else 200
    return render(request, "feedback/talk_back_invite.html", context, status=status)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def talk_back_call_off(request: HttpRequest, pk: int, talk_back: int) -> HttpResponse:
    one = _find_reaction_round(request, pk, talk_back)
    if one.called_off_on:
        return redirect(_steps(one))
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with domain_errors_in(form):
            talking_back.call_off_talk_back(talk_back=one, why=form.texts("why"), by=request.user)
            messages.success(
                request, _("It is off. Who was invited hears so.") if one.invited_at else _("It is off.")
            )
            return redirect(_steps(one))
    context = {
        "talk_back": one,
        "form": form,
        "when": talking_back.when_and_where(one, get_language() or "nl"),
    }
    return render(request, "feedback/talk_back_call_off.html", context, status=form_status(form))


@public
@require_safe
def talk_back_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What is put forward, its results, when and where; afterwards what was heard."""
    found = TalkBack.objects.public().select_related("trajectory__owner", "trajectory__plan")
    talk_back = get_object_or_404(found, pk=pk)
    context = {
        "talk_back": talk_back,
        "trajectory": talk_back.trajectory,
        "areas": talk_back.trajectory.areas.all(),
        "when": talking_back.when_and_where(talk_back, get_language() or "nl"),
        "is_to_come": TalkBack.objects.to_come().filter(pk=pk).exists(),
        "asks_at": talking_back.reaction_round_path(talk_back),
        "results": talking_back.results_of(talk_back),
        "heard": talk_back_text(talk_back),
    }
    return render(request, "feedback/talk_back_page.html", context)
