"""The cases that `python -m benchmarks` runs, in order."""

from __future__ import annotations

from benchmarks.cases import OURS, Case, Entrant, Reading

YEAR = 525_600  # minutes
TWO_YEARS = 1_051_200
SETS = 1000
# The peers' cost is the same for every set of a grid, so slow ones run a part of it, spread evenly.
RAPTORBT_SETS = 200
VECTORBT_SETS = 40
BREAKOUT_PEER_SETS = 20
SHOW_HELP = "from tradepulse.cli import main; raise SystemExit(main(['--help']))"
MEMORY_SETS = (500, 1000, 2000)
MEMORY_TRIALS = (2_500, 5_000, 10_000)


def _ours(case: str, bars: int, sets: int = 1) -> Entrant:
    command = ("-m", "benchmarks.ours.research_runs", case)
    return Entrant(OURS, (*command, "--bars", str(bars), "--sets", str(sets)), bars * sets)


def _training(case: str, *more: str, variant: str = "") -> Entrant:
    command = ("-m", "benchmarks.ours.training_runs", case, *more)
    return Entrant(f"{OURS}, {variant}" if variant else OURS, command)


def _peer(module: str, name: str, case: str, bars: int, sets: int = 1, *more: str) -> Entrant:
    command = ("-m", f"benchmarks.peers.{module}_runs", case, "--bars", str(bars))
    note = f"{sets} of {SETS} sets" if 1 < sets < SETS else ""
    return Entrant(name, (*command, "--sets", str(sets), *more), bars * sets, module, note)


def _vectorbt(case: str, bars: int, sets: int = 1) -> tuple[Entrant, ...]:
    return (
        _peer("vectorbt", "vectorbt rust", case, bars, sets),
        _peer("vectorbt", "vectorbt numba", case, bars, sets, "--engine", "numba"),
    )


EMA_GRID = Case(
    key="ema_grid",
    title="ema_cross, grid of 20 x 50 sets, 525,600 bars, metrics included",
    unit="ns per bar and set",
    factor=1e9,
    bar=4.0,
    memory_bar_mb=400.0,
    ratio_bars={"vectorbt rust": 25.0, "raptorbt": 7.0},
    entrants=(
        _ours("sweep", YEAR, SETS),
        _peer("raptorbt", "raptorbt", "sweep", YEAR, RAPTORBT_SETS),
        *_vectorbt("sweep", YEAR, VECTORBT_SETS),
        _peer(
            "vectorbt", "vectorbt rust, 2 processes", "sweep", YEAR, VECTORBT_SETS, "--workers", "2"
        ),
    ),
)
# What the peers can do of it: no time stop. Their results are compared with this run's.
TIMELESS = Entrant(
    f"{OURS}, no time stop",
    ("-m", "benchmarks.ours.research_runs", "timeless", "--bars", str(YEAR),
     "--sets", str(BREAKOUT_PEER_SETS), "--repeats", "1"),
    YEAR * BREAKOUT_PEER_SETS, note=f"{BREAKOUT_PEER_SETS} of {SETS} sets", bar=False,
)  # fmt: skip
RANDOM_BREAKOUT = Case(
    key="random_breakout",
    title="volume_breakout, 1,000 random sets, 525,600 bars, metrics included",
    compared=TIMELESS.engine,
    unit="ns per bar and set",
    factor=1e9,
    bar=6.0,
    memory_bar_mb=400.0,
    entrants=(
        _ours("breakout", YEAR, SETS),
        TIMELESS,
        _peer("raptorbt", "raptorbt", "breakout", YEAR, BREAKOUT_PEER_SETS),
        _peer("vectorbt", "vectorbt rust", "breakout", YEAR, BREAKOUT_PEER_SETS),
    ),
)
ONE_BACKTEST = Case(
    key="one_backtest",
    title="SMA 50/200 with stop 2 % and target 4 %, 1,051,200 bars, trades and metrics, warm",
    unit="ms",
    factor=1e3 * TWO_YEARS,
    bar=25.0,
    entrants=(
        _ours("backtest", TWO_YEARS),
        _peer("raptorbt", "raptorbt", "backtest", TWO_YEARS, 1, "--repeats", "3"),
        _peer("vectorbt", "vectorbt rust", "backtest", TWO_YEARS, 1, "--repeats", "3"),
        _peer(
            "vectorbt", "vectorbt numba", "backtest", TWO_YEARS, 1,
            "--repeats", "3", "--engine", "numba",
        ),
    ),
)  # fmt: skip
FIRST_RESULT = Case(
    key="first_result",
    title="the same backtest in a fresh process, kernels compiled before: start to metrics",
    unit="s",
    reading=Reading.PROCESS,
    bar=3.0,
    entrants=(
        Entrant(OURS, ("-m", "benchmarks.ours.first_result")),
        _peer("raptorbt", "raptorbt", "backtest", TWO_YEARS),
        _peer("vectorbt", "vectorbt rust", "backtest", TWO_YEARS, 1, "--cold"),
    ),
)
LIVE_STEP = Case(
    key="live_step",
    title="one bar through a running configuration, fills included",
    unit="µs",
    factor=1e6,
    bar=50.0,
    entrants=(
        Entrant(OURS, ("-m", "benchmarks.ours.live_step", "engine")),
        Entrant(f"{OURS}, graph and fills alone", ("-m", "benchmarks.ours.live_step", "kernel")),
        Entrant(
            f"{OURS}, a commit a bar", ("-m", "benchmarks.ours.live_step", "durable"), bar=False
        ),
    ),
)
REPLAY = Case(
    key="replay",
    title="engine replay of 525,600 bars into SQLite, everything durable at the end",
    unit="bars/s",
    reading=Reading.RATE,
    bar=50_000.0,
    entrants=(Entrant(OURS, ("-m", "benchmarks.ours.replay", "--bars", str(YEAR)), YEAR),),
)
SWEEP_MEMORY = Case(
    key="sweep_memory",
    title="peak memory of a sweep by the number of sets, 525,600 bars",
    unit="MB",
    reading=Reading.MEMORY,
    entrants=tuple(
        Entrant(
            f"{OURS}, {sets} sets",
            ("-m", "benchmarks.ours.research_runs", "breakout", "--bars", str(YEAR),
             "--sets", str(sets), "--repeats", "1"),
        )
        for sets in MEMORY_SETS
    ),
)  # fmt: skip
HELP = Case(
    key="help",
    title="tradepulse --help",
    unit="s",
    reading=Reading.PROCESS,
    bar=0.5,
    entrants=(Entrant(OURS, ("-c", SHOW_HELP)),),
)
TRAIN = Case(
    key="train",
    title="a full training run: 1,000 TPE trials in each of 8 folds and over all development bars,"
    " every statistic, 200 shuffled markets, 3 years of 1-hour bars, durable",
    unit="s",
    bar=90.0,
    entrants=(
        _training("full", "--strategy", "volume_breakout"),
        _training("full", "--strategy", "ema_cross", variant="ema_cross"),
    ),
)
PERMUTATIONS = Case(
    key="permutations",
    title="1,000 shuffled markets, a grid of 1,000 ema_cross sets searched on each, 26,280 bars",
    unit="s",
    bar=300.0,
    entrants=(_training("permutations"),),
)
TRAIN_MEMORY = Case(
    key="train_memory",
    title="peak memory of a training run by the number of trials",
    unit="MB",
    reading=Reading.MEMORY,
    entrants=tuple(
        _training("memory", "--count", str(count), variant=f"{count:,} trials")
        for count in MEMORY_TRIALS
    ),
)
CLUSTER_SPEED = Case(
    key="cluster_speed",
    title="two Dask workers against one: 900 shuffled markets, 1,000 sets each, 30,000 bars",
    unit="times one worker",
    reading=Reading.RATE,
    bar=1.7,
    entrants=(
        Entrant(
            OURS,
            ("-m", "benchmarks.ours.cluster_speed", "--bars", "30000", "--sets", str(SETS),
             "--seeds", "900"),
        ),
    ),
)  # fmt: skip

# Run once before the first case: kernels are compiled, for us and for vectorbt, and bars generated.
PRIMING = (
    Entrant(OURS, ("-m", "benchmarks.ours.prime")),
    *(
        entrant
        for case in ("backtest", "sweep", "breakout")
        for entrant in _vectorbt(case, 5_000, 5)
    ),
)

CASES = (
    EMA_GRID, RANDOM_BREAKOUT, ONE_BACKTEST, FIRST_RESULT, LIVE_STEP, REPLAY, SWEEP_MEMORY, HELP,
    TRAIN, PERMUTATIONS, TRAIN_MEMORY, CLUSTER_SPEED,
)  # fmt: skip
