"""The defence of the running switch: `limits` lists its bounds, `watch` keeps time for it."""
