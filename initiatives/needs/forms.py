"""Forms of needs and notes. Forms never write."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TextsForm
from core.i18n import pick
from initiatives.initiatives.forms.filters import PlaceFilterForm, WordsField, WorkFilterForm
from initiatives.models import Need
from initiatives.needs.services.need_suggestions import LinkSuggestion
from initiatives.needs.services.needs import need_revision
from initiatives.needs.services.notes import TalkNote
from initiatives.states import NEED_TRANSITIONS, NeedState, Skill, Urgency
from neighbourhoods.models import Area, KeyPerson, Place, Theme
from neighbourhoods.profile.forms import with_current_choice
from neighbourhoods.settings.forms import LanguageChoiceField, ThemeChoiceField

# --- needs -------------------------------------------------------------------------------------


MAX_TITLE_LENGTH, MAX_WORDS_LENGTH = 160, 600
MAX_LISTED = 60
NO_TITLE = _("Write in the words of residents what is needed.")


class NeedForm(TextsForm):
    """A need in residents' words, per language, and which people were not heard."""

    theme = ThemeChoiceField(label=_("Theme"))
    area = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Area.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose where it is needed.")},
    )
    urgency = forms.TypedChoiceField(
        label=_("How urgent is it?"), choices=Urgency.choices, coerce=int, widget=forms.RadioSelect
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(
        self,
        *args: Any,
        languages: list[str],
        areas: QuerySet[Area],
        need: Need | None = None,
        beginning: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"urgency": Urgency.THIS_YEAR} | (beginning or {})
        title = initial.pop("title", {})
        if need:
            initial = {
                "theme": need.theme_id,
                "area": need.area_id,
                "urgency": need.urgency,
                "seen": need_revision(need),
            }
            title = need.title
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["theme"].queryset = with_current_choice(Theme.objects.in_use(), need and need.theme_id)
        self.fields["area"].queryset = with_current_choice(areas, need and need.area_id)
        languages = list(dict.fromkeys([*languages, *(need.title if need else {})]))
        titles = self.add_texts(
            "title",
            label=_("What is needed, in the words of residents"),
            languages=languages,
            value=title,
            max_length=MAX_TITLE_LENGTH,
            help_text=_(
                "As they would say it at the kitchen table. No names, and nothing only one person said."
            ),
        )
        self.fields[titles[0]].error_messages["required"] = NO_TITLE
        missing = self.add_texts(
            "missing",
            label=_("Who is not among them?"),
            languages=languages,
            value=need.missing if need else None,
            max_length=MAX_WORDS_LENGTH,
            required=False,
            rows=2,
            help_text=_("Whom we did not hear, or heard too little: a number says nothing of them."),
        )
        self.order_fields([*titles, "theme", "area", "urgency", *missing, "seen"])

    def changes(self) -> dict[str, Any]:
        fields = {name: self.cleaned_data[name] for name in ("theme", "area", "urgency")}
        return fields | {"title": self.texts("title"), "missing": self.texts("missing")}


class SourceFilterForm(PlaceFilterForm):
    q = WordsField(label=_("Words"), required=False)


class NeedFilterForm(WorkFilterForm):
    state = forms.ChoiceField(
        label=_("How it stands"),
        required=False,
        choices=[("", _("open")), *NeedState.choices, ("all", _("all"))],
    )
    link = forms.ChoiceField(
        label=_("Linked"), required=False, choices=[("", _("all")), ("none", _("nothing linked yet"))]
    )
    due = forms.ChoiceField(
        label=_("The next look"), required=False, choices=[("", _("all")), ("1", _("today or late"))]
    )


class StateForm(TextsForm):
    """The new state, and what residents who named the need read about it."""

    to = forms.ChoiceField(label=_("How does it stand now?"), widget=forms.RadioSelect)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=14)

    def __init__(self, *args: Any, need: Need, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ahead = NEED_TRANSITIONS[need.state]
        self.fields["to"].choices = [
            (state.value, capfirst(state.label))
            for state in NeedState
            if state == need.state or state in ahead
        ]
        self.initial = {"to": need.state, "seen": need.state}
        self.add_texts(
            "words",
            label=_("What residents read about it"),
            languages=languages,
            max_length=MAX_WORDS_LENGTH,
            required=False,
            rows=2,
            help_text=_("On their own page. A date, a place, a role. Needed when it is not taken up: why?"),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("to") == NeedState.NOT_TAKEN_UP and not self.texts("words"):
            first = next(name for name in self.fields if name.startswith("words_"))
            self.add_error(first, _("Write why it is not taken up: whoever named it reads it."))
        return data


class LookForm(forms.Form):
    """The next look, with its reason."""

    on = DateField(label=_("Look again before"), error_messages={"required": _("Choose a day.")})
    why = forms.CharField(
        label=_("Why then?"),
        max_length=120,
        help_text=_("In a few words, also for residents: after the meeting with the housing association."),
        error_messages={"required": _("Write why then: who takes over and residents read it.")},
    )


class SplitForm(TextsForm):
    """The title of a need that is split off."""

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = self.add_texts(
            "title",
            label=_("What is the other need, in their words?"),
            languages=languages,
            max_length=MAX_TITLE_LENGTH,
        )
        self.fields[names[0]].error_messages["required"] = NO_TITLE


class LinkForm(forms.Form):
    """What a need leads to, as “place:12”. Some are listed: the others are found by words."""

    what = forms.CharField(
        label=_("What else fits?"), validators=[MaxLengthValidator(80)], widget=forms.Select
    )

    def __init__(self, data: Any = None, *, found: Iterable[tuple[str, list[LinkSuggestion]]] = ()) -> None:
        super().__init__(data, auto_id="%s")
        self.fields["what"].widget.choices = [
            (capfirst(kind), [(one.value, _option(one)) for one in ones]) for kind, ones in found
        ]


def _option(one: LinkSuggestion) -> str:
    return f"{one.name} · {Truncator(one.about).chars(60)}" if one.about else one.name


class MergeNeedForm(forms.Form):
    """The need to merge into."""

    into = forms.ModelChoiceField(
        label=_("Which need is it the same as?"),
        queryset=Need.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose the other need.")},
    )

    def __init__(self, *args: Any, needs: QuerySet[Need], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into, language = self.fields["into"], get_language() or ""
        into.queryset = needs
        into.label_from_instance = lambda need: f"{pick(need.title, language)} ({need.area})"
        # Any need can be chosen, but only this many are listed: the others are found by words.
        shown = [
            (need.pk, into.label_from_instance(need)) for need in needs.select_related("area")[:MAX_LISTED]
        ]
        into.widget.choices = [("", into.empty_label), *shown]


# --- notes -------------------------------------------------------------------------------------


_MAX_TEXT_LENGTH = 2_000


class NoteForm(forms.Form):
    wish = forms.CharField(
        label=_("What do they wish?"),
        max_length=_MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("In their own words. No names, no addresses."),
        error_messages={"required": _("Write what they wish. That is what they get an answer to.")},
    )
    theme = ThemeChoiceField(label=_("What is it about?"), required=False, empty_label=_("not sure"))
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
    language = LanguageChoiceField(label=_("Language of our answer"))
    sent_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, initial={"sent_key": uuid4()}, **kwargs)
        self.use_required_attribute = False
        around = Area.objects.inside([area.pk]).values("pk")
        self.fields["place"].queryset = Place.objects.active().filter(area__in=around)
        self.fields["key_person"].queryset = KeyPerson.objects.filter(area__in=around)

    def renew_sent_key(self) -> None:
        """Give the next submit its own key, so that it becomes a new note."""
        self.data = self.data.copy()
        self.data["sent_key"] = str(uuid4())

    @property
    def talk_note(self) -> TalkNote:
        data = self.cleaned_data
        return TalkNote(data["wish"], data["theme"], data["place"], data["key_person"], data["skills"])
