"""Real proof: the files that the original production line chose for one MUSE combination.

The names in its log tell category, night, instrument mode, filter and readout. The pool holds
those files among others of earlier and later nights, other modes and other readouts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from phoenix.model.dates import CivilDate, mjd_of
from phoenix.oca import Frame, Frames, Kind, association_block, create, with_products
from phoenix.oca.explanation.explain import explain

GOLDEN = Path(__file__).parent / "golden/muse_log.txt"
LOG = Path(__file__).parents[2] / "../shared/data/muse_phoenix_log"
SOF = re.compile(r"\[(\S+)\.rblog\] SOF_CONTENT\s+(\S+)\s+(\S+)\s+\S+")
DATED = re.compile(r"MU_(\w{4})_(\d\d)(\d\d)(\d\d)([A-Z])_(.*)\.fits")
MODE = re.compile(r"[WN]FM-(?:NO)?AO-[NE]")
NIGHT = CivilDate(2015, 1, 11)
PRODUCTS = {
    "muse_scibasic": [("PIXTABLE_OBJECT", f"0001-{ifu:02d}.fits") for ifu in range(1, 25)],
    "muse_scipost": ["DATACUBE_FINAL", "IMAGE_FOV", "PIXTABLE_REDUCED"],
}
SETUP = {
    "INSTRUME": "MUSE",
    "INS.MODE": "WFM-NOAO-N",
    "INS.OPTI1.NAME": "Blue",
    "INS.OPTI2.NAME": "WFM",
    "DET.READ.CURID": 1,
    "DET.READ.CURNAME": "SCI1.0",
}


@pytest.fixture(scope="module")
def sofs():
    """Return what the log says: AB to its files, (symbolic path, tag)."""
    logs = sorted(LOG.glob("*.log"))
    if not logs:
        pytest.skip("the genuine MUSE log is not here")
    found = defaultdict(list)
    for line in SOF.finditer(logs[0].read_text(encoding="latin-1")):
        found[f"{line[1]}.ab"].append((line[2], line[3]))
    return found


def master(path, tag, **changes):
    """Rebuild the header of a master calibration or static table from its name."""
    name = path.rpartition("/")[2]
    _, year, month, day, _, rest = DATED.fullmatch(name).groups()
    noon = CivilDate(2000 + int(year), int(month), int(day)).mjd + 15 / 24
    mode = MODE.search(rest)
    header = {
        **SETUP,
        "PRO.CATG": tag,
        "MJD-OBS": noon,
        "INS.MODE": mode[0] if mode else SETUP["INS.MODE"],
        **changes,
    }
    static = "/gen/" in path
    return Frame(name, header, Kind.STATIC if static else Kind.CERTIFIED, path)


def others(path, tag):
    """Yield files like this one further away in time, or of another setup."""
    match = DATED.search(path)
    real = CivilDate(2000 + int(match[2]), int(match[3]), int(match[4]))
    static = "/gen/" in path
    gap = round(NIGHT.mjd - real.mjd)
    for days in (-gap - 9, -gap - 4, gap + 2, gap + 6) if not static else (-gap - 200,):
        date = NIGHT.plus(days)
        stamp = f"{date.year % 100:02d}{date.month:02d}{date.day:02d}"
        yield master(DATED.sub(rf"MU_\1_{stamp}\5_\6.fits", path), tag)
    if not static:
        extended = {"INS.MODE": "WFM-NOAO-E", "INS.OPTI1.NAME": "Clear", "INS.OPTI2.NAME": "NFM"}
        readout = {"DET.READ.CURID": 2, "DET.READ.CURNAME": "FAST1.0"}
        wrong = path.replace(f"{match[5]}_", "Q_", 1)
        yield master(wrong, tag, **extended, **readout)


def raw(arcfile, **keywords):
    stamp = arcfile.removeprefix("MUSE.").removesuffix(".fits")
    header = {**SETUP, "ARCFILE": arcfile, "MJD-OBS": mjd_of(stamp), "DPR.TECH": "IFU", **keywords}
    return Frame(arcfile, header)


@pytest.fixture(scope="module")
def pool(sofs):
    files = {entry for entries in sofs.values() for entry in entries}
    names = {path.rpartition("/")[2]: tag for path, tag in files if "DFO_RAW_DIR" in path}
    objects = sorted(name for name, tag in names.items() if tag == "OBJECT")
    raws = [
        raw(
            name,
            **{"DPR.CATG": "SCIENCE", "DPR.TYPE": "OBJECT", "EXPTIME": 300.0},
            **{"TPL.START": "2015-01-12T00:53:51", "TPL.EXPNO": number},
        )
        for number, name in enumerate(objects, 1)
    ]
    illum = {"DPR.CATG": "CALIB", "DPR.TYPE": "FLAT,LAMP,ILLUM", "TPL.ID": "MUSE_wfm_cal_illum"}
    lamps = [name for name, tag in names.items() if tag == "ILLUM"]
    lamps += ["MUSE.2015-01-11T23:10:00.000.fits", "MUSE.2015-01-12T03:20:00.000.fits"]
    raws += [raw(name, **illum, EXPTIME=0.35) for name in lamps]
    real = {(path, tag) for path, tag in files if "DFO_CAL_DIR" in path}
    masters = [master(path, tag) for path, tag in sorted(real)]
    masters += [other for path, tag in sorted(real) for other in others(path, tag)]
    return Frames(
        raw=raws,
        certified=[frame for frame in masters if frame.kind is Kind.CERTIFIED],
        static=[frame for frame in masters if frame.kind is Kind.STATIC],
    )


@pytest.fixture(scope="module")
def created(muse_rules, pool):
    rules = with_products(muse_rules, PRODUCTS)
    return create(rules, pool, tags={"muse_scipost": "pst"})


def why_not(created, name, tag):
    """Return why a category of the log is not in our AB."""
    selects = {rule.name for rule in created.block(name).action.selects}
    if tag not in selects:
        return f"the shipped rules select no {tag} here"
    return explain(created, name, tag).associations[0].verdict


def test_the_chosen_files_of_the_original_line_are_chosen_again(created, sofs):
    lines = []
    ours = {str(block.name): block for block in map(association_block, created.blocks)}
    for name, files in sofs.items():
        if name not in ours:
            lines.append(f"{name}: no AB, the shipped rules know no such action\n")
            continue
        block = ours[name]
        chosen = {
            **{frame.name: frame.tag for frame in block.raw_files},
            **{frame.name: frame.pro_catg for frame in block.calibrations},
        }
        for path, tag in files:
            file = path.rpartition("/")[2]
            if file not in chosen:
                lines.append(f"{name}: not {file} as {tag}: {why_not(created, name, tag)}\n")
        known = {path.rpartition("/")[2] for path, _ in files}
        lines += [f"{name}: also {f} as {t}\n" for f, t in chosen.items() if f not in known]
        same = sum(path.rpartition("/")[2] in chosen for path, _ in files)
        lines.append(f"{name}: {same} of {len(files)} files of the log\n")
    assert "".join(lines) == GOLDEN.read_text()


def test_names_recipes_and_parents_are_those_of_the_log(created, sofs):
    ours = {str(block.name): block for block in map(association_block, created.blocks)}
    for stamp in ("MUSE.2015-01-12T00:54:04.379", "MUSE.2015-01-12T01:00:44.954"):
        assert ours[f"{stamp}.ab"].recipe == "muse_scibasic"
        assert ours[f"{stamp}_pst.ab"].recipe == "muse_scipost"
        assert ours[f"{stamp}_pst.ab"].raw_type == "PIXTABLE_OBJECT"
        assert f"{stamp}.ab" in ours[f"{stamp}_pst.ab"].waits_for


def test_predicted_pixel_tables_have_the_names_of_the_log(created, sofs):
    name = "MUSE.2015-01-12T00:54:04.379_pst.ab"
    block = association_block(created.block(name))
    real = [path.rpartition("/")[2] for path, tag in sofs[name] if tag == "PIXTABLE_OBJECT"]
    assert [m.name for m in block.calibrations if m.pro_catg == "PIXTABLE_OBJECT"] == real
