"""Addresses of the desk that no page of ours links to: shown as if nothing was asked, never with a fault."""

import pytest

from neighbourhoods.states import Role
from tests.people import make_user, signed_in

FORGED = [
    "/desk/waiting/?area=²",
    "/desk/waiting/?owner=" + "9" * 4_500,
    "/desk/waiting/?source=%00",
    "/desk/waiting/?after=2026-01-01~²",
    "/desk/waiting/?by=survey&after=2026-01-01~%00",
    "/desk/answers/?before=²",
    "/desk/outbox/?after=2026-01-01T00:00:00Z~²",
    "/desk/outbox/?after=9999-12-31T23:59:59-23:00~1",
    "/desk/outbox/?after=0001-01-01T00:00:00%2B23:00~1",
    "/desk/hands/?owner=²",
    "/desk/hands/?after=2026-01-01~²",
    "/desk/listening/?source=%00",
]
OPEN = ["/said/feed/?area=%00", "/said/list.csv?theme=%00", "/api/said/?area=%00&theme=%00"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", FORGED, ids=range(len(FORGED)))
def test_what_nobody_asks_is_answered(address, area):
    assert signed_in(make_user(Role.ADMINISTRATOR, area)).get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", OPEN, ids=range(len(OPEN)))
def test_open_data_is_answered_as_well(address, client, area):
    assert client.get(address).status_code == 200
