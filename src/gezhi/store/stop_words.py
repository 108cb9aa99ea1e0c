"""Words that make a text a question and say nothing of what is asked. They are left out of questions only."""

from __future__ import annotations

_ENGLISH = """
a about above after again all also am an and any are as at be because been before being below between both but by can
could did do does doing done down during each either else ever few for from further had has have having he her here
hers herself him himself his how i if in into is it its itself just let many may me might mine more most much must my
myself no nor not of off on once one only or other our ours ourselves out over own please same shall she should so
some such tell than that the their theirs them themselves then there these they this those through to too under until
up upon very was we were what whatever when where whether which while who whom whose why will with within without
would you your yours yourself yourselves s t dont
doesnt didnt isnt arent wasnt werent wont cant couldnt wouldnt shouldnt havent hasnt hadnt im ive youre theyre
"""

_CHINESE = """
的 了 是 吗 呢 吧 啊 呀 嘛 么 在 和 与 及 或 或者 以及 而 而且 但 但是 被 把 对 对于 由 于 从 向 到
为 为了 以 之 其 该 此 这 那 哪 哪些 哪个 哪里 哪儿 哪位 哪种 哪年 哪一 哪一个 哪一年 这个 那个 这些
那些 什么 什么样 怎么 怎么样 怎样 如何 为什么 为何 何 何时 何地 何种 谁 多少 几 几个 多久 多长
是什么 有 有没有 有哪些 是否 是不是 能 能否 能不能 可以 可否 会 请 请问 告诉 告诉我 我 我们 你 你们
您 他 她 它 他们 她们 它们 也 都 就 还 又 很 最 更 则 若 如果 即 等 上 下 中 里 时 后 前 个 一个
关于 分别 用 地 得 着 过 要 将 让 使 所
"""

ENGLISH = frozenset(_ENGLISH.split())
CHINESE = frozenset(_CHINESE.split())
