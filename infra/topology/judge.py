"""Judges what Prometheus has of the running house: every target answers, and everything that an alert
or a panel asks for is there. Asks Prometheus alone, as Grafana does.
"""

import json
import re
import sys
import urllib.parse
from pathlib import Path

from house import fetch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checks"))
import metrics as figures

# A name that is no function, with its braces if it has any.
SELECTOR = re.compile(r"(?<![\w\"])([a-z][a-z0-9_]*)(?!\w)(?!\s*\()\s*(\{[^}]*\})?")
# Words of the language that look like names.
WORDS = {"and", "or", "unless", "by", "on", "le", "bool", "ignoring", "offset", "group_left", "group_right"}
GROUPS = re.compile(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)")

# What the original's README promises, by name and labels: DESIGN says who shows it.
PROMISED = {
    "auth_requests_total": "method path",
    "auth_requests_in_flight": "",
    "auth_request_duration_seconds_bucket": "method path status le",
    "chat_requests_total": "method path",
    "chat_requests_in_flight": "",
    "chat_request_duration_seconds_bucket": "method path status le",
    "refresh_tokens_issued_total": "",
    "refresh_tokens_used_total": "",
    "refresh_tokens_revoked_total": "",
    "refresh_tokens_expired_total": "",
    "refresh_tokens_cleanup_deleted_total": "",
    "access_tokens_issued_total": "",
    "access_tokens_revoked_total": "",
    "revoked_tokens_cleanup_deleted_total": "",
    "jwt_validations_total": "",
    "jwt_validations_failed_total": "",
    "jwt_revoked_checks_total": "",
    "rate_limit_blocked_total": "path limiter_type",
    "chat_websocket_connections_active": "",
    "chat_websocket_connections_total": "",
    "chat_websocket_disconnections_total": "reason",
    "chat_websocket_errors_total": "error_type",
    "chat_websocket_messages_total": "message_type",
    "chat_websocket_message_processing_duration_seconds_bucket": "message_type le",
    "chat_websocket_message_processor_queue_size": "",
    "chat_websocket_files_total": "",
    "chat_websocket_files_chunks_total": "",
    "chat_websocket_file_transfer_duration_seconds_bucket": "status le",
    "chat_websocket_file_transfer_failures_total": "reason",
    "chat_websocket_idempotency_duplicates_total": "message_type",
    "db_pool_acquired_connections": "",
    "db_pool_idle_connections": "",
    "db_pool_max_connections": "",
    "db_pool_total_connections": "",
    "db_query_duration_seconds_bucket": "operation table le",
    "db_query_errors_total": "operation table error_type",
    "circuit_breaker_state": "name",
    "circuit_breaker_failures_total": "name",
}
# Prometheus says where it has each from.
ADDED = {"__name__", "job", "instance"}


class Prometheus:
    def __init__(self, address):
        self.base = f"http://{address}:9090/api/v1"

    def ask(self, path, **parameters):
        answer = json.loads(fetch(f"{self.base}/{path}?{urllib.parse.urlencode(parameters)}"))
        assert answer["status"] == "success", answer
        return answer["data"]

    def series(self, selector):
        return self.ask("series", **{"match[]": selector})

    def targets(self):
        return self.ask("targets")["activeTargets"]

    def down(self):
        """Targets that do not answer, and probes that found nothing."""
        asked = [f"{one['labels']['job']} {one['scrapeUrl']}: {one['lastError'] or one['health']}" for one in self.targets() if one["health"] != "up"]
        probed = [str(one["metric"]) for one in self.ask("query", query="probe_success == 0")["result"]]
        return asked + probed


def selectors(expression):
    """Each name with its braces in an expression."""
    text = GROUPS.sub(" ", expression)
    # Ranges and what stands in quotes outside of braces are no names.
    text = re.sub(r"\[[^\]]*\]", " ", text)
    for found in SELECTOR.finditer(text):
        if found[1] not in WORDS:
            yield found[1] + re.sub(r"\s+", " ", found[2] or "")


def asked():
    """Every selector, with where it stands."""
    for rule in figures.alerts():
        for selector in selectors(rule["expr"]):
            yield f"alert {rule['alert']}", selector
    for panel in json.loads(figures.DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            for selector in selectors(target["expr"].replace("$edge", ".*")):
                yield f"panel {panel['title']}", selector


def selectors_asked():
    """Each selector once, with the first place where it stands."""
    return {selector: place for place, selector in reversed(list(asked()))}


def faults(prometheus):
    """Everything that is not as it should be."""
    unmatched = [f"{place}: no series for {selector}" for selector, place in selectors_asked().items() if not prometheus.series(selector)]
    nobody = [] if prometheus.targets() else ["Prometheus asks nobody"]
    return [*nobody, *prometheus.down(), *unmatched, *broken_promises(prometheus)]


def broken_promises(prometheus):
    for name, labels in PROMISED.items():
        series = prometheus.series(name)
        if not series:
            yield f"{name} is missing"
        for one in series:
            if set(one) - ADDED != set(labels.split()):
                yield f"{name} has the labels {sorted(set(one) - ADDED)}"
                break
