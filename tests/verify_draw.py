"""Recomputes a draw from its public record (docs/DRAW.md), without a line of the service's own code."""

import hashlib
import hmac
import sys


def verify(text, promised=None):
    lines = text.splitlines()
    assert lines[-1:] == ["end"], "the record is not whole: was the draw done yet?"
    words = [line.split(" ") for line in lines]
    first = lambda name: next(w[1] for w in words if w[0] == name)
    seed = bytes.fromhex(first("seed"))
    assert hashlib.sha256(seed).hexdigest() == first("commitment"), "another seed was promised"

    assert promised in (None, first("commitment")), "another commitment was published before the draw"

    header = "".join(l + "\n" for l in lines if l.split(" ")[0] in ("gonghui", "activity", "seats", "share", "waiting"))
    digest = hashlib.sha256(header.encode()).digest()
    for line in lines:
        if line.startswith("entry "):
            digest = hashlib.sha256(digest + (line + "\n").encode()).digest()
    assert digest.hex() == first("list"), "the list was changed"

    free = {int(w[1]): int(w[2]) for w in words if w[0] == "seats"}
    kept = {session: {} for session in free}
    for w in words:
        if w[0] == "share":
            kept[int(w[1])][int(w[2])] = int(w[3])
    waiting, waiting_max = dict.fromkeys(free, 0), int(first("waiting"))
    entries = [(int(w[1]), int(w[2]), [tuple(map(int, c.split(":"))) for c in w[3:]]) for w in words if w[0] == "entry"]
    place = lambda ticket: hmac.new(seed, digest + ticket.to_bytes(4, "big"), hashlib.sha256).digest()
    entries.sort(key=lambda entry: (entry[1], place(entry[0])))

    # With shares there are two rounds: in the first their seats are kept for them, in the second nothing is.
    won = {}
    for keeping in (True, False) if any(kept.values()) else (False,):
        for ticket, _, choices in entries:
            for session, number, seats, *share in choices:
                share = share[0] if share else 0
                others = sum(n for other, n in kept[session].items() if other != share) if keeping else 0
                if ticket not in won and seats <= free[session] - others:
                    won[ticket] = (session, number)
                    free[session] -= seats
                    kept[session] = {k: max(0, n - seats * (k == share)) for k, n in kept[session].items()}

    expected = []
    for rank, (ticket, _, choices) in enumerate(entries, 1):
        outcomes = []
        for session, number, *_ in choices:
            outcome = "seat" if won.get(ticket) == (session, number) else "lost"
            if ticket not in won and waiting[session] < waiting_max:
                waiting[session] += 1
                outcome = f"waits-{waiting[session]}"
            outcomes.append(f"{session}:{number}:{outcome}")
        expected.append(" ".join(["result", str(rank), str(ticket), *outcomes]))
    found = [line for line in lines if line.startswith("result ")]
    assert found == expected, "the result is another"
    assert len(entries) == int(first("entries")), "the record is not whole"
    return len(entries)


if __name__ == "__main__":
    # The second word is the commitment as the activity's page showed it before the draw.
    try:
        print("verified", verify(open(sys.argv[1], encoding="utf-8").read(), *sys.argv[2:3]))
    except AssertionError as problem:
        sys.exit(f"NOT VERIFIED: {problem}")
