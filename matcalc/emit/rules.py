"""Functions that bring their own derivative to JAX and to PyTorch: what stands around the emitted value and pullback.

The text of these templates is fixed but for names of parameters, which are identifiers, and literals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.emit.numpy_names import Names

VALUE, PULLBACK, PUSHFORWARD = "_value", "_pullback", "_pushforward"

_COTANGENT = '''
def _cotangent(d, value):
    """A cotangent in the type of its argument; an integer has none."""
    kind = jnp.result_type(value)
    return d.astype(kind) if jnp.issubdtype(kind, jnp.floating) else None


@jax.custom_vjp
def {name}({args}):
    {doc}
    return _value({args})


def _forward({args}):'''

_BACKWARD = '''


def _backward(kept, {along}):
    {unpacked} = kept
    {found} = _pullback({args}, {along})
    return {returned}


'''

_JAX = f'''{_COTANGENT}
    return _value({{args}}), {{packed}}{_BACKWARD}{{name}}.defvjp(_forward, _backward)
'''

_JAX_WITH_CONSTANTS = f'''{_COTANGENT}
    if {{varies}}:
        raise ValueError({{refusal}})
    kept = [argument.value for argument in {{packed}}]
    return _value(*kept), kept{_BACKWARD}{{name}}.defvjp(_forward, _backward, symbolic_zeros=True)
'''

_TORCH = '''
def _held(*arguments):
    """The arguments as tensors; a Python number in double precision, which does not count beside tensors with axes."""
    device = next((a.device for a in arguments if isinstance(a, torch.Tensor)), None)
    kinds = [torch.float64 if isinstance(a, (int, float)) else None for a in arguments]
    return [a if isinstance(a, torch.Tensor) else torch.as_tensor(a, dtype=kind, device=device) for a, kind in zip(arguments, kinds)]


def _moving(value, direction):
    """The direction in which an argument moves; zeros where it stands still."""
    return torch.zeros_like(value) if direction is None else direction


class _Rule(torch.autograd.Function):
    """The value, and the products of its derivatives with what arrives, backward and forward."""

    generate_vmap_rule = True

    @staticmethod
    def forward({args}):
        return _value({args})

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx, {along}):{check}
        if {along} is None:
            return {nothing}
        {unpacked} = ctx.saved_tensors
        {found} = _pullback({args}, {along})
        return {returned}

    @staticmethod
    def jvp(ctx, {directions}):{check_forward}
        {unpacked} = ctx.saved_tensors
        return _pushforward({args}, {moving})


def {name}({args}):
    {doc}
    return _Rule.apply(*_held({args}))
'''

_CHECK = '''
        if {varies}:
            raise ValueError({refusal})'''


def rule(target: str, name: str, args: Sequence[str], along: str, directions: Mapping[str, str], doc: str, refusal: str) -> str:
    """The text around `_value` and `_pullback`.

    Args:
        target: "jax" or "torch".
        name: of the function.
        args: its parameters.
        along: what the pullback calls the direction.
        directions: what the pushforward calls a direction of each parameter that the function is differentiable by; in the
            order in which the pullback gives cotangents.
        doc: the docstring.
        refusal: what is said where something else asks for a derivative by another parameter.
    """
    constants = [arg for arg in args if arg not in directions]
    pool = Names((*args, along, *directions.values()))
    cotangents = {arg: pool.numbered(f"d_{arg}") for arg in directions}
    parts = {"name": name, "along": along, "args": ", ".join(args), "doc": _docstring(doc), "refusal": repr(refusal), "packed": _tuple(args),
             "unpacked": _tuple(args) if len(args) == 1 else ", ".join(args), "found": ", ".join(cotangents.values())}
    if target == "jax":
        returned = [f"_cotangent({cotangents[arg]}, {arg})" if arg in cotangents else "None" for arg in args]
        varies = " or ".join(f"{arg}.perturbed" for arg in constants)
        return (_JAX_WITH_CONSTANTS if constants else _JAX).format(**parts, returned=_tuple(returned), varies=varies)
    moves = {arg: directions.get(arg) or pool.numbered(f"p_{arg}") for arg in args}
    checks = [" or ".join(f"ctx.needs_input_grad[{n}]" for n, arg in enumerate(args) if arg in constants),
              " or ".join(f"{moves[arg]} is not None" for arg in constants)]
    backward, forward = (_CHECK.format(varies=varies, refusal=repr(refusal)) if constants else "" for varies in checks)
    return _TORCH.format(**parts, returned=_tuple([cotangents.get(arg, "None") for arg in args]), check=backward, check_forward=forward,
                         nothing=_tuple(["None"] * len(args)),
                         directions=", ".join(moves.values()), moving=", ".join(f"_moving({arg}, {moves[arg]})" for arg in directions))


def _tuple(parts: Sequence[str]) -> str:
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _docstring(doc: str) -> str:
    safe = doc.replace("\\", "\\\\").replace('"""', "'''")
    lines = safe.splitlines()
    return '"""' + "\n".join([lines[0], *(f"    {line}" if line else "" for line in lines[1:]), "    "] if lines[1:] else lines) + '"""'
