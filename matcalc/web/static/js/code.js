// Source in blocks with a button that copies it; words of Python set apart by weight and colour.

import {copy, make} from "./elements.js";

const TOKENS = /("""[\s\S]*?"""|f?'(?:[^'\\\n]|\\.)*'|f?"(?:[^"\\\n]|\\.)*")|(#[^\n]*)|\b(def|return|import|as|from|if|else|elif|for|in|is|not|and|or|raise|class|None|True|False)\b|\b(\d+(?:\.\d*)?(?:e[+-]?\d+)?)\b/g;
const CLASSES = ["text", "remark", "word", "number"];

/** A block of source under a heading, with a button that copies it. */
export function block(title, source, {python = false, what = title} = {}) {
  const button = copier(source, what);
  const code = make("code", {}, ...(python ? highlighted(source) : [source]));
  return make("figure", {className: "code", dataset: {what}},
    make("figcaption", {}, make("span", {}, title), button),
    make("pre", {tabIndex: 0, "aria-label": title}, code));
}

/** A button that copies a text. */
export function copier(source, what, label = "Copy") {
  const button = make("button", {type: "button", className: "quiet copy"}, label);
  button.addEventListener("click", () => copy(source, what));
  return button;
}

function highlighted(source) {
  const parts = [];
  let last = 0;
  for (const found of source.matchAll(TOKENS)) {
    const kind = CLASSES[[1, 2, 3, 4].find((group) => found[group] !== undefined) - 1];
    parts.push(source.slice(last, found.index), make("span", {className: kind}, found[0]));
    last = found.index + found[0].length;
  }
  return [...parts, source.slice(last)];
}
