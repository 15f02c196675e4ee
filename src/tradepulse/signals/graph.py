"""The signal graph as data: nodes that only see the past, with a hash, to JSON and back.

Nodes are interned: an expression written twice is one object, so identical sub-expressions are
computed once within a strategy and across all parameter sets of a sweep.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

from tradepulse.domain.configuration import canonical_json
from tradepulse.domain.errors import DataError
from tradepulse.signals.operations import FROM_ABOVE, INTERNAL, OPERATIONS, Kind, Operation
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES

Number = int | float
Params = tuple[Number | str, ...]

BASE = ""
FORMAT = 1
FRAME = re.compile(r"^(x[1-9]\d*|[1-9]\d*[smhdw])?$")
# A window of a year of minutes and more; beyond it a typing error is likelier than a meaning.
LONGEST_SPAN = 1_000_000


class Node:
    """One computation over bars of one time frame (`frame` "" is the bars' own)."""

    __slots__ = ("__dict__", "__weakref__", "frame", "inputs", "op", "params")

    def __init__(self, op: str, inputs: tuple[Node, ...], params: Params, frame: str) -> None:
        self.op = op
        self.inputs = inputs
        self.params = params
        self.frame = frame

    @property
    def operation(self) -> Operation:
        return OPERATIONS[self.op]

    @property
    def kind(self) -> Kind:
        return self.operation.kind

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the operation, its parameters, its frame and its inputs' digests."""
        text = canonical_json(
            [self.op, list(self.params), self.frame, [item.digest for item in self.inputs]]
        )
        return hashlib.sha256(text.encode()).hexdigest()


_interned: WeakValueDictionary[tuple[Any, ...], Node] = WeakValueDictionary()


def make_node(
    op: str, inputs: tuple[Node, ...] = (), params: Params = (), frame: str = BASE
) -> Node:
    """The one node of this meaning. Numbers keep their type: 2 and 2.0 are different parameters."""
    key = (op, tuple(map(id, inputs)), tuple((type(p), p) for p in params), frame)
    found = _interned.get(key)
    if found is None:
        found = _interned[key] = Node(op, inputs, params, frame)
    return found


def walk(roots: Iterable[Node]) -> Iterator[Node]:
    """Every node below `roots` once, inputs before the nodes that use them."""
    seen: set[Node] = set()
    stack = [(node, False) for node in reversed(list(roots))]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((item, False) for item in reversed(node.inputs) if item not in seen)


@dataclass(frozen=True)
class Graph:
    """Named outputs (fields of `Signals`) and the nodes under them."""

    outputs: Mapping[str, Node]
    tag: str | None = None

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the graph computes; names of Python variables play no part."""
        for node in self.nodes():
            _ = node.digest  # inputs first: a long chain would exhaust the stack
        named = {name: node.digest for name, node in self.outputs.items()}
        return hashlib.sha256(canonical_json([FORMAT, named, self.tag]).encode()).hexdigest()

    def nodes(self) -> list[Node]:
        return list(walk(self.outputs.values()))

    def long_only(self) -> Graph:
        """The graph without its short side, for rules that drop shorts: less to compute."""
        kept = {name: node for name, node in self.outputs.items() if not name.endswith("_short")}
        return self if len(kept) == len(self.outputs) else Graph(kept, self.tag)

    def to_json(self) -> dict[str, Any]:
        """The graph as a JSON document; `from_json` gives back the same hash and outputs."""
        nodes = self.nodes()
        place = {node: index for index, node in enumerate(nodes)}
        return {
            "format": FORMAT,
            "nodes": [
                {
                    "op": node.op,
                    "inputs": [place[item] for item in node.inputs],
                    "params": list(node.params),
                    "frame": node.frame,
                }
                for node in nodes
            ],
            "outputs": {name: place[node] for name, node in self.outputs.items()},
            "tag": self.tag,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Graph:
        """The graph of a stored document. Error `bad_graph` for anything else.

        Every node is checked against the table of operations: the interpreter trusts its tables,
        and a wrong row or span would read and write memory that is not the node's.
        """
        try:
            if document["format"] != FORMAT:
                raise _bad_graph(f"format {FORMAT}", f"format {document['format']!r}")
            nodes: list[Node] = []
            for item in document["nodes"]:
                nodes.append(_node_of(item, nodes))
            outputs = {
                name: _output_of(name, nodes, index) for name, index in document["outputs"].items()
            }
            tag = document.get("tag")
        except (AttributeError, KeyError, TypeError, IndexError) as error:
            found = f"{type(error).__name__}: {error}"
            raise _bad_graph("format, nodes, outputs", found) from error
        if not isinstance(tag, str | None):
            raise _bad_graph("a text as tag", repr(tag))
        return cls(outputs, tag)


def _output_of(name: str, nodes: list[Node], index: int) -> Node:
    kind = Kind.FLAG if name in FLAG_NAMES else Kind.SERIES
    if name not in FLAG_NAMES and name not in LEVEL_NAMES:
        raise _bad_graph("outputs named as the fields of Signals", repr(name))
    if index < 0 or nodes[index].kind is not kind or nodes[index].frame != BASE:
        raise _bad_graph(f"a {kind} on the bars' own frame as {name}", f"node {index}")
    return nodes[index]


def _node_of(item: Mapping[str, Any], before: list[Node]) -> Node:
    op, frame = item["op"], item["frame"]
    if op not in OPERATIONS or op in INTERNAL:
        raise _bad_graph("a known operation", repr(op))
    # An input must stand before its user, which also rules out a cycle.
    inputs = tuple(before[index] for index in item["inputs"] if index >= 0)
    kinds = OPERATIONS[op].inputs
    fewest = 1 if op == "indicator" else len(kinds)
    if (
        not fewest <= len(inputs) == len(item["inputs"]) <= len(kinds)
        or any(node.kind is not kind for node, kind in zip(inputs, kinds, strict=False))
        or not _frames_agree(op, frame, inputs)
    ):
        raise _bad_graph(f"inputs of {op} as declared", repr(item["inputs"]))
    return make_node(op, inputs, _params_of(op, item["params"]), frame)


def _frames_agree(op: str, frame: str, inputs: tuple[Node, ...]) -> bool:
    """Whether inputs are of the node's own frame; `align` alone goes from a higher to the bars'."""
    if not FRAME.match(frame):
        return False
    if OPERATIONS[op].code in FROM_ABOVE:
        return frame == BASE and inputs[0].frame != BASE
    if op in ("column", "constant"):
        return frame == BASE
    return all(node.frame == frame or node.op == "constant" for node in inputs)


def _params_of(op: str, params: list[Any]) -> Params:
    """The parameters in their own types: some JSON writers make 2 of 2.0."""
    if op == "constant" and len(params) == 1:
        return (_number(op, params[0]),)
    if op == "column" and len(params) == 1 and isinstance(params[0], str):
        return (params[0],)
    if op == "indicator" and len(params) >= 2:
        return (str(params[0]), str(params[1]), *(_number(op, value) for value in params[2:]))
    fewest, most = OPERATIONS[op].spans
    whole = [value for value in params if type(value) is int]
    if (
        not fewest <= len(whole) == len(params) <= most
        or op in ("constant", "column", "indicator")
        or (whole and not 1 <= whole[0] <= LONGEST_SPAN)
        or any(not 0 <= value <= LONGEST_SPAN for value in whole[1:])
    ):
        raise _bad_graph(f"parameters of {op} as declared", repr(params))
    return tuple(whole)


def _number(op: str, value: Any) -> Number | str:
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _bad_graph(f"a number as parameter of {op}", repr(value))
    return float(value) + 0.0


def _bad_graph(expected: str, found: str) -> DataError:
    return DataError(
        "bad_graph", "the document is not a signal graph", expected=expected, found=found
    )
