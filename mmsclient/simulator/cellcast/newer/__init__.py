"""The newer API of the same vendor: a token, other addresses, other shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.cellcast.ask import Action
from mmsclient.simulator.cellcast.newer import account, reports, sends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mmsclient.simulator.cellcast.ask import Ask

_CLIENT = "/api/v1/apiClient"
_SENT = "/api/v2/report/message"


def _get(name: str, path: str, run: Callable[[Ask], object]) -> Action:
    return Action(name=name, method="GET", path=path, run=run, body="query", newer=True)


def _post(name: str, path: str, run: Callable[[Ask], object]) -> Action:
    return Action(name=name, path=path, run=run, newer=True)


def _form(name: str, path: str, run: Callable[[Ask], object], *, mms: bool) -> Action:
    return Action(name=name, path=path, run=run, mms=mms, body="form", newer=True)


ACTIONS: Iterable[Action] = (
    _get("token/verify", "/api/v1/user/token/verify", account.verify),
    _post("gateway", "/api/v1/gateway", sends.gateway),
    _form("gatewaymms", "/api/v1/gatewaymms", sends.gatewaymms, mms=True),
    _post(
        "cancelScheduleQuickMessage",
        "/api/v1/gateway/cancelScheduleQuickMessage",
        sends.cancel,
    ),
    Action(
        name="gateway/messages",
        method="DELETE",
        path="/api/v1/gateway/messages/{id}",
        run=sends.delete,
        body="query",
        newer=True,
    ),
    _get("report/message", _SENT, reports.messages),
    _get("report/message/{messageId}", f"{_SENT}/{{id}}", reports.one_message),
    _get("quick-api-credit-usage", f"{_SENT}/quick-api-credit-usage", reports.credit_usage),
    _get("getResponses", f"{_CLIENT}/getResponses", reports.responses),
    _get("getOptout", f"{_CLIENT}/getOptout", reports.optouts),
    _get("apiClient/account", f"{_CLIENT}/account", account.account),
    _get("optoutlist", f"{_CLIENT}/optoutlist", account.pages),
    _post("optoutlist", f"{_CLIENT}/optoutlist", account.add_page),
    _form("template", "/api/v1/template", account.create_template, mms=False),
    _post("business/add", "/api/v1/business/add", account.add_business),
    _get("customNumber", "/api/v1/customNumber", account.own_numbers),
    _post("customNumber/add", "/api/v1/customNumber/add", account.add_number),
    _post("verifyCustomNumber", "/api/v1/customNumber/verifyCustomNumber", account.verify_number),
)
