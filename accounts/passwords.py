"""What no password may be."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User

DEMO_PASSWORD = "waterdam-demo-2026"  # noqa: S105  printed at every start, and only made in debug (scenarios.checks)


class DemoPasswordValidator:
    """Refuses the password of the demo, which everybody can read."""

    def validate(self, password: str, user: User | None = None) -> None:
        if password == DEMO_PASSWORD:
            raise ValidationError(
                _("This is the password of the demo, which everybody can read."), code="demo"
            )

    def get_help_text(self) -> str:
        return ""
