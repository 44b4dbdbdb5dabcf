"""Finding texts again, and what is to happen with those that were chosen."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.i18n import pick
from feedback.contributions.forms.listening import ThemesField
from feedback.contributions.services.listen_many import LISTENING_BATCH_SIZE, Chosen
from feedback.states import Reading
from neighbourhoods.models import Area, Theme

STATES = [
    ("unread", _("not read yet")),
    ("read", _("read")),
    ("clear", _("nothing sensitive")),
    ("sensitive", _("sensitive")),
    ("handed", _("handed over")),
    ("bare", _("read, without a theme")),
    ("may_quote", _("may be quoted")),
    ("quoted", _("chosen as a quote")),
    ("all", _("all of them")),
]


class FindForm(forms.Form):
    """All of it optional; what isn't understood is left out."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False, strip=True)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    area = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    source = forms.ChoiceField(label=_("Survey"), required=False)

    def __init__(
        self, data: Any, *, themes: list[Theme], areas: list[Area], sources: list[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        language = get_language() or ""
        choices = {
            "theme": [(theme.slug, pick(theme.name, language)) for theme in themes],
            "area": [(str(area.pk), area.name) for area in areas],
            "source": sources,
        }
        for name, known in choices.items():
            self.fields[name].choices = [("", _("All of them")), *known]

    @property
    def asked(self) -> dict[str, str]:
        """What was understood; an unknown value asks for nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ManyForm(forms.Form):
    reading = forms.ChoiceField(
        label=_("May they be repeated?"),
        choices=[
            (Reading.CLEAR, _("Nothing sensitive in any of them")),
            (Reading.SENSITIVE, _("Sensitive. Nobody repeats them.")),
            ("", _("As it was found before; those that nobody read stay unread")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    themes = ThemesField(
        label=_("Give them all"),
        help_text=_("Beside the themes they have. Each theme gets an answer of its own."),
        queryset=Theme.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    suggested = forms.BooleanField(label=_("And to each what is suggested for it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = Theme.objects.in_use()


def chosen(values: list[str]) -> list[Chosen]:
    """The ticked rows: "id~revision~slug,slug". What isn't one is no row."""
    found = []
    for value in values[: LISTENING_BATCH_SIZE + 1]:
        pk, _tilde, rest = value.partition("~")
        seen, _tilde, slugs = rest.partition("~")
        try:
            found.append(Chosen(UUID(pk), int(seen[:6]), frozenset(filter(None, slugs.split(",")))))
        except ValueError:
            continue
    return found
