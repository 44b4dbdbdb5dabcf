"""What several forms share: a day in the browser's picker, and crispy's helper as the pages want it."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.http import HttpRequest


class DateField(forms.DateField):
    """A day, in the browser's own picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def helper(*rows: Any) -> FormHelper:
    """Fields alone: the form tag, the token and the buttons stand in the page."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    if rows:
        made.layout = Layout(*rows)
    return made


def searched(request: HttpRequest) -> str:
    """What was typed in the search box of a list, without what a database can't take."""
    return request.GET.get("q", "").replace("\0", "").strip()[:80]


def read_only(form: forms.BaseForm) -> None:
    """Words can be read and copied, nothing can be chosen: for a page whose form can't be sent."""
    for field in form.fields.values():
        is_for_words = isinstance(field.widget, forms.TextInput | forms.Textarea)
        field.widget.attrs["readonly" if is_for_words else "disabled"] = True
