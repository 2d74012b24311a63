"""The command `course`: open the lessons, check your work, build and verify the notebooks, grade a class.

Students: lab, check. Instructors: release, grade, sample. Authors: build, verify, run, site, lite, bench. Each says what to
do when something is amiss. Exit codes: 0 fine; 1 something is wrong with the work; 2 with the request; 3 some submissions
need a look; 130 interrupted, and the same command goes on.
"""

import argparse
import importlib.util
import os
import pathlib
import shlex
import subprocess
import sys

from .grading import commands as grading
from .grading import flags

__all__ = ["main"]


class Refused(Exception):
    """A request that cannot be met; its text says why and what to do."""


def main(arguments=None):
    """Run the command; returns the exit status, see above."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.run not in (lab, bench, grading.release):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = [argument for argument in rest if argument != "--"]
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        return grading.INTERRUPTED
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


def run(options):
    """Execute solved lessons under nbval, two kernels side by side, and print what each one takes."""
    import time

    from .lessons.checkout import lesson_path
    from .lessons.execute import execute, table
    from .lessons.script import lesson_paths, read_lesson

    root, start = _root(), time.perf_counter()
    paths = [lesson_path(root, name) for name in options.lessons] or lesson_paths(root)
    found = execute(root, [read_lesson(path) for path in paths], options.kernels)
    print(table(found, time.perf_counter() - start))
    for execution in found:
        if not execution.passed:
            print(f"\n{execution.lesson} did not pass:\n{execution.said}", file=sys.stderr)
    return 0 if all(execution.passed for execution in found) else 1


def check(options):
    """Print the verdicts on one notebook, as its checks would in JupyterLab."""
    from .exercises.definition import LOCAL_SEED
    from .grading.assignment import released
    from .grading.collect import collect
    from .grading.pool import Pool

    (submission,) = collect(options.notebook)[:1]
    name = options.lesson or submission.lesson or pathlib.Path(options.notebook).stem
    lesson, release = released(_root(), name)
    with Pool(release, lesson.name, isolated=False) as pool:  # it is one's own work
        found = pool.grade(submission, LOCAL_SEED)
    if found.note:
        print(f"{found.status}: {found.note}")
    if found.status != "invalid":
        print("\n".join(v.line for v in found.verdicts))
    print(f"{found.points} of {found.out_of} points")
    return 0 if found.points == found.out_of else 1


def site(options):
    """Build the web page of the course into build/site, or of the lessons named only."""
    if importlib.util.find_spec("sphinx") is None:
        raise Refused(
            "the page needs a few more packages; `make site` installs them, or: pip install -e '.[staff,site]'"
        )
    from .site.make import build_site

    for_browser = _builder_for_browser() if options.lite else None
    folder = build_site(_root(), options.output, options.lessons, build_lessons_for_browser=for_browser)
    print(f"Open {folder / 'index.html'}")


def lite(options):
    """Build lessons that run in a browser with nothing installed into build/lite: those that need only NumPy."""
    folder = _builder_for_browser()(_root(), options.output)
    print(f"{folder} holds all of it, for any server of files; here: python -m http.server --directory {folder}")


def _builder_for_browser():
    if not all(map(importlib.util.find_spec, ("jupyterlite_core", "jupyterlite_pyodide_kernel", "hatchling"))):
        needed = "pip install -e '.[lab,staff,lite]'"
        raise Refused(f"lessons for the browser need a few more packages; `make lite` installs them, or: {needed}")
    from .lite.make import build_lite

    return build_lite


def bench(options):
    """Measure our cells beside torch.nn: all suites or those named, --quick, --json FILE, --report FOLDER."""
    if importlib.util.find_spec("torch") is None:
        raise Refused("the benchmark compares with torch, which is not installed: pip install -e '.[torch]'")
    threads = str(os.cpu_count() or 1) if options.threads == "all" else options.threads
    settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    quiet = {"KINETO_LOG_LEVEL": "99"}  # the profiler that counts torch's memory talks otherwise
    command = [sys.executable, "-m", f"{__package__}.bench", *options.rest]
    return subprocess.call(command, env={**os.environ, **settings, **quiet})  # threads are set before NumPy is loaded


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
        ("site.fetched", "NotFetched"),
        ("site.make", "SiteFailed"),
        ("lite.make", "LiteFailed"),
        ("site.execution", "LessonFailed"),
        ("grading.store", "Busy"),
        ("grading.cluster", "NoCluster"),
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
    for name, *arguments in flags.arguments(lesson):
        add(getattr(grading, name), *arguments)
    add(build, (["lessons"], {"nargs": "*", "help": "lessons by name or number (default: all)"}))
    add(verify)
    add(
        run,
        (["lessons"], {"nargs": "*", "help": "lessons by name or number (default: all)"}),
        (["--kernels"], {"type": int, "default": 2, "help": "kernels side by side, one thread each (default 2)"}),
    )
    add(
        site,
        (["lessons"], {"nargs": "*", "help": "lessons by name or number (default: all)"}),
        (["--output"], {"help": "where the page goes (default: build/site)"}),
        (["--lite"], {"action": "store_true", "help": "with lessons that run in the browser, in lite/ of the page"}),
    )
    add(lite, (["--output"], {"help": "where the site goes (default: build/lite)"}))
    add(
        bench,
        (["--threads"], {"choices": ["1", "all"], "default": "1", "help": "threads of NumPy and torch (default 1)"}),
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
