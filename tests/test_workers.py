"""Every module that looks at a shared night stands in the table of `workers`."""

from __future__ import annotations

from workers import SAME_NIGHT, group_of

NIGHTS = {"good", "processed"}
FOLDERS = ("tests/giraffe/", "tests/line/", "tests/uves/")


def test_modules_that_look_at_the_same_night_go_to_the_same_worker(request):
    looking = {
        item.nodeid.partition("::")[0]
        for item in request.session.items
        if item.nodeid.startswith(FOLDERS) and NIGHTS & set(getattr(item, "fixturenames", ()))
    }
    assert {module for module in looking if group_of(module) not in SAME_NIGHT} == set()


def test_a_module_whose_tests_share_nothing_comes_apart():
    first, second = (f"tests/uves/test_faults.py::test_{name}" for name in "ab")
    assert group_of(first) != group_of(second)


def test_any_other_module_stays_together():
    assert group_of("tests/oca/test_parse.py::test_a") == group_of(
        "tests/oca/test_parse.py::test_b"
    )
