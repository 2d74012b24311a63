"""The lessons that need only NumPy, in a browser with nothing installed: JupyterLite, with Python itself in the page."""
