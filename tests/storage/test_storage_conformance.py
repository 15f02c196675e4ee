"""The conformance suites over SQLite and over PostgreSQL."""

from conformance.activation_suite import ActivationSuite
from conformance.event_log_suite import EventLogSuite
from conformance.hold_out_suite import HoldOutSuite
from conformance.job_board_suite import JobBoardSuite, desk
from conformance.lease_suite import LeaseSuite, engines
from conformance.list_suite import ListSuite, listed
from conformance.oversight_suite import OversightSuite
from conformance.storage_suite import StorageSuite, owned

__all__ = ["desk", "engines", "listed", "owned"]


class TestStorage(StorageSuite):
    """Records, conflicts, references, sums."""


class TestActivations(ActivationSuite):
    """`is_active`, allotments, sessions."""


class TestLists(ListSuite):
    """Pages, filters, summaries."""


class TestEventLog(EventLogSuite):
    """Numbers, filters, resumption."""


class TestJobs(JobBoardSuite):
    """Claims, leases, wishes, ends."""


class TestHoldOuts(HoldOutSuite):
    """Sealed once, opened once."""


class TestOversight(OversightSuite):
    """Connections, risk, alerts, transfers, terms."""


class TestLeases(LeaseSuite):
    """Claims, fences, ends."""
