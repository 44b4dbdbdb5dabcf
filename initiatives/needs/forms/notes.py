"""A note from a talk, filled in on a phone at somebody's table."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.forms.translations import native_language_name
from core.languages import offered
from initiatives.needs.services.notes import TalkNote
from initiatives.offers.forms.inventory import ThemeChoice
from initiatives.states import Skill
from neighbourhoods.models import Area, KeyPerson, Municipality, Place, Theme

_MAX_TEXT_LENGTH = 2_000


class NoteForm(forms.Form):
    wish = forms.CharField(
        label=_("What do they wish?"),
        max_length=_MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("In their own words. No names, no addresses."),
        error_messages={"required": _("Write what they wish. That is what they get an answer to.")},
    )
    theme = ThemeChoice(
        label=_("What is it about?"), queryset=Theme.objects.none(), required=False, empty_label=_("not sure")
    )
    skills = forms.MultipleChoiceField(
        label=_("What are they good at?"),
        choices=Skill.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    place = forms.ModelChoiceField(
        label=_("Is it about a place?"), queryset=Place.objects.none(), required=False, empty_label=_("no")
    )
    key_person = forms.ModelChoiceField(
        label=_("Whom did you speak?"),
        queryset=KeyPerson.objects.none(),
        required=False,
        empty_label=_("a neighbour"),
        help_text=_("Only when it is somebody who knows many neighbours."),
    )
    language = forms.ChoiceField(label=_("Language of our answer"))
    sent_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        languages = offered(Municipality.current().languages) or ["nl"]
        here = get_language() or ""
        initial = {"language": here if here in languages else languages[0], "sent_key": uuid4()}
        super().__init__(*args, initial=initial, **kwargs)
        self.use_required_attribute = False
        around = Area.objects.inside([area.pk]).values("pk")
        self.fields["theme"].queryset = Theme.objects.in_use()
        self.fields["place"].queryset = Place.objects.active().filter(area__in=around)
        self.fields["key_person"].queryset = KeyPerson.objects.filter(area__in=around)
        self.fields["language"].choices = [(code, native_language_name(code)) for code in languages]

    def with_another_key(self) -> None:
        """What is sent from here next is a note of its own."""
        self.data = self.data.copy()
        self.data["sent_key"] = str(uuid4())

    @property
    def told(self) -> TalkNote:
        data = self.cleaned_data
        return TalkNote(data["wish"], data["theme"], data["place"], data["key_person"], data["skills"])
