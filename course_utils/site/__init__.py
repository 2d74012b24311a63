"""The web page: from executed lessons, docstrings and the Markdown files of the checkout to a folder of HTML."""
