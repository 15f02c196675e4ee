"""The command lines that make a configuration again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from tradepulse.simulation.rules import Rules
from tradepulse.training.report.document import Subject
from tradepulse.training.spec import TrainSpec

_SIZINGS = {"fraction_of_equity": "fraction", "fixed_quote": "quote", "risk_per_trade": "risk"}
# Said always: a reader should see them, and a default may change.
_SAID = {"search": "--search", "trials": "--trials", "folds": "--folds", "seed": "--seed"}
# Said where they are not the default.
_OTHERS = {
    "fold_train_days": "--train-days", "fold_test_days": "--test-days",
    "embargo_days": "--embargo-days", "hold_out_share": "--hold-out",
    "permutations": "--permutations", "replications": "--replications", "patience": "--patience",
}  # fmt: skip
_REPEATED = {"objectives": "--objective", "constraints": "--constraint"}
# Fields that only Python can set.
_WITHOUT_OPTION = ("purge_bars",)


def commands(subject: Subject) -> list[str]:
    """The lines that train, check and show this configuration."""
    c = subject.configuration
    short = c.id[:8]
    lines = [
        f"tradepulse lookahead {c.strategy_name}",
        f"tradepulse configs show {short}",
        f"tradepulse report {short}",
    ]
    return [*_training(subject), *lines] if subject.spec else lines


def _training(subject: Subject) -> list[str]:
    spec = subject.spec
    unsaid = [f"{name}={spec[name]}" for name in _WITHOUT_OPTION if spec.get(name) is not None]
    note = [f"# besides: {', '.join(unsaid)}, which only tp.train can set"] if unsaid else []
    return [train_command(subject), *note]


def train_command(subject: Subject) -> str:
    """The `tradepulse train` line with this study's settings."""
    c, spec = subject.configuration, subject.spec
    words = [
        "tradepulse", "train", c.strategy_name, "--exchange", c.exchange, "--pairs", c.pair,
        "-i", c.interval,
    ]  # fmt: skip
    for name, option in _SAID.items():
        if spec.get(name) is not None and not (name == "folds" and spec.get("fold_train_days")):
            words += [option, str(spec[name])]
    for name, option in _changed(spec, _OTHERS):
        words += [option, str(spec[name])]
    for name, option in _changed(spec, _REPEATED):
        words += [word for value in spec[name] for word in (option, str(value))]
    words += ["--anchored"] if spec.get("anchored") else []
    words += _timerange(spec)
    for name, value in (spec.get("fixed") or {}).items():
        words += ["-p", f"{name}={value}"]
    for name, values in (spec.get("grid") or {}).items():
        words += ["--grid", f"{name}={','.join(map(str, values))}"]
    for text in rule_options(spec.get("rules") or c.rules):
        words += ["--rule", text]
    return shlex.join(words)


def _changed(
    spec: Mapping[str, Any], options: Mapping[str, str]
) -> Iterator[tuple[str, str]]:  # fmt: skip
    usual = {field.name: field.default for field in fields(TrainSpec)}
    for name, option in options.items():
        value = spec.get(name)
        if value is None or _alike(value, usual.get(name, MISSING)):
            continue
        yield name, option


def _alike(value: Any, usual: Any) -> bool:
    if isinstance(value, Sequence) and isinstance(usual, Sequence):
        return list(value) == list(usual)
    return bool(value == usual)


def _timerange(spec: Mapping[str, Any]) -> list[str]:
    ends = [spec.get("start_ms"), spec.get("end_ms")]
    if ends == [None, None]:
        return []
    start, end = ("" if value is None else str(value) for value in ends)
    return ["--timerange", f"{start}-{end}"]


def rule_options(rules: Mapping[str, Any]) -> list[str]:
    """The rules that differ from the defaults, as `--rule` takes them. The pair says the market."""
    usual = Rules().as_json()
    return [
        f"{name}={_rule_value(value)}"
        for name, value in rules.items()
        if name != "market" and value is not None and value != usual.get(name)
        # Tiers are a table of the venue: no option takes one.
        and not isinstance(value, list)
    ]  # fmt: skip


def _rule_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{_SIZINGS.get(str(value.get('kind')), value.get('kind'))}:{value.get('x')}"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)
