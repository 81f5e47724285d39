"""The wire of Cellcast as the service speaks it: JSON and forms in, JSON out.

Accounts know its terms, and its wire knows accounts: so the wire is imported from its own module.
"""

from __future__ import annotations

from mmsclient.simulator.cellcast.terms import CellcastTerms

__all__ = ["CellcastTerms"]
