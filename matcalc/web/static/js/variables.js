// The variables of the formula: kinds and properties to be clicked, and which one to differentiate by.

import {at, make} from "./elements.js";
import {mathematics, space} from "./mathematics.js";

const KINDS = ["scalar", "vector", "matrix"];
const WORDS = {posdef: "positive definite", psd: "positive semidefinite"};
const open = new Set(); // names of variables whose properties are shown

/** Shows the variables; `on` has what happens when one is changed, chosen or set free again. */
export function showVariables(answer, on) {
  at("several").setAttribute("aria-pressed", String(on.areSeveral()));
  const focused = document.activeElement?.dataset?.key;
  const by = new Set(answer.by ?? []);
  at("variables").replaceChildren(...answer.variables.map((v) => row(v, by, answer.properties, on)));
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function row(variable, by, properties, on) {
  const chosen = by.has(variable.array);
  return make("li", {className: chosen ? "variable chosen" : "variable", dataset: {name: variable.name}},
    choice(variable, chosen, on),
    kinds(variable, on),
    origin(variable, on),
    details(variable, properties, on));
}

/** The name, as the choice of what to differentiate by. */
function choice(variable, chosen, on) {
  const input = make("input", {type: on.areSeveral() ? "checkbox" : "radio", name: "variable", checked: chosen, value: variable.array,
    dataset: {key: `by ${variable.name}`}, "aria-label": `differentiate by ${variable.name}`});
  input.addEventListener("change", () => on.by(variable.array, input.checked));
  return make("label", {className: "name", title: `differentiate by ${variable.name}`}, input,
    mathematics(`${variable.latex} \\in ${space(variable.shape)}`));
}

/** The kinds, one of them pressed. */
function kinds(variable, on) {
  const buttons = KINDS.map((kind) => {
    const pressed = variable.kind === kind;
    const button = make("button", {type: "button", "aria-pressed": String(pressed), disabled: variable.declared === "formula",
      dataset: {key: `${kind} ${variable.name}`}}, kind);
    button.addEventListener("click", () => {
      if (!pressed || !variable.declared) on.change(variable, kind, kind === "matrix" ? variable.properties : variable.properties.filter(ofEntries));
    });
    return button;
  });
  return make("div", {className: "kinds", role: "group", "aria-label": `kind of ${variable.name}`}, ...buttons);
}

const ofEntries = (property) => ["positive", "nonnegative"].includes(property);

/** Where the kind comes from; what was set here can be set free. */
function origin(variable, on) {
  if (variable.declared === "formula") return make("span", {className: "aside origin"}, "declared");
  if (variable.declared === null) return make("span", {className: "aside origin"}, "inferred");
  const button = make("button", {type: "button", className: "quiet origin", title: `infer the kind of ${variable.name} again`,
    dataset: {key: `free ${variable.name}`}}, "set ×");
  button.setAttribute("aria-label", `set here; infer the kind of ${variable.name} again`);
  button.addEventListener("click", () => on.free(variable));
  return button;
}

/** The properties that hold, and behind a click all that there are. */
function details(variable, properties, on) {
  const possible = variable.kind === "matrix" ? [...properties.square, ...properties.entries] : properties.entries;
  const shown = open.has(variable.name) ? possible : variable.properties;
  const chips = shown.map((property) => {
    const pressed = variable.properties.includes(property);
    const chip = make("button", {type: "button", className: "chip", "aria-pressed": String(pressed),
      disabled: variable.declared === "formula", dataset: {key: `${property} ${variable.name}`}}, WORDS[property] ?? property);
    chip.addEventListener("click", () => on.change(variable, variable.kind,
      pressed ? variable.properties.filter((p) => p !== property) : [...variable.properties, property]));
    return chip;
  });
  const more = make("button", {type: "button", className: "chip more", "aria-expanded": String(open.has(variable.name)),
    dataset: {key: `more ${variable.name}`}, hidden: variable.declared === "formula"},
  open.has(variable.name) ? "less" : "properties");
  more.setAttribute("aria-label", `properties of ${variable.name}`);
  more.addEventListener("click", () => {
    if (!open.delete(variable.name)) open.add(variable.name);
    on.redraw();
  });
  return make("div", {className: "properties", role: "group", "aria-label": `properties of ${variable.name}`}, ...chips, more);
}
