"""What the schemas of Kubernetes cannot see: names in one manifest that another one must have.

Selectors find pods, named ports exist, every file of the base is in the kustomization, every file of
the broker that another one includes as well, every setting is one that the program has, every file that
it names is in a secret that operators are told to make, and every pod runs as nobody on a disk that
cannot be written. The schemas themselves are kubernetes-validate's.

    manifests.py FOLDER   FOLDER is what scripts/secrets.sh made, as infra/README.md says
"""

import re
import sys
from pathlib import Path

import program
import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "infra/kubernetes/base"
BROKER = ROOT / "nats"
README = ROOT / "infra/README.md"
OURS = "dhchat"
# What each of our containers must be told, as a file or by name.
TOLD = {
    "migrate": {"DHCHAT_DATABASE_URL_FILE"},
    "actors": {"DHCHAT_BUS_URL_FILE", "DHCHAT_BUS_CA_FILE", "DHCHAT_DATABASE_URL_FILE", "DHCHAT_ROOT_KEY_FILE"},
    "edge": {"DHCHAT_BUS_URL_FILE", "DHCHAT_BUS_CA_FILE"},
}
CREATE = re.compile(r"^kubectl create secret generic (\S+) (.*?) *# needs a cluster$", re.MULTILINE)
FROM_FILE = re.compile(r"--from-file=(?:([\w.-]+)=)?(\S+)")


def manifests():
    for path in sorted(BASE.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text())


def judge_pods(kind):
    name, pod = kind["metadata"]["name"], kind["spec"]["template"]["spec"]
    if not pod["securityContext"].get("runAsNonRoot") or pod.get("automountServiceAccountToken") is not False:
        yield f"{name}: it runs as root, or has a token of the cluster"
    for container in pod["containers"] + pod.get("initContainers", []):
        rights = container.get("securityContext", {})
        if not rights.get("readOnlyRootFilesystem") or rights.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{name}/{container['name']}: its disk can be written, or it has rights"
        ports = {port["name"] for port in container.get("ports", [])}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            action = container.get(probe, {})
            asked = (action.get("httpGet") or action.get("tcpSocket") or {}).get("port")
            if asked and asked not in ports:
                yield f"{name}: {probe} asks a port {asked} that is not there"
    for volume in pod.get("volumes", []):
        if volume["name"] not in {m["name"] for c in pod["containers"] + pod.get("initContainers", []) for m in c.get("volumeMounts", [])}:
            yield f"{name}: nobody mounts {volume['name']}"


def made_secrets(folder):
    """The keys of each secret that infra/README.md has made, and a fault for each file that is not there."""
    secrets, faults = {}, []
    for name, words in CREATE.findall(README.read_text()):
        files = [(key or Path(path).name, path) for key, path in FROM_FILE.findall(words)]
        faults += [f"{README.name}: {path} is not made" for _, path in files if not (folder.parent / path).exists()]
        keys = {key for key, _ in files}
        if env := re.search(r"--from-env-file=(\S+)", words):
            lines = (folder.parent / env[1]).read_text().splitlines()
            keys |= {line.split("=", 1)[0] for line in lines}
        secrets[name] = keys
    return secrets, faults


def literals():
    """What every container of ours is told by the settings of the base."""
    base = yaml.safe_load((BASE / "kustomization.yaml").read_text())
    return {one.split("=", 1)[0] for one in base["configMapGenerator"][0]["literals"]}


def told(container):
    return {one["name"]: one.get("value", "") for one in container.get("env", [])}


def judge_settings(name, pod, secrets):
    """Settings of ours exist, passwords are files, and the files are there."""
    for container in pod["containers"] + pod.get("initContainers", []):
        who, own = f"{name}/{container['name']}", told(container)
        yield from judge_files(who, container, pod, own, secrets)
        if container["image"] != OURS:
            continue
        for setting in sorted((set(own) | literals()) - program.settings()):
            yield f"{who}: the program has no setting {setting}"
        for setting in sorted(TOLD[container["args"][0]] - set(own)):
            yield f"{who}: it is not told {setting}"
        if any("secretRef" in one for one in container.get("envFrom", [])):
            yield f"{who}: a secret is in its environment, which is seen by many"


def judge_files(who, container, pod, own, secrets):
    """Each path in its environment lies in a volume, with a key that somebody makes."""
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in container.get("volumeMounts", [])}
    for setting, path in own.items():
        if not path.startswith("/"):
            continue
        folder, _, key = path.rpartition("/")
        secret = mounted.get(folder, {}).get("secret")
        if secret is None:
            yield f"{who}: {setting} is {path}, and no secret is there"
            continue
        keys = {item["path"] for item in secret.get("items", [])} or secrets.get(secret["secretName"], set())
        # One file for each pod of a set.
        named = [key.replace("$(NATS_SERVER_NAME)", f"nats-{number}") for number in range(3)]
        for missing in sorted(set(named) - keys):
            yield f"{who}: {setting} is {path}, and {secret['secretName']} has no {missing}"
        for item in secret.get("items", []):
            if item["key"] not in secrets.get(secret["secretName"], set()):
                yield f"{who}: {secret['secretName']} has no {item['key']}"


def variables(name):
    """What a file of the broker, and whatever it includes, takes from the environment."""
    text = (BROKER / name).read_text()
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    found = set(re.findall(r"\$(NATS_[A-Z_]+)", text))
    for included in re.findall(r"^\s*include \./(\S+)", text, re.MULTILINE):
        found |= variables(included)
    return found


def judge_cluster(nats, secrets):
    """The brokers speak TLS, as those of prod do, and are told everything that their file asks for."""
    container = nats["spec"]["template"]["spec"]["containers"][0]
    file = container["args"][1].rpartition("/")[2]
    if file != "cluster-tls.conf":
        yield f"nats: {file} is not the file of brokers that speak TLS"
    taken_in = container.get("envFrom", [])
    from_secrets = {key for one in taken_in if "secretRef" in one for key in secrets.get(one["secretRef"]["name"], set())}
    for missing in sorted(variables(file) - set(told(container)) - from_secrets):
        yield f"nats: {file} asks for {missing}, which it is not told"
    generated = yaml.safe_load((BROKER / "kustomization.yaml").read_text())["configMapGenerator"]
    for name in [one["name"] for one in generated if program.MEMORY.name in one.get("envs", [])]:
        if {"configMapRef": {"name": name}} not in taken_in:
            yield f"nats: it is not told what is in {program.MEMORY.name}"
    if program.mebibytes(program.broker_memory()["GOMEMLIMIT"]) >= program.mebibytes(container["resources"]["limits"]["memory"]):
        yield f"nats: it is killed before it sees the bound in {program.MEMORY.name}"


def judge_service(service, pods):
    name, spec = service["metadata"]["name"], service["spec"]
    found = pods.get(spec["selector"].get("app"))
    if not found:
        yield f"service {name}: it finds no pod"
        return
    ports = {port["name"] for c in found["spec"]["template"]["spec"]["containers"] for port in c["ports"]}
    for port in spec["ports"]:
        if port["targetPort"] not in ports:
            yield f"service {name}: no port {port['targetPort']}"


def judge_edge(edge):
    """Nobody may be cut off by an update."""
    pod = edge["spec"]["template"]["spec"]
    container = pod["containers"][0]
    waits = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    if edge["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
        yield "edge: an update takes one away before another is there"
    if container["readinessProbe"]["httpGet"]["path"] != "/health/ready" or waits < 3:
        yield "edge: people are still sent to it when it stops"
    if pod["terminationGracePeriodSeconds"] < waits + 10 + 5:
        yield "edge: it is killed while people move"


def judge_broker():
    """A file that includes another one needs it beside it."""
    listed = yaml.safe_load((BROKER / "kustomization.yaml").read_text())["configMapGenerator"][0]["files"]
    for name in listed:
        for included in re.findall(r"^\s*include \./(\S+)", (BROKER / name).read_text(), re.MULTILINE):
            if included not in listed:
                yield f"nats/kustomization.yaml: {name} includes {included}, which is not there"


def judge(folder):
    every = list(manifests())
    secrets, unmade = made_secrets(folder)
    yield from unmade
    pods = {one["metadata"]["name"]: one for one in every if one["kind"] in ("Deployment", "StatefulSet")}
    budgets = {one["spec"]["selector"]["matchLabels"]["app"] for one in every if one["kind"] == "PodDisruptionBudget"}
    guarded = {one["spec"]["podSelector"]["matchLabels"]["app"] for one in every if one["kind"] == "NetworkPolicy"}
    for name, kind in pods.items():
        yield from judge_pods(kind)
        yield from judge_settings(name, kind["spec"]["template"]["spec"], secrets)
        if kind["spec"]["template"]["metadata"]["labels"].get("app") != kind["spec"]["selector"]["matchLabels"]["app"]:
            yield f"{name}: it does not find its own pods"
    for service in every:
        if service["kind"] == "Service":
            yield from judge_service(service, pods)
    if budgets != set(pods) or guarded != set(pods):
        yield "each of edge, actors and nats has one PodDisruptionBudget and one NetworkPolicy"
    yield from judge_edge(pods["edge"])
    yield from judge_broker()
    yield from judge_cluster(pods["nats"], secrets)
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    for path in BASE.glob("*.yaml"):
        if path.name not in [*listed, "kustomization.yaml"]:
            yield f"{path.name} is in no kustomization"


def main(folder):
    faults = list(judge(folder))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
