"""Makes sentiment.json: texts with the scores that the VADER of the Natural Language Toolkit gives them.

    python3 sentiment.py LEXICON >sentiment.json

LEXICON is vaderLexicon.txt of the Go module github.com/jonreiter/govader, as text/models/gen fetches it; the
toolkit, 3.8, is Debian's python3-nltk. Two things are not the toolkit's: an emoji is a word of its own, which the
lexicon gets from text/sentiment.txt, and a word that comes again is judged where it stands. The last column says
whether the toolkit as it is agrees; it looks at the first place of a word, always.
"""
import json
import random
import sys

from nltk.sentiment import vader


class Oracle(vader.SentimentIntensityAnalyzer):
    def __init__(self, lexicon):
        self.lexicon = lexicon
        self.constants = vader.VaderConstants()

    def polarity_scores(self, text):
        c = self.constants
        parts = vader.SentiText(text, c.PUNC_LIST, c.REGEX_REMOVE_PUNCTUATION)
        words, valences = parts.words_and_emoticons, []
        for i, word in enumerate(words):
            kind_of = word.lower() == "kind" and i + 1 < len(words) and words[i + 1].lower() == "of"
            if kind_of or word.lower() in c.BOOSTER_DICT:
                valences.append(0)
            else:
                valences = self.sentiment_valence(0, parts, word, i, valences)
        return self.score_valence(self._but_check(words, valences), text)


def read(path):
    lexicon = {}
    with open(path, encoding="utf8") as f:
        for line in f:
            if line.strip():
                word, valence = line.strip().split("\t")[:2]
                lexicon[word] = float(valence)
    return lexicon


def read_emoji(path):
    found = {}
    with open(path, encoding="utf8") as f:
        for line in f:
            head, *words = line.split()
            if head != "#":
                found.update((w, int(head) / 10) for w in words if ord(w[0]) >= 0x2000)
    return found


EMOJI = ["😀", "😂", "❤", "💔", "😡", "👍", "👎", "😢"]
FEELING = "good bad great terrible love hate happy sad brilliant stupid fun boring win fail best worst sucks lol".split()
PLAIN = "the film was a it of and my new phone camera we ran today 2019 I this that for service on time".split()
RULES = (
    "not never isn't don't without nothing hardly very extremely so kinda less most but least at this just enough "
    "kind of sort the shit the bomb bad ass yeah right cut the mustard kiss of death hand to mouth no cannot uh-uh"
).split()
MARKS = [".", "!", "!!", "!!!", "!!!!", "?", "??", "????", ",", ";", ":", "-", "'", '"', "...", "?!?", ")", "?!"]
FACES = [":)", ":(", ":-D", "<3", ";)", "xD", ":'(", "=)"]

WRITTEN = """
VADER is smart, handsome, and funny.
VADER is very smart, handsome, and funny.
VADER is VERY SMART, handsome, and FUNNY!!!
The book was good.
The book was kind of good.
The plot was good, but the characters are uncompelling and the dialog is not great.
At least it isn't a horrible book.
The least good idea was the very least bad.
It was least good.
Today SUX!
Today only kinda sux! But I'll get by, lol
Not bad at all.
Without a doubt the best.
I have never been so happy in my life.
Never this good again, never so bad.
I would so love this, so much.
The food here is the shit, yeah right, and the bomb.
It was a kiss of death for a great team.
They live hand to mouth and it hurts.
He did not cut the mustard, sad to say.
What a bad ass movie that was good!
Just enough fun, sort of nice, kind of dull.
GREAT
GREAT GREAT
great!
(great) "great" great!!!! 'great' -great
?!
a
I
one two three
good bad good bad, good, but bad
no no no good
It's fine.It's great
DON'T hate me, I CAN'T win
terrible?? terrible??? terrible????
Loved it :) hated it :( <3 x
A well-known, kind-of funny, so-so joke
uh-uh love, uhuh love
\ttabs\tand\nlines are good \r\n
ÉTÉ était GOOD, Straße bad
"""


def texts():
    yield from (line.encode().decode("unicode_escape") if "\\" in line else line for line in WRITTEN.strip().split("\n"))
    for feeling in ("good", "awful"):
        for a in ["not", "very", "NEVER", "the", "so", "hardly", "least", "n't"]:
            for b in ["so", "really", "this", "at", "but", "SLIGHTLY"]:
                yield f"she said {a} {b} {feeling}!"
    rng = random.Random(1)
    for _ in range(320):
        words = []
        for _ in range(rng.randint(3, 16)):
            word = rng.choice(rng.choice([FEELING, FEELING, PLAIN, RULES, RULES, FACES]))
            word = rng.choice([word, word, word, word.upper(), word.capitalize()])
            mark = rng.choice(MARKS)
            words.append(rng.choice([word] * 6 + [word + mark, word + mark, mark + word, mark + word + mark, mark]))
            if rng.random() < 0.08:
                words[-1] += rng.choice(["", " "]) + rng.choice(EMOJI)
        yield " ".join(words)


def main():
    lexicon = read(sys.argv[1])
    names = {}
    for i, (emoji, valence) in enumerate(sorted(read_emoji("../sentiment.txt").items())):
        names[emoji] = f" emoji{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}{i // 676} "
        lexicon[names[emoji].strip()] = valence
    ours, theirs = Oracle(lexicon), vader.SentimentIntensityAnalyzer.polarity_scores
    rows = []
    for text in dict.fromkeys(texts()):
        plain = text
        for emoji, name in names.items():
            plain = plain.replace(emoji, name)
        s = ours.polarity_scores(plain)
        same = s == theirs(ours, plain)
        rows.append(json.dumps([text, s["compound"], s["pos"], s["neg"], s["neu"], same], ensure_ascii=False))
    print("[\n" + ",\n".join(rows) + "\n]")


main()
