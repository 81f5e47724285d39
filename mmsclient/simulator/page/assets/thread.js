// One phone: its messages as it shows them, and how far each has come.

import { byId, el, moment, named, reconcile, spoken, theirs, time } from "./dom.js";
import { isObject, medium, word } from "./media.js";

const STATUSES = {
  scheduled: "Scheduled", pending: "Not sent yet", sent: "On its way", delivered: "Delivered",
  failed: "Failed", expired: "Expired", cancelled: "Cancelled",
};

/** Bring the messages of a phone up to date. *show* opens the wire, *behind* a link. */
export function showThread(thread, show, behind) {
  const view = byId("messages"), atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 80;
  const rows = thread.messages.map((message, place) => ({
    ...message,
    ios: thread.ios,
    headed: message.side === "service" && !sameSender(message, thread.messages[place - 1]),
  }));
  reconcile(byId("bubbles"), rows, (row) => row.key, (row) => item(row, show, behind));
  if (atEnd) view.scrollTop = view.scrollHeight;
}

const sameSender = (one, other) =>
  other !== undefined && other.side === "service" && other.sender === one.sender && other.service === one.service;

function item(row, show, behind) {
  return el("li", { class: `message from-${row.side}`, "data-status": row.status ?? "written" },
    row.headed ? el("p", { class: "who" }, theirs(row.sender), ` · ${named(row.service)}`) : null,
    row.side === "owner" ? written(row) : received(row, behind),
    el("p", { class: "foot" }, ...foot(row),
      el("button", { type: "button", class: "details", "data-role": "details", onclick: () => show(row),
        "aria-label": `Details of the message of ${new Date(row.at).toLocaleTimeString()}` }, "Details")));
}

function written(row) {
  return el("div", { class: "bubble" },
    row.subject ? el("p", { class: "subject", dir: "auto" }, row.subject) : null,
    ...row.files.map(medium),
    row.text ? el("p", { class: "text", dir: "auto" }, row.text) : null);
}

function received(row, behind) {
  const body = row.as_sms ? [el("p", { class: "text", dir: "auto" }, row.text)] : slides(row.slides, row.ios);
  return el("div", { class: row.status === "delivered" ? "bubble" : "bubble ghost" },
    row.subject ? el("p", { class: "subject", dir: "auto" }, row.subject) : null,
    ...body,
    row.link ? link(row, behind) : null);
}

/** Show slides one below the other, as phones do. */
export function slides(all, ios) {
  return all.map((slide, place) => el("section", { class: "slide", "aria-label": `Slide ${place + 1} of ${all.length}` },
    ...slide.files.map((file) => (isObject(file) && !ios ? unseen(file, slide) : medium(file))),
    slide.text ? el("p", { class: "text", dir: "auto" }, slide.text) : null,
    all.length > 1 ? el("span", { class: "count", "aria-hidden": "true" }, `${place + 1}/${all.length}`) : null));
}

function unseen(file, slide) {
  const rest = slide.text ? "only the text beside it" : "nothing in its place";
  return el("p", { class: "unseen" }, `${word(file)} not shown: without iOS, ${rest}`);
}

function link(row, behind) {
  return el("p", { class: "link" },
    el("button", { type: "button", class: "quiet", "data-role": "link", onclick: () => behind(row) }, "Open the link"),
    el("span", {}, row.link.ended ? "It has ended" : "It ends ", row.link.ended ? null : moment(row.link.until)));
}

function foot(row) {
  const separate = (parts) => parts.flatMap((part) => [part, " · "]);
  if (row.side === "owner") return separate([toldOf(row), row.opts_out ? "Opted out" : null, time(row.at)].filter(Boolean));
  const status = el("span", { class: "status" }, STATUSES[row.status] ?? row.status);
  return separate([status, row.kind === "mms" && row.as_sms ? "as SMS" : row.kind.toUpperCase(), time(row.at)]);
}

/** Say what became of telling the account holder about what a phone's owner wrote. */
export function toldOf(row) {
  const last = row.posts.at(-1);
  if (last === undefined) return "Not posted";
  if (last.end === "refused") return "Not posted: not an address of this machine";
  return last.end === "answered" ? `Posted, answered ${last.status}` : "Posted, no answer";
}

/** Show what stands above the messages and around them. */
export function showHead(thread) {
  byId("phone-name").textContent = spoken(thread.number);
  byId("phone-hint").textContent = thread.messages.length ? "" : "Nothing came to this phone yet";
  byId("ios").setAttribute("aria-checked", String(thread.ios));
  byId("hit").hidden = !thread.tracked;
  byId("as-mms").hidden = !thread.takes_mms;
  byId("earlier").hidden = !thread.earlier;
  const answer = byId("answer");
  answer.placeholder = thread.answers ? `Answer ${thread.answers} as the owner` : "Write as the owner";
}
