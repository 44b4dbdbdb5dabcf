"""Holds the catalogues of texts against what the house says (see config/messages.py)."""

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import denormalize, normalize, read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.messages import Text, texts_in_house


class Command(BaseCommand):
    help = "Lists what is not translated yet. --add writes it into the catalogue."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="exit with an error when anything is missing"
        )
        parser.add_argument("--add", action="store_true", help="append what is missing, to be filled in")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = texts_in_house(settings.BASE_DIR)
        problems = 0
        for language, _name in settings.LANGUAGES:
            if language == "en":  # what the code says
                continue
            path = settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"
            findings = findings_in(path, language, texts)
            for finding in findings:
                self.stdout.write(finding)
            problems += len(findings)
            missing = missing_texts(read_catalogue(path, language), texts)
            if options["add"] and missing:
                append(path, {text: texts[text] for text in missing})
        if problems and options["check"]:
            raise CommandError(
                f"{problems} texts need a translator: see the list above, or run `make messages`."
            )
        if not problems:
            self.stdout.write(f"All {len(texts)} texts are translated.")


def read_catalogue(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def findings_in(path: Path, language: str, texts: dict[Text, str]) -> list[str]:
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
        findings += [
            f"{shown}:{message.lineno}: {error}: {text.singular!r}" for error in message.check(catalogue)
        ]
    findings += [
        f"{shown}:{line}: stands here a second time, otherwise: {name}" for line, name in doubles(path)
    ]
    return findings


def missing_texts(catalogue: Catalog, texts: dict[Text, str]) -> list[Text]:
    translated = {key_of(message) for message in catalogue if message.id and is_complete(message)}
    # A plural entry answers the singular as well.
    translated |= {Text(text.singular, context=text.context) for text in translated if text.plural}
    return [text for text in texts if text.singular and text not in translated]


def key_of(message: Message) -> Text:
    singular, plural = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
    return Text(singular, plural, message.context or "")


def is_complete(message: Message) -> bool:
    forms = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return all(forms)


def doubles(path: Path) -> list[tuple[int, str]]:
    """Entries that say the same text twice with another translation: branches that met (merge=union)."""
    seen: dict[tuple[str, str], str] = {}
    found = []
    for line, context, singular, translation in entries(path):
        known = seen.setdefault((context, singular), translation)
        if known != translation:
            found.append((line, singular))
    return found


def entries(path: Path) -> list[tuple[int, str, str, str]]:
    """(line, context, singular, translation) of each entry, doubles included, which babel merges silently."""
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


def append(path: Path, texts: dict[Text, str]) -> None:
    with path.open("a") as file:
        for text, place in texts.items():
            file.write(f"\n#: {place}\n")
            if text.context:
                file.write(f"msgctxt {normalize(text.context)}\n")
            file.write(f"msgid {normalize(text.singular)}\n")
            if text.plural:
                file.write(f'msgid_plural {normalize(text.plural)}\nmsgstr[0] ""\nmsgstr[1] ""\n')
            else:
                file.write('msgstr ""\n')
