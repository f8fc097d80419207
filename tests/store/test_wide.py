"""QC1 as a wide table: what ABs are searched by, values chosen, moments made by the database."""

from __future__ import annotations

import statistics

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phoenix.model.observation import Observation
from phoenix.model.qc import Measurement
from phoenix.store import Store
from phoenix.store.qc1.wide import Choice
from phoenix.store.schema import HEAD

OBSERVED = Observation("104.D-0314(A)", "NGC 104", "SIM_F1")
NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)


@pytest.fixture
def name(night):
    return night[0].name


def ids(store):
    return tuple(block.id for block in store.wide.blocks())


# ---- ABs -------------------------------------------------------------------------------------


def test_what_was_observed_stands_beside_the_ab(store, name):
    store.blocks.observed(name, OBSERVED, [("phoenix-idp", "0.1.0"), ("giraf", "2.16.10")])
    (found,) = (row for row in store.wide.blocks() if row.name == name)
    assert (found.obs_prog_id, found.target, found.ob_name) == (
        "104.D-0314(A)",
        "NGC 104",
        "SIM_F1",
    )
    assert found.versions == "phoenix-idp/0.1.0 giraf/2.16.10"


def test_an_ab_prepared_again_keeps_what_was_observed(store, night):
    store.blocks.observed(night[0].name, OBSERVED, [])
    store.blocks.save(night)
    assert store.wide.blocks()[0].target == "NGC 104"


def test_an_ab_without_products_was_not_observed_yet(store, night):
    assert {row.target for row in store.wide.blocks()} == {None}


def test_an_old_database_has_its_abs_and_nothing_of_what_was_observed(url):
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", "phoenix.store:migrations")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        insert = (
            "INSERT INTO ab (process, date, name, mode, recipe, raw_type, setup, obs_id, mjd_obs, "
            "completeness, checksum) VALUES ('P', '2020-01-01', 'X.ab', 'CALIB', 'r', 'BIAS', "
            "'', 0, 58849.0, 'COMPLETE', '')"
        )
        connection.execute(sa.text(insert))
        connection.commit()
    engine.dispose()
    with Store.open(url, "P") as store:
        assert [(row.name, row.target) for row in store.wide.blocks()] == [("X.ab", None)]
        assert store.qcflags.tables() == {}
    assert HEAD >= "0007"


# ---- values ----------------------------------------------------------------------------------


def test_every_parameter_that_was_measured_is_known_once(store, night):
    for block in night:
        store.qc1.replace(block.name, [Measurement(one, 1.0) for one in ("B", "A", "C")])
    assert store.wide.parameters() == ("A", "B", "C")


def test_an_empty_database_has_no_parameters(store):
    assert store.wide.parameters() == ()


@pytest.mark.parametrize(
    ("limits", "elements"),
    [
        ((("SNR", ">", 15.0),), {2, 3}),
        ((("SNR", "<=", 20.0), ("COUNTS", ">=", 200.0)), {2}),
        ((("NAME", "=", 1.0),), set()),
    ],
)
def test_values_are_chosen_by_numbers_of_the_same_element(store, name, limits, elements):
    rows = [Measurement("NAME", "star", fibre) for fibre in (1, 2, 3)]
    rows += [Measurement("SNR", 10.0 * fibre, fibre) for fibre in (1, 2, 3)]
    rows += [Measurement("COUNTS", 100.0 * fibre, fibre) for fibre in (1, 2, 3)]
    store.qc1.replace(name, rows)
    choice = Choice(ids(store), ("SNR",), elements=True, numbers=limits)
    assert {row[2] for row in store.wide.values(choice)} == elements


def test_values_are_chosen_by_the_number_of_the_element(store, name):
    store.qc1.replace(name, [Measurement("SNR", 1.0, fibre) for fibre in range(6)])
    choice = Choice(ids(store), elements=True, places=((">", 1.0), ("<=", 3.0)))
    assert {row[2] for row in store.wide.values(choice)} == {2, 3}


def test_elements_are_counted_once_whatever_was_measured_of_them(store, name):
    rows = [Measurement("A", 1.0, 1), Measurement("A", 1.0, 2)]
    store.qc1.replace(name, [*rows, Measurement("B", 1.0, 2), Measurement("B", 1.0, 3)])
    (found,) = store.wide.number(Choice(ids(store), elements=True)).values()
    assert found == 3


@given(values=st.lists(NUMBERS, min_size=2, max_size=8), offset=st.sampled_from([0.0, 1e9]))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moments_are_those_of_the_values_also_far_from_zero(store, name, values, offset):
    values = [offset + value for value in values]
    rows = [Measurement("X", value, place + 1) for place, value in enumerate(values)]
    store.qc1.replace(name, [*rows, Measurement("X", "text", 99), Measurement("X", None, 100)])
    (found,) = store.wide.moments(Choice(ids(store), elements=True), squares=True)
    assert (found.parameter, found.number) == ("X", len(values))
    assert found.total == pytest.approx(sum(values))
    assert (found.elements, found.first, found.last) == (len(values) + 2, 1, 100)
    own = statistics.variance(values) * (len(values) - 1)
    assert found.squares == pytest.approx(own, rel=1e-6, abs=1e-6)
