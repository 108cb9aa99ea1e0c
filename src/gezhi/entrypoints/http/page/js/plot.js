// Results that are better seen: bars, or a line over time. The table stays beside it for everybody else.

import { t } from "./words.js";

const SPACE = "http://www.w3.org/2000/svg";
const WIDEST = 560, ROW = 24, HEIGHT = 180;

function svg(tag, properties = {}, ...children) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** `room`: pixels there are; the plot is laid out for them, so that its letters keep their size on a telephone. */
export function drawPlot(done, room) {
  const width = Math.max(260, Math.min(WIDEST, room || WIDEST));
  const { kind, label, value } = done.plot;
  const points = done.rows.map((row) => ({ name: String(row[label]), number: Number(row[value]) }));
  const told = t("plot_of", { value: done.columns[value], label: done.columns[label] });
  const described = points.map((point) => `${point.name}: ${shown(point.number)}`).join("; ");
  const [height, marks] = kind === "line" ? line(points, width) : bars(points, width);
  return svg("svg", { class: `plot ${kind}`, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": told },
    svg("title", {}, told), svg("desc", {}, described), ...marks);
}

function bars(points, width) {
  const label = width < 460 ? 104 : 150, figure = width < 460 ? 70 : 90;
  const low = Math.min(0, ...points.map((point) => point.number)), high = Math.max(0, ...points.map((point) => point.number));
  const scale = (width - label - figure) / (high - low || 1);
  const zero = label + (0 - low) * scale;
  const marks = points.flatMap(({ name, number }, at) => {
    const y = at * ROW, length = Math.abs(number) * scale;
    return [
      svg("text", { x: label - 8, y: y + 16, "text-anchor": "end" }, shortened(name, label / 7.5)),
      svg("rect", { x: number < 0 ? zero - length : zero, y: y + 4, width: Math.max(length, 1), height: ROW - 8, rx: 2 }, svg("title", {}, `${name}: ${shown(number)}`)),
      svg("text", { x: (number < 0 ? zero : zero + length) + 6, y: y + 16, class: "number" }, shown(number)),
    ];
  });
  return [points.length * ROW, marks];
}

function line(points, width) {
  const ordered = points[0].name <= points.at(-1).name ? points : [...points].reverse();
  const numbers = ordered.map((point) => point.number);
  const high = Math.max(...numbers), low = Math.min(...numbers) >= 0 ? 0 : Math.min(...numbers);
  const x = (at) => 30 + (at * (width - 60)) / (ordered.length - 1);
  const y = (number) => 24 + ((high - number) * (HEIGHT - 56)) / (high - low || 1);
  const every = Math.ceil(ordered.length / (width / 70));
  const marks = [
    svg("line", { x1: 20, x2: width - 20, y1: y(Math.max(low, 0)), y2: y(Math.max(low, 0)), class: "axis" }),
    svg("polyline", { points: ordered.map((point, at) => `${x(at)},${y(point.number)}`).join(" ") }),
  ];
  ordered.forEach(({ name, number }, at) => {
    marks.push(svg("circle", { cx: x(at), cy: y(number), r: 3 }, svg("title", {}, `${name}: ${shown(number)}`)));
    if (at % every === 0) marks.push(svg("text", { x: x(at), y: HEIGHT - 6, "text-anchor": "middle" }, shortened(name, 12)));
    if (ordered.length <= width / 46) marks.push(svg("text", { x: x(at), y: y(number) - 8, "text-anchor": "middle", class: "number" }, brief(number)));
  });
  return [HEIGHT, marks];
}

function shown(number) {
  return number.toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: 2, notation: Math.abs(number) >= 1e9 ? "compact" : "standard" });
}

function brief(number) {
  return number.toLocaleString(document.documentElement.lang || undefined, { maximumSignificantDigits: 3, notation: "compact" });
}

/** A Chinese character takes the place of two others. */
function shortened(text, most) {
  let taken = 0;
  const characters = [...text];
  const cut = characters.findIndex((character) => (taken += character > "\u2e7f" ? 1.7 : 1) > most);
  return cut < 0 ? text : `${characters.slice(0, Math.max(1, cut - 1)).join("")}…`;
}
