"""What was erased is not left behind in the pages of the database file either."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Suppression
from feedback import tasks
from feedback.delivery.services import guards

# PostgreSQL overwrites what was deleted when it vacuums, and recycles its log itself.
pytestmark = pytest.mark.embedded


def test_what_is_deleted_is_overwritten():
    assert "PRAGMA secure_delete=ON" in connection.settings_dict["OPTIONS"]["init_command"]


def test_a_deleted_text_is_not_in_the_file(tmp_path):
    path = tmp_path / "file.sqlite3"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA secure_delete=OFF")  # as SQLite comes; some systems build it otherwise
    database.executescript(connection.settings_dict["OPTIONS"]["init_command"])
    database.execute("CREATE TABLE words (text)")
    database.execute("INSERT INTO words VALUES ('onvindbaar')")
    database.execute("DELETE FROM words")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"onvindbaar" not in path.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_the_sweep_of_every_minute_empties_the_log():
    """A copy of the file and its log, made by a backup of the disk, holds no erased word."""
    Suppression.objects.create(address_hash="onvindbaar", reason="asked")
    Suppression.objects.all().delete()
    tasks.recover()
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    assert not log.exists() or b"onvindbaar" not in log.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_who_reads_for_long_is_not_waited_for():
    Suppression.objects.create(address_hash="x", reason="asked")
    reader = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM accounts_suppression").fetchone()
    Suppression.objects.create(address_hash="y", reason="asked")
    patience = []

    def look(execute, sql, *how):
        if "checkpoint" in sql:
            patience.append(connection.connection.execute("PRAGMA busy_timeout").fetchone()[0])
        return execute(sql, *how)

    with connection.execute_wrapper(look):
        guards.truncate_wal()
    assert patience == [500], "milliseconds"
    reader.close()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (20_000,), "who writes waits as long as before"
