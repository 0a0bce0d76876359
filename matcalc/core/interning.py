"""Immutable, interned nodes: structurally equal nodes are the same object.

Equality and hashing are by identity, so an expression is a DAG and every table keyed by node is linear in its size.
`key` is a digest of the structure: the one thing that nodes are ordered by, equal under every hash seed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from hashlib import blake2b
from threading import RLock
from typing import ClassVar, Self, cast
from weakref import WeakValueDictionary

from matcalc.core.limits import keep_time

RECENT = 8192
"""The last so many nodes are kept, with what tables know of them, for the next formula is often like the last one."""

_ONE_AT_A_TIME = RLock()
"""Two threads that make the same node get one: its identity is what tells it from others."""


class Node:
    """A head, its arguments, and data that tells nodes of one head apart.

    Attributes:
        head: the name of the primitive.
        args: the operands, nodes of the same language.
        data: hashable values (names, numbers, index tuples) with a deterministic `repr`.
        type: shape or axes: what the context may assume about the value.
        key: 16 bytes that identify the structure.
    """

    __slots__ = ("__weakref__", "args", "data", "head", "key", "type")

    head: str
    args: tuple[Self, ...]
    data: tuple[Hashable, ...]
    type: Hashable
    key: bytes

    _table: ClassVar[WeakValueDictionary[tuple[Hashable, ...], Node]] = WeakValueDictionary()
    _recent: ClassVar[deque[Node]] = deque(maxlen=RECENT)

    @classmethod
    def make(
        cls,
        head: str,
        args: tuple[Self, ...] = (),
        data: tuple[Hashable, ...] = (),
        type: Hashable = None,
    ) -> Self:
        """The one node with this structure. Checks nothing: `build` modules are the way in."""
        keep_time()
        identity = cast(tuple[Hashable, ...], (cls, head, args, data, type))
        found = cls._table.get(identity)
        if found is not None:
            return found  # type: ignore[return-value]
        node = object.__new__(cls)
        digest = blake2b(f"{head}{data!r}{type!r}".encode(), digest_size=16)
        for arg in args:
            digest.update(arg.key)
        for name, value in zip(
            ("head", "args", "data", "type", "key"),
            (head, args, data, type, digest.digest()),
            strict=True,
        ):
            object.__setattr__(node, name, value)
        with _ONE_AT_A_TIME:
            found = cls._table.get(identity)
            if found is not None:
                return found  # type: ignore[return-value]
            cls._table[identity] = node
        cls._recent.append(node)
        return node

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} nodes are immutable")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self).make, (self.head, self.args, self.data, self.type))

    def __repr__(self) -> str:
        inner = ", ".join([*(repr(d) for d in self.data), *(f"<{a.head}>" for a in self.args)])
        return f"{self.head}({inner})"
