"""The processes of the plan: starts them in order, waits until they are ready, ends them.

Nothing outlives the house: whatever was started is stopped when it is left, and what each process said
is shown when something went wrong.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import plan
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checks"))
from proxy import Names, free_port  # The name server of the proxy's own check.

ROOT = Path(__file__).resolve().parents[2]
FILES = ["infra/compose.yml", "infra/compose.prod.yml"]
BROKERS = ["nats-1", "nats-2", "nats-3"]
WAIT_SECONDS = 60
LAST_LINES = 40


def say(words):
    print(f"==> {words}", file=sys.stderr, flush=True)


def within(seconds, done):
    """Polls until it is so; whether it ever was."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if done():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def listens(address, port):
    return socket.create_connection((address, port), 1).close() is None


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


class House:
    """All of prod on this machine, but for its database, which whoever starts this has started."""

    def __init__(self, folder, programs, database, edges=2, tls="1.3"):
        self.folder, self.programs, self.database = folder, programs, urlsplit(database)
        self.edges, self.tls, self.running, self.started = edges, tls, {}, []
        self.network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
        self.places = plan.Places(self.network)
        self.secrets, self.certificates = folder / "secrets", folder / "certs"
        self.https, self.names_port = free_port(), free_port(socket.SOCK_DGRAM)
        self.places.move("proxy", 443, "127.0.0.1", self.https)
        self.places.move("proxy", 80, "127.0.0.1", free_port())
        self.places.move("db", 5432, self.database.hostname, self.database.port)

    @property
    def url(self):
        return f"https://localhost:{self.https}"

    @property
    def authority(self):
        return self.folder / "own/ca.pem"

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.close(failed=True)
            raise
        return self

    def __exit__(self, kind, _what, _where):
        self.close(failed=kind is not None)

    def open(self):
        services = self.read_services()
        planned = plan.processes(services, self.places, {"edge": self.edges}, self.folder)
        self.processes = {process.name: process for process in planned}
        self.make_secrets()
        for process in planned:
            plan.fill(process, services[process.service], self.places)
        self.prepare()
        for group in (BROKERS, ["migrate"], ["actors"], self.of("edge"), ["blackbox", "prometheus", "proxy"]):
            for name in group:
                self.start(self.processes[name])
            for name in group:
                self.until_ready(self.processes[name])

    def of(self, service):
        return [one.name for one in self.processes.values() if one.service == service]

    def read_services(self):
        """The files of prod as Compose itself reads them. Secrets are files that do not exist yet, but
        for the one that Compose takes in."""
        self.secrets.mkdir(mode=0o700)
        for name in ("nats.env", "grafana.env"):
            (self.secrets / name).touch()
        self.settings = {
            "DHCHAT_SECRETS": str(self.secrets),
            "DHCHAT_CERTS": str(self.certificates),
            "DHCHAT_PUBLIC_URL": self.url,
            "DHCHAT_FRONT_NETWORK": "127.0.0.0/8",
            "DHCHAT_TLS": self.tls,
        }
        return self.compose()

    def compose(self):
        command = [*self.programs["compose"].split(), *(word for file in FILES for word in ("--file", file)), "config"]
        told = subprocess.run(command, cwd=ROOT, env=os.environ | self.settings, check=True, capture_output=True, text=True)
        return yaml.safe_load(told.stdout)["services"]

    def make_secrets(self):
        """By the very scripts that operators use; certificates are for addresses as well as names."""
        shutil.rmtree(self.secrets)
        brokers = [f"{name}={name},{self.places.of(name, 4222)[0]}" for name in BROKERS]
        quietly([ROOT / "scripts/secrets.sh", self.secrets, *brokers])
        quietly([ROOT / "scripts/localhost.sh", self.certificates, self.folder / "own"])
        password = (self.secrets / "database-password").read_text().strip()
        # A second house beside the same server finds it there.
        for statement in ("DROP DATABASE IF EXISTS dhchat", "DROP ROLE IF EXISTS dhchat", f"CREATE ROLE dhchat LOGIN PASSWORD '{password}'", "CREATE DATABASE dhchat OWNER dhchat"):
            quietly([self.programs["psql"], "--quiet", "--no-psqlrc", self.database.geturl(), "--command", statement])

    def prepare(self):
        passwords = dict(line.split("=", 1) for line in (self.secrets / "nats.env").read_text().splitlines())
        for name in BROKERS:
            broker = self.processes[name]
            told = {key: self.places.translate(value, broker.address) for key, value in passwords.items()}
            broker.environment = told | broker.environment
        self.names = Names(self.names_port)
        self.names.addresses = self.places.replicas["edge"]
        plan.point_nginx(self.processes["proxy"].folder / "etc/nginx", self.places, ("127.0.0.1", self.names_port))
        plan.point_prometheus(self.processes["prometheus"].folder / "etc/prometheus/prometheus.yml", self.places)

    def start(self, process):
        say(f"{process.name} at {process.address}")
        arguments = process.arguments
        if process.program == "nginx":
            nginx = process.folder / "etc/nginx"
            arguments = ["-p", nginx, "-c", nginx / "nginx.conf", "-g", "daemon off;", "-e", "stderr"]
        environment = {"PATH": os.environ["PATH"]} | process.environment
        if libraries := self.programs.get("nginx-libraries"):
            environment["LD_LIBRARY_PATH"] = libraries
        process.folder.mkdir(exist_ok=True)
        log = (process.folder / "log").open("ab")
        command = [self.programs[process.program], *arguments]
        child = subprocess.Popen(command, env=environment, cwd=process.folder, stdout=log, stderr=log)
        log.close()
        self.running[process.name] = child
        self.started.append(process)

    def until_ready(self, process):
        child = self.running[process.name]
        if process.name == "migrate":
            assert child.wait(WAIT_SECONDS) == 0, "the database was not migrated"
            del self.running[process.name]
            return

        def ready():
            assert child.poll() is None, f"{process.name} ended by itself"
            return self.is_ready(process)

        assert within(WAIT_SECONDS, ready), f"in vain for {WAIT_SECONDS} s: {process.name} is ready"

    def is_ready(self, process):
        """As its container would be asked, where Compose says how."""
        if process.program == "dhchat":
            return self.doctor(process, "--running").returncode == 0
        if process.program == "nats-server":
            return '"ok"' in fetch(f"http://{process.address}:8222/healthz")
        if process.program == "nginx":
            return listens("127.0.0.1", self.https)
        return listens(process.address, plan.LISTENS[process.program])

    def doctor(self, process, *arguments):
        """`dhchat doctor` with the variables of a process."""
        command = [self.programs["dhchat"], "doctor", *arguments]
        return subprocess.run(command, env=process.environment, cwd=process.folder, capture_output=True, text=True)

    def stop(self, name):
        child = self.running.pop(name)
        child.terminate()
        return child.wait(WAIT_SECONDS)

    def close(self, failed):
        for process in reversed(self.started):
            if process.name in self.running:
                try:
                    self.stop(process.name)
                except subprocess.TimeoutExpired:
                    say(f"{process.name} does not stop")
        for process in self.started if failed else []:
            lines = (process.folder / "log").read_text(errors="replace").splitlines()[-LAST_LINES:]
            print(f"\n---- the last lines of {process.name}", *lines, sep="\n", file=sys.stderr)


def quietly(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
