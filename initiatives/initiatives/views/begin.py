"""Beginning an initiative, and its public pages."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from accounts.codes import normalise_private_code
from accounts.links import LinkPurpose, absolute, sign_link
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core import limits
from core.actions import typed_words
from core.deadlines import days_late
from core.errors import DomainError
from core.files import TOO_LARGE
from core.i18n import pick
from core.rows import is_id
from feedback.contributions.services.contributions import names_danger
from feedback.private.views.choices import receipt_from_link, save_address
from initiatives.initiatives.begun_panels import begin_url
from initiatives.initiatives.forms.begin import BeginForm, IdeaAddressForm, IdeaForm
from initiatives.initiatives.forms.running import MeetingForm, OwnUpdateForm, PictureForm, StopForm
from initiatives.initiatives.services import library, telling
from initiatives.initiatives.services.beginning import (
    begin_at_desk,
    initiative_of_beginner,
    says_stop,
    similar,
    submit_idea,
    submit_stop,
)
from initiatives.initiatives.services.telling import meetings_for_feed
from initiatives.initiatives.views.tasks import open_tasks_part
from initiatives.matching import moments
from initiatives.matching.calendars import Entry, feed
from initiatives.matching.next_steps import moved_note
from initiatives.matching.services.owners import why_nobody
from initiatives.matching.services.told import uid_of
from initiatives.matching.views.shown_once import code_entry_address, code_from_cookie, set_code_cookie
from initiatives.models import Initiative, Picture
from initiatives.states import InitiativeState, Language, Motive, Skill
from neighbourhoods.access import public, resident, staff
from neighbourhoods.models import Area, Municipality, ParticipationRules, Party
from neighbourhoods.rules import PLAIN_ROLES
from neighbourhoods.states import Power, Role

# Beginning an initiative: a resident with three questions, without an account; a colleague at the desk.


IDEA_LIMIT = limits.Limit("ideas", each=10, together=300, pressed=2, most=1500)


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
            response = _submit_idea_form(request, form, area)
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


def _submit_idea_form(request: HttpRequest, form: IdeaForm, area: Area) -> HttpResponse | None:
    """Store the idea and redirect to the code; or None, with the error on the form."""
    if limits.is_limit_reached(request, IDEA_LIMIT):
        form.add_error(None, _("Many ideas came from this connection. Try again in an hour, or call us."))
        return None
    try:
        _initiative, code = submit_idea(
            idea=form.idea,
            theme=form.cleaned_data["theme"],
            area=area,
            language=get_language() or "nl",
            sent_key=form.cleaned_data["sent_key"],
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    limits.record_attempt(request, IDEA_LIMIT)
    response = redirect("begun", slug=area.slug)
    return set_code_cookie(request, response, code)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def begun(request: HttpRequest, slug: str) -> HttpResponse:
    """Thanks: the code, the day of the answer, and a form to leave an address. The code in the cookie of this
    device identifies the beginner, so that they need not type it."""
    area = get_object_or_404(Area, slug=slug)
    code = code_from_cookie(request)
    found = normalise_private_code(code) if code else None
    receipt = (
        Receipt.objects.with_code(found).filter(purpose=ReceiptPurpose.INITIATIVE).first() if found else None
    )
    initiative = (
        Initiative.objects.filter(receipt=receipt).select_related("owner").first() if receipt else None
    )
    if request.method == "POST" and (receipt is None or initiative is None):
        return redirect("private_code")
    form = IdeaAddressForm(request.POST if request.method == "POST" else None)
    if receipt and form.is_bound and form.is_valid() and save_address(request, receipt, form):
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
            response = _submit_desk_form(request, form)
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


def _submit_desk_form(request: HttpRequest, form: BeginForm) -> HttpResponse | None:
    asked = form.cleaned_data
    kept: dict[str, Any] = {
        name: asked[name]
        for name in ("theme", "area", "next_action", "on", "sent_key", "with_page", "language")
    }
    try:
        initiative, code = begin_at_desk(draft=form.draft, by=request.user, **kept)
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    if approach := _approach(request):
        library.choose_approach(initiative=initiative, slug=approach.slug, by=request.user)
    if not code:
        return redirect("initiative", pk=initiative.pk)
    response = redirect("initiative_code", pk=initiative.pk)
    return set_code_cookie(request, response, code)


@staff(Role.COORDINATOR)
@require_safe
def initiative_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to pass on, on screen or on paper."""
    mine = Initiative.objects.coordinated_by(request.user).select_related("area", "receipt", "theme")
    initiative = get_object_or_404(mine, pk=pk)
    context = {
        "initiative": initiative,
        "code": code_from_cookie(request),
        "address": code_entry_address(),
    }
    response = render(request, "initiatives/code.html", context)
    response["Cache-Control"] = "no-store"
    return response


# The beginner's page of their initiative: state, updates, meetings, a picture, and stopping.


FORM_ACTIONS = ("update", "meeting", "picture", "stop")
_ACTION_NAMES = (*FORM_ACTIONS, "call-off", "remove-picture")


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.PAGE)
def own_initiative(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    initiative = initiative_of_beginner(receipt)
    if initiative is None:
        raise Http404
    action = request.POST.get("action", "")
    if request.method == "POST" and action not in _ACTION_NAMES:
        raise Http404
    bound: dict[str, forms.Form] = {}
    if request.method == "POST" and _perform_action(request, initiative, receipt.language, action, bound):
        return redirect(f"{reverse('own_initiative', args=[token])}?done={action}")
    return _page(request, initiative, token, bound)


def _perform_action(
    request: HttpRequest,
    initiative: Initiative,
    language: str,
    action: str,
    bound: dict[str, forms.Form],
) -> bool:
    """Whether the action succeeded; otherwise `bound` holds the form with its errors."""
    if action == "call-off":
        pk = request.POST.get("meeting", "")
        meeting = initiative.meetings.filter(pk=pk).first() if is_id(pk) else None
        if meeting:
            telling.call_off_meeting(meeting=meeting, by=None)
        return True
    if action == "remove-picture":
        telling.remove_picture(initiative=initiative, by=None)
        return True
    form = bound[action] = _form(request, initiative, action, language)
    if not form.is_valid():
        return False
    try:
        _do(initiative, action, form, language)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


def _form(request: HttpRequest | None, initiative: Initiative, action: str, language: str) -> Any:
    data = request.POST if request else None
    if action == "update":
        return OwnUpdateForm(data, prefix=action)
    if action == "meeting":
        return MeetingForm(data, prefix=action, languages=[language])
    if action == "picture":
        too_large = bool(request and request.META.get(TOO_LARGE))
        files = request.FILES if request else None
        return PictureForm(data, files, prefix=action, languages=[language], too_large=too_large)
    return StopForm(data, prefix=action, never_began=initiative.never_began)


def _do(initiative: Initiative, action: str, form: Any, language: str) -> None:
    if action == "update":
        telling.send_update(initiative=initiative, text=form.cleaned_data["text"], language=language)
    elif action == "meeting":
        telling.send_meeting(initiative=initiative, when=form.when)
    elif action == "picture":
        sent = form.cleaned_data["picture"].read()
        telling.set_picture(initiative=initiative, sent=sent, alt=form.texts("alt"), by=None)
    else:
        submit_stop(initiative=initiative, words=form.cleaned_data["words"])


def _page(
    request: HttpRequest, initiative: Initiative, token: str, bound: dict[str, forms.Form]
) -> HttpResponse:
    language = initiative.receipt.language
    ended = initiative.state == InitiativeState.ENDED
    context = {
        "token": token,
        "initiative": initiative,
        "ended": ended,
        "typed": typed_words(request) if ended and bound else [],
        "stops": says_stop(initiative),
        "updates": initiative.updates.all()[:10],
        "meetings": initiative.meetings.to_come(),
        "picture": getattr(initiative, "picture", None),
        "done": request.GET.get("done", ""),
        "bound": next(iter(bound.values()), None),
        "opened": next(iter(bound), ""),
        "forms": {}
        if ended
        else {
            action: bound.get(action) or _form(None, initiative, action, language) for action in FORM_ACTIONS
        },
    }
    return render(request, "initiatives/own.html", context, status=422 if bound else 200)


# The public page of an initiative: why, what, when it meets, open roles, updates. Never the name of a person.


UPDATES_SHOWN = 20


def _find(slug: str, pk: int) -> Initiative:
    """A public initiative, by the area in its URL. Raises Http404."""
    found = Initiative.objects.select_related("area__parent__parent", "theme", "party")
    initiative = get_object_or_404(found, pk=pk, area__slug=slug)
    if not initiative.has_a_page:
        raise Http404
    return initiative


@public
@require_safe
def initiative_public(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    initiative = _find(slug, pk)
    role = initiative.municipal_role
    context = {
        "initiative": initiative,
        "area": initiative.area,
        "ended": initiative.state == InitiativeState.ENDED,
        "motives": [Motive(motive).label for motive in initiative.motives if motive in Motive.values],
        "picture": Picture.objects.filter(initiative=initiative, is_read=True).defer("jpeg").first(),
        "meetings": initiative.meetings.shown().to_come(),
        "updates": initiative.updates.shown()[:UPDATES_SHOWN],
        "roles": [
            _role_context(one) for one in initiative.roles.open().with_places_taken().select_related("card")
        ],
        "step": _step(initiative),
        "begin_url": begin_url(initiative.area),
        "open_tasks": open_tasks_part(initiative),
        "municipal_role": ParticipationRules.current().role(role) if role else "",
        "plain_role": pick(PLAIN_ROLES.get(role), get_language() or "") if role else "",
        "calendar_url": reverse("initiative_calendar", args=[slug, pk]),
    }
    return render(request, "initiatives/public.html", context)


def _step(initiative: Initiative) -> dict[str, Any] | None:
    """Our next step, its day, and the days it is late."""
    day = initiative.next_action_on
    if day is None or initiative.owner is None:
        return None
    return {
        "who": initiative.owner.title,
        "on": day,
        "late": days_late(day),
        "moved": moved_note(f"initiative:{initiative.pk}", day),
    }


def _role_context(role):
    return {
        "role": role,
        "is_full": role.bound >= role.people,
        "skills": Skill.labels_of(role.skills),
        "languages": [Language(code).label for code in role.languages if code in Language.values],
        "when": moments.label(role.moments),
    }


@public
@cache_control(public=True, max_age=3600)
@require_safe
def initiative_picture(request: HttpRequest, digest: str) -> HttpResponse:
    """By digest, so a URL always gives the same picture, and only one that a colleague looked at."""
    # Several initiatives may have the same photo.
    read = Picture.objects.filter(digest=digest, is_read=True).select_related("initiative")
    picture = next((one for one in read if one.initiative.has_a_page), None)
    if picture is None:
        raise Http404
    response = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    response["ETag"] = f'"{digest[:32]}"'
    response["Content-Disposition"] = "inline"
    return response


@public
@cache_control(public=True, max_age=900)
@require_safe
def initiative_calendar(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Calendar feed of its meetings. Cancelled ones stay in it, as cancelled."""
    initiative = _find(slug, pk)
    language = get_language() or "nl"
    name, page = pick(initiative.name, language), absolute(reverse("initiative_public", args=[slug, pk]))
    entries = [
        Entry(
            uid=uid_of(meeting),
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            summary=name,
            where=meeting.where,
            description=pick(meeting.about, language),
            url=page,
            cancelled=meeting.cancelled_on is not None,
            changed=meeting.changed,
            language=language,
        )
        for meeting in meetings_for_feed(initiative)
    ]
    made = feed(entries=entries, name=name, url=absolute(request.path))
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="initiative-{pk}.ics"'
    return response
