// The page: from what is typed to what is shown.

import {at, copy, inPowers, make} from "./elements.js";
import {EXAMPLES} from "./examples.js";
import {showFault} from "./faults.js";
import {listenToKeys} from "./keys.js";
import {mathematics, show} from "./mathematics.js";
import {listen, renew, report} from "./panels.js";
import {ask} from "./server.js";
import {isEach, link, question, recall, remember, state} from "./state.js";
import {showVariables} from "./variables.js";

const TYPING = 120; // milliseconds without a key before the formula is read
const PATIENCE = 650; // and before an error is told, since a formula half typed is no error
const field = at("formula");
let timers = [];
let read = null; // the last answer about the formula
let byIsChosen = false; // whether the variable was chosen since the formula changed
let picksSeveral = false; // whether clicks on variables add to those that are chosen
let isDerived = false; // whether a result is shown for this formula, and follows clicks

function typed() {
  state.formula = field.value;
  byIsChosen = false;
  picksSeveral = false;
  isDerived = false;
  at("result").classList.add("old");
  fit();
  timers.forEach(clearTimeout);
  timers = [setTimeout(() => preview(false), TYPING), setTimeout(() => tell(), TYPING + PATIENCE)];
}

/** The field is as high as its lines. */
function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

let fault = null; // the error of the formula as typed, told after a while

function tell() {
  field.setAttribute("aria-invalid", String(fault !== null));
  if (!fault) {
    at("fault").replaceChildren();
    return;
  }
  showFault(at("fault"), fault, field);
  if (Object.keys(state.declare).length) at("fault").firstChild.append(forgetting());
}

/** What was set by clicks may be what a formula does not fit any more. */
function forgetting() {
  const button = make("button", {type: "button", className: "quiet forget"}, "Infer all kinds again");
  button.addEventListener("click", () => {
    state.declare = {};
    again();
    field.focus();
  });
  return button;
}

/** Reads the formula; whether it could be read. */
async function preview(tells) {
  at("examples").hidden = state.formula.trim() !== "";
  if (!state.formula.trim()) {
    [fault, read] = [null, null];
    Object.assign(state, {by: "", declare: {}});
    for (const id of ["kinds", "ask", "result"]) at(id).hidden = true;
    at("preview").replaceChildren();
    tell();
    remember();
    return false;
  }
  const answer = await ask("preview", question());
  if (answer === null) return false;
  fault = answer.error ?? null;
  at("preview").classList.toggle("old", fault !== null);
  if (tells || !fault) tell();
  if (fault) {
    at("kinds").classList.add("old");
    return false;
  }
  read = answer;
  if (answer.by === null && !(byIsChosen && state.by) && answer.wrt !== null && answer.wrt !== state.by) {
    state.by = answer.wrt;
    return preview(tells);
  }
  show(at("preview"), answer.latex);
  if (answer.definitions.length) at("preview").append(where(answer.definitions));
  at("kinds").hidden = answer.variables.length === 0;
  at("kinds").classList.remove("old");
  at("several").hidden = answer.variables.length < 2;
  fields();
  at("ask").hidden = false;
  if (document.activeElement !== at("by")) at("by").value = state.by;
  showVariables(answer, changes);
  remember();
  return true;
}

function where(definitions) {
  return make("div", {className: "where"}, make("span", {className: "aside"}, "where"),
    ...definitions.map((latex) => mathematics(latex, {display: true})));
}

const names = () => state.by.split(",").map((name) => name.trim()).filter((name) => name);

/** Whether several names have a gradient each: matrices by custom, and what was clicked where it is no scalar. */
function apart(isClicked) {
  const chosen = new Set(names());
  const isArray = (v) => chosen.has(v.array) && v.kind !== "scalar";
  if (chosen.size > 1) state.each = (isClicked ? read.variables.some(isArray) : /[A-Z]/.test(state.by)) ? "1" : "";
  fields();
}

/** Shows the choices that there are: gradients by several variables are of the first order, and rows. */
function fields() {
  at("each").hidden = names().length < 2;
  document.querySelector(`input[name=each][value="${state.each}"]`).checked = true;
  for (const id of ["order", "layout"]) at(id).hidden = isEach();
}

/** What clicks on variables do. */
const changes = {
  by(name, isChosen) {
    if (changes.areSeveral()) {
      const others = names().filter((other) => other !== name);
      state.by = (isChosen ? [...others, name] : others).join(", ") || name;
    } else {
      state.by = name;
    }
    byIsChosen = true;
    at("by").value = state.by;
    apart(true);
    again();
  },
  areSeveral: () => picksSeveral || names().length > 1,
  async change(variable, kind, properties) {
    const answer = await ask("choose", {...question(), name: variable.name, kind, properties});
    if (answer === null) return;
    if (answer.error) {
      showFault(at("kind-fault"), answer.error, field);
      return;
    }
    state.declare[variable.name] = answer.space;
    again();
  },
  free(variable) {
    delete state.declare[variable.name];
    delete state.declare[variable.array];
    again();
  },
  redraw() {
    showVariables(read, changes);
  },
};

/** Reads the formula again after a click, and derives again where there is a result. */
async function again() {
  at("kind-fault").replaceChildren();
  if (await preview(true) && isDerived) await derive();
}

async function derive() {
  timers.forEach(clearTimeout);
  state.formula = field.value;
  if (!await preview(true)) return;
  const asked = question(new Set(read.variables.flatMap((v) => [v.name, v.array])));
  const slow = setTimeout(() => at("derive").setAttribute("aria-busy", "true"), 150);
  const answer = await ask("derive", asked);
  clearTimeout(slow);
  at("derive").removeAttribute("aria-busy");
  if (answer === null) return;
  if (answer.error) {
    at("result").classList.add("old");
    fault = answer.error;
    tell();
    return;
  }
  remember();
  isDerived = true;
  at("result").hidden = false;
  at("result").classList.remove("old");
  show(at("answer"), answer.latex);
  at("where").replaceChildren(...(answer.definitions.length ? [where(answer.definitions)] : []));
  at("spoken").textContent = `The derivative is ${answer.sources.text}`;
  at("structured-field").hidden = !answer.structured;
  document.title = `${answer.sources.text.slice(0, 60)} · matcalc`;
  renew(asked, answer);
  await facts(answer);
}

/** The line below the result, to which the check adds its verdict. */
async function facts(answer) {
  const written = (shape) => !shape.length ? "a number" : `array of shape ${shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`}`;
  const words = Object.entries(answer.shapes).map(([name, shape]) => make("span", {}, name ? `by ${name}: ${written(shape)}` : written(shape)));
  if (answer.form === "index") words.push(make("span", {}, "no matrix form: index notation"));
  const verdict = make("span", {className: "verdict", id: "verdict"}, "checking …");
  at("facts").replaceChildren(...words, verdict);
  const found = await report();
  if (found === null || !verdict.isConnected) return;
  if (found.error) verdict.textContent = "not checked";
  else verdict.textContent = found.passed ? `checked: worst error ${inPowers(found.worst_error)}` : "the check failed";
  verdict.classList.add(found.error ? "unknown" : found.passed ? "passed" : "failed");
}

/** The page shows what the state says. */
function restore() {
  field.value = state.formula;
  at("by").value = state.by;
  picksSeveral = false;
  for (const name of ["order", "layout", "each"]) document.querySelector(`input[name=${name}][value="${state[name]}"]`).checked = true;
  at("structured").value = state.structured;
  byIsChosen = state.by !== "";
  fit();
}

function start() {
  at("examples").querySelector("ul").replaceChildren(...EXAMPLES.map(({formula, by, latex, words}) => {
    const button = make("button", {type: "button", title: formula}, mathematics(latex), make("span", {className: "aside"}, words));
    button.addEventListener("click", () => {
      Object.assign(state, {formula, by, order: 1, layout: "numerator", structured: "", each: "", declare: {}});
      restore();
      derive();
    });
    return make("li", {}, button);
  }));
  field.addEventListener("input", typed);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    derive();
  });
  at("question").addEventListener("submit", (event) => {
    event.preventDefault();
    derive();
  });
  at("by").addEventListener("input", () => {
    state.by = at("by").value;
    byIsChosen = true;
  });
  at("by").addEventListener("change", () => {
    apart(false);
    again();
  });
  at("several").addEventListener("click", () => {
    picksSeveral = !changes.areSeveral();
    if (!picksSeveral) state.by = names()[0] ?? "";
    at("by").value = state.by;
    again();
  });
  for (const input of document.querySelectorAll("#order input, #layout input, #each input")) {
    input.addEventListener("change", () => {
      state[input.name] = input.name === "order" ? Number(input.value) : input.value;
      again();
    });
  }
  at("structured").addEventListener("change", () => {
    state.structured = at("structured").value;
    again();
  });
  at("share").addEventListener("click", () => copy(location.origin + location.pathname + (state.formula ? link() : ""), "Link"));
  listen();
  listenToKeys();
  globalThis.addEventListener("hashchange", () => open());
  globalThis.addEventListener("resize", fit);
  open();
}

/** Shows what the address says. */
function open() {
  if (recall(location.hash)) {
    restore();
    derive();
  } else {
    preview(false);
  }
}

start();
