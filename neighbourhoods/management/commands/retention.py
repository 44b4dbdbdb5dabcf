"""Runs the retention policy (config/retention.toml) now; the daily job runs it too."""

from typing import Any

from django.core.management.base import BaseCommand

from neighbourhoods.settings.retention import erased_counts_text, run_retention_jobs


class Command(BaseCommand):
    help = "Erases what has served its purpose, as config/retention.toml says."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(erased_counts_text(run_retention_jobs()))
