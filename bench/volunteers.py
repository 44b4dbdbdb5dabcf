"""Volunteers and roles that do not exist, for measuring: the same from the same seed, in memory or in tables."""

import json
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from initiatives.matching import DeclinedRole, Location, Vacancy, Volunteer

DISTRICTS, IN_EACH = 8, 5
SKILLS = (
    "handy", "care", "cook", "organise", "connect", "language", "digital", "creative", "sport", "green", "drive",
    "trade", "space",
)  # fmt: skip
LANGUAGES = ("en", "tr", "ar", "pl", "uk", "fr", "de")
THEMES = ("meeting", "green", "traffic", "youth", "care", "safety")
PARTS = ("m", "a", "e", "n")
GIVES = {"way": ("think", "once", "often", "pull"), "time": ("", "hour", "monthly", "weekly")}


def where(chance: Random, *, known: float) -> Location:
    if chance.random() > known:
        return Location()
    district = chance.randrange(1, DISTRICTS + 1)
    return Location(area=district * 100 + chance.randrange(1, IN_EACH + 1), district=district)


def some(chance: Random, of: Sequence[str], most: int, *, known: float = 1.0) -> frozenset[str]:
    """At most so many, or nothing when it is not known."""
    if chance.random() > known:
        return frozenset()
    return frozenset(chance.sample(of, chance.randrange(1, most + 1)))


def moments(chance: Random, days: int, *, known: float) -> frozenset[str]:
    """A few parts of a few days."""
    if chance.random() > known:
        return frozenset()
    return frozenset(
        f"{day}{part}"
        for day in chance.sample(range(1, 8), chance.randrange(1, days + 1))
        for part in chance.sample(PARTS, chance.randrange(1, 3))
    )


def vacancies(number: int, on: date, seed: int = 2026) -> list[Vacancy]:
    """Of initiatives with one to three roles each."""
    chance, found, initiative = Random(seed), [], 0
    while len(found) < number:
        initiative += 1
        at, theme = where(chance, known=0.95), chance.choice(THEMES)
        nobody, asked = chance.random() < 0.3, chance.choice((0, 0, 0, 1, 3))
        for _role in range(chance.randrange(1, 4)):
            people = chance.choice((1, 1, 2, 2, 3, 5))
            found.append(
                Vacancy(
                    id=len(found) + 1,
                    initiative=initiative,
                    where=at,
                    theme=theme,
                    skills=some(chance, SKILLS, 2, known=0.85),
                    languages=some(chance, LANGUAGES, 1, known=0.15),
                    moments=moments(chance, 2, known=0.8),
                    is_regular=chance.random() < 0.6,
                    starts_on=on + timedelta(days=chance.randrange(60)) if chance.random() < 0.5 else None,
                    adults_only=chance.random() < 0.15,
                    clearance="vog" if chance.random() < 0.1 else "",
                    together=people > 1,
                    room=people,
                    nobody_yet=nobody,
                    proposed_this_week=asked,
                )
            )
    return found[:number]


def volunteers(number: int, on: date, roles: Sequence[Vacancy], seed: int = 2026) -> list[Volunteer]:
    chance = Random(seed + 1)
    return [_volunteer(chance, number + 1, on, roles) for number in range(number)]


def _volunteer(chance: Random, number: int, on: date, roles: Sequence[Vacancy]) -> Volunteer:
    busy = chance.choice((0, 0, 0, 0, 0, 1, 2))
    way = chance.choice(GIVES["way"])
    return Volunteer(
        id=number,
        where=where(chance, known=0.9),
        skills=some(chance, SKILLS, 3, known=0.85),
        languages=frozenset({"nl"}) | some(chance, LANGUAGES, 2, known=0.2) if chance.random() < 0.6 else frozenset(),
        moments=moments(chance, 4, known=0.7),
        way=way,
        time=chance.choice(GIVES["time"]),
        theme=chance.choice(("", *THEMES)),
        rather_together=chance.choice((None, None, True, False)),
        is_adult=chance.random() < 0.85,
        wishes=some(chance, THEMES, 2, known=0.35),
        wished_role=chance.choice(roles).id if chance.random() < 0.05 else None,
        waits_days=0 if busy else min(60, int(chance.expovariate(1 / 12))),
        busy=busy,
        may_take=max(0, (2 if way in ("often", "pull") else 1) - busy),
        declined=(_declined(chance, chance.choice(roles), on),) if chance.random() < 0.1 else (),
        clearances=(("vog", on + timedelta(days=chance.randrange(-30, 700))),) if chance.random() < 0.2 else (),
        is_paused=chance.random() < 0.04,
        has_consent=chance.random() < 0.98,
    )  # fmt: skip


def _declined(chance: Random, role: Vacancy, on: date) -> DeclinedRole:
    because = chance.choice(("too_far", "time", "too_much", "not_for_me", "found", "no_click"))
    return DeclinedRole(
        role=role.id,
        initiative=role.initiative,
        because=because,
        limits_other_roles=chance.random() < 0.7,
        on=on - timedelta(days=chance.randrange(120)),
        where=role.where,
        moments=role.moments,
    )


# --- in tables --------------------------------------------------------------------------------


def fill(people: int, roles: int) -> None:
    """So many offers of hands and open roles, with what happened to them, in a house that has none."""
    from django.utils import timezone

    on = timezone.localdate()
    wanted = vacancies(roles, on)
    Filling(on).fill(volunteers(people, on, wanted), wanted)


class Filling:
    def __init__(self, on: date) -> None:
        from django.utils import timezone

        from accounts.models import User

        self.on, self.now = on, timezone.now()
        self.owner = User.objects.get(email__startswith="coordinator@")

    def fill(self, people: Sequence[Volunteer], wanted: Sequence[Vacancy]) -> None:
        from django.db import connection, transaction

        with transaction.atomic():
            self.places()
            self.roles(wanted)
            self.offers(people)
            self.matches(people, wanted)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def places(self) -> None:
        from initiatives.models import ExpectationCard
        from neighbourhoods.models import Area, Theme
        from neighbourhoods.states import AreaKind

        root = Area.root()
        self.areas: dict[int | None, Area] = {None: root}
        for district in range(1, DISTRICTS + 1):
            around = Area.objects.create(
                kind=AreaKind.DISTRICT, name=f"District {district}", slug=f"bench-{district}", parent=root
            )
            for number in range(1, IN_EACH + 1):
                key = district * 100 + number
                self.areas[key] = Area.objects.create(
                    kind=AreaKind.NEIGHBOURHOOD, name=f"Place {key}", slug=f"bench-{key}", parent=around
                )
        self.themes = {
            slug: Theme.objects.get_or_create(slug=slug, defaults={"name": {"nl": slug}})[0]
            for slug in THEMES
        }
        rows = {row: {"nl": "Tekst.", "en": "Text."} for row in ExpectationCard.ROWS}
        self.card = ExpectationCard.objects.create(name="bench", **rows)

    def roles(self, wanted: Sequence[Vacancy]) -> None:
        from initiatives.models import Initiative, VolunteerRole

        begun: dict[int, Initiative] = {}
        for one in wanted:
            if one.initiative not in begun:
                begun[one.initiative] = Initiative.objects.create(
                    name={"nl": f"Initiatief {one.initiative}"},
                    theme=self.themes[one.theme],
                    area=self.areas[one.where.area],
                )
        rows = [self._role(one, begun[one.initiative]) for one in wanted]
        # Where who is busy is at work: closed, so that it takes no room from what is asked for.
        busy = Initiative.objects.create(
            name={"nl": "Wat al draait"}, theme=self.themes["green"], area=self.areas[None]
        )
        rows += [
            VolunteerRole(initiative=busy, name={"nl": "Bezig"}, card=self.card, state="closed", people=9_999)
            for _one in range(2)
        ]
        *asked, first, second = VolunteerRole.objects.bulk_create(rows)
        self.asked = {one.id: role for one, role in zip(wanted, asked, strict=True)}
        self.busy = (first, second)

    def _role(self, one: Vacancy, initiative: Any) -> Any:
        from initiatives.models import VolunteerRole

        return VolunteerRole(
            initiative=initiative,
            name={"nl": f"Rol {one.id}"},
            card=self.card,
            people=one.room,
            skills=sorted(one.skills),
            languages=sorted(one.languages),
            moments=sorted(one.moments),
            rhythm="regular" if one.is_regular else "once",
            starts_on=one.starts_on,
            adults_only=one.adults_only,
            needs_clearance=bool(one.clearance),
            state="open",
        )

    def offers(self, people: Sequence[Volunteer]) -> None:
        from accounts.models import Contact, Receipt
        from initiatives.models import Clearance, Offer

        receipts = Receipt.objects.bulk_create(
            Receipt(purpose="offer", code_hash=f"bench-{one.id}", language="nl") for one in people
        )
        Contact.objects.bulk_create(
            Contact(
                receipt=receipt, email=f"v{one.id}@example.nl", phone="0600000000", is_16_or_older=True,
                consent="Ja.", confirmed_at=self.now, unsubscribed_at=None if one.has_consent else self.now,
            )
            for one, receipt in zip(people, receipts, strict=True)
        )  # fmt: skip
        pairs = zip(people, receipts, strict=True)
        rows = Offer.objects.bulk_create(self._offer(one, receipt) for one, receipt in pairs)
        self.given = {one.id: row for one, row in zip(people, rows, strict=True)}
        Clearance.objects.bulk_create(
            Clearance(
                offer=self.given[one.id],
                kind=kind,
                seen_on=self.on - timedelta(days=400),
                renew_before=before,
            )
            for one in people
            for kind, before in one.clearances
        )

    def _offer(self, one: Volunteer, receipt: Any) -> Any:
        from initiatives.models import Offer

        return Offer(
            receipt=receipt,
            area=self.areas[one.where.area],
            theme=self.themes.get(one.theme),
            card=self.card,
            way=one.way,
            time=one.time,
            skills=sorted(one.skills),
            languages=sorted(one.languages),
            moments=sorted(one.moments),
            rather_together=one.rather_together,
            is_adult=one.is_adult,
            wishes=sorted(one.wishes),
            wished_role=self.asked[one.wished_role] if one.wished_role else None,
            offered_on=self.on - timedelta(days=one.waits_days),
            confirmed_on=self.on - timedelta(days=200),
            state="paused" if one.is_paused else "contacted",
            paused_until=self.on + timedelta(days=30) if one.is_paused else None,
            owner=self.owner,
            next_action="Bellen",
            next_action_on=self.on + timedelta(days=one.id % 14),
        )

    def matches(self, people: Sequence[Volunteer], wanted: Sequence[Vacancy]) -> None:
        from initiatives.models import Match

        rows = [
            Match(
                offer=self.given[one.id], role=role, state="active", introduced_at=self.now,
                volunteer_yes_at=self.now, card=self.card, initiative_yes_at=self.now,
                proposed_at=self.now - timedelta(days=30), step="how", step_on=self.on + timedelta(days=30),
            )
            for one in people
            for role in self.busy[: one.busy]
        ]  # fmt: skip
        for one in people:
            for no in one.declined:
                at = self.now - timedelta(days=(self.on - no.on).days)
                rows.append(
                    Match(
                        offer=self.given[one.id],
                        role=self.asked[no.role],
                        state="declined",
                        declined_by="volunteer" if no.limits_other_roles else "initiative",
                        declined_because=no.because,
                        proposed_at=at,
                        state_at=at,
                    )
                )
        Match.objects.bulk_create(rows)


def time_suggestions(times: int) -> None:
    """Prints milliseconds on the clock and of the processor of suggestions for one role, and the queries they ask."""
    from bench.timing import counting
    from initiatives.matching.services import suggesting
    from initiatives.models import VolunteerRole

    roles = list(VolunteerRole.objects.open().order_by("pk")[:times])
    by = _colleague()
    suggesting.rank_offers_for_role(roles[0], by=by)
    clock, worked = [], []
    for role in roles:
        seconds, cpu, found = _timed(lambda role=role: suggesting.rank_offers_for_role(role, by=by))
        clock.append(seconds * 1000)
        worked.append(cpu * 1000)
    with counting() as asked:
        found = suggesting.rank_offers_for_role(roles[0], by=by)
    print(
        json.dumps(
            {
                "clock": statistics.median(clock),
                "slow": sorted(worked)[round(len(worked) * 0.95) - 1],
                "worked": statistics.median(worked),
                "queries": len(asked),
                "looked_at": len(found.best) + found.more + found.all_refused,
            }
        )
    )


def time_round() -> None:
    """Prints seconds on the clock and of the processor of the first round of a process, which reads scipy, of those
    after it, and the most megabytes this process had."""
    from initiatives.matching.services import suggesting

    by = _colleague()
    first, first_cpu, found = _timed(lambda: suggesting.plan_rounds(by=by))
    again = [_timed(lambda: suggesting.plan_rounds(by=by)) for _time in range(5)]
    print(
        json.dumps(
            {
                "first": first,
                "first_cpu": first_cpu,
                "again": statistics.median(one[0] for one in again),
                "again_cpu": statistics.median(one[1] for one in again),
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "volunteers": found.volunteers,
                "vacancies": found.vacancies,
                "proposals": len(found.planned.pairs),
                "share": found.greedy.total / found.planned.total,
            }
        )
    )


def _colleague() -> Any:
    from accounts.models import User

    return User.objects.get(email__startswith="administrator@")


def _timed(action: Callable[[], Any]) -> tuple[float, float, Any]:
    begun, started = time.perf_counter(), time.process_time()
    found = action()
    return time.perf_counter() - begun, time.process_time() - started, found
