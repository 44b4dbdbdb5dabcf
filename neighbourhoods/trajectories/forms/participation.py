"""Forms for the rules of participation, one section at a time.

Only differences from the default are stored, so that a municipality that changed nothing gets improved defaults.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.forms import ConcurrentEditTextsForm, DateField
from core.i18n import pick
from neighbourhoods import rules
from neighbourhoods.models import ParticipationRules
from neighbourhoods.rules import Thresholds
from neighbourhoods.wording import THRESHOLD_LABELS

EMPTY_ROWS_SHOWN = 2
TERM_LABELS: Mapping[str, str | Promise] = {
    "rough_results": gettext_lazy("First results for the team, days after closing"),
    "answer": gettext_lazy("An answer to residents, days after closing"),
    "report": gettext_lazy("The final report, days after the decision"),
    "evaluation": gettext_lazy("Looking back, days after the decision"),
    "right_to_challenge": gettext_lazy("A decision on a request to take over a task, in days"),
    "look_back": gettext_lazy("Asking whether what we promised happened, days after its day"),
    "first_contact": gettext_lazy("The first talk with who offers something, days after the offer"),
    "proposal": gettext_lazy("A proposal to them, or an honest “not now”, days after the offer"),
    "check": gettext_lazy("Asking how it is going, in days"),
    "need_look": gettext_lazy("Looking at a need again, in days"),
    "match_answer": gettext_lazy("Saying yes or no to a proposal, in days"),
    "match_link": gettext_lazy("Links in mails about a proposal open so many days after it is over"),
    "waiting_list": gettext_lazy("Telling who is on a waiting list where they stand, every so many days"),
    "waiting_list_end": gettext_lazy("A waiting list ends with an answer after at most so many days"),
    "light_route": gettext_lazy("An answer to who begins something, in days"),
    "clearance_renewal": gettext_lazy("Seeing a certificate of conduct (VOG) again, in days"),
    "clearance_warning": gettext_lazy("A warning that it has to be renewed, days before"),
}


class SectionForm(ConcurrentEditTextsForm):
    """One section. `fields_of` names the fields of ParticipationRules that it fills."""

    title: ClassVar[str | Promise]
    about: ClassVar[str | Promise]
    fields_of: ClassVar[tuple[str, ...]]

    def __init__(self, data: Any = None, *, own: ParticipationRules, languages: list[str]) -> None:
        super().__init__(data)
        self.own, self.languages = own, languages
        self.fill()

    def fill(self) -> None:
        raise NotImplementedError

    def changes(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def is_own(cls, own: ParticipationRules) -> bool:
        return any(getattr(own, field) for field in cls.fields_of)

    def add_text_fields(
        self, part: str, names: Mapping[str, rules.Texts], own: Mapping[str, Any], label: str, longest: int
    ) -> None:
        for key, default in names.items():
            self.add_texts(
                f"{part}-{key}",
                label=label
                % {"name": pick((rules.LADDER | rules.GOVERNMENT_ROLES)[key], get_language() or "")},
                languages=self.languages,
                value={**default, **own.get(key, {})},
                max_length=longest,
            )

    def named(self, part: str, names: Mapping[str, rules.Texts]) -> dict[str, dict[str, str]]:
        """The texts that differ from the default, per key."""
        found = {}
        for key, default in names.items():
            said = self.texts(f"{part}-{key}")
            if own := {code: words for code, words in said.items() if words != default.get(code)}:
                found[key] = own
        return found


class LadderForm(SectionForm):
    title = gettext_lazy("The ladder: how much influence")
    about = gettext_lazy("The name as plans and the desk write it, and the sentence that residents read.")
    fields_of = ("ladder", "plain_ladder")

    def fill(self) -> None:
        self.add_text_fields("name", rules.LADDER, self.own.ladder, _("Name of “%(name)s”"), 40)
        self.add_text_fields(
            "plain", rules.PLAIN_LADDER, self.own.plain_ladder, _("To residents, “%(name)s”"), 120
        )

    def changes(self) -> dict[str, Any]:
        return {
            "ladder": self.named("name", rules.LADDER),
            "plain_ladder": self.named("plain", rules.PLAIN_LADDER),
        }


class RolesForm(SectionForm):
    title = gettext_lazy("The role of the municipality")
    about = gettext_lazy("What the municipality is in something of residents, from most to least hold.")
    fields_of = ("roles",)

    def fill(self) -> None:
        self.add_text_fields("role", rules.GOVERNMENT_ROLES, self.own.roles, _("Name of “%(name)s”"), 40)

    def changes(self) -> dict[str, Any]:
        return {"roles": self.named("role", rules.GOVERNMENT_ROLES)}


class TextListForm(SectionForm):
    """A list of texts; emptying a row removes it, and new rows can be added."""

    text: ClassVar[str]
    defaults: ClassVar[Mapping[str, rules.Texts]]

    def rows(self) -> dict[str, dict[str, str]]:
        raise NotImplementedError

    def fill(self) -> None:
        shown = self.rows() | {f"new-{number}": {} for number in range(1, EMPTY_ROWS_SHOWN + 1)}
        self.shown = list(shown)
        for number, (slug, texts) in enumerate(shown.items(), start=1):
            label = _("One more") if slug.startswith("new-") else _("Line %s") % number
            self.add_texts(
                slug,
                label=label,
                languages=self.languages,
                value=texts,
                max_length=200,
                required=False,
            )

    def place(self, slug: str) -> int:
        """Sort key of a row; rows with equal keys keep their order."""
        return 0

    def changes(self) -> dict[str, Any]:
        found: dict[str, dict[str, str]] = {}
        for slug in sorted(self.shown, key=self.place):
            texts = {code: words.strip() for code, words in self.texts(slug).items() if words.strip()}
            if texts:
                found[self._slug(slug, texts, {*self.shown, *found})] = texts
        default = {
            slug: {code: words for code, words in texts.items() if code in self.languages}
            for slug, texts in self.defaults.items()
        }
        is_default = [*found.items()] == [*default.items()]
        rows = [] if is_default else [{"slug": slug, self.text: texts} for slug, texts in found.items()]
        return {self.fields_of[0]: rows}

    def _slug(self, slug: str, texts: dict[str, str], taken: set[str]) -> str:
        """A new row gets a unique slug, which stays when its text changes."""
        if not slug.startswith("new-"):
            return slug
        made = slugify(next(iter(texts.values())))[:40] or "line"
        numbers = (f"{made}-{number}" for number in range(2, len(taken) + 3))
        return next(each for each in (made, *numbers) if each not in taken)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(words.strip() for words in data.values() if isinstance(words, str)):
            raise forms.ValidationError(_("Leave at least one line."))
        return data


class WaiverGroundsForm(TextListForm):
    title = gettext_lazy("When participation may be left out")
    about = gettext_lazy(
        "Grounds your own ordinance knows. These are examples, not law: check them with your lawyer."
    )
    fields_of = ("grounds",)
    text, defaults = "name", rules.GROUNDS

    def rows(self) -> dict[str, dict[str, str]]:
        return self.own.waiver_grounds()


class ReportSectionsForm(TextListForm):
    """Sections in an order of the municipality's choice; its own sections are written by hand in each report."""

    title = gettext_lazy("Sections of the final report")
    about = gettext_lazy(
        "In this order. No law that we know of lists them: procedure, input and reaction are what ordinances have "
        "long asked for, the rest is our proposal. A line of your own is written by hand in each report."
    )
    fields_of = ("report_sections",)
    text, defaults = "title", rules.REPORT_SECTIONS

    def rows(self) -> dict[str, dict[str, str]]:
        return self.own.sections()

    def fill(self) -> None:
        super().fill()
        texts, order = list(self.fields), []
        for number, slug in enumerate(self.shown, start=1):
            self.fields[f"place-{slug}"] = forms.IntegerField(
                label=_("Place of line %s") % number,
                min_value=1,
                max_value=99,
                initial=number,
                required=False,
            )
            order += [f"place-{slug}", *(name for name in texts if name.startswith(f"{slug}_"))]
        self.order_fields(order)

    def place(self, slug: str) -> int:
        return self.cleaned_data.get(f"place-{slug}") or len(self.shown)


class TermsForm(SectionForm):
    title = gettext_lazy("Terms")
    about = gettext_lazy("In days. Examples, not law.")
    fields_of = ("terms",)

    def fill(self) -> None:
        for term, label in TERM_LABELS.items():
            self.fields[term] = forms.IntegerField(
                label=label, min_value=1, max_value=1500, initial=self.own.days(term)
            )

    def changes(self) -> dict[str, Any]:
        days = {term: self.cleaned_data[term] for term in TERM_LABELS}
        return {"terms": {term: n for term, n in days.items() if n != rules.DEFAULT_TERM_DAYS[term]}}


class AnswerSettingsForm(SectionForm):
    title = gettext_lazy("Answers to residents")
    about = gettext_lazy(
        "Who reads an answer before it goes, and when colleagues can be reached: it is filled in where an answer says "
        "whom to talk to."
    )
    fields_of = ("second_reader", "desk_hours")

    def fill(self) -> None:
        self.fields["second_reader"] = forms.BooleanField(
            label=_("A second colleague reads every answer before it goes"),
            initial=self.own.second_reader,
            required=False,
        )
        self.add_texts(
            "desk_hours",
            label=_("When colleagues can be reached"),
            languages=self.languages,
            value=self.own.desk_hours,
            max_length=80,
            required=False,
        )

    def changes(self) -> dict[str, Any]:
        hours = {code: words.strip() for code, words in self.texts("desk_hours").items() if words.strip()}
        return {"second_reader": self.cleaned_data["second_reader"], "desk_hours": hours}


class ThresholdsForm(SectionForm):
    title = gettext_lazy("Where the advice tips over")
    about = gettext_lazy(
        "Nobody knows the one right number. These are a beginning: try them on places you know."
    )
    fields_of = ("thresholds",)

    def fill(self) -> None:
        for name, value in asdict(self.own.limits()).items():
            kind = forms.IntegerField if name in ("spoken_enough", "asked_enough") else forms.FloatField
            least = -5 if name.startswith(("load", "cohesion")) else 0
            most = 5 if least else 1000
            self.fields[name] = kind(
                label=THRESHOLD_LABELS[name],
                min_value=least,
                max_value=most,
                initial=int(value) if float(value).is_integer() else value,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for low, high in (("load_low", "load_high"), ("wanting_low", "wanting_high")):
            if data.get(low) is not None and data.get(high) is not None and data[low] > data[high]:
                self.add_error(low, _("Low can't begin above high."))
        return data

    def changes(self) -> dict[str, Any]:
        first = asdict(Thresholds())
        own = {name: value for name, value in self.cleaned_data.items() if value != first[name]}
        return {"thresholds": own}


class ElectionPeriodForm(SectionForm):
    title = gettext_lazy("The time before elections")
    about = gettext_lazy(
        "From the first day to the last, pages for residents name no politician, only who is responsible."
    )
    fields_of = ("silent_from", "silent_until")

    silent_from = DateField(label=gettext_lazy("First day"), required=False)
    silent_until = DateField(label=gettext_lazy("Last day"), required=False)

    def fill(self) -> None:
        self.initial = {name: getattr(self.own, name) for name in self.fields_of}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("silent_from"), data.get("silent_until")
        if bool(first) != bool(last) and not self.errors:
            raise forms.ValidationError(_("Fill in both days, or none."))
        if first and last and last < first:
            self.add_error("silent_until", _("The last day comes before the first."))
        return data

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields_of}


SECTION_FORMS: dict[str, type[SectionForm]] = {
    "ladder": LadderForm,
    "roles": RolesForm,
    "grounds": WaiverGroundsForm,
    "terms": TermsForm,
    "answers": AnswerSettingsForm,
    "report": ReportSectionsForm,
    "advice": ThresholdsForm,
    "elections": ElectionPeriodForm,
}
