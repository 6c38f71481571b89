package tokenize

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// addedFile is an element of added_tokens.
type addedFile struct {
	ID         uint32 `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// addTokens reads the added tokens. A token of the vocabulary keeps its id;
// others are numbered after the vocabulary and after each other.
func (s sections) addTokens(p *definition) error {
	p.added, p.addedIDs, p.specials = map[int32]addedToken{}, map[string]int32{}, map[string]bool{}
	if s.null("added_tokens") {
		return nil
	}
	var list []addedFile
	if err := fill(s["added_tokens"], &list); err != nil {
		return err
	}
	next := int32(len(p.vocab.ids))
	if u, ok := p.model.(*unigram); ok {
		next = int32(len(u.scores))
	}
	var special, plain []addedFile // in the order in which they are searched
	for _, f := range list {
		if f.Content == "" {
			continue
		}
		if f.Special && !p.specials[f.Content] {
			p.specials[f.Content] = true
			special = append(special, f)
		}
		id, ok := p.addedIDs[f.Content]
		if !ok {
			if id, ok = p.vocab.id(f.Content); !ok {
				id = next
			}
		}
		next = max(next, id+1)
		p.addedIDs[f.Content] = id
		p.added[id] = addedToken{f.Content, id, f.Special, f.SingleWord, f.LStrip, f.RStrip, f.Normalized}
		if !p.specials[f.Content] {
			plain = append(plain, f)
		}
	}
	return p.searchFor(append(special, plain...))
}

// searchFor makes the sets of added tokens, those that are found in the
// caller's string and those that are found in the normalized text.
func (p *definition) searchFor(list []addedFile) error {
	var contents [2][]string
	var ids [2][]int32
	sc := &scratch{classes: p.classes}
	for _, f := range list {
		k, content := 0, f.Content
		if f.Normalized {
			k = 1
			content = p.normalized(sc, content)
		}
		if content == "" {
			return fmt.Errorf("%q is nothing when it is normalized: %w", f.Content, quintet.ErrModel)
		}
		contents[k], ids[k] = append(contents[k], content), append(ids[k], p.addedIDs[f.Content])
	}
	p.addedRaw, p.addedNormal = newAddedSet(contents[0], ids[0], p.added), newAddedSet(contents[1], ids[1], p.added)
	return nil
}

// normalized returns s as the normalizers write it.
func (p *definition) normalized(sc *scratch, s string) string {
	sc.src.set(s)
	return string(p.normalize(sc, &sc.src).b)
}
