"""Which languages are offered: those of the resident pages (`settings.LANGUAGES`).

Texts in another language are kept and stay readable; they are offered again once that language is added.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _


def selectable_languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def is_offered(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def offered_languages(codes: Iterable[str]) -> list[str]:
    """The codes that a resident can choose, in this order. If none is, the first code, since one text must be shown."""
    known = list(codes)
    return [code for code in known if is_offered(code)] or known[:1]


def languages_to_write(codes: Iterable[str], texts: Mapping[str, str] | None = None) -> list[str]:
    """The languages to write in: the first, those on offer, and those with texts that would otherwise be lost."""
    known, written = list(codes), texts or {}
    others = [code for code in written if code not in known and not is_offered(code)]
    return [code for code in [*known, *others] if code in known[:1] or is_offered(code) or written.get(code)]


def language_label(code: str, name: str) -> str:
    """The name of a language in a list of choices, marked when it is not offered."""
    return name if is_offered(code) else _("%(language)s (not offered now)") % {"language": name}
