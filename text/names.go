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

// name appends the entities of a tagged sentence.
func (g *grammar) name(words []Token) {
	labels := g.sentence.Name(nameModel(), lexicon())
	for i := 0; i < len(labels); {
		end := i + 1
		if labels[i] == english.Outside {
			i = end
			continue
		}
		for end < len(labels) && english.Continues(labels[i], labels[end]) {
			end++
		}
		g.entities = append(g.entities, Entity{
			Span:  Span{words[i].Start, words[end-1].End},
			Label: entityLabels[english.NameKind(labels[i])],
			Score: g.sentence.Share(i, end),
		})
		i = end
	}
}
