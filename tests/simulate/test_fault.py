from __future__ import annotations

import pytest

from phoenix.errors import SettingsError
from phoenix.model.dates import CivilDate
from phoenix.simulate.fault import Fault, with_faults
from phoenix.simulate.night import SimulationOptions, night_rng, night_time

TABLE = (
    Fault("double", "twice as much", "gate", lambda number: number * 2),
    Fault("one_more", "one more", "gate", lambda number: number + 1),
)


def test_faults_are_built_in_in_the_order_of_their_names():
    assert with_faults(3, ("double", "one_more"), TABLE) == 7
    assert with_faults(3, ("one_more", "double"), TABLE) == 8


def test_an_unknown_fault_is_refused_with_those_that_exist():
    with pytest.raises(SettingsError, match="found 'triple', expected one of double, one_more"):
        with_faults(3, ("triple",), TABLE)


@pytest.mark.parametrize("wrong", [{"size": "huge"}, {"seed": -1}])
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SimulationOptions(**wrong)


def test_every_part_of_a_night_draws_from_a_stream_of_its_own():
    date, options = CivilDate(2020, 1, 1), SimulationOptions()
    one, same, other = (night_rng(options, date, label).random() for label in (1, 1, 2))
    assert one == same != other


def test_a_night_has_its_midnight_on_the_next_calendar_day():
    assert night_time(CivilDate(2020, 12, 31), 1.5).isoformat() == "2021-01-01T01:30:00+00:00"
