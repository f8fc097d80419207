from __future__ import annotations

from phoenix.steps.recipe.log import error_lines, last_words, logged_versions

LOG = """
Start time     : 2026-11-20T10:20:15
10:20:15 [ INFO  ] : [tid=000] This is EsoRex, version 3.13.6
10:20:15 [ INFO  ] : [tid=000] using the libraries: CPL = 7.2.3, CFITSIO = 4.2.0, WCSLIB
10:20:15 [ INFO  ] gimasterbias: [tid=000] Creating master bias from 1 bias frames ...
10:20:16 [ ERROR ] gimasterbias: [tid=000] Not enough raw bias Images [1, need 2], aborting...
10:20:16 [ ERROR ] : [tid=000] Execution of recipe 'gimasterbias' failed, status = 1
"""


def test_error_lines_leave_out_the_echoes_of_esorex():
    assert error_lines(LOG) == ("Not enough raw bias Images [1, need 2], aborting...",)


def test_lines_of_the_terminal_are_understood():
    assert error_lines("[ ERROR ] gimasterbias: No such frame\n") == ("No such frame",)


def test_a_harmless_error_line_is_left_out():
    log = "10:00:00 [ ERROR ] giscience: [tid=000] Missing dark value property (ESO PRO)\n"
    assert error_lines(log) != ()
    assert error_lines(log, ["Missing dark value property"]) == ()


def test_an_assertion_of_glib_is_an_error_line():
    assert error_lines("** (process:1): GiraffeLib-ERROR **: aborting\n") != ()


def test_the_word_error_in_a_message_is_no_error_line():
    assert error_lines("10:00:00 [ INFO  ] x: [tid=000] Computing error frame\n") == ()


def test_the_last_words_are_the_error_lines():
    assert last_words(LOG) == "Not enough raw bias Images [1, need 2], aborting..."


def test_without_error_lines_the_last_words_are_the_last_lines():
    log = "\n".join(line for line in LOG.splitlines() if "ERROR" not in line)
    assert last_words(log).startswith("last logged: using the libraries")
    assert last_words(log).endswith("Creating master bias from 1 bias frames ...")


def test_an_empty_log_has_no_last_words():
    assert last_words("") == "it logged nothing"


def test_the_log_names_the_versions():
    assert logged_versions(LOG) == (("esorex", "3.13.6"), ("CPL", "7.2.3"), ("CFITSIO", "4.2.0"))
