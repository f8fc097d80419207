"""The ways through the code are as docs/explanation/ways.md tells them."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import frozen

from phoenix import hookspecs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/ways.md").read_text("utf-8")
STEP = re.compile(
    r"^\d+\. (?:By `(?P<by>[^`]+)`: |(?P<back>Back in ))?`(?P<file>[^`]+)`,\s+`(?P<name>[^`]+)`:",
    re.MULTILINE,
)


@frozen
class Step:
    file: str
    name: str
    by: str = ""
    back: bool = False

    def __str__(self):
        return f"{self.file}:{self.name}"


@cache
def ways():
    """Title to steps."""
    parts = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)[1:]
    return {
        title: tuple(
            Step(one["file"], one["name"], one["by"] or "", bool(one["back"]))
            for one in STEP.finditer(text)
        )
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


STEPS = sorted({step for way in ways().values() for step in way}, key=str)
PAIRS = [pair for way in ways().values() for pair in pairwise(way)]
CALLED = [(one, other) for one, other in PAIRS if not (other.by or other.back)]
BY_NAME = [(one, other) for one, other in PAIRS if other.by]


def _pair(pair):
    return f"{pair[0]}->{pair[1]}"


@cache
def text(file):
    return (ROOT / file).read_text("utf-8")


@cache
def tree(file):
    return ast.parse(text(file))


@cache
def defined(file):
    """Names of functions, classes, methods and constants; of a template, blocks and macros."""
    if file.endswith(".html"):
        return set(re.findall(r"{% (?:macro|block) (\w+)", text(file)))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = set()
    for node in tree(file).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names.add(node.name)
            case ast.ClassDef():
                methods = [part.name for part in node.body if isinstance(part, functions)]
                names |= {node.name, *(f"{node.name}.{method}" for method in methods)}
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                names.add(name)
            case ast.ImportFrom():
                # phoenix.toolkit gives plugins some functions of phoenix.formats.
                names |= {alias.name for alias in node.names if alias.name in _exported(file)}
    return names


def _exported(file):
    lists = [
        node.value
        for node in tree(file).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return {name for one in lists for name in ast.literal_eval(one)}


@cache
def used(file):
    """Every name that stands in a file, as a name, an attribute, an argument or a text."""
    if file.endswith(".html"):
        return set(re.findall(r"[\w.]+|\w+", text(file))) | set(re.findall(r"\w+", text(file)))
    return _names(tree(file))


def _names(root):
    names = set()
    for node in ast.walk(root):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                names.add(name)
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.alias():
                names |= {node.name, node.asname or node.name}
                names |= set(node.name.split("."))
    return names | {name for _, name in _answers(root).values()}


def _answers(root):
    """Hooks that name what answers them, and where that is: module and name."""
    found = {}
    for node in ast.walk(root):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=hook)],
                value=ast.Call(
                    func=ast.Name(id="answered_by"), args=[_, ast.Constant(value=str(place))]
                ),
            ):
                module, _, name = place.partition(":")
                found[hook] = module, name
    return found


@cache
def called(file, name):
    """Names in a function and in all functions of its file that it calls, however far."""
    if file.endswith(".html"):
        return used(file)
    bodies = {hook: {name} for hook, (_, name) in _answers(tree(file)).items()}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef):
            bodies.setdefault(node.name, set()).update(_names(node) - {node.name})
    found, pending = set(), [name.rpartition(".")[2]]
    while pending:
        new = bodies.get(pending.pop(), set()) - found
        found |= new
        pending += new & bodies.keys()
    imports = _imports(file)
    # What a module only passes on, as phoenix.toolkit does with functions of phoenix.formats.
    passed_on = {name} & imports.keys()
    return {imports.get(one, one) for one in found} | passed_on


def _imports(file):
    """Names that a file gives to what it imports, and their names at home."""
    aliases = [
        alias
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return {alias.asname or alias.name: alias.name for alias in aliases}


@cache
def imported(file):
    """Modules that a file imports, by their files."""
    modules = {module for module, _ in _answers(tree(file)).values()}
    for node in ast.walk(tree(file)):
        match node:
            case ast.ImportFrom(module=str(module)):
                modules |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.Import():
                modules |= {alias.name for alias in node.names}
    return {f"{module.replace('.', '/')}.py" for module in modules}


def test_there_are_five_ways():
    assert len(ways()) == 5


@pytest.mark.parametrize("title", ways())
def test_every_numbered_line_of_a_way_is_a_step(title):
    part = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\d+\. ", part, re.MULTILINE)) == len(ways()[title])


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_the_file_of_a_step_exists(step):
    assert (ROOT / step.file).is_file()


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_the_function_of_a_step_is_defined_in_its_file(step):
    assert step.name in defined(step.file)


@pytest.mark.parametrize("pair", CALLED, ids=_pair)
def test_a_step_is_called_by_the_one_before(pair):
    one, other = pair
    assert other.name.rpartition(".")[2] in called(one.file, one.name)


@pytest.mark.parametrize(
    "pair",
    [(one, other) for one, other in CALLED if one.file != other.file and ".py" in other.file],
    ids=_pair,
)
def test_a_function_is_imported_by_the_file_of_the_step_before(pair):
    one, other = pair
    assert other.file in imported(one.file)


@pytest.mark.parametrize("pair", BY_NAME, ids=_pair)
def test_a_step_that_is_reached_by_a_name_shares_it_with_the_one_before(pair):
    one, other = pair
    names = used(other.file) | set(Path(other.file).parts)
    assert other.by in used(one.file) & names or other.by in _registered(one, other)


def _registered(one, other):
    """Return the name under which a file imports the next one."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree(one.file))
        if isinstance(node, ast.ImportFrom) and f"{node.module.replace('.', '/')}.py" == other.file
        for alias in node.names
    }
    return names & used(one.file)


@pytest.mark.parametrize("title", ways())
def test_a_way_goes_back_only_to_files_where_it_has_been(title):
    way = ways()[title]
    been = [(step, {earlier.file for earlier in way[:place]}) for place, step in enumerate(way)]
    assert [str(step) for step, files in been if step.back and step.file not in files] == []


def test_every_hook_that_a_way_names_exists():
    hooks = re.findall(r"hook\s+`(\w+)`", PAGE)
    assert set(hooks) <= set(hookspecs.__all__)


HOOKS = [step for step in STEPS if step.file == "phoenix_giraffe/__init__.py"]


@pytest.mark.parametrize("step", HOOKS, ids=str)
def test_a_step_in_the_package_of_the_plugin_is_a_hook(step):
    assert step.name in hookspecs.__all__
