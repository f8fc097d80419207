"""Hypothesis strategies for the values of the line."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from phoenix.model.ab import AssociationBlock, Completeness, PredictedProduct
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter

WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789_-.", min_size=1, max_size=12).filter(
    lambda text: text not in {".", ".."}
)
TAGS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", min_size=1, max_size=20)
LINES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=40).map(
    lambda text: " ".join(text.split())
)
LINES = LINES.filter(lambda text: not text or text.isprintable())
DATES = st.dates().map(lambda day: CivilDate(day.year, day.month, day.day))
NAMES = st.builds(
    lambda when, tag: f"GIRAF.{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}{tag}.ab",
    st.datetimes(),
    st.sampled_from(["", "_tpl", "_pst", "_dpc"]),
).filter(lambda name: name[6] != "0")
# A tag that no other name has: an AB cannot wait for itself.
PARENTS = NAMES.map(lambda name: name.removesuffix(".ab").partition("_")[0] + "_parent.ab")


def card_texts(alphabet: str, max_size: int) -> st.SearchStrategy[str]:
    """Texts that astropy reads back from a card.

    It ends one at a quote before a slash, though the quote is doubled, as FITS 4.0, 4.2.1.1 wants.
    """
    texts = st.text(alphabet, max_size=max_size)
    return texts.map(lambda text: re.sub(r"'(?=[' ]*/)", "", text))


def _path(symbol: str, date: CivilDate, name: str) -> str:
    return f"${{{symbol}}}/{date}/{name}.fits"


RAWS = st.builds(RawFrame, st.builds(_path, st.just("DFO_RAW_DIR"), DATES, WORDS), TAGS)
MASTERS = st.builds(
    MasterCalibration,
    st.builds(_path, st.sampled_from(["DFO_CAL_DIR", "DFS_PRODUCT"]), DATES, WORDS),
    TAGS,
    st.booleans(),
)
PARAMETERS = st.builds(
    Parameter,
    st.text("abcdefgh-._", min_size=1, max_size=12).filter(lambda text: text[0] not in "-."),
    st.text(st.characters(categories=("L", "N", "P", "S")), max_size=20),
)
BLOCKS = st.builds(
    AssociationBlock,
    name=NAMES,
    recipe=st.sampled_from(["gimasterbias", "giscience", "uves_obs_scired"]),
    raw_files=st.lists(RAWS, min_size=1, max_size=4).map(tuple),
    calibrations=st.lists(MASTERS, max_size=4).map(tuple),
    parameters=st.lists(PARAMETERS, max_size=4).map(tuple),
    waits_for=st.lists(PARENTS, max_size=3).map(tuple),
    associated_raws=st.lists(RAWS, max_size=2).map(tuple),
    associated_masters=st.lists(MASTERS, max_size=2).map(tuple),
    products=st.lists(st.builds(PredictedProduct, WORDS, TAGS), max_size=3).map(tuple),
    instrument=LINES,
    date=st.none() | DATES,
    raw_type=LINES,
    dpr_catg=st.sampled_from(["", "SCIENCE", "CALIB"]),
    ab_event=LINES,
    completeness=st.sampled_from(Completeness),
    obs_prog_id=LINES,
    obs_id=st.integers(0, 10**9),
    obs_mode=st.sampled_from(["", "SM", "VM", "NONE"]),
    mjd_obs=st.floats(0, 70000),
    mjd_mid=st.floats(0, 70000),
    setup=st.lists(st.tuples(WORDS.filter(lambda key: "=" not in key), LINES), max_size=3).map(
        tuple
    ),
    other=st.lists(WORDS.map(lambda word: f"X_{word} something else"), max_size=2).map(tuple),
)
