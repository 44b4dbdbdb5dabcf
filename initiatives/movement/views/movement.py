"""What moved: figures per neighbourhood and over time, with links to where something can be done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.counting import cached_for_all_users
from accounts.models import User
from core.revision import revision
from feedback.states import Outcome
from initiatives.movement.services import movement_mail as mail
from initiatives.movement.services.movement import (
    MIN_WHOLE_FOR_PERCENTAGE,
    Movement,
    MovementCounts,
    count_movement,
)
from initiatives.needs.services.needs import NamedTopicCounts
from neighbourhoods.access import staff
from neighbourhoods.models import Area, Membership
from neighbourhoods.states import Power, Role


@dataclass(frozen=True)
class Tile:
    """One figure, what it counts, how it is counted, and a link to act on it."""

    value: str
    text: str
    how: str
    url: str
    link: str
    late: bool = False
    more: list[str] = field(default_factory=list)


@staff(Role.VIEWER)
@require_safe
def movement_page(request: HttpRequest) -> HttpResponse:
    """All areas the user may see, or one with the areas inside it (`?area=` its slug)."""
    mine = Area.objects.visible_to(request.user)  # type: ignore[arg-type]
    slug = request.GET.get("area", "")[:140].replace("\0", "")
    chosen = get_object_or_404(mine, slug=slug) if slug else None
    areas = {area.pk: area for area in (mine.inside([chosen.pk]) if chosen else mine).order_by("name")}
    found = _cached_movement(areas, request.user)  # type: ignore[arg-type]
    context = {
        "chosen": chosen,
        "found": found,
        "tiles": _tiles(found, chosen, may_call=request.desk.has(Role.COORDINATOR)),  # type: ignore[attr-defined]
        "rows": [
            (area, found.per_area.get(pk, MovementCounts()), found.named_per_area.get(pk, NamedTopicCounts()))
            for pk, area in areas.items()
            if pk in found.per_area or pk in found.named_per_area
        ],
        "months": [*dropwhile(lambda month: month.counts.is_empty and not month.standing, found.months)],
        "courses": _courses(found),
        "outcomes": [(Outcome(key).label, n) for key, n in sorted(found.outcomes.items()) if key],
        "few": MIN_WHOLE_FOR_PERCENTAGE,
        "gets_mail": mail.receives_movement_mail(request.user),  # type: ignore[arg-type]
        "readers": _readers(request),
    }
    return render(request, "initiatives/movement.html", context)


def _cached_movement(areas: Iterable[int], by: User) -> Movement:
    """Cached for one minute for all who see the same areas, because it reads every answer ever owed there."""
    wanted = sorted(areas)
    where = revision([timezone.localdate(), wanted])
    return cached_for_all_users(f"movement:{where}", lambda: count_movement(wanted), by=by)


def _share_text(part: int, whole: int) -> str:
    """“40 of 46”, with a percentage from MIN_WHOLE_FOR_PERCENTAGE on."""
    if not whole:
        return "–"
    said = _("%(part)s of %(whole)s") % {"part": number_format(part), "whole": number_format(whole)}
    return f"{said} ({round(100 * part / whole)}%)" if whole >= MIN_WHOLE_FOR_PERCENTAGE else said


def _days(days: float | None) -> str:
    if days is None:
        return _("too few to say")
    return ngettext("%(n)s day", "%(n)s days", round(days)) % {"n": number_format(round(days))}


def _list_url(name: str, chosen: Area | None, **asked: str) -> str:
    """URL of the list in which to act on it, for the same area."""
    if chosen:
        asked |= {"inside": str(chosen.pk)} if name == "waiting" else {"area": chosen.slug}
    query = urlencode(asked)
    return reverse(name) + (f"?{query}" if query else "")


def _tiles(found: Movement, chosen: Area | None, *, may_call: bool) -> list[Tile]:
    counts: MovementCounts = found.total
    return [
        Tile(
            _share_text(found.named.left, found.named.topics),
            ngettext(
                "topic that people named has nothing yet",
                "topics that people named have nothing yet",
                found.named.left,
            ),
            _(
                "Everything that was chosen in answer to a question about needs, and every theme that a colleague "
                "found in what people wrote, in each neighbourhood, also when nobody made a need of it. A topic has "
                "a link when a need made from it has an offer, a place, an initiative or an approach; a decision when "
                "an answer about it went out that is not “not yet”, or its need was met or not taken up. What is left "
                "has neither. People are counted once in each neighbourhood."
            ),
            reverse("need_new") + (f"?area={chosen.slug}" if chosen else "")
            if may_call
            else _list_url("needs", chosen),
            _("See what people named most") if may_call else _("See the needs"),
            late=found.named.left > 0,
            more=_topics(found.named),
        ),
        Tile(
            _share_text(counts.without_link, counts.needs),
            _("needs have nothing linked yet"),
            _(
                "Of all needs that are open: those without an offer, a place, an initiative, an approach or a "
                "decision. What nobody made a need of is not in here: it is among the topics. How urgent they are is "
                "not counted in."
            ),
            _list_url("needs", chosen, link="none"),
            _("Find something for them"),
            late=counts.without_link > 0,
        ),
        Tile(
            _share_text(counts.told, counts.people),
            _("people were told what happened with everything they said"),
            _(
                "Who said something in the last twelve months, or still waits. Told is by mail, text message or "
                "letter, or in person. Who left no address, or whose message came back, is not told: the answer "
                "stands on their own page only, also when they were told of another part. A reason why no answer "
                "comes is no answer. Who waits for one thing of several still waits. Counted once in each "
                "neighbourhood. Who withdrew is left out; who erased themselves stays as a number."
            ),
            _list_url("waiting", chosen),
            _("Answer who waits"),
            more=_parts(counts),
        ),
        Tile(
            number_format(counts.late),
            _("people wait longer than we promised"),
            _("Those of whom at least one day that was promised is past, however long ago they spoke."),
            _list_url("waiting", chosen),
            _("Answer them first"),
            late=counts.late > 0,
        ),
        Tile(
            _days(counts.median),
            _("until half of the answers were given"),
            _(
                "Of answers of the last twelve months: days from what was said to our last answer to it, told or on "
                "their own page only; a reason why none comes is left out. Of fewer than five answers there is no "
                "number."
            ),
            reverse("followups"),
            _("To our answers"),
        ),
        Tile(
            _share_text(counts.in_time, counts.volunteers),
            _("volunteers were spoken to within 48 hours"),
            _(
                "Who came forward in the last twelve months: spoken to by a person that day or one of the two days "
                "after. Who came forward in the last two days counts once they were spoken to. Who withdrew by "
                "themselves is left out."
            ),
            reverse("hands") + "?look=waiting" if may_call else "",
            _("Call who waits"),
        ),
        Tile(
            number_format(counts.begun),
            ngettext("initiative began", "initiatives began", counts.begun),
            _(
                "Those that somebody of ours looks after and that began to run in the last twelve months. Running "
                "are all that run now, also what was there before."
            ),
            _list_url("initiatives", chosen, state="running"),
            _("See what they need"),
            more=[ngettext("%(n)s is running", "%(n)s are running", counts.running) % {"n": counts.running}],
        ),
        Tile(
            number_format(counts.met),
            ngettext("need was met", "needs were met", counts.met),
            _("Needs that were noted as met in the last twelve months, and stayed so."),
            _list_url("needs", chosen, state="met"),
            _("See which"),
            more=[
                ngettext("%(n)s was heard", "%(n)s were heard", counts.heard) % {"n": counts.heard}
            ],
        ),
    ]  # fmt: skip


def _parts(counts: MovementCounts) -> list[str]:
    """The people who were not told, so that the figure adds up."""
    said = [
        (
            ngettext("%(n)s on their own page only", "%(n)s on their own page only", counts.page_only),
            counts.page_only,
        ),
        (
            ngettext("%(n)s no answer, with the reason", "%(n)s no answer, with the reason", counts.waived),
            counts.waived,
        ),
        (ngettext("%(n)s waits, in time", "%(n)s wait, in time", counts.in_term), counts.in_term),
        (ngettext("%(n)s waits too long", "%(n)s wait too long", counts.late), counts.late),
        (ngettext("%(n)s erased it first", "%(n)s erased it first", counts.left), counts.left),
    ]
    return [words % {"n": number_format(n)} for words, n in said if n]


def _topics(found: NamedTopicCounts) -> list[str]:
    """What is there for the other topics, and the people behind those left."""
    said = [
        (ngettext("%(n)s has a link", "%(n)s have a link", found.linked), found.linked),
        (ngettext("%(n)s has a decision", "%(n)s have a decision", found.decided), found.decided),
        (
            ngettext(
                "%(n)s person stands behind what is left",
                "%(n)s people stand behind what is left",
                found.people_left,
            ),
            found.people_left,
        ),
    ]
    return [words % {"n": number_format(n)} for words, n in said if n]


def _courses(found: Movement) -> list[tuple[str, list[tuple[Any, float]]]]:
    """Lines to draw over the months that have a value; only those with two points or more."""
    lines = [
        (
            _("Wait too long"),
            [(m.first, float(m.standing.late)) for m in found.months if m.standing],
        ),
        (
            _("Days until half of the answers"),
            [(m.first, m.counts.median) for m in found.months if m.counts.median is not None],
        ),
        (
            _("Topics with nothing yet"),
            [
                (m.first, float(m.standing.topics_left))
                for m in found.months
                if m.standing and m.standing.topics_left is not None
            ],
        ),
    ]
    return [(name, points) for name, points in lines if len(points) > 1]


# --- recipients of the mail ---------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    user: User
    gets_it: bool


def _readers(request: HttpRequest) -> list[Reader]:
    """For administrators: backers and subscribers in their areas."""
    if not request.desk.has(Role.ADMINISTRATOR):  # type: ignore[attr-defined]
        return []
    known = Membership.objects.visible_to(request.user).order_by().values("user")  # type: ignore[arg-type]
    get_it = set(mail.readers().filter(pk__in=known).values_list("pk", flat=True))
    could = set(mail.backers_and_signers().filter(pk__in=known).values_list("pk", flat=True))
    found = User.objects.filter(pk__in=get_it | could).exclude(pk=request.user.pk).order_by("title", "email")
    return [Reader(user, user.pk in get_it) for user in found]


@staff(Role.VIEWER)
@require_POST
def movement_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """For the user themselves, or for a colleague in an area they administer."""
    known = Membership.objects.current().filter(user__id=pk)
    if pk != request.user.pk:
        known = known.filter(area__in=Area.objects.where(request.user, least=Power.ADMINISTRATOR))  # type: ignore[arg-type]
    user = get_object_or_404(User, pk__in=known.order_by().values("user"))
    wants = request.POST.get("wants") == "yes"
    mail.choose_movement_mail(user=user, wants=wants, by=request.user)  # type: ignore[arg-type]
    if wants:
        messages.success(request, _("On the first workday of each month it comes by mail."))
    else:
        messages.success(request, _("It no longer comes by mail."))
    return redirect("movement")
