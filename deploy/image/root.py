"""The root of the image: copies what the program needs out of the build stage, and nothing that could start a shell.

Runs inside the build stage of the Dockerfile, on Debian with the program in /opt/tokentail; standard library only.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PROGRAM = Path("/opt/tokentail")
USER_ID = 65532
VERSION = f"python3.{sys.version_info.minor}"
PYTHON = ("python3-minimal", f"{VERSION}-minimal", f"lib{VERSION}-minimal", f"lib{VERSION}-stdlib")
NOT_NEEDED = re.compile(
    r"/usr/(share|sbin|include)/|.*/(pydoc_data|lib2to3|ensurepip|idlelib|test|unittest|sqlite3|curses|dbm)/|.*/bin/py3"
    r"|.*/lib-dynload/(nis|readline|ossaudiodev|_curses|_dbm|_sqlite3|_test|_ctypes_test|_xx)"
)
"""Parts of the standard library that would pull in Kerberos, databases or a terminal."""
NOT_RUN = re.compile(
    r".*\.(pyx|pxd|pyi|c|h)$|.*/(uvloop|aiohttp)/.*/tests?/|.*/bin/([Aa]ctivate|pip).*|.*/__pycache__/"
)
MERGED = ("bin", "lib", "lib64", "sbin")
"""Debian's links into /usr; the listings of packages still name what is behind them."""
ACCOUNTS = {
    "etc/passwd": f"root:x:0:0::/:/nonexistent\ntokentail:x:{USER_ID}:{USER_ID}::/var/lib/tokentail:/nonexistent\n",
    "etc/group": f"root:x:0:\ntokentail:x:{USER_ID}:\n",
}


def main(root: Path) -> None:
    """Fills the empty directory `root`."""
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")
    files = sorted({*python_files(), *program_files(), *other_files()})
    files = sorted({*files, *linked_to(files)})
    for path in files:
        copy(path, root)
    for name in sorted({*PYTHON, *packages_of(files)}):
        name_package(name, root)
    for place, text in ACCOUNTS.items():
        (root / place).write_text(text)
    make_places(root)
    # Read-only at run time: what is not compiled now is compiled at every start.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for compiled in (Path("usr/lib") / VERSION, PROGRAM.relative_to("/")):
        compileall.compile_dir(root / compiled, quiet=2, stripdir=str(root), invalidation_mode=mode)


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def python_files() -> Iterator[Path]:
    """Of the interpreter and its standard library; directories are made as they are needed."""
    for line in output("dpkg", "-L", *PYTHON).splitlines():
        path = Path(line)
        if line.startswith("/") and not NOT_NEEDED.match(line) and (path.is_symlink() or path.is_file()):
            yield path


def program_files() -> Iterator[Path]:
    for path in PROGRAM.rglob("*"):
        if not NOT_RUN.match(str(path)) and (path.is_symlink() or path.is_file()):
            yield path


def other_files() -> Iterator[Path]:
    """What no listing and no linker names."""
    yield Path("/etc/ssl/certs/ca-certificates.crt")
    yield Path("/etc/os-release")
    yield Path("/usr/lib/os-release")
    yield from Path("/usr/lib").glob("*-linux-gnu/libgcc_s.so.1")  # threads that are cancelled load it when they end


def linked_to(files: Iterable[Path]) -> Iterator[Path]:
    """The shared libraries that these files ask for, and theirs."""
    binaries = [str(path) for path in files if ".so" in path.name or path.parent == Path("/usr/bin")]
    for binary in binaries:
        asked = subprocess.run(("ldd", binary), check=False, capture_output=True, text=True).stdout
        for name in re.findall(r"(/\S+\.so\S*) \(", asked):
            if not name.startswith(str(PROGRAM)):
                yield Path(name)


def copy(path: Path, root: Path) -> None:
    """The file under the same name; a link with what it leads to, step by step."""
    target = root / path.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(target):
        shutil.copy2(path, target, follow_symlinks=False)
        if ".so" in path.name and not path.is_symlink():
            subprocess.run(("strip", "--strip-unneeded", target), check=True)  # wheels come with symbols for debuggers
    if path.is_symlink():
        copy(Path(os.path.normpath(path.parent.resolve() / os.readlink(path))), root)


def packages_of(files: Iterable[Path]) -> Iterator[str]:
    """The Debian packages that these files belong to."""
    names = {str(form) for path in files for form in (path, path.resolve()) if not path.is_relative_to(PROGRAM)}
    names |= {name.removeprefix("/usr") for name in names}
    found = subprocess.run(("dpkg", "-S", *names), check=False, capture_output=True, text=True).stdout
    for line in found.splitlines():
        yield line.partition(":")[0]


def name_package(name: str, root: Path) -> None:
    """For scanners: which package is here, in which version; with its licence."""
    status = root / "var/lib/dpkg/status.d" / name
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_text(output("dpkg", "-s", name))
    licence = Path("/usr/share/doc") / name / "copyright"
    if licence.exists():
        target = root / licence.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(licence.resolve(), target)


def make_places(root: Path) -> None:
    """Where the state, the logs and temporary files are mounted or written."""
    (root / "var/log/app").mkdir(parents=True)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    state = root / "var/lib/tokentail"
    state.mkdir(parents=True)
    state.chmod(0o700)
    os.chown(state, USER_ID, USER_ID)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
