"""System checks that keep the demo out of production, because its passwords are public.

They run where the database may be queried: when web, worker, beat and runjobs start (core.jobs), and in `manage.py
check --deploy --database default`.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.db.models.functions import Lower

from accounts.models import User
from accounts.passwords import DEMO_PASSWORD
from scenarios.demo.people import ADDRESSES

DEMO_DATA_FOUND = (
    "This database holds the demo municipality, whose passwords everybody can read. Use an empty database, or set "
    "DEBUG=1 to try Nabij out."
)
DEMO_SIGN_IN_FOUND = (
    "A colleague in this database has the password of the demo, which everybody can read. Give them another with "
    "`manage.py changepassword ADDRESS`."
)
FIRST_COLLEAGUES = 20
"""The demo is only loaded into an empty database, so its accounts are among the first."""

DATABASE_NOT_CHECKED = (
    "Nobody could look whether the database holds the demo: it does not answer, or has no tables yet"
)


def trouble_of_demo() -> str:
    """What this database holds of the demo, in one sentence; "" if nothing."""
    if User.objects.annotate(address=Lower("email")).filter(address__in=ADDRESSES).exists():
        return DEMO_DATA_FOUND
    passwords = User.objects.order_by("pk").values_list("password", flat=True)[:FIRST_COLLEAGUES]
    if any(check_password(DEMO_PASSWORD, password) for password in set(passwords)):
        return DEMO_SIGN_IN_FOUND
    return ""


@register(Tags.database, deploy=True)
def demo_is_not_deployed(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if not databases or settings.DEBUG or settings.TESTING:
        return []
    try:
        trouble = trouble_of_demo()
    except DatabaseError as error:
        return [Warning(f"{DATABASE_NOT_CHECKED} ({type(error).__name__}).", id="nabij.W001")]
    return [Error(trouble, id="nabij.E001")] if trouble else []
