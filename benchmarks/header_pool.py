"""How fast a disk of raw files becomes ABs: files to index, index again, index to ABs.

UVES nights of five years (as in association.py), each frame a header file with as many cards as a
real one. Run it with the path of uves.oca; it prints one line per pool size, the first of one
night, and the peak memory from the index to ABs, measured in a process of its own. The limits are
0.5 s for a night and 1 GB for 100,000 frames. The files go into a temporary folder: 100,000 need
some 1.5 GB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from association import FRAMES_PER_NIGHT, pool, products

from phoenix.line.association.header_pool import index_folders, oca_frame, without_copies
from phoenix.oca import Frames, association_block, create, load, with_products
from phoenix.oca.association.compile import compile_rules
from phoenix.store.store import Store

if TYPE_CHECKING:
    from phoenix.oca import RuleSet

# A real UVES header has 300 to 400 cards, of which the rules read some forty.
CARDS = 350
NIGHT_LIMIT_S = 0.5
MEMORY_LIMIT_MB = 1000


def card(keyword: str, value: object) -> str:
    name = f"HIERARCH ESO {keyword.replace('.', ' ')} =" if "." in keyword else f"{keyword:8}="
    text = f"'{value}'" if isinstance(value, str) else repr(value)
    return f"{name} {text} / made for a benchmark"


def write_header(folder: Path, name: str, header: dict[str, object]) -> None:
    cards = ["SIMPLE  =                    T", "BITPIX  =                   16"]
    cards += ["NAXIS   =                    0"]
    cards += [card(key, value) for key, value in header.items()]
    cards += [
        card(f"TEL.SENS{number}.VAL", number * 1.25) for number in range(CARDS - len(cards) - 1)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name.removesuffix('.fits')}.hdr").write_text("\n".join([*cards, "END"]) + "\n")


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'phoenix.db'}", "UVES_ECH")


def write_pool(size: int, folder: Path) -> None:
    for frame in pool(size).raw:
        write_header(folder / "raw" / str(frame.night), frame.name, dict(frame.header))


def indexed(rules: RuleSet, folder: Path) -> tuple[float, int]:
    """Index what is new; return CPU seconds and the number of files read."""
    names = compile_rules(rules).layout.names
    keywords = [name if "." not in name else f"ESO {name.replace('.', ' ')}" for name in names]
    with opened(folder) as store:
        begin = time.process_time()
        read = index_folders(store, [folder / "raw"], keywords).read
        return time.process_time() - begin, read


def associated(rules_file: Path, folder: Path) -> tuple[float, float, float, int, float]:
    """Return CPU seconds to frames and to ABs, wall seconds, number of ABs, peak memory (MB)."""
    rules, static = with_products(load(rules_file), products()), pool(0).static
    with opened(folder) as store:
        clock, begin = time.perf_counter(), time.process_time()
        rows = without_copies(store.frames.rows(faulty=False), folder / "work")
        found = Frames(raw=[oca_frame(row) for row in rows], static=static)
        loaded = time.process_time()
        blocks = [association_block(block) for block in create(rules, found).blocks]
        made, wall = time.process_time(), time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return loaded - begin, made - loaded, wall, len(blocks), peak


def measure(rules_file: Path, size: int, folder: Path) -> None:
    """Print what a pool takes, and if it breaks a limit."""
    alone = multiprocessing.get_context("spawn")
    # A process of its own: ours would count the files that the benchmark makes.
    with alone.Pool(1) as worker:
        worker.apply(write_pool, (size, folder))
    rules = with_products(load(rules_file), products())
    (first, read), (second, again) = indexed(rules, folder), indexed(rules, folder)
    with alone.Pool(1) as worker:
        loaded, made, wall, blocks, peak = worker.apply(associated, (rules_file, folder))
    database = (folder / "phoenix.db").stat().st_size / 1e6
    print(
        f"{size:7d} files: {first:6.2f} s to index {read}, {second:5.2f} s again ({again} read); "
        f"from the index {loaded:5.2f} s to frames and {made:5.2f} s to {blocks} ABs "
        f"({wall:.2f} s wall); peak {peak:.0f} MB; database {database:.0f} MB"
    )
    if size <= FRAMES_PER_NIGHT and loaded + made > NIGHT_LIMIT_S:
        print(f"  too slow: a night may take {NIGHT_LIMIT_S} s from the index")
    if peak > MEMORY_LIMIT_MB:
        print(f"  too large: the peak may be {MEMORY_LIMIT_MB} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", type=Path, help="uves.oca of the installed pipeline")
    parser.add_argument(
        "sizes", type=int, nargs="*", default=[FRAMES_PER_NIGHT, 1000, 10_000, 100_000]
    )
    options = parser.parse_args()
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(options.rules, size, Path(folder))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
