# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
"""Values and derivatives as functions of arrays, which need NumPy alone.

gaussian: The negative logarithm of a Gaussian density, without its constant.
likelihoods: Losses of models by their weights: value, gradient and Hessian from shared parts, and products with the Hessian.
matrices: Functions of matrices: factorisation, principal components, learned distances, barriers and quotients.
networks: Networks of two layers: the loss of one example and the cost over a batch, with the gradients by all parameters; a
regression: Losses of linear models: gradients and Hessians by the weights.
"""
__all__ = ['gaussian', 'likelihoods', 'matrices', 'networks', 'regression']
