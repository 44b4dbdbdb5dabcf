"""Keys are replaced one use at a time; what earlier keys signed, hashed and encrypted lives on unless they leaked."""

import json
import stat
from datetime import date, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from accounts.codes import new_code
from accounts.links import LinkPurpose, is_signed, open_link, sign_link, sign_short
from accounts.models import Event, Receipt, Suppression
from core import keyring
from core.keyed import address_hashes, code_hash, code_hashes
from core.keyring import KeyUse
from feedback.delivery.services import guards, outbox
from feedback.private.services import is_code_of, receipt_of
from tests.people import make_user

CODE = "linde-482-kade-mus"
ADDRESS = "bewoner@example.nl"


@pytest.fixture(autouse=True)
def no_ring(settings, tmp_path):
    settings.KEYS_FILE = tmp_path / "keys.json"


def rotate(*uses: str, **options) -> None:
    call_command("rotate_keys", *uses, stdout=StringIO(), **options)


@pytest.fixture
def receipt(db) -> Receipt:
    return Receipt.objects.create(purpose="participation", code_hash=code_hash(CODE), language="nl")


def test_a_code_opens_its_page_after_each_rotation_and_between(receipt):
    for turn in range(3):
        assert receipt_of(CODE) == receipt and is_code_of(receipt, CODE)
        keyring.write_file(keyring.ring_with_new_keys([KeyUse.CODES], until=date.max, leaked=True))
        assert receipt_of(CODE) == receipt and is_code_of(receipt, CODE)  # its row still has the earlier hash
        rotate("codes", resume=True)
        receipt.refresh_from_db()
        assert receipt.code_hash.startswith(f"{turn + 1}.")
    assert receipt_of("linde-482-kade-mees") is None
    assert receipt.code_hash == code_hash(CODE) and len(code_hashes(CODE)) == 4


def test_whoever_asked_for_no_mail_gets_none_after_a_rotation(db):
    Suppression.objects.suppress(ADDRESS, "asked")
    rotate(leaked=True)
    assert Suppression.objects.of(ADDRESS.upper()).exists()
    assert not Suppression.objects.suppress(ADDRESS, "bounced")[1]
    assert not Suppression.objects.of("iemand@example.nl").exists()


def test_an_address_that_was_suppressed_twice_meanwhile_stays_once(db):
    Suppression.objects.suppress(ADDRESS, "asked")
    keyring.write_file(keyring.ring_with_new_keys([KeyUse.SUPPRESSION], until=date.max, leaked=False))
    Suppression.objects.create(address_hash=address_hashes(ADDRESS)[0], reason="bounced")
    rotate("suppression", resume=True)
    assert Suppression.objects.get().address_hash == address_hashes(ADDRESS)[0]


@pytest.mark.parametrize("leaked", [False, True])
def test_links_that_were_sent_work_unless_the_key_leaked(receipt, leaked):
    token, short = sign_link(receipt, LinkPurpose.PAGE), sign_short("1a", receipt)
    stop = sign_link(receipt, LinkPurpose.UNSUBSCRIBE)
    rotate(leaked=leaked)
    assert is_signed(short, "1a", receipt) != leaked
    assert open_link(stop, LinkPurpose.UNSUBSCRIBE)[0] == receipt
    if leaked:
        with pytest.raises(Receipt.DoesNotExist):
            open_link(token, LinkPurpose.PAGE)
    else:
        assert open_link(token, LinkPurpose.PAGE) == (receipt, "")
    assert open_link(sign_link(receipt, LinkPurpose.PAGE), LinkPurpose.PAGE) == (receipt, "")


def test_earlier_keys_verify_until_their_day(db, time_machine):
    time_machine.move_to("2026-09-01 12:00:00+00:00")
    token = keyring.sign("x", KeyUse.LINKS, salt="s")
    rotate("links", days=10)
    time_machine.shift(timedelta(days=10))
    assert keyring.unsign(token, KeyUse.LINKS, salt="s") == "x"
    time_machine.shift(timedelta(days=1))
    with pytest.raises(signing.BadSignature):
        keyring.unsign(token, KeyUse.LINKS, salt="s")


def test_nothing_hangs_on_secret_key_after_a_rotation(receipt, settings):
    """The way out after a leaked .env: rotate, then another SECRET_KEY."""
    token = sign_link(receipt, LinkPurpose.PAGE)
    Suppression.objects.suppress(ADDRESS, "asked")
    user = make_user()
    row = Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt("JBSWY3DP")})
    guards.journal_erasure(receipt.pk)
    rotate()
    settings.SECRET_KEY = "another one, that nobody has read in any file"
    row.refresh_from_db()
    assert receipt_of(CODE) == receipt and open_link(token, LinkPurpose.PAGE)[0] == receipt
    assert Suppression.objects.of(ADDRESS).exists() and decrypt(row.data["secret"]) == "JBSWY3DP"
    assert set(guards._hashes(receipt.pk)) & guards.read_journal()["erased"]
    assert keyring.cipher(KeyUse.SECOND_STEP)._fernets[0].decrypt(row.data["secret"].encode())


def test_unsubscribing_and_its_undoing_are_read_across_a_rotation(receipt):
    guards.journal_unsubscribed(receipt.pk)
    rotate()
    assert set(guards._hashes(receipt.pk)) & guards.read_journal()["unsubscribed"]
    guards.journal_resubscribed(receipt.pk)
    assert not guards.read_journal()["unsubscribed"]


def test_replies_to_earlier_mails_find_them(receipt, settings):
    settings.INBOX_ADDRESS = "antwoord@waterdam.example"
    message = outbox.queue_message(
        purpose="code", dedupe_key="1", language="nl", receipt=receipt, carrier="mail"
    )
    address = outbox.reply_to(message)
    rotate("marks")
    assert address != outbox.reply_to(message)
    assert outbox.find_original_message([address], []) == message
    rotate("marks", leaked=True)
    assert outbox.find_original_message([address], []) is None


def test_one_use_is_rotated_and_the_others_keep_their_keys(db):
    before = {use: keyring.newest(use).secret for use in KeyUse}
    rotate("links")
    changed = [use for use in KeyUse if keyring.newest(use).secret != before[use]]
    assert changed == [KeyUse.LINKS] and keyring.newest(KeyUse.LINKS).id == 1
    assert len({key.secret for use in KeyUse for key in keyring.keys(use)}) == len(KeyUse) + 1
    event = Event.objects.get()
    assert event.sentence == "Nabij vernieuwde de sleutels van deze installatie"


def test_the_file_is_its_owners_and_is_read_again(db, settings):
    rotate()
    assert stat.S_IMODE(settings.KEYS_FILE.stat().st_mode) == 0o600
    first = keyring.newest(KeyUse.LINKS)
    rotate()
    assert keyring.newest(KeyUse.LINKS).id == first.id + 1
    rows = json.loads(settings.KEYS_FILE.read_text())["links"]
    assert [row["id"] for row in rows] == [0, 1, 2] and [bool(row["until"]) for row in rows] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"links": [{}]}',
        '{"links": [{"id": 0, "key": "c2hvcnQ="}]}',
        '{"doors": []}',
        '{"links": 1}',
    ],
)
def test_a_file_that_is_no_key_ring_stops_with_its_name(settings, text):
    settings.KEYS_FILE.write_text(text)
    with pytest.raises(ImproperlyConfigured, match=r"keys\.json"):
        keyring.newest(KeyUse.LINKS)


def test_an_unknown_use_is_refused(db):
    with pytest.raises(CommandError):
        call_command("rotate_keys", "doors")


def test_many_codes_are_hashed_again_a_thousand_at_a_time(db):
    codes = [new_code() for _ in range(30)]
    Receipt.objects.bulk_create(
        Receipt(purpose="participation", code_hash=code_hash(code), language="nl") for code in codes
    )
    rotate()
    assert all(receipt_of(code) for code in codes)
    assert not Receipt.objects.exclude(code_hash__startswith="1.").exists()
