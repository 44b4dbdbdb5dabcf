"""Asks the web process whether it lives, or what its readiness says of one thing. Standard library alone.

python deploy/healthcheck.py                                       this container, every ten seconds
python deploy/healthcheck.py http://web:8000/health/ready jobs     whether jobs run, whatever else does not
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/health/live"
check = sys.argv[2] if len(sys.argv) > 2 else ""
# Django answers only to the host it was told about.
host = urlsplit(os.environ.get("SITE_URL", "http://localhost")).netloc
try:
    answer = urlopen(Request(url, headers={"Host": host}), timeout=2)
except HTTPError as error:
    if not check:
        raise
    answer = error  # 503 says what is wrong, and that may be something else
if check:
    sys.exit(not json.load(answer)["checks"].get(check, {}).get("ok"))
