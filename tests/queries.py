"""What a piece of code asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "ALTER", "CREATE", "DROP")


@contextmanager
def no_writes() -> Iterator[None]:
    """Fails when the block writes. A link in a mail, a prefetch or a crawler must change nothing."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        yield
    written = [query["sql"][:200] for query in captured if query["sql"].lstrip().upper().startswith(WRITES)]
    # Once a minute a session notes the time of the last request.
    written = [sql for sql in written if not sql.startswith('UPDATE "django_session"')]
    assert not written, "This must only read, but it wrote:\n" + "\n".join(written)
