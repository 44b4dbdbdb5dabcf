"""Which languages are offered: those in which a resident can read our pages (`settings.LANGUAGES`).

What was written in another stays, and stays readable; it is offered again once the house speaks that language.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _


def can_be_chosen() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def is_offered(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def offered(codes: Iterable[str]) -> list[str]:
    """Those that a resident can choose, in this order. The first when there is none: something has to be said."""
    known = list(codes)
    return [code for code in known if is_offered(code)] or known[:1]


def to_write(codes: Iterable[str], texts: Mapping[str, str] | None = None) -> list[str]:
    """Those to write in: the first, what is offered, and what there are words in that would be lost otherwise."""
    known, written = list(codes), texts or {}
    others = [code for code in written if code not in known and not is_offered(code)]
    return [code for code in [*known, *others] if code in known[:1] or is_offered(code) or written.get(code)]


def labelled(code: str, name: str) -> str:
    """The name of a language in a list of choices."""
    return name if is_offered(code) else _("%(language)s (not offered now)") % {"language": name}
