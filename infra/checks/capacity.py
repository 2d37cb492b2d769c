"""The arithmetic of docs/operators/scale.md, done again: what each row says of sockets, memory, frames
and cores follows from what the page counts with, and what it counts with is no better than what
docs/results and the rules have.

A figure may be rounded to its two digits, and up; it may not be forgotten: a sentence that is not found
is a fault.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/operators/scale.md"
RESULTS = ROOT / "docs/results"
RULES = ROOT / "edge/SPEC.md"

KIB_PER_GIB = 1024 * 1024
MICROSECONDS = 1e6
WEEK_SECONDS = 7 * 86_400
# Two digits, rounded to the nearest or up.
SHARE_BELOW, SHARE_ABOVE = 0.05, 0.10


class Page:
    """Takes figures out of the page, and keeps what is wrong with them."""

    def __init__(self, text):
        self.text, self.faults = text, []

    def number(self, pattern, text=None):
        """The one number of a sentence, in which it stands in brackets."""
        found = re.search(pattern, self.text if text is None else text)
        if found is None:
            self.faults.append(f"nothing is like: {pattern}")
            return float("nan")
        number = float(found[1].replace(",", ""))
        return number * 1e6 if found[0].startswith(f"{found[1]} million") else number

    def says(self, what, said, computed):
        if not computed * (1 - SHARE_BELOW) <= said <= computed * (1 + SHARE_ABOVE):
            self.faults.append(f"{what}: the page says {said:g}, and {computed:.3g} comes out")

    def at_least(self, what, counted, measured):
        if not counted >= measured:
            self.faults.append(f"{what}: the page counts with {counted:g}, and {measured:g} was measured")


def rows(text):
    """The rows for a number of people: that number, edges, and why."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and re.fullmatch(r"[\d,]+", cells[0]):
            yield float(cells[0].replace(",", "")), cells[1], cells[5]


def sources(page):
    """What the page counts with, against what was found and promised."""
    stalled = (RESULTS / "2026-11-26-stalled.md").read_text()
    reader = page.number(r"does not read \| ([\d.]+) MiB")
    page.says("a reader that does not read, promised", reader, page.number(r"costs at most ([\d.]+) MiB", RULES.read_text()))
    page.at_least("a reader that does not read, KiB", reader * 1024, page.number(r"promised: [\d.]+ MiB\) \| (\d+) KiB", stalled))
    searches = (RESULTS / "2026-11-26-search.md").read_text()
    people = next(line for line in searches.splitlines() if line.startswith("| PostgreSQL, names as people choose them"))
    slowest = max(float(cell.split("/")[0]) for cell in people.split("|")[2:-1])
    page.at_least("a search, ms", page.number(r"a search \| (\d+) ms"), slowest)
    timing = (RESULTS / "2026-11-26-timing.md").read_text()
    hash_ms = page.number(r"cost 12, one at a time \| ([\d.]+) ms", timing)
    page.at_least("signing in, ms", page.number(r"signing in \| ([\d.]+) s of a core") * 1000, hash_ms)


def judge_row(page, online, edges, why):
    who = f"{online:,.0f} online"
    socket_kib = page.number(r"idle \| (\d+) KiB")
    edge_us, broker_us = page.number(r"another \| (\d+) µs of an edge, twice"), page.number(r"twice, and (\d+) µs of a broker")
    every, peak = page.number(r"one frame every (\d+) seconds"), 2
    frames = online / every * peak
    few = float(re.match(r"\d+", edges)[0])
    if "sockets" in why:
        sockets = page.number(r"([\d,]+) sockets", why)
        page.says(f"{who}, sockets an edge", sockets, online / few)
        page.says(f"{who}, GiB of sockets an edge", page.number(r"([\d.]+) GiB (?:an edge|of them)", why), sockets * socket_kib / KIB_PER_GIB)
    page.says(f"{who}, frames a second", page.number(r"([\d,.]+) (?:million )?frames a second", why), frames)
    cores = page.number(r"([\d.]+) cores of edges", why)
    page.says(f"{who}, cores of edges", cores, frames * 2 * edge_us / MICROSECONDS)
    page.says(f"{who}, cores of brokers", page.number(r"cores of edges[^,]*, ([\d.]+) of brokers", why), frames * broker_us / MICROSECONDS)
    if cores > few * page.number(r"edges of (\d+) cores"):
        page.faults.append(f"{who}: {few:g} edges have fewer cores than {cores:g}")
    if "of subjects" in why:
        kib = page.number(r"about (\d+) KiB each")
        page.says(f"{who}, GiB of subjects", page.number(r"([\d.]+) GiB of subjects", why), online * kib / KIB_PER_GIB)


def signing_in(page):
    people = 10_000_000
    said = page.number(r"ten million people are (\d+) a second")
    page.says("signing in, a second", said, people / WEEK_SECONDS)
    cost = page.number(r"signing in \| ([\d.]+) s of a core")
    page.says("signing in, cores", page.number(r"peak of ten times that, (\d+) cores"), said * 10 * cost)


def main():
    page = Page(PAGE.read_text())
    found = list(rows(page.text))
    if len(found) < 4:
        page.faults.append("the rows for numbers of people are not read any more")
    sources(page)
    # The first row is not computed: two edges, so that one may end.
    for row in found[1:]:
        judge_row(page, *row)
    signing_in(page)
    for fault in page.faults:
        print(f"{PAGE.relative_to(ROOT)}: {fault}", file=sys.stderr)
    return 1 if page.faults else 0


if __name__ == "__main__":
    sys.exit(main())
