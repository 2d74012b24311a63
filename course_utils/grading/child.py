"""The caged child: it runs the cells that the grader sends and reports what they do. From the first on it is the student's.

Everything here may be patched, read or lied to by what it runs; nothing here is believed by the grader.
"""

import base64
import contextlib
import os
import signal
import socket
import sys

from .cells import Cells
from .parcel import pack, unpack
from .stand_in import install
from .wire import from_grader, to_grader

__all__ = ["Link", "serve"]


class Link:
    """The child's end of the channel; interrupts wait while a message is under way. A forked copy of it keeps silent."""

    def __init__(self, end):
        self.end, self.owner = end, os.getpid()

    def send(self, **message):
        if os.getpid() != self.owner:
            return
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            to_grader(self.end, **message)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def request(self, **message):
        """Send, and wait for the answer."""
        self.send(**message)
        return self.receive()

    def receive(self):
        message = from_grader(self.end) if os.getpid() == self.owner else None
        if message is None:
            os._exit(0)
        return message


def serve(end):
    """Follow the grader's orders until it hangs up."""
    link = Link(socket.socket(fileno=end))
    kind, *content = link.receive()
    if kind == "oracle":
        _give_references(link)
    module, table, output = content
    install(link, module, table)
    cells = Cells(link.send, output)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            order, *content = link.receive()
            if order == "run":
                _close_figures()
                cells.run(*content)
                link.send(kind="idle")


def _close_figures():
    """Figures of the cell before are shown by then; a hundred open ones would be a warning and memory."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and getattr(pyplot, "_pylab_helpers", None) and pyplot._pylab_helpers.Gcf.figs:
        pyplot.close("all")


def _give_references(link):
    """A child of its own that computes references on what the student's code sent; it knows nothing else worth having."""
    references = {}
    while True:
        name, parcel, given = link.receive()
        try:
            if parcel is not None:
                references[name] = unpack(parcel)
            args, kwargs = unpack(base64.b64decode(given))
            link.send(kind="value", value=base64.b64encode(pack(references[name](*args, **kwargs))).decode())
        except Exception as error:
            link.send(kind="error", text=f"{type(error).__name__}: {error}"[:300])
