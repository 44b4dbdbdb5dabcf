"""Forms for address lists: houses that get a letter, mailboxes that get a mail, and when."""

from typing import Any, ClassVar

from crispy_forms.layout import Column, Row
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DateField, helper
from neighbourhoods.imports.services.imports import table_problem_text
from neighbourhoods.imports.tables import MAX_TABLE_BYTES, TableProblem
from neighbourhoods.models import Area
from surveys.models import Survey
from surveys.states import Basis, EnvelopeWindow


class ListForm(forms.Form):
    """An address list, its name, and its area."""

    STORED_FIELDS: ClassVar[tuple[str, ...]]

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("So that you recognise it in the results: “Letters to the Kade, May”."),
    )
    area = forms.ModelChoiceField(
        label=gettext_lazy("All of them live in"),
        queryset=Area.objects.none(),
        required=False,
        empty_label=gettext_lazy("several neighbourhoods: ask where people live"),
    )
    file = forms.FileField(
        label=gettext_lazy("List of addresses"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def __init__(self, *args: Any, survey: Survey, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = survey.areas.all()  # type: ignore[attr-defined]
        if too_large:
            self.fields["file"].error_messages["required"] = table_problem_text(TableProblem.TOO_BIG)

    @property
    def stored_fields(self) -> dict[str, Any]:
        """The fields that are stored beside the list."""
        return {name: self.cleaned_data[name] for name in self.STORED_FIELDS}

    @property
    def content(self) -> bytes:
        file = self.cleaned_data["file"]
        return file.read(MAX_TABLE_BYTES + 1) if file else b""


class LettersForm(ListForm):
    STORED_FIELDS = ("name", "area", "window", "with_reminder")

    window = forms.ChoiceField(
        label=gettext_lazy("Address window of the envelope"),
        choices=EnvelopeWindow,
        initial=EnvelopeWindow.LEFT,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("For A4 folded in three."),
    )
    with_reminder = forms.BooleanField(
        label=gettext_lazy("Also make a reminder, with the same code"),
        required=False,
        help_text=gettext_lazy(
            "To post two weeks later. It goes to every address, because nobody can know who answered."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "CSV or XLSX with the columns street, house number, postcode and town; addition and name if you have "
            "them. At most 20 MB."
        )
        self.helper = helper("file", Row(Column("name"), Column("area")), "window", "with_reminder")


class MailListForm(ListForm):
    STORED_FIELDS = ("name", "area", "pasted", "origin", "basis")

    pasted = forms.CharField(
        label=gettext_lazy("Or paste the addresses"),
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    origin = forms.CharField(
        label=gettext_lazy("Where do these addresses come from?"),
        max_length=300,
        help_text=gettext_lazy(
            "They read this under the e-mail: “your registration for the neighbourhood panel”."
        ),
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("Why may you write to them?"), choices=Basis, widget=forms.RadioSelect
    )
    is_16_or_older = forms.BooleanField(
        label=gettext_lazy("These are addresses of people aged 16 or over."),
        error_messages={
            "required": gettext_lazy(
                "Only people aged 16 or over may be invited by e-mail. Leave the others out."
            )
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.required = False
        self.fields["name"].help_text = _(
            "So that you recognise it in the results: “Neighbourhood panel, May”."
        )
        file.help_text = _(
            "CSV or XLSX with a column e-mail; a column language if you know it. At most 20 MB."
        )
        self.helper = helper(
            "file", "pasted", Row(Column("name"), Column("area")), "origin", "basis", "is_16_or_older"
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("file") and not data.get("pasted", "").strip() and "file" not in self.errors:
            self.add_error("file", self.fields["file"].error_messages["required"])
        return data


class PlanForm(forms.Form):
    on = DateField(label=gettext_lazy("Send it on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("on")


class NewCodeForm(forms.Form):
    """The code of a letter that somebody else used, and why the colleague believes so."""

    code = forms.CharField(
        label=gettext_lazy("The code on their letter"),
        max_length=60,
        error_messages={"required": gettext_lazy("Type the code on the letter.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why do they get a new one?"),
        max_length=200,
        help_text=gettext_lazy("Kept in the log. No names or addresses: “a housemate used it”."),
        error_messages={"required": gettext_lazy("Write down why.")},
    )

    helper = helper("code", "reason")
