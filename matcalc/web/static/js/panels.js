// The panels below the result: each is asked for when it is opened, and kept until the next result.

import {at, inPowers, make} from "./elements.js";
import {block, copier} from "./code.js";
import {showFault} from "./faults.js";
import {mathematics} from "./mathematics.js";
import {ask} from "./server.js";
import {remember, state} from "./state.js";

const ORDER = ["steps", "numpy", "latex", "graph", "check", "text"];
const ASKED = {steps: "steps", graph: "graph", check: "check"};
const BUILD = {steps, numpy, latex, graph, check, text};
let derived = null; // the question and the answer that the panels are about
let answers = new Map();

/** Panels about a new result. */
export function renew(question, answer) {
  derived = {question, answer};
  answers = new Map();
  select(state.panel, false);
}

/** The report of the check, which the result shows too. */
export const report = () => fetched("check");

/** Opens a panel. */
export async function select(panel, focus = true) {
  state.panel = panel;
  remember();
  for (const name of ORDER) {
    const tab = at(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === panel));
    tab.tabIndex = name === panel ? 0 : -1;
  }
  if (focus) at(`tab-${panel}`).focus();
  const element = at("panel");
  element.setAttribute("aria-labelledby", `tab-${panel}`);
  element.dataset.shown = panel;
  const about = derived;
  let answer = about.answer;
  if (ASKED[panel]) {
    element.setAttribute("aria-busy", "true");
    const isShown = () => about === derived && panel === state.panel;
    const slow = setTimeout(() => isShown() && element.replaceChildren(make("p", {className: "aside"}, "working …")), 150);
    answer = await fetched(ASKED[panel]);
    clearTimeout(slow);
    if (!isShown() || answer === null) return;
  }
  element.removeAttribute("aria-busy");
  if (answer.error) showFault(element, answer.error);
  else element.replaceChildren(...BUILD[panel](answer));
}

async function fetched(task) {
  const kept = answers;
  if (!kept.has(task)) kept.set(task, ask(task, derived.question));
  const answer = await kept.get(task);
  if (answer?.error?.kind === "Offline") kept.delete(task);
  return answer;
}

/** What Copy means in a panel. */
export const copyButton = () => at("panel").querySelector("button.copy");

/** Makes the row of tabs answer to clicks and arrow keys. */
export function listen() {
  for (const name of ORDER) at(`tab-${name}`).addEventListener("click", () => select(name));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const here = ORDER.indexOf(state.panel);
    const step = {ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: ORDER.length - 1}[event.key];
    if (step === undefined) return;
    event.preventDefault();
    select(ORDER[(step + ORDER.length) % ORDER.length]);
  });
}

/** Opens the panel with a number, from 1. */
export const selectNumber = (number) => select(ORDER[number - 1]);

function steps(answer) {
  const item = (step) => make("li", {},
    make("h3", {}, step.title),
    make("div", {className: "scroll"}, mathematics(step.latex, {display: true})),
    make("p", {className: "rule"}, make("code", {}, step.formula), make("span", {className: "aside"}, step.source)));
  return [...answer.parts.flatMap((part, _, {length}) => [
    ...(length > 1 ? [make("h2", {className: "by"}, `by ${part.by}`)] : []),
    make("div", {className: "scroll head"}, mathematics(part.head, {display: true})),
    make("ol", {className: "steps"}, ...part.steps.map(item))]), foot("", copier(answer.markdown, "Markdown", "Copy as Markdown"))];
}

function numpy(answer) {
  const code = answer.numpy;
  if (code.error) {
    const element = make("div");
    showFault(element, code.error);
    return [element];
  }
  const box = make("input", {type: "checkbox", id: "checked"});
  const holder = make("div");
  const draw = () => holder.replaceChildren(block("A function of NumPy arrays", box.checked ? code.checked : code.source,
    {python: true, what: "Code"}));
  box.addEventListener("change", draw);
  draw();
  return [holder, make("label", {className: "option"}, box, " check the arguments, convert them, keep single precision")];
}

function latex(answer) {
  const {latex: derivative, equation} = answer.sources;
  const parts = [block("The derivative", derivative, {what: "LaTeX"})];
  return equation === derivative ? parts : [...parts, block("The whole equation", equation, {what: "Equation"})];
}

function text(answer) {
  const {sources} = answer;
  const parts = [block("The derivative", sources.text, {what: "Text"})];
  if (sources.index !== sources.text) parts.push(block("In index notation", sources.index, {what: "Index notation"}));
  const call = sources.python.split("(")[0];
  parts.push(block("The same in Python", `from matcalc import ${call}\n\nd = ${sources.python}\nprint(d)`, {python: true, what: "Call"}));
  return sources.command ? [...parts, block("The same in a terminal", sources.command, {what: "Command"})] : parts;
}

function graph(answer) {
  const drawing = new DOMParser().parseFromString(answer.svg, "image/svg+xml").documentElement;
  const holder = make("div", {className: "scroll graph", tabIndex: 0, role: "group", "aria-label": "computation graph"},
    document.importNode(drawing, true));
  const hint = () => holder.classList.toggle("more", holder.scrollWidth - holder.clientWidth - holder.scrollLeft > 8);
  holder.addEventListener("scroll", hint);
  new ResizeObserver(hint).observe(holder);
  return [holder,
  foot("Edges carry local derivatives; what is dashed does not depend on the variable.", copier(answer.svg, "SVG", "Copy as SVG"))];
}

/** The last line of a panel: a remark and a button. */
const foot = (remark, button) => make("div", {className: "panel-foot"}, make("span", {className: "aside"}, remark), button);

function check(answer) {
  const sizes = Object.entries(answer.sizes).map(([name, size]) => `${name} = ${size}`).join(", ") || "fixed";
  const worst = inPowers(answer.worst_error);
  const facts = [["Worst error", `${worst}, relative to the largest entry`], ["Tolerance", inPowers(answer.tolerance, 0)],
    ["Method", answer.method], ["Sizes drawn", sizes], ["Seed", String(answer.seed)]];
  return [make("p", {className: answer.passed ? "verdict passed" : "verdict failed"}, answer.passed ? "Passed" : "Failed"),
    make("p", {}, "Code and formula were compared with numerical derivatives of the formula that was typed, at random points."),
    make("dl", {className: "facts"}, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
    ...answer.failures.map((failure) => make("p", {className: "cause"}, failure))];
}
