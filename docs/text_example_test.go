package docs_test

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/language"
)

func Example_textTasks() {
	body := "The pool was wonderful, but the breakfast in Lisbon was cold and the waiter rude."
	p, err := text.New(text.Options{Tasks: text.TaskSentiment | text.TaskAspects | text.TaskEntities})
	check(err)
	r, err := p.Run(ctx, text.Document{ID: "review", Body: body})
	check(err)
	for _, a := range r.Aspects {
		fmt.Printf("%s %+.1f\n", a.Term, a.Score)
	}
	for _, e := range r.Entities {
		fmt.Println(e.Label, e.Of(body))
	}
	check(p.Close())
	// Output:
	// pool +0.6
	// breakfast -0.6
	// lisbon -0.6
	// waiter -0.6
	// LOC Lisbon
}

func Example_textRedact() {
	body, secret := "Mail ada@example.com or call +1 212 555 0147; ada@example.com is read daily.", make([]byte, 32)
	clean, err := text.Redact(body, text.Policy{Default: text.Operator{Numbered: true}})
	check(err)
	fmt.Println(clean.Body)

	key, err := text.NewRedactKey(secret) // 32 random bytes or more
	check(err)
	sealed, err := text.Redact(body, text.Policy{Default: text.Operator{Action: text.ActionEncrypt}, Key: key})
	check(err)
	again, err := text.Restore(sealed.Body, key)
	check(err)
	fmt.Println(again == body)
	// Output:
	// Mail <EMAIL_1> or call <PHONE_1>; <EMAIL_1> is read daily.
	// true
}

func Example_textIndex() {
	ix, err := text.NewIndex(text.IndexOptions{})
	check(err)
	check(ix.Add(
		text.Document{ID: "beans", Body: "Beans climb. They want poles and water in the evening."},
		text.Document{ID: "bees", Body: "A hive needs forage from April to October."},
	))
	for _, h := range ix.Search("climbing beans", 10) {
		fmt.Println(h.ID, h.Snippet)
	}
	// Output: beans Beans climb. They want poles and water in the evening.
}

func Example_textCopies() {
	copies, err := text.NewDuplicateFinder(text.DuplicateFinderOptions{})
	check(err)
	copies.Add("first", "Buy followers today, cheap and fast, click the link in my profile")
	for _, d := range copies.Add("second", "Buy followers today: cheap and fast, click the link in my profile!") {
		fmt.Println(d.ID, d.Score > 0.8)
	}
	// Output: first true
}

func Example_textTrain() {
	reports := slices.Values([]text.LabeledText{
		{Text: "the parcel never came", Label: "delivery"}, {Text: "where is my parcel", Label: "delivery"},
		{Text: "I was charged twice", Label: "payment"}, {Text: "refund my card", Label: "payment"},
	})
	c, err := text.Train(ctx, reports, text.TrainOptions{})
	check(err)
	best := c.Classify("my parcel is late")[0]
	fmt.Println(best.Label)
	// Output: delivery
}

func Example_textLanguage() {
	tongues, err := language.New(language.Options{})
	check(err)
	p, err := text.New(text.Options{Tasks: text.TaskLanguage, Language: tongues})
	check(err)
	r, err := p.Run(ctx, text.Document{Body: "Wo ist der nächste Bahnhof?"})
	check(err)
	fmt.Println(r.Language.Code)
	// Output: de
}

func Example_textStream() {
	var file io.Reader = strings.NewReader("One sentence. Another one.")
	for s, err := range text.StreamSentences(ctx, file, text.StreamOptions{}) {
		check(err)
		fmt.Println(s.Text)
	}
	// Output:
	// One sentence.
	// Another one.
}

func Example_textModel() {
	var hits []string
	m, err := optimize.OpenModel("models/ms-marco-MiniLM-L6-v2")
	check(err)
	r, err := text.NewReranker(text.RerankerOptions{Model: m})
	check(err)
	var pairs []text.Pair
	for _, passage := range hits { // the best few dozen of a search
		pairs = append(pairs, text.Pair{Query: "who writes the log", Passage: passage})
	}
	scores, err := r.RunBatch(ctx, pairs)
	check(err)
	fmt.Println(scores)
}
