// The page: which phone is open, what the simulator tells of it, and what its owner does.

import { chart } from "./chart.js";
import { ask, byId, el, reconcile, refusal, spoken, theirs, time } from "./dom.js";
import { showHead, showThread, slides } from "./thread.js";
import { draw, refreshWire, showWire, shownKey } from "./wire.js";

const wide = matchMedia("(min-width: 1180px)");
let stream = null, number = null, thread = null, opener = null, behindKey = null;

// --- what comes in ---

function listen() {
  stream?.close();
  stream = new EventSource(`page/live${number ? `?phone=${encodeURIComponent(number)}` : ""}`);
  stream.addEventListener("open", () => state("live", "Live"));
  stream.addEventListener("phones", (event) => showPhones(JSON.parse(event.data)));
  stream.addEventListener("pulse", (event) => showPulse(JSON.parse(event.data)));
  stream.addEventListener("thread", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("error", lost);
}

async function lost({ target }) {
  if (target !== stream) return;
  state("lost", "No connection, trying again");
  if (target.readyState !== EventSource.CLOSED) return;
  const reason = await refusal(target.url);
  if (target !== stream) return;
  if (reason === null) setTimeout(() => target === stream && listen(), 2000);
  else {
    state("lost", reason);
    document.body.dataset.view = "list"; // where the reason is seen on small screens too
  }
}

function state(kind, words) {
  const shown = byId("state");
  if (shown.textContent !== words) shown.textContent = words;
  shown.dataset.state = kind;
}

function showPhones({ total, phones }) {
  const list = byId("phones"), places = new Map([...list.children].map((node, place) => [node.dataset.key, place]));
  const rows = phones.map((phone) => ({ ...phone, open: phone.number === number }));
  if (inUse(list)) rows.sort((one, other) => (places.get(one.number) ?? 1e3) - (places.get(other.number) ?? 1e3));
  reconcile(list, rows, (row) => row.number, (row) => el("li", {},
    el("a", { href: `#${row.number}`, "data-role": "phone", "aria-current": row.open ? "true" : null },
      el("span", { class: "phone-number" }, spoken(row.number)),
      row.at ? time(row.at) : null,
      el("span", { class: "glimpse" }, row.from_owner ? "↩ " : "", theirs(row.glimpse)),
      row.status && row.status !== "delivered" ? el("span", { class: "badge", "data-status": row.status }, row.status) : null)));
  byId("no-phones").hidden = phones.length > 0;
  byId("more-phones").hidden = total <= phones.length;
  byId("more-phones").textContent = `and ${total - phones.length} more, not shown`;
}

/** Whether somebody is about to choose: then nothing changes its place. */
const inUse = (list) => list.matches(":focus-within") || (matchMedia("(hover: hover)").matches && list.matches(":hover"));

function showPulse({ date, speed, charts }) {
  byId("clock").replaceWith(Object.assign(time(date), { id: "clock" }));
  byId("speed").textContent = speed === 1 ? "" : `× ${speed}`;
  byId("charts").replaceChildren(...charts.map((one) => chart(one, charts.length === 1)));
}

function take(told) {
  if (told.number !== number) return;
  const first = thread?.number !== told.number;
  thread = told;
  byId("no-phone").hidden = true;
  byId("phone").hidden = false;
  showHead(thread);
  showThread(thread, openWire, openBehind);
  if (first) byId("messages").scrollTop = byId("messages").scrollHeight;
  const row = (key) => thread.messages.find((message) => message.key === key);
  if (byId("wire").open && row(shownKey())) refreshWire(row(shownKey()));
  if (byId("behind").open && row(behindKey)) fillBehind(row(behindKey));
}

// --- which phone is open ---

function follow() {
  const wanted = location.hash.slice(1) || null;
  if (wanted === number && stream) return;
  [number, thread] = [wanted, null];
  document.body.dataset.view = number ? "thread" : "list";
  byId("no-phone").hidden = number !== null;
  byId("phone").hidden = true;
  byId("bubbles").replaceChildren();
  byId("refused").textContent = "";
  if (byId("wire").open) byId("wire").close();
  for (const link of byId("phones").querySelectorAll("a")) {
    if (link.hash === location.hash && number) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  listen();
}

function goThroughPhones(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const links = [...byId("phones").querySelectorAll("a")];
  links[links.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

// --- the wire, and what is behind a link ---

function openWire(row) {
  opener = document.activeElement;
  placeWire();
  showWire(row).then(() => byId("wire-title").focus());
}

/** Show the wire beside the phone where there is room, and else over it. */
function placeWire() {
  const dialog = byId("wire");
  dialog.close();
  if (wide.matches) dialog.show();
  else dialog.showModal();
}

function closeWire() {
  byId("wire").close();
  // What was re-drawn in the meantime is not there any more, but has a successor.
  const key = opener?.closest("[data-key]")?.dataset.key;
  const again = key && [...byId("bubbles").children].find((node) => node.dataset.key === key);
  (opener?.isConnected ? opener : again?.querySelector("[data-role=details]"))?.focus();
}

function openBehind(row) {
  behindKey = row.key;
  fillBehind(row);
  byId("behind").showModal();
}

function fillBehind({ link }) {
  byId("behind-body").replaceChildren(...(link.ended
    ? [el("p", { class: "empty" }, "The content behind this link has ended.")]
    : [
        link.subject ? el("p", { class: "subject", dir: "auto" }, link.subject) : null,
        ...slides(link.slides, true),
      ].filter(Boolean)));
}

// --- what a phone's owner does ---

const given = (form, ...names) =>
  Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value));

/** Send a form, and say beside it what is refused. */
async function submit(form, alert, deed) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  alert.textContent = "";
  try {
    await deed();
    form.reset();
    return true;
  } catch (error) {
    alert.textContent = error.message;
    return false;
  } finally {
    button.disabled = false;
  }
}

async function answer(event) {
  event.preventDefault();
  const form = byId("composer"), message = given(form, "text", "subject", "picture");
  if (await submit(form, byId("refused"), () => ask(`phones/${number}/messages`, message))) {
    form.querySelector("details").open = false;
    byId("messages").scrollTop = byId("messages").scrollHeight;
  }
  byId("answer").focus();
}

async function writeAnew(event) {
  event.preventDefault();
  const form = byId("new-form"), from = form.elements.number.value.replace(/[^\d]/g, "");
  const message = given(form, "text", "subject", "to", "service");
  if (await submit(form, byId("new-refused"), () => ask(`phones/${from}/messages`, message))) {
    byId("new").close();
    location.hash = from;
  }
}

function sendOnEnter(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("composer").requestSubmit();
  }
}

/** Do something with the phone that is open; what is refused stands under the messages. */
const withPhone = (path, body) => () =>
  ask(`phones/${number}/${path}`, body()).catch((error) => { byId("refused").textContent = error.message; });

byId("composer").addEventListener("submit", answer);
byId("answer").addEventListener("keydown", sendOnEnter);
byId("new-form").addEventListener("submit", writeAnew);
byId("ios").addEventListener("click", withPhone("system", () => ({ ios: !thread.ios })));
byId("hit").addEventListener("click", withPhone("hits", () => ({})));
byId("write").addEventListener("click", () => byId("new").showModal());
byId("new-close").addEventListener("click", () => byId("new").close());
byId("behind-close").addEventListener("click", () => byId("behind").close());
byId("wire-close").addEventListener("click", closeWire);
byId("wire").addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); closeWire(); } });
byId("as-sent").addEventListener("change", draw);
byId("phones").addEventListener("keydown", goThroughPhones);
byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("stage").focus(); });
wide.addEventListener("change", () => { if (byId("wire").open) placeWire(); });
addEventListener("hashchange", follow);
follow();
