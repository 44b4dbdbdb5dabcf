"""An encrypted file, written and read in one pass.

Blocks of AES-GCM, each with its own number as nonce and, as associated data, whether it is the last, so that
a truncated or reordered file is refused. A key is used for one file.
"""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BLOCK = 256 * 1024
TAG = 16
MORE, LAST = b"more", b"last"


class Broken(ValueError):
    """This file is incomplete, or encrypted with another key."""


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)


class Sealing:
    """A writable file that keeps at most one block in memory."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._cipher = file, AESGCM(key)
        self._waiting, self._number = bytearray(), 0

    def write(self, some: bytes) -> int:
        self._waiting += some
        # One block always waits, because the last one is encrypted as the last.
        while len(self._waiting) > BLOCK:
            self._seal(bytes(self._waiting[:BLOCK]), MORE)
            del self._waiting[:BLOCK]
        return len(some)

    def flush(self) -> None:
        """No-op: a ZIP writer calls it, but blocks are written only when full."""

    def finish(self) -> None:
        self._seal(bytes(self._waiting), LAST)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, block: bytes, which: bytes) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number), block, which))
        self._number += 1


def unsealed(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """Decrypts block by block. Raises Broken."""
    cipher, number = AESGCM(key), 0
    block = file.read(BLOCK + TAG)
    while True:
        following = file.read(BLOCK + TAG)
        try:
            yield cipher.decrypt(_nonce(number), block, MORE if following else LAST)
        except (InvalidTag, ValueError) as error:
            raise Broken from error
        if not following:
            return
        block, number = following, number + 1


def _nonce(number: int) -> bytes:
    return struct.pack(">4xQ", number)
