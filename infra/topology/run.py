"""Starts prod as plain processes and judges it: people talk through the proxy over TLS, Prometheus
sees every target, and whatever alerts and panels ask for is there.

    run.py check    the judgement; ends with a line of figures
    run.py tls      how TLS is spoken, by Mozilla's profiles, with either setting
    run.py headers  what pages are served with, by MDN's HTTP Observatory and Google's CSP Evaluator
    run.py stay     starts it for whoever wants to look, until Ctrl-C

Told by the environment (scripts/topology.sh sets it): PROGRAMS as JSON, and the database.
"""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import judge
from house import ROOT, House, fetch, say, within

# The story that is told through the proxy; the others need no proxy, and each registers two people at
# the real cost of a hash.
STORY = "find each other, talk"
# Some scrapes of 15 s.
SETTLED_SECONDS = 60


def trusted_key(certificate):
    """The key that browsers are told to trust, as Chromium names it."""
    public = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public.stdout, check=True, capture_output=True)
    return base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()


def node(house, *command, cwd=ROOT):
    """Runs what plays people; it trusts the authority of this house and no other stranger."""
    told = {
        "BASE_URL": house.url,
        "BASE_URLS": house.url,
        "PLAIN_PORT": str(house.places.of("proxy", 80)[1]),
        "NODE_EXTRA_CA_CERTS": str(house.authority),
        "TRUSTED_KEY": trusted_key(house.certificates / "fullchain.pem"),
        "NODE_NO_WARNINGS": "1",
    }
    done = subprocess.run(command, cwd=cwd, env=os.environ | told, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}:\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
    return done.stdout


def people_talk(house):
    say(f"Two browsers talk through {house.url}")
    story = [] if "DHCHAT_TOPOLOGY_WHOLE" in os.environ else [f"--test-name-pattern={STORY}"]
    node(house, "node", "--test", *story, "e2e/two-people.e2e.ts", cwd=ROOT / "webapp")
    say("Two people speak JSON and send a file")
    return node(house, "node", "infra/topology/traffic.ts").strip()


def refuse(house, token):
    """While the actors are away the doors answer that they cannot: what counts failures has something
    to count, and the actors come back by themselves."""
    say("The actors are restarted under somebody who asks")
    assert house.stop("actors") == 0, "the actors did not stop in order"
    node(house, "node", "infra/topology/traffic.ts", token)
    actors = house.processes["actors"]
    house.start(actors)
    house.until_ready(actors)


def well(house):
    """Each process in the doctor's words."""
    for name in [*house.of("edge"), "actors"]:
        process = house.processes[name]
        told = house.doctor(process, process.service, "--json")
        report = json.loads(told.stdout)
        bad = [one for one in report["findings"] if one["state"] == "wrong"]
        assert told.returncode == 0 and not bad, f"{name}: {bad}"


def lint(house):
    """Each page in promtool's words; it finds nothing to say."""
    pages = [f"http://{house.processes[name].address}:{8082 if name.startswith('edge') else 8081}/metrics" for name in [*house.of("edge"), "actors"]]
    for page in pages:
        told = subprocess.run([house.programs["promtool"], "check", "metrics"], input=fetch(page), capture_output=True, text=True)
        assert told.returncode == 0 and not told.stdout + told.stderr, f"{page}: {told.stdout}{told.stderr}"
    return len(pages)


def check(house):
    prometheus = judge.Prometheus(house.processes["prometheus"].address)
    began = time.monotonic()
    well(house)
    refuse(house, people_talk(house))
    say("Everything that is asked for is looked up")
    # What was counted last is seen with the next scrape; so is a target that was away.
    if not within(SETTLED_SECONDS, lambda: not judge.faults(prometheus)):
        raise AssertionError("\n".join(judge.faults(prometheus)))
    count = len(judge.selectors_asked())
    pages = lint(house)
    targets = len(prometheus.targets())
    say(
        f"Well: {len(house.running)} processes, {targets} targets up, {count} selectors match, "
        f"{len(judge.PROMISED)} promised figures there, {pages} pages clean, {time.monotonic() - began:.0f} s"
    )


def tls(house):
    profile = {"1.3": "modern", "1.2": "intermediate"}[house.tls]
    say(f"How TLS is spoken, by Mozilla's profile: {profile}")
    # The authority of this house is the one stranger that is believed.
    own = f"--certinfo_ca_file={house.authority}"
    command = [house.programs["sslyze"], f"--mozilla_config={profile}", own, f"localhost:{house.https}"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "OK - Compliant" in done.stdout, done.stdout
    say(f"Compliant with {profile}")


def headers(house):
    say("What pages are served with, by MDN's HTTP Observatory and Google's CSP Evaluator")
    print(node(house, "node", "infra/topology/observatory.ts"), end="")


def stay(house):
    print(f"It runs at {house.url}; browsers that are told of {house.authority} believe it. Ctrl-C ends it.", flush=True)
    prometheus = house.processes["prometheus"].address
    print(f"Prometheus: http://{prometheus}:9090", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("Stopping")


def main(what):
    # However it is ended, nothing that it started stays: the signal becomes an exception.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    programs = json.loads(os.environ["PROGRAMS"])
    acts = {"check": (check, ["1.3"]), "tls": (tls, ["1.3", "1.2"]), "headers": (headers, ["1.3"]), "stay": (stay, ["1.3"])}
    act, settings = acts[what]
    for setting in settings:
        with tempfile.TemporaryDirectory() as folder, House(Path(folder), programs, os.environ["DHCHAT_TEST_POSTGRES_URL"], tls=setting) as house:
            act(house)


if __name__ == "__main__":
    main(sys.argv[1])
