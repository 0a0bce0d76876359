"""Places for nodes, edges and their labels: layers from left to right, in which everything has a slot of its own.

A layer of nodes is followed by a layer of labels. An edge passes each layer between its ends in a slot of its own, and its
label takes one of them, so that no label meets a node, an edge or another label. The order of the slots, which decides how
many edges cross, is that of igraph's Sugiyama layout.

Source: Sugiyama, Tagawa and Toda, Methods for Visual Understanding of Hierarchical System Structures (1981); the positions
with given distances by isotonic regression, Barlow et al., Statistical Inference under Order Restrictions (1972).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from types import ModuleType

SLOT_GAP = 18.0
"""Between slots of one layer."""
LAYER_GAP = 26.0
"""Between layers, where edges bend."""
PASSING = 6.0
"""The height of the slot of an edge without a label."""
SWEEPS = 80
_STEEP = 0.2
"""What a climb adds to the gap between two layers."""
_STRAIGHT = 6.0
"""How much more an edge between two passing slots wants to be straight than one between nodes."""

_MAIN = 4.0
"""How much more an edge between intermediate variables wants to be straight than one from an input."""

Size = tuple[float, float]
Key = tuple[str, ...]


@dataclass
class Slot:
    """A rectangle in a layer: a node, or where an edge passes, with or without its label."""

    key: Key
    layer: int
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @property
    def is_node(self) -> bool:
        """Whether a node is in it."""
        return len(self.key) == 1


@dataclass
class Layout:
    """Slots by key: (node,), or (source, target, layer) of an edge.

    Attributes:
        slots: all slots.
        paths: the keys along each edge, from source to target.
        labels: the slot of the label of each edge that has one.
        columns: the width of each layer.
        width, height: of the whole.
    """

    slots: dict[Key, Slot] = field(default_factory=dict)
    paths: dict[tuple[str, str], list[Key]] = field(default_factory=dict)
    labels: dict[tuple[str, str], Key] = field(default_factory=dict)
    columns: dict[int, float] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def arrange(igraph: ModuleType, nodes: Mapping[str, Size], edges: Mapping[tuple[str, str], Size | None]) -> Layout:
    """A layered layout.

    Args:
        igraph: the library.
        nodes: the sizes of the nodes by name, each after those that it depends on.
        edges: the sizes of the labels by source and target, None for no label.
    """
    layers = _layers(list(nodes), list(edges))
    layout = Layout()
    for name, (width, height) in nodes.items():
        layout.slots[(name,)] = Slot((name,), 2 * layers[name], width, height)
    for (source, target), size in edges.items():
        _add_edge(layout, source, target, 2 * layers[source], 2 * layers[target], size)
    ordered = _ordered(igraph, layout)
    _place_across(layout, ordered)
    _place_along(layout, ordered)
    return layout


def _layers(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest path to each node; what nothing leads to stands right before its first use."""
    layers = dict.fromkeys(nodes, 0)
    for node in nodes:
        layers[node] = max((layers[s] + 1 for s, t in edges if t == node), default=0)
    inner = {t for _, t in edges}
    for node in nodes:
        if node not in inner:
            layers[node] = min((layers[t] - 1 for s, t in edges if s == node), default=0)
    return layers


def _add_edge(layout: Layout, source: str, target: str, start: int, stop: int, size: Size | None) -> None:
    keys: list[Key] = [(source, target, str(layer)) for layer in range(start + 1, stop)]
    for key in keys:
        layout.slots[key] = Slot(key, int(key[2]), 0.0, PASSING)
    layout.paths[source, target] = [(source,), *keys, (target,)]
    if size is not None:
        key = keys[2 * (len(keys) // 4)]
        layout.labels[source, target] = key
        layout.slots[key].width, layout.slots[key].height = size


def _ordered(igraph: ModuleType, layout: Layout) -> list[list[Slot]]:
    """The slots of each layer in an order with few crossings, each at the place that igraph gives it."""
    numbers = {key: n for n, key in enumerate(layout.slots)}
    steps = [(numbers[a], numbers[b]) for path in layout.paths.values() for a, b in pairwise(path)]
    graph = igraph.Graph(n=len(numbers), edges=steps, directed=True)
    places = graph.layout_sugiyama(layers=[slot.layer for slot in layout.slots.values()], maxiter=500).coords
    layers: dict[int, list[Slot]] = {}
    for (across, _), slot in zip(places, layout.slots.values(), strict=True):
        slot.y = float(across) * 60.0
        layers.setdefault(slot.layer, []).append(slot)
    return [sorted(layers[layer], key=lambda slot: slot.y) for layer in sorted(layers)]


def _place_across(layout: Layout, layers: Sequence[Sequence[Slot]]) -> None:
    """Every slot near the mean of its neighbours, with the distances that the sizes ask for; long edges made straight."""
    pulls: dict[Key, list[tuple[Key, float]]] = {key: [] for key in layout.slots}
    entered = {target for _, target in layout.paths}
    for (source, _), path in layout.paths.items():
        for a, b in pairwise(path):
            weight = (_STRAIGHT if len(a) == len(b) == 3 else 1.0) * (_MAIN if source in entered else 1.0)
            pulls[a].append((b, weight))
            pulls[b].append((a, weight))
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [_mean([(layout.slots[k].y, w) for k, w in pulls[slot.key]], slot.y) for slot in layer]
            weights = [sum(w for _, w in pulls[slot.key]) or 1.0 for slot in layer]
            for slot, y in zip(layer, _apart(layer, wanted, weights), strict=True):
                slot.y = y
    for path in layout.paths.values():
        _straighten(layout, layers, path)
    top = min(slot.y - slot.height / 2 for slot in layout.slots.values())
    for slot in layout.slots.values():
        slot.y -= top
    layout.height = max(slot.y + slot.height / 2 for slot in layout.slots.values())


def _straighten(layout: Layout, layers: Sequence[Sequence[Slot]], path: Sequence[Key]) -> None:
    """Moves the slots of an edge to one height, as far as those above and below leave room: in runs from its start."""
    run: list[Slot] = []
    low, high = -math.inf, math.inf
    for key in [*path[1:-1], None]:
        slot = None if key is None else layout.slots[key]
        above, below = (0.0, 0.0) if slot is None else _room(layers[slot.layer - layers[0][0].layer], slot)
        if slot is None or max(low, above) > min(high, below):
            for moved in run:
                moved.y = min(max(sum(s.y for s in run) / len(run), low), high) if moved is run[0] else run[0].y
            run, low, high = [], -math.inf, math.inf
        if slot is not None:
            run.append(slot)
            low, high = max(low, above), min(high, below)


def _room(layer: Sequence[Slot], slot: Slot) -> tuple[float, float]:
    """The least and the greatest height at which a slot keeps its distance from those beside it."""
    n = next(n for n, other in enumerate(layer) if other is slot)
    low, high = -math.inf, math.inf
    if n > 0:
        low = layer[n - 1].y + _distance(layer[n - 1], slot)
    if n + 1 < len(layer):
        high = layer[n + 1].y - _distance(slot, layer[n + 1])
    return min(low, slot.y), max(high, slot.y)


def _distance(above: Slot, below: Slot) -> float:
    return (above.height + below.height) / 2 + SLOT_GAP


def _mean(values: Sequence[tuple[float, float]], default: float) -> float:
    total = sum(weight for _, weight in values)
    return sum(value * weight for value, weight in values) / total if total else default


def _apart(layer: Sequence[Slot], wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The heights nearest to those wanted at which the slots of a layer keep their distances."""
    return spread(wanted, [0.0, *(_distance(a, b) for a, b in pairwise(layer))], weights)


def spread(wanted: Sequence[float], distances: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The places nearest to those wanted (least squares) that keep their order and distances, by isotonic regression.

    Args:
        wanted: places in order.
        distances: from each to the one before it; the first is not used.
        weights: how much each place matters.
    """
    offsets = list(accumulate([0.0, *distances[1:]]))
    blocks: list[tuple[float, float, int]] = []
    for value, offset, weight in zip(wanted, offsets, weights, strict=True):
        block = (value - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, mass, count = blocks.pop()
            total = mass + block[1]
            block = ((mean * mass + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    places = [mean for mean, _, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]


def _place_along(layout: Layout, layers: Sequence[Sequence[Slot]]) -> None:
    """Layers side by side, each as wide as its widest slot; slots are centred, and as wide as their layer where edges pass.

    Where an edge climbs far from one layer to the next, the gap between them is wider.
    """
    climbs: dict[int, float] = {}
    for path in layout.paths.values():
        for a, b in pairwise(path):
            left, right = layout.slots[a], layout.slots[b]
            climbs[left.layer] = max(climbs.get(left.layer, 0.0), abs(right.y - left.y))
    x = 0.0
    for layer in layers:
        width = max(slot.width for slot in layer)
        layout.columns[layer[0].layer] = width
        for slot in layer:
            slot.x = x + width / 2
            slot.width = slot.width if slot.is_node else width
        layout.width = x + width
        x = layout.width + LAYER_GAP + min(_STEEP * climbs.get(layer[0].layer, 0.0), 2 * LAYER_GAP)
