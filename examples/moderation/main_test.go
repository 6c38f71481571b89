package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/vision"
)

const samples = "../quickstart/samples" // has a photograph of an astronaut

// told is a verdict as it is written.
type told struct {
	ID       string `json:"id"`
	Decision string `json:"decision"`
	Reasons  []struct {
		Rule     string `json:"rule"`
		Decision string `json:"decision"`
		Why      string `json:"why"`
	} `json:"reasons"`
	Text  string `json:"text"`
	Image string `json:"image"`
}

// rules names the rules that found something.
func (v told) rules() string {
	var out []string
	for _, r := range v.Reasons {
		out = append(out, r.Rule)
	}
	return strings.Join(out, ",")
}

func moderate(t *testing.T, posts string, args ...string) (out []told, summary string) {
	t.Helper()
	var lines, messages bytes.Buffer
	require.NoError(t, run(t.Context(), append(args, "-"), strings.NewReader(posts), &lines, &messages))
	for d := json.NewDecoder(&lines); d.More(); {
		var v told
		require.NoError(t, d.Decode(&v))
		out = append(out, v)
	}
	return out, strings.TrimSpace(messages.String())
}

func line(t *testing.T, p post) string {
	t.Helper()
	b, err := json.Marshal(p)
	require.NoError(t, err)
	return string(b) + "\n"
}

func TestOnePost(t *testing.T) {
	tests := map[string]struct {
		post            post
		decision, rules string
		why             string // of the first reason
	}{
		"nothing to say":            {post{Text: "The new park by the river is lovely."}, "allow", "", ""},
		"an empty text":             {post{}, "allow", "", ""},
		"personal data is redacted": {post{Text: "Write to ada@example.com"}, "allow", "personal data", "email"},
		"much personal data":        {post{Text: "Call +1 212 555 0147 or write to ada@example.com"}, "review", "personal data", "email, phone"},
		"hateful":                   {post{Text: "You are a disgusting, hateful liar and this is horrible garbage."}, "review", "sentiment", "-0."},
		"a listed word in a form":   {post{Text: "Giveaways at noon"}, "review", "word", `"Giveaways"`},
		"two lists":                 {post{Text: "A giveaway of scams, a giveaway!"}, "block", "word,word", `"giveaway"`},
		"another language":          {post{Text: "Wo ist hier der nächste Bahnhof, und wann fährt der letzte Zug?"}, "review", "language", "de, "},
		"like examples":             {post{Text: "you have won, tap to claim your free prize"}, "block", "learned", "like examples of block"},
		"a face":                    {post{Image: "astronaut.jpg"}, "allow", "faces", "1"},
		"a picture that is none":    {post{Image: "notebook.txt"}, "review", "picture", "invalid input"},
		"a picture from elsewhere":  {post{Image: "../../moderation/main.go"}, "review", "picture", "path escapes"},
		"a picture that is not":     {post{Image: "none.jpg"}, "review", "picture", "no such file"},
		"a line that is too long":   {post{Text: strings.Repeat("word ", 300_000)}, "block", "form", "unexpected end of JSON"},
	}
	args := []string{"-rules", "testdata/rules.json", "-train", "testdata/labelled.jsonl", "-pictures", samples}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, _ := moderate(t, line(t, tt.post), args...)
			require.Len(t, out, 1)
			require.Equal(t, tt.decision, out[0].Decision, "%+v", out[0])
			require.Equal(t, tt.rules, out[0].rules())
			if tt.why != "" {
				require.Contains(t, out[0].Reasons[0].Why, tt.why)
			}
			require.NotContains(t, out[0].Text, "ada@example.com")
		})
	}
}

func TestAFloodOfCopiesIsSeen(t *testing.T) {
	var posts strings.Builder
	for i, end := range []string{"", "!", ".", "!!", " :)", "..."} {
		posts.WriteString(line(t, post{ID: fmt.Sprint(i), Text: "Buy followers today, cheap and fast, click the link in my profile" + end}))
		posts.WriteString(line(t, post{ID: "other", Text: fmt.Sprintf("Entry %d of my diary is about number %d and nothing else", i, 77*i)}))
	}
	out, summary := moderate(t, posts.String())
	var decisions []string
	for _, v := range out {
		if v.ID != "other" {
			decisions = append(decisions, v.Decision)
		}
	}
	require.Equal(t, []string{"allow", "allow", "review", "review", "review", "block"}, decisions)
	require.Contains(t, summary, "12 posts: ")
}

func TestFacesAreOutOfSight(t *testing.T) {
	dir := t.TempDir()
	out, _ := moderate(t, line(t, post{ID: "../../evil", Image: "astronaut.jpg"}), "-pictures", samples, "-blurred", dir)
	require.Equal(t, "000001.jpg", out[0].Image, "a name of ours, whatever the post is called")
	f, err := os.Open(filepath.Join(dir, out[0].Image))
	require.NoError(t, err)
	defer f.Close()
	img, _, err := vision.Decode(f, vision.DecodeOptions{})
	require.NoError(t, err)
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
	require.NoError(t, err)
	defer d.Close()
	faces, err := d.Run(t.Context(), vision.Picture{Image: img})
	require.NoError(t, err)
	require.Empty(t, faces)
}

// reading reads the same in every picture.
type reading string

func (r reading) Run(context.Context, vision.Picture) (vision.Reading, error) {
	return vision.Reading{Text: string(r)}, nil
}

func TestTheTextInAPictureCounts(t *testing.T) {
	tests := map[string]struct {
		read reading
		why  string // of the last reason
	}{
		"a listed word":  {"CRYPTO for everybody", `"CRYPTO"`},
		"personal data":  {"write to ada@example.com", "1 in the picture"},
		"hateful":        {"You are a disgusting, hateful liar and this is horrible garbage.", "-0."},
		"nothing at all": {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			j, err := newJudge(t.Context(), command{pictures: samples}, &terminal.Bar{})
			require.NoError(t, err)
			defer func() { require.NoError(t, j.close()) }()
			j.eyes.reader = tt.read
			v, err := j.judge(t.Context(), post{ID: "a", Text: "Look at this", Image: "astronaut.jpg"})
			require.NoError(t, err)
			require.Equal(t, "Look at this", v.Text)
			if tt.why == "" {
				require.Equal(t, allow, v.Decision)
				return
			}
			require.Equal(t, review, v.Decision)
			require.Contains(t, v.Reasons[len(v.Reasons)-1].Why, tt.why)
		})
	}
}

func TestALineThatIsNoPostIsBlocked(t *testing.T) {
	long := line(t, post{Text: strings.Repeat("x", 2*maxLine)})
	out, summary := moderate(t, "{\n\n"+long+line(t, post{ID: "b", Text: "fine"}))
	require.Equal(t, "line 1", out[0].ID)
	require.Equal(t, "block", out[0].Decision)
	require.Equal(t, "b", out[2].ID)
	require.Equal(t, "3 posts: 1 allowed, 0 to review, 2 blocked", summary)
}

func TestTheSampleFile(t *testing.T) {
	var out, messages strings.Builder
	args := []string{"-rules", "testdata/rules.json", "-pictures", samples, "testdata/posts.jsonl"}
	require.NoError(t, run(t.Context(), args, nil, &out, &messages))
	require.Equal(t, "13 posts: 4 allowed, 8 to review, 1 blocked\n", messages.String())
}

func TestErrors(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad")
	require.NoError(t, os.WriteFile(bad, []byte(`{"text":"x","label":"perhaps"}`), 0o600))
	for name, args := range map[string][]string{
		"no posts":          {},
		"no such posts":     {"none.jsonl"},
		"no such rules":     {"-rules", "none.json", "-"},
		"unknown rules":     {"-rules", bad, "-"},
		"no such examples":  {"-train", "none.jsonl", "-"},
		"an unknown label":  {"-train", bad, "-"},
		"no such pictures":  {"-pictures", filepath.Join(t.TempDir(), "none"), "-"},
		"no folder to blur": {"-blurred", filepath.Join(t.TempDir(), "none"), "-"},
		"no models to read": {"-ocr", t.TempDir(), "-"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, run(t.Context(), args, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
		})
	}
	require.NoError(t, run(t.Context(), []string{"-h"}, nil, &bytes.Buffer{}, &bytes.Buffer{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, []string{"-"}, strings.NewReader(line(t, post{Text: "x"})), &bytes.Buffer{}, &bytes.Buffer{}), context.Canceled)
}
