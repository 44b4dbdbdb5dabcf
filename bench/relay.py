"""A mail relay in a process of its own, that counts and does next to nothing else: what it costs is not ours."""

import asyncio
import multiprocessing
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from bench.servers import free_port

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Relay:
    def __init__(self, port: int, line: Connection) -> None:
        self.port, self._line = port, line

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def count(self) -> int:
        """Mails that it took so far."""
        return self._ask("count")

    def taken(self) -> Counter[str]:
        """How often it took each Message-ID."""
        return self._ask("taken")

    def last(self) -> bytes:
        return self._ask("last")

    def _ask(self, what: str):
        self._line.send(what)
        return self._line.recv()


@contextmanager
def relay() -> Iterator[Relay]:
    here, there = multiprocessing.Pipe()
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port, there), daemon=True)
    process.start()
    assert here.recv() == "listens"
    try:
        yield Relay(port, here)
    finally:
        process.terminate()
        process.join(5)


def serve(port: int, line: Connection) -> None:
    asyncio.run(_serve(port, line))


async def _serve(port: int, line: Connection) -> None:
    taken: Counter[str] = Counter()
    last = [b""]

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while words := await reader.readline():
            verb = words[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                found = MESSAGE_ID.search(body)
                taken[found[1].decode() if found else ""] += 1
                last[0] = body
                writer.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250-relay\r\n250 8BITMIME\r\n" if verb == b"EHLO" else b"250 ok\r\n")
        writer.close()

    def answer() -> None:
        what = line.recv()
        line.send({"count": sum(taken.values()), "taken": taken, "last": last[0]}[what])

    server = await asyncio.start_server(speak, "127.0.0.1", port, limit=2**20)
    asyncio.get_running_loop().add_reader(line.fileno(), answer)
    line.send("listens")
    async with server:
        await server.serve_forever()
