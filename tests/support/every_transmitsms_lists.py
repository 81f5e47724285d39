"""TransmitSMS: a trial of every call about contact lists."""

from __future__ import annotations

from every_call import CONTACTS, OTHER, TO, Table, Trial, recent

CALLS = Table()


async def make_list(trial: Trial) -> str:
    made = await trial.call(trial.service.add_list(name="Bakery", field_1="age", field_2="town"))
    call = trial.service.add_to_list(
        list_id=made.id, msisdn=TO, first_name="Noor", last_name="", field_1="41"
    )
    await trial.call(call)
    return str(made.id)


@CALLS("get-lists")
async def get_lists(trial: Trial) -> None:
    made = await make_list(trial)
    for style in ("plain", "array"):
        [row] = await trial.rows(trial.service.get_lists(response_style=style))
        assert (row.id, row.name, row.members_active) == (made, "Bakery", 1)
        assert row.fields == {"field_1": "age", "field_2": "town"}
        assert recent(row.created)


@CALLS("get-list")
async def get_list(trial: Trial) -> None:
    made = await make_list(trial)
    for n in range(12):
        await trial.call(trial.service.add_to_list(list_id=made, msisdn=f"120255501{n:02}"))
    rows = await trial.rows(trial.service.get_list(list_id=made, max=5))
    assert len({row.msisdn for row in rows}) == 13
    assert rows[-1].msisdn == TO
    assert rows[-1].fields == {"age": "41", "town": ""}
    assert {row.status for row in rows} == {"active"}


@CALLS("add-list")
async def add_list(trial: Trial) -> None:
    made = await trial.call(trial.service.add_list(name="Bakery", field_1="age"))
    assert (made.name, made.fields, made.members_active) == ("Bakery", {"field_1": "age"}, 0)
    assert made.id.isdigit()


@CALLS("add-field-to-list")
async def add_field_to_list(trial: Trial) -> None:
    made = await make_list(trial)
    added = await trial.call(trial.service.add_field_to_list(list_id=made, field_3="bread"))
    assert (added.id, added.fields) == (made, {"custom_3": "bread"})


@CALLS("remove-list")
async def remove_list(trial: Trial) -> None:
    made = await make_list(trial)
    assert "error" in (await trial.call(trial.service.remove_list(list_id=made))).raw
    assert await trial.rows(trial.service.get_lists()) == []


@CALLS("add-to-list")
async def add_to_list(trial: Trial) -> None:
    made = await make_list(trial)
    call = trial.service.add_to_list(
        list_id=made, msisdn=OTHER, first_name="Ada", field_1="7", field_2="Rye & Co"
    )
    row = await trial.call(call)
    assert (row.list_id, row.msisdn, row.first_name) == (made, OTHER, "Ada")
    assert row.fields == {"age": "7", "town": "Rye & Co"}
    assert recent(row.created_at)


@CALLS("edit-list-member")
async def edit_list_member(trial: Trial) -> None:
    made = await make_list(trial)
    call = trial.service.edit_list_member(list_id=made, msisdn=TO, last_name="B", field_1="")
    row = await trial.call(call)
    assert (row.first_name, row.last_name, row.fields) == ("Noor", "B", {"age": "", "town": ""})


@CALLS("get-contact")
async def get_contact(trial: Trial) -> None:
    made = await make_list(trial)
    row = await trial.call(trial.service.get_contact(list_id=made, msisdn=TO))
    assert (row.list_id, row.msisdn, row.first_name) == (made, TO, "Noor")
    assert (row.status, row.fields) == ("active", {"age": "41", "town": ""})


@CALLS("delete-from-list")
async def delete_from_list(trial: Trial) -> None:
    made = await make_list(trial)
    left = await trial.call(trial.service.delete_from_list(list_id=made, msisdn=TO))
    assert left.list_ids == (made,)
    rows = await trial.rows(trial.service.get_list(list_id=made, members="all"))
    assert [row.status for row in rows] == ["inactive"]


@CALLS("optout-list-member")
async def optout_list_member(trial: Trial) -> None:
    made = await make_list(trial)
    left = await trial.call(trial.service.optout_list_member(all_lists=True, msisdn=TO))
    assert left.list_ids == (made,)


@CALLS("add-contacts-bulk")
async def add_contacts_bulk(trial: Trial) -> None:
    call = trial.service.add_contacts_bulk(file_url=CONTACTS, name="Imported")
    begun = await trial.call(call)
    [contact] = await trial.rows(trial.service.get_list(list_id=begun.list_id))
    assert (contact.msisdn, contact.first_name) == (TO, "Noor")


@CALLS("add-contacts-bulk-progress")
async def add_contacts_bulk_progress(trial: Trial) -> None:
    call = trial.service.add_contacts_bulk(file_url=CONTACTS, name="Imported")
    begun = await trial.call(call)
    found = await trial.call(trial.service.add_contacts_bulk_progress(list_id=begun.list_id))
    assert (found.list_id, found.status) == (begun.list_id, "completed")
    counts = (found.importlength, found.completed, found.imported, found.duplicates, found.skipped)
    assert counts == (3, 3, 1, 1, 1)
    assert found.optout == 0
