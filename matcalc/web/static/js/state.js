// What is asked, and its place in the address after #, so that a link shows the same.

export const state = {formula: "", by: "", order: 1, layout: "numerator", structured: "", each: "", declare: {}, panel: "steps"};

const USUAL = {by: "", order: "1", layout: "numerator", structured: "", each: "", panel: "steps"};
const ALLOWED = {
  order: ["1", "2", "3"], layout: ["numerator", "denominator"], structured: ["", "entries", "projection"],
  each: ["", "1"],
  panel: ["steps", "numpy", "latex", "graph", "check", "text"],
};

/** The address of what is asked now. */
export function link() {
  const words = new URLSearchParams();
  words.set("f", state.formula);
  for (const [key, usual] of Object.entries(USUAL)) if (String(state[key]) !== usual) words.set(key, state[key]);
  for (const [name, space] of Object.entries(state.declare)) words.append("in", `${name}:${space}`);
  return `#${words}`;
}

/** Keeps the address up to date. */
export function remember() {
  history.replaceState(null, "", state.formula ? link() : location.pathname);
}

/** Takes what an address says; whether it names a formula. */
export function recall(hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  if (!words.get("f")) return false;
  state.formula = words.get("f");
  for (const [key, usual] of Object.entries(USUAL)) {
    const value = words.get(key) ?? usual;
    state[key] = !ALLOWED[key] || ALLOWED[key].includes(value) ? value : usual;
  }
  state.order = Number(state.order);
  state.declare = {};
  for (const entry of words.getAll("in")) {
    const [name, ...space] = entry.split(":");
    if (name && space.length) state.declare[name] = space.join(":");
  }
  return true;
}

/** Whether there are several names, and a gradient by each of them is asked for. */
export const isEach = () => state.each === "1" && state.by.includes(",");

/** What the server is asked; declarations of variables that the formula has. */
export function question(names = null) {
  const declare = Object.fromEntries(Object.entries(state.declare).filter(([name]) => names === null || names.has(name)));
  return {
    formula: state.formula, wrt: state.by, order: state.order, layout: state.layout, declare,
    structured: state.structured || null, each: isEach(),
  };
}
