"""Messages between the grader and a caged child, over one socket.

To the child go pickles, made by the grader of its own data. From the child comes JSON, and nothing else is ever read: a message
has four bytes of length and then a text; one that is too long, damaged, or not an object with a "kind" ends the run.
"""

import json
import pickle
import queue
import socket
import struct
import time

__all__ = ["Abuse", "Channel", "Closed", "clean", "from_grader", "to_grader"]

HEAD = struct.Struct(">I")
SLACK = 100_000  # bytes of a message beyond the value in it


class Closed(Exception):
    """The child is gone."""


class Abuse(Exception):
    """The child sent what no honest run sends; the text says what."""


class Channel:
    """The grader's end. largest: bytes of one message; total: bytes of all messages of one run."""

    def __init__(self, end, largest, total):
        self.end, self.largest, self.left = end, largest + SLACK, total + SLACK
        self.got = bytearray()

    def send(self, message):
        """Send the grader's own data. A child that is gone is noticed when it is read from."""
        data = pickle.dumps(message, protocol=5)
        self.end.settimeout(10)
        try:
            self.end.sendall(HEAD.pack(len(data)) + data)
        except (TimeoutError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise Abuse("it stopped listening to the grader") from None

    def receive(self, deadline):
        """The next message, a dictionary. Raises queue.Empty at the deadline (time.monotonic), Closed or Abuse."""
        size = self._bytes(HEAD.size, deadline, keep=True)
        (length,) = HEAD.unpack(size)
        if length > self.largest:
            raise Abuse(f"it handed over more than {self.largest - SLACK:,} bytes at once")
        data = self._bytes(HEAD.size + length, deadline)[HEAD.size :]
        self.left -= length
        if self.left < 0:
            raise Abuse("it handed over more bytes in all than a run may")
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            raise Abuse("it sent the grader what is not a message") from None
        if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
            raise Abuse("it sent the grader what is not a message")
        return message

    def close(self):
        self.end.close()

    def _bytes(self, n, deadline, keep=False):
        while len(self.got) < n:
            self.end.settimeout(max(deadline - time.monotonic(), 1e-4))
            try:
                some = self.end.recv(1 << 18)
            except TimeoutError:
                raise queue.Empty from None
            except OSError:
                some = b""
            if not some:
                raise Closed
            self.got += some
        taken = bytes(self.got[:n])
        if not keep:
            del self.got[:n]
        return taken


def to_grader(end: socket.socket, **message):
    """The child's side: send one message."""
    data = json.dumps(message).encode()
    end.sendall(HEAD.pack(len(data)) + data)


def from_grader(end: socket.socket):
    """The child's side: the next message of the grader, or None when there will be no more."""
    head = _exactly(end, HEAD.size)
    return None if head is None else pickle.loads(_exactly(end, HEAD.unpack(head)[0]))


def clean(value, limit=2_000):
    """A text of the student's that can be written anywhere: no lone surrogates, no more than `limit` characters."""
    return str(value if isinstance(value, str) else "")[:limit].encode("utf-8", "replace").decode()


def _exactly(end, n):
    parts = []
    while n:
        some = end.recv(min(n, 1 << 20))
        if not some:
            return None
        parts.append(some)
        n -= len(some)
    return b"".join(parts)
