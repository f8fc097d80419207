"""From a pool of headers to associated groups: classify, organise, associate, predict, create."""
