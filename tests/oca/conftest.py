"""Pools for the association tests: real rule files, and headers rebuilt from real links."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from phoenix.model.dates import mjd_of
from phoenix.oca import Frame, Frames, Kind, RuleSet, load, with_products

DATA = Path(__file__).parents[2] / "../shared/data"
# What the UVES recipes make, per action of the shipped rules (which declare no products).
UVES_PRODUCTS = {
    "UVES_MASTER_BIAS_B": ["MASTER_BIAS_BLUE"],
    "UVES_MASTER_BIAS_R": ["MASTER_BIAS_REDL", "MASTER_BIAS_REDU"],
    "UVES_MASTER_FLAT_B": ["MASTER_FLAT_BLUE"],
    "UVES_MASTER_FLAT_R": ["MASTER_FLAT_REDL", "MASTER_FLAT_REDU"],
    "UVES_CAL_PREDICT_B": ["LINE_GUESS_TAB_BLUE", "ORDER_GUESS_TAB_BLUE"],
    "UVES_CAL_PREDICT_R": [
        "LINE_GUESS_TAB_REDL",
        "LINE_GUESS_TAB_REDU",
        "ORDER_GUESS_TAB_REDL",
        "ORDER_GUESS_TAB_REDU",
    ],
    "UVES_CAL_ORDERPOS_B": ["ORDER_TABLE_BLUE"],
    "UVES_CAL_ORDERPOS_R": ["ORDER_TABLE_REDL", "ORDER_TABLE_REDU"],
    "UVES_CAL_WAVECAL_B": ["LINE_TABLE_BLUE"],
    "UVES_CAL_WAVECAL_R": ["LINE_TABLE_REDL", "LINE_TABLE_REDU"],
}
# How a calibration of each role looks in the archive: DPR.CATG, DPR.TYPE, DPR.TECH.
ROLES = {
    "bias": ("CALIB", "BIAS", "IMAGE"),
    "flat": ("CALIB", "LAMP,FLAT", "ECHELLE"),
    "thar_fmt": ("CALIB", "LAMP,FMTCHK", "ECHELLE"),
    "thar_ord": ("CALIB", "LAMP,ORDERDEF", "ECHELLE"),
    "thar_wav": ("CALIB", "LAMP,WAVE", "ECHELLE"),
}


@cache
def installed(package, file):
    """Return the path of a rule file that a Debian package installs."""
    try:
        listing = subprocess.run(
            ["dpkg", "-L", package],  # noqa: S607 - Debian's own tool
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return next((Path(line) for line in listing.splitlines() if line.endswith(file)), None)


def _rules(package, file):
    path = installed(package, file)
    if path is None:
        pytest.skip(f"{package} is not installed")
    return load(path)


@pytest.fixture(scope="session")
def uves_rules():
    return _rules("cpl-plugin-uves", "gasgano/config/uves.oca")


@pytest.fixture(scope="session")
def giraffe_rules():
    return _rules("cpl-plugin-giraf", "gasgano/config/giraf.oca")


@pytest.fixture(scope="session")
def muse_rules():
    return _rules("cpl-plugin-muse", "gasgano/config/muse.oca")


def _data(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real files of {name} are not here")
    return path


def _card(text):
    """Return keyword and value of a header card."""
    keyword, equals, rest = text.partition("=")
    rest = rest.strip()
    if not equals:
        return None
    if rest.startswith("'"):
        return keyword.strip(), rest[1:].split("'", 1)[0].rstrip()
    word = rest.split("/", 1)[0].strip()
    if word in ("T", "F"):
        return keyword.strip(), word == "T"
    try:
        return keyword.strip(), float(word) if set(".Ee") & set(word) else int(word)
    except ValueError:
        return None


@pytest.fixture(scope="session")
def uves_headers():
    """Headers of science exposures with their raw keywords, by (quasar, setting, exposure)."""
    found = {}
    with gzip.open(_data("uves_headers/uves_headers.jsonl.gz"), "rt") as lines:
        for row in map(json.loads, lines):
            stem = Path(row["file"]).stem.split("_")
            if row["hdu"] == 0 and stem[0] == "err":
                cards = dict(filter(None, map(_card, row["cards"])))
                found[stem[1], stem[3], stem[4]] = cards
    return found


@pytest.fixture(scope="session")
def uves_science(uves_headers):
    """Return the real science frames, by (quasar, setting, exposure)."""
    found = {}
    with _data("uves_headers/science_exposures.csv").open() as table:
        for row in csv.DictReader(table):
            key = row["quasar"], row["cwl"], row["exp"]
            header = {
                **uves_headers[key],
                "ARCFILE": row["ARCFILE"],
                "INSTRUME": "UVES",
                "MJD-OBS": float(row["MJD-OBS"]),
                "EXPTIME": float(row["EXPTIME"]),
            }
            found[key] = Frame.of(row["ARCFILE"], header)
    return found


@pytest.fixture(scope="session")
def uves_links():
    """Return the real links: rows with quasar, cwl_nm, exposure, role and arcfile."""
    with _data("uves_headers/raw_association.csv").open() as table:
        return list(csv.DictReader(table))


def _calibration(arcfile, role, template, science):
    """Rebuild the header of a calibration from its role, its time and the setup of a science."""
    catg, kind, tech = ROLES[role]
    header = {
        key: value
        for key, value in science.header.items()
        if key.startswith("DET.") or (key.startswith("INS.") and role != "bias")
    }
    header |= {
        "ARCFILE": f"{arcfile}.fits",
        "INSTRUME": "UVES",
        "DPR.CATG": catg,
        "DPR.TYPE": kind,
        "DPR.TECH": tech,
        "MJD-OBS": mjd_of(arcfile.partition(".")[2]),
        "EXPTIME": 0.0,
        "TPL.START": template.partition(".")[2],
    }
    return Frame(f"{arcfile}.fits", header)


@pytest.fixture(scope="session")
def uves_pool(uves_links, uves_science):
    """Return the pool that the links imply: frames used together share a template."""
    by_arcfile = {frame.name.removesuffix(".fits"): frame for frame in uves_science.values()}
    sets = defaultdict(list)
    for row in uves_links:
        sets[row["quasar"], row["cwl_nm"], row["exposure"]].append(row)
    frames = {}
    for rows in sets.values():
        science = by_arcfile[next(row["arcfile"] for row in rows if row["role"] == "science")]
        frames[science.name] = science
        for role in ROLES:
            arcfiles = sorted(row["arcfile"] for row in rows if row["role"] == role)
            for arcfile in arcfiles:
                frame = _calibration(arcfile, role, arcfiles[0], science)
                frames.setdefault(frame.name, frame)
    static = [
        Frame(f"UV_{category}.fits", {"PRO.CATG": category, "INSTRUME": "UVES"})
        for category in ("LINE_REFER_TABLE", "EXTCOEFF_TABLE")
    ]
    return Frames(raw=frames.values(), static=static)


@pytest.fixture(scope="session")
def uves_with_products(uves_rules):
    return with_products(uves_rules, UVES_PRODUCTS)


SMALL_RULES = """
if DPR.TYPE == "BIAS" then { DO.CATG = "BIAS"; RAW.TYPE = "BIAS"; }
if DPR.TYPE like "%FLAT%" then { DO.CATG = "FLAT"; RAW.TYPE = "FLAT"; }
if DPR.TYPE == "OBJECT" then { DO.CATG = "SCIENCE"; RAW.TYPE = "SCIENCE"; }
if DPR.TYPE == "ACQ" then { RAW.TYPE = "ACQ"; DO.CATG = "ACQ"; }

minRet = 3;
select execute(MAKE_BIAS) from inputFiles where RAW.TYPE == "BIAS"
  group by DET.BINX, TPL.START as (TPL_A, tpl);
select execute(MAKE_FLAT) from inputFiles where SIG.TEMPLATE == 1 and DO.CATG == "FLAT";
select execute(REDUCE) from inputFiles where SIG.FRAME == 1 and DO.CATG == "SCIENCE";

action MAKE_BIAS { recipe mbias { "--method=median"; } product BIAS { PRO.CATG = "MASTER_BIAS"; } }
action MAKE_FLAT
{
  minRet = 1; maxRet = 1;
  select file as MASTER_BIAS from calibFiles where PRO.CATG == "MASTER_BIAS"
    and inputFile.DET.BINX == DET.BINX;
  recipe mflat;
  product FLAT { PRO.CATG = "MASTER_FLAT"; PRO.EXT = "0000.fits"; INS.LABEL = INS.MODE + "_flat"; }
}
action REDUCE
{
  minRet = 1; maxRet = 1;
  select file as MASTER_BIAS from calibFiles where PRO.CATG == "MASTER_BIAS"
    and inputFile.DET.BINX == DET.BINX;
  minRet = 1; maxRet = 1;
  select file as MASTER_FLAT from calibFiles where PRO.CATG == "MASTER_FLAT"
    and inputFile.DET.BINX == DET.BINX and INS.MODE == inputFile.INS.MODE;
  minRet = 0; maxRet = 1;
  select file as RESPONSE from calibFiles where PRO.CATG == "RESPONSE"
    and MJD-OBS < inputFile.MJD-OBS;
  minRet = 0; maxRet = 2;
  select file as ACQ_RASSOC from rawFiles where RAW.TYPE == "ACQ" and inputFile.OBS.ID == OBS.ID;
  minRet = 0; maxRet = 0;
  select file as DARK from calibFiles where PRO.CATG == "DARK";
  recipe reduce { "--a=1 --flag"; "-a=2"; }
}
"""
NIGHT = 57000.0


def _raw(hour, kind, **keywords):
    """Return a raw frame so many hours after a midnight."""
    mjd = NIGHT + hour / 24
    moment = f"2014-12-09T{int(hour):02d}:{round(hour * 60) % 60:02d}:00.000"
    header = {
        "INSTRUME": "TEST",
        "ARCFILE": f"TEST.{moment}.fits",
        "MJD-OBS": mjd,
        "EXPTIME": 0.0,
        "DPR.TYPE": kind,
        "DPR.CATG": "SCIENCE" if kind == "OBJECT" else "CALIB",
        "DET.BINX": 1,
        "INS.MODE": "MED",
        **{key.replace("__", "."): value for key, value in keywords.items()},
    }
    return Frame(header["ARCFILE"], header)


def _master(name, hour, category, kind=Kind.CERTIFIED, **keywords):
    header = {
        "PRO.CATG": category,
        "DET.BINX": 1,
        "INS.MODE": "MED",
        **({} if hour is None else {"MJD-OBS": NIGHT + hour / 24}),
        **{key.replace("__", "."): value for key, value in keywords.items()},
    }
    return Frame(name, header, kind)


@pytest.fixture
def small_rules():
    return RuleSet.parsed(SMALL_RULES, "small.oca")


@pytest.fixture
def raw():
    return _raw


@pytest.fixture
def master():
    return _master


@pytest.fixture
def small_night():
    """Return three biases, two flats, and one science exposure with its acquisition."""
    biases = [_raw(10 + n / 60, "BIAS", TPL__START="b", EXPTIME=0.0) for n in range(3)]
    flats = [_raw(11 + n / 60, "LAMP,FLAT", TPL__START="f", EXPTIME=60.0) for n in range(2)]
    science = [
        _raw(3, "OBJECT", OBS__ID=7, EXPTIME=3600.0, OBS__PROG__ID="60.A-9000(A)"),
        _raw(2.9, "ACQ", OBS__ID=7),
    ]
    return [*biases, *flats, *science]
