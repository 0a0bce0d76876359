// Keys that work outside of fields.

import {at} from "./elements.js";
import {copyButton, selectNumber} from "./panels.js";

const KEYS = {
  "/": () => at("formula").focus(),
  b: () => at("by").focus(),
  c: () => copyButton()?.click(),
  l: () => at("share").click(),
  "?": () => {
    at("help").open = !at("help").open;
    if (at("help").open) at("help").scrollIntoView({block: "nearest"});
  },
};

const isField = (element) => element.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

/** Makes the page answer to keys. */
export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isField(event.target)) event.target.blur();
    if (isField(event.target)) return;
    const panel = /^[1-6]$/.test(event.key) && !at("result").hidden ? () => selectNumber(Number(event.key)) : undefined;
    const action = panel ?? (Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });
}
