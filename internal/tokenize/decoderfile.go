package tokenize

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// decoders reads the decoder.
func (s sections) decoders() (all []decoder, err error) {
	if s.null("decoder") {
		return nil, nil
	}
	err = flatten(s["decoder"], "decoders", func(name string, raw json.RawMessage) error {
		d, err := readDecoder(name, raw)
		all = append(all, d)
		return err
	})
	return all, err
}

func readDecoder(name string, raw json.RawMessage) (decoder, error) {
	switch name {
	case "ByteLevel":
		_, err := readByteLevel(raw)
		return byteLevelDecoder{}, err
	case "ByteFallback":
		return byteFallbackDecoder{}, fill(raw, &typed{})
	case "Fuse":
		return fuse{}, fill(raw, &typed{})
	case "Metaspace":
		m, err := readMetaspace(raw)
		return metaspaceDecoder{m.mark, m.scheme != prependNever}, err
	case "Replace":
		r, err := readReplace(raw)
		return replaceDecoder{r}, err
	case "WordPiece":
		var f struct {
			typed
			Prefix  string `json:"prefix"`
			Cleanup bool   `json:"cleanup"`
		}
		err := fill(raw, &f, "prefix", "cleanup")
		return wordPieceDecoder{f.Prefix, f.Cleanup}, err
	case "BPEDecoder":
		var f struct {
			typed
			Suffix string `json:"suffix"`
		}
		err := fill(raw, &f, "suffix")
		return bpeDecoder{f.Suffix}, err
	case "Strip":
		var f struct {
			typed
			Content string `json:"content"`
			Start   uint32 `json:"start"`
			Stop    uint32 `json:"stop"`
		}
		err := fill(raw, &f, "content", "start", "stop")
		if err == nil && utf8.RuneCountInString(f.Content) != 1 {
			err = fmt.Errorf("content %q: %w", f.Content, quintet.ErrModel)
		}
		return stripDecoder{f.Content, int(min(f.Start, math.MaxInt32)), int(min(f.Stop, math.MaxInt32))}, err
	case "CTC":
		var f struct {
			typed
			Pad       string `json:"pad_token"`
			Delimiter string `json:"word_delimiter_token"`
			Cleanup   bool   `json:"cleanup"`
		}
		err := fill(raw, &f, "pad_token", "word_delimiter_token", "cleanup")
		return ctc{f.Pad, f.Delimiter, f.Cleanup}, err
	}
	return nil, errUnknownPart()
}
