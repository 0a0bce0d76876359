// Small things that every part of the page uses.

/** The element with an id. */
export const at = (id) => document.getElementById(id);

/** A new element with properties and children; text becomes text, never markup. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key === "role" || key === "for") element.setAttribute(key, value);
    else if (key === "dataset") Object.assign(element.dataset, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** Words in which `names` between backquotes are set as code. */
export function worded(text) {
  return text.split("`").map((part, n) => (n % 2 ? make("code", {}, part) : part));
}

/** A small number in powers of ten. */
export function inPowers(value, digits = 1) {
  if (value === null) return "none";
  return value === 0 ? "0" : value.toExponential(digits);
}

let fading = 0;

/** Says something for a moment. */
export function toast(text) {
  const element = at("toast");
  element.textContent = text;
  element.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => element.classList.remove("shown"), 1800);
}

/** Puts text on the clipboard, and says so. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", {value: text, className: "unseen"});
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(`${what} copied`);
}
