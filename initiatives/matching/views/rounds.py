"""A round of proposals: looked at before anything is sent."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from initiatives.matching import MatchSuggestion
from initiatives.matching.forms import RoundForm
from initiatives.matching.rounds import Change
from initiatives.matching.services import rounding, suggesting
from initiatives.matching.services.suggesting import Rounds
from initiatives.matching.views.suggestions import NamedLink, said_offer, said_role
from initiatives.wording import Chip, ScoreLine, chips, sums
from neighbourhoods.access import staff
from neighbourhoods.states import Role

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
    return _page(request, suggesting.round_for(by=request.user))


@staff(Role.COORDINATOR)
@require_POST
def hands_round_propose(request: HttpRequest) -> HttpResponse:
    """Propose the ticked pairs if all are still in the round; otherwise nothing is sent."""
    found = suggesting.round_for(by=request.user)
    planned = {(one.volunteer, one.vacancy) for one in found.planned.pairs}
    known = {
        f"{offer}-{role}": (offer, role) for offer, role in planned | rounding.asked_already(by=request.user)
    }
    form = RoundForm(request.POST, pairs=known)
    if not form.is_valid():
        return _page(request, found, form)
    sent = rounding.propose_round(pairs=[known[pair] for pair in form.cleaned_data["pair"]], by=request.user)
    if sent.asked:
        messages.success(
            request,
            ngettext("%(n)d person is asked.", "%(n)d people are asked.", sent.asked) % {"n": sent.asked},
        )
    for name, why in sent.refused:
        messages.error(request, f"{name}. {why}")
    return redirect("hands_round")


def _page(request: HttpRequest, found: Rounds, form: RoundForm | None = None) -> HttpResponse:
    """The round as it is now. After a refusal ticked pairs stay ticked, if still in the round."""
    ticked = set(form.data.getlist("pair")) if form else None
    status = 200 if form is None else 409 if form.is_stale else 422
    changes = {one.volunteer: one for one in found.planned.beside(found.greedy)}
    pairs = sorted(found.planned.pairs, key=lambda one: (-one.adjusted, one.volunteer))
    lines = [_line(found, one, changes.get(one.volunteer), ticked) for one in pairs[:ROUND_PAIRS_SHOWN]]
    context = {
        "lines": lines,
        "later": len(pairs) - len(lines),
        "figures": _figures(found),
        "changes": [_change(found, one) for one in changes.values()][:ROUND_PAIRS_SHOWN],
        "more_changes": max(0, len(changes) - ROUND_PAIRS_SHOWN),
        "sentence": _beside(found, list(changes.values())),
        "form": form,
        "found": found,
    }
    return render(request, "initiatives/round.html", context, status=status)


def value_of(one: MatchSuggestion) -> str:
    return f"{one.volunteer}-{one.vacancy}"


def _line(found: Rounds, one: MatchSuggestion, change: Change | None, ticked: set[str] | None) -> Proposal:
    value = value_of(one)
    return Proposal(
        value=value,
        offer=said_offer(found.offers[one.volunteer]),
        role=said_role(found.roles[one.vacancy]),
        chips=chips((*one.reasons, *one.adjustments)),
        score=one.score,
        sums=tuple(sums(one.reasons)),
        ticked=ticked is None or value in ticked,
        otherwise=_otherwise(found, change),
    )


def _otherwise(found: Rounds, change: Change | None) -> str:
    if change is None:
        return ""
    if change.otherwise is None:
        return _("would get nothing if the best pair always went first")
    initiative, about, _url = said_role(found.roles[change.otherwise.vacancy])
    return _("would get %(role)s if the best pair always went first") % {"role": f"{initiative}, {about}"}


def _change(found: Rounds, one: Change) -> dict[str, Any]:
    """A row of the table “who gains”."""
    return {
        "offer": said_offer(found.offers[one.volunteer]),
        "planned": one.planned and said_role(found.roles[one.planned.vacancy]),
        "planned_score": one.planned and one.planned.score,
        "otherwise": one.otherwise and said_role(found.roles[one.otherwise.vacancy]),
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


def _beside(found: Rounds, changes: list[Change]) -> str:
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
