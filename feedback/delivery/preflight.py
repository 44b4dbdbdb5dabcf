"""What a receiving server found of SPF, DKIM and DMARC, read from the headers of a mail of ours that
arrived.

Uses headers only (RFC 8601, 6376, 7208, 7489), no DNS and no models. Only the topmost results are trusted:
those of the server that received it last. Others, perhaps the sender, wrote those below.

Relaxed alignment needs the registered domain. Without the Public Suffix List that is the last two labels
of a name, or three if the last two are a public suffix (co.uk); Dutch names have two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message as Mail
from email.parser import HeaderParser
from email.utils import getaddresses
from enum import StrEnum

from feedback.delivery.returned import strip_unsafe_characters

MOST_CHARACTERS = 300_000
MOST_HEADERS = 50


class Verdict(StrEnum):
    ALIGNED = "aligned"  # passes, for the domain that readers see
    NOT_ALIGNED = "not_aligned"  # passes, for another domain
    FAILS = "fails"
    ABSENT = "absent"
    SIGNED = "signed"  # DKIM only: a signature is present, but no result
    UNKNOWN = "unknown"  # the server gives no result


@dataclass(frozen=True)
class Finding:
    verdict: Verdict
    domain: str = ""
    said: str = ""
    """The result as the server wrote it: pass, softfail, none."""
    strict: bool = False
    """Aligned in strict mode too: exactly the same name."""


@dataclass(frozen=True)
class AuthenticationResults:
    spf: Finding
    dkim: Finding
    dmarc: Finding
    from_domain: str = ""
    return_domain: str = ""
    server: str = ""
    """The server that gave the results; "" if there are none, or it gives no name."""
    policy: str = ""
    """The DMARC policy of the domain: none, quarantine, reject; "" if not given."""
    has_results: bool = False
    froms: int = 1


@dataclass
class _Results:
    server: str = ""
    there: bool = False
    policy: str = ""
    # method -> [(result, {property: value})]
    methods: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=dict)


def read_authentication_results(source: str) -> AuthenticationResults:
    """Parse `source`: a whole mail, or its headers. Never raises, whatever was pasted."""
    mail = HeaderParser().parsestr(source[:MOST_CHARACTERS].lstrip("\ufeff \t\r\n").replace("\r\n", "\n"))
    sender = _domains(mail, "From")
    from_domain = sender[0] if sender else ""
    return_domain = next(iter(_domains(mail, "Return-Path")), "")
    results = _results(mail)
    spf = _spf(results, from_domain, return_domain)
    dkim = _dkim(results, mail, from_domain)
    return AuthenticationResults(
        spf=spf,
        dkim=dkim,
        dmarc=_dmarc(results, spf, dkim, from_domain),
        from_domain=from_domain,
        return_domain=return_domain,
        server=results.server,
        policy=results.policy,
        has_results=results.there,
        froms=len(sender),
    )


# --- alignment ---------------------------------------------------------------------------------------

_SECOND_LEVELS = frozenset(
    f"{second}.{top}"
    for top in ("uk", "au", "nz", "za", "jp", "kr", "br", "tr", "il", "in", "id", "th")
    for second in ("co", "com", "org", "net", "gov", "ac", "or", "go", "ne", "edu")
)


def registered_domain(domain: str) -> str:
    labels = domain.split(".")
    return ".".join(labels[-3:] if ".".join(labels[-2:]) in _SECOND_LEVELS else labels[-2:])


def is_aligned(domain: str, with_domain: str, *, strict: bool = False) -> bool:
    """RFC 7489, 3.1: the same name (strict), or the same registered domain (relaxed)."""
    if not domain or not with_domain:
        return False
    return domain == with_domain if strict else registered_domain(domain) == registered_domain(with_domain)


def _aligned(said: str, domain: str, from_domain: str) -> Finding:
    aligned = is_aligned(domain, from_domain)
    strict = is_aligned(domain, from_domain, strict=True)
    return Finding(Verdict.ALIGNED if aligned else Verdict.NOT_ALIGNED, domain, said, strict)


# --- the three -----------------------------------------------------------------------------------------


def _spf(results: _Results, from_domain: str, return_domain: str) -> Finding:
    found = results.methods.get("spf", [])
    if not found:
        return Finding(Verdict.UNKNOWN, return_domain)
    said, properties = next((one for one in found if one[0] == "pass"), found[0])
    domain = _domain(properties.get("smtp.mailfrom", "")) or _domain(properties.get("smtp.helo", ""))
    domain = domain or return_domain
    if said == "pass":
        return _aligned(said, domain, from_domain)
    return Finding(Verdict.ABSENT if said == "none" else Verdict.FAILS, domain, said)


def _dkim(results: _Results, mail: Mail, from_domain: str) -> Finding:
    """A mail may have several signatures; one that passes and is aligned is enough."""
    signed = [domain for value in _values(mail, "DKIM-Signature") if (domain := _domain(_tag(value, "d")))]
    passed, failed = [], []
    for said, properties in results.methods.get("dkim", []):
        domain = _domain(properties.get("header.d", "")) or _domain(properties.get("header.i", ""))
        if said == "pass":
            passed.append(_aligned(said, domain, from_domain))
        elif said != "none":
            failed.append(Finding(Verdict.FAILS, domain, said))
    if passed:
        return max(passed, key=lambda one: (one.verdict == Verdict.ALIGNED, one.strict))
    if failed:
        return failed[0]
    if "dkim" in results.methods or (not signed and results.there):
        return Finding(Verdict.ABSENT, signed[0] if signed else "", "none")
    if signed:
        ours = next((domain for domain in signed if is_aligned(domain, from_domain)), signed[0])
        return Finding(Verdict.SIGNED, ours, "", is_aligned(ours, from_domain, strict=True))
    return Finding(Verdict.ABSENT if results.there else Verdict.UNKNOWN)


def _dmarc(results: _Results, spf: Finding, dkim: Finding, from_domain: str) -> Finding:
    found = results.methods.get("dmarc", [])
    if not found:
        either = Verdict.ALIGNED in (spf.verdict, dkim.verdict)
        # The half of DMARC that needs no DNS: one of SPF and DKIM is aligned with the visible sender.
        return Finding(Verdict.SIGNED if either else Verdict.UNKNOWN, from_domain)
    said, properties = found[0]
    domain = _domain(properties.get("header.from", "")) or from_domain
    if said in ("pass", "bestguesspass"):
        # Microsoft guesses if there is no record.
        return Finding(Verdict.ALIGNED if said == "pass" else Verdict.ABSENT, domain, said)
    return Finding(Verdict.ABSENT if said == "none" else Verdict.FAILS, domain, said)


# --- headers -------------------------------------------------------------------------------------------


def _values(mail: Mail, name: str) -> list[str]:
    return [strip_unsafe_characters(str(value))[:10_000] for value in mail.get_all(name, [])[:MOST_HEADERS]]


def _domains(mail: Mail, name: str) -> list[str]:
    found = [_domain(address) for _name, address in getaddresses(_values(mail, name))]
    return [domain for domain in found if domain][:MOST_HEADERS]


def _domain(value: str) -> str:
    """The domain of an address or a name; "" if it is neither."""
    name = value.strip().strip('"<>').rpartition("@")[2].strip().rstrip(".").lower()
    return name if re.fullmatch(r"(?=.{1,253}$)[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63})+", name) else ""


def _tag(value: str, name: str) -> str:
    """The value of `name` in a tag list: v=1; d=waterdam.nl; s=2026."""
    for part in value.split(";"):
        key, _equals, said = part.partition("=")
        if key.strip().lower() == name:
            return re.sub(r"\s+", "", said)
    return ""


def _results(mail: Mail) -> _Results:
    """The topmost results, plus those directly below from the same server (some write one header per method)."""
    results = _Results()
    for value in _values(mail, "Authentication-Results"):
        parts = [part.strip() for part in _without_comments(value).split(";")]
        named = not re.match(r"[\w-]+(?:/\d+)?\s*=", parts[0])  # Microsoft omits the server name
        server = parts[0].split()[0].lower()[:100] if named and parts[0] else ""
        if results.there and (not named or server != results.server):
            break
        results.there, results.server = True, server
        results.policy = results.policy or _policy(value)
        for method, said, properties in _methods(parts[1:] if named else parts):
            results.methods.setdefault(method, []).append((said, properties))
    return results


def _methods(parts: list[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    for part in parts[:MOST_HEADERS]:
        if found := re.match(r"([A-Za-z-]{1,20})(?:\s*/\s*\d+)?\s*=\s*([A-Za-z]{1,20})", part):
            pairs = re.findall(
                r"\b([a-z]{1,10}\.[A-Za-z_-]{1,20})\s*=\s*(\"[^\"]{0,300}\"|[^\s;]{1,300})", part
            )
            yield found[1].lower(), found[2].lower(), {name.lower(): value for name, value in pairs}


def _policy(value: str) -> str:
    found = re.search(r"dmarc\s*=[^;]{0,300}?\bp\s*=\s*(none|quarantine|reject)\b", value, re.I)
    return found[1].lower() if found else ""


def _without_comments(value: str) -> str:
    """Remove comments in parentheses, also nested. Quoted text is kept, its semicolons become spaces."""
    kept: list[str] = []
    depth, quoted = 0, False
    for character in value:
        if character == '"' and not depth:
            quoted = not quoted
        if character == "(" and not quoted:
            depth += 1
        elif character == ")" and not quoted and depth:
            depth -= 1
        elif not depth:
            kept.append(" " if character in "\r\n\t" or (quoted and character == ";") else character)
    return "".join(kept)
