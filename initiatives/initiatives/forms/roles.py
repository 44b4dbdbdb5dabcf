"""Forms of volunteer roles and expectation cards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, TextsForm, native_language_name
from initiatives.initiatives.forms.running import languages_of
from initiatives.matching.forms import MomentsField
from initiatives.models import ExpectationCard, VolunteerRole
from initiatives.states import Language, Rhythm, Skill
from neighbourhoods.models import Municipality

_PLAIN_FIELDS = (
    "people",
    "rhythm",
    "starts_on",
    "ends_on",
    "adults_only",
    "needs_clearance",
    "card",
    "skills",
    "languages",
)


class RoleForm(TextsForm):
    people = forms.IntegerField(
        label=_("How many people"),
        min_value=1,
        max_value=500,
        initial=1,
        error_messages={"required": _("Write how many."), "invalid": _("Write a number, like 3.")},
    )
    card = forms.ModelChoiceField(
        label=_("Expectation card"),
        queryset=ExpectationCard.objects.none(),
        required=False,
        empty_label=_("not yet: it can't be opened then"),
        help_text=_("What there is and what there is not: it stands above “I want to join”."),
    )
    skills = forms.MultipleChoiceField(
        label=_("What is it good to be able to do?"),
        choices=Skill,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "nabij-options--two"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages that are needed"),
        choices=Language,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "nabij-options--two"}),
        help_text=_("Only when it can't do without."),
    )
    moments = MomentsField(label=_("When"))
    rhythm = forms.ChoiceField(
        label=_("How often"), choices=Rhythm, widget=forms.RadioSelect, initial=Rhythm.REGULAR
    )
    starts_on = DateField(label=_("From"), required=False)
    ends_on = DateField(label=_("Until"), required=False)
    adults_only = forms.BooleanField(label=_("Only for who is 18 or older"), required=False)
    needs_clearance = forms.BooleanField(
        label=_("A certificate of conduct (VOG) is needed"),
        required=False,
        help_text=_(
            "Only with vulnerable people in a situation with risk, such as alone with somebody at home. Coffee in a "
            "hall with others takes none. We look at it and keep only that we saw it."
        ),
    )

    def __init__(self, *args: Any, role: VolunteerRole | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {}
        if role:
            initial = {name: getattr(role, name) for name in (*_PLAIN_FIELDS, "moments")} | {
                "card": role.card_id
            }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["card"].queryset = ExpectationCard.objects.newest()
        languages = languages_of(role.name if role else {})

        def texts(name: str, label: Any, **how: Any) -> list[str]:
            value = getattr(role, name) if role else None
            return self.add_texts(name, label=label, languages=languages, value=value, **how)

        names = texts(
            "name", _("What somebody does"), max_length=120, help_text=_("“Cook soup on Tuesdays.”")
        )
        about = texts("about", _("About it"), max_length=600, rows=3, required=False)
        support = texts(
            "support",
            _("Support, and by whom"),
            max_length=300,
            required=False,
            rows=2,
            help_text=_("“The first time somebody goes along.” By role, never by name."),
        )
        self.order_fields(
            [
                *names, *about, "people", "rhythm", "starts_on", "ends_on", "moments", "skills", "languages",
                "adults_only", "needs_clearance", *support, "card",
            ]
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it starts."))
        return data

    def changes(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in (*_PLAIN_FIELDS, "moments")}
        return plain | {name: self.texts(name) for name in ("name", "about", "support")}


# row: (label, examples of an answer and of “none”)
ROWS: dict[str, tuple[Any, Any]] = {
    "money": (
        _("Money"),
        _("“€ 750 for materials. There is no more this year.” Or: “There is no money. Nor later.”"),
    ),
    "time": (_("Time"), _("“Two hours a month until October. You can stop any time.”")),
    "influence": (_("Influence"), _("“You think along. The council decides and may choose otherwise.”")),
    "contact": (_("Contact"), _("“Your neighbourhood manager, within 2 days.” A role, never a name.")),
    "too_few": (_("Too few people?"), _("“Then you hear so before 1 June. We try again in September.”")),
}


class CardForm(TextsForm):
    """Five rows in each language. Every field is required, also when there is nothing."""

    name = forms.CharField(
        label=_("Name on the desk"),
        max_length=80,
        error_messages={"required": _("Write how colleagues find it.")},
    )

    def __init__(
        self, *args: Any, card: ExpectationCard | None = None, is_copy: bool = False, **kwargs: Any
    ) -> None:
        """Filled with the words of `card`: to change it, or to make a copy under a name of its own."""
        super().__init__(*args, initial={"name": card.name} if card and not is_copy else {}, **kwargs)
        for row, (label, example) in ROWS.items():
            for name in self.add_texts(
                row,
                label=label,
                languages=Municipality.current().languages or ["nl"],
                value=getattr(card, row) if card else None,
                max_length=300,
                rows=2,
                help_text=example,
            ):
                field = self.fields[name]
                field.required = True
                field.error_messages["required"] = _(
                    "Write what there is in %(language)s, or that there is nothing."
                ) % {"language": native_language_name(name.removeprefix(f"{row}_"))}

    @property
    def rows(self) -> dict[str, dict[str, str]]:
        return {row: self.texts(row) for row in ROWS}
