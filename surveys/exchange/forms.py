"""Forms for form files and library items."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from neighbourhoods.models import Area
from surveys.builder.forms.survey import AreaChoice, areas_to_ask, configured_languages
from surveys.exchange.xlsform.book import MAX_FORM_BYTES

# --- exchange ----------------------------------------------------------------------------------


class FormFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Form file"),
        help_text=gettext_lazy("A spreadsheet in the form of XLSForm, .xlsx or .xls, up to 5 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.xls"}),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty."),
        },
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Which language is it in?"),
        help_text=gettext_lazy("For texts that don't say so themselves."),
    )
    areas = AreaChoice(
        label=gettext_lazy("In which neighbourhoods do you ask?"), queryset=Area.objects.none()
    )

    def __init__(self, data: Any = None, files: Any = None, *, user: User) -> None:
        super().__init__(data, files)
        self.fields["language"].choices = configured_languages()  # type: ignore[attr-defined]
        self.fields["areas"].queryset = areas_to_ask(user)  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_FORM_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 5 MB. Take pictures and other sheets out, and send it again.")
            )
        return file

    @property
    def languages(self) -> list[str]:
        """The languages of the site, the one of the file first."""
        first = self.cleaned_data["language"]
        return [first, *(code for code, _name in configured_languages() if code != first)]


# --- library -----------------------------------------------------------------------------------


class KeepInLibraryForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give it a name by which colleagues find it.")},
    )
    about = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("One sentence for a colleague who looks for something like it."),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, name: str = "") -> None:
        super().__init__(data, initial={"name": name[:80]})
