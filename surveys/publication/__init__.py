"""What may be published of counted answers, so that nobody is recognised in a number. The one way to the public.

`cells` rounds and says what is too few, `tables` makes the tables of one question, `flows` asks how far a number
could be something else for somebody who holds everything that was published. docs/adr/0009 says why it is so.
"""

from surveys.publication.cells import (
    ROUNDING_STEP,
    THRESHOLD,
    Counts,
    hidden,
    is_due,
    public_number,
    rounded,
)
from surveys.publication.snapshots import INVITED, OPEN, Heard, SnapshotTables, renew
from surveys.publication.tables import Table, publishable_table

__all__ = [
    "INVITED",
    "OPEN",
    "ROUNDING_STEP",
    "THRESHOLD",
    "Counts",
    "Heard",
    "SnapshotTables",
    "Table",
    "hidden",
    "is_due",
    "public_number",
    "publishable_table",
    "renew",
    "rounded",
]
