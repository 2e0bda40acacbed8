"""The rules of the house, each a pure function from a project's root to its breaches.

A breach is one line that names the file and what is wrong. ``tests/test_architecture.py``
holds the project to the rules, and holds the rules to samples that break them.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_FILE = 500
MAX_FUNCTION = 60
CATCH_ALLS = frozenset({"helper", "helpers", "misc", "util", "utils"})

NEVER_IMPORTED = {
    "asgiref": "dash imports it for asynchronous layouts",
    "bootstrap-flask": "its static files are served",
    "fastapi-offline": "its static files are served",
    "openpyxl": "pandas reads XLSX by it",
    "psycopg": "SQLAlchemy loads it by the database's address",
}
"""Dependencies that no module names in an import, and what they are there for."""

UNREAD_MODULES = {
    "common/tasks": "holds nothing but the words of each kind of task",
    "common/metric_names.py": "holds nothing but the names of metrics and how their values are written",
    "common/charts/template.py": "holds colours, sizes and the names of fonts",
    "pages/prediction/snippets.py": "holds programs",
}
"""Parts of ``web/ui`` whose strings are words by rights, or none."""

UNREAD_ATTRIBUTES = frozenset(
    [
        "className",
        "id",
        "role",
        "style",
        "key",
        "pattern",
        "content",
        "cache-control",
        "hovermode",
        "textposition",
        "look",
        "xref",
        "yref",
    ]
)
UNREAD_CALLS = re.compile(
    r"(logg(er|ing)\.\w+|re\.\w+|classes|html\.Code|report|TypedDict|"
    r"(Type|Value|Key|Index|Lookup|Runtime|Assertion|FileNotFound)Error)"
)
"""What takes strings that are not read on a page, or are no words: commands, names of classes, log messages."""

Rule = Callable[[Path], list[str]]


def small_files(root: Path) -> list[str]:
    """No module of the package is longer than MAX_FILE lines."""
    lengths = ((path, len(path.read_text("utf-8").splitlines())) for path in _modules(root))
    return [f"{_name(root, path)}: {length} lines" for path, length in lengths if length > MAX_FILE]


def small_functions(root: Path) -> list[str]:
    """No function of the package is longer than MAX_FUNCTION lines."""
    return [
        f"{_name(root, path)}:{node.lineno}: {node.name} has {_length(node)} lines"
        for path, tree in _trees(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > MAX_FUNCTION
    ]


def named_for_one_thing(root: Path) -> list[str]:
    """No module is named for everything and nothing."""
    return [
        f"{_name(root, path)}: says nothing about what it holds"
        for path in _modules(root)
        if path.stem in CATCH_ALLS or path.parent.name in CATCH_ALLS
    ]


def documented(root: Path) -> list[str]:
    """Modules and public functions and classes at their top level have docstrings."""
    return [
        f"{_name(root, path)}: {getattr(node, 'name', 'the module')} has no docstring"
        for path, tree in _trees(root)
        if path.read_text("utf-8").strip()
        for node in [tree, *tree.body]
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not getattr(node, "name", "").startswith("_")
        and ast.get_docstring(node) is None
    ]


def finished(root: Path) -> list[str]:
    """Nothing stands for work that has not been done, and no test is left out."""
    # A letter in brackets keeps this line from being found by itself.
    marks = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|raise NotImplementedErro[r]|pytest\.(skip|xfail)|mark\.(skip|xfail))")
    return [
        f"{_name(root, path)}:{number}: {line.strip()}"
        for folder in ("app", "tests", "benchmarks", "models")
        for path in _python(root / folder)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]


def errors_not_swallowed(root: Path) -> list[str]:
    """No handler catches everything and does nothing."""
    return [
        f"{_name(root, path)}:{node.lineno}: swallows every error"
        for path, tree in _trees(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and _catches_everything(node)
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]


def settings_read_in_one_place(root: Path) -> list[str]:
    """Only ``app/modeldesk/core/settings.py`` reads ``MODELDESK_*`` from the environment."""
    return [
        f"{_name(root, path)}:{node.lineno}: reads the environment's {name}"
        for path, tree in _trees(root)
        if path != root / "app" / "modeldesk" / "core" / "settings.py"
        for node in ast.walk(tree)
        for name in _environment_names(node)
        if name.startswith("MODELDESK_")
    ]


def no_outside_address(root: Path) -> list[str]:
    """Nothing that a browser gets names an address of another host (namespaces are no addresses)."""
    address = re.compile(r"(?:https?:)?//(?!www\.w3\.org/|localhost|127\.0\.0\.1)[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
    files = list(_python(root / "app" / "modeldesk" / "web" / "ui"))
    files += [path for path in (root / "assets").rglob("*") if path.suffix in (".css", ".js", ".svg", ".html")]
    return [
        f"{_name(root, path)}:{number}: {found.group()}"
        for path in sorted(files)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := address.search(line))
    ]


def style_sheets_find_their_files(root: Path) -> list[str]:
    """An address in a style sheet leads to a file, from where the style sheet is."""
    return [
        f"{_name(root, path)}: no file {address}"
        for path in sorted((root / "assets").rglob("*.css"))
        for address in re.findall(r"url\([\"']?(?!data:|#)([^\"')]+)", path.read_text("utf-8"))
        if not (path.parent / address).is_file()
    ]


def locks_hold_no_address(root: Path) -> list[str]:
    """Lock files pin with hashes, and know neither an index nor a folder of wheels."""
    breaches = []
    for path in sorted(root.glob("requirements*.lock")):
        text = path.read_text("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host", line):
                breaches.append(f"{path.name}:{number}: {line.strip()}")
        pins = re.split(r"\n(?=[a-zA-Z0-9])", re.sub(r"(?m)^\s*#.*$\n?", "", text).strip())
        breaches += [
            f"{path.name}: no hash for {pin.split()[0]}" for pin in pins if pin and "--hash=sha256:" not in pin
        ]
    return breaches


def locks_agree(root: Path) -> list[str]:
    """What runs is what was tested: the locks pin the same version of what they share.

    urllib3 is the one exception: the browser driver that dash's test plugin asks for needs
    the old line, which must not be installed where Modeldesk serves.
    """
    tested = _pins(root / "requirements-test.lock")
    return [
        f"{path.name}: {name} {version}, but {tested[name]} in requirements-test.lock"
        for path in sorted(root.glob("requirements*.lock"))
        for name, version in _pins(path).items()
        if name != "urllib3" and version != tested.get(name, version)
    ]


def dependencies_are_what_is_imported(root: Path) -> list[str]:
    """What the package and the bundled models import is declared, and what is declared is imported."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    required = {_distribution(line) for line in project["dependencies"]}
    extras = {_distribution(line) for lines in project.get("optional-dependencies", {}).values() for line in lines}
    known = importlib.metadata.packages_distributions()
    imported: dict[str, str] = {}
    for path in [*_modules(root), *root.glob("models/*/train.py")]:
        for module in _imported(ast.parse(path.read_text("utf-8"))):
            if module not in sys.stdlib_module_names and module != "modeldesk":
                imported.setdefault(module, _name(root, path))
    given = {module: {_canonical(name) for name in known.get(module, [module])} for module in imported}
    breaches = [
        f"{where}: imports {module}, which pyproject.toml does not name"
        for module, where in imported.items()
        if not given[module] & (required | extras)
    ]
    used = set().union(*given.values())
    return breaches + [
        f"pyproject.toml: {name} is not imported" for name in sorted(required - used - NEVER_IMPORTED.keys())
    ]


def no_path_of_a_machine(root: Path) -> list[str]:
    """No file holds a path that exists on one machine only."""
    here = re.compile(r"(?<![\w.$~-])/(?:roo[t]|hom[e]/[a-z]+|wor[k]|far[m]|User[s]/[A-Za-z]+)/")
    suffixes = {
        ".py",
        ".toml",
        ".md",
        ".yml",
        ".yaml",
        ".css",
        ".js",
        ".lock",
        ".conf",
        ".ini",
        ".cfg",
        ".mako",
        ".sh",
        "",
    }
    return [
        f"{_name(root, path)}:{number}: {found.group()}"
        for path in _all_files(root)
        if path.suffix in suffixes
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if (found := here.search(line))
    ]


def tasks_answer_for_themselves(root: Path) -> list[str]:
    """Only a kind of task itself, and its words for pages, know which kind it is; others ask what it can.

    Outside of these modules no comparison, choice or table names a kind by its key, and none asks for its
    class. An ``objective`` is a library's own word.
    """
    package = root / "app" / "modeldesk"
    rooms = (package / "model_service" / "tasks", package / "web" / "ui" / "common" / "tasks")
    keys = _task_keys(rooms[0] / "__init__.py")
    return [
        f"{_name(root, path)}:{node.lineno}: tells kinds of tasks apart: {ast.unparse(node)[:80]}"
        for path, tree in _trees(root)
        if not any(room in path.parents for room in rooms)
        for node in ast.walk(tree)
        if _names_a_task(node, keys)
    ]


def words_in_one_place(root: Path) -> list[str]:
    """What a person reads on a page stands in a ``text.py`` (or ``NAME_text.py``) of the page or of common parts.

    Elsewhere no string has a word beside a blank, and none is one word that begins as a label does. Not
    read on a page are docstrings, annotations, names of classes, ids and styles, patterns, commands, messages
    for the log and errors of programming.
    """
    pages = root / "app" / "modeldesk" / "web" / "ui"
    return [
        f"{_name(root, path)}:{node.lineno}: {ast.unparse(node)[:80]}"
        for path, tree in _trees(root)
        if pages in path.parents
        and not path.name.endswith("text.py")
        and not any(pages / room in (path, *path.parents) for room in UNREAD_MODULES)
        for node in _read_by_people(tree)
    ]


ALL: tuple[Rule, ...] = (
    small_files,
    small_functions,
    named_for_one_thing,
    documented,
    finished,
    errors_not_swallowed,
    settings_read_in_one_place,
    no_outside_address,
    style_sheets_find_their_files,
    locks_hold_no_address,
    locks_agree,
    dependencies_are_what_is_imported,
    no_path_of_a_machine,
    tasks_answer_for_themselves,
    words_in_one_place,
)


def _python(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "versions" not in path.parts)


def _modules(root: Path) -> Iterator[Path]:
    return _python(root / "app")


def _trees(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in _modules(root):
        yield path, ast.parse(path.read_text("utf-8"), str(path))


def _all_files(root: Path) -> Iterator[Path]:
    made = {"__pycache__", "node_modules", "build", "dist", "var", "versions"}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".env.example") for part in parts)
        if path.is_file() and not hidden and not made & set(parts):
            yield path


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _catches_everything(node: ast.ExceptHandler) -> bool:
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))


def _environment_names(node: ast.AST) -> Iterator[str]:
    """The constant names in ``os.environ[...]`` (read), ``os.environ.get(...)`` and ``os.getenv(...)``."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == "os.environ":
        asked: list[ast.expr] = [node.slice]
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.getenv", "os.environ.get"):
        asked = node.args[:1]
    else:
        return
    for argument in asked:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _task_keys(path: Path) -> frozenset[str]:
    """The keys of the table of kinds of tasks."""
    if not path.is_file():
        return frozenset()
    return frozenset(
        key.value
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MODULES"
        for key in getattr(node.value, "keys", ())
        if isinstance(key, ast.Constant)
    )


def _names_a_task(node: ast.AST, keys: frozenset[str]) -> bool:
    """Whether a comparison, a case, a table, a list of several or the choice of a class names a kind of task."""
    match node:
        case ast.Compare(left=ast.Name(id="objective")):
            return False
        case ast.Compare():
            return bool(_words(node) & keys)
        case ast.MatchValue(value=value):
            return bool(_words(value) & keys)
        case ast.Dict(keys=parts):
            return any(_words(part) & keys for part in parts if isinstance(part, ast.Constant))
        case ast.Subscript(slice=part):
            return bool(_words(part) & keys)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return len({word for part in parts if isinstance(part, ast.Constant) for word in _words(part)} & keys) > 1
        case ast.Call(func=function, args=[ast.Constant(value=str(word)), *_]) if word in keys:
            return ast.unparse(function).rpartition(".")[2] in ("get", "task_of")
        case ast.ImportFrom(module=str(module), names=names) if ".tasks." in module:
            classes = {key.capitalize() for key in keys} | {"TASK", "VIEW"}
            return bool({alias.name for alias in names} & classes)
    return False


def _words(tree: ast.AST) -> set[str]:
    """The texts in an expression."""
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def _read_by_people(tree: ast.AST) -> Iterator[ast.expr]:
    """The strings below a node that hold words for people."""
    match tree:
        case ast.Constant(value=str(text)):
            if _is_worded(text):
                yield tree
            return
        case ast.JoinedStr(values=values):
            if _is_worded("".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in values)):
                yield tree
            parts: list[ast.AST] = [part for part in values if isinstance(part, ast.FormattedValue)]
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Call(func=function, keywords=keywords) if UNREAD_CALLS.fullmatch(ast.unparse(function)):
            parts = list(keywords)
        case ast.Call(func=function) if ast.unparse(function) == "formats.count":
            yield tree
            return
        case ast.keyword(arg=name) if name in UNREAD_ATTRIBUTES:
            return
        case ast.Subscript(slice=index) if isinstance(index, ast.Constant) or ast.unparse(tree.value) == "Literal":
            parts = [tree.value]
        case ast.AnnAssign(value=value):
            parts = [] if value is None else [value]
        case ast.arg():
            return
        case ast.Dict(keys=keys, values=values):
            named = zip(keys, values, strict=True)
            parts = [
                value for key, value in named if not (isinstance(key, ast.Constant) and key.value in UNREAD_ATTRIBUTES)
            ]
        case ast.DictComp(value=value, generators=generators):
            parts = [value, *generators]
        case _:
            parts = list(ast.iter_child_nodes(tree))
    for part in parts:
        yield from _read_by_people(part)


def _is_worded(text: str) -> bool:
    """Whether a text is a label, or a word stands beside a blank; ``\\0`` is a placeholder."""
    if re.fullmatch(r"[A-Z][a-z]+[…:.?]?", text):
        return True
    if text.startswith("<!"):  # the document around all pages
        return False
    tokens = text.split(" ")
    if any(re.fullmatch(r"(md|btn|text|bg|border|d|me|ms|mb|mt)-[a-z0-9-]+", token) for token in tokens):
        return False  # names of classes
    return len(tokens) > 1 and any(re.fullmatch(r"[(“\"]?[A-Za-z]?[a-z’']+[,.:;?!)”\"…]*", token) for token in tokens)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _canonical(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _distribution(requirement: str) -> str:
    return _canonical(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def _pins(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return dict(re.findall(r"(?m)^([a-z0-9.-]+)==([^\s;]+)", path.read_text("utf-8")))
