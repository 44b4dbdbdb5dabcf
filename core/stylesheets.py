"""Hashed, compressed static files; style sheets are joined from their components."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'@import "(css/[\w/-]+\.css)";')
COMMENT = re.compile(r'("[^"]*")|/\*.*?\*/', re.DOTALL)
SPACE = re.compile(r'("[^"]*")|\s*([{};,])\s*')


def squeeze(css: str) -> str:
    """The same rules without comments and most of the white space. What is quoted stays as it is."""
    css = COMMENT.sub(lambda found: found[1] or "", css)
    return SPACE.sub(lambda found: found[1] or found[2], css).strip()


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Puts the components of static/css in the place of the lines that import them: one file, one request.

    In debug nothing is joined: the browser follows the imports and sees each change at once.
    Ignores `sourceMappingURL` lines: Leaflet refers to a map that it does not ship.
    """

    patterns = (("*.css", (r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",)),)

    def post_process(self, paths: dict[str, tuple], *args: Any, **options: Any) -> Iterator[tuple]:
        def text(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        joined = InMemoryStorage()
        sheets = {name: text(name) for name in paths if name.endswith(".css")}
        lists = {name: css for name, css in sheets.items() if IMPORT.search(css)}
        for name, css in lists.items():
            joined.save(name, ContentFile(squeeze(IMPORT.sub(lambda found: text(found[1]), css)).encode()))
        components = {name for css in lists.values() for name in IMPORT.findall(css)}
        paths = {name: source for name, source in paths.items() if name not in components}
        paths |= {name: (joined, name) for name in lists}
        yield from super().post_process(paths, *args, **options)
