"""The calls of TransmitSMS to which the golden answers belong, in JSON and in XML."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from transmitsms_answers import SERVICE, XML

if TYPE_CHECKING:
    from mmsclient.services.transmitsms import TransmitSMS
    from mmsclient.wire import Call

N, VMN = "12025550143", "12025550100"
D = date(2031, 1, 1)


def calls(service: TransmitSMS) -> dict[str, Call[Any]]:
    """Return the call to which each golden answer belongs."""
    send = service.send_sms(text="a", to=N)
    left = service.delete_from_list(list_id=1, msisdn=N)
    keyword = service.add_keyword(keyword="RYE", number=VMN)
    fields = service.add_field_to_list(list_id=1, field_4="a")
    client: dict[str, Any] = {"name": "a", "email": "a@example.net", "password": "b", "msisdn": N}
    return {
        "send-sms": send,
        "send-sms-to-list": send,
        "send-sms-partly": send,
        "cancel-sms": service.cancel_sms(id=1),
        "format-number": service.format_number(msisdn=N, countrycode="us"),
        "get-sms-responses": service.get_sms_responses(message_id=1).page(1),
        "get-user-sms-responses": service.get_user_sms_responses().page(2),
        "get-user-sms-responses-none": service.get_user_sms_responses().page(1),
        "message-reply": service.message_reply(text="a", to=VMN),
        "get-message-log": service.get_message_log(message_id=1, mobile=N),
        "get-sms": service.get_sms(message_id=1),
        "get-sms-stats": service.get_sms_stats(message_id=1),
        "get-sms-delivery-status": service.get_sms_delivery_status(message_id=1, msisdn=N),
        "get-sms-sent": service.get_sms_sent(message_id=1).page(2),
        "get-sms-sent-count": service.get_sms_sent_count(),
        "get-user-sms-sent": service.get_user_sms_sent(start=D, end=D).page(1),
        "get-contact-sms-stats": service.get_contact_sms_stats(mobile=N).page(1),
        "get-message-report": service.get_message_report().page(1),
        "get-balance": service.get_balance(),
        "get-lists": service.get_lists().page(1),
        "get-list": service.get_list(list_id=1).page(1),
        "add-list": service.add_list(name="a"),
        "add-field-to-list": fields,
        "add-field-to-list-array": fields,
        "remove-list": service.remove_list(list_id=1),
        "add-to-list": service.add_to_list(list_id=1, msisdn=N),
        "edit-list-member": service.edit_list_member(list_id=1, msisdn=N),
        "get-contact": service.get_contact(list_id=1, msisdn=N),
        "delete-from-list": left,
        "optout-list-member": service.optout_list_member(list_id=1, msisdn=N),
        "add-contacts-bulk": service.add_contacts_bulk(
            name="a", file_url="https://files.example.net/a.csv"
        ),
        "add-contacts-bulk-progress": service.add_contacts_bulk_progress(list_id=1),
        "get-numbers": service.get_numbers().page(1),
        "get-number": service.get_number(number=VMN),
        "lease-number": service.lease_number(),
        "edit-number-options": service.edit_number_options(number=VMN),
        "add-keyword": keyword,
        "edit-keyword": service.edit_keyword(keyword="RYE", number=VMN),
        "get-keywords": service.get_keywords().page(1),
        "add-email": service.add_email(email="a@example.net"),
        "delete-email": service.delete_email(email="a@example.net"),
        "add-client": service.add_client(**client),
        "edit-client": service.edit_client(client_id=1),
        "get-client": service.get_client(),
        "get-clients": service.get_clients().page(1),
        "get-transactions": service.get_transactions(client_id=1).page(1),
        "get-transaction": service.get_transaction(id=1),
        "get-link-hits": service.get_link_hits(message_id=1),
        "get-sender-ids": service.get_sender_ids(),
    }


JSON_CALLS, XML_CALLS = calls(SERVICE), calls(XML)
