"""The workspace: pages on which staff find buyers, see the proof and say what they know better.

Imports market_db only. What it needs from above (forgetting, exports, archived pages) is handed in as `services.Services` by
`scripts/serve.py`, the only importer.
"""
