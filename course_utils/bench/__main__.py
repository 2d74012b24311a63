"""`python -m course_utils.bench`, which `course bench` starts with as many threads as asked for."""

import argparse
import json
import os
import sys

from .report import markdown, suite_table

__all__ = ["main"]


def main(arguments=None):
    """Measure the suites asked for, print their tables as they come, and write JSON and a report with pictures."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] == ["grading"]:
        from .grading import main as grading

        return grading(arguments[1:])
    from .machine_torch import machine
    from .suites_torch import SUITES

    parser = _parser(SUITES)
    options = parser.parse_args(arguments)
    if unknown := set(options.what) - SUITES.keys():
        parser.error(f"no suite is called {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    _use_threads(os.environ.get("OMP_NUM_THREADS"))
    rows, about = [], {k: str(v) for k, v in machine().items()}
    for name in options.what or SUITES:
        found = list(SUITES[name](options.quick))
        rows += found
        print(f"\n{SUITES[name].__doc__}\n\n{suite_table(found)}", flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": about, "rows": rows}, file, indent=1)
    if options.report:
        _write_report(options.report, rows, about)


def _parser(suites):
    parser = argparse.ArgumentParser(prog="course bench", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"of {', '.join(suites)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, two rounds: does it run?")
    parser.add_argument("--json", metavar="FILE", help="write all rows")
    parser.add_argument("--report", metavar="FOLDER", help="write benchmark.md and its pictures")
    return parser


def _use_threads(number):
    import torch

    if number:
        torch.set_num_threads(int(number))


def _write_report(folder, rows, about):
    import matplotlib

    matplotlib.use("agg")
    from .pictures import draw

    pictures = "\n".join(f"![{PICTURES[path.stem]}]({path.name})\n" for path in draw(rows, folder))
    with open(os.path.join(folder, "benchmark.md"), "w", encoding="utf-8") as file:
        file.write(f"{INTRODUCTION}\n{markdown(rows, about)}\n## Pictures\n\n{pictures}")


PICTURES = {
    "benchmark_steps": "Dots: CPU time of one training step for each cell and size, as a multiple of torch.nn's.",
    "benchmark_length": "Curves: CPU time of an LSTM's training step grows linearly with the number of steps.",
    "benchmark_length_memory": "Curves: peak memory of an LSTM's training step grows linearly with the number of steps.",
    "benchmark_scans": "Curves: the scan's time grows more slowly than the step loop's.",
    "benchmark_parallel": "Curves: minGRU by scan stays below torch.nn.GRU; attention grows quadratically.",
}
INTRODUCTION = """# How fast this is

Made by `course bench --json docs/benchmark.json --report docs`; run it to see your own machine, with `--threads all` for
all of its cores. All contestants do the same work on the same numbers: tokens in, linear read-out, cross-entropy, all
gradients, in float32 (the classic loop of a teaching text: float64). They run in turn, so that a busy moment of the machine
hits all alike; times are medians of CPU time. "who" is the contestant; "of torch.nn's" divides by torch.nn's time or memory
in the same run. Peak memory is what a step holds at most beyond its data and parameters: tracemalloc for NumPy,
torch.profiler for torch.
"""


if __name__ == "__main__":
    sys.exit(main())
