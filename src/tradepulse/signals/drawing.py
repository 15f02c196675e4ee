"""The graph as text: a tree under each output, shared nodes drawn once and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tradepulse.signals.graph import Graph, Node

_SYMBOLS = {
    "add": "+", "subtract": "-", "multiply": "x", "divide": "/", "greater": ">",
    "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=",
    "and": "and", "or": "or", "not": "not",
}  # fmt: skip


def label(node: Node) -> str:
    """A node in one line: its operation, parameters and time frame."""
    if node.op == "constant":
        return f"{float(node.params[0]):g}"
    name = _SYMBOLS.get(node.op, node.op)
    params = f"({', '.join(map(str, node.params))})" if node.params else ""
    return f"{name}{params}{f' @{node.frame}' if node.frame else ''}"


def draw(graph: Graph) -> str:
    """The drawing, one line a node, a blank line between outputs."""
    uses = Counter(item for node in graph.nodes() for item in node.inputs)
    names: dict[Node, str] = {}
    blocks = []
    for output, node in graph.outputs.items():
        blocks.append("\n".join((output, *_tree(node, uses, names))))
    return "\n\n".join(blocks)


def _tree(root: Node, uses: Counter[Node], names: dict[Node, str]) -> Iterator[str]:
    """Lines of the tree under `root`; what was drawn and named before is one line."""
    stack = [(root, "", True)]
    while stack:
        node, indent, last = stack.pop()
        twig = f"{indent}{'└─ ' if last else '├─ '}"
        if node in names:
            yield f"{twig}{names[node]}"
            continue
        text = label(node)
        if uses[node] > 1 and node.inputs:
            names[node] = f"[{len(names) + 1}]"
            text = f"{text}  {names[node]}"
        yield f"{twig}{text}"
        deeper = indent + ("   " if last else "│  ")
        # The last branch is drawn last, so it goes on the stack first.
        for place, item in reversed(list(enumerate(node.inputs, 1))):
            stack.append((item, deeper, place == len(node.inputs)))
