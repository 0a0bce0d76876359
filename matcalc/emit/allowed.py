"""What emitted source may consist of: it is read again and held to these lists before it is compiled.

The lists say what arithmetic on arrays needs. Nothing in them opens a file, reaches an attribute that begins with an
underscore, or calls a name that is not a function of the module, of NumPy or of the few builtins.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from types import EllipsisType

from matcalc.core.python import read_module

NODES = frozenset((
    "Module", "Import", "ImportFrom", "alias", "FunctionDef", "ClassDef", "arguments", "arg", "Return", "Assign", "AugAssign", "If", "For", "Raise", "Expr",
    "Name", "Load", "Store", "Constant", "Attribute", "Subscript", "Slice", "Tuple", "List", "Call", "Starred", "keyword",
    "JoinedStr", "FormattedValue", "BinOp", "UnaryOp", "BoolOp", "Compare", "IfExp", "Add", "Sub", "Mult", "Div", "FloorDiv", "Pow", "MatMult",
    "Mod", "USub", "Invert", "Not", "And", "Or", "Is", "IsNot", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "In", "NotIn",
))
"""Kinds of syntax: straight-line arithmetic, checks of arguments, loops over a range, classes with buffers."""

MODULES = frozenset(("numpy", "math", "jax", "jax.numpy", "torch"))
NAMES: Mapping[str, frozenset[str]] = {
    "scipy.linalg": frozenset(("blas", "lapack")), "array_api_compat": frozenset(("array_namespace", "device"))}
"""What may be imported from a package: modules of routines, and what tells the library of an array."""

BUILTINS = frozenset(("TypeError", "ValueError", "abs", "float", "int", "isinstance", "len", "map", "max", "min", "range", "sum", "tuple", "type", "zip"))

ATTRIBUTES = frozenset((
    # of arrays
    "T", "astype", "char", "copy", "dot", "dtype", "fill", "flat", "kind", "max", "min", "ndim", "ravel", "reshape", "shape", "size",
    "strides", "sum", "swapaxes", "transpose", "type",
    # of NumPy
    "abs", "add", "all", "any", "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "array", "asarray",
    "ascontiguousarray", "atleast_1d", "bool_", "broadcast_to", "ceil", "clip", "column_stack", "concatenate", "copysign", "copyto",
    "cos", "cosh", "cumsum", "diag", "diagonal", "divide", "e", "einsum", "empty", "empty_like", "equal", "exp", "expand_dims", "expm1",
    "eye", "fill_diagonal", "finfo", "float32", "float64", "floor", "full", "full_like", "greater", "greater_equal", "heaviside", "hstack",
    "identity", "inf", "inner", "isfinite", "isnan", "issubdtype", "floating", "kron", "less", "less_equal", "linalg", "log", "log1p",
    "logaddexp", "matmul", "maximum", "mean", "minimum", "moveaxis", "multiply", "nan", "ndarray", "negative", "newaxis", "number",
    "ones", "ones_like", "outer", "pi", "power", "prod", "promote_types", "reciprocal", "repeat", "result_type", "sign", "signbit", "sin",
    "sinh", "sqrt", "square", "squeeze", "stack", "subtract", "tan", "tanh", "tensordot", "tile", "trace", "tril", "triu", "true_divide",
    "vdot", "vectorize", "vstack", "where", "zeros", "zeros_like",
    # of numpy.linalg
    "LinAlgError", "cholesky", "det", "inv", "lstsq", "matrix_power", "norm", "slogdet", "solve",
    # of the flags of an array, of BLAS and of LAPACK
    "flags", "c_contiguous", "f_contiguous",
    "ddot", "dgemv", "dsymv", "dgemm", "dsyrk", "dger", "dgetrf", "dgetrs", "dgetri", "dpotrf", "dpotrs", "dpotri",
    # of math
    "erf", "erfc", "frexp", "gamma", "ldexp", "lgamma",
    # of the array API standard
    "acos", "asin", "atan", "bool", "concat", "isdtype", "matrix_transpose", "permute_dims", "pinv", "vecdot", "vector_norm",
    # of JAX
    "complexfloating", "expm", "logsumexp", "nn", "pad", "relu", "scipy", "sigmoid", "softmax", "softplus", "special",
    # of PyTorch
    "Tensor", "as_tensor", "cat", "clamp", "clone", "device", "functional", "get_default_dtype", "is_complex", "is_floating_point",
    "matrix_exp", "new_full", "new_ones", "new_tensor", "new_zeros", "permute", "to",
))
"""Attributes of arrays and of modules."""


class NotAllowed(RuntimeError):
    """Emitted source has something that is not on the lists: a fault of an emitter, never of the input."""


def check_source(source: str) -> ast.Module:
    """The syntax tree of emitted source.

    Raises:
        NotAllowed: for what is not on the lists.
    """
    tree = read_module(source)
    imported: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            imported |= {_imported(alias) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {alias.name for alias in node.names}
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign) and not _is_text(node):
            raise NotAllowed(f"a module of emitted code has no {type(node).__name__}")
    parts = list(ast.walk(tree))
    known, own = {*imported, *BUILTINS, *_bound(parts)}, _own(tree)
    for part in parts:
        _check(part, known, own)
    return tree


def _imported(alias: ast.alias) -> str:
    if alias.name not in MODULES:
        raise NotAllowed(f"emitted code imports {alias.name}")
    return alias.asname or alias.name


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _bound(parts: Iterable[ast.AST]) -> Iterator[str]:
    """The names that functions, parameters and assignments give."""
    for node in parts:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _own(tree: ast.Module) -> set[int]:
    """The attributes that an object of an emitted class has of itself: what its constructor sets, where it is read and set."""
    found: set[int] = set()
    for definition in tree.body:
        if not isinstance(definition, ast.ClassDef):
            continue
        reached = [node for node in ast.walk(definition) if isinstance(node, ast.Attribute)
                   and isinstance(node.value, ast.Name) and node.value.id == "self" and not node.attr.startswith("__")]
        given = {node.attr for node in reached if isinstance(node.ctx, ast.Store)}
        found |= {id(node) for node in reached if node.attr in given}
    return found


def _check(node: ast.AST, known: set[str], own: set[int]) -> None:
    """Refuses one node that is not on the lists."""
    kind = type(node).__name__
    if kind not in NODES:
        raise NotAllowed(f"emitted code has a {kind}")
    if isinstance(node, ast.Name):
        if node.id not in known or not _is_plain(node) or not node.id.isascii():
            raise NotAllowed(f"emitted code uses the name {node.id}")
    elif isinstance(node, ast.Attribute):
        if id(node) not in own and node.attr not in ATTRIBUTES:
            raise NotAllowed(f"emitted code reaches the attribute {node.attr}")
        if id(node) not in own and not isinstance(node.ctx, ast.Load):
            raise NotAllowed(f"emitted code sets the attribute {node.attr}")
    elif isinstance(node, ast.Constant):
        if not isinstance(node.value, str | int | float | EllipsisType | None):
            raise NotAllowed(f"emitted code has a constant of type {type(node.value).__name__}")
    elif isinstance(node, ast.stmt):
        _check_statement(node)


def _check_statement(node: ast.stmt) -> None:
    """Refuses definitions and imports that are not on the lists."""
    if isinstance(node, ast.ClassDef) and not _is_plain_class(node):
        raise NotAllowed("emitted classes are plain")
    if isinstance(node, ast.FunctionDef) and (node.decorator_list or node.returns or node.args.kwonlyargs or node.args.vararg):
        raise NotAllowed("emitted functions are plain")
    if isinstance(node, ast.Import) and not all(alias.name in MODULES for alias in node.names):
        raise NotAllowed("emitted code imports the library of its arrays and math alone")
    if isinstance(node, ast.ImportFrom) and not _is_listed(node):
        raise NotAllowed(f"emitted code imports from {node.module}")


def _is_listed(node: ast.ImportFrom) -> bool:
    """Whether an import is one of the names that a package is known for, under their own names."""
    names = NAMES.get(node.module or "", frozenset())
    return node.level == 0 and all(a.name in names and a.asname is None for a in node.names)


def _is_plain(node: ast.Name) -> bool:
    """Whether a name is none of Python's own; a module may say which names are public."""
    return not node.id.startswith("__") or (node.id == "__all__" and isinstance(node.ctx, ast.Store))


def _is_plain_class(node: ast.ClassDef) -> bool:
    """Whether a class is a constructor and a call, and nothing else."""
    methods = [part for part in node.body if not _is_text(part)]
    return not (node.bases or node.keywords or node.decorator_list) and all(
        isinstance(part, ast.FunctionDef) and part.name in ("__init__", "__call__") for part in methods)
