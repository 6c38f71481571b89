package vorbis_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/vorbis"
)

var files = []string{"mono.ogg", "stereo.ogg", "six.ogg"}

// packets takes a file of audio/testdata/coded apart; its pages are whole.
func packets(t testing.TB, name string) (all [][]byte) {
	t.Helper()
	b, err := os.ReadFile("../../audio/testdata/coded/" + name)
	require.NoError(t, err)
	var p []byte
	for len(b) > 0 {
		lacing := b[27:][:b[26]]
		b = b[27+len(lacing):]
		for _, n := range lacing {
			p, b = append(p, b[:n]...), b[n:]
			if n < 255 {
				all, p = append(all, p), nil
			}
		}
	}
	return all
}

// open reads the headers of a stream.
func open(t testing.TB, all [][]byte) (*vorbis.Decoder, vorbis.Head) {
	t.Helper()
	h, err := vorbis.ParseHead(all[0])
	require.NoError(t, err)
	require.True(t, vorbis.IsHeader(all[1], 3))
	d, err := vorbis.New(h, all[2])
	require.NoError(t, err)
	return d, h
}
