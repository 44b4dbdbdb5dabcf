"""Why putting the results back is called off, in every language of the municipality."""

from typing import Any

from django.utils.translation import gettext as _

from core.forms.fields import helper
from core.forms.translations import TextsForm
from neighbourhoods.trajectories.services import plan_languages

_MAX_LENGTH = 500


class CallOffForm(TextsForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        why = self.add_texts(
            "why",
            label=_("Why"),
            languages=plan_languages(),
            max_length=_MAX_LENGTH,
            rows=3,
            help_text=_("Everybody reads it, and who was invited is told."),
        )
        self.helper = helper(*why)
