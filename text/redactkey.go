package text

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"strings"

	"github.com/quintet-ai/quintet"
)

// minSecret is the length in bytes of the shortest secret of a [RedactKey].
const minSecret = 32

// RedactKey is the key of a [Policy]. The zero value is none. Package fmt and
// encoding/json show nothing of it. It is safe for concurrent use.
type RedactKey struct{ keys *redactKeys }

// redactKeys are derived from the secret, one for each use: RFC 5869.
type redactKeys struct {
	mac    []byte
	cipher cipher.AEAD
}

// NewRedactKey makes a key of a secret of at least 32 bytes, from a source of
// randomness and not a password. The secret is not kept; the same secret gives the
// same key. A shorter one gives an error wrapping [quintet.ErrOption].
//
// Hashes are HMAC-SHA-256 cut to 128 bits: without the key they cannot be found by
// trying all numbers of a kind, as those of a plain hash can. Tokens are AES-256-GCM
// with a random nonce of 96 bits, so make at most 2^32 with one key (NIST SP
// 800-38D, 8.3). They show the kind and the length of a value.
func NewRedactKey(secret []byte) (RedactKey, error) {
	if len(secret) < minSecret {
		return RedactKey{}, fmt.Errorf("text: secret of %d bytes, want %d or more: %w",
			len(secret), minSecret, quintet.ErrOption)
	}
	mac, err := hkdf.Key(sha256.New, secret, nil, "quintet text redact hash 1", 32)
	if err != nil {
		return RedactKey{}, fmt.Errorf("text: key for hashes: %w", err)
	}
	raw, err := hkdf.Key(sha256.New, secret, nil, "quintet text redact encrypt 1", 32)
	if err != nil {
		return RedactKey{}, fmt.Errorf("text: key for tokens: %w", err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return RedactKey{}, fmt.Errorf("text: key for tokens: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return RedactKey{}, fmt.Errorf("text: key for tokens: %w", err)
	}
	return RedactKey{&redactKeys{mac, aead}}, nil
}

// String returns a text that does not depend on the key.
func (RedactKey) String() string { return "text.RedactKey" }

// GoString returns the same as String, for %#v.
func (RedactKey) GoString() string { return "text.RedactKey" }

func errNoKey(what string) error {
	return fmt.Errorf("text: %s needs a key, see NewRedactKey: %w", what, quintet.ErrOption)
}

const hashSize = 16 // bytes of a hash that are written

func (k RedactKey) hash(value string) []byte {
	h := hmac.New(sha256.New, k.keys.mac)
	h.Write([]byte(value))
	return h.Sum(nil)[:hashSize]
}

// A token is "<EMAIL:1:" and base64url without padding and ">". The 1 is the version
// of the format, and the bytes are nonce, ciphertext and tag; the label and version
// are authenticated with them.
const (
	tokenVersion = ":1:"
	maxLabel     = 16
	minSealed    = 12 + 16 // nonce and tag
)

var tokenText = base64.RawURLEncoding.Strict()

func (k RedactKey) appendToken(dst []byte, label, value string) []byte {
	sealed := k.keys.cipher.Seal(nil, nil, []byte(value), []byte(label+tokenVersion))
	dst = append(append(append(dst, '<'), label...), tokenVersion...)
	return append(tokenText.AppendEncode(dst, sealed), '>')
}

func (k RedactKey) open(label, sealed string) ([]byte, error) {
	raw, err := tokenText.DecodeString(sealed)
	if err == nil {
		raw, err = k.keys.cipher.Open(nil, nil, raw, []byte(label+tokenVersion))
	}
	if err != nil {
		return nil, fmt.Errorf("changed, or of another key: %w", quintet.ErrInput)
	}
	return raw, nil
}

// redactToken is a token in a body.
type redactToken struct {
	Span
	label, sealed string
}

// tokensIn yields what has the form of a token, whatever is in it.
func tokensIn(body string) iter.Seq[redactToken] {
	return func(yield func(redactToken) bool) {
		for i := 0; i < len(body); {
			n := strings.IndexByte(body[i:], '<')
			if n < 0 {
				return
			}
			i += n
			t, ok := tokenAt(body, i)
			if !ok {
				i++
				continue
			}
			if !yield(t) {
				return
			}
			i = t.End
		}
	}
}

func tokenAt(body string, start int) (t redactToken, ok bool) {
	i := start + 1
	for i < len(body) && i-start <= maxLabel && 'A' <= body[i] && body[i] <= 'Z' {
		i++
	}
	label := body[start+1 : i]
	rest, ok := strings.CutPrefix(body[i:], tokenVersion)
	if label == "" || !ok {
		return t, false
	}
	n := 0
	for n < len(rest) && tokenByte(rest[n]) {
		n++
	}
	if n < tokenText.EncodedLen(minSealed) || n == len(rest) || rest[n] != '>' {
		return t, false
	}
	end := len(body) - len(rest) + n + 1
	return redactToken{Span{start, end}, label, rest[:n]}, true
}

// tokenForm is the form of what looks like a token and stands in the original.
const tokenForm = "token"

// withTokens adds to sorted findings what has the form of a token, so that it is
// encrypted and Restore finds it as it was. What touches the same bytes becomes a
// part of it.
func withTokens(found []Finding, body string) []Finding {
	n := len(found)
	for t := range tokensIn(body) {
		found = append(found, Finding{t.Span, PIISecret, tokenForm, 1})
	}
	if len(found) == n {
		return found
	}
	return unite(found)
}
