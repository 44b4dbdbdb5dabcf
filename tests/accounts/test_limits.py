"""Limits slow down guessing and mail, keep no address, and never lock a library out of answering."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from core import limits
from core.limits import HOUR, Limit, is_spent, mailbox_cap_reached, spend

LIMIT = Limit("tests", each=2, about=3, together=8, pressed=1, most=12)


@pytest.fixture
def ask(rf):
    return lambda address="192.0.2.1": rf.post("/v/", REMOTE_ADDR=address)


def test_one_address_is_slowed_down_alone(ask):
    for _ in range(2):
        assert not is_spent(ask(), LIMIT)
        spend(ask(), LIMIT)
    assert is_spent(ask(), LIMIT) and not is_spent(ask("192.0.2.2"), LIMIT)


def test_strangers_who_try_from_many_networks_lock_nobody_else_out(ask):
    for number in range(8):
        spend(ask(f"192.0.2.{number}"), LIMIT)
    neighbour = ask("198.51.100.1")
    assert not is_spent(neighbour, LIMIT)
    spend(neighbour, LIMIT)
    assert is_spent(neighbour, LIMIT), "while they try, everybody has one try instead of two"
    assert not is_spent(ask("198.51.100.2"), LIMIT)


def test_at_some_number_it_ends_for_everybody(ask, caplog):
    for number in range(12):
        spend(ask(f"192.0.2.{number}"), LIMIT)
    assert is_spent(ask("198.51.100.1"), LIMIT)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2, "who looks after it is told"


def test_one_thing_is_guessed_at_a_few_times_from_wherever(ask):
    for number in range(3):
        assert not is_spent(ask(f"192.0.2.{number}"), LIMIT, about="linde-482")
        spend(ask(f"192.0.2.{number}"), LIMIT, about="linde-482")
    assert is_spent(ask("198.51.100.1"), LIMIT, about="linde-482")
    assert not is_spent(ask("198.51.100.1"), LIMIT, about="linde-483")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:100::1", "2001:db8:0:1ff:ffff::9", True),
        ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_one_subscriber_has_many_addresses_and_one_budget(ask, one, other, same):
    for _ in range(2):
        spend(ask(one), LIMIT)
    assert is_spent(ask(other), LIMIT) is same


def test_a_forged_header_is_no_other_network(rf, settings):
    """What the last proxy of our own says counts; what stood before it a stranger may have written."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for forged in ("203.0.113.1", "203.0.113.2"):
        spend(rf.post("/v/", HTTP_X_FORWARDED_FOR=f"{forged}, 192.0.2.1"), LIMIT)
    assert is_spent(rf.post("/v/", HTTP_X_FORWARDED_FOR="203.0.113.3, 192.0.2.1"), LIMIT)


def test_without_a_proxy_the_header_says_nothing(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    for forged in ("203.0.113.1", "203.0.113.2"):
        spend(rf.post("/v/", HTTP_X_FORWARDED_FOR=forged, REMOTE_ADDR="192.0.2.1"), LIMIT)
    assert is_spent(rf.post("/v/", REMOTE_ADDR="192.0.2.1"), LIMIT)


def test_strangers_do_not_push_the_counts_of_others_out(ask):
    """A small cache would drop the oldest count when many new ones come."""
    for _ in range(2):
        spend(ask(), LIMIT)
    for number in range(1_000):
        cache.set(f"another-{number}", 1, HOUR)
    assert is_spent(ask(), LIMIT)


def test_limits_do_not_touch_each_other(ask):
    for _ in range(2):
        spend(ask(), LIMIT)
    assert not is_spent(ask(), Limit("others", each=2))


def test_no_network_address_stands_in_a_key(ask):
    assert not [key for key in limits._keys(ask("198.51.100.7"), LIMIT, "") if "198.51.100.7" in key]


def test_the_imprint_of_an_address_is_another_one_tomorrow(ask):
    today = limits._keys(ask(), LIMIT, "")[0]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert limits._keys(ask(), LIMIT, "")[0] != today


def test_counts_live_an_hour(ask, monkeypatch):
    lived = []
    add = cache.add
    monkeypatch.setattr(
        cache, "add", lambda key, value, timeout: lived.append(timeout) or add(key, value, timeout)
    )
    spend(ask(), LIMIT)
    assert lived == [HOUR, HOUR]


def test_a_mailbox_gets_four_mails_an_hour_however_it_is_written():
    written = ["a@example.nl", "A@example.nl", " a+1@example.nl", "a+b+c@EXAMPLE.nl", "a@example.nl"]
    assert [mailbox_cap_reached(address) for address in written] == [False] * 4 + [True]
    assert not mailbox_cap_reached("b@example.nl")
