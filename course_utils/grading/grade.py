"""From one submission to its row: assemble, run in the cage under nbval, and put together what was judged meanwhile."""

import re

from ..exercises.judge import Verdict
from .assemble import assemble
from .kernel import CagedKernel
from .rows import GRADED, INVALID, KILLED, PARTIAL, TIMED_OUT, Grade, content_hash
from .watch import COMPUTED
from .wire import clean

__all__ = ["failed", "grade", "problem_of"]

HOW = {"time": TIMED_OUT, "memory": KILLED, "files": KILLED, "abuse": KILLED, "exit": KILLED}
CPU_SIGNAL = 24  # the kernel's own limit on computing, where the grader did not look in time
INTERRUPTED = "its cell was interrupted at the limit of time: is there a loop that never ends?"


def grade(submission, release, judging, fork, references, validator, limits):
    """The Grade of one collect.Submission; whatever it holds, this returns a row.

    release: the student notebook of the lesson; fork(): a new warm.Child; references: who answers calls of references;
    validator: notebook.Validator. The caller adds what is known of the isolation.
    """
    problem = problem_of(submission, judging.lesson)
    if problem:
        return _invalid(submission, judging, limits, problem)
    assembled = assemble(release, judging.lesson, submission.cells)
    labels = {e.number: e.label for e in judging.exercises}
    child = fork()
    try:
        kernel = CagedKernel(child, judging, references, limits)
        results = validator.run(
            assembled.notebook(labels), kernel, lambda k: _begin(kernel, judging, assembled.plan[k])
        )
        seconds = kernel.watch.seconds()
    finally:
        child.end()
        references.close()
    verdicts = tuple(_verdict(e, assembled, results, kernel) for e in judging.exercises)
    status, note = _status(kernel, child, results)
    content = content_hash(assembled.plan, judging.seed)
    row = Grade(
        submission.student, submission.file, status, verdicts, assembled.answers, note, content, judging.seed, limits
    )
    return row._replace(seconds=round(seconds, 3), cpu=round(child.cpu, 3))


def problem_of(submission, lesson):
    """Why a submission cannot be graded as this lesson, or None."""
    if submission.problem:
        return submission.problem
    if submission.lesson and submission.lesson != lesson:
        return f"it is lesson {submission.lesson}, not {lesson}"
    return None if submission.cells else "it has no code cells"


def _invalid(submission, judging, limits, problem):
    none = tuple(Verdict(e.label, "not attempted", 0, e.points, "not attempted yet") for e in judging.exercises)
    content = content_hash([("problem", "", problem)], judging.seed)
    return Grade(submission.student, submission.file, INVALID, none, {}, problem, content, judging.seed, limits)


def failed(submission, judging, limits, error):
    """The row of a submission on which the grader itself failed."""
    row = _invalid(
        submission,
        judging,
        limits,
        f"the grader itself failed here ({type(error).__name__}: {error}); please report it",
    )
    return row._replace(status=KILLED, content="")


def _begin(kernel, judging, planned):
    number = planned.exercise if planned.role == "check" else None
    kernel.begin(next((e for e in judging.exercises if e.number == number), None))


def _status(kernel, child, results):
    """How the run ended, and why in words."""
    if kernel.ended is None:
        cut = [r for r in results.values() if _error(r) and _error(r).get("ename") == "KeyboardInterrupt"]
        return (PARTIAL, "a cell was interrupted at its limit of time; the others ran") if cut else (GRADED, "")
    note = str(kernel.ended)
    if kernel.ended.how == "exit" and child.code == -CPU_SIGNAL:
        return TIMED_OUT, COMPUTED.format(kernel.limits.cpu)
    if kernel.ended.how == "exit" and child.code is not None:
        note += f" (signal {-child.code})" if child.code < 0 else f" (exit status {child.code})"
    return HOW[kernel.ended.how], note


def _verdict(exercise, assembled, results, kernel):
    if exercise.number in kernel.verdicts:
        return kernel.verdicts[exercise.number]
    at = {(p.role, p.exercise): k for k, p in enumerate(assembled.plan)}
    found = [results.get(at[role, exercise.number]) for role in ("answer", "check")]
    return Verdict(exercise.label, "wrong", 0, exercise.points, clean(_why_nothing(*found, kernel.ended)))


def _why_nothing(answer, check, ended):
    for where, result in (("its cell", answer), ("its check", check)):
        error = _error(result)
        if error is not None:
            if error.get("ename") == "KeyboardInterrupt":
                return INTERRUPTED
            text = re.sub(r"\([^()]*, line (\d+)\)$", r"(line \1)", str(error.get("evalue")))  # no odd file name
            return f"{where} stops with {error.get('ename')}: {text[:300]}"
    if ended is not None:
        return (
            "its check ran, and the run ended there"
            if check is not None
            else f"the run ended before its check: {ended}"
        )
    return "no result arrived from its check"


def _error(result):
    return next((o for o in result.outputs if o.get("output_type") == "error"), None) if result else None
