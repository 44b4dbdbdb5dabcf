"""SPF, DKIM and DMARC as receiving servers write them down, and what somebody may paste instead."""

# ruff: noqa: E501  (headers as servers write them)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.delivery.preflight import Verdict, is_aligned, read_authentication_results, registered_domain
from tests.growth import grows_in_step

OURS = "From: Gemeente Waterdam <nabij@waterdam.nl>\nReturn-Path: <antwoord+b.1.a@waterdam.nl>\n"
SIGNED = "DKIM-Signature: v=1; a=rsa-sha256; d=waterdam.nl; s=2026;\n b=abc\n"

GOOGLE = """Authentication-Results: mx.google.com;
       dkim=pass header.i=@waterdam.nl header.s=2026 header.b=abc;
       spf=pass (google.com: domain of antwoord@waterdam.nl designates 192.0.2.1 as permitted sender) smtp.mailfrom="antwoord+b.1.a@waterdam.nl";
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=waterdam.nl
"""
MICROSOFT = """Authentication-Results: spf=pass (sender IP is 192.0.2.1)
 smtp.mailfrom=relay.example.com; dkim=none (message not signed)
 header.d=none;dmarc=fail action=oreject header.from=waterdam.nl;compauth=fail reason=000
"""
POSTFIX = """Authentication-Results: mx.waterdam.nl; dmarc=pass (p=none dis=none) header.from=waterdam.nl
Authentication-Results: mx.waterdam.nl; spf=pass smtp.mailfrom=bounces.waterdam.nl
Authentication-Results: mx.waterdam.nl;
 dkim=pass (2048-bit key; unprotected) header.d=mail.waterdam.nl header.i=@mail.waterdam.nl
Authentication-Results: elsewhere.example; dkim=fail header.d=waterdam.nl
"""
ALIGNED, NOT, FAILS, ABSENT, UNKNOWN = (
    Verdict.ALIGNED, Verdict.NOT_ALIGNED, Verdict.FAILS, Verdict.ABSENT, Verdict.UNKNOWN,
)  # fmt: skip


def results(said: str) -> str:
    return f"Authentication-Results: mx.example; {said}\n"


# what the server wrote -> SPF, DKIM, DMARC
SERVERS = [
    (GOOGLE, ALIGNED, ALIGNED, ALIGNED),
    (MICROSOFT, NOT, ABSENT, FAILS),
    (POSTFIX, ALIGNED, ALIGNED, ALIGNED),
    (results("spf=softfail smtp.mailfrom=waterdam.nl; dkim=fail header.d=waterdam.nl; dmarc=fail"), FAILS, FAILS, FAILS),
    (results("spf=none smtp.mailfrom=waterdam.nl; dkim=none; dmarc=none header.from=waterdam.nl"), ABSENT, ABSENT, ABSENT),
    (results("spf=pass smtp.mailfrom=waterdam.nl"), ALIGNED, ABSENT, Verdict.SIGNED),
    (results("spf=pass smtp.mailfrom=evil.nl"), NOT, ABSENT, UNKNOWN),
    (results("dkim=pass header.d=relay.example; dkim=pass header.d=waterdam.nl"), UNKNOWN, ALIGNED, Verdict.SIGNED),
    (results("dkim=fail header.d=waterdam.nl; dkim=pass header.d=relay.example"), UNKNOWN, NOT, UNKNOWN),
    (results("dkim=temperror header.d=waterdam.nl"), UNKNOWN, FAILS, UNKNOWN),
    (results("dmarc=bestguesspass header.from=waterdam.nl"), UNKNOWN, ABSENT, ABSENT),
    (results("none"), UNKNOWN, ABSENT, UNKNOWN),
    (results("SPF/1 = PASS smtp.mailfrom=WATERDAM.NL."), ALIGNED, ABSENT, Verdict.SIGNED),
    ("", UNKNOWN, UNKNOWN, UNKNOWN),
    (SIGNED, UNKNOWN, Verdict.SIGNED, UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("said", "spf", "dkim", "dmarc"), SERVERS, ids=range(len(SERVERS)))
def test_what_servers_write(said, spf, dkim, dmarc):
    for source in (said + OURS, (said + OURS).replace("\n", "\r\n"), f"\n\n{said}{OURS}\nBeste bewoner"):
        found = read_authentication_results(source)
        assert (found.spf.verdict, found.dkim.verdict, found.dmarc.verdict) == (spf, dkim, dmarc)


def test_facts_beside_it():
    found = read_authentication_results(GOOGLE + OURS)
    assert (found.server, found.policy, found.from_domain, found.return_domain) == (
        "mx.google.com", "reject", "waterdam.nl", "waterdam.nl",
    )  # fmt: skip
    assert found.spf.strict and found.dkim.strict
    found = read_authentication_results(POSTFIX + OURS)
    assert found.policy == "none" and not found.spf.strict and not found.dkim.strict


# of whom -> with the address that readers see: relaxed, strict (RFC 7489, 3.1)
ALIGNMENT = [
    ("waterdam.nl", "waterdam.nl", True, True),
    ("mail.waterdam.nl", "waterdam.nl", True, False),
    ("waterdam.nl", "nieuws.waterdam.nl", True, False),
    ("a.waterdam.nl", "b.waterdam.nl", True, False),
    ("waterdam.example", "waterdam.nl", False, False),
    ("evilwaterdam.nl", "waterdam.nl", False, False),
    ("waterdam.nl.evil.nl", "waterdam.nl", False, False),
    ("a.co.uk", "b.co.uk", False, False),
    ("mail.a.co.uk", "a.co.uk", True, False),
    ("", "waterdam.nl", False, False),
    ("waterdam.nl", "", False, False),
]


@pytest.mark.parametrize(("domain", "seen", "relaxed", "strict"), ALIGNMENT)
def test_alignment(domain, seen, relaxed, strict):
    assert is_aligned(domain, seen) == relaxed
    assert is_aligned(domain, seen, strict=True) == strict


def test_registered_name():
    assert (
        registered_domain("a.b.waterdam.nl") == "waterdam.nl" and registered_domain("a.b.co.uk") == "b.co.uk"
    )


def test_what_a_sender_wrote_below_is_not_believed():
    forged = "Authentication-Results: mx.example; dkim=pass header.d=waterdam.nl; dmarc=pass\n"
    found = read_authentication_results(
        results("spf=fail smtp.mailfrom=waterdam.nl").replace("mx.example", "mx.real.nl") + forged + OURS
    )
    assert found.server == "mx.real.nl"
    assert (found.spf.verdict, found.dkim.verdict, found.dmarc.verdict) == (FAILS, ABSENT, UNKNOWN)


def test_results_hidden_in_a_comment_or_in_quotes_say_nothing():
    found = read_authentication_results(
        results('spf=fail (; dkim=pass header.d=waterdam.nl; (dmarc=pass)) smtp.mailfrom="; dmarc=pass"')
        + OURS
    )
    assert (found.spf.verdict, found.dkim.verdict, found.dmarc.verdict) == (FAILS, ABSENT, UNKNOWN)


def test_two_senders_are_seen():
    assert read_authentication_results("From: a@waterdam.nl\nFrom: b@evil.nl\n").froms == 2


HOSTILE = [
    lambda size: "From: " + "<" * size,
    lambda size: "From: a@" + "b." * (size // 2) + "nl",
    lambda size: results("(" * size) + OURS,
    lambda size: results("spf=pass " + "smtp.mailfrom=" * (size // 14)) + OURS,
    lambda size: results(";" * size) + OURS,
    lambda size: results("dmarc=" + "p " * (size // 2)) + OURS,
    lambda size: "Authentication-Results: ;\n" * (size // 26),
    lambda size: "DKIM-Signature: " + "d=" * (size // 2),
]
ODD = [
    "", "\x00" * 1_000, "geen mail",
    "Authentication-Results: <script>alert(1)</script>; spf=<b>\n" + OURS,
    *(text_of(1_000) for text_of in HOSTILE),
]  # fmt: skip


@pytest.mark.parametrize("text_of", HOSTILE, ids=range(len(HOSTILE)))
def test_a_huge_text_is_read_in_step_with_its_length(text_of):
    assert grows_in_step(read_authentication_results, text_of, 100_000)


@pytest.mark.parametrize("source", ODD, ids=range(len(ODD)))
def test_whatever_is_pasted_is_read(source):
    found = read_authentication_results(source)
    for finding in (found.spf, found.dkim, found.dmarc):
        assert finding.verdict != ALIGNED or finding.domain
        assert not set("<>\"'") & set(finding.domain + finding.said)


@given(st.text(alphabet=st.sampled_from('spfdkimarc=;(). \n"<>@nl:-ASutheicon'), max_size=300))
def test_any_text_is_read(text):
    read_authentication_results(f"Authentication-Results: {text}\n{OURS}")
    read_authentication_results(text)
