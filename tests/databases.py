"""A test run starts from a copy of a migrated database: migrating takes longer than most test files.

The migrated database is kept until a migration or an installed package changes: on SQLite as a file in var/, on
PostgreSQL as a database of its own beside the test database.

What a test committed is deleted after it, table by table: `flush` truncates all tables, of which a test fills few, and
makes the content types again.
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
from django.db import connection, transaction

FOLDER = Path(settings.BASE_DIR) / "var"


def make_test_database() -> None:
    """The test database as a copy of the migrated one, which is made when there is none.

    Called once per test process. The copy is up to date, so nothing is migrated or checked in it.
    """
    name = f"{Path(connection.settings_dict['NAME']).stem}_migrated_{_fingerprint()}"
    with _lock():
        if settings.IS_SQLITE:
            _copy_file(FOLDER / f"{name}.sqlite3")
        else:
            _make_postgresql_template(name)
            connection.settings_dict["TEST"]["TEMPLATE"] = name
            connection.creation._create_test_db(verbosity=0, autoclobber=True)
            # A test database need not outlive a power cut.
            connection.settings_dict["OPTIONS"]["options"] = "-c synchronous_commit=off"
    connection.close()
    test_name = connection.creation._get_test_db_name()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = test_name


def drop_test_database() -> None:
    """On SQLite the file is left: the next run writes over it."""
    if settings.IS_SQLITE:
        return
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        # The last thread of the live server may still be in it.
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def delete_rows(_test: object) -> None:
    """Of all tables that have any, except those that migrating fills. Foreign keys are checked at the end."""
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [name for name in connection.introspection.django_table_names() if name not in kept]
        quoted = [connection.ops.quote_name(name) for name in tables]
        if not settings.IS_SQLITE:  # waits, as TRUNCATE would, for who still writes
            cursor.execute(f"LOCK TABLE {', '.join(quoted)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in quoted)
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")


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
