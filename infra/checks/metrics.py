"""Every figure that an alert or a panel asks for exists in the program, every alert has its page and
its test, and every figure of the program is on the dashboard.

What exists is read from the sources: names of metrics, labels and their values are string literals
there. With `--page FILE...` the names are also held against pages that a running program gave;
`--queries` prints the queries of the panels as rules, for promtool.
Does not judge whether a query makes sense: promtool does, and the unit tests of the alerts.
"""

import json
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "infra/prometheus/rules").glob("*.yml"))
TESTS = sorted((ROOT / "infra/prometheus/tests").glob("*.yml"))
DASHBOARD = ROOT / "infra/grafana/dashboards/overview.json"
RUNBOOK = ROOT / "docs/operators/alerts.md"

# What Prometheus and the blackbox exporter say themselves.
NOT_OURS = {"up", "probe_success", "probe_ssl_earliest_cert_expiry", "probe_duration_seconds"}
# Labels that Prometheus adds, and one of every histogram.
LABELS_NOT_OURS = {"job", "instance", "le"}
METRIC = re.compile(r"\b((?:[a-z]+_)+(?:total|seconds|active|size|connections|state|silenced|in_flight|success|expiry|ready)(?:_bucket|_count|_sum)?)\b")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)+)"')
MATCHER = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
IN_BRACES = re.compile(r"\{([^}]*)\}")
PANELS_MIN = 24


# Who measures, and where the values of labels come from besides.
MEASURING = ("edge/src", "actors/src")
NAMING = ("actors/core/src", "bus-schemas/src")


def literals(folders):
    """Every string literal of the product's own code."""
    found = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.rs"):
            found.update(LITERAL.findall(path.read_text()))
    return found


def metrics_of(literals_):
    """The metrics among them, as they are named where they are described."""
    return {word for word in literals_ if METRIC.fullmatch(word)} - NOT_OURS


def base(name):
    return re.sub(r"_(bucket|count|sum)$", "", name)


def asked(query):
    """Names of metrics in a query, without what stands in quotes or braces."""
    return set(METRIC.findall(IN_BRACES.sub("", query))) | ({"up"} if re.search(r"\bup\b", query) else set())


def judge_query(where, query, words, known):
    for name in asked(query):
        if name not in NOT_OURS and base(name) not in known:
            yield f"{where}: the program has no {name}"
    for braces in IN_BRACES.findall(query):
        for label, how, value in MATCHER.findall(braces):
            if label in LABELS_NOT_OURS:
                continue
            if label not in words:
                yield f"{where}: the program has no label {label}"
            values = value.split("|") if how in ("=~", "!~") else [value]
            for one in values:
                if not one.startswith("$") and one not in words:
                    yield f"{where}: the label {label} is never {one!r}"


def alerts():
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def judge_alerts(words, known):
    tested = {
        case["alertname"]
        for path in TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    sections = re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.M)
    names = []
    for rule in alerts():
        name = rule["alert"]
        names.append(name)
        yield from judge_query(name, rule["expr"], words, known)
        if name not in tested:
            yield f"{name}: no test lets it fire"
        if rule["annotations"].get("runbook") != f"docs/operators/alerts.md#{name.lower()}":
            yield f"{name}: its runbook is not named"
        if rule["labels"].get("severity") not in ("page", "ticket"):
            yield f"{name}: say whether it is a page or a ticket"
    for missing in set(names) ^ set(sections):
        yield f"{missing}: an alert without a section in {RUNBOOK.name}, or the other way round"


def judge_dashboard(words, known):
    board = json.loads(DASHBOARD.read_text())
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    if len(panels) < PANELS_MIN:
        yield f"dashboard: {len(panels)} panels, not {PANELS_MIN}"
    if board["title"] != "DH Secure Chat - Overview" or board["refresh"] != "10s":
        yield "dashboard: its title or its refresh is another"
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "dashboard: two panels have one id"
    seen = set()
    for panel in panels:
        for target in panel["targets"]:
            seen |= {base(name) for name in asked(target["expr"])}
            yield from judge_query(f"panel {panel['title']}", target["expr"], words, known)
    for name in known - seen:
        yield f"dashboard: no panel shows {name}"


def queries_of_panels():
    """The queries of all panels as rules, for promtool to read."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    rules = [
        {"record": f"panel:{number}", "expr": query.replace("$edge", ".*")}
        for number, query in enumerate(queries)
    ]
    return json.dumps({"groups": [{"name": "panels", "rules": rules}]})


def judge_pages(paths, words):
    given = set()
    for path in paths:
        given |= set(re.findall(r"^# TYPE (\S+) ", Path(path).read_text(), re.M))
    for name in given - words:
        yield f"page: {name} is in no literal of the sources"
    for name in {base(name) for rule in alerts() for name in asked(rule["expr"])} - NOT_OURS - given:
        yield f"page: no process gave {name}, and an alert asks for it"


def main():
    known = metrics_of(literals(MEASURING))
    words = literals(MEASURING + NAMING)
    faults = [*judge_alerts(words, known), *judge_dashboard(words, known)]
    if sys.argv[1:2] == ["--queries"]:
        print(queries_of_panels())
        return 0
    if sys.argv[1:2] == ["--page"]:
        faults += judge_pages(sys.argv[2:], words)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(known)} metrics, {len(list(alerts()))} alerts: {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
