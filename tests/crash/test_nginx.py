"""deploy/nginx.conf in a real nginx: behind another proxy that ends TLS, and with web gone."""

import http.client
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.house import BASE, wait_until
from tests.feedback.sinks import free_port

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(
        not shutil.which("nginx"), reason="nginx is not installed (Debian: apt-get install nginx)"
    ),
]
HOST = "nabij.example.nl"
AROUND = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log notice; events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(folder: Path, *, web: int, **instead: str) -> Iterator[int]:
    """The port of a real one with the configuration of the repository; names, ports and files are this machine's."""
    folder.mkdir()
    port = free_port()
    site = (BASE / "deploy" / "nginx.conf").read_text()
    here = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "resolver 127.0.0.11 valid=5s;": "",
        "http://web:8000": f"http://127.0.0.1:{web}",
        "/dev/stderr": f"{folder}/error.log",
    }
    for old, new in (here | instead).items():
        assert old in site, f"deploy/nginx.conf has no {old}"
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")])
    try:
        wait_until(lambda: asked(port, "/proxy-alive")[0] == 204, what="nginx answers")
        yield port
    finally:
        process.terminate()
        process.wait()


def asked(port: int, path: str, **headers: str) -> tuple[int, str]:
    """Status and Location; 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": HOST} | headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", "")
    except ConnectionRefusedError:
        return 0, ""
    finally:
        connection.close()


@pytest.fixture
def web(house) -> int:
    """The port of a real web process out of debug, that counts on one proxy."""
    port = free_port()
    command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "config.wsgi:application"]
    house.start(*command, SITE_URL=f"https://{HOST}", TRUSTED_PROXY_COUNT="1", REDIS_URL="")
    wait_until(lambda: asked(port, "/health/live")[0] == 200, seconds=120, what="web answers")
    return port


def test_tls_may_end_in_front(web, tmp_path):
    """Once to https for who came by http, and no loop for who came by https."""
    with nginx(tmp_path / "nginx", web=web) as port:
        assert asked(port, "/help/", **{"X-Forwarded-Proto": "https"})[0] == 200
        for headers in ({}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Proto": "http, https"}):
            assert asked(port, "/help/", **headers) == (301, f"https://{HOST}/help/")
    stranger = {"127.0.0.0/8    1;": "127.0.0.0/8    0;"}  # here whoever asks comes from no proxy
    with nginx(tmp_path / "stranger", web=web, **stranger) as port:
        assert asked(port, "/help/", **{"X-Forwarded-Proto": "https"})[0] == 301


SECRETS = ("GEHEIM", "REFERENT", "127.0.0.1", HOST)


def test_log_holds_no_private_address_while_web_is_down(tmp_path):
    folder = tmp_path / "nginx"
    with nginx(folder, web=free_port()) as port:
        for path in ("/v/GEHEIM123/erase/", "/welcome/GEHEIM123/", "/account/password/reset/key/1-GEHEIM/"):
            assert asked(port, path, Referer=f"https://{HOST}/v/REFERENT/")[0] == 502
        assert asked(port, "/v/GEHEIM%/")[0] == 400
    logs = [path.read_text() for path in folder.glob("*.log")]
    assert len(logs) == 2 and not [secret for secret in SECRETS for log in logs if secret in log]
