from __future__ import annotations

from phoenix.steps.recipe.log import error_lines, last_words, logged_versions, warning_lines
from phoenix.steps.recipe.runner import head_and_tail

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


def test_of_a_trace_the_last_words_are_the_cause():
    log = """\
10:22:32 [ ERROR ] xsh_dfs_set_groups: [tid=000]     Unrecognized frame tag 'SKY'
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000] An error occurred, dumping error trace:
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000] \x20
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000] Illegal input
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000]  in [2]xsh_begin() at xsh_utils.c:1367
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000] \x20
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000] Illegal input
10:22:32 [ ERROR ] xsh_scired_slit_offset_exec: [tid=000]  in [1]xsh_scired() at xsh_scired.c:497
10:22:32 [ ERROR ] : [tid=000] Execution of recipe 'xsh_scired_slit_offset' failed, status = 1
"""
    assert last_words(log) == "Unrecognized frame tag 'SKY'; Illegal input"


def test_without_error_lines_the_last_words_are_the_last_lines():
    log = "\n".join(line for line in LOG.splitlines() if "ERROR" not in line)
    assert last_words(log).startswith("last logged: using the libraries")
    assert last_words(log).endswith("Creating master bias from 1 bias frames ...")


def test_an_empty_log_has_no_last_words():
    assert last_words("") == "it logged nothing"


def test_the_log_names_the_versions():
    assert logged_versions(LOG) == (("esorex", "3.13.6"), ("CPL", "7.2.3"), ("CFITSIO", "4.2.0"))


def test_a_line_without_end_is_quoted_in_part():
    (line,) = error_lines("[ ERROR ] giscience: " + "x" * 3_000_000)
    assert len(line) == 300
    assert line.endswith("(3000000 characters)")
    assert len(last_words("[ INFO ] giscience: " + "y" * 3_000_000)) < 400


def test_of_a_log_without_end_its_head_and_tail_are_kept(tmp_path):
    path = tmp_path / "recipe.log"
    path.write_bytes(b"first\n" + b"x" * 5000 + b"\nlast")
    text = head_and_tail(path, most=100)
    assert text.startswith("first\n")
    assert text.endswith("\nlast")
    assert "4911 bytes left out" in text
    assert head_and_tail(path, most=6000) == path.read_text()


# ---- warnings ----------------------------------------------------------------------------------


def warned(*texts):
    rows = [f"12:00:00 [WARNING] giscience: [tid=000] {text}" for text in texts]
    return "\n".join(["12:00:00 [ INFO  ] giscience: [tid=000] no WARNING", *rows])


def test_warnings_that_differ_in_numbers_alone_are_one():
    log = warned("fibre 1: no lines", "dark is 0.5", "fibre 12: no lines", "fibre 3: no lines")
    assert warning_lines(log) == ("fibre 1: no lines (and 2 alike)", "dark is 0.5")


def test_few_warnings_are_quoted_and_each_in_part():
    log = warned(*(f"{'x' * number} is odd" for number in range(1, 30)), "y" * 100_000)
    told = warning_lines(log)
    assert len(told) == 9
    assert told[-1] == "and 22 other warnings"
    (one,) = warning_lines(warned("y" * 100_000))
    assert len(one) == 200


def test_a_log_without_warnings_has_none():
    assert warning_lines("") == ()
    assert warning_lines(LOG.replace("WARNING", "INFO")) == ()


def test_keys_that_are_not_unique_are_one_warning():
    log = "".join(
        f"10:22:32 [WARNING] xsh: [tid=000] Non-unique FITS key(len=6): {key} ({number}/261)\n"
        for number, key in enumerate(("CRPIX1", "CRVAL1", "CDELT1", "HDUDOC"))
    )
    log += "10:22:32 [WARNING] xsh: [tid=000] Frame MASTER_DARK not provided\n"
    log += (
        "10:22:33 [WARNING] esorex: [tid=000] Recipe 'xsh' produced 5 warnings (excluding this)\n"
    )
    assert warning_lines(log) == (
        "Non-unique FITS key(len=6): CRPIX1 (0/261) (and 3 alike)",
        "Frame MASTER_DARK not provided",
    )
