"""Matches: one page for both sides, the list on a desk page, and all of a holder."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import LinkPurpose
from accounts.models import Contact, Receipt, User
from core.errors import DomainError
from core.i18n import pick
from core.rows import is_id
from feedback.private.views.choices import receipt_from_link
from initiatives.matching.forms import DeclineForm, ExperienceForm, OwnDeclineForm
from initiatives.matching.match_panels import MATCHES_SHOWN, match_lines
from initiatives.matching.pairs import from_values
from initiatives.matching.services import endings, match_contents, matches, told
from initiatives.matching.services.owners import reassign
from initiatives.models import Match, Offer, VolunteerRole
from initiatives.models.matching import MatchQuerySet
from initiatives.states import BOUND_MATCHES, MatchState, Side
from initiatives.wording import volunteer_reason_text
from neighbourhoods.access import resident, staff
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role

MATCHES_PAGE_SIZE = 20
OLDER_THAN_PARAM = "proposed-before"


@dataclass(frozen=True)
class MatchRow:
    """One match, and the sides this colleague may answer for."""

    match: Match
    sides: frozenset[Side]

    @property
    def for_volunteer(self) -> bool:
        return Side.VOLUNTEER in self.sides

    @property
    def for_initiative(self) -> bool:
        return Side.INITIATIVE in self.sides

    @property
    def decline_form(self) -> DeclineForm:
        return DeclineForm(match=self.match, sides=self.sides)


@dataclass(frozen=True)
class MatchPage:
    rows: list[MatchRow]
    older_url: str
    newest_url: str


def answerable_sides(user: User, *matches: Match) -> list[frozenset[Side]]:
    """The sides `user` may answer for, per match in order: where they coordinate the area of a side, or own it."""
    areas = {one.offer.area_id for one in matches} | {one.role.initiative.area_id for one in matches}
    works_in = Area.objects.where(user, least=Power.COORDINATOR).filter(pk__in=areas)
    mine = set(works_in.values_list("pk", flat=True))
    found = []
    for one in matches:
        of = {Side.VOLUNTEER: one.offer, Side.INITIATIVE: one.role.initiative}
        found.append(
            frozenset(side for side, it in of.items() if it.owner_id == user.pk or it.area_id in mine)
        )
    return found


def match_page(request: HttpRequest, found: MatchQuerySet) -> MatchPage:
    after = request.GET.get(OLDER_THAN_PARAM, "")
    last = found.filter(pk=after).first() if is_id(after) else None
    rest = found.after_match(last) if last else found
    page = list(rest.select_related("offer", "role__initiative")[: MATCHES_PAGE_SIZE + 1])
    shown = page[:MATCHES_PAGE_SIZE]
    return MatchPage(
        rows=[MatchRow(*row) for row in zip(shown, answerable_sides(request.user, *shown), strict=True)],
        older_url=f"?{OLDER_THAN_PARAM}={shown[-1].pk}#matches" if len(page) > MATCHES_PAGE_SIZE else "",
        newest_url=f"{request.path}#matches" if last else "",
    )


@resident
@require_safe
@receipt_from_link(LinkPurpose.PAGE)
def own_matches(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    theirs = Match.objects.of_holder(receipt)
    after = request.GET.get("after", "")
    last = theirs.filter(pk=after).first() if is_id(after) else None
    page = list((theirs.after_match(last) if last else theirs)[: MATCHES_SHOWN + 1])
    shown = page[:MATCHES_SHOWN]
    context = {
        "rows": match_lines(receipt, shown),
        "token": token,
        "older_url": f"?after={shown[-1].pk}" if len(page) > MATCHES_SHOWN else "",
        "newest_url": request.path if last else "",
    }
    return render(request, "initiatives/own_matches.html", context)


MATCH_RELATIONS = (
    "offer__receipt", "offer__area", "offer__owner", "card", "role__card", "meeting",
    "role__initiative__receipt", "role__initiative__owner", "role__initiative__area", "role__initiative__theme",
)  # fmt: skip


def _match_of_link(receipt: Receipt, key: str) -> tuple[Match, Side]:
    """The match that this link opens, and the holder's side. Raises Receipt.DoesNotExist."""
    match = Match.objects.select_related(*MATCH_RELATIONS).filter(pk=key if is_id(key) else 0).first()
    if match is None:
        raise Receipt.DoesNotExist
    if match.offer.receipt_id == receipt.pk:
        return match, Side.VOLUNTEER
    if match.role.initiative.receipt_id == receipt.pk:
        return match, Side.INITIATIVE
    raise Receipt.DoesNotExist


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.MATCH)
def match(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """The proposal with its reasons; yes or no; contact details once both said yes; how it was."""
    one, side = _match_of_link(receipt, key)
    if endings.is_long_over(one):
        return _gone_response(request)
    if request.method != "POST":
        return _page(request, one, side, token)
    form, action = _answer_form(request, one, side)
    if action is None:
        raise Http404
    if form is None or form.is_valid():
        try:
            action()
        except DomainError as error:
            one, side = _match_of_link(
                receipt, key
            )  # reload; raises Receipt.DoesNotExist if it was erased meanwhile
            return _page(request, one, side, token, form=form, problem=str(error), status=409)
        return redirect("match", token=token)
    return _page(request, one, side, token, form=form, status=422)


def _gone_response(request: HttpRequest) -> HttpResponse:
    """Return 410: somebody else may hold the mail by now. The private page still shows the outcome."""
    return render(request, "initiatives/match_over.html", status=410)


def _answer_form(
    request: HttpRequest, one: Match, side: Side
) -> tuple[forms.Form | None, Callable[[], object] | None]:
    name = request.POST.get("action", "")
    if name == "yes":
        card = request.POST.get("card", "")
        return None, partial(
            matches.accept_match, match=one, side=side, read=int(card) if is_id(card) else None
        )
    if name == "no":
        no = OwnDeclineForm(request.POST, side=side)
        return no, lambda: endings.decline(match=one, side=side, because=no.cleaned_data["because"])
    if name == "how" and side == Side.VOLUNTEER:
        how = ExperienceForm(request.POST)
        return how, lambda: endings.record_experience(match=one, **how.cleaned_data)
    if name == "stop":
        return None, partial(endings.end_match, match=one, side=side)
    return None, None


def _page(
    request: HttpRequest,
    one: Match,
    side: Side,
    token: str,
    *,
    form: forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    together = one.state in (MatchState.INTRODUCED, MatchState.ACTIVE)
    said_yes = one.volunteer_yes_at if side == Side.VOLUNTEER else one.initiative_yes_at
    reach: tuple[tuple[str, str], ...] = ()
    if together:
        contact = Contact.objects.filter(receipt=one.offer.receipt_id).first()
        reach = (
            match_contents.reach_initiative(one)
            if side == Side.VOLUNTEER
            else match_contents.contact_details(contact)
        )
    context: dict[str, Any] = {
        "match": one,
        "side": side.value,
        "token": token,
        "why": volunteer_reason_text(from_values(one.reasons)) if side == Side.VOLUNTEER else "",
        "said_yes": said_yes,
        "open": one.state in (MatchState.PROPOSED, MatchState.WAITLISTED, MatchState.EXPIRED),
        "together": together,
        "reach": reach,
        "they_got": told.shared_contact_text(one, side) if together else "",
        "next_place": told.next_place_text(one) if one.state == MatchState.WAITLISTED else "",
        "instead": told.replacement_text(one.role),
        "something_else": told.after_cancellation_text(one.offer),
        "meeting": one.meeting if together and told.current_meeting(one) else None,
        "is_called_off": together and one.first_told_on and told.current_meeting(one) is None,
        "place": told.waiting_list_position(one) if one.state == MatchState.WAITLISTED else 0,
        "no_place": one.state == MatchState.EXPIRED and one.volunteer_yes_at and one.initiative_yes_at,
        "ask_after": _experience_question_due(one) if together and side == Side.VOLUNTEER else 0,
        "no_form": form if isinstance(form, OwnDeclineForm) else OwnDeclineForm(side=side),
        "how_form": form if isinstance(form, ExperienceForm) else ExperienceForm(),
        "bound": form,
        "problem": problem,
    }
    return render(request, "initiatives/match.html", context, status=status)


def _experience_question_due(one: Match) -> int:
    """The question to answer now: after 2 days, after 30, or 0 for none."""
    met = one.first_at or one.introduced_at
    if met is None:
        return 0
    days = (timezone.now() - met).days
    if days >= 30 and not one.after_30:
        return 30
    return 2 if days >= 2 and not one.after_2 and not one.after_30 else 0


@resident
@require_safe
@receipt_from_link(LinkPurpose.MATCH)
def match_calendar(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """The first meeting as an .ics file."""
    one, _side = _match_of_link(receipt, key)
    if endings.is_long_over(one):
        return _gone_response(request)
    if told.current_meeting(one) is None or one.state not in BOUND_MATCHES:
        raise Http404
    data = told.appointment(
        told.current_meeting(one),
        pick(one.role.initiative.name, receipt.language),
        request.build_absolute_uri(reverse("match", args=[token])),
        language=receipt.language,
    )
    return HttpResponse(
        data,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="nabij.ics"'},
    )


# --- on the desk ------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_POST
def match_propose_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose an offer for a role. Computed again; a barrier is shown, and nothing is proposed."""
    role = get_object_or_404(
        VolunteerRole.objects.visible_to(request.user).select_related("initiative__area"), pk=pk
    )
    offer_pk = request.POST.get("offer", "")
    offers = Offer.objects.visible_to(request.user).select_related("area")
    offer = get_object_or_404(offers, pk=offer_pk if is_id(offer_pk) else 0)
    _check_may_propose(request, offer, role)
    try:
        matches.propose(offer=offer, role=role, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Proposed. Both get a mail, or a call from you where there is no address.")
        )
    return redirect(_return_url(request, offer))


def _check_may_propose(request: HttpRequest, offer: Offer, role: VolunteerRole) -> None:
    """Coordinators of the offer's area and its owner. For a role elsewhere the initiative decides by its yes."""
    if offer.owner != request.user and not request.desk.can(Role.COORDINATOR, [offer.area]):
        raise PermissionDenied


def _return_url(request: HttpRequest, offer: Offer) -> str:
    """The page it was pressed on; only a local path."""
    goal = request.POST.get("back", "")
    if goal.startswith("/") and url_has_allowed_host_and_scheme(goal, allowed_hosts=None):
        return goal
    return reverse("hand", args=[offer.pk])


@staff(Role.COORDINATOR)
@require_POST
def match_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """What a side said by phone, or what a colleague saw happen."""
    one = get_object_or_404(Match.objects.visible_to(request.user).select_related(*MATCH_RELATIONS), pk=pk)
    side = request.POST.get("side", "")
    no = DeclineForm(request.POST, match=one, sides=_answerable_sides(request, one, side))
    by = request.user
    actions: dict[str, Callable[[], object]] = {
        "yes": lambda: matches.accept_match(match=one, side=side, by=by),
        "no": lambda: endings.decline(
            match=one, side=side, because=no.cleaned_data["because"] if no.is_valid() else "", by=by
        ),
        "introduce": lambda: matches.introduce(match=one, by=by),
        "begin": lambda: endings.begin_match(match=one, by=by),
        "end": lambda: endings.end_match(match=one, by=by),
    }
    if verb not in actions or (verb in ("yes", "no") and side not in Side.values):
        raise Http404
    try:
        actions[verb]()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted."))
    return redirect(_return_url(request, one.offer))


def _answerable_sides(request: HttpRequest, one: Match, side: str) -> frozenset[Side]:
    """The sides the user may answer for. Raises PermissionDenied if `side` is none of them, or there is none."""
    (sides,) = answerable_sides(request.user, one)
    if not sides or (side in Side.values and side not in sides):
        raise PermissionDenied
    return sides


# Hands over everything of one kind that a colleague owns, when they leave.


def everything_form(
    request: HttpRequest, owner: User, in_hand: QuerySet[Any], data: Any = None
) -> HandoverForm | None:
    """For the owner or an administrator of all areas concerned, else None; of `in_hand` it covers what is theirs."""
    theirs = in_hand.filter(owner=owner).order_by().values("area")
    areas = list(Area.objects.filter(pk__in=theirs))
    if not areas or not (owner == request.user or request.desk.can(Role.ADMINISTRATOR, areas)):
        return None
    return HandoverForm(data, areas=[area.pk for area in areas], without=owner)


def hand_over_all_view(
    request: HttpRequest,
    pk: int,
    *,
    in_hand: QuerySet[Any],
    said: Callable[[int], str],
    back: str,
) -> HttpResponse:
    """`in_hand` is everything of the kind that is not over, `said` words the count, and `back` is the name of the page
    it was pressed on."""
    seen = in_hand.model.objects.visible_to(request.user).filter(owner=pk)
    owner = get_object_or_404(User, pk=pk, pk__in=seen.order_by().values("owner"))
    form = everything_form(request, owner, in_hand, request.POST)
    if form is None:
        if in_hand.filter(owner=owner).exists():
            raise PermissionDenied
        messages.error(request, _("They look after nothing any more."))
    elif not form.is_valid():
        messages.error(request, _("Choose who takes over."))
        return redirect(f"{reverse(back)}?owner={pk}")
    else:
        try:
            count = reassign(in_hand.filter(owner=owner), to=form.cleaned_data["to"], by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(f"{reverse(back)}?owner={pk}")
        messages.success(request, said(count))
    return redirect(back)
