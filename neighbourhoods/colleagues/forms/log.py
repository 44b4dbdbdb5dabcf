"""What somebody looks for in the log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.details import THINGS
from accounts.models import Event, EventQuerySet, User
from core.forms.fields import DateField


class LogForm(forms.Form):
    """Who, about what, and between which days; each may be left open."""

    who = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("everybody")
    )
    kind = forms.ChoiceField(label=_("About"), required=False)
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Until and including"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["class"] = "utrecht-textbox"
        self.fields["who"].queryset = User.objects.filter(events__isnull=False).distinct()
        kinds = Event.objects.order_by("kind").values_list("kind", flat=True).distinct()
        names = sorted((str(kind_name(kind)), kind) for kind in kinds)
        self.fields["kind"].choices = [("", _("everything")), *((kind, name) for name, kind in names)]

    def found(self) -> EventQuerySet:
        """The events asked for; a field that makes no sense is left out and says so."""
        self.is_valid()
        asked = self.cleaned_data
        events = Event.objects.select_related("actor")
        if asked.get("who"):
            events = events.filter(actor=asked["who"])
        if asked.get("kind"):
            events = events.filter(kind=asked["kind"])
        return events.between(asked.get("since"), asked.get("until"))


def kind_name(kind: str) -> str:
    """“surveys.survey” as people say it; what is seldom in the log keeps the name of its table."""
    name = kind.partition(".")[2]
    return str(THINGS.get(name, name))
