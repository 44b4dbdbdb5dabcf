"""The advice for areas, computed from the stored data, and the decisions made with it.

Reads in bulk: a fixed number of queries, for one area or for five hundred.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, pstdev
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.registry import Registry
from core.rows import get_or_gone
from neighbourhoods.advice.advice import Advice, AdviceInputs, AreaApproach, advise, underrepresented_bands
from neighbourhoods.models import (
    ApproachDecision,
    Area,
    AreaResources,
    Backing,
    Figure,
    KeyPerson,
    ParticipationRules,
    Trajectory,
)
from neighbourhoods.registries import AreaCount, Intention
from neighbourhoods.rules import Thresholds
from neighbourhoods.wording import APPROACHES, translate_to_english

# --- what apps know of areas ----------------------------------------------------------------------
# The registry `area_sources`. It is here and not in registries.py because its hooks take an Advice.


@dataclass(frozen=True)
class FittingApproach:
    """A proven approach beside the advice for an area, with the reasons for and against it."""

    slug: str
    name: str
    about: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    url: str


@dataclass(frozen=True)
class AreaSource:
    """Hooks of an app that supply data about areas, in addition to its panels. Every hook is optional."""

    figures: Callable[[list[int]], list[AreaCount]] = lambda areas: []
    """Figures per area in bulk, for comparing and for the map."""
    inputs: Callable[[list[int]], dict[int, dict[str, Any]]] = lambda areas: {}
    """For the advice, in bulk: names of `neighbourhoods.advice.advice.AdviceInputs` or `services.advice`."""
    intentions: Callable[[Area], list[Intention]] = lambda area: []
    """Plans and surveys that involve residents of an area; the page compares their level with the advice."""
    approaches: Callable[[Advice], list[FittingApproach]] = lambda advice: []
    """Proven approaches that fit a place, best first."""


area_sources: Registry[AreaSource] = Registry(
    "neighbourhoods.area_sources",
    "AreaSource",
    "what apps know of areas: figures, inputs of the advice, what asks residents along, proven approaches",
)


# --- the advice for an area ----------------------------------------------------------------------


# Slugs of indicators.
STRUGGLING_INDICATOR, LONELY_INDICATOR = "hard_to_make_ends_meet", "severely_lonely"
RESIDENTS_INDICATOR, COHESION_INDICATOR = "residents", "social_cohesion"
AGE_INDICATORS = {"15-24": "age_15_24", "25-44": "age_25_44", "45-64": "age_45_64", "65+": "age_65_up"}
INDICATOR_SLUGS = (
    STRUGGLING_INDICATOR,
    LONELY_INDICATOR,
    RESIDENTS_INDICATOR,
    COHESION_INDICATOR,
    *AGE_INDICATORS.values(),
)

RECENT_CONVERSATION_DAYS = 730
"""Key persons spoken to longer ago don't count: the neighbourhood may have changed."""


def advice_for(area: Area) -> Advice:
    return advices([area.pk])[area.pk]


def advices(areas: Collection[int], *, on: date | None = None) -> dict[int, Advice]:
    limits = ParticipationRules.current().limits()
    found = advice_inputs(areas, limits, on=on or timezone.localdate())
    return {area: advise(inputs, limits) for area, inputs in found.items()}


def advice_inputs(areas: Collection[int], limits: Thresholds, *, on: date) -> dict[int, AdviceInputs]:
    """The inputs of each area for the table of advice.py."""
    tree = _Tree()
    values = _values()
    loads = [_deviations(values[slug], tree) for slug in (STRUGGLING_INDICATOR, LONELY_INDICATOR)]
    cohesion = _deviations(values[COHESION_INDICATOR], tree)
    spoken = _conversation_counts(tree, on)
    means, backed = _means(), _areas_with_backing(on)
    more = _inputs_of_other_apps(areas)
    found = {}
    for area in areas:
        known = more[area]
        ages, themes = known.pop("ages", {}), known.pop("themes", ())
        share = [load[area] for load in loads if area in load]
        living = {
            band: n for band, slug in AGE_INDICATORS.items() if (n := values[slug].get(area)) is not None
        }
        residents = values[RESIDENTS_INDICATOR].get(area)
        mine = next((means[one] for one in tree.self_and_ancestors(area) if one in means), None)
        mandate = mine.mandate if mine else None
        if mandate is None and any(one in backed for one in tree.self_and_ancestors(area)):
            mandate = True
        found[area] = AdviceInputs(
            load=fmean(share) if share else None,
            struggling=values[STRUGGLING_INDICATOR].get(area),
            lonely=values[LONELY_INDICATOR].get(area),
            residents=round(residents) if residents else None,
            spoken=spoken[area],
            left_behind=underrepresented_bands(ages, living, limits)
            if len(living) == len(AGE_INDICATORS)
            else None,
            mandate=mandate,
            budget=mine.budget if mine else None,
            hours=mine.hours if mine else None,
            cohesion=cohesion.get(area),
            theme_runs=known.get("theme", "") in themes,
            **known,
        )
    return found


class _Tree:
    """The area hierarchy, read once."""

    def __init__(self) -> None:
        rows = list(Area.objects.order_by().values_list("pk", "kind", "parent_id"))
        self.kind = {pk: kind for pk, kind, _parent in rows}
        self.parent = {pk: parent for pk, _kind, parent in rows}

    def self_and_ancestors(self, area: int | None) -> Iterable[int]:
        """The area and its ancestors, smallest first."""
        while area is not None:
            yield area
            area = self.parent.get(area)


def _values() -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {slug: {} for slug in INDICATOR_SLUGS}
    rows = Figure.objects.of_last_year().filter(indicator__slug__in=INDICATOR_SLUGS).order_by()
    for slug, area, value in rows.values_list("indicator__slug", "area", "value"):
        if value is not None:
            found[slug][area] = value
    return found


def _deviations(values: Mapping[int, float], tree: _Tree) -> dict[int, float]:
    """Deviation of each area from areas of its kind, in standard deviations; national limits would say little."""
    alike: dict[str, list[float]] = defaultdict(list)
    for area, value in values.items():
        alike[tree.kind[area]].append(value)
    spread = {kind: (fmean(found), pstdev(found)) for kind, found in alike.items() if len(found) > 1}
    deviations = {}
    for area, value in values.items():
        if tree.kind[area] in spread:
            middle, width = spread[tree.kind[area]]
            deviations[area] = (value - middle) / width if width else 0.0
    return deviations


def _conversation_counts(tree: _Tree, on: date) -> Counter[int]:
    """Number of key persons spoken to within SPOKEN_DAYS, per area, including the areas inside it."""
    found: Counter[int] = Counter()
    since = on - timedelta(days=RECENT_CONVERSATION_DAYS)
    for area in KeyPerson.objects.spoken(since=since).values_list("area", flat=True):
        found.update(tree.self_and_ancestors(area))
    return found


def _means() -> dict[int, AreaResources]:
    return {means.area_id: means for means in AreaResources.objects.all()}


def _areas_with_backing(on: date) -> set[int]:
    """Areas with a valid signature of a backer: that counts as a mandate, whatever else was filled in."""
    return set(Backing.objects.valid(on=on).values_list("area", flat=True))


def _inputs_of_other_apps(areas: Collection[int]) -> dict[int, dict[str, Any]]:
    """What surveys and the inventory (apps above) know, for all areas at once."""
    found: dict[int, dict[str, Any]] = {area: {} for area in areas}
    for source in area_sources:
        for area, known in source.inputs(list(areas)).items():
            found[area] |= known
    return found


# --- means and decisions ----------------------------------------------------------------------


def effective_resources(area: Area) -> AreaResources | None:
    """The means of the area, or else of the smallest area around it that has any."""
    chain = [area.pk, *(one.pk for one in reversed(area.above))]
    found = {
        means.area_id: means for means in AreaResources.objects.filter(area__in=chain).select_related("area")
    }
    return next((found[pk] for pk in chain if pk in found), None)


@transaction.atomic
def set_resources(
    *,
    area: Area,
    mandate: bool | None,
    mandate_of: str,
    budget: int | None,
    hours: int | None,
    by: User,
) -> AreaResources:
    means, _created = AreaResources.objects.update_or_create(
        area=area,
        defaults={
            "mandate": mandate,
            "mandate_of": mandate_of,
            "budget": budget,
            "hours": hours,
            "changed_on": timezone.localdate(),
        },
    )
    Event.log("set means", area, by=by)
    return means


@transaction.atomic
def decide_approach(
    *,
    area: Area,
    chosen: str,
    reason: str = "",
    seen: str,
    by: User,
    trajectory: Trajectory | None = None,
) -> ApproachDecision:
    """Decide on the advised approach, or on another with a reason. The advice is stored with the decision.

    `seen` is the approach that the page advised. Raises DomainError if the advice changed since, if `chosen` is
    unknown, or if a reason is missing.
    """
    advice = advice_for(area)
    if advice.approach != seen:
        raise DomainError(_("The advice changed meanwhile. Look at it again, then decide."))
    if chosen not in set(AreaApproach):
        raise DomainError(_("Choose one of the approaches."))
    if chosen != advice.approach and not reason.strip():
        raise DomainError(_("You choose something else than was advised. Write down why."))
    get_or_gone(Area.objects.select_for_update(no_key=True), pk=area.pk)
    said = {"advised": str(advice.approach), "chosen": chosen, "reason": reason.strip(), "decided_by": by}
    last = ApproachDecision.objects.filter(area=area, trajectory=trajectory).order_by("pk").last()
    # Idempotent within a day: the same decision again is the last one, unless another came in between.
    if (
        last
        and timezone.localdate(last.decided_at) == timezone.localdate()
        and all(getattr(last, name) == said[name] for name in said)
    ):
        return last
    decision = ApproachDecision.objects.create(
        **said, area=area, trajectory=trajectory, advice=advice.snapshot()
    )
    Event.log("decided approach", area, by=by, what=translate_to_english(APPROACHES[chosen]))
    return decision


# Number of residents by age, with which a survey compares its respondents. Reads only.


AGE_SHARE_INDICATORS = {
    "15-24": "share_15_24",
    "25-44": "share_25_44",
    "45-64": "share_45_64",
    "65+": "share_65_up",
}
"""Many files give ages only as a share of the residents."""

ResidentCounts = Mapping[str, int]
"""Band of AGES, or RESIDENTS -> people. Unknown values are absent."""


def residents_by_age(areas: Collection[int]) -> dict[int, ResidentCounts]:
    """The area's own figures of the last year; if it has none, the sum of the areas inside it.

    A sum that lacks one of its parts would be too low, so then there is none.
    """
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent in Area.objects.existing().order_by().values_list("pk", "parent"):
        children[parent].append(pk)
    slugs = (RESIDENTS_INDICATOR, *AGE_INDICATORS.values(), *AGE_SHARE_INDICATORS.values())
    figures: dict[int, dict[str, float]] = defaultdict(dict)
    rows = Figure.objects.of_last_year().filter(indicator__slug__in=slugs, value__isnull=False).order_by()
    for area, slug, value in rows.values_list("area", "indicator__slug", "value"):
        if value is not None:
            figures[area][slug] = value

    def of(area: int, what: str) -> float | None:
        own = _own(figures[area], what)
        if own is not None or not children[area]:
            return own
        inside = [of(child, what) for child in children[area]]
        known = [n for n in inside if n is not None]
        return sum(known) if len(known) == len(inside) else None

    found: dict[int, ResidentCounts] = {}
    for area in areas:
        told = {what: of(area, what) for what in (RESIDENTS_INDICATOR, *AGE_INDICATORS)}
        found[area] = {what: round(n) for what, n in told.items() if n is not None}
    return found


def _own(figures: Mapping[str, float], what: str) -> float | None:
    if what == RESIDENTS_INDICATOR or AGE_INDICATORS[what] in figures:
        return figures.get(AGE_INDICATORS.get(what, what))
    share, people = figures.get(AGE_SHARE_INDICATORS[what]), figures.get(RESIDENTS_INDICATOR)
    return None if share is None or people is None else share * people / 100


# Changes to the rules of participation, section by section.


def lock_rules() -> ParticipationRules:
    """Lock the rules for this transaction; a concurrent save waits and then sees the new values."""
    return ParticipationRules.objects.select_for_update().get_or_create(pk=1)[0]


@transaction.atomic
def change_rules(
    *, section: str | Promise, changes: dict[str, Any], by: User, held: ParticipationRules | None = None
) -> ParticipationRules:
    """Write one section. The event names the section, not the old values. Pass `held` if the rules are already
    locked.
    """
    rules = held or lock_rules()
    changed = [field for field, value in changes.items() if getattr(rules, field) != value]
    if changed:
        for field in changed:
            setattr(rules, field, changes[field])
        rules.save(update_fields=changed)
        Event.log("changed rules of participation", rules, by=by, part=translate_to_english(section))
        transaction.on_commit(rules.forget_cached)
    return rules


def reset_rules(*, section: str | Promise, fields: tuple[str, ...], by: User) -> ParticipationRules:
    """Clear these fields, so that the defaults of neighbourhoods.rules apply."""
    untouched = ParticipationRules()
    empty = {field: getattr(untouched, field) for field in fields}
    return change_rules(section=section, changes=empty, by=by)
