"""Is every built file what its script builds, and does every lesson keep the house rules? A list of problems says.

The rules are those a machine can hold: a question as title, text before code, short cells, each exercise answered and
checked once and with its reference's signature and docstring, and the sections that every lesson has.
"""

import ast
import itertools
import pathlib

from ..exercises import exercises_of
from .build import notebook_text, repository, solved_notebook, student_notebook
from .script import BEGIN, END, lesson_paths, read_lesson
from .syllabus import syllabus, with_syllabus

__all__ = ["lesson_problems", "stale_files", "verify"]

SECTIONS = ("After this lesson", "What we learned", "Go further", "Next")
LONG, VERY_LONG, SETUP_LINES = 15, 30, 6
FORBIDDEN = ("np.random.seed", "savefig(", "np.random.rand", "np.random.normal", "np.random.choice")


def verify(root):
    """All problems of a checkout's lessons, one line each; an empty list if there is none."""
    lessons = [read_lesson(path) for path in lesson_paths(root)]
    return stale_files(root, lessons) + [problem for lesson in lessons for problem in lesson_problems(lesson)]


def stale_files(root, lessons):
    """Built files that are missing or differ from what their script builds."""
    root, address = pathlib.Path(root), repository(root)
    wanted, front = {root / "notebooks" / "README.md": syllabus(lessons)}, root / "README.md"
    if front.exists():
        wanted[front] = with_syllabus(front.read_text(encoding="utf-8"), lessons)
    for lesson in lessons:
        wanted[root / "notebooks" / f"{lesson.name}.ipynb"] = notebook_text(student_notebook(lesson, address))
        wanted[root / "solutions" / f"{lesson.name}.ipynb"] = notebook_text(solved_notebook(lesson, address))
    stale = [p for p, text in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    orphans = [p for folder in ("notebooks", "solutions") for p in (root / folder).glob("*.ipynb") if p not in wanted]
    return [f"{p.relative_to(root)} is not what its script builds: run `course build`" for p in stale] + [
        f"{p.relative_to(root)} has no script: remove it" for p in orphans
    ]


def lesson_problems(lesson):
    """House rules that a lesson breaks, one line each."""
    text = "\n".join(c.source for c in lesson.cells if c.kind == "markdown")
    problems = [] if lesson.title.endswith("?") else [f"the title is not a question: {lesson.title!r}"]
    problems += [f"no section or line {section!r}" for section in SECTIONS if section not in text]
    problems += [
        *_text_before_code([c for c in lesson.cells if c.role != "solution"]),
        *_budgets(lesson.cells),
        *_forbidden(lesson.cells),
    ]
    problems += [*_exercise_problems(lesson), *_use_of_answers(lesson)]
    return [f"{lesson.name}: {problem}" for problem in problems]


def _text_before_code(cells):
    """In the student's copy, which has no solution cells; a check follows its answer at once."""
    for before, cell in itertools.pairwise(cells):
        if cell.kind == "code" and before.kind == "code" and cell.role != "check":
            yield f"no text before the code {cell.source.splitlines()[0]!r}"


def _budgets(cells):
    code = [c for c in cells if c.kind == "code"]
    long = [c for c in code if len(c.source.splitlines()) > LONG]
    if len(long) > len(code) / 10:
        yield f"{len(long)} of {len(code)} code cells are longer than {LONG} lines"
    for c in code:
        lines = c.source.splitlines()
        if len(lines) > VERY_LONG:
            yield f"a code cell of {len(lines)} lines: {lines[0]!r}"
        written = [line for line in lines if line.strip()]  # blank lines between groups of imports are no burden
        if "setup" in c.tags and len(written) > SETUP_LINES:
            yield f"the setup has {len(written)} lines, more than {SETUP_LINES}"
        if c.role == "answer" and (BEGIN not in c.source or END not in c.source):
            yield f"the answer to {c.exercise} has no {BEGIN} and {END}"


def _forbidden(cells):
    for c in cells:
        for word in FORBIDDEN:
            if c.kind == "code" and word in c.source:
                yield f"{word} in {c.source.splitlines()[0]!r}: random numbers come from an rng, figures are shown"


def _exercise_problems(lesson):
    exercises = {e.number: e for e in exercises_of(lesson.name)}
    for role in ("answer", "check", "solution"):
        found = [c.exercise for c in lesson.cells if c.role == role]
        if sorted(found) != sorted(exercises):
            yield f"{role} cells are for {found}, the exercises are {list(exercises)}"
    for c in lesson.cells:
        if c.role == "answer" and c.exercise in exercises and not exercises[c.exercise].is_value:
            yield from _head_differs(c.source, exercises[c.exercise])
        if c.role == "check" and c.exercise in exercises and f".{exercises[c.exercise].name}.check(" not in c.source:
            yield f"the check of {c.exercise} does not call .{exercises[c.exercise].name}.check(...)"


def _use_of_answers(lesson):
    """Cells that go on with the student's function, and so would stop where an exercise is left open."""
    answers = {e.name for e in exercises_of(lesson.name)}
    for c in lesson.cells:
        if c.kind == "code" and not c.role:
            nodes = list(ast.walk(ast.parse(c.source)))
            own = {n.arg for n in nodes if isinstance(n, ast.arg)}
            if used := answers & {n.id for n in nodes if isinstance(n, ast.Name)} - own:
                yield f"{c.source.splitlines()[0]!r} uses the answer {', '.join(sorted(used))}: go on with the reference"


def _head_differs(source, exercise):
    ours = _head(exercise.stub_source(), exercise.name)
    theirs = _head(source, exercise.name)
    if ours != theirs:
        yield f"answer {exercise.number}: signature or docstring differ from the reference's in {exercise.module}"


def _head(source, name):
    found = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef) and n.name == name]
    if not found:
        return None
    return ast.unparse(found[0].args), ast.get_docstring(found[0]), found[0].returns and ast.unparse(found[0].returns)
