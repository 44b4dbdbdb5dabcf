"""A file that can be read with its key alone, written and read in one pass.

Blocks of AES-GCM, each with its own number as nonce and told whether it is the last, so that a file that was cut off
or put in another order is refused. A key is used for one file.
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
    """This file is not whole, or not of this key."""


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)


class Sealing:
    """A file to write to: what comes in is kept in memory for one block at most."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._cipher = file, AESGCM(key)
        self._waiting, self._number = bytearray(), 0

    def write(self, some: bytes) -> int:
        self._waiting += some
        # One block always waits, for the last one is sealed as the last.
        while len(self._waiting) > BLOCK:
            self._seal(bytes(self._waiting[:BLOCK]), MORE)
            del self._waiting[:BLOCK]
        return len(some)

    def flush(self) -> None:
        """Whoever writes a ZIP asks for it; a block is written when it is full."""

    def finish(self) -> None:
        self._seal(bytes(self._waiting), LAST)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, block: bytes, which: bytes) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number), block, which))
        self._number += 1


def unsealed(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """What is in it, block by block. Raises Broken."""
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
