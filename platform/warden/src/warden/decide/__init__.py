"""What to do about what was seen: pure functions of a state, an observation and the time, so that every path can be
tested in no time. `policy.decide` is the whole of it; the other modules are its parts.
"""
