package text

import (
	"bytes"
	"strings"

	"github.com/quintet-ai/quintet/internal/english"
)

// role tells words apart by what they do in a phrase.
type role uint8

const (
	content role = iota
	filler       // ends a phrase unless it is part of a name
	stopper      // ends a phrase
)

// roles has the words that are no content, and a few that look so.
var roles = func() map[string]role {
	m := map[string]role{}
	for v := range strings.FieldsSeq(fillerVerbs) {
		for _, form := range inflect(v) {
			m[form] = filler
		}
	}
	for list, r := range map[string]role{fillerWords: filler, notAdverbs: content} {
		for w := range strings.FieldsSeq(list) {
			m[w] = r
		}
	}
	for w := range english.StopWords() {
		m[w] = stopper
	}
	return m
}()

// roleOf returns the role of a word in lower case.
func roleOf(word []byte) role {
	r, ok := roles[string(word)]
	if !ok && len(word) > 4 && bytes.HasSuffix(word, []byte("ly")) {
		return filler // an adverb
	}
	return r
}

// Fillers stand between keywords rather than in them, beside the stop words: they
// are verbs and adjectives of general prose. A topic can use any of them ("open
// source"), but far more often they only say something about one.
const fillerWords = `
	able unable due according like unlike likely unlikely certain sure clear obvious apparent
	new novel recent current today modern old early earlier earliest late later latest last next previous prior
	subsequent following past future former existing present final initial original further additional extra
	good better best bad worse worst great greater greatest nice fine excellent poor perfect
	big bigger biggest large larger largest small smaller smallest huge tiny long longer short shorter wide
	higher highest lower lowest full whole entire complete total overall main major minor primary secondary
	important significant considerable substantial key essential necessary sufficient suitable appropriate
	proper possible impossible potential typical usual common popular well-known so-called state-of-the-art
	various diverse numerous multiple different similar equal particular specific special general basic
	useful useless effective
	interesting promising desirable desired successful difficult easy easier hard harder simple simpler
	conventional traditional straightforward detailed rich wrong right true false real actual ready
	first second third fourth fifth two three four five six seven eight nine ten eleven twelve hundred thousand
	million billion half double single couple dozen pair paper papers article articles author authors
	thing things way ways kind kinds sort sorts lot lots example examples instance fact respect addition
	attention aim aims goal goals purpose purposes reason reasons idea ideas
	result results finding findings conclusion conclusions advantage advantages disadvantage issue issues
	use usage need needs attempt attempts variety range number amount set extent degree part parts
	year years month months week weeks day days time times hour hours minute minutes yesterday tomorrow tonight
	monday tuesday wednesday thursday friday saturday sunday
	january february march april june july august september october november december
	people guy guys person persons
	began begun became become becomes becoming chose chosen drawn drew found felt held kept led left lost made
	meant met paid ran sent shown stood told thought took understood went won written wrote built bought brought
	based associated related concerned involved compared proposed given et al ie eg etc vs via per
	ago together along apart forward aside away ahead
	mr mrs ms dr prof inc ltd co corp`

const fillerVerbs = `
	accept accompany accomplish achieve acquire act adapt add adjust adopt affect agree aim allow announce
	appear apply argue arise ask assess assign assist assume attain attempt attract avoid
	base become begin believe belong bring call carry cause cease choose combine compare comprise
	conclude conduct confirm consider consist constitute contain continue contribute convert create decide
	decrease demonstrate depend derive describe desire determine differ discuss divide
	emerge emphasize employ enable encounter encourage enhance ensure establish evaluate examine exceed exhibit exist
	expand expect explain exploit explore express extend facilitate fail feel find focus follow
	gain gather grow happen hold hope illustrate imply impose improve include increase indicate
	influence intend introduce investigate involve keep lack lead leave lie like look lose maintain manage mean
	meet mention need note observe obtain occur offer outline overcome participate perform permit point possess prefer
	prepare present prevent proceed propose prove provide publish raise reach realize receive recognize recommend
	reduce refer regard relate rely remain remove replace represent require resolve respond
	restrict result retain reveal satisfy seek seem select send serve show solve specify start
	stay stop suffer suggest summarize suppose tell tend treat try turn undergo understand undertake
	vary wait want wish write yield`

// inflect returns the regular forms of a verb.
func inflect(verb string) []string {
	root := strings.TrimSuffix(verb, "e")
	third := verb + "s"
	switch last := verb[len(verb)-1]; {
	case strings.HasSuffix(verb, "y") && !strings.ContainsRune("aeou", rune(verb[len(verb)-2])):
		third = verb[:len(verb)-1] + "ies"
		return []string{verb, third, verb[:len(verb)-1] + "ied", verb + "ing"}
	case last == 's' || last == 'x' || strings.HasSuffix(verb, "ch") || strings.HasSuffix(verb, "sh"):
		third = verb + "es"
	}
	return []string{verb, third, root + "ed", root + "ing"}
}

// notAdverbs end in -ly like the adverbs, which are fillers, but are none.
const notAdverbs = `
	ally anomaly apply assembly belly butterfly family italy july monopoly multiply rally reply supply`
