// Gen makes text/sentiment.txt, the lexicon of VADER and of the emoji, from the
// Go module github.com/jonreiter/govader (MIT licence), which carries both as
// they were published:
//
//	go generate ./text
//
// It fetches the module with the go command. A file that is there is only
// checked, without a network.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	module = "github.com/jonreiter/govader@v0.0.0-20250429093935-f6505c8d03cc"
	target = "sentiment.txt"
	sum    = "322116edf428b7ff953391a126b9a834488f208e1caa1e8649e161be2b269ee7"
	header = "# Words and emoji by valence in tenths, from VADER (MIT) by way of " + module + "."
)

func main() {
	log.SetFlags(0)
	file, err := os.ReadFile(target)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing {
		file, err = lexicon()
	}
	if err != nil {
		log.Fatal(err)
	}
	if got := sha256.Sum256(file); hex.EncodeToString(got[:]) != sum {
		log.Fatalf("%s has the sum %x, want %s", target, got, sum)
	}
	if missing {
		if err := os.WriteFile(target, file, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// lexicon returns the table: a line has a valence and the words that have it.
func lexicon() ([]byte, error) {
	dir, err := fetch()
	if err != nil {
		return nil, err
	}
	words, err := os.ReadFile(filepath.Join(dir, "rawdata", "vaderLexicon.txt"))
	if err != nil {
		return nil, err
	}
	emoji, err := os.ReadFile(filepath.Join(dir, "rawdata", "emojiUTF8Lexicon.txt"))
	if err != nil {
		return nil, err
	}
	valence, err := readWords(string(words))
	if err != nil {
		return nil, err
	}
	addEmoji(valence, string(emoji))
	return table(valence), nil
}

// fetch returns the folder of the module.
func fetch() (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	var m struct{ Dir string }
	err = json.Unmarshal(out, &m)
	return m.Dir, err
}

// readWords returns the valences in tenths. Of a word that is listed twice the
// last counts. Words with a space or a capital never match and are left out.
func readWords(lines string) (map[string]int, error) {
	valence := map[string]int{}
	for line := range strings.Lines(lines) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) < 2 || strings.Contains(fields[0], " ") || fields[0] != strings.ToLower(fields[0]) {
			continue
		}
		v, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return nil, err
		}
		valence[fields[0]] = int(math.Round(v * 10))
	}
	return valence, nil
}

// pictured says what words of the names of emoji mean that the lexicon lacks.
var pictured = strings.NewReplacer(
	"broken heart", "</3", "heart suit", "", "beating heart", "<3", "heart", "<3", "thumbs up", "good", "thumbs down", "bad",
	"middle finger", "fuck", "hundred points", "great", "clapping hands", "good", "pile of poo", "crap",
	"pouting", "angry", "nauseated", "sick", "vomiting", "disgusting",
)

// feeling are words in the names of emoji that show one. A fire engine and an
// alarm clock do not, though fire and alarm are in the lexicon.
var feeling = []string{
	"face", "heart", "cat ", "kiss", "thumbs", "clapping", "middle finger", "poo", "hundred", "anger", "party popper", "gift",
}

// addEmoji adds the emoji that show a feeling and whose names have words of the
// lexicon, with the sum of their valences. Skin tones and the request for a
// picture are left out.
func addEmoji(valence map[string]int, lines string) {
	found := map[string]int{}
	for line := range strings.Lines(lines) {
		emoji, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if !slices.ContainsFunc(feeling, func(part string) bool { return strings.Contains(name, part) }) {
			continue
		}
		sum := 0
		for word := range strings.FieldsSeq(pictured.Replace(name)) {
			sum += valence[strings.Trim(word, ":,.()“”")]
		}
		emoji = plain(emoji)
		if _, known := found[emoji]; !known && sum != 0 {
			found[emoji] = max(-40, min(sum, 40))
		}
	}
	for emoji, v := range found {
		if _, word := valence[emoji]; !word {
			valence[emoji] = v
		}
	}
}

func plain(emoji string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xFE0F || 0x1F3FB <= r && r <= 0x1F3FF {
			return -1
		}
		return r
	}, emoji)
}

func table(valence map[string]int) []byte {
	words := make([]string, 0, len(valence))
	for w := range valence {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(valence[a], valence[b]), cmp.Compare(a, b))
	})
	var b bytes.Buffer
	b.WriteString(header)
	last := math.MinInt
	for _, w := range words {
		if v := valence[w]; v != last {
			fmt.Fprintf(&b, "\n%d", v)
			last = v
		}
		b.WriteString(" " + w)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
