"""A real venue through ccxt, as the port `execution.venue.Venue` wants it."""

from tradepulse.exchanges.ccxt_venue.venue import CcxtVenue
from tradepulse.exchanges.venue_settings import VenueSettings

__all__ = ["CcxtVenue", "VenueSettings"]
