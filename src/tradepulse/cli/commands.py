"""The command table: what `--help` lists without importing any of it."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command as `--help` shows it. `module` is a module of this package."""

    name: str
    module: str
    help: str
    panel: str


_START, _DATA, _RESEARCH = "Start here", "Market data", "Research"
_TRADING, _HOUSE = "Trading", "The house"

COMMANDS = (
    Entry("init", "init", "Create a home: settings, folders, database.", _START),
    Entry("up", "up", "Run active configurations and serve the API and its page.", _START),
    Entry("demo", "demo", "The whole way on real bars: import, train, paper trade, prove.", _START),
    Entry("status", "status", "What this home holds and what runs in it.", _START),
    Entry("data", "data", "Import, download, list, audit and export market bars.", _DATA),
    Entry("strategies", "strategies", "List, show, write and test strategies.", _RESEARCH),
    Entry("backtest", "backtest", "Run a strategy over kept bars, or a portfolio.", _RESEARCH),
    Entry("sweep", "sweep", "Try many parameter sets; store every trial and the best.", _RESEARCH),
    Entry("train", "train", "Search, prove and judge: configurations with evidence.", _RESEARCH),
    Entry("walk-forward", "walk_forward", "Judge a strategy by walk-forward folds.", _RESEARCH),
    Entry("report", "report", "Write a configuration and its evidence as one page.", _RESEARCH),
    Entry("lookahead", "lookahead", "Check that a strategy knows no later bar.", _RESEARCH),
    Entry("configs", "configs", "Find, compare, promote and activate configurations.", _RESEARCH),
    Entry("validate", "validate", "Measure and judge a configuration again.", _RESEARCH),
    Entry("forward-test", "forward_test", "Run newer bars through the engine.", _RESEARCH),
    Entry("jobs", "jobs", "List training jobs; pause, resume, cancel them.", _RESEARCH),
    Entry("connections", "connections", "Keys at exchanges: add, test, remove.", _TRADING),
    Entry("wallets", "wallets", "List and create wallets.", _TRADING),
    Entry("activations", "activations", "List, pause, drain, flatten, roll back.", _TRADING),
    Entry("alerts", "alerts", "What somebody should look at.", _TRADING),
    Entry("replay", "replay", "Run history through the real engine, into the ledger.", _TRADING),
    Entry("verify-parity", "verify_parity", "Compare recorded runs with the kernel.", _TRADING),
    Entry("trades", "trades", "List and export closed trades.", _TRADING),
    Entry("sandbox", "sandbox", "Serve a local exchange over real bars, with faults.", _TRADING),
    Entry("kill", "kill", "Cancel every order, close every position, stop entering.", _TRADING),
    Entry("reconcile", "reconcile", "Compare exchange accounts with the ledger.", _TRADING),
    Entry("explain", "explain", "Why an order was made, from the bars on.", _TRADING),
    Entry("gap", "gap", "Split what was earned against the backtest by cause.", _TRADING),
    Entry("engine", "engine", "Run active configurations without the API.", _HOUSE),
    Entry("api", "api", "Serve the HTTP API and its page.", _HOUSE),
    Entry("worker", "worker", "Run queued training jobs until stopped.", _HOUSE),
    Entry("users", "users", "Create users, give API keys, shut users out.", _HOUSE),
    Entry("audit", "audit", "List audited commands and verify their record.", _HOUSE),
    Entry("settings", "settings", "List, change and roll back settings.", _HOUSE),
    Entry("doctor", "doctor", "Check versions, folders, kernels, database and bars.", _HOUSE),
    Entry("db", "db", "Look after the database.", _HOUSE),
)

# freqtrade's verbs, for the fingers that know them.
ALIASES: dict[str, tuple[str, ...]] = {
    "backtesting": ("backtest",),
    "download-data": ("data", "download"),
    "hyperopt": ("train",),
    "list-data": ("data", "list"),
    "list-strategies": ("strategies", "list"),
    "lookahead-analysis": ("lookahead",),
    "new-strategy": ("strategies", "new"),
    "recursive-analysis": ("lookahead",),
    "trade": ("up",),
    "webserver": ("api",),
}
