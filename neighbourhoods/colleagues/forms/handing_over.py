"""Handing something over."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models import colleagues_in
from neighbourhoods.states import Power


class ColleagueForm(forms.Form):
    """Who takes over: somebody with at least this power in one of these areas."""

    to = forms.ModelChoiceField(
        label=_("Who takes over?"),
        queryset=User.objects.none(),
        empty_label=_("Choose a colleague"),
        error_messages={"required": _("Choose who takes over.")},
    )

    def __init__(
        self,
        *args: Any,
        areas: list[int],
        without: User | None = None,
        least: Power = Power.COORDINATOR,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues_in(areas, least=least).exclude(
            pk=without.pk if without else None
        )
