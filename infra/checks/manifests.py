"""What the schemas of Kubernetes cannot see: names in one manifest that another one must have.

Selectors find pods, named ports exist, every file of the base is in the kustomization, every file of
the broker that another one includes as well, and every pod runs as nobody on a disk that cannot be
written. The schemas themselves are kubernetes-validate's.
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "infra/kubernetes/base"
BROKER = ROOT / "nats"


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
        if volume["name"] not in {m["name"] for c in pod["containers"] for m in c.get("volumeMounts", [])}:
            yield f"{name}: nobody mounts {volume['name']}"


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


def judge():
    every = list(manifests())
    pods = {one["metadata"]["name"]: one for one in every if one["kind"] in ("Deployment", "StatefulSet")}
    budgets = {one["spec"]["selector"]["matchLabels"]["app"] for one in every if one["kind"] == "PodDisruptionBudget"}
    guarded = {one["spec"]["podSelector"]["matchLabels"]["app"] for one in every if one["kind"] == "NetworkPolicy"}
    for name, kind in pods.items():
        yield from judge_pods(kind)
        if kind["spec"]["template"]["metadata"]["labels"].get("app") != kind["spec"]["selector"]["matchLabels"]["app"]:
            yield f"{name}: it does not find its own pods"
    for service in every:
        if service["kind"] == "Service":
            yield from judge_service(service, pods)
    if budgets != set(pods) or guarded != set(pods):
        yield "each of edge, actors and nats has one PodDisruptionBudget and one NetworkPolicy"
    yield from judge_edge(pods["edge"])
    yield from judge_broker()
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    for path in BASE.glob("*.yaml"):
        if path.name not in [*listed, "kustomization.yaml"]:
            yield f"{path.name} is in no kustomization"


def main():
    faults = list(judge())
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
