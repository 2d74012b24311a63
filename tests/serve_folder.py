"""Serves a folder of files on this machine, as the simplest server there is would, and says nothing.

with served(folder) as address: ...
"""

import contextlib
import functools
import http.server
import threading


@contextlib.contextmanager
def served(folder):
    """The address, which ends in a slash, at which the folder is served until the block ends."""
    handler = functools.partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
