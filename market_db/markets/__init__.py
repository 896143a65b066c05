"""A market in one place: figures, prices, tenders, refusals, warnings, and how an offer fits."""
