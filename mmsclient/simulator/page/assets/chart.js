// The limiter's last minute: calls per second that were let in and that were refused, against the limit.

import { el, svg } from "./dom.js";

const WIDTH = 360, HEIGHT = 112, TOP = 14, STEP = WIDTH / 60;

const sum = (pairs, place) => pairs.reduce((total, pair) => total + pair[place], 0);
const plain = (number) => (Number.isInteger(number) ? String(number) : number.toFixed(2));

/** Draw one account's minute. */
export function chart({ account, limit, seconds }, alone) {
  const pairs = seconds.length ? seconds : Array.from({ length: 60 }, () => [0, 0]);
  const most = Math.max(1, (limit ?? 0) * 1.2, ...pairs.map(([letIn, refused]) => letIn + refused));
  const letIn = sum(pairs, 0), refused = sum(pairs, 1);
  const bound = limit === null ? "no limit" : `limit ${plain(limit)} a second`;
  const words = `${letIn} calls let in and ${refused} refused for rate in the last minute; ${bound}`;
  return el("figure", { class: "chart" },
    alone ? null : el("figcaption", {}, account),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 16}`, role: "img", "aria-label": words },
      hatch(),
      svg("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }),
      ...pairs.flatMap((pair, place) => bars(pair, place, most)),
      ...(limit === null ? [] : mark(limit, most)),
      svg("text", { class: "tick", x: 0, y: HEIGHT + 13 }, "60 s ago"),
      svg("text", { class: "tick", x: WIDTH, y: HEIGHT + 13, "text-anchor": "end" }, "now")),
    el("p", { class: "legend" },
      el("span", { class: "let-in" }, `${letIn} let in`),
      el("span", { class: "refused" }, `${refused} refused for rate`)));
}

const height = (calls, most) => ((HEIGHT - TOP) * calls) / most;

function bars([letIn, refused], place, most) {
  const low = height(letIn, most), high = height(refused, most), x = place * STEP + 0.75;
  const bar = (kind, y, tall) =>
    tall > 0 ? svg("rect", { class: kind, x, y, width: STEP - 1.5, height: tall, rx: Math.min(1.5, tall / 2) }) : null;
  return [bar("let-in", HEIGHT - low, low), bar("refused", HEIGHT - low - high, high)];
}

function mark(limit, most) {
  const y = HEIGHT - height(limit, most);
  return [
    svg("line", { class: "limit", x1: 0, x2: WIDTH, y1: y, y2: y }),
    svg("text", { class: "tick", x: WIDTH, y: y - 4, "text-anchor": "end" }, `limit ${plain(limit)}/s`),
  ];
}

/** Refused calls are hatched, so that they are told apart without their colour too. */
function hatch() {
  const pattern = { id: "hatch", width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  return svg("defs", {}, svg("pattern", pattern,
    svg("rect", { class: "hatch-ground", width: 4, height: 4 }),
    svg("rect", { class: "hatch-line", width: 0.9, height: 4 })));
}
