// Formulas to begin with.

export const EXAMPLES = [
  {formula: "x^T A x", by: "x", latex: "x^{\\top} A x", words: "a quadratic form"},
  {formula: "||X beta - y||^2", by: "beta", latex: "\\lVert X \\beta - y \\rVert^{2}", words: "least squares"},
  {formula: "1/2 ||y - tanh(A x + b)||^2", by: "A", latex: "\\tfrac{1}{2} \\lVert y - \\tanh(A x + b) \\rVert^{2}", words: "a layer of a network"},
  {formula: "logdet(X)", by: "X", latex: "\\log |\\det X|", words: "a log-determinant"},
  {formula: "log(sum(exp(A x)))", by: "x", latex: "\\log \\operatorname{sum}(\\exp(A x))", words: "log-sum-exp"},
  {formula: "d + g where g = cos(c), d = sqrt(c), c = a + b, b = exp(a), a = x^2", by: "x", latex: "\\sqrt{c} + \\cos c", words: "a chain, with a graph"},
];
