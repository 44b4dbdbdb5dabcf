"""The terms of XLSForm: its row types, which of them we can import, and the columns we report."""

import re
from collections.abc import Mapping

from surveys.exchange.xlsform.report import RemarkCode

# Base of the type -> (our type, remark).
TYPES: Mapping[str, tuple[str, RemarkCode | None]] = {
    "text": ("short_text", None),
    "string": ("short_text", None),
    "integer": ("number", None),
    "int": ("number", None),
    "decimal": ("number", RemarkCode.AS_TEXT),
    "range": ("number", None),
    "date": ("date", None),
    "time": ("short_text", RemarkCode.AS_TEXT),
    "datetime": ("short_text", RemarkCode.AS_TEXT),
    "geopoint": ("place", None),
    "gps": ("place", None),
    "location": ("place", None),
    "phone number": ("short_text", RemarkCode.PERSONAL),
    "email": ("short_text", RemarkCode.PERSONAL),
}
_LEFT = {
    RemarkCode.META: [
        "start",
        "end",
        "today",
        "deviceid",
        "device_id",
        "subscriberid",
        "simserial",
        "phonenumber",
        "imei",
        "username",
        "audit",
        "start-geopoint",
        "background-audio",
        "background-geopoint",
    ],
    RemarkCode.CALCULATED: ["calculate", "calculation", "hidden"],
    RemarkCode.FILE: [
        "image",
        "photo",
        "picture",
        "audio",
        "video",
        "file",
        "geotrace",
        "geoshape",
        "line",
        "area",
        "draw",
        "signature",
        "annotate",
    ],
    RemarkCode.SCAN: ["barcode"],
    RemarkCode.ACKNOWLEDGE: ["acknowledge", "trigger"],
    RemarkCode.ELSEWHERE: ["xml-external", "csv-external", "osm", "entity"],
}
LEFT_BY_TYPE = {name: code for code, names in _LEFT.items() for name in names}
SELECT = re.compile(
    r"^(?:select[ _]?(?P<one>one|1)|select[ _]?(?P<many>multiple|all(?: that apply)?)|(?P<rank>rank))"
    r"(?P<file>[ _]from[ _]file)?(?P<external>[ _]external)?(?: from)?(?:\s+(?P<list>\S+?))?"
    r"(?P<other>\s+or[ _](?:other|specify other))?$",
    re.IGNORECASE,
)
GROUP = re.compile(r"^(?P<what>begin|end)[ _](?P<kind>group|repeat|lgroup|loop)(?:\s.*)?$", re.IGNORECASE)
SAID = {
    "required": RemarkCode.REQUIRED,
    "constraint": RemarkCode.CONSTRAINT,
    "default": RemarkCode.DEFAULT,
    "readonly": RemarkCode.READ_ONLY,
    "choice_filter": RemarkCode.FILTER,
    "image": RemarkCode.MEDIA,
    "audio": RemarkCode.MEDIA,
    "video": RemarkCode.MEDIA,
    "calculation": RemarkCode.CALCULATED,
}
# Read elsewhere, or belonging to a column that is reported already.
KNOWN_FORM_COLUMNS = frozenset({"type", "name", "label", "hint", "relevant", "appearance", *SAID, "constraint_message",
                    "required_message", "repeat_count"})  # fmt: skip
NO = frozenset({"", "no", "false", "false()", "0", "nee", "non", "off"})
MEANT_FOR_LAYOUT = frozenset({"minimal", "field-list", "multiline", "likert", "quick", "compact", "full", "columns",
                               "horizontal", "vertical", "radio", "autocomplete", "w1", "w2", "w3", "w4"})  # fmt: skip
YES_NO = ({"yes", "no"}, {"ja", "nee"}, {"y", "n"})
MAX_SELECTED_PATTERN = re.compile(r"^count-selected\(\s*\.\s*\)\s*(<=|<)\s*(\d{1,2})$")
OTHER_OPTION_TEXTS = {"nl": "Iets anders", "en": "Something else"}
