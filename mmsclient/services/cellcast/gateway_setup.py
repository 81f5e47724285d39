"""What changes an account of the Bearer API: schedules, templates, senders, opt-out pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mmsclient.errors import Fault
from mmsclient.numbers import clean_number
from mmsclient.services.cellcast import (
    bodies,
    check,
    gateway_reads,
    inbound,
    limits,
    payload,
    recipients,
    rules,
)
from mmsclient.services.cellcast.answers import Action, Answer
from mmsclient.services.cellcast.values import Confirmation, OptOutPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.services.cellcast.bodies import Body

#: "Custom Business Name": what is asked about the company, and about who asks.
_COMPANY = ("name", "abn", "website", "address")
_CONTACT = ("firstName", "lastName", "position", "phoneNumber", "email")


def cancel_schedule_quick_message(
    *, message_id: str, channel: inbound.Channel
) -> Action[Confirmation]:
    """Return the call that stops a scheduled message."""
    check.insist_codeless(
        (
            *rules.needed("message_id", message_id),
            *rules.choice("type", channel, inbound.CHANNELS),
        )
    )
    tree = {"messageId": message_id, "type": channel}
    path = "api/v1/gateway/cancelScheduleQuickMessage"
    return _post("cancelScheduleQuickMessage", path, bodies.as_json(tree))


def delete_message(*, message_id: str) -> Action[Confirmation]:
    """Return the call that deletes one sent message."""
    check.insist_codeless(rules.needed("message_id", message_id))
    return Action(
        name="gateway/messages",
        path=f"api/v1/gateway/messages/{quote(message_id, safe='')}",
        method="DELETE",
        read=inbound.confirmation,
        changes=True,
        # Gone after an attempt whose answer was lost: it was that attempt.
        gone=Confirmation(),
    )


def create_template(*, name: str, text: str, kind: str) -> Action[Confirmation]:
    """Return the call that stores a text."""
    check.insist_codeless(
        (
            *rules.needed("name", name),
            *rules.needed("text", text),
            *rules.choice("type", kind, ("SMS", "MMS")),
        )
    )
    told = {"type": kind, "name": name, "message": rules.line_feeds(text)}
    form = bodies.as_form(bodies.field(each, value) for each, value in told.items())
    return _post("template", "api/v1/template", form)


def business_add(
    *,
    business_name: str,
    description: str,
    purpose_of_use: str,
    ownership: bool,
    company: Mapping[str, str],
    contact: Mapping[str, str],
    customer_contact: str | None,
) -> Action[Confirmation]:
    """Return the call that asks for a business name as a sender; people review it."""
    check.insist_codeless(
        (
            *_business_name(business_name),
            *rules.needed("description", description),
            *rules.needed("purpose_of_use", purpose_of_use),
            *rules.switch("ownership", ownership),
            *_block("company", company, _COMPANY),
            *_block("contact", contact, _CONTACT),
            *(
                ()
                if customer_contact is None
                else rules.number("customer_contact", customer_contact)
            ),
        )
    )
    reached = None if customer_contact is None else clean_number(customer_contact)
    tree = {
        "businessname": business_name,
        "descriptionInternal": description,
        "purposeOfUse": purpose_of_use,
        "ownership": ownership,
        "companyInformation": dict(company),
        "requestorContact": dict(contact),
        **bodies.given(customerContact=reached and recipients.plus(reached)),
    }
    return _post("business/add", "api/v1/business/add", bodies.as_json(tree))


def custom_number_add(*, name: str, number: str) -> Action[Confirmation]:
    """Return the call that registers a number of your own as a sender."""
    check.insist_codeless((*rules.needed("name", name), *rules.number("number", number)))
    tree = {"name": name, "number": recipients.plus(clean_number(number))}
    return _post("customNumber/add", "api/v1/customNumber/add", bodies.as_json(tree))


def verify_custom_number(*, name: str, number: str, otp: str) -> Action[Confirmation]:
    """Return the call that proves a number to be yours, by the code sent to it."""
    check.insist_codeless(
        (
            *rules.needed("name", name),
            *rules.number("number", number),
            *rules.needed("otp", otp),
        )
    )
    tree = {"name": name, "number": recipients.plus(clean_number(number)), "otp": otp}
    path = "api/v1/customNumber/verifyCustomNumber"
    return _post("customNumber/verifyCustomNumber", path, bodies.as_json(tree))


def create_optoutlist(
    *, title: str, description: str, options: Iterable[str]
) -> Action[OptOutPage]:
    """Return the call that makes an opt-out page."""
    kept: Any = (options,) if isinstance(options, str) else tuple(options)
    wrong = (f for at, one in enumerate(kept) for f in rules.needed(f"options[{at}]", one))
    check.insist_codeless(
        (*rules.needed("title", title), *rules.needed("description", description), *wrong)
    )
    tree = {"title": title, "description": description, **bodies.given(options=list(kept))}
    return Action(
        name="optoutlist",
        path="api/v1/apiClient/optoutlist",
        method="POST",
        body=bodies.as_json(tree),
        read=_made,
        changes=True,
    )


def _made(answer: Answer) -> OptOutPage:
    return gateway_reads.optout_page(payload.whole(answer.tree))


def _post(name: str, path: str, body: Body) -> Action[Confirmation]:
    return Action(
        name=name,
        path=path,
        method="POST",
        body=body,
        read=inbound.confirmation,
        changes=True,
    )


def _business_name(value: object) -> Iterator[Fault]:
    least, most = limits.BUSINESS_NAME
    yield from rules.needed("business_name", value, longest=most)
    if isinstance(value, str) and 0 < len(value) < least:
        yield Fault("business_name", f"is shorter than {least} characters", "lengthen it")


def _block(field: str, value: object, names: tuple[str, ...]) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(field, "is no dict", f"give {', '.join(names)}")
        return
    for name in names:
        yield from rules.needed(f"{field}[{name}]", value.get(name))
