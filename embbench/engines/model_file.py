"""A user's own model, named FILE.py:function. The file is read here, and executed in a worker only."""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from embbench.cases.regular_files import read_file
from embbench.engines.imported import source_errors
from embbench.errors import UsageError, unknown

HERE = Path(__file__).parent
WORKLOAD = "own_model"
UNCHANGED = "default"  # the update of the user's unmodified step
VOCAB = "vocab"  # the parameter of the function that sets the rows of its tables
FRAMEWORKS = {"keras": "keras", "tensorflow": "keras", "torch": "torch", "jax": "jax", "flax": "jax"}
EXAMPLE = "wlm.py:build"


class ModelFile(msgspec.Struct, frozen=True, kw_only=True):
    """path: of the file, absolute. function: builds the model. frameworks: that the file and the files beside it
    import, the most telling first. sized: whether the function has the parameter `vocab`. vocab: its default; None
    without a literal default. digest: of the file and of the files beside it that it imports.
    """

    path: str
    function: str
    frameworks: tuple[str, ...]
    sized: bool
    vocab: int | None
    digest: str

    @property
    def reference(self) -> str:
        return f"{self.path}:{self.function}"


def changes_of(framework: str) -> tuple[str, ...]:
    """Names of the changes that embbench can try on a model of the framework."""
    files = sorted((HERE / framework / "own_model" / "changes").glob("*.py"))
    return tuple(each.stem for each in files if not each.stem.startswith("_"))


def is_model(reference: str) -> bool:
    """Whether a text names a function in a file."""
    path, colon, function = reference.rpartition(":")
    return bool(colon) and path.endswith(".py") and function.isidentifier()


def check_reference(reference: str) -> str:
    """Returns the reference. Raises UsageError for a text that names no function in a file."""
    if is_model(reference):
        return reference
    if reference.endswith(".py"):
        raise UsageError(f"model {reference}: name the function too, such as {reference}:build")
    raise UsageError(f"model {reference}: name a file and its function, such as {EXAMPLE}")


def read_model(reference: str) -> ModelFile:
    """Reads the file of FILE.py:function. Raises UsageError for a reference, a file or a function that cannot be
    used.
    """
    file, _, function = check_reference(reference).rpartition(":")
    path = Path(file).resolve()
    tree = _parsed(path, file)
    sized, vocab = _parameter(_function(tree, function, file), file)
    sources = {path: path.read_bytes(), **{each: each.read_bytes() for each in _beside(path, tree)}}
    trees = (ast.parse(source) for source in sources.values())
    imported = {name.partition(".")[0] for each in trees for name in _imports(each)}
    frameworks = tuple(dict.fromkeys(FRAMEWORKS[name] for name in FRAMEWORKS if name in imported))
    if not frameworks:
        raise UsageError(f"model {file}: imports none of {', '.join(FRAMEWORKS)}; a model needs a framework")
    digest = hashlib.sha256(b"".join(sources[each] for each in sorted(sources))).hexdigest()[:12]
    return ModelFile(path=str(path), function=function, frameworks=frameworks, sized=sized, vocab=vocab, digest=digest)


def _parsed(path: Path, name: str) -> ast.Module:
    with source_errors(f"model {name}"):
        return ast.parse(read_file(path), filename=name)


def _function(tree: ast.Module, name: str, file: str) -> ast.FunctionDef | None:
    """The function; None for a name that the file assigns or imports. Raises UsageError for an unknown name."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name in functions:
        return functions[name]
    others = {
        *(target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
          if isinstance(target, ast.Name)),
        *(alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names),
    }  # fmt: skip
    if name not in others:
        raise UsageError(f"model {file}: " + unknown("function", name, functions))
    return None


def _parameter(function: ast.FunctionDef | None, file: str) -> tuple[bool, int | None]:
    """(whether the function has the parameter `vocab`, its default). Raises UsageError for another parameter without a
    default, which embbench could not fill.
    """
    if function is None:
        return False, None
    told = function.args
    places = [*told.posonlyargs, *told.args]
    defaults: list[ast.expr | None] = [None] * (len(places) - len(told.defaults)) + list(told.defaults)
    parameters = {each.arg: default for each, default in zip(places, defaults, strict=True)}
    parameters |= {each.arg: default for each, default in zip(told.kwonlyargs, told.kw_defaults, strict=True)}
    for name, default in parameters.items():
        if default is None and name != VOCAB:
            raise UsageError(
                f"model {file}: parameter {name} of {function.name} has no default, and embbench sets only {VOCAB}: "
                "give it a default"
            )
    return VOCAB in parameters, _number(parameters.get(VOCAB))


def _number(node: ast.expr | None) -> int | None:
    """The value of a literal whole number; None for anything else."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _beside(path: Path, tree: ast.Module) -> list[Path]:
    """The files in the folder of `path` that it imports, directly or through such files."""
    found, trees = [path], [tree]
    for each in trees:  # grows during the loop
        for name in _imports(each):
            part = path.parent.joinpath(*name.split("."))
            for file in (part.with_suffix(".py"), part / "__init__.py"):
                if file.is_file() and file not in found:
                    found.append(file)
                    trees.append(_parsed(file, str(file)))
    return found[1:]


def _imports(tree: ast.Module) -> Iterator[str]:
    """Names of modules that a file imports anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            yield from (name, *(f"{name}.{alias.name}".lstrip(".") for alias in node.names))
