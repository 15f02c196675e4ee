"""What the result rests on: parameters, rules, settings, data, code, and how to make it again."""

from __future__ import annotations

from tradepulse.pages import figures as f
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.page import grid, panel
from tradepulse.pages.rule_words import rule_facts
from tradepulse.pages.tables import facts
from tradepulse.training.report.command_lines import commands
from tradepulse.training.report.document import Subject


def made_with_panels(subject: Subject) -> Html:
    """Parameters, rules, search settings, fingerprints, commands."""
    c = subject.configuration
    chosen = facts((name, f.plain(value)) for name, value in c.parameters.items())
    how = grid(
        panel("Chosen parameters", chosen),
        panel("Rules of the fills", rule_facts(c.rules)),
        panel("Search", facts(_search(subject))),
        columns=3,
    )
    what = grid(
        panel("Data and code", facts(_prints(subject))),
        panel("To make it again", tag("pre", "\n".join(commands(subject)))),
    )
    return join((how, what))


def _search(subject: Subject) -> list[tuple[str, Child]]:
    spec, trials = subject.spec, subject.part("trials")
    if not spec:
        return [("Parameter sets tried", f.count(subject.configuration.trials))]
    rows: list[tuple[str, Child]] = [
        ("Method", str(spec.get("search"))),
        ("Tries for each search", f.count(spec.get("trials"))),
        ("Objectives", ", ".join(map(str, spec.get("objectives") or ()))),
        ("Constraints", ", ".join(map(str, spec.get("constraints") or ())) or "none"),
        ("Folds", _fold_text(subject)),
        ("Seed", f.plain(spec.get("seed"))),
        ("Resamplings", f.count(spec.get("replications"))),
        ("Shuffled markets", f.count(spec.get("permutations"))),
        ("Tried on this strategy and market, ever", f.count(trials.get("distinct"))),
        ("which amount to", f"{f.decimal(trials.get('effective'), 1)} that differ"),
    ]
    return rows


def _fold_text(subject: Subject) -> str:
    kind = "anchored" if subject.spec.get("anchored") else "rolling"
    return f"{len(subject.rows('folds'))}, {kind}"


def _opened(subject: Subject, opened_at: float | None) -> str:
    if opened_at is not None:
        return f"{f.minute(opened_at)} UTC"
    return "by a promotion" if subject.hold_out_opened else "not yet"


def _prints(subject: Subject) -> list[tuple[str, Child]]:
    c, split = subject.configuration, subject.part("split")
    rows: list[tuple[str, Child]] = [
        ("Bars", f"{f.minute(c.data_range[0])} to {f.minute(c.data_range[1])} UTC"),
        ("Bars, SHA-256", tag("code", c.data_fingerprint)),
        ("Configuration, SHA-256", tag("code", c.configuration_hash)),
        ("Code", tag("code", c.code_version)),
        ("Id", tag("code", c.id)),
        ("Made", f"{f.minute(c.created_at)} UTC"),
    ]
    held = split.get("hold_out")
    if held:
        opened = held.get("opened_at")
        rows += [
            ("Hold-out", f.day_span(held["start_ms"], held["end_ms"] - 1)),
            ("Hold-out, SHA-256", tag("code", str(held.get("fingerprint")))),
            ("Hold-out opened", _opened(subject, opened)),
        ]
    return rows
