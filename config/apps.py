from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Wires the apps together: settings, urls, the mail adapter, the jobs of retention."""

    name = "config"

    def ready(self) -> None:
        from accounts import retention as accounts_retention
        from feedback.registries import daily_jobs
        from neighbourhoods.registries import retention_jobs
        from neighbourhoods.settings import retention

        daily_jobs.register("retention")(retention.erase_expired_data)
        daily_jobs.register("vacuum", order=100)(retention.vacuum)  # after all that erases
        # accounts can't import the registry of an app above it, so its jobs are registered here.
        retention_jobs.register("staff")(accounts_retention.empty_staff_who_left)
        retention_jobs.register("sign_in")(accounts_retention.forget_sign_ins)
        retention_jobs.register("log")(accounts_retention.forget_events)
