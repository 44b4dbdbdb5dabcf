"""A test run starts from a copy of a migrated database: migrating takes longer than most test files.

The migrated database is kept until a migration or an installed package changes: on SQLite as a file in var/, on
PostgreSQL as a database of its own beside the test database.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

FOLDER = Path(settings.BASE_DIR) / "var"


def prepare_test_database() -> None:
    """Makes the migrated database when there is none, and lets the test database begin as its copy.

    Called once per test process, before Django creates the test database. On SQLite the copy is in place afterwards
    and must be kept (`keepdb`); on PostgreSQL `CREATE DATABASE` copies it (`TEST["TEMPLATE"]`).
    """
    name = f"{Path(connection.settings_dict['NAME']).stem}_migrated_{_fingerprint()}"
    with _lock():
        if settings.IS_SQLITE:
            _copy_file(FOLDER / f"{name}.sqlite3")
        else:
            _make_postgresql_template(name)
            connection.settings_dict["TEST"]["TEMPLATE"] = name


def _fingerprint() -> str:
    """Of all migrations, ours and those of libraries, and of Django, which writes the SQL."""
    digest = hashlib.sha256(django.__version__.encode())
    for config in apps.get_app_configs():
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _lock() -> Iterator[None]:
    """Of several test processes one makes the migrated database, and the others wait for it."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "nabij_migrated.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _migrate_into(name: str) -> None:
    test = connection.settings_dict["TEST"]
    own, test_name = connection.settings_dict["NAME"], test["NAME"]
    test["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    finally:
        test["NAME"] = test_name
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = own


def _copy_file(migrated: Path) -> None:
    if not migrated.exists():
        for old in FOLDER.glob("*_migrated_*.sqlite3"):
            old.unlink()
        unfinished = migrated.with_suffix(".unfinished")
        _migrate_into(str(unfinished))
        unfinished.rename(migrated)
    for ending in ("-wal", "-shm"):  # of a run that was killed
        Path(f"{connection.settings_dict['TEST']['NAME']}{ending}").unlink(missing_ok=True)
    shutil.copyfile(migrated, connection.settings_dict["TEST"]["NAME"])


def _make_postgresql_template(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        beginning = name.rpartition("_")[0] + "_"
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [beginning])
        there = {row[0] for row in cursor.fetchall()}
    if name in there:
        return
    _migrate_into(f"{name}_unfinished")
    with connection._nodb_cursor() as cursor:
        for old in there - {f"{name}_unfinished"}:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(old)}")
        quoted, unfinished = map(connection.ops.quote_name, (name, f"{name}_unfinished"))
        cursor.execute(f"ALTER DATABASE {unfinished} RENAME TO {quoted}")
