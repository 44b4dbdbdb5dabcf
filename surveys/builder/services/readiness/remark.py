"""A remark on a draft, and the place to fix it."""

from dataclasses import dataclass

from django.urls import reverse

from core.revision import revision


@dataclass(frozen=True)
class PublishBlocker:
    """One thing that blocks publication: a sentence, and where to go.

    `is_stop` is False for a warning. A warning with a `code` can be dismissed with a reason
    (surveys.builder.services.dismissals), valid as long as the text it is `about` does not change.
    """

    sentence: str
    place: "RemarkPlace"
    anchor: str = ""
    language: str = ""
    is_stop: bool = True
    code: str = ""
    about: str = ""

    @property
    def mark(self) -> str:
        """Its key among the remarks of one survey."""
        return f"{self.place.url_name}:{self.place.args[-1]}:{self.anchor}:{self.code}:{self.language}"

    @property
    def fingerprint(self) -> str:
        return revision(self.about)

    @property
    def url(self) -> str:
        query = f"?language={self.language}" if self.language else ""
        anchor = f"#{self.anchor}" if self.anchor else ""
        return f"{self.place.url}{query}{anchor}"


@dataclass(frozen=True)
class RemarkPlace:
    """A place in a survey: its name for people, and its page."""

    name: str
    url_name: str
    args: tuple[int, ...]

    @property
    def url(self) -> str:
        return reverse(self.url_name, args=self.args)

    def lack(
        self, sentence: str, field: str = "", language: str = "", *, is_stop: bool = True
    ) -> PublishBlocker:
        return PublishBlocker(sentence, self, f"id_{field}" if field else "", language, is_stop)

    def warn(
        self, code: str, sentence: str, field: str = "", language: str = "", *, about: str
    ) -> PublishBlocker:
        """A warning: better fixed, but the author may know better."""
        anchor = f"id_{field}" if field else ""
        return PublishBlocker(sentence, self, anchor, language, is_stop=False, code=code, about=about)
