"""The code behind the course: cells, sequences, data with known truth, exercises that know their mistakes, and grading.

Importing this package imports nothing else; each module brings what it needs.
"""

__version__ = "0.1.0"
