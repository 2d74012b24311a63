"""What the built pages take from npm and PyPI: by version and checksum, fetched once, whole or not at all.

Several processes may ask at the same time. What was fetched is found again by a digest of the files that name it.
"""

import contextlib
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

__all__ = ["NotFetched", "from_npm", "from_pypi"]


class NotFetched(Exception):
    """Something that a built page needs is not there and could not be fetched; the text says what to do."""


def from_npm(manifest, folder):
    """node_modules with what package.json in the folder `manifest` names, at the checksums of its lock file."""
    files = [pathlib.Path(manifest) / name for name in ("package.json", "package-lock.json")]
    return _once(files, folder, _npm) / "node_modules"


def from_pypi(requirements, folder, python):
    """A folder with the pure Python wheels for version `python` ("3.14") that a requirements file names with checksums."""
    path = pathlib.Path(requirements)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    command += ["--no-deps", "--only-binary=:all:", f"--python-version={python}", "--dest=.", "-r", path.name]
    return _once([path], folder, lambda part: _run("pip", command, part))


def _once(files, folder, fetch):
    """A folder below `folder` in which `fetch` has run beside copies of `files`."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    there = pathlib.Path(folder) / digest
    if there.is_dir():
        return there
    there.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=there.parent) as folder:
        part = pathlib.Path(folder) / "part"
        part.mkdir()
        for path in files:
            shutil.copy(path, part)
        fetch(part)
        with contextlib.suppress(OSError):  # somebody else was faster
            part.rename(there)
    return there


def _npm(part):
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetched("a part of the page comes from npm, which is not installed: install Node.js, then run again")
    _run("npm", [npm, "ci", "--no-audit", "--no-fund"], part)


def _run(name, command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise NotFetched(f"{name} could not fetch a part of the page; is there a network?\n{done.stderr[-2000:]}")
