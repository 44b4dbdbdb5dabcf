"""`make pin` against a registry on this machine that speaks as others do: a token first, then a digest."""

import hashlib
import json
import re
import runpy
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings

PROGRAM = Path(settings.BASE_DIR) / "deploy" / "pin.py"
PIN = runpy.run_path(str(PROGRAM))


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class Registry(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        if self.headers["Authorization"] != "Bearer for-everybody":
            realm = f"http://127.0.0.1:{self.server.server_port}/token"
            self.send_response(401)
            challenge = f'Bearer realm="{realm}",service="here",scope="repository:x:pull"'
            self.send_header("WWW-Authenticate", challenge)
        elif "/gone/" in self.path or "image.index" not in self.headers["Accept"]:
            self.send_response(404)
        else:
            self.send_response(200)
            self.send_header(
                "Docker-Content-Digest", "nothing" if "/odd/" in self.path else digest(self.path)
            )
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        is_asked_well = "service=here" in self.path and "scope=repository%3Ax%3Apull" in self.path
        self.wfile.write(json.dumps({"token": "for-everybody" if is_asked_well else ""}).encode())

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_each_tag_gets_its_digest_and_a_second_time_changes_nothing(registry):
    text = (
        "FROM python:3.13.9-slim AS build\n    image: axllent/mailpit:v1.27.10\n  image: nabij\n# image: no\n"
    )
    once = PIN["pinned"](text, registry=registry)
    python = digest("/v2/library/python/manifests/3.13.9-slim")
    mailpit = digest("/v2/axllent/mailpit/manifests/v1.27.10")
    assert f"FROM python:3.13.9-slim@{python} AS build\n" in once
    assert f"    image: axllent/mailpit:v1.27.10@{mailpit}\n  image: nabij\n# image: no\n" in once
    assert PIN["pinned"](once, registry=registry) == once


@pytest.mark.parametrize(
    ("image", "said"),
    [("gone/x:1", "answers 404"), ("odd/x:1", "names no digest"), ("127.0.0.1:1/x:1", "does not answer")],
)
def test_what_went_wrong_is_one_sentence(registry, image, said):
    asked = "" if image.startswith("127") else registry
    with pytest.raises(PIN["NoAnswer"], match=said) as error:
        PIN["digest_of"](image, registry=asked)
    assert image in str(error.value) and "\n" not in str(error.value)


def test_nothing_is_written_when_one_lacks(tmp_path, monkeypatch):
    file = tmp_path / "Dockerfile"
    file.write_text("FROM 127.0.0.1:1/x:1\n")
    monkeypatch.setattr(sys, "argv", [str(PROGRAM), str(file)])
    with pytest.raises(SystemExit, match="Nothing was pinned"):
        runpy.run_path(str(PROGRAM), run_name="__main__")
    assert file.read_text() == "FROM 127.0.0.1:1/x:1\n"


def test_every_image_names_its_whole_version():
    """A tag such as `7` is another image tomorrow."""
    written = "".join(
        (PROGRAM.parent.parent / name).read_text() for name in ("docker-compose.yml", "Dockerfile")
    )
    images = [found[2] for found in PIN["IMAGE"].finditer(written)]
    assert len(images) == 6
    # PostgreSQL counts in two numbers since 10.
    assert all(re.search(r":v?\d+\.\d+\.\d+|postgres:\d+\.\d+", image) for image in images), images
