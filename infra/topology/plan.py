"""What prod runs in containers, as plain processes: read from the Compose files, so that there is no
second description of it.

Each replica gets a loopback address of its own and keeps its ports. In everything that it is given
(arguments, environment, mounted files) the names of other services become their addresses, "all
addresses" and "this container" become its own address, and paths in the container become paths in its
folder. Nothing else is changed: what cannot be said so is no part of the plan. Starts nothing.
"""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import yaml

# Where the container is this machine's own business: the image says which program that is.
PROGRAMS = {
    "dhchat": "dhchat",
    "nats": "nats-server",
    "nginx": "nginx",
    "prom/prometheus": "prometheus",
    "prom/blackbox-exporter": "blackbox_exporter",
}
# What an image says by itself and Compose does not repeat: ports, and where nginx looks.
LISTENS = {"prometheus": 9090, "blackbox_exporter": 9115}
NAME_AND_PORT = re.compile(r"(?<![\w.-])([a-z][a-z0-9-]*):(\d{2,5})\b")


@dataclass
class Process:
    """One replica of a service."""

    name: str
    service: str
    program: str
    address: str
    folder: Path
    arguments: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)


class Places:
    """Where services are: a loopback address for each replica, and other ports where one must move."""

    def __init__(self, network):
        self.network, self.next_host = network, 10
        self.replicas, self.moved = {}, {}

    def place(self, service):
        self.next_host += 1
        address = f"{self.network}.{self.next_host}"
        self.replicas.setdefault(service, []).append(address)
        return address

    def move(self, service, port, address, to):
        """A port of a service is found elsewhere: it is not ours, or needs rights that we have not."""
        self.moved[service, port] = (address, to)

    def of(self, service, port):
        if (service, port) in self.moved:
            return self.moved[service, port]
        return self.replicas[service][0], port

    def translate(self, text, own):
        """Names with ports, and this container's own addresses, in a text."""

        def one(found):
            service, port = found[1], int(found[2])
            several = len(self.replicas.get(service, ())) > 1
            if several or (service not in self.replicas and (service, port) not in self.moved):
                return found[0]
            return "{}:{}".format(*self.of(service, port))

        # In this order: what moved may be at an address that is another container's own as well.
        text = re.sub(r"(?<![\d.])(?:0\.0\.0\.0|127\.0\.0\.1)(?![\d.])", own, text)
        return NAME_AND_PORT.sub(one, text)


def program_of(image):
    return PROGRAMS.get(image.rsplit(":", 1)[0])


def processes(services, places, replicas, folder):
    """The plan: one process for each replica of each service that is a program of ours to start."""
    planned = []
    for service, config in services.items():
        program = program_of(config["image"])
        if program is None:
            continue
        count = replicas.get(service, 1)
        for number in range(1, count + 1):
            name = service if count == 1 else f"{service}-{number}"
            address = places.place(service)
            planned.append(Process(name, service, program, address, folder / name))
    return planned


def fill(process, config, places):
    """Writes what is mounted into the folder of the process, and says how it is started."""
    paths = mount(process, config.get("volumes", []), places)

    def translate(text):
        for inside, outside in paths:
            text = re.sub(rf"(?<![\w/.-]){re.escape(inside)}(?=$|[/\"\s;])", str(outside), text)
        return places.translate(text, process.address)

    process.arguments = [translate(word) for word in config.get("command") or []]
    process.environment = {name: translate(value) for name, value in (config.get("environment") or {}).items()}
    for _, outside in paths:
        for path in files_in(outside):
            rewrite(path, translate)
    if process.program in LISTENS:
        process.arguments.append(f"--web.listen-address={process.address}:{LISTENS[process.program]}")


def mount(process, volumes, places):
    """Copies what is mounted, and makes volumes. Longest paths first: one may lie in another."""
    paths = []
    for volume in sorted(volumes, key=lambda one: one.split(":")[1]):
        source, inside = volume.split(":")[:2]
        outside = process.folder / inside.lstrip("/")
        outside.parent.mkdir(parents=True, exist_ok=True)
        if source.startswith("/"):
            copy(Path(source), outside)
        else:
            outside.mkdir(exist_ok=True)
        paths.append((inside, outside))
    return sorted(paths, key=lambda pair: -len(pair[0]))


def copy(source, target):
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def files_in(path):
    return [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]


def rewrite(path, translate):
    """Text is translated; keys and certificates name nobody, and the rest is not text."""
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    if "-----BEGIN" not in text and (changed := translate(text)) != text:
        path.write_text(changed)


def point_prometheus(path, places):
    """Prometheus asks the system's name server, which knows no service: the names become addresses.
    Each replica stays one target, as a name server would tell."""
    config = yaml.safe_load(path.read_text())
    for job in config["scrape_configs"]:
        told = job.pop("dns_sd_configs", None)
        if told is None:
            continue
        targets = [f"{address}:{one['port']}" for one in told for name in one["names"] for address in places.replicas[name]]
        job["static_configs"] = [{"targets": targets}]
    path.write_text(json.dumps(config, indent=2))


def point_nginx(folder, places, names):
    """Ports that need rights move; the name server that tells where edges are is played beside it."""
    path = folder / "nginx.conf"
    text = re.sub(r" *listen \[::\].*\n", "", path.read_text())
    for port in (80, 443):
        text = re.sub(rf"listen {port}\b", "listen {}:{}".format(*places.of("proxy", port)), text)
    (folder / "tmp").mkdir()
    path.write_text(re.sub(r"(?<![\w/])/tmp/", f"{folder}/tmp/", text))
    resolver = folder / "resolver.conf"
    resolver.write_text(resolver.read_text().replace("127.0.0.11", "{}:{}".format(*names)))
