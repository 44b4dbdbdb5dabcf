"""Writes the digest of each image into docker-compose.yml and Dockerfile: `make pin`. Standard library alone.

A tag can be moved by whoever owns it; a digest is the content. Run it again after changing a tag.
"""

import json
import re
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

IMAGE = re.compile(
    r"^(\s*image: |FROM )([a-z0-9][\w./:-]*:[\w.-]+)(@sha256:[0-9a-f]{64})?(?=\s|$)", re.MULTILINE
)
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SECONDS = 20


class NoAnswer(Exception):
    """In a sentence."""


def digest_of(image: str, *, registry: str = "") -> str:
    """Of all platforms together, where there are several. `registry` is asked instead of the image's own."""
    name, _colon, tag = image.rpartition(":")
    host, slash, path = name.partition("/")
    if not slash or not ("." in host or ":" in host):
        host, path = "registry-1.docker.io", name if slash else f"library/{name}"
    url = f"{registry or f'https://{host}'}/v2/{path}/manifests/{tag}"
    try:
        try:
            digest = _ask(url)
        except HTTPError as error:
            if error.code != 401:
                raise
            error.close()
            digest = _ask(url, _token(error.headers.get("WWW-Authenticate", "")))
    except HTTPError as error:
        error.close()
        raise NoAnswer(f"The registry of {image} answers {error.code}.") from error
    except (URLError, OSError, ValueError) as error:
        raise NoAnswer(
            f"The registry of {image} does not answer: {getattr(error, 'reason', error)}."
        ) from error
    if not DIGEST.fullmatch(digest):
        raise NoAnswer(f"The registry of {image} names no digest.")
    return digest


def _ask(url: str, token: str = "") -> str:
    headers = {"Accept": MANIFESTS} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urlopen(Request(url, headers=headers, method="HEAD"), timeout=SECONDS) as answer:
        return str(answer.headers.get("Docker-Content-Digest", ""))


def _token(challenge: str) -> str:
    """What a registry gives to everybody who asks for a public image."""
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = asked.pop("realm", "")
    if not realm.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("it wants to know who asks")
    with urlopen(f"{realm}?{urlencode(asked)}", timeout=SECONDS) as answer:
        found = json.load(answer)
    return str(found.get("token") or found.get("access_token") or "")


def pinned(text: str, *, registry: str = "") -> str:
    """The same file with a digest behind each tag. An image without a tag is one that is built here."""

    def pin(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}@{digest_of(found[2], registry=registry)}"

    return IMAGE.sub(pin, text)


def main(files: list[str]) -> None:
    try:
        texts = {Path(file): pinned(Path(file).read_text()) for file in files}
    except NoAnswer as error:
        sys.exit(f"Nothing was pinned. {error}")
    for file, text in texts.items():  # all or nothing
        file.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
