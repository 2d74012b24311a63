"""Grade submissions: assemble, run under nbval, and judge the values that came back, here and not beside the student's code."""

import re

from ..exercises import exercises_of
from ..exercises.definition import RECORD
from ..exercises.judge import Verdict, judge
from .assemble import assemble
from .rows import GRADED, INVALID, KILLED, TIMED_OUT, Grade, Limits, content_hash
from .run import run

__all__ = ["grade"]


def grade(release, lesson, submission, seed, limits=Limits()):  # noqa: B008 - a named tuple is immutable
    """The Grade of one Submission; whatever it holds, this returns a row.

    release: the student notebook of the lesson as a dictionary; lesson: its name, "07_lstm".
    """
    exercises = exercises_of(lesson)
    none = tuple(Verdict(e.label, "not attempted", 0, e.points, "not attempted yet") for e in exercises)
    problem = submission.problem or _wrong_lesson(submission, lesson)
    if problem:
        return Grade(submission.student, submission.file, INVALID, none, {}, problem, seed=seed, limits=limits)
    assembled = assemble(release, lesson, submission.cells)
    results, cut_short = run(assembled.notebook(), seed, limits)
    if not results and not cut_short:  # not even the setup ran: a kernel that did not start is no student's fault
        results, cut_short = run(assembled.notebook(), seed, limits)
    verdicts = tuple(_verdict(e, assembled, results, seed, cut_short) for e in exercises)
    note = cut_short or _dead_kernel(assembled, results)
    status = (TIMED_OUT if cut_short else KILLED) if note else GRADED
    content = content_hash(assembled.plan, seed)
    who, file = submission.student, submission.file
    return Grade(who, file, status, verdicts, assembled.answers, note or "", content, seed, limits)


def _wrong_lesson(submission, lesson):
    if submission.lesson and submission.lesson != lesson:
        return f"it is lesson {submission.lesson}, not {lesson}"
    return None if submission.cells else "it has no code cells"


def _verdict(exercise, assembled, results, seed, cut_short):
    at = {(p.role, p.exercise): k for k, p in enumerate(assembled.plan)}
    check, answer = results.get(at["check", exercise.number]), results.get(at["answer", exercise.number])
    data = _record(check, exercise.number)
    if data is not None:
        return judge(exercise, data, seed)
    return Verdict(exercise.label, "wrong", 0, exercise.points, _why_nothing(check, answer, cut_short))


def _record(check, number):
    for output in check.outputs if check else ():
        data = output.get("data", {}).get(RECORD) if isinstance(output, dict) else None
        if isinstance(data, dict) and data.get("exercise") == number:
            return data.get("record")
    return None


def _why_nothing(check, answer, cut_short):
    for where, result in (("its cell", answer), ("its check", check)):
        error = next((o for o in result.outputs if o.get("output_type") == "error"), None) if result else None
        if error:
            if error.get("ename") == "KeyboardInterrupt":
                return f"{where} was interrupted at the limit of time: is there a loop that never ends?"
            text = re.sub(r"\([^()]*, line (\d+)\)$", r"(line \1)", str(error.get("evalue")))  # no odd file name
            return f"{where} stops with {error.get('ename')}: {text[:300]}"
    if check is None or cut_short:
        return cut_short or "the run ended before its check"
    return f"no result arrived from its check ({(check.error or 'no output').splitlines()[0][:200]})"


def _dead_kernel(assembled, results):
    if len(results) < len(assembled.plan):
        return "the run ended early"
    dead = any("Kernel dead" in (r.error or "") or "Failed to interrupt" in (r.error or "") for r in results.values())
    return "the student's code ended Python or did not react to the limit of time" if dead else None
