"""A small IMAP server (RFC 3501, what a reader of a mailbox needs), with a way to break the line on purpose."""

import base64
import re
import socketserver
import threading
from collections.abc import Callable


class FakeImap:
    """One account, one folder. `mails` by UID; `flags` beside them."""

    def __init__(self, user: str = "inbox", password: str = "p@ss/word") -> None:
        self.user, self.password, self.folder = user, password, "Nabij"
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.lock = threading.RLock()
        self.at_command: Callable[[str], bool] = lambda command: True
        """False breaks the line before the command is carried out."""
        self.commands: list[str] = []
        self.token = "a-token"
        self._server = socketserver.ThreadingTCPServer(
            ("127.0.0.1", 0), self._handler(), bind_and_activate=True
        )
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"imap://inbox:p%40ss%2Fword@127.0.0.1:{self._server.server_address[1]}/{self.folder}"

    def put(self, content: bytes) -> int:
        with self.lock:
            uid = max(self.mails, default=0) + 1
            self.mails[uid], self.flags[uid] = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), set()
        return uid

    def __enter__(self) -> "FakeImap":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_said) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        box = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.say(b"* OK ready")
                while line := self.rfile.readline():
                    tag, _space, rest = line.decode().strip().partition(" ")
                    box.commands.append(rest.partition(" ")[0])
                    if rest.upper() == "AUTHENTICATE XOAUTH2":
                        self.say(b"+ ")
                        said = base64.b64decode(self.rfile.readline()).decode()
                        if said == f"user={box.user}\x01auth=Bearer {box.token}\x01\x01":
                            self.say(f"{tag} OK done".encode())
                        else:
                            self.say(b"+ " + base64.b64encode(b'{"status": "401"}'))
                            self.rfile.readline()
                            self.say(f"{tag} NO AUTHENTICATE failed.".encode())
                        continue
                    if not box.at_command(rest):
                        return
                    with box.lock:
                        answer = box.carry_out(rest, self.say)
                    self.say(f"{tag} {answer}".encode())
                    if rest.upper().startswith("LOGOUT"):
                        return

            def say(self, line: bytes) -> None:
                self.wfile.write(line + b"\r\n")

        return Handler

    def carry_out(self, command: str, say: Callable[[bytes], None]) -> str:
        name = command.upper().split(" ")
        if name[0] == "CAPABILITY":
            say(b"* CAPABILITY IMAP4REV1")
        elif name[0] == "LOGIN":
            if command.split(" ")[1:] != [f'"{self.user}"', f'"{self.password}"']:
                return "NO [AUTHENTICATIONFAILED] who@example.nl is not known here"
        elif name[0] == "SELECT":
            if command.partition(" ")[2] != f'"{self.folder}"':
                return "NO there is no such folder"
            say(f"* {len(self.mails)} EXISTS".encode())
        elif name[:2] == ["UID", "SEARCH"]:
            assert name[2:] == ["UNDELETED", "UNFLAGGED"]
            there = [uid for uid, flags in self.flags.items() if not flags & {r"\Deleted", r"\Flagged"}]
            say(" ".join(["* SEARCH", *map(str, sorted(there))]).encode())
        elif name[:2] == ["UID", "FETCH"]:
            uid, most = int(name[2]), int(re.search(r"<0\.(\d+)>", command)[1])
            if uid in self.mails:
                content = self.mails[uid][:most]
                say(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)" % (uid, len(content), content))
        elif name[:2] == ["UID", "STORE"]:
            self.flags.get(int(name[2]), set()).update(re.search(r"\((.*)\)", command)[1].split())
        elif name[0] in ("CLOSE", "EXPUNGE"):
            for uid in [uid for uid, flags in self.flags.items() if r"\Deleted" in flags]:
                del self.mails[uid], self.flags[uid]
        elif name[0] == "LOGOUT":
            say(b"* BYE")
        else:
            return "BAD what?"
        return "OK done"
