// LaTeX as mathematics, by KaTeX.

import {make} from "./elements.js";

const OPTIONS = {throwOnError: false, strict: false, trust: false, maxSize: 20, maxExpand: 1000};
const LONGEST = 20000;
const SIDE_BY_SIDE = /,\s*\\q?quad\s+(?!\\text)/; // equations beside each other

/** Shows LaTeX in an element; set inline, so that long formulas break between equations and after relations and signs. */
export function show(element, latex, display = true) {
  if (latex.length > LONGEST) {
    element.replaceChildren(make("p", {className: "aside"}, "too long to be set: the text and LaTeX panels have it"));
    return;
  }
  const equations = display ? latex.split(SIDE_BY_SIDE) : [latex];
  element.replaceChildren(...equations.map((equation) => {
    const part = make("span", {className: "equation"});
    globalThis.katex.render(display ? `\\displaystyle ${equation}` : equation, part, OPTIONS);
    keepBrackets(part);
    return part;
  }));
}

/** Lines break outside of brackets, and inside only where what the brackets hold is wider than a line. */
function keepBrackets(element) {
  let depth = 0;
  let group = null;
  for (const base of element.querySelectorAll(".katex-html > *")) {
    if (depth === 0) base.before(group = make("span", {className: "together"}));
    group.append(base);
    for (const part of base.children) depth = Math.max(0, depth + brackets(part));
  }
}

/** How many brackets a part of a formula opens or, below 0, closes; those side by side are one part. */
function brackets(part) {
  const sign = part.classList.contains("mopen") - part.classList.contains("mclose");
  return sign * (part.textContent.match(/^[()[\]{}⟨⟩∥|]+/)?.[0].length ?? 1);
}

/** A new element that shows LaTeX. */
export function mathematics(latex, {display = false, className = "math"} = {}) {
  const element = make("span", {className});
  show(element, latex, display);
  return element;
}

/** The LaTeX of a space such as `R^{m x n}`. */
export function space(text) {
  const power = text.match(/^R\^\{?(.*?)\}?$/);
  if (!power) return "\\mathbb{R}";
  return `\\mathbb{R}^{${power[1].replaceAll(" x ", " \\times ")}}`;
}
