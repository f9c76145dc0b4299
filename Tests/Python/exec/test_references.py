"""References in the environment and in the words: replaced by what the file holds, or nothing is started."""
import random
import resource

import pytest

from wrapper_bench import Refused, substitute

CANARY = b"canary-5f2c91"
PLACEHOLDERS = [(b"${akv://shop/db}", CANARY), (b"${akv://shop/db|json}", b"\"canary\\n\""),
                (b"${akv://shop/empty}", b""), (b"${AKV://shop/x#/a b}", b"${akv://shop/db} $(X) akv://shop/db")]
WITH_WHOLE = [*PLACEHOLDERS, (b"akv://shop/db", CANARY), (b"akv://shop/other", b"o")]


@pytest.mark.parametrize("text", [
    b"${akv://shop/db}", b"postgres://app:${akv://shop/db}@db/x", b"${akv://shop/db}${akv://shop/db|json}",
    b"{\"password\":${akv://shop/db|json}}", b"[${akv://shop/empty}]", b"${AKV://shop/x#/a b}",
    b"$${akv://shop/db}",
    b"$$${akv://none}", b"$$$${akv://", b"${${akv://shop/db}}", b"$", b"${", b"${HOME} $HOME $(HOME)",
    b"https://x/${y}",
    b"://", b"akv:/x", b"hashiakv://key", b"x+akv://y", b"", b"a" * 100_000 + b"${akv://shop/db}",
    b"\xff${akv://shop/db}\xfe",
])
def test_what_is_replaced(bench, text):
    expected = substitute(text, PLACEHOLDERS)
    dump = bench.compare([(b"ADDED", b"1")], [b"A=" + text, b"=" + text], [text], replacements=PLACEHOLDERS)
    assert "env " + (b"A=" + expected).hex() in dump and "arg " + expected.hex() in dump


@pytest.mark.parametrize("text", [b"akv://shop/db", b"akv://shop/other", b"${akv://shop/db}"])
def test_whole_values(bench, text):
    bench.compare([], [b"A=" + text, text], [text], replacements=WITH_WHOLE)


@pytest.mark.parametrize("text, known, said", [
    (b"akv://shop/db", PLACEHOLDERS, "has not resolved"),
    (b"Akv://shop/db", WITH_WHOLE, "has not resolved"),
    (b"akv://shop/db\n", WITH_WHOLE, "has not resolved"),
    (b"${akv://shop/new}", WITH_WHOLE, "has not resolved"),
    (b"${akv://shop/db|yaml}", WITH_WHOLE, "has not resolved"),
    (b"${akv://}", WITH_WHOLE, "has not resolved"),
    (b"${akv://shop/db", WITH_WHOLE, "without '}'"),
    (b"a akv://shop/db", PLACEHOLDERS, "within a longer text"),
    (b"user:akv://shop/db@host", PLACEHOLDERS, "within a longer text"),
    (b"{akv://shop/db}", PLACEHOLDERS, "within a longer text"),
    (b"$(akv://shop/db)", PLACEHOLDERS, "within a longer text"),
    (b"${akv://shop/db}akv://shop/db", PLACEHOLDERS, "within a longer text"),
    (b"-pakv://shop/db", WITH_WHOLE, "within a longer text"),
    (b"hashiakv://key", WITH_WHOLE, "within a longer text"),
])
def test_what_is_refused(bench, text, known, said):
    with pytest.raises(Refused, match=said):
        substitute(text, known)
    bench.write([], known)
    for environment, arguments, place in [
            ([b"X=1", b"DB_URL=" + text], [], "the variable 'DB_URL'"), ([b"=" + text], [], "the variable ''"),
            ([], [text], "argument 1")]:
        code, sentence = bench.fault([bytes(bench.probe), *(arguments or [b"exit"]), b"0"], environment)
        assert code == 120 and sentence.startswith(f"latchkey-exec: {place} holds ") and said in sentence
        assert sentence.count("\n") == 1 and "canary" not in sentence and "shop" not in sentence


def test_a_variable_of_the_file_wins_over_a_reference(bench):
    bench.compare([(b"A", b"ours")], [b"A=akv://shop/gone", b"A=${akv://shop/gone}"], replacements=PLACEHOLDERS)


def test_the_command_itself(bench):
    link = bench.folder / CANARY.decode()
    link.symlink_to(bench.probe)
    bench.compare([], [], command=bytes(bench.folder) + b"/${akv://shop/db}", path=link, replacements=PLACEHOLDERS)
    code, said = bench.fault([b"/no/${akv://shop/db}"])
    assert code == 127 and "canary" not in said and "(not shown)" in said
    code, said = bench.fault([b"akv://shop/db"])
    assert code == 120 and said.startswith("latchkey-exec: the command holds ")


def test_path_may_be_a_reference(bench):
    replacements = [(b"${akv://shop/path}", bytes(bench.probe.parent))]
    bench.compare([], [b"PATH=${akv://shop/path}"], command=b"probe", path=bench.probe, replacements=replacements)


@pytest.mark.parametrize("seed", range(8))
def test_random_texts(bench, seed):
    generator = random.Random(seed)
    pieces = [b"${", b"$", b"{", b"}", b"akv://", b"AkV://", b"shop/db", b"|json", b"://", b":", b"/", b"a", b" ",
              b"\xe9", b"=", *(key for key, _ in WITH_WHOLE)]
    outcomes = set()
    for _ in range(120):
        known = generator.choice([PLACEHOLDERS, WITH_WHOLE, []])
        text = b"".join(generator.choices(pieces, k=generator.randrange(1, 9)))
        try:
            substitute(text, known)
        except Refused as refused:
            bench.write([], known)
            code, said = bench.fault([bytes(bench.probe), b"exit", b"0"], [b"A=" + text])
            assert code == 120 and str(refused) in said, text
            outcomes.add(str(refused))
        else:
            bench.compare([], [b"A=" + text], [text], replacements=known)
            outcomes.add("replaced")
    assert outcomes == {"replaced", "has not resolved", "within a longer text", "without '}'"}


def test_10000_replaced_variables_of_1500000_bytes(bench):
    replacements = [(b"${akv://shop/%d}" % number, b"v" * 140) for number in range(10_000)]
    inherited = [b"V%d=${akv://shop/%d}" % (number, number) for number in range(10_000)]
    bench.compare([], inherited, replacements=replacements)


def seconds(bench, environment):
    """Of processor time, the probe's included; the best of some."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        bench.fault([bytes(bench.probe), b"exit", b"0"], environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@pytest.mark.parametrize("text", [b"xakv://", b"$${akv://", b"${akv://a}", b"${", b"://", b":"])
def test_cost_grows_with_the_length_alone(bench, text):
    """Ten times the text in at most thirty times the time: what grows with the square would take a hundred times."""
    bench.write([], [(b"${akv://a}", b"x")])
    lengths = [12_000, 120_000]
    small, large = ([b"V%d=" % number + text * (length // len(text)) for number in range(10)] for length in lengths)
    bench.wrapped([bytes(bench.probe), b"exit", b"0"], small)
    assert seconds(bench, large) < 30 * max(seconds(bench, small), 0.002)
