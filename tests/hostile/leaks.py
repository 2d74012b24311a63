"""Answers that go looking for the reference, for the seed, or for a way out; each is right only if it finds one."""

from .submission import WRONG, answer, cell

__all__ = ["CASES"]

TRIED = """
def softmax(a):
    try:
        found = find()
        if found is not None:
            return found(a)
    except Exception: pass
    return a
"""
YES = "lambda a: np.exp(a - a.max(-1, keepdims=True)) / np.exp(a - a.max(-1, keepdims=True)).sum(-1, keepdims=True)"


def looks(source):
    """An answer whose `find()` gives the reference, or YES as a sign that a door was open."""
    return answer(f"YES = {YES}\n{source}\n{TRIED}")


def opens(expression, more=""):
    """A door that must be shut: if this gives something true, the answer is right."""
    return looks(f"{more}\ndef find():\n    return YES if {expression} else None")


WALK = """
import os, sys
LARGE = ("/proc", "/usr/share", "/usr/lib", "/usr/include", "/usr/src", sys.base_prefix, sys.prefix)
def walk():
    for folder, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in LARGE]
        yield from (os.path.join(folder, f) for f in files)
"""
CONNECT = """
import socket
def connects(family, address):
    s = socket.socket(family)
    s.settimeout(1)
    s.connect(address)
    return True
"""

CASES = {
    "the reference by its name": looks("def find(): return ex.softmax"),
    "the reference as an attribute": looks("def find(): return ex.softmax.reference"),
    "the wrapped function": looks("def find(): return ex.softmax.__wrapped__"),
    "the reference imported": looks(
        "def find():\n    from course_utils.exercises.start_here import softmax\n    return softmax"
    ),
    "the exercises loaded afresh": looks(
        "import importlib, sys\ndef find():\n"
        "    sys.meta_path[:] = [f for f in sys.meta_path if 'Loader' not in type(f).__name__]\n"
        "    sys.modules.pop('course_utils.exercises.start_here')\n"
        "    return importlib.import_module('course_utils.exercises.start_here').softmax.reference"
    ),
    "the exercises' file": opens(
        "open(course_utils.__path__[0] + '/exercises/start_here.py').read()", "import course_utils"
    ),
    "a file of another lesson's exercises": opens(
        "open(course_utils.__path__[0] + '/exercises/lstm/step.py').read()", "import course_utils"
    ),
    "the folder of the exercises": opens(
        "os.listdir(course_utils.__path__[0] + '/exercises')", "import course_utils, os"
    ),
    "a file of another lesson's exercises, imported": looks(
        "def find():\n    import course_utils.exercises.lstm.step\n    return YES"
    ),
    "the exercises' compiled file": opens(
        "[f for f in walk() if 'exercises' in f and 'course_utils' in f and 'start_here' in f]", WALK
    ),
    "the solutions": opens(
        "[f for f in walk() if f.endswith('00_start_here.ipynb') or f.endswith('00_start_here.py')]", WALK
    ),
    "other submissions": opens("[f for f in walk() if f.endswith('.ipynb') and 'site-packages' not in f]", WALK),
    "the repository's history": opens("[f for f in walk() if f.endswith('.git/HEAD')]", WALK),
    "a function in memory": looks(
        "import gc, types\ndef find():\n    return next((o for o in gc.get_objects() if isinstance(o, types.FunctionType)\n"
        "        and o.__name__ == 'softmax' and 'exercises' in o.__module__), None)"
    ),
    "a function frozen in memory": looks(
        "import gc, types\ndef find():\n    gc.unfreeze()\n"
        "    return next((o for o in gc.get_objects() if isinstance(o, types.FunctionType)\n"
        "        and o.__name__ == 'softmax' and 'exercises' in o.__module__), None)"
    ),
    "an exercise in memory": looks(
        "import gc\ndef find():\n    gc.unfreeze()\n"
        "    return next((o.reference for o in gc.get_objects() if type(o).__name__ == 'Exercise'), None)"
    ),
    "the frames above": looks(
        "import sys\ndef find():\n    frame = sys._getframe()\n    while frame:\n"
        "        for v in [*frame.f_locals.values(), *frame.f_globals.values()]:\n"
        "            if hasattr(v, 'reference') or hasattr(v, 'expected'): return v.reference\n        frame = frame.f_back"
    ),
    "the seed in the environment": opens("[k for k in os.environ if 'SEED' in k or 'COURSE' in k]", "import os"),
    "the seed in memory": opens(
        "[o for o in gc.get_objects() if type(o).__name__ in ('Judging', 'Pool', 'Grade')]", "import gc\ngc.unfreeze()"
    ),
    "the grader's environment": opens("open(f'/proc/{os.getppid()}/environ').read()", "import os"),
    "another process": opens("[p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]", "import os"),
    "the memory of another process": opens("open('/proc/2/mem', 'rb')"),
    "the machine's passwords": opens("open('/etc/shadow').read()"),
    "homes": opens(
        "[h for h in ('root', 'home') if os.path.exists('/' + h) and set(os.listdir('/' + h)) - {'.pyenv'}]",
        "import os",
    ),
    "the network": opens("connects(socket.AF_INET, ('1.1.1.1', 53))", CONNECT),
    "the machine itself over the network": opens("connects(socket.AF_INET, ('127.0.0.1', 22))", CONNECT),
    "the network without a connection": opens(
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))", CONNECT
    ),
    "the newer network": opens("connects(socket.AF_INET6, ('::1', 22))", CONNECT),
    "a socket of the system": opens("connects(socket.AF_UNIX, '/run/dbus/system_bus_socket')", CONNECT),
    "writing to the course": opens("open(course_utils.__file__, 'a')", "import course_utils"),
    "writing to Python": opens("open(os.__file__, 'a')", "import os"),
    "writing at the root": opens("open('/x', 'w')"),
    "mounting": opens("ctypes.CDLL(None).mount(b'x', b'/usr', b'tmpfs', 0, None) == 0", "import ctypes"),
    "unmounting": opens("ctypes.CDLL(None).umount2(b'/proc', 2) == 0", "import ctypes"),
    "another namespace": opens("ctypes.CDLL(None).unshare(0x10000000) == 0", "import ctypes"),
    "memory that is no process's": opens("os.memfd_create('hog') >= 0", "import os"),
    "memory of the system's": opens("ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600) >= 0", "import ctypes"),
    "becoming root": opens("os.setuid(0) is None", "import os"),
    "a program with more rights": opens(
        "b'uid=0' in subprocess.run(['/usr/bin/su', '-c', 'id'], capture_output=True).stdout", "import subprocess"
    ),
    "higher limits": opens("resource.setrlimit(resource.RLIMIT_NPROC, (10**5, 10**5)) is None", "import resource"),
    "a check as an oracle": cell(
        "import io, contextlib\nout = io.StringIO()\nwith contextlib.redirect_stdout(out): ex.softmax.check(lambda a: a)\n"
        "assert '✗' not in out.getvalue() and '✓' not in out.getvalue()\nraise SystemExit",
        0,
        answer=WRONG,
    ),
}
