"""Judges a report of Autobahn's fuzzing client: nothing may fail, and only two cases may be non-strict.

    python verdict.py reports/index.json

For the Python 2.7 that Autobahn needs, and for any later one. The last line counts the cases.
"""

import json
import sys

# Both send text that is no UTF-8 in parts, and want it refused before the message is whole. A codec that looks
# at whole messages refuses it as well, only later.
MAY_BE_LATE = {"6.4.3", "6.4.4"}

# Fewer would mean that sections were left out.
AT_LEAST = 247


def judge(cases):
    complaints = []
    for name, case in sorted(cases.items()):
        for which in ("behavior", "behaviorClose"):
            verdict = case[which]
            fine = ("OK", "INFORMATIONAL") if name not in MAY_BE_LATE else ("OK", "INFORMATIONAL", "NON-STRICT")
            if verdict not in fine:
                complaints.append("%s: %s is %s" % (name, which, verdict))
    if len(cases) < AT_LEAST:
        complaints.append("%d cases, at least %d were expected" % (len(cases), AT_LEAST))
    return complaints


def count(cases):
    counts = {}
    for case in cases.values():
        verdict = case["behavior"]
        counts[verdict] = counts.get(verdict, 0) + 1
    return ", ".join("%d %s" % (counts[verdict], verdict) for verdict in sorted(counts))


def main(path):
    with open(path) as report:
        (cases,) = json.load(report).values()
    complaints = judge(cases)
    for complaint in complaints:
        print(complaint)
    failed = sum(case["behavior"] == "FAILED" for case in cases.values())
    print("%d cases: %s, %d failed" % (len(cases), count(cases), failed))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
