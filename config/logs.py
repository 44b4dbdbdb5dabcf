"""Private links and the codes of letters never reach a log."""

import logging
import re

_TOKEN = re.compile(r"(/(?:v(?:/[a-z])?|m|c|welcome)/)[^/\s\"']{6,}")


class NoTokens(logging.Filter):
    """Replaces the token of a private link by `…` in every line that is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if any(part in message for part in ("/v/", "/m/", "/c/", "/welcome/")):
            record.msg, record.args = _TOKEN.sub(r"\1…", message), ()
        return True
