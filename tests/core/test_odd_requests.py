"""Requests that no browser sends: refused with a page, never an error of ours."""

import gzip
import zlib

import pytest
from django.test import Client
from django.urls import reverse

from tests.addresses import ADDRESSES, World
from tests.people import signed_in

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
ONE_PART = b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\nlinde\r\n--x--\r\n'
ODD = {
    "packed with gzip": (gzip.compress(b"code=linde"), FORM, {"Content-Encoding": "gzip"}),
    "packed with deflate": (zlib.compress(ONE_PART), PARTS, {"Content-Encoding": "deflate"}),
    "thousands of fields": (b"&".join([b"code=linde"] * 5_000), FORM, {}),
    "thousands of parts": (ONE_PART[:-7].join([b""] * 5_001) + b"--x--\r\n", PARTS, {}),
    "thousands of files": (
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\na\r\n'
            for _file in range(500)
        )
        + b"--x--\r\n",
        PARTS,
        {},
    ),
    "a field of five megabytes": (b"code=" + b"x" * 5_000_000, FORM, {}),
    "cut off": (ONE_PART[:40], PARTS, {}),
    "no boundary": (ONE_PART, "multipart/form-data", {}),
    "json": (b'{"code": "linde"}', "application/json", {}),
    "another alphabet": (b"code=%ff%fe%00", f"{FORM}; charset=utf-16", {}),
    "not utf-8": (b"code=%ff%fe%00&email=%00@%ff", FORM, {}),
    "a name of a file that leads elsewhere": (
        b'--x\r\nContent-Disposition: form-data; name="code"; filename="../../\x00\x07\xe2\x80\xaegpj.exe"\r\n\r\n'
        b"linde\r\n--x--\r\n",
        PARTS,
        {},
    ),
}


@pytest.mark.parametrize("name", ["private_code", "private_lost", "account_login"])
@pytest.mark.parametrize("odd", ODD)
def test_is_refused_kindly(odd, name, municipality):
    body, content_type, headers = ODD[odd]
    client = Client(raise_request_exception=False)
    answer = client.generic("POST", reverse(name), body, content_type, headers=headers)
    assert answer.status_code in (200, 400, 422), answer.status_code
    assert b"<h1" in answer.content


@pytest.mark.parametrize(
    "goal", ["desk", "-1", "x:y", "a\0b", "https://evil.example/", "//evil.example/", "/\\evil.example", ""]
)
def test_who_chooses_a_language_stays_in_the_house(goal):
    answer = Client().post(reverse("set_language"), {"language": "en", "next": goal})
    assert (answer.status_code, answer["Location"]) == (302, "/")


SHOWN_ONCE = {"challenge_asked", "task_yours", "task_mine"}
"""For who comes from the page before; anybody else is led to the page that asks for a code, or back to their own."""


def test_a_number_that_no_row_can_have_is_not_found():
    """Databases end at 2⁶³; addresses do not."""
    world = World()
    client = signed_in(world.administrator)
    client.raise_request_exception = False
    for name, arguments in ADDRESSES.items():
        named = arguments(world)
        for number in [each for each, value in named.items() if isinstance(value, int)]:
            address = reverse(name, kwargs=named | {number: 2**63})
            codes = {client.get(address).status_code, client.post(address).status_code}
            lead_away = {302} if name in SHOWN_ONCE else set()
            assert codes <= {403, 404, 405} | lead_away, f"{name}: {codes}"
