"""Asks the web process of this container whether it lives. Standard library alone: it runs every ten seconds."""

import os
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

# Django answers only to the host it was told about.
host = urlsplit(os.environ.get("SITE_URL", "http://localhost")).netloc
urlopen(Request("http://127.0.0.1:8000/health/live", headers={"Host": host}), timeout=2)
