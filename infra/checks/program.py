"""What processes can be told: the names of the program's settings, read from the table in its sources,
and what a broker is told of memory.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "edge/src/config/variables.rs"
ROW = re.compile(r'^    [A-Z_]+ = "([A-Z_]+)", "[a-z-]+",', re.MULTILINE)
MEMORY = ROOT / "nats/memory.env"
MEBIBYTES = {"Mi": 1, "MiB": 1, "Gi": 1024, "GiB": 1024}


def settings():
    """Every setting; a misspelled one would do nothing."""
    found = set(ROW.findall(TABLE.read_text()))
    assert len(found) > 20, f"{TABLE} is not read any more"
    return found


def broker_memory():
    """Variables of the broker's runtime."""
    lines = [line for line in MEMORY.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def mebibytes(size):
    """Of a size as the broker's runtime and Kubernetes write it."""
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", size).groups()
    return int(number) * MEBIBYTES[unit]
