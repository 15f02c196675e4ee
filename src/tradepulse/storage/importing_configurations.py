"""A configuration from another home: its graph and rules are taken over, its evidence is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tradepulse.domain.configuration import Configuration, Evidence, hash_configuration
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.domain.lifecycle import Stage
from tradepulse.signals.graph import Graph
from tradepulse.simulation.rules import Rules
from tradepulse.storage.database import Database
from tradepulse.storage.stages import created

_TEXTS = (
    "strategy_name", "exchange", "pair", "interval", "data_fingerprint", "configuration_hash",
    "code_version",
)  # fmt: skip
_OBJECTS = ("parameters", "rules", "graph", "metrics")


def import_configuration(database: Database, content: bytes, now_ms: int) -> Configuration:
    """The configuration as stored: a new row in DISCOVERY, or the one that was there already.

    Its graph and rules must be those its hash names. DataError `corrupt_file`; nothing is kept.
    """
    found = _read(content, now_ms)
    with database.transaction() as tx:
        known = tx.configurations.same_as(found.configuration_hash, found.data_fingerprint)
        if known is not None:
            return known
        tx.configurations.insert(found)
        tx.events.append(created(found, now_ms, imported=True))
    return found


def _read(content: bytes, now_ms: int) -> Configuration:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _corrupt("a JSON document", str(error)) from error
    if not isinstance(document, Mapping):
        raise _corrupt("one JSON object", type(document).__name__)
    _check_shape(document)
    graph, rules = _checked(document)
    first, last = document["data_range"]
    evidence = Evidence(
        "imported", None, None, passed=False, required=False,
        note="taken over from another home; train it here to earn a stage",
    )  # fmt: skip
    hash_ = hash_configuration(
        document["strategy_name"], document["parameters"], graph.hash, document["exchange"],
        document["pair"], document["interval"], rules.as_json(),
    )  # fmt: skip
    if hash_ != document["configuration_hash"]:
        raise _corrupt(f"a configuration with the hash {hash_}", document["configuration_hash"])
    return Configuration(
        id=str(uuid4()), strategy_name=document["strategy_name"],
        parameters=document["parameters"], exchange=document["exchange"], pair=document["pair"],
        interval=document["interval"], rules=rules.as_json(), graph=graph.to_json(),
        lifecycle_stage=Stage.DISCOVERY, metrics=document["metrics"], evidence=(evidence,),
        trials=document["trials"], data_fingerprint=document["data_fingerprint"],
        data_range=(first, last), configuration_hash=hash_,
        code_version=document["code_version"], created_at=now_ms,
    )  # fmt: skip


def _check_shape(document: Mapping[str, Any]) -> None:
    span = document.get("data_range")
    wrong = [name for name in _TEXTS if not isinstance(document.get(name), str)]
    wrong += [name for name in _OBJECTS if not isinstance(document.get(name), Mapping)]
    if not isinstance(document.get("trials"), int):
        wrong.append("trials")
    if not (isinstance(span, list) and len(span) == 2 and all(type(t) is int for t in span)):
        wrong.append("data_range")
    if wrong:
        raise _corrupt("what `configs export` writes", f"no usable {', '.join(wrong)}")


def _checked(document: Mapping[str, Any]) -> tuple[Graph, Rules]:
    try:
        return Graph.from_json(dict(document["graph"])), Rules.from_json(document["rules"])
    except TradePulseError as error:
        raise _corrupt("a graph and rules this version knows", str(error)) from error


def _corrupt(expected: str, found: str) -> DataError:
    return DataError("corrupt_file", "the file is no configuration", expected=expected, found=found)
