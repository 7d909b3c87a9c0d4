"""What training makes small, over the pixels that count."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..contracts.traincnn import BCE_DICE, FOCAL, FOCAL_DICE, TrainCnnOptions


def masked_loss(logits: Tensor, target: Tensor, weight: Tensor, options: TrainCnnOptions) -> Tensor:
    """Return the loss of a batch.

    Cross-entropy or focal loss (Lin et al. 2017, ICCV, 2980-2988, without its class weight), a mean over the pixels
    that count, and where asked for the soft Dice loss (Milletari et al. 2016, 3DV, 565-571) of the batch as a whole.

    Parameters
    ----------
    logits : Tensor, shape (batch, 1, height, width)
        Of the network.
    target : Tensor of 0 and 1, same shape
        Rock glacier.
    weight : Tensor of 0 and 1, same shape
        Pixels that count.
    options : TrainCnnOptions
        The kind of loss and its numbers.
    """
    weighted = weight * (1 + (options.positive_weight - 1) * target)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    probability = torch.sigmoid(logits)
    if options.loss in (FOCAL, FOCAL_DICE):
        missing = torch.where(target > 0.5, 1 - probability, probability)
        # The power's slope is endless where nothing is missing.
        entropy = entropy * missing.clamp(min=1e-6) ** options.focal_gamma
    loss = (entropy * weighted).sum() / weighted.sum().clamp(min=1)
    if options.loss in (BCE_DICE, FOCAL_DICE):
        counted = probability * weight
        overlap = (counted * target).sum()
        dice = (2 * overlap + 1) / (counted.sum() + (target * weight).sum() + 1)
        loss = loss + options.dice_weight * (1 - dice)
    return loss
