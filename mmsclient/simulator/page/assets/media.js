// Stand-ins for what a message carries: drawn here, since nothing is ever fetched.

import { el, svg, theirs } from "./dom.js";

const WORDS = {
  image: "Picture", audio: "Audio", video: "Video", vcard: "vCard", ical: "Calendar",
  pdf: "PDF", passbook: "Pass", "personalized-image": "Personal picture",
};
const OBJECTS = new Set(["vcard", "ical", "pdf", "passbook"]);
let drawn = 0;

/** Whether only phones with iOS show it. */
export const isObject = (file) => OBJECTS.has(file.kind);

export const word = (file) => WORDS[file.kind] ?? file.kind;

/** Draw one file, with its name and where it would come from. */
export function medium(file) {
  const picture = ["image", "personalized-image", "video"].includes(file.kind);
  const told = [word(file), file.host, file.size ? size(file.size) : null].filter(Boolean).join(" · ");
  return el("figure", { class: `medium ${picture ? "wide" : "row"}`, "data-kind": file.kind },
    draw(file),
    el("figcaption", {},
      el("span", { class: "medium-name" }, theirs(file.name)),
      el("span", { class: "medium-host" }, told)));
}

const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function draw(file) {
  const seed = hash(`${file.host}/${file.name}`);
  if (file.kind === "audio") return wave(seed);
  if (isObject(file)) return sheet(file.kind);
  return file.kind === "video" ? film(seed) : landscape(seed);
}

function hash(text) {
  let state = 2166136261;
  for (const letter of text) state = Math.imul(state ^ letter.codePointAt(0), 16777619);
  return state >>> 0;
}

// Sky above, sky below, hills far and near.
const PALETTES = [
  ["#8ec5ef", "#e3f1fb", "#6d9fb5", "#3f7288"], ["#f6b48f", "#fde8d4", "#c0796a", "#8a4f56"],
  ["#a9b8f2", "#eceafd", "#7c82bd", "#51578f"], ["#9ad6bd", "#e6f6e6", "#69a488", "#3d7862"],
  ["#f3c66d", "#fdf1cf", "#c39a52", "#8b6b3a"], ["#e7a6c0", "#fbe6ec", "#b27492", "#7d4b6b"],
];
const palette = (seed) => PALETTES[seed % PALETTES.length];
const frame = (width, height, ...children) =>
  svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "art", "aria-hidden": "true" }, ...children);

function sky(seed) {
  const id = `sky-${(drawn += 1)}`;
  const stops = palette(seed).slice(0, 2).map((colour, place) => [place, colour]);
  return [
    svg("defs", {}, svg("linearGradient", { id, x1: 0, y1: 0, x2: 0, y2: 1 },
      ...stops.map(([offset, colour]) => svg("stop", { offset, "stop-color": colour })))),
    svg("rect", { width: 240, height: 136, fill: `url(#${id})` }),
  ];
}

function landscape(seed) {
  const x = 40 + (seed % 160), peak = 44 + (seed % 30);
  return frame(240, 136, ...sky(seed),
    svg("circle", { cx: x, cy: 36, r: 15, fill: "#fff", opacity: 0.85 }),
    svg("path", { d: `M0 112 L62 ${peak} L118 104 L168 ${peak + 14} L240 108 V136 H0 Z`, fill: palette(seed)[2] }),
    svg("path", { d: "M0 122 C60 96 120 132 240 104 V136 H0 Z", fill: palette(seed)[3] }));
}

function film(seed) {
  return frame(240, 136, ...sky(seed),
    svg("rect", { width: 240, height: 136, fill: "#141a2c", opacity: 0.62 }),
    svg("circle", { cx: 120, cy: 68, r: 25, fill: "#fff", opacity: 0.94 }),
    svg("path", { d: "M112 56 L132 68 L112 80 Z", fill: "#1c2024" }));
}

function wave(seed) {
  const bars = Array.from({ length: 22 }, (_, place) => {
    const tall = 5 + ((seed >>> (place % 16)) % 7) * 2.6 + 6 * Math.abs(Math.sin(place * 0.7 + (seed % 9)));
    return svg("rect", { x: 44 + place * 5, y: 22 - tall / 2, width: 2.6, height: tall, rx: 1.3, fill: "currentColor", opacity: 0.75 });
  });
  return frame(160, 44,
    svg("circle", { cx: 20, cy: 22, r: 16, class: "art-accent" }),
    svg("path", { d: "M15.5 14 L28 22 L15.5 30 Z", fill: "#fff" }), ...bars);
}

function sheet(kind) {
  const inside = {
    vcard: [svg("circle", { cx: 22, cy: 18, r: 6, class: "art-accent" }), svg("path", { d: "M11 35 C11 26 33 26 33 35 Z", class: "art-accent" })],
    ical: [
      svg("rect", { x: 8, y: 4, width: 28, height: 9, class: "art-accent" }),
      ...[0, 1, 2, 3, 4, 5].map((n) => svg("rect", { x: 12 + (n % 3) * 8, y: 18 + Math.floor(n / 3) * 8, width: 4, height: 4, rx: 1, fill: "currentColor", opacity: 0.6 })),
    ],
    pdf: [0, 1, 2, 3].map((n) => svg("rect", { x: 13, y: 12 + n * 6, width: n === 3 ? 11 : 18, height: 2.4, rx: 1.2, fill: "currentColor", opacity: 0.6 })),
    passbook: [svg("rect", { x: 8, y: 4, width: 28, height: 14, class: "art-accent" }), svg("rect", { x: 14, y: 25, width: 16, height: 7, fill: "currentColor", opacity: 0.6 })],
  };
  return frame(44, 44, svg("rect", { x: 8, y: 4, width: 28, height: 36, rx: 4, class: "art-paper" }), ...inside[kind]);
}
