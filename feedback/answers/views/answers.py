"""Our answers: the list, the audience, the text, previews, and the parts of their sums."""

from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from core.actions import domain_errors_in
from core.errors import InvalidTransition
from core.i18n import pick
from core.rows import is_id
from feedback.answers import emails
from feedback.answers.forms import LABELS, AudienceForm, WriteForm
from feedback.answers.services import compose, drafting
from feedback.answers.services.reckoning import DeliveryCounts, count_delivery
from feedback.answers.services.release import language_name
from feedback.answers.views.board import topic_name
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.models.contributions import AnswerOwedQuerySet
from feedback.registries import Audience, audiences
from feedback.states import FollowUpState
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role
from neighbourhoods.wording import finding_text

FOLLOW_UPS_PAGE_SIZE = 30


@staff(Role.VIEWER)
@require_GET
def followups(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    found = FollowUp.objects.visible_to(request.user).select_related("owner").order_by("-pk")
    if is_id(before):
        found = found.filter(pk__lt=before)
    page = list(found[: FOLLOW_UPS_PAGE_SIZE + 1])
    context = {
        "followups": page[:FOLLOW_UPS_PAGE_SIZE],
        "next_url": f"?before={page[FOLLOW_UPS_PAGE_SIZE - 1].pk}"
        if len(page) > FOLLOW_UPS_PAGE_SIZE
        else "",
        "first_url": "?" if before else "",
        "may_write": request.desk.has(Role.EDITOR),
        "asked": compose.approvals_waiting_for(request.user),
    }
    return render(request, "feedback/followups.html", context)


def draft_of(request: HttpRequest, pk: int, *, role: Role = Role.EDITOR) -> FollowUp:
    """A follow-up the user may edit: with the role in all its areas, or a draft of their own. Raises
    Http404 or PermissionDenied."""
    found = get_object_or_404(FollowUp.objects.visible_to(request.user).select_related("owner"), pk=pk)
    if not (found.owner == request.user and request.desk.has(role)):
        require(request, role, *found.areas.all())
    return found


def reach_of(request: HttpRequest, follow_up: FollowUp) -> audience.Reach:
    return audience.debts(follow_up).cached_result(request.user, audience.count_reach)


# --- audience ---------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def followup_new(request: HttpRequest) -> HttpResponse:
    """GET counts whom it would reach; POST starts the draft for the same audience."""
    if request.method == "POST" and request.POST.getlist("owed"):
        follow_up = compose.start_follow_up(chosen=_personal_audience(request), by=request.user)
        return redirect("followup", pk=follow_up.pk)
    form = _audience_form(request, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and form.is_valid():
        follow_up = compose.start_follow_up(chosen=_within_allowed_areas(request, form), by=request.user)
        return redirect("followup", pk=follow_up.pk)
    return _audience_page(request, form)


def _personal_audience(request: HttpRequest) -> dict[str, Any]:
    """An audience of debts of one person, for a personal answer: where the user writes, or owes it. Raises
    Http404."""
    chosen = [int(pk) for pk in request.POST.getlist("owed") if is_id(pk)]
    owed = AnswerOwed.objects.visible_to(request.user, least=Power.EDITOR).waiting().filter(pk__in=chosen)
    found = list(owed.order_by("pk").values_list("pk", "topic__source", "receipt"))
    if not found or len({row[1:] for row in found}) > 1:
        raise Http404
    return {"source": found[0][1], "key": [], "theme": None, "areas": [], "owed": [pk for pk, *_of in found]}


@staff(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def followup_audience(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    if follow_up.is_personal:
        return redirect("followup", pk=pk)
    asked = request.POST if request.method == "POST" else request.GET
    if not asked.get("source"):
        kept = follow_up.audience
        asked = asked.copy()
        asked["source"] = kept["source"]
        keys = kept.get("key") or []
        asked.setlist("key", [keys] if isinstance(keys, str) else keys)
        asked["theme"] = str(kept.get("theme") or "")
        asked["first"] = "on" if kept.get("first") else ""
        asked["owner"] = str(kept.get("owner") or "")
        asked.setlist("area", [str(area) for area in kept.get("areas") or []])
    form = _audience_form(request, asked)
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            compose.change_audience(
                follow_up=follow_up, chosen=_within_allowed_areas(request, form), by=request.user
            )
            return redirect("followup", pk=follow_up.pk)
    return _audience_page(request, form, follow_up)


def _sources(request: HttpRequest) -> list[Audience]:
    return [found for ask in audiences for found in ask(request.user)]


def _audience_form(request: HttpRequest, asked: Any) -> AudienceForm:
    sources = _sources(request)
    source = next((found for found in sources if found.source == asked.get("source")), None)
    areas = _areas(request, source)
    keys = _keys(request, source, areas, asked) if source else []
    owners = _owners(source, areas) if source else User.objects.none()
    return AudienceForm(asked if source else None, sources=sources, keys=keys, areas=areas, owners=owners)


def _areas(request: HttpRequest, source: Audience | None) -> Any:
    if source is None:
        return Area.objects.none()
    spoken = Topic.objects.filter(source=source.source).values("area")
    return Area.objects.where(request.user, least=Power.EDITOR).filter(pk__in=spoken)


def _owners(source: Audience, areas: Any) -> Any:
    waiting = AnswerOwed.objects.waiting().filter(topic__source=source.source, topic__area__in=areas)
    return User.objects.filter(Exists(waiting.filter(owner=OuterRef("pk"))))


def _keys(request: HttpRequest, source: Audience, areas: Any, asked: Any) -> list[tuple[str, Any]]:
    """Topics grouped by question, with the number of waiting people in the requested audience."""
    waiting = audience.answerable_debts(
        AnswerOwed.objects.filter(topic__source=source.source, topic__area__in=areas)
    )
    narrowed = audience.narrow(waiting, _narrowing(asked))
    people = {topic.key: people for people, topic in _people_and_topics(request, narrowed)}
    language = get_language() or ""
    groups: dict[str, list[tuple[str, str]]] = {}
    for _people, topic in _people_and_topics(request, waiting):
        label = f"{topic_name(topic)} ({people.get(topic.key, 0)})"
        groups.setdefault(pick(topic.question, language), []).append((topic.key, label))
    return [*((name or _("Other"), rows) for name, rows in groups.items())]


def _people_and_topics(request: HttpRequest, owed: AnswerOwedQuerySet) -> list[tuple[int, Topic]]:
    said = owed.cached_result(request.user, audience.people_per_topic)
    topics = Topic.objects.in_bulk([topic for _people, topic in said])
    return [(people, topics[topic]) for people, topic in said]


def _narrowing(asked: Any) -> dict[str, Any]:
    """The requested audience, shaped like `AudienceForm.chosen`, from unvalidated form data."""
    return {
        "first": bool(asked.get("first")),
        "theme": asked.get("theme") if is_id(asked.get("theme", "")) else None,
        "areas": [area for area in asked.getlist("area") if is_id(area)],
        "owner": asked.get("owner") if is_id(asked.get("owner", "")) else None,
    }


def _within_allowed_areas(request: HttpRequest, form: AudienceForm) -> dict[str, Any]:
    """“Everywhere” means everywhere the user may write: areas are set explicitly if that is not all of them."""
    chosen = form.chosen()
    allowed = set(form.fields["area"].queryset.values_list("pk", flat=True))
    spoken = set(Topic.objects.filter(source=chosen["source"]).values_list("area", flat=True))
    if not allowed:
        raise PermissionDenied
    if not chosen["areas"] and allowed != spoken:
        chosen["areas"] = sorted(allowed)
    return chosen


def _audience_page(
    request: HttpRequest, form: AudienceForm, follow_up: FollowUp | None = None
) -> HttpResponse:
    counted = None
    if form.is_bound and form.is_valid():
        counted = FollowUp(audience=_within_allowed_areas(request, form), owner=request.user)
    context = {
        "form": form,
        "follow_up": follow_up,
        "counted": counted,
        "reach": reach_of(request, counted) if counted else None,
        "sources": form.sources,
    }
    return render(request, "feedback/audience.html", context)


# --- the words --------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def followup_write(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = draft_of(request, pk)
    if follow_up.state != FollowUpState.DRAFT:
        return redirect("followup_progress", pk=pk)
    if request.method == "GET":
        return _write_page(request, follow_up)
    form = _write_form(request, follow_up, request.POST)
    if "propose" in request.POST:
        return _proposed(request, follow_up, form)
    if form.is_valid():
        try:
            compose.save_follow_up_draft(
                follow_up=follow_up, seen=form.cleaned_data["seen"], by=request.user, **form.texts()
            )
        except InvalidTransition as error:
            follow_up.refresh_from_db()
            again = request.POST.copy()
            again["seen"] = follow_up.digest
            form = _write_form(request, follow_up, again)
            return _write_page(request, follow_up, form, colleague=str(error))
        if "release" in request.POST:
            return redirect("followup_release", pk=pk)
        messages.success(request, _("Kept."))
        return redirect("followup", pk=pk)
    return _write_page(request, follow_up, form)


def _write_form(request: HttpRequest, follow_up: FollowUp, data: Any = None) -> WriteForm:
    readers = reach_of(request, follow_up).languages
    return WriteForm(
        data,
        follow_up=follow_up,
        languages=compose.follow_up_languages(follow_up, readers),
        untold=[code for code in readers if follow_up.lacking(code)],
        remarks={
            code: [(str(LABELS[part]), finding_text(remark)) for part, remark in found]
            for code, found in drafting.plain_language_remarks(follow_up).items()
        },
    )


def _proposed(request: HttpRequest, follow_up: FollowUp, form: WriteForm) -> HttpResponse:
    """Fill empty fields on screen with suggestions; the writer decides whether to save them."""
    outcome, texts = drafting.proposed_texts(
        follow_up=follow_up,
        outcome=request.POST.get("outcome", ""),
        languages=form.languages,
        context=drafting.drafting_context(follow_up, request.user),
    )
    data = request.POST.copy()
    data["outcome"] = outcome
    empty = {
        f"{part}_{code}": said
        for part, words in texts.items()
        for code, said in words.items()
        if not data.get(f"{part}_{code}", "").strip()
    }
    for name, said in empty.items():
        data[name] = said
    return _write_page(request, follow_up, _write_form(request, follow_up, data), filled_in=bool(empty))


def _write_page(
    request: HttpRequest,
    follow_up: FollowUp,
    form: WriteForm | None = None,
    *,
    colleague: str = "",
    filled_in: bool | None = None,
) -> HttpResponse:
    reach = reach_of(request, follow_up)
    codes = compose.follow_up_languages(follow_up, reach.languages)
    finished = FollowUp.objects.visible_to(request.user).filter(
        state__in=[FollowUpState.FANNED_OUT, FollowUpState.CLOSED]
    )
    previous = finished.first()
    context = {
        "follow_up": follow_up,
        "form": form or _write_form(request, follow_up),
        "colleague": colleague,
        "filled_in": filled_in,
        "help": drafting.drafting_context(follow_up, request.user),
        "approval": compose.current_approval(follow_up),
        "reach": reach,
        "parts": reach_parts(reach, compose.count_unsubscribed(follow_up)),
        "said": audience_words(follow_up),
        "untranslated": [
            (language_name(one.code), one.readers)
            for one in compose.reader_languages(follow_up, reach.languages)
            if one.lacks
        ],
        "language": compose.main_language(follow_up, codes),
        "languages": [(code, language_name(code)) for code in codes],
        "promise": Promise.objects.filter(subject=follow_up.audience["source"]).first(),
        "previous": previous,
        "previous_sum": count_delivery(previous) if previous else None,
        "previous_parts": sum_parts(previous, count_delivery(previous)) if previous else [],
    }
    return render(
        request, "feedback/followup_write.html", context, status=422 if form and filled_in is None else 200
    )


def reach_parts(reach: audience.Reach, unsubscribed: int) -> list[dict[str, Any]]:
    """Who would be told and how, for the bar that adds up."""
    return [
        {"kind": "pending", "label": _("by e‑mail"), "count": reach.by_mail},
        *(
            {"kind": "pending", "label": label, "count": count}
            for label, count in ((_("by text message"), reach.by_text), (_("by letter"), reach.by_letter))
            if count
        ),
        {"kind": "page", "label": _("on their own page"), "count": reach.page_only - unsubscribed},
        {"kind": "suppressed", "label": _("unsubscribed, but on their page"), "count": unsubscribed},
    ]


def _name(topic: Topic) -> dict[str, str]:
    """The topic's title. For “rest” residents see the survey's title, which is already beside it here."""
    return {get_language() or "": topic_name(topic)} if topic.key == "rest" else topic.title


def audience_words(follow_up: FollowUp) -> dict[str, Any]:
    chosen = follow_up.audience
    keys = chosen.get("key") or []
    keys = [keys] if isinstance(keys, str) else keys
    topics = Topic.objects.filter(source=chosen["source"], key__in=keys).order_by("key", "pk")
    titles = {topic.key: _name(topic) for topic in topics}
    promise = Promise.objects.filter(subject=chosen["source"]).first()
    if follow_up.is_personal:
        owed = AnswerOwed.objects.filter(pk__in=chosen["owed"])
        titles = {topic.key: _name(topic) for topic in Topic.objects.filter(pk__in=owed.values("topic"))}
    return {
        "survey": promise.title if promise else {},
        "topics": list(titles.values()),
        "personal": follow_up.is_personal,
        "first": bool(chosen.get("first")),
        "owner": User.objects.filter(pk=chosen["owner"]).first() if chosen.get("owner") else None,
        "areas": list(follow_up.areas.all()) if chosen.get("areas") else [],
    }


@staff(Role.EDITOR)
@require_POST
def followup_send_to_me(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    follow_up = draft_of(request, pk)
    if language not in _languages(request, follow_up):
        raise Http404
    drafting.send_preview_to(follow_up=follow_up, language=language, by=request.user)
    messages.success(
        request, _("On its way to %(address)s, as a reader gets it.") % {"address": request.user.email}
    )
    return redirect("followup", pk=pk)


# --- how it would be read ---------------------------------------------------------------------


@staff(Role.VIEWER)
@require_GET
@csp_update({"style-src": ["'unsafe-inline'"]})  # mail needs inline styles
def followup_mail(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The mail itself, for a sandboxed frame."""
    follow_up = _readable(request, pk, language)
    shown = drafting.example(follow_up, language, after=reader_cursor(request))
    return HttpResponse(emails.follow_up([shown.facts], language).html)


@staff(Role.VIEWER)
@require_GET
def followup_page(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    follow_up = _readable(request, pk, language)
    facts = drafting.example(follow_up, language, after=reader_cursor(request)).facts
    with translation.override(language):
        context = {
            "said": [emails.describe_contribution(said, language) for said in facts.contributions],
            "item": {"follow_up": follow_up, "created_at": timezone.now()},
        }
        return render(request, "feedback/followup_page.html", context)


@staff(Role.VIEWER)
@require_GET
def followup_reader_preview(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    follow_up = _readable(request, pk, language)
    shown = drafting.example(follow_up, language, after=reader_cursor(request))
    query = request.GET.urlencode()
    context = {
        "follow_up": follow_up,
        "language": language,
        "languages": [(code, language_name(code)) for code in _languages(request, follow_up)],
        "query": f"?{query}" if query else "",
        "next_query": f"?after={shown.reader}" if shown.reader else "",
        "subject": emails.follow_up([shown.facts], language).subject,
    }
    return render(request, "feedback/followup_read.html", context)


def _readable(request: HttpRequest, pk: int, language: str) -> FollowUp:
    follow_up = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk)
    if language not in _languages(request, follow_up):
        raise Http404
    return follow_up


def _languages(request: HttpRequest, follow_up: FollowUp) -> list[str]:
    return compose.follow_up_languages(follow_up, reach_of(request, follow_up).languages)


def reader_cursor(request: HttpRequest) -> UUID | None:
    """The last reader of the previous page; None at the start or if invalid."""
    try:
        return UUID(request.GET.get("after", ""))
    except ValueError:
        return None


# --- the parts of its sums -------------------------------------------------------------------------


# part -> (kind of bar segment, label, action)
DELIVERY_PART_LABELS = {
    "sent": ("sent", gettext_lazy("sent"), ""),
    "delivered": ("sent", gettext_lazy("arrived"), ""),
    "page_only": ("page", gettext_lazy("on their own page only"), ""),
    "on_hold": ("pending", gettext_lazy("on hold"), ""),
    "pending": ("pending", gettext_lazy("on their way"), ""),
    "in_hand": ("pending", gettext_lazy("being sent"), ""),
    "suppressed": ("suppressed", gettext_lazy("unsubscribed, but on their page"), ""),
    "cancelled": ("suppressed", gettext_lazy("withdrew what they said"), ""),
    "bounced": ("failed", gettext_lazy("bounced"), gettext_lazy("call or write")),
    "failed": ("failed", gettext_lazy("failed"), gettext_lazy("call or write")),
    "uncertain": ("uncertain", gettext_lazy("uncertain"), gettext_lazy("find out")),
    "erased": ("page", gettext_lazy("erased themselves"), ""),
}


def sum_parts(follow_up: FollowUp, total: DeliveryCounts) -> list[dict[str, Any]]:
    """Every non-empty part, with the URL of its readers: lists of debts, never of addresses."""
    counts = total.parts
    return [
        {
            "kind": kind,
            "label": label,
            "count": counts[part],
            "url": reverse("followup_people", args=[follow_up.pk, part]) if part != "erased" else "",
            "action": action or _("who"),
        }
        for part, (kind, label, action) in DELIVERY_PART_LABELS.items()
        if counts[part]
    ]
