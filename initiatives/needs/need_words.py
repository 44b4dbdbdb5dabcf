"""Texts of the reasons why something fits a need or not."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.needs.fitting_links import LinkReason

REASONS: Mapping[str, str | Promise] = {
    LinkReason.THEME: _("same theme"),
    LinkReason.HERE: _("here in the neighbourhood"),
    LinkReason.NEAR: _("close by"),
    LinkReason.RUNNING: _("runs already"),
    LinkReason.BEGINNING: _("about to begin"),
    LinkReason.ROOM: _("there is room"),
    LinkReason.OFFERED: _("offered now"),
    LinkReason.RESIDENTS: _("of residents themselves"),
    LinkReason.FAR: _("in another part of the municipality"),
    LinkReason.OTHER_THEME: _("about another theme"),
    LinkReason.NOT_SURE: _("nobody looked for a year whether it is still true"),
}

AGES_MISSING = _("In the last survey here these ages took part for less than half their share: %(ages)s.")
