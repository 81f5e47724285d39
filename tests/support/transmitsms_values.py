"""What each golden answer of TransmitSMS stands for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from mmsclient.outcomes import Page
from mmsclient.services import transmitsms as t

N, N2, VMN = "12025550143", "12025550144", "12025550100"
AT = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
MADE = datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)


def page(*rows: Any, number: int = 1, count: int | None = 1, total: int | None) -> Page[Any]:
    return Page(items=rows, number=number, count=count, total=total)


SENT = t.SmsSend(message_id="880143", send_at=AT, recipients=1, cost=Decimal("0.079"), sms=1)
REPLY = t.SmsResponse(
    id="660001",
    message_id="880143",
    list_id="4471",
    received_at=AT.replace(minute=15, second=0),
    msisdn=N,
    longcode=VMN,
    text="Two ryes, please",
)
CONTACT = t.Contact(
    list_id="4471",
    msisdn=N,
    first_name="Noor",
    last_name="B",
    created_at=MADE.replace(hour=4, minute=0, second=0),
    status="active",
)
LIST = t.ContactList(
    id="4471",
    name="Regulars",
    created=MADE,
    members_active=3,
    members_total=5,
    fields={"field_1": "Email", "field_2": "Loaf"},
)
NUMBER = t.VirtualNumber(
    number=VMN,
    price=Decimal(25),
    auto_renew=True,
    next_charge=date(2031, 3, 3),
    status="active",
)
KEYWORD = t.Keyword(
    keyword="RYE",
    number=VMN,
    reference="Rye club",
    list_id="4471",
    welcome_message="Welcome",
    member_message="Welcome back",
    forward_url="https://www.example.net/rye",
    forward_sms=f"{N},{N2}",
    forward_email="orders@example.net",
    status="open",
    billing_date=date(2031, 3, 3),
)
CLIENT = t.ClientAccount(
    id="77",
    name="Corner Bakery",
    contact="Noor B",
    email="corner@example.net",
    msisdn=N,
    apikey="key-of-the-client",
    apisecret="secret-of-the-client",
    currency="USD",
    timezone="America/New_York",
    created=MADE,
    client_pays=True,
    sms_margin=Decimal("0.25"),
    balance=Decimal("6.5"),
    recharge_amount=Decimal(20),
    total_lists=1,
    total_sms=2,
    total_contacts=3,
    total_spend=Decimal("4.5"),
    total_revenue=Decimal(5),
    credit_based=False,
    trial=True,
    trial_expiry_date=date(2031, 2, 2),
)
TRANSACTION = t.Transaction(
    id="990017",
    user_id="77",
    description="Top up",
    amount=Decimal(6),
    balance_standing=Decimal("14.63"),
    created=MADE,
    type_id="23",
)
DONE = t.RawAnswer()
MEMBER = {"Email": "noor@example.net", "Postcode": "2000", "Loaf": ""}

EXPECTED: dict[str, Any] = {
    "send-sms": SENT,
    "send-sms-to-list": attrs.evolve(
        SENT,
        message_id="880144",
        recipients=3,
        sms=3,
        cost=Decimal("0.237"),
        list_id="4471",
        list_name="Regulars",
    ),
    "send-sms-partly": attrs.evolve(
        SENT, message_id="880145", fails=(N2,), optouts=("12025550145",)
    ),
    "cancel-sms": DONE,
    "format-number": t.FormattedNumber(
        international=N, countrycode="1", nationalnumber="2025550143", type=1, is_valid=True
    ),
    "get-sms-responses": page(attrs.evolve(REPLY, original_message="Fresh at 7"), total=1),
    "get-user-sms-responses": page(
        REPLY,
        t.SmsResponse(
            id="660000",
            message_id="880140",
            received_at=datetime(2031, 2, 2, 23, 59, 59, tzinfo=UTC),
            first_name="Noor",
            msisdn=N2,
            text="42",
        ),
        number=2,
        count=3,
        total=22,
    ),
    "get-user-sms-responses-none": page(total=1),
    "message-reply": t.MessageReply(result="SYSTEM: Reply was handled"),
    "get-message-log": t.LoggedMessage(
        message_id="880143", text="Fresh at 7", mobile=N, sender=VMN, datetime_send=AT
    ),
    "get-sms": t.SmsDetails(
        message_id="880143",
        send_at=AT,
        recipients=2,
        cost=Decimal("0.158"),
        sms=2,
        list_id="4471",
        list_name="Regulars",
        text="Fresh at 7, [firstname]!",
        delivered=1,
        pending=0,
        bounced=1,
        responses=1,
        optouts=0,
    ),
    "get-sms-stats": t.SmsStats(
        total=9,
        recipient_count=8,
        delivered=5,
        pending=1,
        bounced=3,
        soft_bounced=2,
        hard_bounced=1,
        responses=4,
        opt_outs=6,
        link_hits=7,
    ),
    "get-sms-delivery-status": t.SmsDeliveryStatus(
        message_id="880143",
        sender="Bakery",
        mobile=N,
        send_at=AT,
        delivered_at=AT.replace(second=0),
        status="delivered",
        text="Fresh at 7, Noor! https://t.example.net/a",
    ),
    "get-sms-sent": page(
        t.SmsRecipient(
            message_id="880143",
            msisdn=N,
            first_name="Noor",
            delivery_status="delivered",
            optout=False,
        ),
        t.SmsRecipient(
            message_id="880143",
            msisdn=N,
            first_name="Noor",
            delivery_status="hard-bounce",
            optout=True,
        ),
        number=2,
        count=2,
        total=12,
    ),
    "get-sms-sent-count": t.SmsSentCount(count=117),
    "get-user-sms-sent": page(
        t.UserSms(
            id="55001",
            message_id="880143",
            text="Fresh at 7\nToday",
            sent_at=AT,
            msisdn=N,
            sender=VMN,
            status="delivered",
        ),
        t.UserSms(
            id="55000",
            message_id="880140",
            text="Closed",
            sent_at=AT - timedelta(days=1),
            msisdn=N2,
            sender="Bakery",
            status="pending",
        ),
        total=2,
    ),
    "get-contact-sms-stats": page(
        t.ContactSms(
            message_id="880140",
            datetime_send=AT - timedelta(days=1),
            delivery_status="soft-bounce",
        ),
        t.ContactSms(message_id="880143", datetime_send=AT, delivery_status="delivered"),
        count=2,
        total=11,
    ),
    "get-message-report": page(
        t.MessageReport(
            id="880143",
            type="campaign",
            sms=2,
            cost=Decimal("-0.158"),
            sent_at=AT,
            status="completed",
            text="Fresh at 7\nOpt-out reply STOP",
            pending=0,
            delivered=1,
            soft_bounced=1,
            hard_bounced=0,
            optouts=0,
            responses=1,
        ),
        t.MessageReport(
            id="880140",
            type="quick_sms",
            sms=1,
            cost=Decimal("-0.079"),
            sent_at=AT - timedelta(days=1),
            status="user cancelled",
            text="Closed",
            pending=0,
            delivered=0,
            soft_bounced=0,
            hard_bounced=1,
            optouts=1,
            responses=0,
            msisdn=N,
            first_name="Noor",
            fields={"Town": "Springfield", "Postcode": "2000"},
        ),
        total=2,
    ),
    "get-balance": t.Balance(balance=Decimal("117.063"), currency="USD"),
    "get-lists": page(
        LIST,
        t.ContactList(id="4472", name="RYE", members_active=0, members_total=0),
        total=2,
    ),
    "get-list": page(
        CONTACT,
        t.Contact(
            list_id="4471",
            msisdn=N2,
            created_at=MADE.replace(hour=4, minute=0, second=1),
            status="inactive",
            fields={"Email": "", "Loaf": "7"},
        ),
        total=5,
    ),
    "add-list": attrs.evolve(LIST, members_active=0, members_total=None),
    "add-field-to-list": t.AddedFields(
        id="4471", fields={"custom_4": "Allergy", "custom_5": "Town"}
    ),
    "add-field-to-list-array": t.AddedFields(
        id="4471", fields={"custom_4": "Allergy", "custom_5": "Town"}
    ),
    "remove-list": DONE,
    "add-to-list": attrs.evolve(CONTACT, first_name=None, last_name=None, fields=MEMBER),
    "edit-list-member": attrs.evolve(
        CONTACT, last_name=None, fields={"Email": "", "Postcode": "0200", "Loaf": "Rye"}
    ),
    "get-contact": attrs.evolve(
        CONTACT, fields={"Favourite loaf": "Rye", "Postcode": "2000", "Town": ""}
    ),
    "delete-from-list": t.LeftLists(list_ids=("4471",)),
    "optout-list-member": t.LeftLists(list_ids=("4471", "4472")),
    "add-contacts-bulk": t.Import(list_id="4473"),
    "add-contacts-bulk-progress": t.ImportProgress(
        list_id="4473",
        status="in progress",
        importlength=9,
        completed=8,
        imported=4,
        duplicates=2,
        skipped=1,
        optout=3,
    ),
    "get-numbers": page(
        NUMBER,
        t.VirtualNumber(
            number="12025550101", price=Decimal(29), auto_renew=False, status="inactive"
        ),
        t.VirtualNumber(number="12025550102", price=Decimal("7.5")),
        total=3,
    ),
    "get-number": attrs.evolve(NUMBER, forward_url="https://www.example.net/in"),
    "lease-number": NUMBER,
    "edit-number-options": DONE,
    "add-keyword": KEYWORD,
    "edit-keyword": attrs.evolve(KEYWORD, status="closed"),
    "get-keywords": page(
        KEYWORD,
        t.Keyword(
            keyword="7",
            number=VMN,
            member_message="Still here",
            status="open",
            billing_date=date(2031, 3, 3),
        ),
        total=2,
    ),
    "add-email": DONE,
    "delete-email": DONE,
    "add-client": attrs.evolve(CLIENT, apisecret=None),
    "edit-client": CLIENT,
    "get-client": attrs.evolve(CLIENT, has_credit_card=False),
    "get-clients": page(CLIENT, total=1),
    "get-transactions": page(
        TRANSACTION,
        attrs.evolve(
            TRANSACTION,
            id="990016",
            amount=Decimal(-1),
            balance_standing=Decimal("-1.37"),
            type_id="3",
        ),
        total=2,
    ),
    "get-transaction": t.Transaction(
        id="990018",
        user_id="77",
        description="SMS",
        amount=Decimal("-0.079"),
        balance_standing=Decimal("10.63"),
        created=MADE,
        type_id="1",
        type_description="Message",
        message_id="880143",
        message_status="delivered",
        message_cost=Decimal("0.079"),
        message_revenue=Decimal(0),
    ),
    "get-link-hits": DONE,
    "get-sender-ids": DONE,
}
