"""Texts for the advice: the words for the keys and figures of neighbourhoods.advice.advice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from core.i18n import pick
from neighbourhoods.advice.advice import MIN_WARNING_STEPS, Advice, AdviceReason, Rule, Tip, ladder_deviation
from neighbourhoods.advice.plain_language import LintFinding, PlainLanguageIssue
from neighbourhoods.models import ParticipationRules, Theme
from neighbourhoods.states import Step

_Labels = Mapping[str, str | Promise]

APPROACHES: _Labels = {
    "not_yet": gettext_lazy("don't start yet"),
    "reach": gettext_lazy("reach first"),
    "give_room": gettext_lazy("give room"),
    "make_together": gettext_lazy("make together"),
    "connect": gettext_lazy("connect"),
    "build_up": gettext_lazy("build up"),
    "deliver_first": gettext_lazy("deliver first"),
    "sound_out": gettext_lazy("sound out"),
    "keep_light": gettext_lazy("keep it light"),
}
APPROACH_OUTCOMES: _Labels = {
    "not_yet": gettext_lazy(
        "Nobody in charge stands behind this yet. Get to know the neighbourhood from your desk, "
        "and ask residents nothing you can't answer."
    ),
    "reach": gettext_lazy("We have spoken to too few people to say anything about this neighbourhood."),
    "give_room": gettext_lazy("Residents are at it already. Ask what holds them back, and take that away."),
    "make_together": gettext_lazy(
        "Many want to join in, but not everybody has time and money to spare. "
        "Make it together, and pay somebody who stays."
    ),
    "connect": gettext_lazy("There are hands and there are wishes. Bring them together, street by street."),
    "build_up": gettext_lazy(
        "More is possible here than it seems, but many people are having a hard time. "
        "Begin small and visible, and pay somebody to keep it up."
    ),
    "deliver_first": gettext_lazy(
        "Don't ask for volunteers here now. First solve one or two things that everybody sees."
    ),
    "sound_out": gettext_lazy(
        "It is not clear yet what moves people here. Ask briefly, and invite to one thing."
    ),
    "keep_light": gettext_lazy("Things go well without us. Keep the door open, and ask once a year."),
}
MOVE_TEXTS: _Labels = {
    "desk_profile": gettext_lazy("read the figures and walk through the neighbourhood"),
    "inventory": gettext_lazy("note what is there already: initiatives, places, people"),
    "find_sponsor": gettext_lazy("find a politician and a colleague who stand behind it"),
    "key_persons": gettext_lazy("speak to three people who know everybody"),
    "door_to_door": gettext_lazy("ring doorbells"),
    "gatherings": gettext_lazy("go where people meet already"),
    "no_conclusions": gettext_lazy("draw no conclusions about groups yet"),
    "what_holds_back": gettext_lazy("ask what holds residents back"),
    "budget": gettext_lazy("a neighbourhood budget"),
    "right_to_challenge": gettext_lazy("let residents take over a task"),
    "cooperative": gettext_lazy("help to set up a cooperative"),
    "co_design": gettext_lazy("draw the plan together"),
    "paid_support": gettext_lazy("pay for support"),
    "guard_overload": gettext_lazy("see to it that the same people don't do everything"),
    "match": gettext_lazy("bring offers and wishes together"),
    "street_actions": gettext_lazy("a small action in a street"),
    "kitchen_tables": gettext_lazy("ten talks at kitchen tables"),
    "visible_job": gettext_lazy("one visible job before summer"),
    "deliver_quickly": gettext_lazy("deliver one to three small things quickly, yourself or with partners"),
    "strict_feedback": gettext_lazy("tell everybody what was done, on the day that was promised"),
    "no_volunteers": gettext_lazy("ask for no volunteers"),
    "short_poll": gettext_lazy("a short poll"),
    "one_invitation": gettext_lazy("one concrete invitation"),
    "open_door": gettext_lazy("an open door"),
    "yearly_poll": gettext_lazy("a very short poll once a year"),
}
PAID_HELP: _Labels = {
    "professional": gettext_lazy("with a professional who stays"),
    "community_worker": gettext_lazy("with a community worker"),
}
DEGREE_TEXTS: Mapping[str, _Labels] = {
    "load": {
        "low": gettext_lazy("Load low"),
        "mid": gettext_lazy("Load middling"),
        "high": gettext_lazy("Load high"),
    },
    "energy": {
        "low": gettext_lazy("Energy low"),
        "mid": gettext_lazy("Energy middling"),
        "high": gettext_lazy("Energy high"),
    },
    "reach": {"low": gettext_lazy("Reach too small"), "high": gettext_lazy("Reach enough")},
    "means": {"low": gettext_lazy("Means lacking"), "mid": gettext_lazy("Means")},
    "urgency": {"high": gettext_lazy("Urgent")},
    "cohesion": {"low": gettext_lazy("Few ties"), "mid": gettext_lazy("Ties")},
}
MISSING_INPUT_TEXTS: _Labels = {
    "mandate": gettext_lazy("whether somebody in charge stands behind this"),
    "load": gettext_lazy("how hard life is here: no figures yet"),
    "wanting": gettext_lazy("how many want to join in: no poll asked it yet"),
    "few_asked": gettext_lazy("how many want to join in: too few were asked"),
    "running": gettext_lazy("what runs here already: not noted yet"),
    "residents": gettext_lazy("how many people live here"),
    "reach": gettext_lazy("whether everybody was reached: too few told their age"),
    "cohesion": gettext_lazy("how well neighbours know each other"),
    "urgency": gettext_lazy("what people name most"),
    "budget": gettext_lazy("how much money there is"),
    "hours": gettext_lazy("how many hours colleagues have"),
}
MODIFIER_TEXTS: _Labels = {
    "no_money": gettext_lazy(
        "There is no money: choose what costs nothing, and say so on the expectation card."
    ),
    "no_hours": gettext_lazy("No colleague has hours for this: choose what carries itself, or begin later."),
    "join_first": gettext_lazy(
        "Something on the theme that is named most runs already: join it before you begin anew."
    ),
    "street_first": gettext_lazy(
        "Few people know each other: begin in a street, not in the whole neighbourhood."
    ),
    "municipality_owns": gettext_lazy(
        "One theme is urgent and few can join in: the municipality takes it up itself, with its name on it."
    ),
}
THRESHOLD_LABELS: _Labels = {
    "load_high": gettext_lazy("Load is high above (deviation from the municipality)"),
    "load_low": gettext_lazy("Load is low below (deviation from the municipality)"),
    "wanting_high": gettext_lazy("Energy is high from: % that wants to join in"),
    "wanting_low": gettext_lazy("Energy is low below: % that wants to join in"),
    "running_high": gettext_lazy("Energy is high from: running initiatives per 1,000 residents"),
    "spoken_enough": gettext_lazy("Key persons spoken to that make up for no initiatives"),
    "asked_enough": gettext_lazy("Answers from which a share says something"),
    "response_enough": gettext_lazy("Reach is enough from: share of the residents, in %"),
    "band_share": gettext_lazy("Reach is enough when every age has at least so much of its share, in %"),
    "urgent": gettext_lazy("A theme is urgent from: % that names it"),
    "cohesion_low": gettext_lazy("Ties are few below (deviation of the index)"),
    "knowing_low": gettext_lazy("Ties are few below: % that knows neighbours"),
}


@dataclass(frozen=True)
class ReasonChip:
    strong: str
    text: str


@dataclass(frozen=True)
class PlanWarning:
    """A plan that asks too much or too little, in words. Positive `steps` mean too much."""

    title: str
    text: str
    steps: int


@dataclass(frozen=True)
class AdviceTexts:
    """An advice as a page shows it."""

    name: str
    outcome: str
    levels: str
    roles: str
    moves: str
    reasons: list[ReasonChip]
    missing: list[str]
    modifiers: list[str]
    tips: list[str]


def advice_texts(advice: Advice) -> AdviceTexts:
    rule = advice.rule
    return AdviceTexts(
        name=approach_name(rule.approach),
        outcome=str(APPROACH_OUTCOMES[rule.approach]),
        levels=levels_of(rule),
        roles=roles_of(rule),
        moves=", ".join(str(MOVE_TEXTS[move]) for move in rule.moves),
        reasons=[reason_chip(reason) for reason in advice.reasons],
        missing=[str(MISSING_INPUT_TEXTS[key]) for key in advice.missing],
        modifiers=[str(MODIFIER_TEXTS[key]) for key in advice.modifiers],
        tips=[tip_text(tip, advice) for tip in advice.tips],
    )


def approach_name(approach: str) -> str:
    return str(APPROACHES.get(approach, approach))


def levels_of(rule: Rule) -> str:
    """One level or a range, with this municipality's names."""
    names = [ParticipationRules.current().level(level) for level in rule.levels]
    if len(names) > 1:
        return _("%(least)s to %(most)s") % {"least": names[0], "most": names[-1]}
    return names[0] if names else ""


def roles_of(rule: Rule) -> str:
    names = " / ".join(ParticipationRules.current().role(role) for role in rule.roles)
    return f"{names}, {PAID_HELP[rule.paid_help]}" if rule.paid_help else names


def translate_to_english(words: str | Promise) -> str:
    """English, for facts in the log, which translates them for its reader."""
    with override("en"):
        return str(words)


def degree_labels(advice: Advice) -> list[str]:
    """Load and energy in two words each; unknown ones are left out."""
    found = {"load": advice.load, "energy": advice.energy}
    return [
        str(DEGREE_TEXTS[about][degree]) for about, degree in found.items() if degree in DEGREE_TEXTS[about]
    ]


# --- reasons ----------------------------------------------------------------------------------


def reason_chip(reason: AdviceReason) -> ReasonChip:
    return ReasonChip(str(DEGREE_TEXTS[reason.about][reason.degree]), _reason(reason.key, reason.figures))


def stored_reason_chips(reasons: Iterable[Mapping[str, Any]]) -> list[ReasonChip]:
    """The reasons that were stored with a decision."""
    return [reason_chip(AdviceReason(**each)) for each in reasons]


def _reason(key: str, figures: Mapping[str, Any]) -> str:
    match key:
        case "no_mandate":
            return _("nobody in charge stands behind this")
        case "struggling":
            return _("%(share)s%% finds it hard to make ends meet") % {
                "share": format_share(figures["share"])
            }
        case "lonely":
            return _("%(share)s%% is severely lonely") % {"share": format_share(figures["share"])}
        case "deviation":
            return _("%(n)s standard deviations from the middle of the municipality") % {
                "n": format_signed(figures["deviation"])
            }
        case "wanting":
            return _wanting_text(figures)
        case "running":
            return _running_text(figures)
        case "spoken":
            count = figures["count"]
            said = ngettext("%(count)s key person spoken to", "%(count)s key persons spoken to", count)
            return said % {"count": count}
        case "every_age":
            return _("every age took part")
        case "left_behind":
            return _("too few of %(ages)s") % {"ages": ", ".join(map(age_band_text, figures["bands"]))}
        case "response":
            return _("%(share)s%% of the residents took part") % {"share": percent(figures["share"])}
        case "theme":
            named = {"share": format_rounded_down(figures["share"]), "theme": theme_name(figures["theme"])}
            return _("%(share)s%% names “%(theme)s”") % named
        case "knowing":
            return _("%(share)s%% knows neighbours") % {"share": percent(figures["share"])}
        case "index":
            return _("%(n)s standard deviations from the middle of the municipality") % {
                "n": format_signed(figures["deviation"])
            }
        case "budget":
            amount = figures["amount"]
            return _("€ %s") % number_format(amount, 0, force_grouping=True) if amount else _("no money")
        case "hours":
            hours = figures["hours"]
            said = ngettext("%(hours)s hour a week", "%(hours)s hours a week", int(hours))
            return said % {"hours": number_format(hours, 0)} if hours else _("no hours of colleagues")
    raise KeyError(key)


def _wanting_text(figures: Mapping[str, Any]) -> str:
    asked = {"asked": figures["asked"]}
    if figures["share"] is None:
        return _("only a few want to join in (of %(asked)s)") % asked
    share = {"share": format_rounded_down(figures["share"])}
    return _("%(share)s%% wants to join in (of %(asked)s)") % (asked | share)


def _running_text(figures: Mapping[str, Any]) -> str:
    count, density = figures["count"], figures["per_thousand"]
    said = ngettext("%(count)s initiative", "%(count)s initiatives", count) % {"count": count}
    if not count or density is None:
        return said
    return _("%(said)s, %(density)s per 1,000") % {"said": said, "density": number_format(density, 1)}


def format_share(share: float) -> str:
    return number_format(share, 0 if float(share).is_integer() else 1)


def percent(share: float) -> str:
    """Without decimals, which would suggest too much precision."""
    return number_format(round(share), 0)


def format_rounded_down(share: float) -> str:
    """A share compared with a threshold: rounded down, so that it never appears to reach it."""
    return number_format(floor(share), 0)


def format_signed(deviation: float) -> str:
    return f"{'+' if deviation > 0 else '−' if deviation < 0 else ''}{number_format(abs(deviation), 1)}"


def age_band_text(band: str) -> str:
    first, dash, last = band.partition("-")
    if not dash:
        return _("people of %(age)s and older") % {"age": band.rstrip("+")}
    return _("people of %(first)s to %(last)s") % {"first": first, "last": last}


def theme_name(slug: str) -> str:
    theme = Theme.objects.filter(slug=slug).first()
    return pick(theme.name, get_language() or "") if theme else slug


# --- tips: distance to another rule -----------------------------------------------------------


def tip_text(tip: Tip, advice: Advice) -> str:
    return _("%(when)s the advice becomes: %(approach)s.") % {
        "when": _tip_condition(tip, advice),
        "approach": approach_name(tip.rule.approach),
    }


def _tip_condition(tip: Tip, advice: Advice) -> str:
    limits, value = advice.thresholds, tip.value
    match tip.about, tip.up:
        case "wanting", True:
            return _("At %(share)s%% that wants to join in") % {"share": percent(value)}
        case "wanting", False:
            # It is the first value below a threshold, so name the threshold.
            edges = (limits.wanting_low, limits.wanting_high)
            edge = min(edges, key=lambda each: abs(each - value))
            return _("Below %(share)s%% that wants to join in") % {"share": percent(edge)}
        case "asked", _up:
            return _("At %(count)s people who say whether they want to join in") % {"count": value}
        case "running", up:
            return _count_of_initiatives(value, up)
        case "spoken", True:
            return _("At %(count)s key persons spoken to") % {"count": value}
        case "spoken", False:
            return _("At only %(count)s key persons spoken to lately") % {"count": value}
        case "responses", True:
            return _("At %(count)s people who take part") % {"count": value}
        case "responses", False:
            return _("Had no more than %(count)s people taken part,") % {"count": value}
        case "left_behind", _up:
            return _("When every age takes part")
        case "mandate", _up:
            return _("As soon as somebody in charge stands behind it")
        case "load", True:
            return _("At a load above %(n)s (now %(now)s)") % _loads(value, advice)
        case "load", False:
            return _("At a load below %(n)s (now %(now)s)") % _loads(value, advice)
    raise KeyError(tip.about)


def _count_of_initiatives(value: int, up: bool) -> str:
    if not value:
        return _("Without any initiative")
    said = (
        ngettext("At %(count)s running initiative", "At %(count)s running initiatives", value)
        if up
        else ngettext("At only %(count)s running initiative", "At only %(count)s running initiatives", value)
    )
    return said % {"count": value}


def _loads(value: float, advice: Advice) -> dict[str, str]:
    return {"n": format_signed(round(value, 2)), "now": format_signed(advice.inputs.load or 0.0)}


# --- the steps of a trajectory ----------------------------------------------------------------

STEP_QUESTIONS = {
    Step.MANDATE: gettext_lazy("Who is in charge and stands behind this, and who sees to it?"),
    Step.DESK_PROFILE: gettext_lazy(
        "Read what is known of the neighbourhood, so that nobody is asked it again."
    ),
    Step.INVENTORY: gettext_lazy("Note who is active there, where people meet, and whom everybody knows."),
    Step.PROMISE: gettext_lazy("Write what residents may expect, and publish it."),
    Step.POLL: gettext_lazy("Ask everybody a few short questions."),
    Step.DEEPENING: gettext_lazy("Ask more of those who want to say more."),
    Step.TALK_BACK: gettext_lazy("Show residents the results, and ask whether they support them."),
    Step.APPROACH: gettext_lazy("Read the advice and choose. Otherwise is allowed, with a reason."),
    Step.FEEDBACK: gettext_lazy("Tell everybody what happened with what they said, also when it is no."),
    Step.START: gettext_lazy("Bring those who want to help together with what there is to do."),
    Step.REPORT: gettext_lazy("Put together what was asked, said, decided and done."),
    Step.EVALUATION: gettext_lazy("Go back, and ask what came of it."),
}


# --- plans and surveys that ask too much or too little ----------------------------------------


def plan_warning(level: str, advice: Advice) -> PlanWarning | None:
    """A warning for a plan at this level of the ladder; None if it is less than two steps off."""
    steps = ladder_deviation(level, advice)
    if not steps:
        return None
    rules = ParticipationRules.current()
    said = {"level": rules.level(level), "steps": abs(steps)}
    if steps >= MIN_WARNING_STEPS:
        more = _("You chose “%(level)s”. That is %(steps)s steps more than fits here now.") % said
        return PlanWarning(
            _("Mind: your plan asks too much."), f"{more} {_lower_level_advice(advice)}", steps
        )
    less = _("You chose “%(level)s”. That is %(steps)s steps less than fits here now.") % said
    if advice.inputs.wanting is not None and not advice.inputs.few:
        wants = _("%(share)s%% wants to join in here.") % {
            "share": format_rounded_down(advice.inputs.wanting)
        }
        less = f"{wants} {less}"
    then = _("People will go on without you, or drop out. Leave at least one decision to them.")
    return PlanWarning(_("Mind: your plan asks too little."), f"{less} {then}", steps)


def _lower_level_advice(advice: Advice) -> str:
    if not advice.levels:
        return ""
    level = ParticipationRules.current().level(advice.levels[-1])
    return _("Begin with “%(level)s”: %(move)s.") % {
        "level": level,
        "move": MOVE_TEXTS[advice.rule.moves[-1]],
    }


# Remarks on a text for residents (neighbourhoods.advice.plain_language), by code.
PLAIN_LANGUAGE_REMARKS: Mapping[str, str | Promise] = {
    PlainLanguageIssue.LONG: gettext_lazy(
        "A long sentence (%(found)s words): people read it twice or not to the end. Cut it."
    ),
    PlainLanguageIssue.LONG_WORD: gettext_lazy(
        "“%(found)s” is a long word: people who find reading hard stop there. Say it in shorter ones."
    ),
    PlainLanguageIssue.HARD: gettext_lazy(
        "This is hard to read (%(found)s out of 100): people who are tired or in a hurry "
        "skip it. Shorter sentences and words help."
    ),
    PlainLanguageIssue.OFFICIAL: gettext_lazy(
        "Your neighbours don't say “%(found)s”: people feel that it is not for them. Better: %(better)s."
    ),
}


def finding_text(remark: LintFinding) -> str:
    return str(PLAIN_LANGUAGE_REMARKS[remark.code]) % {"found": remark.found, "better": remark.better}
