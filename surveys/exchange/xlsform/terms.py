"""The words of XLSForm: what its rows are called, which of them have a place here, and what its cells can say."""

import re
from collections.abc import Mapping

from surveys.exchange.xlsform.report import Code

# Base of the type -> (type here, what is said about it).
TYPES: Mapping[str, tuple[str, Code | None]] = {
    "text": ("short_text", None),
    "string": ("short_text", None),
    "integer": ("number", None),
    "int": ("number", None),
    "decimal": ("number", Code.AS_TEXT),
    "range": ("number", None),
    "date": ("date", None),
    "time": ("short_text", Code.AS_TEXT),
    "datetime": ("short_text", Code.AS_TEXT),
    "geopoint": ("place", None),
    "gps": ("place", None),
    "location": ("place", None),
    "phone number": ("short_text", Code.PERSONAL),
    "email": ("short_text", Code.PERSONAL),
}
# fmt: off
_LEFT = {
    Code.META: ["start", "end", "today", "deviceid", "device_id", "subscriberid", "simserial", "phonenumber", "imei",
                "username", "audit", "start-geopoint", "background-audio", "background-geopoint"],
    Code.CALCULATED: ["calculate", "calculation", "hidden"],
    Code.FILE: ["image", "photo", "picture", "audio", "video", "file", "geotrace", "geoshape", "line", "area", "draw",
                "signature", "annotate"],
    Code.SCAN: ["barcode"],
    Code.ACKNOWLEDGE: ["acknowledge", "trigger"],
    Code.ELSEWHERE: ["xml-external", "csv-external", "osm", "entity"],
}
# fmt: on
LEFT_BY_TYPE = {name: code for code, names in _LEFT.items() for name in names}
SELECT = re.compile(
    r"^(?:select[ _]?(?P<one>one|1)|select[ _]?(?P<many>multiple|all(?: that apply)?)|(?P<rank>rank))"
    r"(?P<file>[ _]from[ _]file)?(?P<external>[ _]external)?(?: from)?(?:\s+(?P<list>\S+?))?"
    r"(?P<other>\s+or[ _](?:other|specify other))?$",
    re.IGNORECASE,
)
GROUP = re.compile(r"^(?P<what>begin|end)[ _](?P<kind>group|repeat|lgroup|loop)(?:\s.*)?$", re.IGNORECASE)
SAID = {
    "required": Code.REQUIRED,
    "constraint": Code.CONSTRAINT,
    "default": Code.DEFAULT,
    "readonly": Code.READ_ONLY,
    "choice_filter": Code.FILTER,
    "image": Code.MEDIA,
    "audio": Code.MEDIA,
    "video": Code.MEDIA,
    "calculation": Code.CALCULATED,
}
# Read elsewhere, or goes with something that is said already.
KNOWN = frozenset({"type", "name", "label", "hint", "relevant", "appearance", *SAID, "constraint_message",
                    "required_message", "repeat_count"})  # fmt: skip
NO = frozenset({"", "no", "false", "false()", "0", "nee", "non", "off"})
MEANT_FOR_LAYOUT = frozenset({"minimal", "field-list", "multiline", "likert", "quick", "compact", "full", "columns",
                               "horizontal", "vertical", "radio", "autocomplete", "w1", "w2", "w3", "w4"})  # fmt: skip
YES_NO = ({"yes", "no"}, {"ja", "nee"}, {"y", "n"})
MOST = re.compile(r"^count-selected\(\s*\.\s*\)\s*(<=|<)\s*(\d{1,2})$")
OTHER = {"nl": "Iets anders", "en": "Something else"}
