"""Texts of the library of approaches: marks, evidence, degrees and field labels."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from initiatives.initiatives.approaches import ApproachReason, Evidence
from neighbourhoods.advice.advice import Degree

APPROACH_REASON_TEXTS: Mapping[str, str | Promise] = {
    ApproachReason.ENERGY: gettext_lazy("fits the energy here"),
    ApproachReason.TOO_LITTLE_ENERGY: gettext_lazy("asks more energy than there is"),
    ApproachReason.MORE_IS_POSSIBLE: gettext_lazy("more is possible here"),
    ApproachReason.LOAD: gettext_lazy("made for how life is here"),
    ApproachReason.NOT_THIS_LOAD: gettext_lazy("not for how life is here"),
    ApproachReason.FREE: gettext_lazy("costs nothing"),
    ApproachReason.AFFORDABLE: gettext_lazy("affordable"),
    ApproachReason.TOO_DEAR: gettext_lazy("costs more than there is"),
    ApproachReason.HOURS: gettext_lazy("there are hours for it"),
    ApproachReason.NO_HOURS: gettext_lazy("nobody has hours for it"),
    ApproachReason.HELPS_TO_REACH: gettext_lazy("helps to reach people"),
    ApproachReason.REACH_FIRST: gettext_lazy("reach people first"),
    ApproachReason.THEME: gettext_lazy("about what is named most"),
    ApproachReason.THIS_THEME: gettext_lazy("about this theme"),
    ApproachReason.OTHER_THEME: gettext_lazy("about another theme"),
    ApproachReason.WORDS: gettext_lazy("answers what was said"),
    ApproachReason.STREET: gettext_lazy("begins in a street"),
    ApproachReason.ASSUMES_TIES: gettext_lazy("takes people who know each other"),
    ApproachReason.ASK_FIRST: gettext_lazy("look first whether it fits the place"),
}
EVIDENCE_TEXTS: Mapping[str, str | Promise] = {
    Evidence.STUDY: gettext_lazy("A study was read about it."),
    Evidence.PRACTICE: gettext_lazy("Told from practice."),
    Evidence.JUDGEMENT: gettext_lazy("Our own judgement, not verified."),
}
DEGREE_LABELS: Mapping[str, str | Promise] = {
    Degree.LOW: gettext_lazy("low"),
    Degree.MID: gettext_lazy("middling"),
    Degree.HIGH: gettext_lazy("high"),
}
APPROACH_FIELD_LABELS: Mapping[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "answers": gettext_lazy("What it answers"),
    "fits": gettext_lazy("Fits when"),
    "needs": gettext_lazy("Takes"),
    "watch_out": gettext_lazy("Watch out"),
    "local": gettext_lazy("Look first"),
    "evidence": gettext_lazy("How well known"),
    "energy": gettext_lazy("Energy it fits"),
    "load": gettext_lazy("How hard life is where it fits"),
    "themes": gettext_lazy("Themes"),
    "costs": gettext_lazy("Money at least, in euros"),
    "hours": gettext_lazy("Takes hours of a colleague each week"),
    "reaches": gettext_lazy("Helps to reach people"),
    "street": gettext_lazy("Begins in a street"),
}
