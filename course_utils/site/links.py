"""Links: from a checkout's relative ones to those of the page, and a check that each one inside the page leads somewhere."""

import html.parser
import pathlib
import posixpath
import re
import urllib.parse

__all__ = ["broken_links", "rewritten"]

MARKDOWN_LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
NOT_OURS = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#)", re.IGNORECASE)


def rewritten(text, file, pages, address):
    """Markdown of the checkout's `file` for the page: links to `pages` ({file: page}) stay inside, others go to `address`.

    >>> rewritten("[x](../README.md) [y](run.py)", "docs/a.md", {"docs/a.md": "a.md", "README.md": "index.md"}, "https://h")
    '[x](index.md) [y](https://h/docs/run.py)'
    """
    here = posixpath.dirname(pages[file])

    def moved(match):
        words, link = match.groups()
        if NOT_OURS.match(link):
            return match[0]
        path, mark, fragment = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
        if target in pages:
            return f"{words}({posixpath.relpath(pages[target], here or '.')}{mark}{fragment})"
        return f"{words}({address}/{target})"

    return MARKDOWN_LINK.sub(moved, text)


class _Page(html.parser.HTMLParser):
    """What a page links to, the places in it that can be linked to, and its pictures without words."""

    def __init__(self):
        super().__init__()
        self.links, self.places, self.wordless = [], set(), []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.places |= {values[name] for name in ("id", "name") if values.get(name)}
        self.links += [values[name] for name in ("href", "src") if values.get(name)]
        if tag == "img" and not (values.get("alt") or "").strip() and values.get("role") != "presentation":
            self.wordless.append(values.get("src", "")[:80])


def broken_links(folder):
    """Problems of the pages in a folder, one line each: links inside it that lead nowhere, pictures without words."""
    folder = pathlib.Path(folder).resolve()
    pages = {path: _read(path) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts}
    problems = []
    for path, page in pages.items():
        name = path.relative_to(folder)
        problems += [f"{name}: a picture without alternative text: {source}" for source in page.wordless]
        problems += [
            f"{name}: {link} leads nowhere" for link in sorted(set(page.links)) if _is_broken(link, path, pages)
        ]
    return problems


def _read(path):
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _is_broken(link, path, pages):
    if NOT_OURS.match(link) and not link.startswith("#"):
        return False
    address = urllib.parse.urlsplit(link)
    target = (path.parent / urllib.parse.unquote(address.path)).resolve() if address.path else path
    if target not in pages:
        return not target.is_file()
    fragment = urllib.parse.unquote(address.fragment)
    return bool(fragment) and fragment not in pages[target].places | {"top", "root"}
