"""The quick search finds what trying every file one by one would find."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from phoenix.oca import Frame, Frames, Kind, RuleSet, create
from phoenix.oca.association.compile import compile_rules
from phoenix.oca.language.condition import compiled

RULES = """
select execute(A) from inputFiles where KIND == "S";
action A { recipe a; minRet = 0; maxRet = MOST;
  select file as M from calibFiles where PRO.CATG == "M" and CONDITION; }
"""
CONDITIONS = [
    "inputFile.B == B",
    "B == inputFile.B and inputFile.C == C",
    "inputFile.B != B",
    "inputFile.MJD-OBS - MJD-OBS < 2 and inputFile.MJD-OBS - MJD-OBS > -2.5",
    "MJD-OBS < inputFile.MJD-OBS",
    "MJD-OBS > inputFile.MJD-OBS and C == 1",
    "MJD-OBS >= 3 + inputFile.MJD-OBS - 4",
    "(MJD-OBS < inputFile.MJD-OBS or MJD-OBS >= inputFile.MJD-OBS)",
    "(inputFile.B == B or inputFile.C == C)",
    "inputFile.C == 1 and B is undefined",
    "not inputFile.B == B",
    "0 - MJD-OBS < 1 - inputFile.MJD-OBS",
]
SMALL = st.none() | st.integers(0, 2)
TIMES = st.integers(0, 8).map(float)


@st.composite
def headers(draw):
    found = {
        "MJD-OBS": draw(TIMES),
        "EXPTIME": draw(st.sampled_from([0.0, 86400.0, 172800.0])),
        "B": draw(SMALL),
        "C": draw(SMALL),
    }
    return {key: value for key, value in found.items() if value is not None}


def one_by_one(rules, frames, science, group, most):
    """Try every candidate: the certified before the static, then by distance, time and name."""
    ready = compile_rules(rules)
    test = compiled(rules.actions["A"].selects[0].condition, ready.layout)
    row = ready.item(science).row
    passing = [frame for frame in frames if test(ready.item(frame).row, row)]
    passing.sort(
        key=lambda f: (
            f.kind is Kind.STATIC,
            abs(f.mjd_mid - group.mjd_mid),
            f.mjd_mid,
            f.name,
        )
    )
    return [frame.name for frame in passing[:most]]


@settings(max_examples=300)
@given(
    st.lists(st.tuples(headers(), st.booleans()), max_size=12),
    headers(),
    st.sampled_from(CONDITIONS),
    st.integers(1, 3),
)
def test_the_quick_search_agrees_with_trying_every_file(given_headers, science, condition, most):
    rules = RuleSet.parsed(RULES.replace("MOST", str(most)).replace("CONDITION", condition))
    frames = [
        Frame(
            f"m{number}.fits",
            {"PRO.CATG": "M", **header},
            Kind.STATIC if static else Kind.CERTIFIED,
        )
        for number, (header, static) in enumerate(given_headers)
    ]
    primary = Frame("S.fits", {"KIND": "S", **science})
    pool = Frames(
        [primary],
        [frame for frame in frames if frame.kind is Kind.CERTIFIED],
        [frame for frame in frames if frame.kind is Kind.STATIC],
    )
    (block,) = create(rules, pool).blocks
    found = [match.frame.name for match in block.associations[0].matches]
    assert found == one_by_one(rules, frames, primary, block.group, most)
