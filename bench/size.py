"""How much there is to read: `python -m bench.size` prints lines, files and names, per app and in all.

A code line holds code: no blank line, comment or docstring. Tests and migrations are not counted.
"""

import ast
import io
import subprocess
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_COUNTED = ("tests/", "bench/")
HOMES = 2
"""So many modules may give the same public name a meaning."""
FRAMEWORK_NAMES = {"Command", "urlpatterns", "app_name", "log", "register", "main"}
"""Names that Django, logging or Python look for in every module."""
LONGEST_FUNCTION = 80
LONGEST_TEMPLATE_LINE = 140


def tracked(ending: str) -> list[Path]:
    """Files under version control, relative to the project."""
    found = subprocess.check_output(["git", "ls-files", "--deduplicate", f"*{ending}"], cwd=ROOT, text=True)
    return [Path(line) for line in found.splitlines()]


def product_modules() -> list[Path]:
    return [
        path
        for path in tracked(".py")
        if not path.as_posix().startswith(NOT_COUNTED) and "migrations" not in path.parts
    ]


def code_lines(text: str) -> int:
    """Lines with at least one token that is neither a comment nor part of a docstring."""
    lines: set[int] = set()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped and token.type != tokenize.ENDMARKER:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def public_names(tree: ast.Module) -> Iterator[str]:
    """Names that a module defines at its top level and does not keep to itself."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        else:
            continue
        yield from (name for name in names if not name.startswith("_") and name not in FRAMEWORK_NAMES)


def homes_of_names() -> dict[str, list[Path]]:
    """Public names with more homes than they may have, and where each is defined."""
    homes: dict[str, list[Path]] = defaultdict(list)
    for path in product_modules():
        for name in dict.fromkeys(public_names(ast.parse((ROOT / path).read_text()))):
            homes[name].append(path)
    return {name: paths for name, paths in sorted(homes.items()) if len(paths) > HOMES}


def long_functions() -> list[tuple[int, Path, str]]:
    return sorted(
        (length, path, node.name)
        for path in product_modules()
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    )


def main() -> None:
    lines: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for path in product_modules():
        if count := code_lines((ROOT / path).read_text()):
            lines[path.parts[0]] += count
            files[path.parts[0]] += 1
    for app, count in lines.most_common():
        print(f"{app:16} {count:7,} code lines {files[app]:5} files")
    print(f"{'in all':16} {lines.total():7,} code lines {files.total():5} files")
    print(f"{len(homes_of_names())} public names with more than {HOMES} homes")
    print(f"{len(long_functions())} functions of more than {LONGEST_FUNCTION} lines")
    templates = tracked(".html")
    long_lines = sum(
        len(line) > LONGEST_TEMPLATE_LINE
        for path in templates
        for line in (ROOT / path).read_text().splitlines()
    )
    print(f"{long_lines:,} lines of more than {LONGEST_TEMPLATE_LINE} columns in {len(templates)} templates")


if __name__ == "__main__":
    main()
