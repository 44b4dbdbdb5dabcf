"""A phone that keeps its connection open: as little work as possible between two requests."""

import http.client
import re
import secrets
from urllib.parse import urlencode, urlsplit

CSRF = secrets.token_hex(16)
"""A CSRF secret is 32 letters and figures; a form may send it back as it stands in the cookie."""


class Phone:
    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        self._origin = url
        self.cookies = {"csrftoken": CSRF}

    def get(self, path: str, *, status: int = 200) -> str:
        return self._ask("GET", path, None, status)[1]

    def post(self, path: str, **fields: str) -> str:
        """Send a form; returns where it leads."""
        return self._ask("POST", path, {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}, 302)[0]

    def _ask(self, method: str, path: str, fields: dict[str, str] | None, status: int) -> tuple[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers["Accept-Language"] = "nl"
        if fields is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
        self._connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = self._connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        if answer.status != status:
            raise RuntimeError(f"{method} {path} gave {answer.status} instead of {status}:\n{body[:500]}")
        return answer.headers.get("Location", ""), body

    def close(self) -> None:
        self._connection.close()


def begin(phone: Phone, poll: str) -> str:
    """Start a participation; returns the address of its first question."""
    return phone.post(f"/p/{poll}/begin/", submit_key=secrets.token_urlsafe(24))


def taps(page: str) -> list[tuple[str, str]]:
    """Names and values of the buttons that answer."""
    return re.findall(r'name="(q\d+)" value="(\d+)"', page)
