"""The cost of a step is measured on work that is really done, and the graph is counted node by node."""

import torch

from course_utils.studies import step_cost_torch
from course_utils.studies.graph_size_torch import graph_nodes
from course_utils.studies.step_cost_torch import lstm_step, operations, seconds_per_call


def test_operations_count_the_calls_of_one_step_and_are_sorted(capfd):
    a = torch.ones(200, 200)

    def step():
        for _ in range(3):
            a @ a
        a.sum()

    found = operations(step)
    assert found["aten::mm"][0] == 3 and found["aten::sum"][0] == 1
    spent = [ms for _, ms in found.values()]
    assert spent == sorted(spent, reverse=True) and spent[-1] >= 0
    assert capfd.readouterr() == ("", "")


def test_each_time_is_the_least_of_the_runs_after_the_first(monkeypatch):
    recorded = iter([{"a": (2, 0.1)}, {"a": (2, 5.0), "b": (1, 4.0)}, {"a": (2, 2.0), "b": (1, 6.0)}])
    monkeypatch.setattr(step_cost_torch, "_recorded", lambda step, device: next(recorded))
    assert list(operations(None, runs=2).items()) == [("b", (1, 4.0)), ("a", (2, 2.0))]


def test_errors_of_the_step_come_through_and_the_error_stream_is_back(capfd):
    try:
        operations(lambda: 1 / 0)
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("the step's error was lost")
    import os

    os.write(2, b"still here\n")
    assert "still here" in capfd.readouterr().err


def test_the_step_runs_backward_through_time_and_ten_times_the_work_takes_longer():
    small, large = lstm_step(8, 1, 3), lstm_step(64, 32, 30)
    assert 0 < seconds_per_call(small, budget=0.02) < seconds_per_call(large, budget=0.02)


def test_graph_nodes_counts_each_operation_once():
    w = torch.ones(3, requires_grad=True)
    assert graph_nodes((w * w).sum()) == 3
    assert graph_nodes(torch.ones(3)) == 0
    square = w * w
    assert graph_nodes((square + square).sum()) == 4
