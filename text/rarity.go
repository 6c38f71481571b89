package text

import (
	_ "embed" // rarity.txt
	"math"
	"strconv"
	"strings"
	"sync"
)

// rarityTable lists the stems that are common in English prose, most common
// first. A line has a class and its stems; the class is four times the inverse
// document frequency, rounded. TestRarityTable makes the file.
//
//go:generate go test -run TestRarityTable -update .
//go:embed rarity.txt
var rarityTable string

// rarities maps stems to classes.
var rarities = sync.OnceValue(func() map[string]uint8 {
	m := map[string]uint8{}
	for line := range strings.Lines(rarityTable) {
		head, stems, _ := strings.Cut(line, " ")
		class, err := strconv.ParseUint(head, 10, 8)
		if err != nil {
			continue // the comment
		}
		for stem := range strings.FieldsSeq(stems) {
			m[stem] = uint8(class)
		}
	}
	return m
})

// unlisted is the class of a stem that the table lacks.
const unlisted = 33

// rarityWeight is the weight of a class: the inverse document frequency to the
// power 3/2, which measured better than 1 for keywords and for similarity.
var rarityWeight = func() (w [unlisted + 1]float64) {
	for class := range w {
		idf := float64(class) / 4
		w[class] = idf * math.Sqrt(idf)
	}
	return w
}()

// rarity returns the weight of a stem: low for a word that any text may have,
// the same for all words that are not among the common ones.
func rarity(stem []byte) float64 {
	class, ok := rarities()[string(stem)]
	if !ok {
		class = unlisted
	}
	return rarityWeight[class]
}
