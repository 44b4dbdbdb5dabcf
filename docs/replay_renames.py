# ruff: noqa
"""Apply docs/renames.csv to a checkout; deleted with it when all renames are in.

Needs libcst: python docs/replay_renames.py <checkout> <csv>. Then: ruff check --fix-only, ruff format, the tests.
Kinds of rows, applied in this order: `module` (dotted path), `name` (module after the moves:name), `word` (a regular
expression, in the paths of `where`).
"""

import csv, os, re, subprocess, sys
from pathlib import Path
import libcst as cst
from libcst.metadata import MetadataWrapper, QualifiedNameProvider, QualifiedNameSource, ParentNodeProvider

repo = Path(sys.argv[1])
rows = list(csv.DictReader(open(sys.argv[2])))
os.chdir(repo)


def files(*exts):
    out = subprocess.check_output(["git", "ls-files"], text=True).split("\n")
    return [Path(f) for f in out if f and f.endswith(exts) and Path(f).exists()]


def modname(p):
    parts = list(p.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


TEXT = (".py", ".toml", ".md", ".html", ".yml", ".cfg", ".txt", ".typ", "Makefile", "Procfile")
# 1 modules
for r in [r for r in rows if r["kind"] == "module"]:
    old, new = r["old"], r["new"]
    po, pn = Path(old.replace(".", "/")), Path(new.replace(".", "/"))
    src, dst = (po, pn) if po.is_dir() else (po.with_suffix(".py"), pn.with_suffix(".py"))
    if not src.exists():
        print("MISSING module", old)
        continue
    dst.parent.mkdir(parents=True, exist_ok=True)
    subprocess.check_call(["git", "mv", str(src), str(dst)])
    parent, leaf = old.rsplit(".", 1)
    nparent, nleaf = new.rsplit(".", 1)
    n = 0
    for f in files(*TEXT):
        if f.name == "requirements.txt":
            continue
        t = o = f.read_text()
        if leaf not in t:
            continue
        t = re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w])", new, t)
        t = re.sub(rf"(?<![\w]){re.escape(str(src))}(?![\w])", str(dst), t)
        if f.suffix == ".py":

            class V(cst.CSTTransformer):
                hit = False

                def leave_ImportFrom(self, node, up):
                    if up.module is None or isinstance(up.names, cst.ImportStar):
                        return up
                    m = cst.Module([]).code_for_node(up.module)
                    if m != parent or nparent != parent:
                        return up
                    names = []
                    for a in up.names:
                        if a.name.value == leaf:
                            self.hit = True
                            a = a.with_changes(name=cst.Name(nleaf))
                        names.append(a)
                    return up.with_changes(names=names)

            if re.search(rf"from {re.escape(parent)} import", t):
                tree = cst.parse_module(t)
                wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
                # usages of the imported module name
                if nleaf != leaf:
                    spots = wrapper.resolve(QualifiedNameProvider)

                    class U(cst.CSTTransformer):
                        METADATA_DEPENDENCIES = (QualifiedNameProvider,)

                        def leave_Name(self, node, up):
                            if node.value != leaf:
                                return up
                            q = self.get_metadata(QualifiedNameProvider, node, set())
                            if any(x.name == old and x.source == QualifiedNameSource.IMPORT for x in q):
                                return up.with_changes(value=nleaf)
                            return up

                    tree = wrapper.visit(U())
                tree = tree.visit(V())
                t = tree.code
        if t != o:
            f.write_text(t)
            n += 1
    print("module", old, "->", new, n)
# 2 names
for r in [r for r in rows if r["kind"] == "name"]:
    mod, old = r["old"].split(":")
    new = r["new"]
    home = Path(mod.replace(".", "/") + ".py")
    if not home.exists():
        home = Path(mod.replace(".", "/")) / "__init__.py"
    if not home.exists():
        print("MISSING", mod)
        continue
    if not re.search(rf"\b{old}\b", home.read_text()):
        print("MISSING name", r["old"])
        continue
    leaf = mod.rsplit(".", 1)[-1]
    full = f"{mod}.{old}"
    n = 0
    clash = []
    # packages that export it again
    exports = {mod}
    for f in files(".py"):
        if f.name == "__init__.py" and f != home:
            t = f.read_text()
            if re.search(rf"\b{old}\b", t) and re.search(rf"from {re.escape(mod)} import", t):
                exports.add(modname(f))
    fulls = {f"{m}.{old}" for m in exports}
    leaves = {m.rsplit(".", 1)[-1] for m in exports}
    for f in files(".py"):
        t = o = f.read_text()
        if not re.search(rf"\b{old}\b", t):
            continue
        own = modname(f)
        if own not in exports and not any(re.search(rf"\b{l}\b", t) for l in leaves):
            continue
        tree = cst.parse_module(t)
        wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)

        class R(cst.CSTTransformer):
            METADATA_DEPENDENCIES = (QualifiedNameProvider, ParentNodeProvider)

            def is_it(self, node):
                for x in self.get_metadata(QualifiedNameProvider, node, set()) or set():
                    if x.source == QualifiedNameSource.IMPORT and x.name in fulls:
                        return True
                    if x.source == QualifiedNameSource.LOCAL and own == mod and x.name == old:
                        return True
                return False

            def leave_Name(self, node, up):
                if node.value != old:
                    return up
                parent = self.get_metadata(ParentNodeProvider, node)
                if isinstance(parent, cst.Attribute) and parent.attr is node:
                    return up
                if isinstance(parent, (cst.Arg,)) and parent.keyword is node:
                    return up
                if isinstance(parent, cst.ImportAlias) or isinstance(parent, cst.AsName):
                    return up
                return up.with_changes(value=new) if self.is_it(node) else up

            def leave_Attribute(self, node, up):
                if node.attr.value != old:
                    return up
                return up.with_changes(attr=cst.Name(new)) if self.is_it(node) else up

            def leave_FunctionDef(self, node, up):
                if (
                    own == mod
                    and node.name.value == old
                    and isinstance(self.get_metadata(ParentNodeProvider, node), cst.Module)
                ):
                    return up.with_changes(name=cst.Name(new))
                return up

            def leave_ClassDef(self, node, up):
                if (
                    own == mod
                    and node.name.value == old
                    and isinstance(self.get_metadata(ParentNodeProvider, node), cst.Module)
                ):
                    return up.with_changes(name=cst.Name(new))
                return up

            def leave_ImportFrom(self, node, up):
                if up.module is None or isinstance(up.names, cst.ImportStar):
                    return up
                if cst.Module([]).code_for_node(up.module) not in exports:
                    return up
                return up.with_changes(
                    names=[a.with_changes(name=cst.Name(new)) if a.name.value == old else a for a in up.names]
                )

            def leave_SimpleString(self, node, up):
                v = up.value
                for x in fulls:
                    v = re.sub(rf"(?<![\w.]){re.escape(x)}(?!\w)", lambda m: x[: -len(old)] + new, v)
                if v.strip("\"'") == old:
                    # __all__, TYPE annotations in quotes, monkeypatch.setattr(module, "name", ...)
                    p = self.get_metadata(ParentNodeProvider, node)
                    if isinstance(p, cst.Annotation):
                        v = v.replace(old, new)
                    if isinstance(p, cst.Element) and own in exports:
                        v = v.replace(old, new)
                    if isinstance(p, cst.Arg):
                        call = self.get_metadata(ParentNodeProvider, p)
                        if isinstance(call, cst.Call) and call.args[0] is not p:
                            first = call.args[0].value
                            names = {
                                x.name
                                for x in (self.get_metadata(QualifiedNameProvider, first, set()) or set())
                            }
                            if names & exports:
                                v = v.replace(old, new)
                return up.with_changes(value=v)

        t = wrapper.visit(R()).code
        if t != o:
            if re.search(rf"(?<![.\w]){new}\b", o):
                clash.append(str(f))
            f.write_text(t)
            n += 1
    for f in files(".toml", ".md"):
        t = o = f.read_text()
        for x in fulls:
            t = t.replace(x, x[: -len(old)] + new)
        for l in leaves:
            t = re.sub(rf"(?<!\w){l}\.{old}(?!\w)", f"{l}.{new}", t)
        if t != o:
            f.write_text(t)
            n += 1
    print("name", r["old"], "->", new, n, "CLASH? " + " ".join(clash) if clash else "")
# 3 words
for r in [r for r in rows if r["kind"] == "word"]:
    old, new = r["old"], r["new"]
    where = [w for w in (r.get("where") or "").split(";") if w]
    n = 0
    for f in files(*TEXT):
        if (
            f.name in ("requirements.txt", "CHANGELOG.md")
            or str(f).startswith("docs/adr")
            or str(f) == "docs/renames.csv"
        ):
            continue
        if where and not any(str(f).startswith(w) for w in where):
            continue
        t = f.read_text()
        u = re.sub(rf"(?<![\w-]){old}(?![\w-])", new, t)
        if u != t:
            f.write_text(u)
            n += 1
    print("word", old, "->", new, n)
