package text

// names reports whether a word is a noun that is not rated itself and can be a part of
// an aspect.
func (f *aspectFinder) names(body string, w TaggedWord) bool {
	return noun(w) && f.scorer.wordOf(w.Of(body)).valence == 0
}

func noun(w TaggedWord) bool {
	return nounTags[w.Tag] && w.Kind == TokenWord && 1 < w.Len() && w.Len() <= maxWord
}

var (
	nounTags   = tagSet("NN", "NNS", "NNP", "NNPS")
	finiteTags = tagSet("VBD", "VBP", "VBZ", "MD")
)

func tagSet(names ...string) (set [len(tagNames)]bool) {
	for _, name := range names {
		t, err := ParseTag(name)
		set[must(t, err)] = true
	}
	return set
}

// contrasts begin a clause of another opinion; joins do if both sides have a verb.
var (
	contrasts = wordSet(`but although though whereas while yet however except unlike because`)
	joiners   = wordSet(`and or`)
)

// part finds the clauses of the words.
func (f *aspectFinder) part(body string) {
	f.clauses = f.clauses[:0]
	from, verb := 0, false // where the clause begins, and whether it has a finite verb
	joint := -1            // the last joiner behind that
	for i, w := range f.words {
		switch form := w.Of(body); {
		case w.Kind == TokenPunct && parts(form):
			f.cut(&from, i+1)
			verb, joint = false, -1
		case isOneOf(contrasts, form):
			f.cut(&from, i)
			verb, joint = false, -1
		case verb && isOneOf(joiners, form):
			joint = i
		case finiteTags[w.Tag]:
			if joint >= 0 {
				f.cut(&from, joint)
			}
			verb, joint = true, -1
		}
	}
	f.cut(&from, len(f.words))
}

// parts reports whether a mark stands between clauses.
func parts(mark string) bool {
	return clauseMark[mark[0]] || mark == "--" || mark == "–" || mark == "—" || mark == "…"
}

var clauseMark = [256]bool{
	',': true, ';': true, ':': true, '.': true, '!': true, '?': true, '(': true, ')': true, '[': true, ']': true,
}

// cut ends a clause before word i, if it has one.
func (f *aspectFinder) cut(from *int, i int) {
	if i > *from {
		f.clauses = append(f.clauses, clause{words: i})
		*from = i
	}
}

// isOneOf reports whether a word is in a set of words in lower case.
func isOneOf(set map[string]struct{}, word string) bool {
	var low [16]byte
	if len(word) > len(low) {
		return false
	}
	_, ok := set[string(appendFolded(low[:0], word))]
	return ok
}
