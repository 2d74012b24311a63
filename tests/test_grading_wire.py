"""What a child may send is a short text that is an object with a kind; anything else ends its run and harms nobody."""

import json
import pickle
import queue
import socket
import struct
import threading
import time

import pytest

from course_utils.grading.wire import SLACK, Abuse, Channel, Closed, clean, from_grader, to_grader


@pytest.fixture
def ends():
    """(the grader's Channel for messages of 1,000 bytes and 10,000 in all, the child's socket)."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours, 1_000, 10_000)
    yield channel, theirs
    channel.close()
    theirs.close()


def soon(seconds=5.0):
    return time.monotonic() + seconds


def framed(data):
    return struct.pack(">I", len(data)) + data


def test_messages_arrive_whole_and_in_order_however_they_are_cut(ends):
    channel, child = ends
    sent = [{"kind": "stream", "text": "é ✓ 🙂", "n": 1}, {"kind": "idle"}, {"kind": "value", "value": [1.5, None]}]
    data = b"".join(framed(json.dumps(m).encode()) for m in sent)
    for k in range(0, len(data), 3):
        child.sendall(data[k : k + 3])
    assert [channel.receive(soon()) for _ in sent] == sent


def test_both_directions_of_the_childs_own_functions(ends):
    channel, child = ends
    to_grader(child, kind="value", value={"list": [1, 2]})
    assert channel.receive(soon()) == {"kind": "value", "value": {"list": [1, 2]}}
    sender = threading.Thread(target=channel.send, args=(("run", "x" * 3_000_000),))
    sender.start()
    assert from_grader(child) == ("run", "x" * 3_000_000)
    sender.join()
    channel.close()
    assert from_grader(child) is None


NO_MESSAGES = {
    "a pickle": pickle.dumps(print),
    "text": b'"kind"',
    "a list": b'[{"kind": "x"}]',
    "no kind": b'{"points": 1}',
    "a kind that is none": b'{"kind": ["x"]}',
    "half": b'{"kind": "x"',
    "nothing": b"",
    "no UTF-8": b"\xff\xfe{}",
    "depth": b"[" * 50_000,
}


@pytest.mark.parametrize("name", NO_MESSAGES)
def test_what_is_no_message_is_abuse(name, ends):
    channel, child = ends
    child.sendall(framed(NO_MESSAGES[name]))
    with pytest.raises(Abuse, match="not a message"):
        channel.receive(soon())


def test_a_message_that_says_it_is_too_long_is_refused_before_it_is_read(ends):
    channel, child = ends
    child.sendall(struct.pack(">I", SLACK + 1_001))
    with pytest.raises(Abuse, match="more than 1,000 bytes at once"):
        channel.receive(soon())


def test_the_longest_message_passes_and_all_together_are_limited(ends):
    channel, child = ends
    longest = framed(b'{"kind": "x"' + b" " * (SLACK + 1_000 - 13) + b"}")
    threading.Thread(target=child.sendall, args=(longest,)).start()
    assert channel.receive(soon()) == {"kind": "x"}
    threading.Thread(target=child.sendall, args=(longest,)).start()
    with pytest.raises(Abuse, match="more bytes in all"):
        channel.receive(soon())


def test_waiting_ends_at_the_deadline_and_loses_nothing_that_has_come(ends):
    channel, child = ends
    data = framed(b'{"kind": "late"}')
    child.sendall(data[:7])
    begun = time.monotonic()
    with pytest.raises(queue.Empty):
        channel.receive(soon(0.2))
    assert 0.15 < time.monotonic() - begun < 5
    child.sendall(data[7:])
    assert channel.receive(soon()) == {"kind": "late"}


def test_a_child_that_is_gone_is_closed_also_within_a_message(ends):
    channel, child = ends
    child.sendall(framed(b'{"kind": "x"}') + b"\x00\x00")
    child.close()
    assert channel.receive(soon()) == {"kind": "x"}
    with pytest.raises(Closed):
        channel.receive(soon())
    channel.send("to nobody")  # is noticed when it is read from


@pytest.mark.parametrize(
    "text, cleaned", [("é ✓", "é ✓"), ("\ud800x", "?x"), (7, ""), (None, ""), (["x"], ""), ("x" * 9, "xxxxx")]
)
def test_a_students_text_can_be_written_anywhere(text, cleaned):
    assert clean(text, 5) == cleaned
    assert clean(text, 5).encode("utf-8").decode("utf-8") == cleaned
