package server_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/text"
)

func Example() {
	s, err := server.New(server.Pipelines{Text: &text.Options{}}, server.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	web := httptest.NewServer(s) // or s.Run, or a mux of your own
	defer web.Close()
	resp, err := web.Client().Post(web.URL+"/api/v1/text/process", "application/json",
		strings.NewReader(`{"text":"What a lovely day.","operations":["statistics"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, strings.Contains(string(body), `"words":4`), err)
	// Output: 200 OK true <nil>
}

func ExampleHandle() {
	p, err := text.New(text.Options{Tasks: text.TaskSentences})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	h := server.Handle(p) // for any mux
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/sentences", strings.NewReader(`{"body":"One. Two."}`)))
	fmt.Print(w.Body)
	// Output: {"sentences":[{"start":0,"end":4},{"start":5,"end":9}]}
}
