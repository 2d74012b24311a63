"""The reference of the package as Markdown: one page per module, from signatures and docstrings; nothing is imported.

Docstrings here are plain text with `code`, indented equations and `>>>` examples, which is what `as_markdown` reads.
"""

import ast
import pathlib
import re
import textwrap

__all__ = ["as_markdown", "module_page", "reference_pages"]

LEFT_OUT = {"bench", "cli", "datasets", "exercises", "grading", "lessons", "lite", "site"}
SPECIAL = re.compile(r"([\\*_\[\]<>{}$#~|])")
FENCE = "`" * 3


def reference_pages(root):
    """All pages by their path below `reference/`, the index among them: {"cells/gru.md": text}.

    Staff's tools and the exercises are left out: the latter stand, with their hints, where they are asked.
    """
    package = pathlib.Path(root) / "course_utils"
    files = [p for p in sorted(package.rglob("*.py")) if p.relative_to(package).parts[0] not in LEFT_OUT]
    files = [p for p in files if p.stem not in LEFT_OUT and p != package / "__init__.py"]
    pages, rooms = {}, {}
    for path in files:
        parts = path.relative_to(package).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = (*parts[:-1], "index")
        pages["/".join(parts) + ".md"] = (".".join(["course_utils", *parts]).removesuffix(".index"), path)
        rooms.setdefault(parts[0] if len(parts) > 1 else "", []).append("/".join(parts))
    sources = {name: path.read_text(encoding="utf-8") for name, (_, path) in pages.items()}
    made = {name: module_page(module, sources[name]) for name, (module, _) in pages.items()}
    about = {name.removesuffix(".md"): _first_sentence(source) for name, source in sources.items()}
    for room, members in rooms.items():
        if room:
            inside = {m.partition("/")[2]: about[m] for m in members if not m.endswith("/index")}
            made[f"{room}/index.md"] += _contents(inside)
    tops = [*rooms.get("", ()), *(f"{room}/index" for room in rooms if room)]
    made["index.md"] = HEAD + _contents({name: about[name] for name in sorted(tops)})
    return made


HEAD = """# Reference

Every public function and class that the lessons use, as its docstring says it. Shapes are written with the letters of
the course: `T` steps, `B` sequences, `D` inputs, `H` hidden units, `E` embedding, `V` words, `L` layers.
"""


def module_page(module, source):
    """The page of one module: its docstring, then what `__all__` names, in the order of the file."""
    tree = ast.parse(source)
    doc = ast.get_docstring(tree) or ""
    public = _public(tree)
    parts = [f"# `{module}`", f"{FENCE}{{py:module}} {module}\n{FENCE}", as_markdown(doc)]
    parts += [_described(node) for node in tree.body if getattr(node, "name", None) in public]
    plain = [name for name in public if name not in {getattr(n, "name", None) for n in tree.body}]
    if plain and not module.endswith(("plots", "explore", "tasks")):
        parts.append("Also: " + ", ".join(f"`{name}`" for name in plain) + ".")
    return "\n\n".join(parts) + "\n"


def as_markdown(doc):
    """A docstring as Markdown: code spans stay, indented blocks and examples become verbatim, all else is plain text."""
    made, block, kind = [], [], ""
    for line in doc.splitlines():
        now = _kind(line, kind)
        if now != kind:
            made += _fenced(block, kind)
            block, kind = [], now
        block.append(line)
    return "\n".join(made + _fenced(block, kind))


def _kind(line, before):
    """What a line is part of: an example ("pycon"), an equation or table ("text"), or prose ("")."""
    if line.startswith(">>>") or (before == "pycon" and line.strip()):
        return "pycon"
    return "text" if line.startswith("    ") or (before == "text" and not line.strip()) else ""


def _fenced(block, kind):
    if not kind:
        return [_escaped(line) for line in block]
    return ["", FENCE + kind, *textwrap.dedent("\n".join(block)).rstrip().splitlines(), FENCE, ""]


def _escaped(line):
    parts = re.split(r"(`[^`]+`)", line)
    return "".join(part if k % 2 else SPECIAL.sub(r"\\\1", part) for k, part in enumerate(parts))


def _public(tree):
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return [e.value for e in getattr(node.value, "elts", []) if isinstance(e, ast.Constant)]
    return []


def _described(node, kind="function"):
    doc = as_markdown(ast.get_docstring(node) or "")
    if not isinstance(node, ast.ClassDef):
        return f"{FENCE}`{{py:{kind}}} {node.name}({_arguments(node, kind)})\n\n{doc}\n{FENCE}`"
    methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
    first = next((n for n in methods if n.name == "__init__"), None)
    fields = [n.target.id for n in node.body if isinstance(n, ast.AnnAssign)]
    call = _arguments(first, "method") if first else ", ".join(fields)
    inner = [_described(n, "method") for n in methods if not n.name.startswith("_") and ast.get_docstring(n)]
    body = "\n\n".join([doc, *inner])
    return f"{FENCE}``{{py:class}} {node.name}({call})\n\n{body}\n{FENCE}``"


def _arguments(node, kind):
    arguments = ast.unparse(node.args)
    static = any(getattr(d, "id", "") == "staticmethod" for d in node.decorator_list)
    return re.sub(r"^(self|cls)(, |$)", "", arguments) if kind == "method" and not static else arguments


def _first_sentence(source):
    """What a module says first of itself, less the full stop."""
    paragraph = " ".join((ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].split())
    return as_markdown(re.match(r"(.*?)[.:]?(?:(?<=\.) |$)", paragraph)[1])


def _contents(about):
    """A list of modules, each with its first sentence; Sphinx's own table of contents stays in the margin."""
    tree = f"\n{FENCE}{{toctree}}\n:hidden:\n\n" + "\n".join(map(_entry, about)) + f"\n{FENCE}\n"
    rows = "\n".join(f"- [`{name.removesuffix('/index')}`]({name}.md): {says}" for name, says in about.items())
    return f"\n{rows}\n{tree}"


def _entry(name):
    """A line of a table of contents: a short name, because "course_utils.cells." before each would hide the rest."""
    short = name.removesuffix("/index")
    return f"{short} <{name}>"
