"""The rules and the words of the course's own little English, as plain tables.

    "PREDICATE.#": {"Be.#@verb NEGATION PLACES": 0.08, ...}     rewrite PREDICATE.s or PREDICATE.p so, with probability 0.08

CAPITALS are rewritten by RULES, Capitalised classes are filled from WORDS. `#` stands for the number, s or p, the same
within a rule; an empty text is an empty phrase. After an `@` comes the part that a word plays in its sentence:
subject, verb (the one that agrees with it), positive, negative, negation.

No rule ever comes back to itself except at its right end (PLACES), and no text can be read in two ways: a test proves it.
"""

SENTENCE = "SENTENCE"
END = "."

RULES = {
    SENTENCE: {"CLAUSE": 0.78, "SPEAKER Said Quote CLAUSE Quote": 0.12, "Quote CLAUSE Quote Said SPEAKER": 0.1},
    "SPEAKER": {"Name": 0.4, "The.s Being.s": 0.4, "The.p Being.p": 0.2},
    "CLAUSE": {"OPENER SUBJECT.s PREDICATE.s": 0.5, "OPENER SUBJECT.p PREDICATE.p": 0.5},
    "OPENER": {"": 0.9, "Opener": 0.1},
    "SUBJECT.#": {"Pronoun.#@subject": 0.15, "The.# QUALITY Being.#@subject MODIFIER.#": 0.85},
    "QUALITY": {"": 0.7, "Plain": 0.18, "Good": 0.06, "Bad": 0.06},
    "MODIFIER.#": {"": 0.4, "PLACES": 0.32, "That RELATIVE.#": 0.28},
    "RELATIVE.#": {
        "Sleep.# MANNER": 0.2,
        "ACTION.# OBJECT": 0.4,
        "The.s QUALITY Being.s WHERE ACTION.s": 0.2,
        "The.p QUALITY Being.p WHERE ACTION.p": 0.2,
    },
    "ACTION.#": {"Watch.#": 0.6, "Love.#": 0.2, "Hate.#": 0.2},
    "PREDICATE.#": {
        "Be.#@verb NEGATION DEGREE FEELING": 0.36,
        "Be.#@verb NEGATION PLACES": 0.06,
        "NEVER Sleep.#@verb MANNER": 0.14,
        "NEVER Watch.#@verb OBJECT": 0.1,
        "NEVER Love.#@verb@positive OBJECT": 0.1,
        "NEVER Hate.#@verb@negative OBJECT": 0.1,
        "Do.#@verb Not@negation BARE": 0.14,
    },
    "NEGATION": {"": 0.7, "Not@negation": 0.3},
    "NEVER": {"": 0.85, "Never@negation": 0.15},
    "DEGREE": {"": 0.6, "Degree": 0.4},
    "FEELING": {"Plain": 0.2, "Good@positive": 0.4, "Bad@negative": 0.4},
    "BARE": {
        "Sleep.p MANNER": 0.25,
        "Watch.p OBJECT": 0.15,
        "Love.p@positive OBJECT": 0.3,
        "Hate.p@negative OBJECT": 0.3,
    },
    "OBJECT": {"Name": 0.2, "THINGS": 0.6, "THINGS PLACES": 0.2},
    "MANNER": {"": 0.45, "Adverb": 0.35, "PLACES": 0.2},
    "WHERE": {"": 0.7, "PLACES": 0.3},
    "PLACES": {"Preposition THINGS": 0.7, "Preposition THINGS PLACES": 0.3},
    "THINGS": {"The.s QUALITY NOUN.s": 0.5, "The.p QUALITY NOUN.p": 0.5},
    "NOUN.#": {"Being.#": 0.45, "Thing.#": 0.55},
}

# The first words of a list are the frequent ones: the r-th has a probability proportional to 1 / (r + 1).
# Singular and plural lists run in parallel. No adjective or singular noun begins with a vowel, so that "a" is always right.
WORDS = {
    "The.s": "the a that this every each",
    "The.p": "the these some many those two three",
    "Pronoun.s": "she he it",
    "Pronoun.p": "they we",
    "Name": "Anna Ben Clara David Emma Felix Maria Omar",
    "Being.s": "dog cook judge child guard cat girl boy woman man teacher doctor farmer horse bird painter king"
    " queen poet singer sailor student sister brother mouse fox",
    "Being.p": "dogs cooks judges children guards cats girls boys women men teachers doctors farmers horses birds"
    " painters kings queens poets singers sailors students sisters brothers mice foxes",
    "Thing.s": "walk play house dance watch garden visit dream call book film smile song letter river bridge ship"
    " table picture light boat window wall",
    "Thing.p": "walks plays houses dances watches gardens visits dreams calls books films smiles songs letters"
    " rivers bridges ships tables pictures lights boats windows walls",
    "Sleep.s": "sleeps walks plays dances runs dreams sings smiles waits laughs swims works",
    "Sleep.p": "sleep walk play dance run dream sing smile wait laugh swim work",
    "Watch.s": "watches sees guards judges visits follows calls cooks helps cleans knows paints warms needs",
    "Watch.p": "watch see guard judge visit follow call cook help clean know paint warm need",
    "Love.s": "loves likes enjoys admires trusts praises",
    "Love.p": "love like enjoy admire trust praise",
    "Hate.s": "hates fears blames despises mocks distrusts",
    "Hate.p": "hate fear blame despise mock distrust",
    "Be.s": "is",
    "Be.p": "are",
    "Do.s": "does",
    "Do.p": "do",
    "Plain": "clean small fast young big still tall warm quiet red tired hungry new short strong busy green famous",
    "Good": "good kind nice wonderful brave clever lovely gentle brilliant charming",
    "Bad": "bad cruel terrible rude nasty stupid horrible boring dreadful lazy",
    "Adverb": "here often fast there quietly still hard slowly today",
    "Degree": "very really so quite",
    "Opener": "sometimes now today perhaps",
    "Preposition": "near with behind by under above beside without",
    "Said": "said asked replied whispered shouted",
    "That": "that",
    "Not": "not",
    "Never": "never",
    "Quote": '"',
}

TAGS = {
    "The": "DET", "Pronoun": "PRON", "Name": "PROPN", "Being": "NOUN", "Thing": "NOUN", "Sleep": "VERB",
    "Watch": "VERB", "Love": "VERB", "Hate": "VERB", "Be": "AUX", "Do": "AUX", "Plain": "ADJ", "Good": "ADJ",
    "Bad": "ADJ", "Adverb": "ADV", "Degree": "ADV", "Opener": "ADV", "Preposition": "ADP", "Said": "VERB",
    "That": "PRON", "Not": "PART", "Never": "ADV", "Quote": "PUNCT",
}  # fmt: skip

# Which rewritten symbols are phrases, and what they are called.
PHRASES = {
    "CLAUSE": "S",
    "SUBJECT": "NP",
    "SPEAKER": "NP",
    "THINGS": "NP",
    "PLACES": "PP",
    "RELATIVE": "RC",
    "PREDICATE": "VP",
}


def numbered(rules: dict) -> dict:
    """The rules with `#` written out, once as s and once as p."""
    forms = [(a, options, n) for a, options in rules.items() for n in ("sp" if "#" in a else "s")]
    return {a.replace("#", n): {right.replace("#", n): p for right, p in options.items()} for a, options, n in forms}


def weighted(words: dict) -> dict:
    """The lists of words as {class: {word: probability}}, the r-th word (from 1) with a share of 1 / (r + 1)."""
    return {name: _shares(listed.split()) for name, listed in words.items()}


def _shares(words):
    total = sum(1 / (r + 2) for r in range(len(words)))
    return {word: 1 / (r + 2) / total for r, word in enumerate(words)}
