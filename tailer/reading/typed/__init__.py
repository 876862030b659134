"""The typed way: lines like those read before, by plans learnt from them. It gives what the general way would, or None.

The path of a line:
`kinds` frees it of what the kubelet or Docker wrote around it, and hands it to the plans for such lines.
`plans` tries the few that are right most often, then those for lines with the same keys; where there is none, or it
finds anything odd, the line is read in the general way (`reading.LineReader`), and all of that comes back to `learn`.
When lines with the same keys were `seen` a second time, `learner` makes a plan.
It asks what such a line must tell: `calls` (with `opened` and `failures`) for one of a call, `nothing` for any other,
by what the general way looked at.
That is collected in `wanted`, a type for each value that counts, and `structs` makes a decoder of it that takes objects
with just these keys, and skips all else.
Where the values go is a `plan.Form`; `source` writes the function for it, and `compiled` compiles that.
A new plan must give the reading that was made of the line it was learnt from, or it is thrown away.
From then on a line costs one decoding of what counts, and one call of its plan's function.
Whatever a plan decides by is a type or a value that the decoder holds every line to, so that no line is guessed at.
"""
