"""Functions that bring their own derivative to JAX and to PyTorch: what stands around the emitted value and pullback.

The text of these templates is fixed but for names of parameters, which are identifiers, and literals.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.emit.numpy_names import Names

VALUE, PULLBACK = "_value", "_pullback"

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
def _held(value):
    """The argument as a tensor; a Python number in double precision, which does not count beside tensors with axes."""
    if isinstance(value, torch.Tensor):
        return value
    return torch.as_tensor(value, dtype=torch.float64 if isinstance(value, (int, float)) else None)


class _Rule(torch.autograd.Function):
    """The value, and in the backward pass the product of its derivatives with what arrives."""

    generate_vmap_rule = True

    @staticmethod
    def forward({args}):
        return _value({args})

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, {along}):{check}
        {unpacked} = ctx.saved_tensors
        {found} = _pullback({args}, {along})
        return {returned}


def {name}({args}):
    {doc}
    return _Rule.apply({held})
'''

_CHECK = '''
        if {varies}:
            raise ValueError({refusal})'''


def rule(target: str, name: str, args: Sequence[str], along: str, differentiable: Sequence[str], doc: str, refusal: str) -> str:
    """The text around `_value` and `_pullback`.

    Args:
        target: "jax" or "torch".
        name: of the function.
        args: its parameters.
        along: what the pullback calls the direction.
        differentiable: those that the pullback gives cotangents of, in its order.
        doc: the docstring.
        refusal: what is said where something else asks for a derivative by another parameter.
    """
    constants = [arg for arg in args if arg not in differentiable]
    pool = Names((*args, along))
    cotangents = {arg: pool.numbered(f"d_{arg}") for arg in differentiable}
    parts = {"name": name, "along": along, "args": ", ".join(args), "doc": _docstring(doc), "refusal": repr(refusal), "packed": _tuple(args),
             "unpacked": _tuple(args) if len(args) == 1 else ", ".join(args), "found": ", ".join(cotangents.values())}
    if target == "jax":
        returned = [f"_cotangent({cotangents[arg]}, {arg})" if arg in cotangents else "None" for arg in args]
        varies = " or ".join(f"{arg}.perturbed" for arg in constants)
        return (_JAX_WITH_CONSTANTS if constants else _JAX).format(**parts, returned=_tuple(returned), varies=varies)
    varies = " or ".join(f"ctx.needs_input_grad[{n}]" for n, arg in enumerate(args) if arg in constants)
    return _TORCH.format(**parts, returned=_tuple([cotangents.get(arg, "None") for arg in args]),
                         check=_CHECK.format(varies=varies, refusal=repr(refusal)) if constants else "",
                         held=", ".join(f"_held({arg})" for arg in args))


def _tuple(parts: Sequence[str]) -> str:
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _docstring(doc: str) -> str:
    safe = doc.replace("\\", "\\\\").replace('"""', "'''")
    lines = safe.splitlines()
    return '"""' + "\n".join([lines[0], *(f"    {line}" if line else "" for line in lines[1:]), "    "] if lines[1:] else lines) + '"""'
