"""Who and where: plain factory functions, and a municipality with one colleague of every role.

    Waterdam (municipality)
      East (district): `area` (a neighbourhood), `next_area` (its neighbour)
      West (district): `other_area`, where only the stranger works

Every colleague but the stranger and the administrator has their role in `area`; the administrator has it in
the whole municipality.
"""

from datetime import date, timedelta
from itertools import count

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from neighbourhoods.backing.services import request_backing
from neighbourhoods.models import Area, AreaVersion, Backing, Membership, Municipality, Theme
from neighbourhoods.states import AreaKind, Role

PASSWORD = "a long password for tests"
_number = count(1)


# --- factories --------------------------------------------------------------------------------


def make_municipality(**fields) -> Municipality:
    """The one municipality; the second call changes it."""
    fields = {
        "name": "Gemeente Waterdam",
        "languages": ["nl", "en"],
        "email": "nabij@waterdam.example",
    } | fields
    municipality, _created = Municipality.objects.update_or_create(pk=1, defaults=fields)
    cache.delete(Municipality.CACHE_KEY)
    return municipality


def make_root(**fields) -> Area:
    """The area of the whole municipality; there is one."""
    fields = {"name": "Waterdam", "slug": "waterdam"} | fields
    return Area.objects.get_or_create(kind=AreaKind.MUNICIPALITY, defaults=fields)[0]


def make_area(
    name: str = "", *, parent: Area | None = None, kind: str = AreaKind.NEIGHBOURHOOD, **fields
) -> Area:
    number = next(_number)
    name = name or f"Area {number}"
    fields = {"slug": f"area-{number}"} | fields
    return Area.objects.create(kind=kind, name=name, parent=parent or make_root(), **fields)


def make_border(
    area: Area,
    *,
    year: int = 2024,
    west: float = 4.9,
    south: float = 52.38,
    size: float = 0.01,
    code: str = "",
) -> AreaVersion:
    """A square of `size` degrees with its lower left corner at (west, south)."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return AreaVersion.objects.create(
        area=area, year=year, code=code, name=area.name, west=west, south=south, east=east, north=north,
        boundary={"type": "Polygon", "coordinates": [ring]},
    )  # fmt: skip


def make_user(
    role: str = "",
    area: Area | None = None,
    *,
    email: str = "",
    title: str = "",
    until: date | None = None,
    **fields,
) -> User:
    """A colleague; with `role` also a membership, in `area` or else in the whole municipality."""
    number = next(_number)
    email = email or f"{role or 'nobody'}-{number}@waterdam.example"
    user = User.objects.create_user(
        email, PASSWORD, title=title or f"{role or 'colleague'} {number}", **fields
    )
    if role:
        make_membership(user, role, area, until=until)
    return user


def make_membership(
    user: User, role: str, area: Area | None = None, *, until: date | None = None
) -> Membership:
    return Membership.objects.create(user=user, area=area or make_root(), role=role, until=until)


def make_theme(slug: str = "", *, retired: bool = False, **fields) -> Theme:
    number = next(_number)
    slug = slug or f"theme-{number}"
    fields = {"name": {"nl": slug.capitalize(), "en": slug.capitalize()}, "order": number} | fields
    return Theme.objects.create(slug=slug, retired_on=timezone.localdate() if retired else None, **fields)


def make_backing(*, area: Area, backer: User, by: User, **fields) -> Backing:
    """A request to stand behind a text, made the way the desk makes it."""
    fields = {
        "subject": "survey:1:v1",
        "digest": "a" * 64,
        "url": "/p/harbour/text/",
        "title": {"nl": "What does Harbour need?", "en": "What does Harbour need?"},
        "statement": {"nl": "We answer everybody before summer.", "en": "We answer everybody before summer."},
        "until": timezone.localdate() + timedelta(days=90),
    } | fields
    return request_backing(area=area, backer=backer, by=by, **fields)


def signed_in(user: User) -> Client:
    """A browser in which this person has signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- fixtures ---------------------------------------------------------------------------------


@pytest.fixture
def municipality(db) -> Municipality:
    make_root()
    return make_municipality()


@pytest.fixture
def district(municipality) -> Area:
    return make_area("East", slug="east", kind=AreaKind.DISTRICT)


@pytest.fixture
def area(district) -> Area:
    return make_area("Harbour", slug="harbour", parent=district)


@pytest.fixture
def next_area(district) -> Area:
    return make_area("Mill", slug="mill", parent=district)


@pytest.fixture
def other_area(municipality) -> Area:
    """In another district: nobody but the stranger and the administrator has anything to do here."""
    west = make_area("West", slug="west", kind=AreaKind.DISTRICT)
    return make_area("Meadow", slug="meadow", parent=west)


@pytest.fixture
def viewer(area) -> User:
    return make_user(Role.VIEWER, area, email="viewer@waterdam.example", title="a viewer")


@pytest.fixture
def backer(area) -> User:
    return make_user(Role.BACKER, area, email="backer@waterdam.example", title="the alderman")


@pytest.fixture
def coordinator(area) -> User:
    return make_user(Role.COORDINATOR, area, email="coordinator@waterdam.example", title="the coordinator")


@pytest.fixture
def editor(area) -> User:
    return make_user(Role.EDITOR, area, email="editor@waterdam.example", title="neighbourhood manager")


@pytest.fixture
def administrator(municipality) -> User:
    return make_user(Role.ADMINISTRATOR, email="administrator@waterdam.example", title="the administrator")


@pytest.fixture
def stranger(other_area) -> User:
    """A colleague with every role, in another area alone."""
    user = make_user(Role.ADMINISTRATOR, other_area, email="stranger@waterdam.example", title="a stranger")
    for role in (Role.EDITOR, Role.COORDINATOR, Role.BACKER, Role.VIEWER):
        make_membership(user, role, other_area)
    return user
