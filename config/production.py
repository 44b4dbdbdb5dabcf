"""Refuses settings that are unsafe outside debug. No Django imports: the settings module calls it."""

from urllib.parse import urlsplit

DEMO_KEY = "only-for-trying-nabij-out"
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 10
"""Different ones. Of 32 random hexadecimal digits, fewer than ten different occur once in 10,000 times."""
MAKE_KEY_HINT = "Make one with `openssl rand -base64 48`."
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def reason_to_refuse(*, secret_key: str, site_url: str, http_on_localhost: bool) -> str:
    """The first reason to refuse, in one sentence; "" when there is none."""
    if secret_key.startswith(DEMO_KEY):
        return f"SECRET_KEY is that of the demo, which everybody can read. {MAKE_KEY_HINT}"
    if is_guessable(secret_key):
        return f"SECRET_KEY must be {SHORTEST_KEY} random characters or more. {MAKE_KEY_HINT}"
    site = urlsplit(site_url)
    if site.scheme == "https" and site.hostname:
        return ""
    if http_on_localhost and site.scheme == "http" and site.hostname in LOCAL_HOSTS:
        return ""
    return (
        "SITE_URL must begin with https://, or private links and sessions travel readable. To try Nabij out on this "
        "machine alone, set SITE_URL=http://localhost:8000 and HTTP_ON_LOCALHOST=1."
    )


def is_guessable(key: str) -> bool:
    """Too short, too few different characters, or one piece repeated."""
    is_repeated = key in (key + key)[1:-1]
    return len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS or is_repeated
