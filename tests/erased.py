"""Everything that this installation keeps, searched as somebody would who wants to find a person back."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from feedback.delivery.services.guards import truncate_wal
from surveys.models import Export
from surveys.printing.addresses import decrypted_blocks
from surveys.results.services.exports import path_of


def found(needles: Iterable[str]) -> list[str]:
    """Where each of these words or addresses still stands; also an address that was merely hashed, without a key."""
    wanted = {needle: needle for needle in needles}
    for needle in list(wanted):
        if "@" in needle:
            for way in ("md5", "sha1", "sha256"):
                digest = hashlib.new(way, needle.lower().encode()).hexdigest()
                wanted[digest] = f"{way} of {needle}"
    return [
        f"{where}: {name}"
        for where, content in everything()
        for needle, name in wanted.items()
        if needle.casefold().encode() in content
    ]


def everything() -> Iterator[tuple[str, bytes]]:
    """By where it stands. Opens what is packed or sealed."""
    for part in (columns, files, sealed, database_file, broker, cached):
        yield from ((where, content.lower()) for where, content in part())


def columns() -> Iterator[tuple[str, bytes]]:
    """Every column of every table, those of libraries included, whatever its type."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", as_bytes(value)


def as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    with_escapes = text.encode()
    if "\\u" in text:
        with_escapes += text.encode().decode("unicode_escape", "replace").encode(errors="replace")
    return with_escapes


def files() -> Iterator[tuple[str, bytes]]:
    for path in settings.DATA_DIR.rglob("*"):
        if path.is_file():
            yield from unpacked(path.name, path.read_bytes())


def unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inside in archive.namelist():
                yield from unpacked(f"{name}/{inside}", archive.read(inside))


def sealed() -> Iterator[tuple[str, bytes]]:
    """Exports, with the keys that the database still has."""
    for export in Export.objects.exclude(key=b""):
        path: Path = path_of(export)
        if path.exists():
            with path.open("rb") as file:
                yield from unpacked(
                    f"export {export.pk}", b"".join(decrypted_blocks(file, bytes(export.key)))
                )


def database_file() -> Iterator[tuple[str, bytes]]:
    """The bytes of SQLite: pages that are free, and the log."""
    if connection.vendor == "sqlite":
        truncate_wal()  # as the sweep does every minute
        for end in ("", "-wal", "-shm", "-journal"):
            path = Path(f"{connection.settings_dict['NAME']}{end}")
            if path.exists():
                yield path.name, path.read_bytes()


def broker() -> Iterator[tuple[str, bytes]]:
    """Every key of Redis and what it holds: the broker and the cache."""
    if settings.REDIS_URL:
        from redis import Redis

        with Redis.from_url(settings.REDIS_URL) as redis:
            read = {
                b"string": redis.get,
                b"list": lambda key: redis.lrange(key, 0, -1),
                b"set": redis.smembers,
                b"zset": lambda key: redis.zrange(key, 0, -1),
                b"hash": redis.hgetall,
            }
            for key in redis.scan_iter():
                held = read.get(redis.type(key), lambda key: "")(key)
                yield f"redis {key.decode(errors='replace')}", key + repr(held).encode()


def cached() -> Iterator[tuple[str, bytes]]:
    kept = getattr(cache, "_cache", None)
    for key, value in kept.items() if isinstance(kept, dict) else ():
        yield f"cache {key}", str(key).encode() + value
