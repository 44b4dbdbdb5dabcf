"""Limits slow down guessing and mail, keep no address, and never lock a library out of answering."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts import limits
from accounts.limits import HOUR, Limit, is_spent, mailbox_is_full, spend

LIMIT = Limit("tests", each=2, together=5)


@pytest.fixture
def ask(rf):
    return lambda address="192.0.2.1": rf.post("/v/", REMOTE_ADDR=address)


def test_one_address_is_slowed_down_alone(ask):
    for _ in range(2):
        assert not is_spent(ask(), LIMIT)
        spend(ask(), LIMIT)
    assert is_spent(ask(), LIMIT) and not is_spent(ask("192.0.2.2"), LIMIT)


def test_many_addresses_share_one_budget(ask):
    for number in range(5):
        spend(ask(f"192.0.2.{number}"), LIMIT)
    assert is_spent(ask("198.51.100.1"), LIMIT)


def test_limits_do_not_touch_each_other(ask):
    for _ in range(2):
        spend(ask(), LIMIT)
    assert not is_spent(ask(), Limit("others", each=2, together=5))


def test_no_network_address_stands_in_a_key(ask):
    assert not [key for key in limits._keys(ask("198.51.100.7"), LIMIT) if "198.51.100.7" in key]


def test_the_imprint_of_an_address_is_another_one_tomorrow(ask):
    today = limits._keys(ask(), LIMIT)[0]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert limits._keys(ask(), LIMIT)[0] != today


def test_counts_live_an_hour(ask, monkeypatch):
    lived = []
    add = cache.add
    monkeypatch.setattr(
        cache, "add", lambda key, value, timeout: lived.append(timeout) or add(key, value, timeout)
    )
    spend(ask(), LIMIT)
    assert lived == [HOUR, HOUR]


def test_a_mailbox_gets_four_mails_an_hour_however_it_is_written():
    written = ["a@example.nl", "A@example.nl", " a@example.nl", "a@EXAMPLE.nl", "a@example.nl"]
    assert [mailbox_is_full(address) for address in written] == [False] * 4 + [True]
    assert not mailbox_is_full("b@example.nl")
