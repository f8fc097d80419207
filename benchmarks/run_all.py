"""Run the benchmarks and print one table in Markdown; --readme puts it into README.md.

    python benchmarks/run_all.py [--quick] [--readme]

Every figure stands in a line that a script prints; its row here says which line. --quick takes
small numbers of everything, to see whether the scripts run; its figures mean little. On a machine
that does other work too, wall times mean nothing and CPU times little.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from nights import NO_BYTECODE

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
BEGIN, END = "<!-- performance -->", "<!-- /performance -->"
RULES = "uves.oca"
"""Stands for the rule file of the installed UVES pipeline."""


class Script(NamedTuple):
    """A script with its arguments, usually and for --quick."""

    name: str
    usual: str = ""
    quick: str = ""


class Row(NamedTuple):
    """A line of the table: what is measured, by which script, and where it stands in its output.

    The groups of `pattern` are put into `text`; `goal` and `beside`, what others take for the
    same, are texts too.
    """

    what: str
    script: Script
    pattern: str
    text: str
    goal: str = ""
    beside: str = ""


NIGHT = Script("night_wall.py", "--pairs 4", "--pairs 1 --size small")
COST = Script("ab_cost.py", "", "--size small")
UVES = "--instrument uves --size small"
UVES_NIGHT = Script("night_wall.py", f"{UVES} --pairs 2", f"{UVES} --pairs 1")
UVES_COST = Script("ab_cost.py", UVES, UVES)
IDP_COST = Script("idp_cost.py", "", "--size small --times 1")
UVES_IDP_COST = Script("idp_cost.py", UVES, f"{UVES} --times 1")
REPORT = Script("report_cost.py", "", "--size small")
LIVE = Script("live_pages.py", "", "--size small --abs 20")
OVERHEAD = Script("ab_overhead.py", "40", "5")
ENGINE = Script("engine_noop.py", "10000", "200")
HEADERS = Script("header_scan.py", "", "--files 100")
IDPS = Script("idp_writing.py", "", "--n 30")
COPIES = Script("idp_copying.py", "", "--gb 0.1 --rounds 1")
CUBE_QC = Script("cube_qc.py", "", "--size 0.2")
MONTH = Script("month.py", "", "--nights 2")
YEAR = Script("year.py", "--nights 30", "--nights 2")
SYNCS = Script("syncs.py", "", "")
CAMPAIGN = Script("validator_campaign.py", "", "--bytes 5")
XSHOOTER_TRUTH = Script("xshooter_truth.py", "2020-01-01", "2020-01-01")
MUSE_NIGHT = Script("muse_layouts.py", "", "--layout one-ifu")
OCA = Script("association.py", f"{RULES} 55 100000", f"{RULES} 55 1000")
POOL = Script("header_pool.py", f"{RULES} 100000", f"{RULES} 1000")

IDP_STAGES = r"(?s:(\d+) IDPs.*converted +(\S+).*validated +(\S+).*from header to IDP +(\S+))"
HEADER_RATES = (
    r"phoenix, full typed header +(\d+)[^\0]*astropy, full typed header +(\d+)"
    r"[^\0]*fitsio, full typed header +(\d+)"
)
IDP_RATES = r"cards\n.*\nphoenix +\S+ +(\d+)[^\0]*?\nfitsio +\S+ +(\d+).*\nastropy +\S+ +(\d+)"

ROWS = (
    Row(
        "wall time of a full-size night over that of the bare recipes by `make -j2`",
        NIGHT,
        r"median ratio: wall (\S+), cpu (\S+);",
        "{0} (CPU {1})",
        "at most 1.05",
    ),
    Row(
        "the same of UVES, both arms in 2x2 binning, with stacks that the bare night has not",
        UVES_NIGHT,
        r"median ratio: wall (\S+), cpu (\S+);",
        "{0} (CPU {1})",
        "at most 1.05",
    ),
    Row(
        "how busy eight small nights keep two cores, from the first job to the last",
        MONTH,
        r"busy (\S+)",
        "{0}",
        "at least 0.97",
    ),
    Row(
        "calls of fsync for a night that is run, finished, converted and ingested",
        SYNCS,
        r"(\d+) of at most (\d+)\n.* (\d+) of at most (\d+)\n.* (\d+) of at most (\d+)",
        "{0} + {2} + {4}",
        "one a delivered file, four an AB",
    ),
    Row(
        "phoenix's own CPU time an AB, QC and report included",
        COST,
        r"phoenix, an AB +(\d+) CPU ms",
        "{0} ms",
    ),
    Row(
        "the same of UVES, with its stacks",
        UVES_COST,
        r"phoenix, an AB +(\d+) CPU ms",
        "{0} ms",
    ),
    Row(
        "of which around the recipe: inputs, checksums, gates, manifest (18 MB frames)",
        OVERHEAD,
        r"frames of 18 MB +(\S+) CPU ms",
        "{0} ms",
    ),
    Row(
        "the QC report of a science AB of GIRAFFE, a dozen panels",
        REPORT,
        r"SCIENCE +(\d+) +(\d+)",
        "{0} CPU ms ({1} of them for PNG and letters)",
    ),
    Row(
        "pages written every 20 s while a night is run, of all CPU time of the run",
        LIVE,
        r"share of the run: (\S+) %[^\0]*share of a core: (\S+) %",
        "{0} % (of a long night of 100 ABs {1} % of a core)",
    ),
    Row(
        "a night that is done, run again",
        COST,
        r"a night that is done +(\S+) CPU s +(\S+) s",
        "{1} s (CPU {0} s)",
        "within 1 s",
    ),
    Row("`phoenix --help`", COST, r"--help +(\S+) CPU s", "{0} CPU s", "within 0.3 CPU s"),
    Row(
        "no-op jobs through the engine, every state stored",
        ENGINE,
        r"again: CPU s.*\n +(\d+) +(\S+)",
        "{1} CPU ms a job ({0} jobs)",
        "at most 2.5",
    ),
    Row(
        "coordinator of a year of small nights, beside recipes that sleep: pages, moves, verdicts",
        YEAR,
        r"taken up: (\d+) jobs.*, (\S+) without start and end .*, at most (\d+) MB",
        "{1} CPU ms a job, {2} MB ({0} jobs)",
        "at most 3, below 1 GB",
    ),
    Row(
        "headers of 413 cards, ten keywords",
        HEADERS,
        r"phoenix, ten keywords +(\d+)[^\0]*astropy, ten keywords +(\d+)",
        "{0} files per CPU-second",
        "at least 20000",
        "astropy {1}",
    ),
    Row(
        "headers of 413 cards, full and typed",
        HEADERS,
        HEADER_RATES,
        "{0} files per CPU-second",
        "at least 4000",
        "astropy {1}, fitsio {2}",
    ),
    Row(
        "IDPs of a fibre written, with checksums",
        IDPS,
        IDP_RATES,
        "{0} files per CPU-second",
        "at least 200",
        "fitsio {1}, astropy {2}",
    ),
    Row(
        "IDPs of a fibre validated",
        IDPS,
        r"phoenix validate +\S+ +(\d+)",
        "{0} files per CPU-second",
    ),
    Row(
        "a cube copied as an IDP, with DATASUM, CHECKSUM and sha256",
        COPIES,
        r"in memory +phoenix +(\S+) +\S+ +(\S+)",
        "{0} CPU s a GB, {1} MB",
        "at most 1.5, below 300",
    ),
    Row(
        "the same, compared with the sha256 of the product on the way",
        COPIES,
        r"in memory +compared +(\S+)",
        "{0} CPU s a GB",
    ),
    Row(
        "its speed over that of `cp` and fsync, pages not in memory",
        COPIES,
        r"on disk +phoenix +\S+ +\S+ +\S+ +(\S+)\n.*compared +\S+ +\S+ +\S+ +(\S+)",
        "{0} ({1} compared)",
        "at least 0.7",
    ),
    Row(
        "DATASUM alone",
        COPIES,
        r"DATASUM +(\S+)\nsha256 +(\S+)\nmd5 +(\S+)",
        "{0} CPU s a GB",
        "",
        "sha256 {1}, md5 {2}",
    ),
    Row(
        "DATASUM and CHECKSUM of a spectrum of 2 MB",
        COPIES,
        r"encoded +(\S+)\nsums of it +(\S+)",
        "{1} of {0} CPU ms",
    ),
    Row(
        "QC of a cube of 3 GB in two passes, over reading it as often with fitsio",
        CUBE_QC,
        r"measured in two passes +(\S+) CPU s +\S+ s +(\d+) MB\n.*with fitsio: ([0-9.]+);",
        "{2} ({0} CPU s, {1} MB)",
        "at most 1.3, below 400 MB",
    ),
    Row(
        "one-place corruptions of two IDPs that the standard or FITS forbids, refused",
        CAMPAIGN,
        r"forbidden: (\d+), refused (\d+)[^\0]*forbidden: (\d+), refused (\d+)",
        "{1} of {0} and {3} of {2}",
        "all",
    ),
    Row(
        "changes that they allow, refused",
        CAMPAIGN,
        r"allowed: (\d+), refused (\d+)[^\0]*allowed: (\d+), refused (\d+)",
        "{1} of {0} and {3} of {2}",
        "none",
    ),
    Row(
        "from products to a validated IDP, a fibre of GIRAFFE, ancillaries included",
        IDP_COST,
        IDP_STAGES,
        "{3} CPU ms ({1} to convert, {2} to validate)",
    ),
    Row(
        "the same, an arm of UVES in 2x2 binning, single exposures and stacks",
        UVES_IDP_COST,
        IDP_STAGES,
        "{3} CPU ms ({1} to convert, {2} to validate)",
    ),
    Row(
        "X-shooter, a night of three arms: the IDP that is farthest from the truth",
        XSHOOTER_TRUTH,
        r"flux (\S+ %), means (\S+ %), wavelengths (\S+) bins, arms (\S+ %)",
        "median flux {0}, means over 20 bins {1}, wavelengths {2} bins, arms {3}",
        "2 %, 2 %, 0.1, 2 %",
    ),
    Row(
        "MUSE, 24 IFUs: two exposures from raw frames to a cube, validated with all beside it",
        MUSE_NIGHT,
        r"(\d+) IDPs and images were validated\nrun: (\S+) CPU s",
        "{1} CPU s, those of phoenix included",
    ),
    Row(
        "frames to ABs by the rules of UVES, one night",
        OCA,
        r" 55 frames: +(\S+) s",
        "{0} CPU s",
        "within 0.5 s",
    ),
    Row(
        "the same, five years",
        OCA,
        r"\n *(\d+) frames: +(\S+) s to associate, +(\S+) s",
        "{1} + {2} CPU s ({0} frames)",
    ),
    Row(
        "from files to ABs, five years",
        POOL,
        r"(\d+) files: +(\S+) s to index.*index +(\S+) s.* and +(\S+) s",
        "{1} + {2} + {3} CPU s ({0} files)",
        "the last two within 20 CPU s",
    ),
)


def rules_file() -> str | None:
    """Return the association rules of the installed UVES pipeline."""
    found = sorted(Path("/usr/share/cpl-plugins").glob("uves-*/gasgano/config/uves.oca"))
    return str(found[-1]) if found else None


def output_of(script: Script, *, quick: bool) -> str:
    """Run a script and return what it printed."""
    words = (script.quick if quick else script.usual).split()
    rules = rules_file()
    if RULES in words and rules is None:
        return ""
    arguments = [rules if word == RULES else word for word in words]
    command = [sys.executable, str(HERE / script.name), *map(str, arguments)]
    sys.stderr.write(f"{script.name} {' '.join(words)}\n")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    sys.stderr.write(done.stdout)
    return done.stdout if done.returncode == 0 else ""


def table(outputs: dict[Script, str]) -> str:
    """Return the table of all figures."""
    lines = ["| what | measured | wanted | others | script |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {measured(row, outputs[row.script])} | {row.goal} "
        f"| {beside(row, outputs[row.script])} | {row.script.name} |"
        for row in ROWS
    ]
    return "\n".join(lines)


def measured(row: Row, output: str) -> str:
    found = re.search(row.pattern, output)
    return f"**{row.text.format(*found.groups())}**" if found else "not measured"


def beside(row: Row, output: str) -> str:
    found = re.search(row.pattern, output)
    return row.beside.format(*found.groups()) if found else ""


def machine() -> str:
    """Say on what was measured."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    model = found[1].strip() if found else platform.machine()
    return f"Measured on {os.cpu_count()} cores ({model}), Python {platform.python_version()}."


def into_readme(text: str) -> None:
    """Put the table between its marks in README.md."""
    before, begin, rest = README.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{README}: found no lines {BEGIN!r} and {END!r} to write between")
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small numbers of everything")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    # As users run it: modules are compiled once and not with every call.
    os.environ.pop(NO_BYTECODE, None)
    scripts = dict.fromkeys(row.script for row in ROWS)
    outputs = {script: output_of(script, quick=options.quick) for script in scripts}
    text = f"{table(outputs)}\n\n{machine()}"
    print(text)
    if options.readme:
        into_readme(text)


if __name__ == "__main__":
    main()
