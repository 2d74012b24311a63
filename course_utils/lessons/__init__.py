"""From a lesson's script to its notebooks, and the proof that the built files are up to date."""
