"""How fast a disk of raw files becomes ABs: files to index, index again, index to ABs.

UVES nights of five years (as in association.py), each frame a header file with as many cards as a
real one. Run it with the path of uves.oca; it prints one line per pool size. The files go into a
folder of their own, by default a temporary one: 100,000 need some 1.5 GB.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

from association import pool, products

from phoenix.line.pool import index_folders, oca_frame, without_copies
from phoenix.oca import Pool, association_block, create, load, with_products
from phoenix.oca.compile import compile_rules
from phoenix.store.store import Store

# A real UVES header has 300 to 400 cards, of which the rules read some forty.
CARDS = 350


def card(keyword: str, value: object) -> str:
    name = f"HIERARCH ESO {keyword.replace('.', ' ')} =" if "." in keyword else f"{keyword:8}="
    text = f"'{value}'" if isinstance(value, str) else repr(value)
    return f"{name} {text} / made for a benchmark"


def write_header(folder: Path, name: str, header: dict) -> None:
    cards = ["SIMPLE  =                    T", "BITPIX  =                   16"]
    cards += ["NAXIS   =                    0"]
    cards += [card(key, value) for key, value in header.items()]
    cards += [
        card(f"TEL.SENS{number}.VAL", number * 1.25) for number in range(CARDS - len(cards) - 1)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name.removesuffix('.fits')}.hdr").write_text("\n".join([*cards, "END"]) + "\n")


def measure(rules_file: Path, size: int, folder: Path) -> None:
    frames = pool(size)
    raw = folder / "raw"
    for frame in frames.raw:
        write_header(raw / str(frame.night), frame.name, dict(frame.header))
    rules = with_products(load(rules_file), products())
    names = compile_rules(rules).layout.names
    keywords = [name if "." not in name else f"ESO {name.replace('.', ' ')}" for name in names]
    with Store.open(f"sqlite:///{folder / 'phoenix.db'}", "UVES_ECH") as store:
        times = [time.process_time()]
        read = index_folders(store, [raw], keywords).read
        times.append(time.process_time())
        again = index_folders(store, [raw], keywords).read
        times.append(time.process_time())
        rows = without_copies(store.frames.rows(faulty=False), folder / "work")
        found = Pool(raw=[oca_frame(row) for row in rows], static=frames.static)
        times.append(time.process_time())
        blocks = [association_block(block) for block in create(rules, found).blocks]
        times.append(time.process_time())
    first, second, loaded, made = (b - a for a, b in itertools.pairwise(times))
    database = (folder / "phoenix.db").stat().st_size / 1e6
    print(
        f"{size:7d} files: {first:6.2f} s to index {read}, {second:5.2f} s again ({again} read); "
        f"from the index {loaded:5.2f} s to frames and {made:5.2f} s to {len(blocks)} ABs; "
        f"database {database:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", type=Path, help="uves.oca of the installed pipeline")
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    options = parser.parse_args()
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(options.rules, size, Path(folder))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
