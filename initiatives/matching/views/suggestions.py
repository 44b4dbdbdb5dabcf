"""Suggestions for a role or an offer, and a round of proposals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from core.i18n import pick
from initiatives.matching import MatchSuggestion, Reason, moments
from initiatives.matching.forms import RoundForm
from initiatives.matching.ranking import RoundDifference
from initiatives.matching.services import matches, suggesting
from initiatives.matching.services.suggesting import RankedSuggestions, Rounds
from initiatives.models import Offer, VolunteerRole
from initiatives.wording import Chip, ScoreLine, chip, chips, offer_name, sums
from neighbourhoods.access import staff
from neighbourhoods.states import Role


@dataclass(frozen=True)
class SuggestionRow:
    """One offer or role: what it is, its reasons or barriers, and the URL to propose it."""

    name: str
    about: str
    url: str
    chips: list[Chip]
    score: int = 0
    sums: tuple[ScoreLine, ...] = ()
    action: str = ""
    offer: int = 0


@dataclass(frozen=True)
class Suggestions:
    title: str
    empty: str
    lines: list[SuggestionRow]
    more: str
    refused: list[SuggestionRow]
    more_refused: int
    all_refused: int


def offer_suggestions(
    role: VolunteerRole, *, by: User, on: date | None = None, may: bool = True
) -> Suggestions:
    """Offers that suit this role; `may` says whether `by` may propose them."""
    found = suggesting.rank_offers_for_role(role, by=by, on=on)
    return Suggestions(
        title=_("Who fits"),
        empty=_("Nobody who waits fits this now. Look at what stands in the way, or ask for it once more."),
        lines=[
            _fits(offer_link(offer), one, _propose_url(role) if may else "", offer)
            for offer, one in found.best
        ],
        more=_more_text(found, ngettext("%(n)d other offer fits.", "%(n)d other offers fit.", found.more)),
        refused=[_refused_row(offer_link(offer), one.barriers) for offer, one in found.refused],
        more_refused=found.more_refused,
        all_refused=found.all_refused,
    )


def role_suggestions(offer: Offer, *, by: User, on: date | None = None, may: bool = True) -> Suggestions:
    """Roles that suit this offer."""
    found = suggesting.rank_roles_for_offer(offer, by=by, on=on)
    return Suggestions(
        title=_("Fits"),
        empty=_("No role that is open fits this now."),
        lines=[
            _fits(role_link(role), one, _propose_url(role) if may else "", offer) for role, one in found.best
        ],
        more=_more_text(found, ngettext("%(n)d other role fits.", "%(n)d other roles fit.", found.more)),
        refused=[_refused_row(role_link(role), one.barriers) for role, one in found.refused],
        more_refused=found.more_refused,
        all_refused=found.all_refused,
    )


NamedLink = tuple[str, str, str]
"""(name, a few words about it, URL)."""


def offer_link(offer: Offer) -> NamedLink:
    name = offer_name(offer.pk, offer.what)
    when = moments.label(offer.moments)
    return name, " · ".join(filter(None, (offer.area.name, when))), reverse("hand", args=[offer.pk])


def role_link(role: VolunteerRole) -> NamedLink:
    """The initiative, and what is looked for: “cook · 2 people wanted · Thu afternoon”."""
    language = get_language() or ""
    people = ngettext("%(n)d person wanted", "%(n)d people wanted", role.people) % {"n": role.people}
    about = (pick(role.name, language), people, moments.label(role.moments))
    name = pick(role.initiative.name, language)
    return name, " · ".join(filter(None, about)), reverse("role", args=[role.pk])


def _fits(said: NamedLink, one: MatchSuggestion, action: str, offer: Offer) -> SuggestionRow:
    name, about, url = said
    return SuggestionRow(
        name=name,
        about=about,
        url=url,
        chips=chips((*one.reasons, *one.adjustments)),
        score=one.score,
        sums=tuple(sums(one.reasons)),
        action=action,
        offer=offer.pk,
    )


def _refused_row(said: NamedLink, barriers: Iterable[Reason]) -> SuggestionRow:
    name, about, url = said
    return SuggestionRow(name=name, about=about, url=url, chips=[chip(one) for one in barriers])


def _more_text(found: RankedSuggestions, sentence: str) -> str:
    return sentence % {"n": found.more} if found.more else ""


def _propose_url(role: VolunteerRole) -> str:
    return reverse("match_propose_role", args=[role.pk])


ROUND_PAIRS_SHOWN = 50
"""Pairs shown on one page; the others follow after these are proposed."""


@dataclass(frozen=True)
class Proposal:
    """A line with a checkbox: the pair and its reasons, and what the volunteer would get in the greedy round."""

    value: str
    offer: NamedLink
    role: NamedLink
    chips: list[Chip]
    score: int
    sums: tuple[ScoreLine, ...]
    ticked: bool
    otherwise: str


@staff(Role.COORDINATOR)
@require_GET
def hands_round(request: HttpRequest) -> HttpResponse:
    return _round_page(request, suggesting.plan_rounds(by=request.user))


@staff(Role.COORDINATOR)
@require_POST
def match_round_propose(request: HttpRequest) -> HttpResponse:
    """Propose the ticked pairs if all are still in the round; otherwise nothing is sent."""
    found = suggesting.plan_rounds(by=request.user)
    planned = {(one.volunteer, one.vacancy) for one in found.planned.pairs}
    known = {
        f"{offer}-{role}": (offer, role)
        for offer, role in planned | matches.open_proposal_pairs(by=request.user)
    }
    form = RoundForm(request.POST, pairs=known)
    if not form.is_valid():
        return _round_page(request, found, form)
    sent = matches.propose_round(pairs=[known[pair] for pair in form.cleaned_data["pair"]], by=request.user)
    if sent.asked:
        messages.success(
            request,
            ngettext("%(n)d person is asked.", "%(n)d people are asked.", sent.asked) % {"n": sent.asked},
        )
    for name, why in sent.refused:
        messages.error(request, f"{name}. {why}")
    return redirect("hands_round")


def _round_page(request: HttpRequest, found: Rounds, form: RoundForm | None = None) -> HttpResponse:
    """The round as it is now. After a refusal ticked pairs stay ticked, if still in the round."""
    ticked = set(form.data.getlist("pair")) if form else None
    status = 200 if form is None else 409 if form.is_stale else 422
    changes = {one.volunteer: one for one in found.planned.differences_from(found.greedy)}
    pairs = sorted(found.planned.pairs, key=lambda one: (-one.adjusted, one.volunteer))
    lines = [_line(found, one, changes.get(one.volunteer), ticked) for one in pairs[:ROUND_PAIRS_SHOWN]]
    context = {
        "lines": lines,
        "later": len(pairs) - len(lines),
        "figures": _figures(found),
        "changes": [_change(found, one) for one in changes.values()][:ROUND_PAIRS_SHOWN],
        "more_changes": max(0, len(changes) - ROUND_PAIRS_SHOWN),
        "sentence": _comparison_text(found, list(changes.values())),
        "form": form,
        "found": found,
    }
    return render(request, "initiatives/round.html", context, status=status)


def value_of(one: MatchSuggestion) -> str:
    return f"{one.volunteer}-{one.vacancy}"


def _line(
    found: Rounds, one: MatchSuggestion, change: RoundDifference | None, ticked: set[str] | None
) -> Proposal:
    value = value_of(one)
    return Proposal(
        value=value,
        offer=offer_link(found.offers[one.volunteer]),
        role=role_link(found.roles[one.vacancy]),
        chips=chips((*one.reasons, *one.adjustments)),
        score=one.score,
        sums=tuple(sums(one.reasons)),
        ticked=ticked is None or value in ticked,
        otherwise=_greedy_text(found, change),
    )


def _greedy_text(found: Rounds, change: RoundDifference | None) -> str:
    if change is None:
        return ""
    if change.otherwise is None:
        return _("would get nothing if the best pair always went first")
    initiative, about, _url = role_link(found.roles[change.otherwise.vacancy])
    return _("would get %(role)s if the best pair always went first") % {"role": f"{initiative}, {about}"}


def _change(found: Rounds, one: RoundDifference) -> dict[str, Any]:
    """A row of the table “who gains”."""
    return {
        "offer": offer_link(found.offers[one.volunteer]),
        "planned": one.planned and role_link(found.roles[one.planned.vacancy]),
        "planned_score": one.planned and one.planned.score,
        "otherwise": one.otherwise and role_link(found.roles[one.otherwise.vacancy]),
        "otherwise_score": one.otherwise and one.otherwise.score,
    }


def _figures(found: Rounds) -> list[dict[str, Any]]:
    proposals = len(found.planned.pairs)
    roles = len({one.vacancy for one in found.planned.pairs})
    return [
        {"value": proposals, "text": ngettext("proposal", "proposals", proposals)},
        {"value": roles, "text": ngettext("role gets somebody", "roles get somebody", roles)},
        {
            "value": found.volunteers - proposals,
            "text": _("wait for another round"),
        },
    ]


def _comparison_text(found: Rounds, changes: list[RoundDifference]) -> str:
    """Compares the optimal round with the greedy one, as text."""
    if not changes:
        return _("Always taking the best pair first gives the same. There is nothing to choose.")
    gains = sum(one.otherwise is None for one in changes)
    loses = sum(one.planned is None for one in changes)
    other = len(changes) - gains - loses
    better = 100 * (found.planned.total - found.greedy.total) / max(1, found.greedy.total)
    said = [
        _("All together this plan fits %(better)s %% better than always taking the best pair first.")
        % {"better": formats.localize(round(better, 1))}
    ]
    if gains:
        said.append(
            ngettext(
                "%(n)d volunteer is asked who would get nothing.",
                "%(n)d volunteers are asked who would get nothing.",
                gains,
            )
            % {"n": gains}
        )
    if other:
        said.append(
            ngettext(
                "%(n)d volunteer is asked for something else.",
                "%(n)d volunteers are asked for something else.",
                other,
            )
            % {"n": other}
        )
    if loses:
        said.append(
            ngettext(
                "%(n)d volunteer would get something then, and waits now.",
                "%(n)d volunteers would get something then, and wait now.",
                loses,
            )
            % {"n": loses}
        )
    return " ".join(said)
