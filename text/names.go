package text

import "github.com/quintet-ai/quintet/internal/perceptron/english"

// The labels of [Entities].
const (
	EntityPerson       = "PER" // a person, without titles such as "Dr."
	EntityLocation     = "LOC" // a city, country, region, river, street
	EntityOrganization = "ORG" // a company, party, team, agency
)

var entityLabels = [...]string{EntityPerson, EntityLocation, EntityOrganization}

// Entities returns the names of people, places and organisations in an English body,
// in order; they do not overlap and begin and end where [Words] do. The score is how
// sure the model is of the words' labels, from 0 to 1; it is not calibrated.
//
// A structured perceptron finds them (Collins, Discriminative training methods for
// hidden Markov models, 2002), sentence by sentence, with the tags of [Tags] and lists
// of names. It was trained on web text and microblogs: it knows news less well, and
// organisations least. An [EntityTagger] with a good transformer is better. The cost is
// O(len(body)).
func Entities(body string) []Entity {
	var g grammar
	g.read(body, Tokens(body), Sentences(body), wantEntities)
	return g.entities
}

// name appends the entities of the words from number i to before end, whose sentence
// begins at that place in models.
func (g *grammar) name(i, end, first int) {
	labels := g.sentence.Name(nameModel(), lexicon())
	label := func(k int) uint8 { return labels[int(g.sources[k])-first] }
	for i < end {
		from, begin := i, label(i)
		i++
		if begin == english.Outside {
			continue
		}
		for i < end && english.Continues(begin, label(i)) {
			i++
		}
		g.entities = append(g.entities, Entity{
			Span:  Span{g.words[from].Start, g.words[i-1].End},
			Label: entityLabels[english.NameKind(begin)],
			Score: g.share(from, i, first),
		})
	}
}

// maxShare is the number of words of a name that its score is made of.
const maxShare = 64

// share returns the mean of the shares of the words of a name.
func (g *grammar) share(from, end, first int) float64 {
	end = min(end, from+maxShare)
	sum := 0.0
	for _, m := range g.sources[from:end] {
		at := int(m) - first
		sum += g.sentence.Share(at, at+1)
	}
	return sum / float64(end-from)
}
