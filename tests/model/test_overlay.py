"""Header overlays: what holds in place of what the file says."""

from __future__ import annotations

from phoenix.model.overlay import Overlay, overlaid, overlays_by_file

TYPE = Overlay("GIRAF.1.fits", "ESO DPR TYPE", "BIAS", "typed wrong")


def test_a_keyword_is_replaced_and_what_was_there_is_told():
    values, (done,) = overlaid({"ESO DPR TYPE": "DARK", "A": 1}, [TYPE])
    assert values == {"ESO DPR TYPE": "BIAS", "A": 1}
    assert str(done) == "ESO DPR TYPE is 'BIAS' in place of 'DARK': typed wrong"


def test_a_keyword_that_is_missing_is_added():
    values, (done,) = overlaid({}, [TYPE])
    assert values == {"ESO DPR TYPE": "BIAS"}
    assert str(done) == "ESO DPR TYPE is 'BIAS' in place of nothing: typed wrong"


def test_what_is_right_already_is_not_told():
    assert overlaid({"ESO DPR TYPE": "BIAS"}, [TYPE]) == ({"ESO DPR TYPE": "BIAS"}, ())


def test_a_number_written_as_a_text_is_changed_to_a_number():
    _, (done,) = overlaid({"A": "1"}, [Overlay("f", "A", 1, "w")])
    assert (done.before, done.after) == ("1", 1)
    _, (done,) = overlaid({"A": 1}, [Overlay("f", "A", True, "w")])
    assert done.after is True


def test_a_file_is_known_with_and_without_its_suffixes():
    other = Overlay("GIRAF.1.fits.Z", "A", 1, "w")
    assert overlays_by_file([TYPE, other]) == {"GIRAF.1": (TYPE, other)}
