"""What scripts/month stands on: a PostgreSQL server of its own, the program with its database, callers with keys, and comparing."""
import csv
import datetime
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")


class Difference(Exception):
    """Something is not as it was counted."""


def say(text):
    print(f"   {text}", flush=True)


def step(text):
    print(f"\n== {text}", flush=True)


def same(what, found, expected):
    if found != expected:
        raise Difference(f"{what}: the server says {found!r}, counted here {expected!r}")


def dong(amount):
    return f"{amount:,}".replace(",", ".")


def day(text):
    return datetime.date.fromisoformat(text)


def next_month(month, months=1):
    year, number = map(int, month.split("-"))
    index = year * 12 + number - 1 + months
    return f"{index // 12}-{index % 12 + 1:02}"


class Cluster:
    """A PostgreSQL server that only this script reaches. Its programs refuse to run as root: then they run as Debian's user."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chitra-month-pg-"))
        self.started = False

    def run(self, program, *arguments):
        command = [str(POSTGRES / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *command]
        # The server keeps its starter's output open: a pipe would never end.
        log = self.folder / f"{program}.log"
        with open(log, "w") as output:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/")
        if done.returncode != 0:
            raise Difference(f"{program} failed: {log.read_text()}")

    def start(self):
        if not (POSTGRES / "initdb").exists():
            raise Difference(f"PostgreSQL 15 is missing ({POSTGRES}): install postgresql-15, or run scripts/test, which does")
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        data = str(self.folder / "data")
        self.run("initdb", "--username=chitra", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions", "--pgdata", data)
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c max_connections=40"
        self.run("pg_ctl", "start", "--wait", "--silent", "--pgdata", data, "--log", str(self.folder / "server.log"), "-o", options)
        self.started = True
        self.run("createdb", "--host", str(self.folder), "--username=chitra", "--template=template0", "month")
        return f"postgres:///month?host={self.folder}&user=chitra"

    def stop(self):
        if self.started:
            self.run("pg_ctl", "stop", "--mode=immediate", "--wait", "--silent", "--pgdata", str(self.folder / "data"))
        shutil.rmtree(self.folder, ignore_errors=True)


class Program:
    """The program with its database: commands, keys, a server."""

    def __init__(self, program, url, folder):
        self.command = [program, "--database", url, "--master-key-file", str(folder / "master-key")]
        self.folder = folder
        self.server = None
        self.environment = {"PATH": os.environ.get("PATH", ""), "CHITRA_LOG": "warn"}

    def run(self, *arguments):
        done = subprocess.run([*self.command, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Difference(f"chitra {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def serve(self, *more):
        ready = self.folder / "ready"
        self.log = open(self.folder / "server.log", "w")
        ready.unlink(missing_ok=True)
        command = [*self.command, "serve", "--listen", "127.0.0.1:0", "--ready-file", str(ready), *more]
        self.server = subprocess.Popen(command, cwd=self.folder, env=self.environment, stderr=self.log, stdout=self.log)
        for _ in range(600):
            if ready.exists():
                return ready.read_text().strip()
            if self.server.poll() is not None:
                break
            time.sleep(0.1)
        raise Difference(f"no server: {(self.folder / 'server.log').read_text()}")

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=60)


class Caller:
    """Somebody with a key."""

    def __init__(self, office, key):
        self.office, self.key = office, key

    def ask(self, method, path, body=None, content_type="application/json", idempotency=None):
        headers = {"Authorization": f"Bearer {self.key}"}
        if method == "POST":
            headers["Idempotency-Key"] = idempotency or self.office.fresh()
            headers["Content-Type"] = content_type
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.office.base + path, data=data, headers=headers, method=method)
        # "Not that far yet" is asked again, with the same key: nothing is recorded twice.
        for _ in range(30):
            try:
                with self.office.opener.open(request, timeout=60) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as problem:
                found, told = problem.code, problem.read()
                if found != 503:
                    break
                time.sleep(1)
        return found, told

    def post(self, path, body=None, status=201, **more):
        found, answer = self.ask("POST", path, body, **more)
        if found != status:
            raise Difference(f"POST {path} {body}: {found} where {status} was expected: {answer.decode(errors='replace')}")
        answer = json.loads(answer)
        position = answer.get("position") or answer.get("last_position") or 0
        self.office.position = max(self.office.position, position)
        return answer

    def refused(self, path, body, status, code, **more):
        answer = self.post(path, body, status, **more)
        same(f"the refusal of POST {path}", answer["code"], code)
        return answer

    def get(self, path, status=200):
        """Reads what includes all that was written before."""
        joint = "&" if "?" in path else "?"
        path = f"{path}{joint}min_position={self.office.position}" if self.office.position else path
        found, answer = self.ask("GET", path)
        if found != status:
            raise Difference(f"GET {path}: {found} where {status} was expected: {answer.decode(errors='replace')}")
        return json.loads(answer)

    def refused_get(self, path, status, code):
        found, answer = self.ask("GET", path)
        same(f"the refusal of GET {path}", (found, json.loads(answer).get("code")), (status, code))

    def plain(self, path):
        """Reads what is of no position."""
        found, answer = self.ask("GET", path)
        same(f"GET {path}", found, 200)
        return answer

    def upload(self, kind, rows, **control):
        """Sends an office file: semicolons, the profile's Vietnamese headers. Everything in it must be recorded."""
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        query = "&".join([f"kind={kind}", "filename=month.csv", *(f"{name}={value}" for name, value in control.items())])
        answer = self.post(f"/v1/imports?{query}", ("\ufeff" + text.getvalue()).encode(), content_type="text/csv")
        same(f"rows of the file of {kind}", (answer["recorded_rows"], answer["refused_rows"]), (len(rows), 0))
        return answer


class Office:
    """The server's address, who works there, and what was written last."""

    def __init__(self, base):
        self.base, self.position, self.used, self.people = base, 0, 0, {}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def fresh(self):
        self.used += 1
        return f"month-{self.used}"


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def executable():
    named = os.environ.get("CHITRA")
    if named:
        return str(pathlib.Path(named).resolve())
    for kind in ("debug", "release"):
        path = ROOT / "target" / kind / "chitra"
        if path.exists():
            return str(path)
    subprocess.run(["cargo", "build", "--locked"], cwd=ROOT, check=True)
    return str(ROOT / "target" / "debug" / "chitra")
