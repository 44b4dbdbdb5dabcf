"""Checks the translation catalogues against the texts in the code (see accounts/messages.py)."""

from collections import Counter
from collections.abc import Collection
from gettext import c2py  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import num_plurals
from babel.messages.pofile import denormalize, normalize, read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.messages import Text, placeholders, texts_in_house, texts_in_libraries


class Command(BaseCommand):
    help = (
        "Lists what the catalogues lack, and what they hold without use. --add writes the first into them, "
        "--prune takes the second out."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="exit with an error when anything is missing"
        )
        parser.add_argument("--add", action="store_true", help="append what is missing, to be filled in")
        parser.add_argument("--prune", action="store_true", help="take out what nothing uses any more")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = texts_in_house(settings.BASE_DIR)
        used = texts.keys() | texts_in_libraries(settings.BASE_DIR)
        problems = 0
        for language, _name in settings.LANGUAGES:
            if language == "en":  # the source language
                continue
            path = settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"
            if options["prune"]:
                prune(path, used)
            findings = findings_in(path, language, texts, used)
            for finding in findings:
                self.stdout.write(finding)
            problems += len(findings)
            catalogue = read_catalogue(path, language)
            if options["add"] and (missing := missing_texts(catalogue, texts)):
                append(path, {text: texts[text] for text in missing}, catalogue.num_plurals)
        if problems and options["check"]:
            raise CommandError(
                f"{problems} texts need a translator: see the list above, or run `make messages`."
            )
        if not problems:
            self.stdout.write(f"All {len(texts)} texts are translated.")


def read_catalogue(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def findings_in(path: Path, language: str, texts: dict[Text, str], used: Collection[Text]) -> list[str]:
    catalogue = read_catalogue(path, language)
    shown = path.relative_to(settings.BASE_DIR)
    findings = [
        f"{texts[text]}: not translated: {text.singular!r}" for text in missing_texts(catalogue, texts)
    ]
    for message in catalogue:
        if not message.id:
            continue
        text = key_of(message)
        if message.fuzzy:
            findings.append(f"{shown}:{message.lineno}: marked fuzzy: {text.singular!r}")
        wrong = wrong_plurals(message, catalogue) + wrong_placeholders(message, catalogue)
        findings += [f"{shown}:{message.lineno}: {error}: {text.singular!r}" for error in wrong]
    findings += [
        f"{shown}:{line}: stands here a second time, otherwise: {name}" for line, name in doubles(path)
    ]
    findings += [f"{shown}:{message.lineno}: not used: {message.id!r}" for message in unused(catalogue, used)]
    return findings


def wrong_plurals(message: Message, catalogue: Catalog) -> list[str]:
    try:
        num_plurals(catalogue, message)
    except TranslationError as error:
        return [str(error)]
    return []


def wrong_placeholders(message: Message, catalogue: Catalog) -> list[str]:
    """Placeholders that a translation must not use or that it lacks, in every entry.

    Babel's own check reads flagged entries only, and takes the percentage of "30% of all" for a placeholder. A
    plural form that covers a single number may leave that number out.
    """
    if not is_complete(message):
        return []
    originals = [placeholders(text) for text in as_forms(message.id)]
    forms = [placeholders(text) for text in as_forms(message.string)]
    form_of = c2py(catalogue.plural_expr)
    numbers = Counter(form_of(number) for number in range(1_000))
    found = []
    for form, named in enumerate(forms):
        original = originals[0] if form == form_of(1) else originals[-1]
        extra = named - (originals[0] | originals[-1])
        lacking = original - named
        if len(forms) > 1 and numbers[form] == 1 and lacking.total() == 1:
            lacking.clear()
        if extra:
            found.append(f"placeholder that the original lacks ({', '.join(extra)})")
        if lacking:
            found.append(f"placeholder left out ({', '.join(lacking)})")
    return found


def unused(catalogue: Catalog, used: Collection[Text]) -> list[Message]:
    # A plural entry covers its singular as well (see missing_texts).
    return [message for message in catalogue if message.id and not _is_used(key_of(message), used)]


def _is_used(text: Text, used: Collection[Text]) -> bool:
    return text in used or Text(text.singular, context=text.context) in used


def missing_texts(catalogue: Catalog, texts: dict[Text, str]) -> list[Text]:
    translated = {key_of(message) for message in catalogue if message.id and is_complete(message)}
    # A plural entry covers its singular as well.
    translated |= {Text(text.singular, context=text.context) for text in translated if text.plural}
    return [text for text in texts if text.singular and text not in translated]


def key_of(message: Message) -> Text:
    singular, plural = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
    return Text(singular, plural, message.context or "")


def is_complete(message: Message) -> bool:
    return all(as_forms(message.string))


def as_forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return list(text) if isinstance(text, (tuple, list)) else [text]


def doubles(path: Path) -> list[tuple[int, str]]:
    """Entries that occur twice with different translations, which happens when branches are merged (merge=union)."""
    seen: dict[tuple[str, str], str] = {}
    found = []
    for line, context, singular, translation in entries(path):
        known = seen.setdefault((context, singular), translation)
        if known != translation:
            found.append((line, singular))
    return found


def entries(path: Path) -> list[tuple[int, str, str, str]]:
    """(line, context, singular, translation) of each entry, including duplicates, which Babel merges silently."""
    found = []
    for block_start, block in blocks(path.read_text()):
        fields: dict[str, list[str]] = {}
        field = ""
        for line in block:
            if line.startswith(("#", "msgid_plural")):
                field = ""
            elif line.startswith("msg"):
                field, _, line = line.partition(" ")
                fields[field] = [line]
            elif field and line.startswith('"'):
                fields[field].append(line)
        if fields.get("msgid", ['""']) != ['""']:
            texts = {name: denormalize("\n".join(lines)) for name, lines in fields.items()}
            translation = "\0".join(text for name, text in texts.items() if name.startswith("msgstr"))
            found.append((block_start, texts.get("msgctxt", ""), texts["msgid"], translation))
    return found


def blocks(source: str) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(source.splitlines(), start=1):
        if line.startswith(("msgctxt", "msgid ")) and not (
            found and found[-1][1] and found[-1][1][-1].startswith("msgctxt")
        ):
            found.append((number, []))
        if found:
            found[-1][1].append(line)
    return found


def append(path: Path, texts: dict[Text, str], num_plurals: int) -> None:
    """Add empty entries; a text with a plural gets as many forms as the header of the catalogue says."""
    with path.open("a") as file:
        for text, place in texts.items():
            file.write(f"\n#: {place}\n")
            if text.context:
                file.write(f"msgctxt {normalize(text.context)}\n")
            file.write(f"msgid {normalize(text.singular)}\n")
            if text.plural:
                file.write(f"msgid_plural {normalize(text.plural)}\n")
            forms = [f"[{form}]" for form in range(num_plurals)] if text.plural else [""]
            file.writelines(f'msgstr{form} ""\n' for form in forms)


def prune(path: Path, used: Collection[Text]) -> None:
    """Remove unused entries with the comments above them; everything else stays as it is."""
    gone = {message.lineno for message in unused(read_catalogue(path, "en"), used)}
    kept = [
        part
        for first_line, part in paragraphs(path.read_text())
        if not gone & set(range(first_line, first_line + part.count("\n") + 1))
    ]
    path.write_text("\n\n".join(kept) + "\n")


def paragraphs(source: str) -> list[tuple[int, str]]:
    """(line, text) of each block. Entries are separated by empty lines; texts contain none, because their lines are
    quoted.
    """
    found = []
    line = 1
    for part in source.rstrip("\n").split("\n\n"):
        found.append((line, part))
        line += part.count("\n") + 2
    return found
