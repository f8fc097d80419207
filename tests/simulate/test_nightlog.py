"""Night logs of simulated nights."""

from __future__ import annotations

import pytest

from phoenix.formats.nightlog import read_night_log
from phoenix.model.dates import CivilDate
from phoenix.simulate import Exposure, ObservationBlock, Template, night_time
from phoenix.simulate.nightlog import write_night_logs

DATE = CivilDate(2020, 1, 1)


def exposure(hours, ob_id, category="SCIENCE"):
    block = ObservationBlock(ob_id, "Star", "HD 1", "0104.D-0001(A)")
    start = night_time(DATE, hours)
    template = Template("obs", "Obs", start, 1)
    return Exposure("UVES", start, 600.0, category, "OBJECT", "ECHELLE", block, template)


def test_each_science_ob_has_one_log_beside_its_first_exposure(tmp_path):
    taken = [exposure(1, 8), exposure(-2, 7), exposure(-1, 7), exposure(2, 9, "CALIB")]
    paths = write_night_logs(tmp_path, DATE, taken)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "raw/2020-01-01/UVES.2020-01-01T22:00:00.000.NL.txt",
        "raw/2020-01-01/UVES.2020-01-02T01:00:00.000.NL.txt",
    ]
    first = read_night_log(paths[0])
    assert first.faults == ()
    assert [(ob.ob_id, ob.grade, len(ob.files)) for ob in first.blocks] == [(7, "A", 2)]


@pytest.mark.parametrize(("day", "grade"), [(1, "A"), (2, "B"), (3, "C"), (4, "D"), (5, "A")])
def test_the_grade_goes_by_the_night(tmp_path, day, grade):
    (path,) = write_night_logs(tmp_path, CivilDate(2020, 1, day), [exposure(0, 7)])
    assert read_night_log(path).blocks[0].grade == grade


def test_a_night_of_calibrations_has_no_log_and_no_folder(tmp_path):
    assert write_night_logs(tmp_path, DATE, [exposure(0, 7, "CALIB")]) == ()
    assert not list(tmp_path.iterdir())
