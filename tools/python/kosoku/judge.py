"""Tells the cases of a selection to a server, and judges what it did: judge.py ADDRESS SELECTION.

A server may leave any message of a compressed conversation uncompressed, and ours does with small
ones and with those that do not shrink. The tool hands such a message to its case as `str`, which the
cases of groups 12 and 13 cannot hash: "Strings must be encoded before hashing". Whatever the server
sent, the case ends there. So every case that ends with these words is told a second time, with the
message handed over as the bytes that came; by that it is judged. Nothing else of the tool is changed,
and both verdicts are printed.
"""

import asyncio
import sys
from collections import Counter, defaultdict

from kosoku import FailureError, run_fuzzingclient
from kosoku.cases import CASES

# Everything, but for what takes long: a dozen of 12 and 13, with every parameter of deflate once.
SHORT = (
    ["1.*", "2.*", "3.*", "4.*", "5.*", "7.*", "9.1.1", "9.2.1", "9.7.1", "10.*"]
    + [f"6.{section}.*" for section in (1, 2, 3, 4, 5, 12, 20, 22)]
    + [f"12.{section}.3" for section in range(1, 6)]
    + [f"13.{section}.3" for section in range(1, 8)]
)
SELECTIONS = {"short": SHORT, "all": ["*"]}

SLIP = "Strings must be encoded before hashing"


async def tell(address, cases):
    try:
        return await run_fuzzingclient(address, cases, concurrency=2)
    except FailureError as failure:
        return failure.results


def is_slip(result):
    return result.case_id.split(".")[0] in ("12", "13") and result.result == SLIP


def mend(case):
    """The messages of this case are bytes from here on."""
    on_message = case.onMessage

    def on_bytes(self, message, binary):
        if isinstance(message, str):
            message = message.encode("latin-1" if binary else "utf-8")
        on_message(self, message, binary)

    case.onMessage = on_bytes


def print_table(results, again):
    groups = defaultdict(Counter)
    for result in results:
        group = groups[int(result.case_id.split(".")[0])]
        group["cases"] += 1
        mended = again.get(result.case_id)
        if mended:
            group["slips of the tool"] += 1
            group["of these OK with bytes"] += mended.passed
        else:
            group[result.behavior.value if result.passed else "failed"] += 1
    columns = ["cases", "OK", "NON-STRICT", "INFORMATIONAL", "slips of the tool", "of these OK with bytes", "failed"]
    print("| group | " + " | ".join(columns) + " |")
    print("|---|" + "---|" * len(columns))
    for group, counts in sorted(groups.items()):
        print(f"| {group} | " + " | ".join(str(counts[name]) for name in columns) + " |")


def explain(result):
    verdict = f"{result.behavior.value}, {result.behavior_close.value}"
    words = " ".join(f"{result.result} {result.result_close}".split())
    print(f"{result.case_id}: {verdict}: {words}")


async def main():
    address, selection = sys.argv[1:]
    results = await tell(address, SELECTIONS[selection])
    slips = [result.case_id for result in results if is_slip(result)]
    for case_id in slips:
        mend(CASES[case_id])
    again = {result.case_id: result for result in await tell(address, slips)} if slips else {}
    print_table(results, again)
    if slips:
        print(f"slips of the tool: {', '.join(slips)}")
    failed = [again.get(result.case_id, result) for result in results]
    failed = [result for result in failed if not result.passed]
    for result in failed:
        explain(result)
    if not results or failed or set(slips) != set(again):
        sys.exit(f"{len(failed)} of {len(results)} cases failed")
    print(f"{len(results)} cases, none failed")


asyncio.run(main())
