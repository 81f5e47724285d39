"""What can happen to messages and numbers, and what each service must be understood to say of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import attrs
from three_services import FORMS

import mmsclient as mms
from mmsclient.simulator import Account, Campaign, CellcastTerms, Fault, Simulator

TO, OTHER, SENDER, OWN = "12025550143", "12025550144", "70707", "61491570006"
LOST, STUCK, SMALL = "12025550184", "12025550195", "12025550194"
TEXT, REPLY = "Fresh at 7", "Yes, please & thanks: 50% + ümlaut\nline two"
DAYS = 4 * 86_400.0
STATUS = mms.DeliveryStatus


@attrs.frozen
class Told:
    """An event that must be read: its class, and what its fields say."""

    kind: type[mms.Event]
    fields: dict[str, Any]

    def is_told_by(self, event: mms.Event) -> bool:
        return type(event) is self.kind and all(
            _alike(getattr(event, name), value) for name, value in self.fields.items()
        )


def _alike(one: Any, other: Any) -> bool:
    # Numbers come with and without a plus.
    return one == other or (isinstance(one, str) and one.removeprefix("+") == other)


class World:
    """A simulator whose clock is moved by hand, its client, and a receiver of postbacks."""

    def __init__(self, form: str, *faults: Fault, status: int = 200, **terms: Any) -> None:
        self.now, self.form, self.status = 1000.0, form, status
        self.raws: list[mms.RawPostback] = []
        account = Account(
            numbers=[OWN],
            # Lists are Skycore's: leaving one is told to its address only.
            campaigns=[Campaign(ref="bakery", subscribers=[TO])] if form == "Skycore" else [],
            cellcast=CellcastTerms(listed_callbacks=form == "Cellcast, v3, listed"),
        )
        self.sim = Simulator(
            rate=None,
            accounts=[account],
            clock=lambda: self.now,
            postbacks=self._receive,
            faults=faults,
            **terms,
        )
        self.service = FORMS[form.removesuffix(", listed")](self.sim)
        self.name = self.service.name
        self.client = mms.Client[Any](self.service, rate=1000, transport=self.sim.transport())

    async def _receive(self, raw: mms.RawPostback) -> int:
        self.raws.append(raw)
        return self.status

    async def pass_(self, seconds: float = 120.0) -> None:
        """Let time pass, and everything that is due be posted."""
        self.now += seconds
        await self.sim.settled()

    async def send(self, to: str = TO) -> mms.Accepted:
        sms = mms.Sms(to=to, sender=SENDER, text=TEXT, reference="order-117")
        return await self.client.send(sms)

    async def call(self, call: mms.Call[Any]) -> Any:
        return await self.client.call(call)

    @property
    def is_skycore(self) -> bool:
        return self.form == "Skycore"

    def events(self) -> list[mms.Event]:
        return [event for raw in self.raws for event in self.service.read_postback(raw)]


Happening: TypeAlias = Callable[[World], Awaitable[list[Told]]]

EVERYWHERE: dict[str, Happening] = {}
SKYCORE: dict[str, Happening] = {}
TRANSMITSMS: dict[str, Happening] = {}
CELLCAST: dict[str, Happening] = {}


def at(*tables: dict[str, Happening]) -> Callable[[Happening], Happening]:
    def enter(happening: Happening) -> Happening:
        for table in tables:
            table[happening.__name__] = happening
        return happening

    return enter


def report(accepted_id: str, to: str, status: STATUS, **fields: Any) -> Told:
    told = {"id": accepted_id, "to": to, "status": status, "final": status.final, **fields}
    return Told(mms.DeliveryReport, told)


def heard(inbound_id: str, text: str, **fields: Any) -> Told:
    return Told(mms.InboundMessage, {"id": inbound_id, "sender": TO, "text": text, **fields})


def reports(world: World, accepted: mms.Accepted, status: STATUS) -> list[Told]:
    """Return what is told of one text: only Skycore tells that it was sent."""
    first = [report(accepted.id, accepted.to, STATUS.SENT)]
    return [*(first if world.is_skycore else []), report(accepted.id, accepted.to, status)]


@at(EVERYWHERE)
async def a_text_arrives(world: World) -> list[Told]:
    told = reports(world, await world.send(), STATUS.DELIVERED)
    if world.form.startswith("Cellcast, v3"):
        told[-1].fields["reference"] = "order-117"
    return told


@at(EVERYWHERE)
async def a_text_is_lost(world: World) -> list[Told]:
    return reports(world, await world.send(LOST), STATUS.FAILED)


@at(EVERYWHERE)
async def a_text_runs_out(world: World) -> list[Told]:
    accepted = await world.send(STUCK)
    await world.pass_(DAYS)
    # Its word is soft-bounce, whatever the reason.
    transmit = world.name == "transmitsms"
    return [report(accepted.id, STUCK, STATUS.FAILED if transmit else STATUS.EXPIRED)]


@at(EVERYWHERE)
async def somebody_answers(world: World) -> list[Told]:
    accepted = await world.send()
    told = reports(world, accepted, STATUS.DELIVERED)
    inbound = heard(world.sim.handset(TO).reply(REPLY), REPLY)
    if world.form in {"Skycore", "TransmitSMS, JSON", "TransmitSMS, XML", "Cellcast, Bearer"}:
        inbound.fields["to"] = SENDER
    if not world.is_skycore and world.form != "Cellcast, Bearer":
        inbound.fields["answers"] = accepted.id
    if world.form == "Cellcast, v3":
        inbound.fields["reference"] = "order-117"
    return [*told, inbound]


@at(EVERYWHERE)
async def somebody_writes(world: World) -> list[Told]:
    return [heard(world.sim.handset(TO).send_sms(REPLY, service=world.name), REPLY)]


@at(EVERYWHERE)
async def somebody_opts_out(world: World) -> list[Told]:
    accepted = await world.send()
    told = reports(world, accepted, STATUS.DELIVERED)
    inbound = heard(world.sim.handset(TO).reply("STOP"), "STOP")
    if world.name == "transmitsms":
        inbound.fields["opts_out"] = True
    gone = Told(mms.OptOut, {"number": TO, "campaign_ref": "bakery", "source": "MO"})
    return [*told, inbound, *([gone] if world.is_skycore else [])]


def picture(to: str = TO, **slide: Any) -> mms.Mms:
    slides = [mms.Slide(text=TEXT, **slide)]
    return mms.Mms(to=to, sender=SENDER, slides=slides, subject="Hi", name="n", reference="r-1")


@at(SKYCORE)
async def an_mms_arrives(world: World) -> list[Told]:
    accepted = await world.client.send(picture())
    same = {"mms_id": accepted.mms_id, "sent_as": "mms", "reference": "r-1", "sender": SENDER}
    return [
        report(accepted.id, TO, STATUS.SENT, **same),
        report(accepted.id, TO, STATUS.DELIVERED, **same),
    ]


@at(SKYCORE)
async def an_mms_arrives_as_text(world: World) -> list[Told]:
    accepted = await world.client.send(picture(SMALL))
    return [
        report(accepted.id, SMALL, STATUS.SENT, sent_as="sms"),
        report(accepted.id, SMALL, STATUS.DELIVERED, sent_as="sms"),
    ]


@at(SKYCORE)
async def an_mms_is_lost(world: World) -> list[Told]:
    accepted = await world.client.send(picture(LOST))
    return [
        report(accepted.id, LOST, STATUS.SENT, sent_as="mms"),
        report(accepted.id, LOST, STATUS.FAILED, sent_as="mms"),
    ]


@at(SKYCORE)
async def an_mms_runs_out(world: World) -> list[Told]:
    accepted = await world.client.send(picture(STUCK))
    await world.pass_(DAYS)
    return [report(accepted.id, STUCK, STATUS.EXPIRED)]


@at(SKYCORE)
async def an_mms_with_sound_is_encoded(world: World) -> list[Told]:
    accepted = await world.client.send(picture(audio="https://media.example.net/a.mp3"))
    encoded = Told(mms.MmsEncoded, {"mms_id": accepted.mms_id})
    return [
        encoded,
        report(accepted.id, TO, STATUS.SENT),
        report(accepted.id, TO, STATUS.DELIVERED),
    ]


@at(SKYCORE)
async def a_template_is_ready(world: World) -> list[Told]:
    slides = [mms.Slide(audio="https://media.example.net/a.mp3")]
    saved = await world.call(world.service.save_mms(name="n", subject="s", slides=slides))
    return [Told(mms.TemplateReady, {"mms_id": saved.id})]


@at(SKYCORE)
async def a_number_joins_and_leaves(world: World) -> list[Told]:
    await world.call(world.service.subscribe(campaign_ref="bakery", mobile=OTHER))
    await world.call(world.service.unsubscribe(campaign_ref="bakery", mobile=OTHER))
    who = {"number": OTHER, "campaign_ref": "bakery", "source": "API"}
    return [Told(mms.OptIn, who), Told(mms.OptOut, who)]


@at(SKYCORE)
async def somebody_sends_a_picture(world: World) -> list[Told]:
    files = ("https://media.example.net/in.png", "https://media.example.net/in.mp4")
    inbound = world.sim.handset(TO).send_mms("Look", subject="A & B", files=files)
    fields = {"id": inbound, "sender": TO, "channel": "mms", "subject": "A & B", "files": files}
    return [Told(mms.InboundMessage, fields)]


@at(TRANSMITSMS)
async def one_call_goes_to_two(world: World) -> list[Told]:
    call = world.service.send_sms(to=[TO, LOST], text=TEXT, sender=SENDER)
    sent = await world.call(call)
    return [
        report(sent.message_id, TO, STATUS.DELIVERED, words="delivered"),
        report(sent.message_id, LOST, STATUS.FAILED, words="hard-bounce"),
    ]


@at(TRANSMITSMS)
async def a_call_names_its_own_addresses(world: World) -> list[Told]:
    own = "http://127.0.0.1:9/own?mobile=mine&order=a%20b"
    call = world.service.send_sms(
        to=TO, text=TEXT, sender=SENDER, dlr_callback=own, reply_callback=own
    )
    sent = await world.call(call)
    inbound = world.sim.handset(TO).reply(REPLY)
    return [
        report(sent.message_id, TO, STATUS.DELIVERED),
        heard(inbound, REPLY, answers=sent.message_id),
    ]


@at(TRANSMITSMS)
async def a_link_is_opened(world: World) -> list[Told]:
    call = world.service.send_sms(
        to=TO, text="See [tracked-link]", sender=SENDER, tracked_link_url="https://m.example.net/7"
    )
    sent = await world.call(call)
    for _ in range(2):
        world.sim.handset(TO).open_link()
    hits = [{"id": sent.message_id, "number": TO, "sender": SENDER, "hits": n} for n in (1, 2)]
    told = [Told(mms.LinkHit, hit) for hit in hits]
    return [report(sent.message_id, TO, STATUS.DELIVERED), *told]


@at(TRANSMITSMS)
async def a_list_changes(world: World) -> list[Told]:
    made = await world.call(world.service.add_list(name="Bakery", field_1="status"))
    who = {"list_id": made.id, "msisdn": TO}
    await world.call(world.service.add_to_list(**who, first_name="Noor", field_1="a & b"))
    await world.call(world.service.delete_from_list(**who))
    same = {"list_id": made.id, "number": TO, "first_name": "Noor", "data": {"status": "a & b"}}
    return [Told(mms.ListAction, {**same, "action": done}) for done in ("add", "delete")]


@at(CELLCAST)
async def one_call_goes_to_many(world: World) -> list[Told]:
    sent = await world.call(world.service.send_sms(to=[TO, LOST], text=TEXT, sender=SENDER))
    first, second = (message.id for message in sent.messages)
    return [report(first, TO, STATUS.DELIVERED), report(second, LOST, STATUS.FAILED)]


@at(CELLCAST)
async def an_mms_is_delivered(world: World) -> list[Told]:
    image = mms.File(b"\x89PNG\r\n\x1a\n", "menu.png")
    slides = [mms.Slide(image=image, text=TEXT)]
    accepted = await world.client.send(mms.Mms(to=TO, slides=slides))
    return [report(accepted.id, TO, STATUS.DELIVERED)]


@at(CELLCAST)
async def somebody_sends_an_mms(world: World) -> list[Told]:
    inbound = world.sim.handset(TO).send_mms(REPLY, service="cellcast")
    # The Bearer API does not say which it was.
    channel = "sms" if world.form == "Cellcast, Bearer" else "mms"
    return [heard(inbound, REPLY, channel=channel)]


HAPPENINGS: dict[str, dict[str, Happening]] = {
    "Skycore": EVERYWHERE | SKYCORE,
    "TransmitSMS, JSON": EVERYWHERE | TRANSMITSMS,
    "TransmitSMS, XML": EVERYWHERE | TRANSMITSMS,
    "Cellcast, v3": EVERYWHERE | CELLCAST,
    "Cellcast, v3, listed": EVERYWHERE | CELLCAST,
    "Cellcast, Bearer": EVERYWHERE | CELLCAST,
}
