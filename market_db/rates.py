"""Exchange rates that crawls have seen, for whoever changes money; the shipped history stands behind them."""

import sqlite_utils

from market_db.values.rates import Rates, rates_from

SEEN = "select metric, period, unit, value from observations where metric in ('fx_per_eur', 'fx_per_usd') and value > 0 order by period"


def load_rates(db: sqlite_utils.Database) -> Rates:
    """Refreshed rates of a market; empty where no source of rates was read yet."""
    return rates_from(db.conn.execute(SEEN))
