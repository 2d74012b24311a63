"""The command `course`: open the lessons, check your work, build and verify the notebooks, grade a class.

Students: lab, check. Instructors: grade, sample. Authors: build, verify, bench. Each says what to do when something is amiss.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import shlex
import subprocess
import sys

__all__ = ["main"]


class Refused(Exception):
    """A request that cannot be met; its text says why and what to do."""


def main(arguments=None):
    """Run the command; returns the exit status: 0 fine, 1 something is wrong with the work, 2 with the request."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.run not in (lab, bench):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = [argument for argument in rest if argument != "--"]
    try:
        return options.run(options) or 0
    except (Refused, ValueError, OSError, *_refusals()) as error:
        print(f"course {options.command}: {error}", file=sys.stderr)
        return 2


def lab(options):
    """Copy lessons into my_work/ (never over your changes) and open JupyterLab, which gets all other arguments."""
    from .lessons.checkout import lesson_path
    from .lessons.workplace import update_workplace

    name = lesson_path(_root(), options.lesson).stem
    for line in update_workplace(_root() / "notebooks", _root() / "my_work"):
        print(line)
    command = [sys.executable, "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/my_work/{name}.ipynb"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command += options.rest
    if options.dry_run:
        print(shlex.join(command[1:]))
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        raise Refused("JupyterLab is not installed; `make lab` installs it, or: pip install -e '.[lab]'")
    sys.stdout.flush()
    os.chdir(_root())
    # JupyterLab takes this process over, so that Ctrl-C and other signals reach it and nothing else.
    return subprocess.call(command) if os.name == "nt" else os.execv(command[0], command)


def build(options):
    """Build both notebooks of each lesson, and the syllabus."""
    from .lessons.build import build as build_lessons

    changed = build_lessons(_root(), options.lessons)
    for path in changed:
        print(f"built {path.relative_to(_root())}")
    print("nothing to do, all is built" if not changed else f"{len(changed)} files")


def verify(options):
    """Say whether every built file is what its script builds and every lesson keeps the house rules."""
    from .lessons.verify import verify as lesson_problems

    problems = lesson_problems(_root())
    print("\n".join(problems) or "all lessons are built and keep the rules")
    return 1 if problems else 0


def check(options):
    """Print the verdicts on one notebook, as its checks would in JupyterLab."""
    from .exercises.definition import LOCAL_SEED
    from .grading.collect import collect
    from .grading.pool import Pool

    (submission,) = collect(options.notebook)[:1]
    name = options.lesson or submission.lesson or pathlib.Path(options.notebook).stem
    lesson, release = _release(name)
    with Pool(release, lesson.name) as pool:
        found = pool.grade(submission, LOCAL_SEED)
    if found.note:
        print(f"{found.status}: {found.note}")
    if found.status != "invalid":
        print("\n".join(v.line for v in found.verdicts))
    print(f"{found.points} of {found.out_of} points")
    return 0 if found.points == found.out_of else 1


def grade(options):
    """Grade every notebook under a folder (or in a zip file) and write gradebook.csv, index.html and feedback pages."""
    import secrets

    from .grading.collect import collect
    from .grading.pool import Pool
    from .grading.report import write_reports
    from .grading.rows import Limits

    lesson, release = _release(options.lesson)
    submissions = collect(options.folder)
    folder = pathlib.Path(options.output or pathlib.Path("grades") / lesson.name)
    if folder.resolve() == pathlib.Path(options.folder).resolve():
        raise Refused("the reports may not go into the folder of submissions; choose another with --output")
    seed = options.seed if options.seed is not None else secrets.randbelow(2**31)
    limits = Limits(cell=options.cell_seconds, total=options.seconds)
    grades = []
    try:
        with Pool(release, lesson.name, options.jobs, limits) as pool:
            for found in pool.grades(submissions, seed):
                grades.append(found)
                print(_line(found, len(grades), len(submissions)), flush=True)
    finally:  # interrupted or not: what is graded is reported
        page = write_reports(folder, lesson.name, lesson.title, grades)
        print(f"{len(grades)} of {len(submissions)} submissions graded, seed {seed}.")
        print(f"Read {page}; the table is {folder / 'gradebook.csv'}")


def sample(options):
    """Write a sample class for a lesson: right, partly right, each mistake, empty, broken."""
    from .grading.samples import sample_class
    from .lessons.build import repository, solved_notebook

    lesson, release = _release(options.lesson)
    folder = pathlib.Path(options.folder)
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty, and nothing in it will be overwritten; give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    samples = sample_class(solved_notebook(lesson, repository(_root())), release, lesson.name)
    for made in samples:
        (folder / f"{made.student}.ipynb").write_bytes(made.data)
    print(f"{len(samples)} submissions in {folder}. Try: course grade {lesson.name} {folder}")


def bench(options):
    """Measure our cells beside torch.nn: all suites or those named, --quick, --json FILE, --report FOLDER."""
    if importlib.util.find_spec("torch") is None:
        raise Refused("the benchmark compares with torch, which is not installed: pip install -e '.[torch]'")
    threads = str(os.cpu_count() or 1) if options.threads == "all" else options.threads
    settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    quiet = {"KINETO_LOG_LEVEL": "99"}  # the profiler that counts torch's memory talks otherwise
    command = [sys.executable, "-m", f"{__package__}.bench", *options.rest]
    return subprocess.call(command, env={**os.environ, **settings, **quiet})  # threads are set before NumPy is loaded


def _release(name):
    from .lessons.build import repository, student_notebook
    from .lessons.checkout import lesson_path
    from .lessons.script import read_lesson

    lesson = read_lesson(lesson_path(_root(), name))
    return lesson, json.loads(json.dumps(student_notebook(lesson, repository(_root()))))


def _line(grade, k, n):
    note = f"  {grade.status}: {grade.note}" if grade.note else ""
    marks = "".join({"right": "✓", "wrong": "✗", "not attempted": "·"}[v.status] for v in grade.verdicts)
    return f"{k:>4}/{n}  {grade.points:>3} of {grade.out_of}  {marks}  {grade.student}{note}"


def _root():
    from .lessons.checkout import find_root

    return find_root()


def _refusals():
    """Exceptions of the package that are messages to people; looked up late, so that `course --help` stays fast."""
    found = []
    for module, name in (
        ("lessons.checkout", "NoCheckout"),
        ("lessons.build", "EditedNotebook"),
        ("grading.warm", "NotIsolated"),
    ):
        loaded = sys.modules.get(f"{__package__}.{module}")
        found += [getattr(loaded, name)] if loaded else []
    return found


def _parser():
    parser = argparse.ArgumentParser(prog="course", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(function, *arguments):
        made = commands.add_parser(function.__name__, help=function.__doc__, description=function.__doc__)
        for names, settings in arguments:
            made.add_argument(*names, **settings)
        made.set_defaults(run=function)

    lesson = (["lesson"], {"help": "a lesson's name, number or word: 01_language_models, 1, language_models"})
    add(
        lab,
        (["--lesson"], {"default": "0", "help": "name, number or word of the lesson to open (default: the first)"}),
        (["--dry-run"], {"action": "store_true", "help": "only say what would be run"}),
    )
    add(check, (["notebook"], {}), (["--lesson"], {"help": "if the notebook does not say which lesson it is"}))
    add(
        grade,
        lesson,
        (["folder"], {"help": "a folder of notebooks, or a zip file of them"}),
        (["--output"], {"help": "where reports go (default: grades/LESSON)"}),
        (["--seed"], {"type": int, "help": "what the checks' inputs are drawn from (default: a new one)"}),
        (
            ["--jobs"],
            {"type": int, "default": os.cpu_count() or 1, "help": "submissions at a time (default: one per core)"},
        ),
        (["--cell-seconds"], {"type": float, "default": 30, "help": "limit for one cell (default 30)"}),
        (["--seconds"], {"type": float, "default": 180, "help": "limit for one submission (default 180)"}),
    )
    add(sample, lesson, (["folder"], {"help": "a new folder"}))
    add(build, (["lessons"], {"nargs": "*", "help": "lessons by name or number (default: all)"}))
    add(verify)
    add(
        bench,
        (["--threads"], {"choices": ["1", "all"], "default": "1", "help": "threads of NumPy and torch (default 1)"}),
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
