"""A service for texts on loopback that speaks the API of NotifyNL, and misbehaves when it is told to."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
API_KEY = f"nabij-{SERVICE}-{SECRET}"
TEMPLATES = {
    "confirm.nl": "t-confirm",
    "answer.nl": "t-answer",
    "answer.en": "t-answer-en",
    "code.nl": "t-code",
    "asked.nl": "t-asked",
}
DROP_BEFORE, DROP_AFTER = "drop before", "drop after"
"""The line breaks without a word: before the text was taken, or after."""


class Notify:
    """Keeps every text it accepted. `answers` says what is answered to a number: a status, or one of the two above."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.statuses: dict[str, str] = {}
        self.asked: list[str] = []
        self.answers: Callable[[str], int | str] = lambda number: 201
        self.message = "It is not right"
        self.down = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Notify":
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_said) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def numbers(self) -> Counter:
        return Counter(text["phone_number"] for text in self.texts)

    @property
    def references(self) -> Counter:
        return Counter(text["reference"] for text in self.texts)


def _handler(service: Notify) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_said) -> None: ...

        def do_POST(self) -> None:
            assert self.path == "/v2/notifications/sms"
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self._is_us():
                self._say(403, errors("Invalid token"))
                return
            answer = service.answers(text["phone_number"])
            if answer == DROP_BEFORE:
                return
            if answer in (201, DROP_AFTER):
                service.texts.append(text)
                service.statuses.setdefault(text["reference"], "sending")
            if answer == 201:
                self._say(201, {"id": str(uuid4()), "reference": text["reference"]})
            elif isinstance(answer, int):
                self._say(answer, errors(service.message))

        def do_GET(self) -> None:
            (reference,) = parse_qs(urlsplit(self.path).query)["reference"]
            service.asked.append(reference)
            if not self._is_us() or service.down:
                self._say(503, errors("down"))
                return
            found = [reference] if reference in service.statuses else []
            notifications = [{"reference": one, "status": service.statuses[one]} for one in found]
            self._say(200, {"notifications": notifications})

        def _is_us(self) -> bool:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                return jwt.decode(token, SECRET, algorithms=["HS256"])["iss"] == SERVICE
            except jwt.InvalidTokenError:
                return False

        def _say(self, status: int, what: dict) -> None:
            content = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def errors(message: str) -> dict:
    return {"status_code": 400, "errors": [{"error": "BadRequestError", "message": message}]}
