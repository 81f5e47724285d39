"""The wire of TransmitSMS as the service speaks it."""

from __future__ import annotations

from mmsclient.simulator.transmitsms.wire import TransmitSMSWire

__all__ = ["TransmitSMSWire"]
