"""Synthetic data made from formulas only, so that the default run needs no network and no photos.

`catalogue` draws the sample catalogue; `pretraining` draws formula images and trains weights on
them. The command is `synthetic`.
"""
