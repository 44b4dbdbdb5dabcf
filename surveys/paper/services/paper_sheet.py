"""Content of a paper form: the questions of one version in one language, with their conditions in words."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.links import absolute
from core.i18n import pick
from neighbourhoods.models import Area, Municipality
from surveys.answering.services.beginning import upcoming_promise_date
from surveys.models import PaperRun
from surveys.paper.services.paper import is_rtl
from surveys.questionnaire import conditions, counting
from surveys.questionnaire.conditions import Condition
from surveys.questionnaire.document import Document, Layer, Question, Shape
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.published import published_version
from surveys.questionnaire.question_types.about_you import MOST_BUTTONS
from surveys.questionnaire.question_types.statements import STATEMENT_VIEW_LABELS
from surveys.states import Respondent


def document_of_run(run: PaperRun) -> Document:
    return published_version(run.version_id, run.version.digest).document


def asks_area(run: PaperRun) -> bool:
    """Whether the form asks for the neighbourhood besides its questions, as the desk and the phone do."""
    document = document_of_run(run)
    told = any(question.type == "neighbourhood" for layer in document.layers for question in layer.asked)
    return run.channel.area_id is None and len(document.areas) > 1 and not told


def areas_of(run: PaperRun) -> list[Area]:
    return (
        list(Area.objects.filter(pk__in=document_of_run(run).areas).order_by("name"))
        if asks_area(run)
        else []
    )


def sheet(run: PaperRun) -> dict[str, Any]:
    """Everything but the number and the code, as surveys/printing/paper.typ reads it."""
    document, language = document_of_run(run), run.language
    with translation.override(language):
        numbers = _numbers(document)
        names = dict(Area.objects.filter(pk__in=document.areas).values_list("pk", "name"))
        words = _Words(document, language, numbers, {str(pk): name for pk, name in names.items()})
        survey = run.channel.survey
        before = upcoming_promise_date(survey)
        day = date_format(before, "j F Y") if before else ""
        address = absolute(reverse("private_code")).rstrip("/")
        phone = Municipality.current().phone
        return {
            "language": language,
            "rtl": is_rtl(language),
            "sender": Municipality.current().name,
            "title": pick(document.title, language),
            "lead": pick(document.lead, language),
            "facts": [
                (str(_("Who asks")), pick(document.who_asks, language)),
                (str(_("Why")), pick(document.why, language)),
                (str(_("Hand it in")), run.hand_in),
            ],
            "how": [
                _("Put a cross in the box of your answer. Write in capitals or clearly; black or blue."),
                _("Rather not answer something? Leave it blank. You need not give a name."),
                *(
                    [_("A question, or another language? Call %(phone)s.") % {"phone": phone}]
                    if phone
                    else []
                ),
            ],
            "promise": (
                _("Before %(day)s you hear what we do with it. Also when something can't be done.")
                % {"day": day}
            )
            if day
            else "",
            "we_answer": _("You say it, we answer."),
            "form": _("Form"),
            "page": _("page"),
            "cut": _("Tear this strip off and keep it. It is yours."),
            "read": _("Read what happens at"),
            "with_code": _("with this code"),
            "nobody": _(
                "Nobody else has this code, and we don't keep it. If you lose it, we can't find it for you."
            ),
            "soon": _("Until we have entered your form, it says so there."),
            "address": address.partition("://")[2],
            "number_alt": _("QR code of the number of this form, for the person who types it in"),
            "end": _("Thank you. Hand the form in: %(where)s") % {"where": run.hand_in},
            "layers": [words.layer(layer, run) for layer in document.layers if layer.asked],
            "about": [
                *([_area(run, names)] if asks_area(run) else []),
                {
                    "text": _("Do you fill this in on behalf of an organisation or a business?"),
                    "note": _("Leave it blank if you answer for yourself."),
                    "options": [capfirst(str(label)) for _value, label in Respondent.choices],
                },
            ],
        }


def _area(run: PaperRun, names: Mapping[int, str]) -> dict[str, Any]:
    return {"text": _("Where do you live?"), "note": "", "options": sorted(names.values())}


def _numbers(document: Document) -> dict[str, int]:
    """The number of each question on the form, counted through all layers."""
    asked = [question for layer in document.layers for question in layer.asked]
    return {question.id: number for number, question in enumerate(asked, start=1)}


class _Words:
    """A document in the words of one language, with numbered questions."""

    def __init__(
        self, document: Document, language: str, numbers: Mapping[str, int], areas: Mapping[str, str]
    ) -> None:
        self.document, self.language, self.numbers, self.areas = document, language, numbers, areas
        self.asked = [question for layer in document.layers for question in layer.asked]

    def layer(self, layer: Layer, run: PaperRun) -> dict[str, Any]:
        last = self.numbers[layer.asked[-1].id]
        extra = "" if layer is self.document.first_layer else _("More questions, if you like.")
        return {
            "title": pick(layer.title, self.language) or _("Questions"),
            "note": " ".join(filter(None, [extra, self.condition_note(layer.condition, last + 1)])),
            "questions": [self.question(question) for question in layer.asked],
        }

    def question(self, question: Question) -> dict[str, Any]:
        settings = question.settings
        notes = [pick(without_tokens(question.hint), self.language)]
        found: dict[str, Any] = {
            "options": [], "lines": 0, "boxes": [], "unit": "", "rows": [], "own": "", "consent": "",
        }  # fmt: skip
        match question.shape:
            case Shape.MANY:
                most = settings.get("most")
                notes.append(
                    ngettext("Choose at most %(most)s.", "Choose at most %(most)s.", most) % {"most": most}
                    if most
                    else _("More than one answer is fine.")
                )
                found["options"] = self._options(question)
            case Shape.ONE if question.type == "neighbourhood" and len(question.options) > MOST_BUTTONS + 1:
                notes.append(_("Write your postcode, or the name of your neighbourhood."))
                found["lines"] = 1
            case Shape.ONE:
                notes.append(_("One answer."))
                found["options"] = self._options(question)
                if question.type == "about_you":
                    notes.insert(0, pick(settings.get("reason"), self.language))
                    if settings.get("consent"):
                        found["consent"] = _(
                            "I agree that you keep this answer. Without this cross we don't."
                        )
            case Shape.TEXT if question.type == "place":
                notes.append(_("Write which place: a street, a corner, a square. And what about it."))
                found |= {
                    "lines": 4,
                    "consent": _("I am 16 or older. Only then do we keep the place on the map."),
                }
            case Shape.TEXT:
                found["lines"] = 2 if question.type == "short_text" else 6
            case Shape.NUMBER:
                least, most = counting.bounds(settings)
                notes.append(_("A number from %(least)s to %(most)s.") % {"least": least, "most": most})
                found["boxes"] = [max(len(str(least)), len(str(most)))]
                found["unit"] = pick(settings.get("unit"), self.language)
            case Shape.DAY:
                notes.append(_("Day, month, year."))
                found["boxes"] = [2, 2, 4]
            case Shape.VIEWS:
                found["rows"] = [pick(option.label, self.language) for option in question.options]
                found["options"] = [pick(label, self.language) for label in STATEMENT_VIEW_LABELS.values()]
                if settings.get("own", True):
                    found |= {"own": _("Something you would say yourself:"), "lines": 2}
        number = self.numbers[question.id]
        return found | {
            "number": number,
            "text": pick(without_tokens(question.text), self.language),
            "notes": [note for note in notes if note],
            "only_if": self.condition_note(question.condition, self._next(question)),
        }

    def _options(self, question: Question) -> list[str]:
        return [pick(option.label, self.language) for option in question.options]

    def _next(self, question: Question) -> int:
        """The number of the first later question with another condition."""
        after = self.asked[self.numbers[question.id] :]
        found = next((one for one in after if one.condition != question.condition), None)
        return self.numbers[found.id] if found else len(self.asked) + 1

    def condition_note(self, condition: Condition | None, onward: int) -> str:
        if condition is None:
            return ""
        said = _("Only if %(this)s.") % {"this": self._say(condition)}
        if onward > len(self.asked):
            return f"{said} {_('Otherwise you are done.')}"
        return f"{said} " + _("Otherwise go to question %(number)s.") % {"number": onward}

    def _say(self, condition: Condition) -> str:
        match condition:
            case conditions.AnyOf(parts):
                return _(" or ").join(self._say(part) for part in parts)
            case conditions.AllOf(parts):
                return _(" and ").join(self._say(part) for part in parts)
            case conditions.Not(conditions.Is(question, option) | conditions.Includes(question, option)):
                return _("you did not choose %(answers)s at question %(number)s") % self._choice(
                    question, [option]
                )
            case conditions.Not(part):
                return _("this is not so: %(this)s") % {"this": self._say(part)}
            case conditions.Answered(question):
                return _("you answered question %(number)s") % {"number": self._number(question)}
            case conditions.Is(question, option) | conditions.Includes(question, option):
                return self._chose(question, [option])
            case conditions.MoreThan(question, _option, beyond):
                ids = self.document.question(question).option_ids
                return self._chose(question, [id for id in ids if id in beyond])
            case conditions.AtLeast(question, least):
                return _("the number at question %(number)s is %(least)s or more") % {
                    "number": self._number(question),
                    "least": least,
                }
            case conditions.InArea(areas):
                found = sorted(name for id in areas if (name := self.areas.get(id)))
                return _("you live in %(names)s") % {"names": _(" or ").join(found)}
            case conditions.RespondentIs(kinds):
                found = sorted(str(Respondent(kind).label) for kind in kinds)
                return _("you answer as %(kinds)s") % {"kinds": _(" or ").join(found)}
            case _:
                raise TypeError(condition)

    def _number(self, question: str) -> int | str:
        return self.numbers.get(question, "?")

    def _chose(self, question: str, options: list[str]) -> str:
        return _("you chose %(answers)s at question %(number)s") % self._choice(question, options)

    def _choice(self, question: str, options: list[str]) -> dict[str, int | str]:
        asked = self.document.question(question)
        labels = [pick(found.label, self.language) for id in options if (found := asked.option(id))]
        return {
            "answers": _(" or ").join(f"“{label}”" for label in labels),
            "number": self._number(question),
        }
