package english

import (
	"iter"
	"strings"
)

// functionWords are the English words that carry grammar: a text without them is
// about the same things.
const functionWords = `
	a an the this that these those such same other another each every either neither both all any some few
	many much more most less least several enough no none nothing nobody one ones

	i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her
	hers herself it its itself they them their theirs themselves who whom whose which what whatever whoever
	someone somebody something anyone anybody anything everyone everybody everything

	about above across after against along among amongst around as at before behind below beneath beside
	besides between beyond by despite down during except for from in inside into like near of off on onto out
	outside over past per since than through throughout till to toward towards under until unto up upon via
	with within without

	and but or nor so yet if unless because although though while whereas whether when whenever where wherever
	why how then thus hence therefore however moreover furthermore nevertheless otherwise else instead

	am is are was were be been being do does did doing done have has had having can could may might must shall
	should will would ought need dare used
	isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't mightn't mustn't
	shan't shouldn't won't wouldn't ain't i'm you're he's she's it's we're they're i've you've we've they've i'd
	you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll they'll that's there's here's what's who's let's
`

// plainWords are the plainest verbs and adverbs, and what is said rather than
// written. They are no keywords, but a query may be about one.
const plainWords = `
	not only also very too just even still again ever never always often sometimes usually quite rather almost
	already soon now here there away back once twice perhaps maybe indeed well really else etc eg ie vs
	get gets got getting go goes went gone going come comes came coming make makes made making take takes took
	taken taking give gives gave given giving let lets put say says said saying see sees saw seen know knows knew
	known think thinks thought want wants wanted use uses using seem seems seemed

	yes no please oh okay ok hi hello thanks thank
`

// StopWords yields the words, in lower case, that are no keywords of an English
// text: those that carry grammar, and the plainest verbs and adverbs. A few come
// twice.
func StopWords() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, list := range []string{functionWords, plainWords} {
			for w := range strings.FieldsSeq(list) {
				if !yield(w) {
					return
				}
			}
		}
	}
}

// grammar has the function words.
var grammar = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(functionWords) {
		m[w] = true
	}
	return m
}()

// FunctionWord reports whether an English word in lower case carries grammar only:
// an article, pronoun, preposition, conjunction or auxiliary verb.
func FunctionWord(word []byte) bool { return grammar[string(word)] }
