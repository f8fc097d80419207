"""From headers to associated groups: classify, organise, associate, predict, create."""
