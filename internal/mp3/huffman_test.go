package mp3_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/mp3"
)

func TestEveryCodeIsFoundWhateverFollows(t *testing.T) {
	for i, text := range mp3.PairCodes {
		room := uint64(0)
		for _, c := range mp3.Codes(text) {
			room += 1 << (32 - c.Length)
			for _, follows := range []uint64{0, ^uint64(0)} {
				length, value := mp3.Find(i, uint64(c.Code)<<32|follows>>c.Length)
				require.Equal(t, c.Length, length)
				require.Equal(t, c.Value, value)
			}
		}
		require.Equal(t, uint64(1)<<32, room, "the codes of table %d fill the tree", i)
	}
}
