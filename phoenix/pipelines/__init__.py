"""ESO's pipelines on this machine: found by their names, installed into a folder, removed."""
