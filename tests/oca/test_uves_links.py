"""Real proof: what astronomers used for their UVES exposures, against the shipped rules.

Only names survive of those calibrations. The pool is rebuilt from role, time and setup, and holds
the calibrations of every night and setting at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from attrs import evolve

from phoenix.oca import Frames, classify, create
from phoenix.oca.explanation.explain import explain

GOLDEN = Path(__file__).parent / "golden"
# Where the frames of a role stand behind a science AB: the calibrations on the way to them.
WAY = {
    "science": (),
    "bias": ("MASTER_BIAS",),
    "flat": ("MASTER_FLAT",),
    "thar_fmt": ("ORDER_TABLE", "ORDER_GUESS_TAB"),
    "thar_ord": ("ORDER_TABLE",),
    "thar_wav": ("LINE_TABLE",),
}
# The same calibration needed on the way by another one: astronomers took one for all.
SECOND_HAND = {
    "bias": ("MASTER_FLAT", "MASTER_BIAS"),
    "thar_ord": ("MASTER_FLAT", "ORDER_TABLE"),
    "thar_fmt": ("LINE_TABLE", "LINE_GUESS_TAB"),
}


@pytest.fixture(scope="module")
def created(uves_with_products, uves_pool):
    return create(uves_with_products, uves_pool)


def followed(created, name, way):
    """Return the ABs at the end of a way through predicted calibrations, and why the last won."""
    block, verdict = created.block(name), ""
    for category in way:
        arm = next(found.name for found in block.associations if found.name.startswith(category))
        verdict = explain(created, block.name, arm).associations[0].verdict
        block = created.block(block.association(arm).matches[0].frame.parent)
    return {frame.name.removesuffix(".fits") for frame in block.group.frames}, verdict


def used_sets(uves_links):
    """Return per quasar and science frame the files that were used, by role."""
    sets = defaultdict(lambda: defaultdict(set))
    for row in uves_links:
        key = row["quasar"], row["cwl_nm"], row["exposure"]
        sets[key][row["role"]].add(row["arcfile"])
    return {
        (quasar, *roles["science"]): dict(sorted(roles.items()))
        for (quasar, *_), roles in sorted(sets.items())
    }


def report(created, uves_links):
    """Return per quasar the count of links that are made and every difference with its reason."""
    same, every, lines = Counter(), Counter(), defaultdict(list)
    for (quasar, science), roles in used_sets(uves_links).items():
        for role, used in roles.items():
            ours, verdict = followed(created, f"{science}.ab", WAY[role])
            every[quasar, role] += len(used)
            same[quasar, role] += len(used & ours)
            if ours != used:
                lines[quasar].append(f"{science} {role}: {verdict}")
            if role in SECOND_HAND:
                ours, verdict = followed(created, f"{science}.ab", SECOND_HAND[role])
                if ours != used:
                    lines[quasar].append(
                        f"{science} {role} of its {SECOND_HAND[role][0]}: {verdict}"
                    )
    return {
        quasar: "\n".join(
            [f"{r}: {same[q, r]} of {n}" for (q, r), n in sorted(every.items()) if q == quasar]
            + ["differences:", *(lines[quasar] or ["none"]), ""]
        )
        for quasar, _ in every
    }


def test_every_association_of_the_astronomers_is_made_or_its_difference_is_explained(
    created, uves_links
):
    for quasar, text in report(created, uves_links).items():
        golden = GOLDEN / f"uves_links_{quasar}.txt"
        if golden.exists():
            assert text == golden.read_text()
        else:
            differences = text.partition("differences:\n")[2].splitlines()
            assert all(": r.UVES" in line or line == "none" for line in differences), quasar


def test_there_are_308_links(uves_links):
    assert len(uves_links) >= 308


def test_every_ab_of_the_links_is_complete(created):
    assert [block.name for block in created.blocks if not block.complete] == []


def test_nothing_in_the_pool_is_left_over(created):
    assert created.diagnostics == ()


def test_without_exposure_times_other_arcs_would_be_chosen(
    uves_with_products, uves_pool, uves_links
):
    starts_only = Frames(
        raw=[
            evolve(frame, header={**frame.header, "EXPTIME": 0.0, "MJD-END": None})
            for frame in uves_pool.raw
        ],
        static=uves_pool.static,
    )
    creation = create(uves_with_products, starts_only)
    missed = [
        role
        for (_, science), roles in used_sets(uves_links).items()
        for role, used in roles.items()
        if followed(creation, f"{science}.ab", WAY[role])[0] != used
    ]
    assert set(missed) == {"thar_wav"}


def test_real_science_headers_classify_as_their_dpr_keys_say(uves_rules, uves_science):
    for frame in uves_science.values():
        (found,) = classify(uves_rules, [frame])
        arm = "BLUE" if frame.header["DET.CHIPS"] == 1 else "RED"
        assert frame.header["DPR.TYPE"] == "OBJECT,POINT"
        assert found.category == f"SCI_POINT_{arm}"


def test_order_of_the_pool_does_not_matter(uves_with_products, uves_pool, created):
    shuffled = Frames(raw=tuple(reversed(uves_pool.raw)), static=uves_pool.static)
    again = create(uves_with_products, shuffled)

    def chosen(creation):
        return {
            (block.name, found.name): [match.frame.name for match in found.matches]
            for block in creation.blocks
            for found in block.associations
        }

    assert chosen(again) == chosen(created)
