"""The measures of the house: what CONTRIBUTING promises of modules and functions."""

import ast
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
ROOMS = ("line", "steps", "oca")
MODULES = sorted(
    path
    for folder in (*ROOT.glob("phoenix*"), ROOT / "benchmarks", ROOT / "tools")
    for path in folder.rglob("*.py")
)


def long_functions(text: str, most: int) -> list[str]:
    """Name functions of more lines than `most`; docstrings and decorators do not count."""
    functions = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [f"{one.name}: {lines(one)}" for one in functions if lines(one) > most]


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    said = function.body[0]
    return whole - ((said.end_lineno or said.lineno) - said.lineno + 1)


def test_there_are_modules_to_look_at():
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} >= {"phoenix", "phoenix_uves"}


def test_no_function_is_longer_than_forty_lines_without_its_docstring():
    found = {str(path.relative_to(ROOT)): long_functions(path.read_text(), 40) for path in MODULES}
    assert {path: names for path, names in found.items() if names} == {}


def test_no_module_is_longer_than_four_hundred_lines():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {path: size for path, size in sizes.items() if size > 400} == {}


def test_no_room_of_the_line_the_steps_and_the_rule_language_has_more_than_seventeen_modules():
    folders = Counter(
        path.parent.relative_to(ROOT)
        for path in MODULES
        if path.name != "__init__.py"
        and path.relative_to(ROOT).parts[:2] in {("phoenix", room) for room in ROOMS}
    )
    assert {str(folder): count for folder, count in folders.items() if count > 17} == {}


def test_no_modules_import_each_other_in_a_circle_for_their_types_neither():
    packages = [path.parent.name for path in ROOT.glob("phoenix*/__init__.py")]
    graph = grimp.build_graph(*packages)
    imports = {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        raise AssertionError(" <- ".join(error.args[1])) from error


def test_a_docstring_does_not_count():
    text = 'def f():\n    """Say.\n\n    More.\n    """\n    return 1\n'
    assert long_functions(text, 2) == []
    assert long_functions(text, 1) == ["f: 2"]
