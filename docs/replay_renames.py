"""Apply docs/renames.csv to this checkout. Both files go when all renames are in.

    pip install libcst && python docs/replay_renames.py

A row is one of: `module`, a dotted path; `name`, a module as it is called after the moves, a colon and a public name;
`word`, a regular expression in files that begin with a path of `where`. Prints how many files each row changed, 0 where
it found nothing. Afterwards: ruff check --fix-only, ruff format, the tests.
"""

import csv
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, QualifiedNameProvider, QualifiedNameSource

HERE = Path(__file__).parent.parent
TEXT = (".py", ".toml", ".md", ".html", ".yml", ".typ", "Makefile", "Procfile")
HISTORY = ("CHANGELOG.md", "docs/adr/", "docs/renames.csv", "docs/replay_renames.py")


def files(*endings: str) -> list[str]:
    tracked = subprocess.check_output(["/usr/bin/git", "ls-files"], cwd=HERE, text=True).splitlines()
    return [path for path in tracked if path.endswith(endings) and not path.startswith(HISTORY)]


def rewrite(paths: list[str], change: Callable[[str, str], str]) -> int:
    """`change` gets path and text, and gives the new text. Returns how many files became different."""
    changed = 0
    for path in paths:
        file = HERE / path
        before = file.read_text()
        if (after := change(path, before)) != before:
            file.write_text(after)
            changed += 1
    return changed


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Rename(cst.CSTTransformer):
    """One name of a module, or a module as a name of its package, in one file called `own`."""

    METADATA_DEPENDENCIES = (QualifiedNameProvider, ParentNodeProvider)

    def __init__(self, homes: set[str], own: str, old: str, new: str) -> None:
        super().__init__()
        self.homes, self.own, self.old, self.new = homes, own, old, new
        self.full = {f"{home}.{old}" for home in homes}

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        return self.get_metadata(ParentNodeProvider, node)

    def is_it(self, node: cst.CSTNode) -> bool:
        here = self.own in self.homes
        return any(
            (found.source == QualifiedNameSource.IMPORT and found.name in self.full)
            or (here and found.source == QualifiedNameSource.LOCAL and found.name == self.old)
            for found in self.get_metadata(QualifiedNameProvider, node, set()) or ()
        )

    def leave_Name(self, node: cst.Name, updated: cst.Name) -> cst.Name:
        parent = self.parent(node)
        is_other = (
            node.value != self.old
            or (isinstance(parent, cst.Attribute) and parent.attr is node)
            or (isinstance(parent, cst.Arg) and parent.keyword is node)
            or isinstance(parent, cst.ImportAlias | cst.AsName)
        )
        return updated if is_other or not self.is_it(node) else updated.with_changes(value=self.new)

    def leave_Attribute(self, node: cst.Attribute, updated: cst.Attribute) -> cst.Attribute:
        is_it = node.attr.value == self.old and self.is_it(node)
        return updated.with_changes(attr=cst.Name(self.new)) if is_it else updated

    def leave_ImportFrom(self, node: cst.ImportFrom, updated: cst.ImportFrom) -> cst.ImportFrom:
        if updated.module is None or isinstance(updated.names, cst.ImportStar):
            return updated
        if cst.Module([]).code_for_node(updated.module) not in self.homes:
            return updated
        new = cst.Name(self.new)
        names = [
            name.with_changes(name=new) if name.name.value == self.old else name for name in updated.names
        ]
        return updated.with_changes(names=names)

    def leave_SimpleString(self, node: cst.SimpleString, updated: cst.SimpleString) -> cst.SimpleString:
        """Dotted paths, `__all__`, quoted types, and setattr(module, "name") of tests."""
        value = updated.value
        for full in self.full:
            value = re.sub(rf"(?<![\w.]){re.escape(full)}(?!\w)", full[: -len(self.old)] + self.new, value)
        if value.strip("\"'") == self.old and self.stands_for_it(node):
            value = value.replace(self.old, self.new)
        return updated.with_changes(value=value)

    def stands_for_it(self, node: cst.CSTNode) -> bool:
        parent = self.parent(node)
        if isinstance(parent, cst.Element):
            return self.own in self.homes
        if not isinstance(parent, cst.Arg):
            return isinstance(parent, cst.Annotation)
        call = self.parent(parent)
        if not isinstance(call, cst.Call) or call.args[0] is parent:
            return False
        found = self.get_metadata(QualifiedNameProvider, call.args[0].value, set()) or ()
        return bool({name.name for name in found} & self.homes)


def rename_in_code(homes: set[str], old: str, new: str) -> int:
    def change(path: str, text: str) -> str:
        speaks = any(re.search(rf"\b{home.rsplit('.', 1)[-1]}\b", text) for home in homes)
        if not re.search(rf"\b{old}\b", text) or not (dotted(path) in homes or speaks):
            return text
        tree = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        return tree.visit(Rename(homes, dotted(path), old, new)).code

    return rewrite(files(".py"), change)


def rename_module(old: str, new: str, _where: str) -> int:
    source, target = (f"{name.replace('.', '/')}.py" for name in (old, new))
    if not (HERE / source).exists():
        return 0
    subprocess.check_call(["/usr/bin/git", "mv", source, target], cwd=HERE)  # noqa: S603
    package, name = old.rsplit(".", 1)
    changed = rename_in_code({package}, name, new.rsplit(".", 1)[-1])

    def change(_path: str, text: str) -> str:
        text = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, text)
        return re.sub(rf"(?<!\w){re.escape(source)}(?!\w)", target, text)

    return changed + rewrite(files(*TEXT), change)


def rename_name(old: str, new: str, _where: str) -> int:
    module, name = old.split(":")
    homes = {module}
    for path in files("__init__.py"):
        text = (HERE / path).read_text()
        if re.search(rf"\b{name}\b", text) and f"from {module} import" in text:
            homes.add(dotted(path))
    changed = rename_in_code(homes, name, new)
    for home in homes:
        last = home.rsplit(".", 1)[-1]
        prose = re.compile(rf"(?<!\w){last}\.{name}(?!\w)")
        changed += rewrite(files(".toml", ".md"), lambda _path, text: prose.sub(f"{last}.{new}", text))  # noqa: B023
    return changed


def rename_word(old: str, new: str, where: str) -> int:
    paths = [path for path in files(*TEXT) if path.startswith(tuple(where.split(";")))]
    return rewrite(paths, lambda _path, text: re.sub(rf"(?<![\w-]){old}(?![\w-])", new, text))


if __name__ == "__main__":
    with (HERE / "docs/renames.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    for kind, rename in (("module", rename_module), ("name", rename_name), ("word", rename_word)):
        for row in rows:
            if row["kind"] == kind:
                print(kind, row["old"], row["new"], rename(row["old"], row["new"], row["where"]))  # noqa: T201
