"""Why something fits a need, and why not, in the reader's words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.needs.fitting_links import Reason

REASONS: Mapping[str, str | Promise] = {
    Reason.THEME: _("same theme"),
    Reason.HERE: _("here in the neighbourhood"),
    Reason.NEAR: _("close by"),
    Reason.RUNNING: _("runs already"),
    Reason.BEGINNING: _("about to begin"),
    Reason.ROOM: _("there is room"),
    Reason.OFFERED: _("offered now"),
    Reason.RESIDENTS: _("of residents themselves"),
    Reason.FAR: _("in another part of the municipality"),
    Reason.OTHER_THEME: _("about another theme"),
    Reason.NOT_SURE: _("nobody looked for a year whether it is still true"),
}

AGES_MISSING = _("In the last survey here these ages took part for less than half their share: %(ages)s.")
