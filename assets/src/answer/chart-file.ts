// SPDX-License-Identifier: Apache-2.0
// A chart as a file: an SVG that needs nothing of the page, with the colours of the light theme on white and its
// caption above it, and the same as a PNG at twice the size. The PNG is painted from the SVG by way of a data: URL,
// which is all that the content security policy lets an image be.

const SVG = "http://www.w3.org/2000/svg";
const CAPTION_PX = 30;
const EDGE_PX = 16;
const PNG_SCALE = 2;
/** What an element is drawn with that may come from a style sheet or a token; a child has it of its parent. */
const DRAWN_WITH = ["fill", "stroke", "fill-opacity", "stroke-opacity", "stroke-width", "font-size", "font-family", "font-weight", "font-variant-numeric", "text-anchor"] as const;

const make = (name: string, attributes: Record<string, string | number>) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
};

/** Writes into each element what it is drawn with where its parent is drawn with something else. */
function settle(element: Element, parent: Record<string, string> = {}): void {
  const computed = getComputedStyle(element);
  const own = Object.fromEntries(DRAWN_WITH.map((name) => [name, computed.getPropertyValue(name)]));
  // All are read before the first is written: the browser computes them once.
  for (const child of element.children) settle(child, own);
  for (const [name, value] of Object.entries(own)) {
    if (value !== parent[name]) element.setAttribute(name, value);
    else element.removeAttribute(name);
  }
  for (const name of ["class", "style", "aria-hidden"]) element.removeAttribute(name);
}

function textLine(text: string, x: number, y: number, extra: Record<string, string | number>): SVGElement {
  const line = make("text", { x, y, ...extra });
  line.textContent = text;
  return line;
}

/** The series as small squares with their names, in one line. */
function legendOf(series: string[], top: number): SVGElement {
  const group = make("g", {});
  let left = EDGE_PX;
  series.forEach((name, nth) => {
    group.append(make("rect", { x: left, y: top - 9, width: 10, height: 10, rx: 2, fill: `var(--series-${(nth % 8) + 1})` }), textLine(name, left + 16, top, { "font-size": 12, fill: "var(--ink-2)" }));
    left += 16 + name.length * 7 + 18;
  });
  return group;
}

/** DRAWING is the drawing as it is in the page. */
export function svgFile(drawing: SVGSVGElement, caption: string, series: string[]): string {
  const [width, height] = [Number(drawing.getAttribute("width")), Number(drawing.getAttribute("height"))];
  const above = CAPTION_PX + (series.length > 0 ? 22 : 0);
  const [wide, high] = [width + 2 * EDGE_PX, height + above + 2 * EDGE_PX];
  const inner = drawing.cloneNode(true) as SVGSVGElement;
  for (const [key, value] of Object.entries({ x: EDGE_PX, y: EDGE_PX + above, width, height, overflow: "visible" })) inner.setAttribute(key, String(value));
  const outer = make("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}` });
  const title = make("title", {});
  title.textContent = caption;
  outer.append(title, make("rect", { width: wide, height: high, fill: "#ffffff" }), textLine(caption, EDGE_PX, EDGE_PX + 12, { "font-size": 13, "font-weight": 600, fill: "var(--ink)" }));
  if (series.length > 0) outer.append(legendOf(series, EDGE_PX + CAPTION_PX + 4));
  outer.append(inner);
  const stage = document.createElement("div");
  stage.className = "chart chart-stage";
  stage.append(outer);
  document.body.append(stage);
  settle(outer);
  stage.remove();
  outer.setAttribute("xmlns", SVG);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(outer)}\n`;
}

export async function pngFile(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width * PNG_SCALE, image.height * PNG_SCALE];
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser painted no picture"))), "image/png"));
}
