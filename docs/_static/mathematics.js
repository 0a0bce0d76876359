// Typesets the formulas of a page by KaTeX, which lies beside this file.
for (const place of document.querySelectorAll(".math")) {
  katex.render(place.textContent, place, { displayMode: place.tagName === "DIV", throwOnError: false, trust: false });
}
