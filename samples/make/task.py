"""The task: four digits times one digit, column by column, then the answer.

    3847*6=42,28,50,23;23082.

Each column, lowest first, is digit times multiplier plus the carry, as two digits; its tens are
the next carry. After ";" stands the answer, five digits, and "." ends the text. Every text has
the same length, so that batches need no padding.
"""

import random

ALPHABET = "0123456789*=,;."
PROMPT_LENGTH = 7
ANSWER_LENGTH = 18
STOP = ALPHABET.index(".")


def encode(text):
    """One token per character."""
    return [ALPHABET.index(character) for character in text]


def decode(tokens):
    return "".join(ALPHABET[token] for token in tokens)


def held_out(a, b):
    """One problem in ten is never trained on. A multiplicative hash spreads them evenly."""
    return (a * 10 + b) * 2654435761 % 2**32 < 2**32 // 10


def draw(rng: random.Random, want_held_out=False):
    """A random problem from the training part, or from the held-out part."""
    while True:
        a, b = rng.randrange(1000, 10000), rng.randrange(2, 10)
        if held_out(a, b) == want_held_out:
            return a, b


def prompt(a, b):
    return f"{a}*{b}="


def solution(a, b, careless: random.Random | None = None):
    """Worked steps and answer.

    A careless solver forgets the carry in a column of digit d with probability d/14. That makes
    the mistake systematic: for digits above 7 it is more likely than the right step, so a model
    of such texts errs under greedy decoding too, not only when sampling.
    """
    carry, columns, answer = 0, [], ""
    for digit in map(int, reversed(str(a))):
        if careless and careless.random() < digit / 14:
            carry = 0
        value = digit * b + carry
        columns.append(f"{value:02d}")
        answer = str(value % 10) + answer
        carry = value // 10
    return f"{','.join(columns)};{carry}{answer}."


def is_right(a, b, completion):
    """Exact check of the answer alone. The worked steps earn nothing."""
    answer = completion.split(".")[0].rpartition(";")[2]
    return answer.isdecimal() and len(answer) == 5 and int(answer) == a * b
