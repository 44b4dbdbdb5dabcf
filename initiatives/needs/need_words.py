"""Texts of the reasons why something fits a need or not."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from initiatives.needs.fitting_links import LinkReason

LINK_REASON_TEXTS: Mapping[str, str | Promise] = {
    LinkReason.THEME: gettext_lazy("same theme"),
    LinkReason.HERE: gettext_lazy("here in the neighbourhood"),
    LinkReason.NEAR: gettext_lazy("close by"),
    LinkReason.RUNNING: gettext_lazy("runs already"),
    LinkReason.BEGINNING: gettext_lazy("about to begin"),
    LinkReason.ROOM: gettext_lazy("there is room"),
    LinkReason.OFFERED: gettext_lazy("offered now"),
    LinkReason.RESIDENTS: gettext_lazy("of residents themselves"),
    LinkReason.FAR: gettext_lazy("in another part of the municipality"),
    LinkReason.OTHER_THEME: gettext_lazy("about another theme"),
    LinkReason.NOT_SURE: gettext_lazy("nobody looked for a year whether it is still true"),
}

AGES_MISSING = gettext_lazy(
    "In the last survey here these ages took part for less than half their share: %(ages)s."
)
