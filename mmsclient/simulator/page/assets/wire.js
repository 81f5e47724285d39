// What went over the wire for a message: the call, its answer, and the postbacks about it.

import { ask, byId, el, named, time } from "./dom.js";

const KINDS = {
  delivery: "Delivery report", inbound: "Inbound message", opt_out: "Opt-out", opt_in: "Opt-in",
  hit: "Link hit", encoded: "Encoded", template: "Template ready", list: "List",
};
let shown = null;
let documents = new Map();

/** Show the wire behind a message, newly opened. */
export async function showWire(row) {
  documents = new Map();
  await refreshWire(row);
}

/** Show it again with what has changed, as long as it is the message that is shown. */
export async function refreshWire(row) {
  shown = row;
  const wanted = [row.document ? `documents/${row.document}` : null, ...row.posts.map((post) => `posts/${post.serial}`)];
  await Promise.all(wanted.filter((path) => path && !documents.has(path)).map(async (path) => {
    documents.set(path, await ask(path).catch((error) => ({ error: error.message })));
  }));
  if (shown === row) draw();
}

export const shownKey = () => shown?.key ?? null;

/** Draw it: readable, or as it was sent. */
export function draw() {
  if (shown === null) return;
  const row = shown, call = row.document ? documents.get(`documents/${row.document}`) : null;
  const who = row.side === "owner" ? `to ${row.to}` : `from ${row.sender}`;
  byId("wire-title").textContent = `${row.kind.toUpperCase()} ${who}`;
  byId("wire-body").replaceChildren(
    facts(row),
    ...(row.side === "owner" ? [] : [part("The call", call ?? { error: "the simulator itself made it" })]),
    ...(call && !call.error ? [answer(call)] : []),
    ...row.posts.map((post) => part(title(post), documents.get(`posts/${post.serial}`), time(post.at))),
    ...(row.posts.length ? [] : [el("p", { class: "empty" }, "Nothing was posted about it.")]));
}

function facts(row) {
  const pairs = [
    ["Service", named(row.service)],
    ["Tracking id", row.tracking_id],
    ["Reference", row.reference],
  ].filter(([, value]) => value);
  return el("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function title(post) {
  const again = post.attempt > 1 ? `, attempt ${post.attempt}` : "";
  const source = post.source ? `, from ${post.source}` : "";
  const end = { answered: `answered ${post.status}`, "no answer": "no answer", refused: "not called: not on this machine" }[post.end];
  return `${KINDS[post.kind] ?? post.kind}${again}${source}: ${end}`;
}

function part(name, document, aside = null) {
  if (document.error) return el("section", { class: "part" }, el("h3", {}, name), el("p", { class: "empty" }, document.error));
  const type = document.headers.find(([header]) => header.toLowerCase() === "content-type")?.[1] ?? "";
  return el("section", { class: "part" },
    el("h3", {}, name, aside ? el("span", { class: "aside" }, aside) : null),
    el("p", { class: "target" }, el("b", {}, document.method), " ", target(document)),
    el("details", {}, el("summary", {}, "Headers"), pre(document.headers.map(([header, value]) => `${header}: ${value}`).join("\n"))),
    query(document),
    document.body ? pre(document.body, type) : null,
    document.cut ? el("p", { class: "empty" }, "It is longer than what is kept.") : null);
}

const asSent = () => byId("as-sent").checked;
const target = (document) => (asSent() ? document.target : document.target.split("?")[0]);

function query(document) {
  const text = document.target.split("?").slice(1).join("?");
  return text && !asSent() ? pre(text, "application/x-www-form-urlencoded") : null;
}

function answer(call) {
  return el("section", { class: "part" }, el("h3", {}, `Its answer: ${call.status}`), call.answer ? pre(call.answer, "") : null);
}

function pre(text, type = null) {
  const readable = type === null || asSent() ? text : pretty(text, type);
  const pieces = readable.split(/(<[^<>]*>|"[^"\n]*":|^[\w[\].-]+ = )/m);
  return el("pre", {}, ...pieces.map((piece, place) => (place % 2 ? el("span", { class: "mark" }, piece) : piece)));
}

function pretty(text, type) {
  if (text.startsWith("<")) return indented(text);
  if (text.startsWith("{") || text.startsWith("[")) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  return type.includes("urlencoded") ? unfolded(text) : text;
}

function indented(text) {
  let depth = 0;
  return text.replace(/>\s*</g, ">\n<").split("\n").map((line) => {
    if (line.startsWith("</")) depth = Math.max(0, depth - 1);
    const shifted = line.startsWith("<") ? "  ".repeat(depth) + line : line;
    if (/^<[^/!?][^<>]*[^/<>]>$|^<[^/!?<>]>$/.test(line)) depth += 1;
    return shifted;
  }).join("\n");
}

function unfolded(text) {
  const plain = (part) => {
    try {
      return decodeURIComponent(part.replaceAll("+", " "));
    } catch {
      return part;
    }
  };
  return text.split("&").map((pair) => {
    const [name, ...value] = pair.split("=");
    return `${plain(name)} = ${plain(value.join("="))}`;
  }).join("\n");
}

