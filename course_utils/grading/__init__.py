"""From a folder of submissions to a gradebook: collect, assemble, run under nbval, judge, report."""
