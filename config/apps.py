from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds the wiring: urls, template tags, the mail adapter, commands that know the whole house."""

    name = "config"

    def ready(self) -> None:
        from accounts import retention as accounts_retention
        from config import retention
        from feedback.registries import daily_jobs
        from neighbourhoods.registries import retention_jobs

        daily_jobs.register("retention")(retention.run)
        # accounts knows nobody above it, so its jobs are brought here.
        retention_jobs.register("staff")(accounts_retention.empty_staff_who_left)
        retention_jobs.register("log")(accounts_retention.forget_events)
