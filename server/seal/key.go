package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// KeyLen is the length of a key in bytes.
const KeyLen = 32

// maxID is the longest ID of a key in bytes.
const maxID = 255

// Keys are the keys that files are sealed with, from a random source.
type Keys struct {
	// Current is the ID of the key for new files.
	Current string

	// ByID has keys of KeyLen bytes by their ID, which has 1 to 255 bytes and is no
	// secret.
	ByID map[string][]byte
}

// Options configures [NewWriter], [NewReader] and [Rewrap].
type Options struct {
	// Keys seal and open.
	Keys Keys

	// Context says what a file is, such as "vectors/products". It is not in the
	// file, and a file opens with the same one only: nobody can put one backup in the
	// place of another. Default: none.
	Context string
}

func (k Keys) check() error {
	for id, key := range k.ByID {
		if id == "" || len(id) > maxID || len(key) != KeyLen {
			return fmt.Errorf("key %.40q has an ID of %d and a length of %d bytes, not 1 to %d and %d: %w",
				id, len(id), len(key), maxID, KeyLen, quintet.ErrOption)
		}
	}
	return nil
}

// current returns the cipher of the current key.
func (k Keys) current() (cipher.AEAD, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	key, ok := k.ByID[k.Current]
	if !ok {
		return nil, fmt.Errorf("no key with the current ID %.40q: %w", k.Current, quintet.ErrOption)
	}
	return aead(key), nil
}

// aead returns AES-256-GCM with a key of KeyLen bytes.
func aead(key []byte) cipher.AEAD {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // for another length alone
	}
	a, err := cipher.NewGCM(b)
	if err != nil {
		panic(err) // for another block alone
	}
	return a
}
