"""Disclosure control: which counts may be published so that nobody is recognised. All public numbers pass
through here.

`cells` rounds counts and decides which are too small, `tables` makes the tables of one question, `flows`
computes how far a count could differ for somebody who holds everything published. See docs/adr/0009 for the
reasons.
"""

from surveys.publication.snapshots import (
    INVITED_GROUP,
    OPEN_GROUP,
    ExactCounts,
    SnapshotTables,
    next_snapshot_tables,
)
from surveys.publication.tables import (
    ROUNDING_STEP,
    THRESHOLD,
    QuestionCounts,
    Table,
    hidden_options,
    is_due,
    public_number,
    publishable_table,
    rounded,
)

__all__ = [
    "INVITED_GROUP",
    "OPEN_GROUP",
    "ROUNDING_STEP",
    "THRESHOLD",
    "ExactCounts",
    "QuestionCounts",
    "SnapshotTables",
    "Table",
    "hidden_options",
    "is_due",
    "next_snapshot_tables",
    "public_number",
    "publishable_table",
    "rounded",
]
