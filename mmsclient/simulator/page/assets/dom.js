// Building blocks: elements whose text is only ever text, lists that keep what has not changed, words.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. Children are nodes or text; what is null or false is left out. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Make an element of SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A text of somebody else's, that cannot turn the direction of what stands around it. */
export const theirs = (text) => el("bdi", {}, text);

/** Bring a list up to date: nodes whose items are the same stay as they are, and keep the focus. */
export function reconcile(list, items, keyOf, build) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const lost = focused && { key: focused.closest("[data-key]")?.dataset.key, role: focused.dataset.role };
  const wanted = items.map((item) => {
    const key = keyOf(item), state = JSON.stringify(item), known = old.get(key);
    if (known && known.state === state) return known;
    const node = build(item);
    node.dataset.key = key;
    node.state = state;
    return node;
  });
  wanted.forEach((node, place) => {
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
  while (list.children.length > wanted.length) list.lastElementChild.remove();
  if (focused && document.activeElement !== focused) {
    const again = [...list.children].find((node) => node.dataset.key === lost.key);
    const target = lost.role && again?.querySelector(`[data-role="${lost.role}"]`);
    (focused.isConnected ? focused : target)?.focus({ preventScroll: true });
  }
}

/** Write a number as people do. */
export function spoken(number) {
  const us = /^1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (us) return `+1 ${us[1]} ${us[2]} ${us[3]}`;
  const au = /^61(\d{3})(\d{3})(\d{3})$/.exec(number);
  return au ? `+61 ${au[1]} ${au[2]} ${au[3]}` : `+${number}`;
}

const NAMES = { skycore: "Skycore", transmitsms: "TransmitSMS", cellcast: "Cellcast" };
export const named = (service) => NAMES[service] ?? service;

/** Show a time of the service's clock, in the reader's zone. */
export function time(iso) {
  const shown = new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return el("time", { datetime: iso }, shown);
}

/** Show a date and a time of the service's clock, in the reader's zone. */
export function moment(iso) {
  return el("time", { datetime: iso }, new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "medium", hour12: false }));
}

/** Say why the simulator refuses an address, which a stream does not tell; null: it does not, or is away. */
export async function refusal(url) {
  const answer = await fetch(url).catch(() => null);
  if (answer === null || answer.ok) {
    answer?.body.cancel();
    return null;
  }
  return words(answer);
}

/** What an answer says is wrong. */
const words = async (answer) => (await answer.json().catch(() => ({}))).error ?? `refused with ${answer.status}`;

/** Ask the simulator for something, or have it do something; what it refuses is an Error in words. */
export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(`page/${path}`, options);
  } catch {
    throw new Error("the simulator does not answer");
  }
  if (!answer.ok) throw new Error(await words(answer));
  return answer.json().catch(() => ({}));
}
