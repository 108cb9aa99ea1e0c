// Elements made by hand: data only ever becomes text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties, `class`, `data-*`/`aria-*` attributes, listeners (`onclick`) and children. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** The server counts Unicode code points, JavaScript counts UTF-16 units: converts from the one to the other. */
export function codePointIndex(text) {
  const astral = [];
  for (let i = 0, points = 0; i < text.length; i++, points++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      astral.push(points);
      i++;
    }
  }
  return (point) => {
    let low = 0;
    let high = astral.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (astral[middle] < point) low = middle + 1;
      else high = middle;
    }
    return point + low;
  };
}
