// Errors: the cause, the place under carets, the hint.

import {make, worded} from "./elements.js";

const WINDOW = 96;

/** Shows an error in an element; where its place lies in `field`, a click selects it there. */
export function showFault(element, error, field = null) {
  const parts = [make("p", {className: "cause"}, ...worded(error.message))];
  if (error.place) parts.push(excerpt(error.place, field));
  if (error.hint) parts.push(make("p", {className: "hint"}, make("span", {className: "aside"}, "hint "), ...worded(error.hint)));
  element.replaceChildren(make("div", {className: "fault", dataset: {kind: error.kind}}, ...parts));
  const [line, carets] = element.querySelectorAll(".excerpt > span");
  if (!line) return;
  const wide = line.offsetWidth / line.textContent.length; // of a character
  const middle = (carets.textContent.indexOf("^") + carets.textContent.length) / 2;
  line.parentElement.scrollLeft = middle * wide - line.parentElement.clientWidth / 2;
}

/** The line that holds the place, cut to a window, with carets below. */
function excerpt(place, field) {
  const characters = Array.from(place.text); // places count characters, strings count units
  const start = Math.min(place.start, characters.length);
  const first = characters.lastIndexOf("\n", start - 1) + 1;
  const after = characters.indexOf("\n", start);
  const last = after < 0 ? characters.length : after;
  const left = Math.max(first, start - WINDOW / 2);
  const right = Math.min(last, left + WINDOW);
  const head = left > first ? "…" : "";
  const line = characters.slice(left, right).join("").replaceAll("\t", " ");
  const width = Math.max(1, Math.min(place.end, right) - start);
  const carets = " ".repeat(head.length + start - left) + "^".repeat(width);
  const here = field !== null && field.value === place.text;
  const element = make(here ? "button" : "div", {className: "excerpt"},
    make("span", {className: "source"}, head + line + (right < last ? "…" : "")),
    make("span", {className: "carets", "aria-hidden": "true"}, carets));
  if (here) {
    element.type = "button";
    element.title = "Select the place in the formula";
    element.addEventListener("click", () => {
      const units = (end) => characters.slice(0, end).join("").length;
      field.focus();
      field.setSelectionRange(units(start), units(Math.max(place.end, start + 1)));
    });
  }
  return element;
}
