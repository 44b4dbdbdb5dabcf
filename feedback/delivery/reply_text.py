"""Extracts the writer's own words from a reply: without the quoted mail and the signature.

Losing a writer's words is worse than keeping a line of ours, so only certain quotes and signatures are
removed. If nothing would be left, all lines not marked as a quote are kept, for a person to read.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser

MAX_REPLY_LENGTH = 10_000
"""Maximum characters of one reply. The rest is cut, and `CUT` marks it."""

CUT = "[…]"

_QUOTE = re.compile(r"^\s?>")
# Attribution lines of Gmail, Apple Mail, Thunderbird and others: one to three lines that end with a colon. A
# date or time is required: "Op de muur schreef iemand:" is a normal sentence.
_WROTE = re.compile(
    r"^(?=.*(?:\d{4}|\d[:.h/-]\d))(?:[-_]{2,}\s*)?(?:(?:op|on|am|le|el|il|den|em|dne|w dniu)\s.{4,200}?\s"
    r"(?:schreef|wrote|schrieb|a écrit|escribió|ha scritto|skrev|escreveu|napsal\(a\)|napisał\(a\)|"
    r"heeft .{1,120}het volgende geschreven)\b.{0,200}?(?::|\s-{2,})|"
    r".{1,120}(?:schreef|wrote) op .{4,80}:)\s*(?:[-_]{2,})?$",
    re.I,
)
# Outlook: a block of headers in the language of the mail program.
_FROM = re.compile(r"^[*\s]*(?:van|from|von|de|da|od|kimden|från|fra|من)\s?:[*\s]*\S", re.I)
_HEADER = re.compile(
    r"^[*\s]*(?:verzonden|sent|datum|date|gesendet|envoyé|data|wysłano|gönderme|aan|to|an|à|para|a|do|kime|"
    r"onderwerp|subject|betreff|objet|asunto|oggetto|temat|konu|cc|bcc|beantwoorden|reply-to|تاريخ|إلى|الموضوع)"
    r"\s?:[*\s]*",
    re.I,
)
_BANNER = re.compile(
    r"^[-_\s]{2,}(?:oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|original message|"
    r"forwarded message|original-nachricht|ursprüngliche nachricht|message d'origine)[-_\s]{2,}$",
    re.I,
)
_RULE = re.compile(r"^\s*_{10,}\s*$")
_SENT_FROM = re.compile(
    r"^\s*(?:(?:verzonden|verstuurd|sent|gesendet|envoyé|enviado|inviato) (?:vanaf|vanuit|met|via|from|with|using|von|"
    r"mit|depuis|de|desde|da)\s.{2,60}|(?:get|download) outlook for .{2,20}|outlook voor .{2,20} downloaden)"
    r"(?:\s*<\S+>)?\.?\s*$",
    re.I,
)
_GREETING = re.compile(
    r"^\s*(?:(?:met\s)?(?:vriendelijke|hartelijke|beste|warme|lieve|veel|de)?\s?groet(?:en|jes)?|gr|grtjs|mvg|m\.v\.g|"
    r"hoogachtend|(?:kind|best|warm|many)?\s?regards|sincerely|cheers|mit freundlichen grüßen|viele grüße|"
    r"cordialement|saludos)\b[.,!]?(?:\s+\w[\w'’.-]*){0,5}\s*[.,!]?\s*$",
    re.I,
)
_DELIMITER = re.compile(r"^--\s?$")
MAX_SIGNATURE_LINES = 8
"""Maximum lines below a greeting that count as signature (name, role, address); more is text."""


def extract_reply_text(text: str) -> str:
    """What the writer wrote in this reply; "" if it has only quotes and a signature."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    unquoted = [line for line in lines if not _QUOTE.match(line)]
    kept = _without_signature(_without_quotes(lines))
    if not any(kept) and any(_is_word(line) for line in unquoted):
        # Maybe bottom-posted below the quote, or a parsing error: never discard a writer's words.
        kept = unquoted
    return _shortened(re.sub(r"\n{3,}", "\n\n", "\n".join(kept).strip()))


def _is_word(line: str) -> bool:
    return bool(line.strip()) and not (
        _WROTE.match(line.strip())
        or _SENT_FROM.match(line)
        or _DELIMITER.match(line)
        or _RULE.match(line)
        or _GREETING.match(line)
        or _BANNER.match(line)
    )


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if _BANNER.match(line) or _begins_headers(lines, place):
            break
        if height := _attribution(lines, place):
            after = place + height
            if not any(_QUOTE.match(later) for later in lines[after:]):
                break  # what follows is the quoted mail, without marks
            place = after
            continue
        if not _QUOTE.match(line):
            kept.append(line)
        place += 1
    return kept


def _begins_headers(lines: list[str], place: int) -> bool:
    """Whether a header block starts here: From:, and at least two others in the next lines; maybe below a rule."""
    if _RULE.match(lines[place]):
        place = next((n for n in range(place + 1, min(place + 4, len(lines))) if lines[n].strip()), place)
    if not _FROM.match(lines[place]):
        return False
    return sum(bool(_HEADER.match(line)) for line in lines[place + 1 : place + 8]) >= 2


def _attribution(lines: list[str], place: int) -> int:
    """The number of attribution lines from here, 0 if none. Mail programs wrap that line anywhere."""
    for height in (1, 2, 3):
        part = [line.strip() for line in lines[place : place + height]]
        if len(part) < height or not all(part):
            return 0
        if _WROTE.match(" ".join(part)[:400]):
            return height
        if height == 1 and _ends_before_quote(lines, place):
            return 1
    return 0


def _ends_before_quote(lines: list[str], place: int) -> bool:
    """An attribution in any language: a line with an address and a final colon, directly above a quote."""
    line = lines[place].strip()
    if not (line.endswith(":") and "@" in line):
        return False
    following = next((later for later in lines[place + 1 : place + 3] if later.strip()), "")
    return bool(_QUOTE.match(following))


def _without_signature(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        if _DELIMITER.match(line):
            lines = lines[:place]
            break
    lines = _without_blank_end([line for line in lines if not _SENT_FROM.match(line)])
    for place, line in enumerate(lines):
        # Not on the first line, which may be all there is: "Groetjes aan de wijkmanager".
        if place and _GREETING.match(line) and _looks_signed(lines[place + 1 :]):
            return _without_blank_end(lines[:place])
    return lines


def _looks_signed(rest: list[str]) -> bool:
    there = [line.strip() for line in rest if line.strip()]
    return len(there) <= MAX_SIGNATURE_LINES and all(
        len(line) <= 60 and not re.search(r"[.?!]$", line) for line in there
    )


def _without_blank_end(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def _shortened(text: str) -> str:
    return (
        text if len(text) <= MAX_REPLY_LENGTH else f"{text[: MAX_REPLY_LENGTH - len(CUT) - 1].rstrip()} {CUT}"
    )


# --- mail that has no text part ------------------------------------------------------------------


class _Reader(HTMLParser):
    """HTML as the visible lines, with > before quoted ones."""

    BLOCKS = frozenset(
        ("p", "div", "br", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "blockquote", "hr")
    )
    UNSEEN = frozenset(("script", "style", "head", "title", "template"))
    QUOTES = frozenset(("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"))
    QUOTE_IDS = frozenset(("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self._unseen = 0
        self._depth = 0  # number of open div and blockquote elements
        self._quoted_from: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.UNSEEN:
            self._unseen += 1
        if tag in self.BLOCKS:
            self._new_line()
        if tag in ("div", "blockquote"):
            self._depth += 1
            said = {name: (value or "").lower() for name, value in attrs}
            marked = tag == "blockquote" or self.QUOTES & set(said.get("class", "").split())
            if said.get("id") in self.QUOTE_IDS:
                self._quoted_from = 0  # everything after it, whatever closes
            elif marked and self._quoted_from is None:
                self._quoted_from = self._depth

    def handle_endtag(self, tag: str) -> None:
        if tag in self.UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in self.BLOCKS:
            self._new_line()
        if tag in ("div", "blockquote"):
            if self._quoted_from is not None and self._quoted_from == self._depth:
                self._quoted_from = None
            self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data.replace("\xa0", " "))
        if self._unseen or (not words.strip() and not self.lines[-1]):
            return
        if not self.lines[-1] and self._quoted_from is not None:
            self.lines[-1] = "> "
        self.lines[-1] += words

    def _new_line(self) -> None:
        if self.lines[-1]:
            self.lines.append("")


def from_html(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(line.strip() for line in reader.lines)


def unwrap_flowed(text: str, *, without_space: bool = False) -> str:
    """Rejoin lines that a mail program broke softly (format=flowed, RFC 3676)."""
    lines: list[str] = []
    join: Callable[[str], str] = (lambda line: line[:-1]) if without_space else (lambda line: line)
    open_line = False
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        soft = bare.endswith(" ") and bare != "-- " and not bare.startswith(">")
        if open_line and not bare.startswith(">") and bare != "-- ":
            lines[-1] += join(bare) if soft else bare
        else:
            lines.append(join(bare) if soft else bare)
        open_line = soft
    return "\n".join(lines)
