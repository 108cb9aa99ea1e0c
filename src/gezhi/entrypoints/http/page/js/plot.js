// Results that are better seen: bars, or a line over time. The table stays beside it for everybody else.

import { t } from "./words.js";

const SPACE = "http://www.w3.org/2000/svg";
const WIDTH = 560, LABEL = 150, NUMBER = 90, ROW = 24, HEIGHT = 180;

function svg(tag, properties = {}, ...children) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

export function drawPlot(done) {
  const { kind, label, value } = done.plot;
  const points = done.rows.map((row) => ({ name: String(row[label]), number: Number(row[value]) }));
  const told = t("plot_of", { value: done.columns[value], label: done.columns[label] });
  const described = points.map((point) => `${point.name}: ${shown(point.number)}`).join("; ");
  const [height, marks] = kind === "line" ? line(points) : bars(points);
  return svg("svg", { class: `plot ${kind}`, viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": told },
    svg("title", {}, told), svg("desc", {}, described), ...marks);
}

function bars(points) {
  const low = Math.min(0, ...points.map((point) => point.number)), high = Math.max(0, ...points.map((point) => point.number));
  const scale = (WIDTH - LABEL - NUMBER) / (high - low || 1);
  const zero = LABEL + (0 - low) * scale;
  const marks = points.flatMap(({ name, number }, at) => {
    const y = at * ROW, length = Math.abs(number) * scale;
    return [
      svg("text", { x: LABEL - 8, y: y + 16, "text-anchor": "end" }, shortened(name, 20)),
      svg("rect", { x: number < 0 ? zero - length : zero, y: y + 4, width: Math.max(length, 1), height: ROW - 8, rx: 2 }, svg("title", {}, `${name}: ${shown(number)}`)),
      svg("text", { x: (number < 0 ? zero : zero + length) + 6, y: y + 16, class: "number" }, shown(number)),
    ];
  });
  return [points.length * ROW, marks];
}

function line(points) {
  const ordered = points[0].name <= points.at(-1).name ? points : [...points].reverse();
  const numbers = ordered.map((point) => point.number);
  const high = Math.max(...numbers), low = Math.min(...numbers) >= 0 ? 0 : Math.min(...numbers);
  const x = (at) => 30 + (at * (WIDTH - 60)) / (ordered.length - 1);
  const y = (number) => 24 + ((high - number) * (HEIGHT - 56)) / (high - low || 1);
  const every = Math.ceil(ordered.length / 8);
  const marks = [
    svg("line", { x1: 20, x2: WIDTH - 20, y1: y(Math.max(low, 0)), y2: y(Math.max(low, 0)), class: "axis" }),
    svg("polyline", { points: ordered.map((point, at) => `${x(at)},${y(point.number)}`).join(" ") }),
  ];
  ordered.forEach(({ name, number }, at) => {
    marks.push(svg("circle", { cx: x(at), cy: y(number), r: 3 }, svg("title", {}, `${name}: ${shown(number)}`)));
    if (at % every === 0) marks.push(svg("text", { x: x(at), y: HEIGHT - 6, "text-anchor": "middle" }, shortened(name, 12)));
    if (ordered.length <= 12) marks.push(svg("text", { x: x(at), y: y(number) - 8, "text-anchor": "middle", class: "number" }, brief(number)));
  });
  return [HEIGHT, marks];
}

function shown(number) {
  return number.toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: 2, notation: Math.abs(number) >= 1e9 ? "compact" : "standard" });
}

function brief(number) {
  return number.toLocaleString(document.documentElement.lang || undefined, { maximumSignificantDigits: 3, notation: "compact" });
}

function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
