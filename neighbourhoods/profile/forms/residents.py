"""What a resident fills in to find their neighbourhood."""

from django import forms
from django.utils.translation import gettext_lazy as _

from neighbourhoods.imports.services.postcodes import areas_of_postcode
from neighbourhoods.models import Area


class PostcodeForm(forms.Form):
    """A postcode, looked up and forgotten: it is posted, so that it stands in no address and no log."""

    postcode = forms.CharField(
        label=_("Your postcode"),
        max_length=20,
        error_messages={"required": _("Type your postcode, like 1011 AB.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "postal-code", "autocapitalize": "characters", "dir": "ltr"}
        ),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def clean_postcode(self) -> list[Area]:
        found = areas_of_postcode(self.cleaned_data["postcode"])
        if not found:
            raise forms.ValidationError(
                _("We don't know this postcode here. Choose your neighbourhood below.")
            )
        return found
