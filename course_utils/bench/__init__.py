"""How fast this is: `course bench` measures our cells beside torch.nn and beside the loop of a teaching text.

    clock      medians of CPU time of things run in turn
    classic    the recurrent network of a teaching text, one character at a time
    suites_torch, steps_torch, sampling_torch, memory_torch, length_torch       what is measured
    report     bars, tables, JSON; pictures draws them

Nothing else in the package imports this. It needs torch.
"""
