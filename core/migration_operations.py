"""Operations of migrations on tables that are large and written to all the time.

On PostgreSQL they keep nobody waiting; on SQLite, which has one writer anyhow, they are the plain operations.
"""

from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddIndex


def _waits_for_nobody(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


class AddIndexGently(AddIndexConcurrently):
    """Made while others write, in a migration of its own with `atomic = False`. Where that was broken off, PostgreSQL
    keeps an index that is not valid: drop it, and migrate again."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if _waits_for_nobody(schema_editor) else AddIndex
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if _waits_for_nobody(schema_editor) else AddIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddCheckGently(AddConstraintNotValid):
    """Of new rows from now on; the rows that are there are read by ValidateGently, in a later migration."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddConstraintNotValid if _waits_for_nobody(schema_editor) else AddConstraint
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)


class ValidateGently(ValidateConstraint):
    """Reads all rows, and lets others write meanwhile."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _waits_for_nobody(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
