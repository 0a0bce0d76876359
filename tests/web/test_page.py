"""The page in a browser: a formula typed, its derivative shown, code copied, an error met, and all of it on a phone."""

from __future__ import annotations

import runpy
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest

from matcalc import derive, gradients
from matcalc.emit.latex import to_latex

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from playwright.sync_api import Page

NETWORK = "1/2 ||y - tanh(A x + b)||^2"
PANELS = ("steps", "numpy", "latex", "graph", "check", "text")


def typed(page: Page, formula: str) -> None:
    """Types a formula as a person does, key by key."""
    page.locator("#formula").press_sequentially(formula)


def latex(page: Page, selector: str) -> str:
    """The LaTeX of the mathematics that an element shows."""
    return str(page.locator(f"{selector} annotation").first.text_content()).removeprefix(r"\displaystyle").strip()


def derived(page: Page, formula: str, by: str | None = None) -> None:
    """Types a formula and waits for its derivative and the check."""
    page.locator("#formula").fill(formula)
    page.wait_for_selector("#ask:not([hidden])")
    if by is not None:
        page.locator("#by").fill(by)
    page.locator("#by").press("Enter")
    page.wait_for_selector("#verdict.passed")


def titled(page: Page, start: str) -> None:
    """Waits until the title begins with a derivative."""
    for _ in range(300):
        if page.title().startswith(start):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the title is {page.title()!r}, not {start!r}")


def opened(page: Page, panel: str) -> None:
    """Opens a panel and waits until it is there."""
    page.locator(f"#tab-{panel}").click()
    page.wait_for_selector(f"#panel[data-shown={panel}]:not([aria-busy]) > *")


def test_a_formula_typed_and_its_derivative(page: Page) -> None:
    typed(page, "x^T A x")
    page.wait_for_selector("#preview .katex")
    assert latex(page, "#preview") == r"x^{\top} A x"
    assert page.locator("#variables li").count() == 2
    assert page.locator("#by").input_value() == "x"
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict.passed")
    assert latex(page, "#answer") == derive("x^T A x", wrt="x").latex(equation=True)
    box = page.locator("#answer .katex-html").bounding_box()
    assert box is not None and box["width"] > 150 and box["height"] > 20
    assert page.evaluate("document.fonts.check('16px KaTeX_Math') && [...document.fonts].some(f => f.family === 'KaTeX_Math' && f.status === 'loaded')")
    assert "x^T (A + A^T)" in page.title()


SCOLDING = """() => {
    const field = document.getElementById("formula");
    let last = performance.now(), shown = false;
    window.waited = [];
    field.addEventListener("input", () => { last = performance.now(); }, true);
    new MutationObserver(() => {
        const told = document.querySelector(".fault") !== null;
        if (told && !shown) window.waited.push(performance.now() - last);
        shown = told;
    }).observe(document.body, {childList: true, subtree: true});
}"""
"""Notes how long after the last key each error is told, by the clock of the page: a slow machine makes it later, never sooner."""


def test_the_preview_follows_and_does_not_scold_while_one_types(page: Page) -> None:
    page.evaluate(SCOLDING)
    typed(page, "x^T A x")
    page.wait_for_selector("#preview .katex")
    typed(page, " + tr(")
    page.wait_for_selector("#preview.old")
    typed(page, "A)")
    page.wait_for_selector("#preview:not(.old)")
    assert latex(page, "#preview") == r"x^{\top} A x + \operatorname{tr}(A)"
    typed(page, " + (")
    page.wait_for_selector(".fault")
    waited = page.evaluate("window.waited")
    assert waited and min(waited) > 600


def test_all_mathematics_can_be_set(page: Page) -> None:
    """KaTeX takes the LaTeX of formulas, results and steps in its strict mode, where anything unusual is an error."""
    cases = tomllib.loads((Path(__file__).parents[1] / "cases" / "seeds.toml").read_text(encoding="utf-8"))["case"]
    found: set[str] = set()
    for case in cases[::3]:
        d = derive(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"))
        found |= {d.latex(equation=True), to_latex(d.expr), *(step.equation() for step in d.steps())}
    assert len(found) > 50
    refused = page.evaluate("""(all) => all.filter((latex) => {
        try { katex.renderToString(latex, {throwOnError: true, strict: "error"}); return false; } catch { return true; }
    })""", sorted(found))
    assert refused == []


def test_copied_code_runs(page: Page, tmp_path: Path) -> None:
    derived(page, NETWORK, "A")
    opened(page, "numpy")
    page.locator("#panel button.copy").click()
    page.wait_for_selector("#toast.shown")
    source = page.evaluate("navigator.clipboard.readText()")
    assert source == page.locator("#panel code").text_content() == derive(NETWORK, "A").numpy(checks=False)
    (tmp_path / "copied.py").write_text(source, encoding="utf-8")
    derivative = runpy.run_path(str(tmp_path / "copied.py"))["derivative"]
    rng = np.random.default_rng(0)
    y, A, x, b = rng.normal(size=2), rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=2)
    z = np.tanh(A @ x + b)
    np.testing.assert_allclose(derivative(y, A, x, b), np.outer((z - y) * (1 - z**2), x))
    page.locator("#checked").check()
    assert page.locator("#panel code").text_content() == derive(NETWORK, "A").numpy()


@pytest.mark.parametrize(("formula", "place", "cause", "hint"), [
    ("x^T A x + logdte(A)", "logdte", "not a function", "logdet"),
    ("𝐱 + sni(x)", "sni", "not a function", "sin"),
    ("A x + (b", "(", "never closed", ")"),
    ("x^T A x\n+ foo(x)", "foo", "not a function", None),
])
def test_an_error_has_carets_below_its_place(page: Page, formula: str, place: str, cause: str, hint: str | None) -> None:
    field = page.locator("#formula")
    field.fill(formula)
    field.press("Enter")
    page.wait_for_selector(".fault")
    assert cause in page.locator(".fault .cause").inner_text()
    assert hint is None or hint in page.locator(".fault .hint").inner_text()
    line, carets = page.locator(".excerpt .source").text_content(), page.locator(".excerpt .carets").text_content()
    assert line is not None and carets is not None
    assert line[carets.index("^") : carets.rindex("^") + 1] == place
    assert field.get_attribute("aria-invalid") == "true"
    page.locator("button.excerpt").click()
    assert field.evaluate("f => f.value.slice(f.selectionStart, f.selectionEnd)") == place
    field.fill("x^T x")
    page.wait_for_selector(".fault", state="detached")


def test_carets_stand_exactly_below(page: Page) -> None:
    page.locator("#formula").fill("x^T A x + logdte(A)")
    page.locator("#formula").press("Enter")
    page.wait_for_selector(".fault")
    left = page.evaluate("""() => {
        const at = (selector, offset) => {
            const range = document.createRange(), text = document.querySelector(selector).firstChild;
            range.setStart(text, offset);
            range.setEnd(text, offset + 1);
            return range.getBoundingClientRect().x;
        };
        return [at(".excerpt .source", 10), at(".excerpt .carets", 10)];
    }""")
    assert abs(left[0] - left[1]) < 0.5


def test_kinds_change_by_a_click_and_the_link_keeps_them(page: Page, address: str) -> None:
    derived(page, "x^T S x", "x")
    page.get_by_role("button", name="properties of S").click()
    page.get_by_role("button", name="symmetric", exact=True).click()
    titled(page, "2 x^T S")
    assert page.get_by_role("button", name="symmetric", exact=True).get_attribute("aria-pressed") == "true"
    page.locator("#share").click()
    page.wait_for_selector("#toast.shown")
    link = page.evaluate("navigator.clipboard.readText()")
    other = page.context.new_page()
    other.goto(link)
    other.wait_for_selector("#verdict.passed")
    assert other.title().startswith("2 x^T S")
    assert other.locator("[data-name=S]").get_by_text("set").count() == 1
    other.get_by_role("button", name="infer the kind of S again").click()
    titled(other, "x^T (S + S^T)")
    other.close()


def test_a_scalar_becomes_a_vector(page: Page) -> None:
    page.locator("#formula").fill("a x + b")
    page.wait_for_selector("#variables [data-name=b]")
    page.locator('[data-key="vector b"]').click()
    page.wait_for_selector('[data-key="vector b"][aria-pressed=true]')
    assert page.evaluate("document.activeElement.dataset.key") == "vector b"


def test_a_kind_that_cannot_be_is_told(page: Page) -> None:
    page.locator("#formula").fill("tr(A)")
    page.locator('[data-key="vector A"]').click()
    page.wait_for_selector("#kind-fault .cause")
    assert page.locator('[data-key="matrix A"]').get_attribute("aria-pressed") == "true"


def test_kinds_that_do_not_fit_any_more_can_be_forgotten(page: Page, address: str) -> None:
    page.goto(f"{address}#f={quote('x^T A x')}&in={quote('x:R^{m x n}')}&in={quote('A:R')}")
    page.reload()
    page.wait_for_selector("#variables li")
    page.locator("#formula").fill("x^T A x + tr(B)")
    page.get_by_role("button", name="Infer all kinds again").click()
    page.wait_for_selector("#preview:not(.old)")
    assert page.locator("#variables").get_by_text("set").count() == 0
    page.locator("#formula").fill("")
    page.wait_for_selector("#examples:not([hidden])")
    assert "#" not in page.url


def test_another_variable_order_and_layout(page: Page) -> None:
    derived(page, "x^T A x", "x")
    page.locator("#variables input[value=A]").check()
    titled(page, "x x^T")
    page.locator("#variables input[value=x]").check()
    titled(page, "x^T (A")
    page.get_by_role("radio", name="2", exact=True).check(force=True)
    titled(page, "A + A^T")
    page.get_by_role("radio", name="1", exact=True).check(force=True)
    page.get_by_role("radio", name="columns").check(force=True)
    titled(page, "(A + A^T) x")
    derived(page, "x1^2 x2", "x1, x2")
    titled(page, "[2 x1 x2; x1^2]")


def test_a_gradient_by_each_of_several_variables(page: Page) -> None:
    formula, names = "||y - V tanh(W x + b)||^2", ["V", "W", "b"]
    derived(page, formula, "V")
    page.locator("#several").click()
    for name in names[1:]:
        page.locator(f"#variables input[value={name}]").check()
        page.wait_for_selector(f"#variables .chosen[data-name={name}]")
    assert page.locator("#by").input_value() == "V, W, b" and page.locator("#variables input:checked").count() == 3
    assert page.locator("#order").is_hidden() and page.get_by_role("radio", name="a gradient each").is_checked()
    g = gradients(formula, names)
    titled(page, "value: ")
    page.wait_for_selector("#verdict.passed")
    assert "by W: array of shape (n, p)" in page.locator("#facts").inner_text()
    for panel in PANELS:
        opened(page, panel)
        assert page.locator("#panel .fault").count() == 0
    assert page.locator("#panel code").first.text_content() == str(g)
    opened(page, "steps")
    assert page.locator("#panel h2").all_inner_texts() == [f"by {name}" for name in names]
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#verdict.passed")
    assert page.locator("#by").input_value() == "V, W, b" and "by V" in page.locator("#facts").inner_text()
    page.get_by_role("radio", name="one vector").check(force=True)
    titled(page, "[")
    derived(page, "x1^2 x2", "x1, x2")
    titled(page, "[2 x1 x2")
    assert page.get_by_role("radio", name="one vector").is_checked() and page.locator("#order").is_visible()


def test_panels(page: Page) -> None:
    derived(page, NETWORK, "A")
    for panel in PANELS:
        opened(page, panel)
        assert page.locator("#panel .fault").count() == 0
        assert page.locator(f"#tab-{panel}").get_attribute("aria-selected") == "true"
    opened(page, "steps")
    assert page.locator(".steps li .katex").count() >= len(derive(NETWORK, "A").steps())
    opened(page, "graph")
    assert page.locator(".graph svg .node").count() == len(["y", "A", "x", "b", "v1", "v2", "v3", "v4", "v5", "f"])
    opened(page, "check")
    assert page.locator("#panel .verdict").inner_text() == "Passed"
    opened(page, "latex")
    assert page.locator("#panel code").first.text_content() == derive(NETWORK, "A").latex()


def test_keys_alone(page: Page) -> None:
    page.keyboard.type("x^T A x")
    page.wait_for_selector("#variables li")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict.passed")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.wait_for_selector("#panel[data-shown=numpy] code")
    page.keyboard.press("c")
    page.wait_for_selector("#toast.shown")
    assert "def derivative" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#panel[data-shown=latex] code")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    page.keyboard.press("b")
    assert page.evaluate("document.activeElement.id") == "by"
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "formula"


def test_the_order_of_focus_is_that_of_the_page(page: Page) -> None:
    derived(page, "x^T x", "x")
    page.locator("#formula").focus()
    seen: list[float] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('footer') !== null"):
            break
        seen.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
    else:
        pytest.fail("the focus does not reach the end")
    assert len(seen) > 8 and all(b >= a - 12 for a, b in pairwise(seen))


def test_everything_has_a_name(page: Page) -> None:
    derived(page, "x^T A x", "x")
    for panel in PANELS:
        opened(page, panel)
        nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, select, textarea, [role]")].filter((e) =>
            e.getClientRects().length && !(e.ariaLabel || e.textContent.trim() || e.labels?.length || e.getAttribute("aria-labelledby"))
            && e.id !== "toast").map((e) => e.outerHTML)""")
        assert nameless == []


CONTRAST = """() => {
    const light = (c) => { const v = c / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    const parts = (c) => c.match(/[\\d.]+/g).map(Number);
    const lum = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
    const below = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } };
    const worst = [];
    for (const e of document.querySelectorAll("main *, header *, footer *")) {
        if (e.closest("svg, .unseen, .katex-mathml") || !e.getClientRects().length) continue;
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
        const [a, b] = [lum(parts(getComputedStyle(e).color)), lum(below(e))].sort((p, q) => q - p);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) worst.push([ratio, e.outerHTML.slice(0, 80)]);
    }
    return worst;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    derived(page, NETWORK, "A")
    for panel in PANELS:
        opened(page, panel)
        assert page.evaluate(CONTRAST) == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (min(paper) > 200) == (scheme == "light") and (max(paper) < 60) == (scheme == "dark")


def test_on_a_phone(phone: Page) -> None:
    derived(phone, NETWORK, "A")
    phone.get_by_role("button", name="properties of A").click()
    for panel in PANELS:
        opened(phone, panel)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    for selector in ("#answer .katex-html", "#derive", "#tab-text", "#formula"):
        box = phone.locator(selector).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360, selector
    assert phone.evaluate("parseFloat(getComputedStyle(document.querySelector('#formula')).fontSize)") >= 16
    phone.locator("#formula").fill("x^T A x + " + " + ".join(["b^T x"] * 12) + " + logdte(A)")
    phone.locator("#derive").click()
    phone.wait_for_selector(".fault")
    place = phone.evaluate("""() => {
        const range = document.createRange(), text = document.querySelector(".excerpt .carets").firstChild;
        range.setStart(text, text.data.indexOf("^"));
        range.setEnd(text, text.data.length);
        const { left, right } = range.getBoundingClientRect();
        return [left, right];
    }""")
    assert 0 < place[0] < place[1] < 360
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "\\href{javascript:alert(1)}{x}", "x where x in <script>", "\u202e x"])
def test_hostile_links_are_text(page: Page, address: str, text: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"{address}#f={quote(text)}&by={quote(text)}&in={quote(text)}:{quote(text)}&order=7&panel=nothing")
    page.reload()
    page.wait_for_selector(".fault")
    assert page.locator("main img, main script, main a").count() == 0


def test_a_server_that_is_gone_is_told_and_the_page_lives(page: Page, expected: list[str]) -> None:
    expected.append("net::ERR_FAILED")
    page.route("**/api/derive", lambda route: route.abort())
    page.locator("#formula").fill("x^T x")
    page.wait_for_selector("#ask:not([hidden])")
    page.locator("#derive").click()
    page.wait_for_selector(".fault")
    assert "does not answer" in page.locator(".fault .cause").inner_text()
    page.unroute("**/api/derive")
    page.locator("#derive").click()
    page.wait_for_selector("#verdict.passed")
    assert page.locator(".fault").count() == 0


def test_examples_and_empty(page: Page) -> None:
    for number in range(page.locator("#examples button").count()):
        page.locator("#examples button").nth(number).click()
        page.wait_for_selector("#result:not([hidden]) #verdict.passed")
        page.locator("#formula").fill("")
        page.wait_for_selector("#examples:not([hidden])")
        assert not page.locator("#result").is_visible()
