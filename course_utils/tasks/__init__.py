"""Data whose truth is known exactly: each module makes one task, or one family of them, from a random generator."""
