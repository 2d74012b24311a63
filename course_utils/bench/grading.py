"""`course bench grading`: what grading a class costs, here and with nbgrader, on the same submissions, in turn.

nbgrader gets only the cells that this grader runs (setup, answers, own cells and checks), so that neither runs the lesson's
demonstrations. CPU time is that of the whole command with all it starts. nbgrader: any installation whose Python also
has this package; without one, only this grader is measured.
"""

import argparse
import itertools
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from ..grading.collect import collect
from ..grading.pool import Pool
from ..grading.samples import sample_class
from .grading_class import environment, nbgrader_course, write_class
from .grading_report import write_report

__all__ = ["main"]

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MARKS = (10, 20, 50, 100, 200, 500, 1000, 2000)
FURTHER = 100  # submissions after the first, to see what one more takes when everything has started


def main(arguments=None):
    """Measure, print a table, and write it with a picture of the cost per submission where asked to."""
    options = _parser().parse_args(arguments)
    if options.worker:
        return _grade_here(*options.worker)
    rows = {}
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        for lesson in options.lessons:
            rows[lesson] = _compare(lesson, pathlib.Path(folder, lesson), options)
            print(json.dumps({lesson: rows[lesson]}), flush=True)
        lines = _long_run(options.lessons[0], pathlib.Path(folder, "long"), options.most) if options.most else []
    print(write_report(options.report, rows, lines, options.remark))
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="course bench grading", description=__doc__)
    parser.add_argument("--lessons", nargs="+", default=["01_language_models", "09_torch_in_practice"])
    parser.add_argument("--nbgrader", help="its command, for example PATH/bin/nbgrader (default: not measured)")
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--most", type=int, default=0, help="also grade so many in one run, to see whether the cost grows"
    )
    parser.add_argument("--report", metavar="FOLDER", help="write grading.md, grading.json and grading_cost.png")
    parser.add_argument("--remark", default="", help="a sentence on the conditions, for the report")
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    return parser


def _compare(lesson, folder, options):
    """For each contestant, CPU seconds and seconds per submission, medians over the rounds, and what is known besides."""
    solved, release = _notebooks(lesson)
    samples = [s for s in sample_class(solved, release, lesson) if s.status == "graded"][: options.submissions]
    write_class(folder / "class", samples)
    ours = {f"course grade, {jobs} at a time": jobs for jobs in (1, 2)}
    commands = {name: _command(lesson, folder / "class", jobs) for name, jobs in ours.items()}
    if options.nbgrader:
        commands["nbgrader autograde"] = nbgrader_course(
            folder / "nbgrader", options.nbgrader, lesson, release, collect(folder / "class")
        )
    turns = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            turns[name].append(_measured(*command, len(samples)))
            if name in ours:
                turns[name][-1] |= _told(*_command(lesson, folder / "class", ours[name], FURTHER))
    return {name: _median(found) for name, found in turns.items()}


def _measured(command, folder, submissions):
    """CPU and wall seconds per submission of a command, from before its start to after its end; and what it says of itself."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    told = _told(command, folder)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu / submissions, "wall": wall / submissions, **told}


def _told(command, folder):
    """Run a command; what it says of itself on its last line, if that is JSON."""
    done = subprocess.run(command, cwd=folder, env=environment(command[0]), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    last = (done.stdout.strip().splitlines() or [""])[-1]
    return json.loads(last) if last.startswith("{") else {}


def _median(turns):
    return {key: sorted(t[key] for t in turns)[len(turns) // 2] for key in turns[0]}


def _command(lesson, folder, jobs, further=0):
    module = [sys.executable, "-m", "course_utils.bench.grading"]
    return [*module, "--worker", lesson, str(folder), str(jobs), str(further)], folder


def _grade_here(lesson, folder, jobs, further):
    """Grade a folder as `course grade` does, without reports; the last line says what only the grader itself can see.

    further: how many more submissions, of the same, to grade once all of them were graded, and to take the time of. Only
    then is memory looked at, too: adding pages up takes as long as grading does.
    """
    submissions, first, peak = collect(folder), None, 0
    with Pool(_notebooks(lesson)[1], lesson, int(jobs)) as pool:
        for _ in pool.grades(submissions, 7):
            first = first or _age()
            peak = max(peak, _memory(os.getpid()) if int(further) else 0)
        told = {"first": first}
        if int(further):
            more = list(itertools.islice(itertools.cycle(submissions), int(further)))
            told = {"memory": peak / int(jobs), **_one_more(pool, more)}
    print(json.dumps(told))


def _one_more(pool, submissions):
    """CPU and wall seconds for each of these submissions in a pool that has graded before."""
    cpu, start = _used(pool), time.perf_counter()
    for _ in pool.grades(submissions, 7):
        pass
    wall = time.perf_counter() - start
    return {"each_cpu": (_used(pool) - cpu) / len(submissions), "each_wall": wall / len(submissions)}


def _long_run(lesson, folder, most):
    """(submissions, CPU seconds per submission since the mark before) along one run of `most` submissions."""
    solved, release = _notebooks(lesson)
    samples = [s for s in sample_class(solved, release, lesson) if s.status == "graded"][:20]
    write_class(folder, samples)
    few, lines = collect(folder), []
    with Pool(release, lesson) as pool:
        pool.grade(few[0], 7)
        last = 0, _used(pool)
        for k in range(1, most + 1):
            pool.grade(few[k % len(few)], 7)
            if k in MARKS:
                used = _used(pool)
                lines.append((k, (used - last[1]) / (k - last[0])))
                last = k, used
    return lines


def _used(pool):
    """CPU seconds so far of this process, of the warm parent with its children that have ended, and of the examiner."""
    ticks = sum(sum(map(int, _fields(pid)[11:15])) for pid in (pool.parent.process.pid, pool.parent.examiner))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _age():
    """Seconds since this process was started."""
    up = float(pathlib.Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    return up - int(_fields("self")[19]) / os.sysconf("SC_CLK_TCK")


def _fields(pid):
    """The fields of /proc/PID/stat that follow the name."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()


def _memory(pid):
    """Bytes of a process and all below it, shared pages divided among those that share them."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        total += sum(_memory(int(child)) for child in task.read_text(encoding="ascii").split())
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return total
    return total + next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _notebooks(lesson):
    """(solved, release) as they are committed."""
    return tuple(
        json.loads((ROOT / f / f"{lesson}.ipynb").read_text(encoding="utf-8")) for f in ("solutions", "notebooks")
    )


if __name__ == "__main__":
    sys.exit(main())
