"""Starts a JupyterLab that knows nothing of its user's own settings, and says where it listens.

with running(["-m", "jupyterlab", "--no-browser"], cwd, folder) as server:
    server.url, server.token
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from typing import NamedTuple

START = 60  # seconds that a server may take to start
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # all cells are in the page, seen or not
}
KINDS = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")


class Server(NamedTuple):
    """A running server: its address, which ends in a slash, and the token that it asks for."""

    url: str
    token: str


def as_root():
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


@contextlib.contextmanager
def running(arguments, cwd, folder):
    """Run this Python with `arguments` in `cwd` until the block ends; everything it keeps for itself goes to `folder`."""
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments, "--ServerApp.port=0", "--ServerApp.port_retries=0", *as_root()],
            cwd=cwd,
            env=_environment(folder),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _wait(process, folder / "RUNTIME_DIR", log)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(folder):
    for name, values in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    own = {f"JUPYTER_{kind}": str(folder / kind) for kind in KINDS}
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "spaces")}
    own |= {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "OMP_NUM_THREADS": "1"}
    return {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST_"))} | own


def _wait(process, runtime, log):
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(ValueError):  # half written
            for path in runtime.glob("jpserver-*.json"):
                found = json.loads(path.read_text(encoding="utf-8"))
                if _listens(found["port"]):  # the file is there a moment before the server is
                    return Server(found["url"], found["token"])
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


def _listens(port):
    try:
        socket.create_connection(("localhost", port), timeout=5).close()
    except OSError:
        return False
    return True
