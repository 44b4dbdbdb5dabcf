"""Keys are replaced while the site runs; a rotation that is killed goes on with --resume (docs/keys.md)."""

import pytest

from accounts.codes import new_code
from accounts.models import Receipt
from core import keyring
from core.keyed import code_hash
from core.keyring import KeyUse
from feedback.private.services import receipt_of
from tests.crash.house import wait_until

pytestmark = pytest.mark.crash
ROWS = 3000


def test_killed_while_it_hashes_again(house, settings):
    settings.KEYS_FILE = settings.DATA_DIR / "keys.json"
    codes = [new_code() for _ in range(20)]
    hashes = [*map(code_hash, codes), *(f"0.{n:064x}" for n in range(ROWS))]
    Receipt.objects.bulk_create(
        Receipt(purpose="participation", code_hash=one, language="nl") for one in hashes
    )
    done = Receipt.objects.filter(code_hash__startswith="1.")
    rotation = house.start("manage.py", "rotate_keys")
    wait_until(lambda: done.count() > ROWS // 10, what="some rows have the new key")
    house.kill(rotation)
    assert 0 < done.count() < len(hashes)
    assert keyring.newest(KeyUse.CODES).id == 1 and all(map(receipt_of, codes))
    assert house.start("manage.py", "rotate_keys", "--resume").wait() == 0
    assert done.count() == len(hashes) and all(map(receipt_of, codes))
    assert keyring.newest(KeyUse.CODES).id == 1
